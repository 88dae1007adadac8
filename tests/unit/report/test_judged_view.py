"""What is said of the judges of a comparison."""

from dataclasses import replace

from tests.unit.report.sample import decided

from passmuster.records.judged import JudgeReport
from passmuster.report.judged_view import judge_notes


def test_what_a_scorer_answered_is_not_told_as_the_metrics_own() -> None:
    one = JudgeReport(
        metric="tone", asks=("large",), models=("large",), version="v", question="q", calls=102, spend=0.25
    )
    panel = replace(one, metric="both", asks=("large", "small"), models=("large", "small"))
    first, second = judge_notes(replace(decided(), judges=(one, panel)))
    assert "in this project it has answered 102 questions for $0.25" in first.replace("\u00a0", " ")
    assert "in this project they have answered 102 questions" in second.replace("\u00a0", " ")
