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
    found = [remark for judge in judges for remark in judge.remarks]
    found += _unchecked(judges, reports)
    for judge in judges:
        found += _successes(judge, success)
        found += _akin(judge)
    return tuple(found)


def _unchecked(judges: Sequence[JudgeReport], reports: Sequence[CandidateReport]) -> list[str]:
    """Return what is said of figures that nobody has checked: one sentence for all judges of whom it holds."""
    told = []
    for word in (False, True):
        said = [
            f"{judge.metric} of {listed(names)}"
            for judge in judges
            if (judge.trust == "at_its_word") is word and (names := _unrated(judge, reports))
        ]
        if said and word:
            told.append(f"What judges say is taken at their word, nobody has checked it: {'; '.join(said)}.")
        elif said:
            told.append(
                f"People rated fewer than {LEAST_RATINGS} replies, so what the judge says is unchecked, and can meet no bar:"
                f" {'; '.join(said)}. passmuster judge calibrate draws replies to rate."
            )
    return told


def _unrated(judge: JudgeReport, reports: Sequence[CandidateReport]) -> list[str]:
    """Return whose replies people have yet to rate; one that is compared with itself is a tie, which nobody need rate."""
    return [
        report.name
        for report in reports
        if report.name != judge.against
        and judge.metric in report.judged
        and report.judged[judge.metric].corrected is None
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
