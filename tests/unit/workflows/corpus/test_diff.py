"""What candidates score on two versions, and what the new cases changed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial, TrialKey
from passmuster.records.version import VersionScores
from passmuster.workflows.compare import Question
from passmuster.workflows.corpus.diff import scores

SPEC = MetricSpec(name="right", kind="exact_match")
MODEL = Candidate(name="m", provider="openai", model="m")
OTHER = Candidate(name="n", provider="openai", model="n")
QUESTION = Question(
    task=Task(name="t", metrics=(SPEC,)),
    metrics=(build_metric(SPEC),),
    corpus=CorpusVersion(version="", path="p", split="eval", cases=()),
    candidates=(MODEL, OTHER),
)
OLD = [Case(id=f"o{n}", input=f"old {n}", reference="yes") for n in range(100)]
NEW = [Case(id=f"n{n}", input=f"new {n}", reference="yes") for n in range(50)]


def trials(right: dict[str, int]) -> list[Trial]:
    """Return a reply to each case; of each kind so many are right."""
    found = []
    for kind, cases in (("old", OLD), ("new", NEW)):
        for place, case in enumerate(cases):
            if kind in right:
                text = "yes" if place < right[kind] else "no"
                key = TrialKey(case_digest(case), candidate_digest(MODEL), 0)
                found.append(
                    Trial(
                        key=key, case_id=case.id, outcome=Reply(text=text), attempts=(Attempt(started=0.0),)
                    )
                )
    return found


def scored(before: list[Case], after: list[Case], right: dict[str, int]) -> VersionScores:
    def read() -> Iterator[Trial]:
        return iter(trials(right))

    (found,) = scores(QUESTION, before, after, read)
    return found


def test_scores_are_those_of_each_version_and_of_what_both_have() -> None:
    found = scored(OLD, [*OLD[20:], *NEW], {"old": 80, "new": 20})
    assert (found.candidate, found.metric) == ("m", "right")
    assert found.before.value == pytest.approx(0.80)
    assert found.after.value == pytest.approx((60 + 20) / 130)
    assert found.common_after.value == found.common_before.value == pytest.approx(60 / 80)
    assert found.new.value == pytest.approx(20 / 50)
    assert found.gone.value == pytest.approx(1.0)
    assert [each.n for each in (found.before, found.after, found.common_after, found.new, found.gone)] == [
        100,
        130,
        80,
        50,
        20,
    ]


def test_what_the_new_cases_changed_is_their_difference_by_their_share() -> None:
    found = scored(OLD, [*OLD, *NEW], {"old": 80, "new": 20})
    assert found.harder.value == pytest.approx(0.4 - 0.8)
    assert found.step.value == pytest.approx((found.after.value or 0) - 0.8)
    assert found.step.value == pytest.approx((found.harder.value or 0) * 50 / 150)
    assert found.step.low == pytest.approx((found.harder.low or 0) * 50 / 150)
    assert found.step.low is not None
    assert found.step.high is not None
    assert found.step.low < (found.step.value or 0) < found.step.high < 0


def test_where_new_cases_are_as_hard_as_the_others_the_interval_holds_nought() -> None:
    found = scored(OLD, [*OLD, *NEW], {"old": 80, "new": 40})
    assert found.step.value == pytest.approx(0.0, abs=1e-12)
    assert found.step.low is not None
    assert found.step.high is not None
    assert found.step.low < 0 < found.step.high


def test_relabelling_shows_between_the_two_common_columns_alone() -> None:
    relabelled = [replace(case, reference="no") if n < 10 else case for n, case in enumerate(OLD)]
    found = scored(OLD, relabelled, {"old": 80})
    assert found.common_before.value == pytest.approx(0.80)
    assert found.common_after.value == found.after.value == pytest.approx(0.70)
    assert found.new.value is None
    assert found.step.value is None


def test_a_case_with_the_same_id_and_another_input_is_new() -> None:
    found = scored(OLD, [*OLD[:99], replace(NEW[0], id=OLD[99].id)], {"old": 80, "new": 1})
    assert (found.common_after.n, found.new.n, found.gone.n) == (99, 1, 1)


def test_missing_trials_on_new_cases_are_missing_and_no_zero() -> None:
    found = scored(OLD, [*OLD, *NEW], {"old": 80})
    assert found.new.value is None
    assert found.after.value == pytest.approx(0.8)
    assert found.after.n_missing == 50
    assert found.step.value is None


def test_new_cases_of_another_origin_do_not_move_the_estimate_of_production() -> None:
    made = [replace(case, origin="synthetic") for case in NEW]
    found = scored(OLD, [*OLD, *made], {"old": 80, "new": 0})
    assert found.after.value == pytest.approx(0.8)
    assert found.new.n == 0


def test_weights_count_in_every_figure() -> None:
    heavy = [replace(case, weight=10.0) for case in NEW]
    light = [replace(case, weight=1.0) for case in OLD]
    found = scored(light, [*light, *heavy], {"old": 100, "new": 0})
    assert found.after.value == pytest.approx(100 / 600)
    assert found.step.value == pytest.approx(100 / 600 - 1)


def test_a_candidate_without_trials_has_no_line() -> None:
    assert scores(QUESTION, OLD, NEW, lambda: iter(())) == ()
