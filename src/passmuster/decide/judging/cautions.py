"""What a reader must know before believing a judge."""

from collections.abc import Sequence

from passmuster.decide.judging.corrected import LEAST_RATINGS
from passmuster.decide.phrases import counted, listed
from passmuster.records.comparison import CandidateReport
from passmuster.records.judged import JudgeReport
from passmuster.records.task import Success


def judge_cautions(
    judges: Sequence[JudgeReport], reports: Sequence[CandidateReport], success: Success
) -> tuple[str, ...]:
    """Return the cautions about judges, gravest first."""
    found: list[str] = []
    for judge in judges:
        found += judge.remarks
        found += _unchecked(judge, reports)
        found += _successes(judge, success)
        found += _akin(judge)
    return tuple(found)


def _unchecked(judge: JudgeReport, reports: Sequence[CandidateReport]) -> list[str]:
    names = [
        report.name
        for report in reports
        if judge.metric in report.judged and report.judged[judge.metric].corrected is None
    ]
    if not names:
        return []
    if judge.trust == "at_its_word":
        return [
            f"{judge.metric} of {listed(names)} is what the judge says, taken at its word: nobody has checked it."
        ]
    said = f"{judge.metric} of {listed(names)} is what an uncalibrated judge says, and meets no bar"
    return [
        f"{said}: people rated fewer than {LEAST_RATINGS} of these replies. passmuster judge calibrate draws them."
    ]


def _successes(judge: JudgeReport, success: Success) -> list[str]:
    if judge.metric != success.metric:
        return []
    return [f"What a success costs is counted with what the judge of {judge.metric} says, uncorrected."]


def _akin(judge: JudgeReport) -> list[str]:
    if not judge.akin:
        return []
    told = "; ".join(f"{name} is {shared}" for name, shared in judge.akin.items())
    return [
        f"The judge of {judge.metric} may favour {counted(len(judge.akin), 'candidate')} akin to it: {told}."
    ]
