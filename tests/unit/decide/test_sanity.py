"""A metric for sanity only: shown, warned about, no part of a verdict."""

from collections.abc import Sequence

from passmuster.decide.matrix import Matrix
from passmuster.decide.measured import Layout, Measured
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.score import Score
from passmuster.records.task import Bar, MetricSpec, Role, Task
from passmuster.records.trial import Attempt, Reply, Trial, TrialKey
from passmuster.report.markdown import render_markdown

PAID = TrialCost(tokens=0.001, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis="reported")


def _measured(name: str, job: Sequence[float], board: Sequence[float]) -> Measured:
    layout = Layout(cases=len(job), repeats=1, binary={"job": True, "board": True})
    sheet = Sheet(Candidate(name=name, provider="openai", model=name), layout)
    for place, (one, other) in enumerate(zip(job, board, strict=True)):
        trial = Trial(
            key=TrialKey(str(place), "c", 0),
            case_id=str(place),
            outcome=Reply(text="x"),
            attempts=(Attempt(started=0.0, seconds=0.5),),
        )
        sheet.enter(place, trial, {"job": Score(value=one), "board": Score(value=other)}, PAID)
    return sheet.measured()


def _compare(*measured: Measured, role: Role = "sanity", primary: str = "job") -> Comparison:
    cases = tuple(Case(id=str(place), input=str(place), reference="x") for place in range(measured[0].cases))
    specs = [MetricSpec(name=primary, kind="exact_match")]
    specs += [MetricSpec(name="board", kind="exact_match", role=role)] if primary == "job" else []
    task = Task(name="t", metrics=tuple(specs), bars=(Bar(metric=primary, at_least=0.7),))
    corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
    made = Matrix(task, [build_metric(spec) for spec in specs], corpus, measured)
    return made.comparison("2026-11-20T00:00:00Z")


def _share(right: float, n: int = 200) -> list[float]:
    return [float(place < right * n) for place in range(n)]


GOOD = _measured("good", _share(0.9), _share(0.4))
POOR = _measured("poor", _share(0.5), _share(0.95))


def test_the_verdict_and_the_decision_do_not_look_at_it() -> None:
    """Where the leaderboard decided, the other one would be chosen."""
    found = _compare(GOOD, POOR)
    assert found.decision.chosen == "good"
    assert [row.verdict.status for row in found.candidates] == ["pass", "fail"]
    assert [check.metric for row in found.candidates for check in row.checks] == ["job", "job"]
    assert _compare(GOOD, POOR, primary="board").decision.chosen == "poor"


def test_it_is_shown_and_marked() -> None:
    found = _compare(GOOD, POOR)
    assert found.candidates[1].metrics["board"].value == 0.95
    assert [metric.role for metric in found.metrics] == ["verdict", "sanity"]
    assert "board (sanity)" in render_markdown(found)


def test_it_warns_where_it_says_the_opposite() -> None:
    (warning,) = (text for text in _compare(GOOD, POOR).decision.warnings if "sanity" in text)
    assert warning.startswith(
        "board (for sanity only) contradicts job in 1 pair of candidates: good is shown to be better than poor in job"
        " (+0.400) and worse in board (-0.550)."
    )


def test_it_does_not_warn_where_it_agrees_where_nothing_is_shown_or_where_it_decides() -> None:
    agreeing = (_measured("good", _share(0.9), _share(0.95)), POOR)
    unsure = (GOOD, _measured("like", _share(0.5), _share(0.41)))
    for measured in (agreeing, unsure):
        assert not [text for text in _compare(*measured).decision.warnings if "sanity" in text]
    assert not [text for text in _compare(GOOD, POOR, role="verdict").decision.warnings if "sanity" in text]
