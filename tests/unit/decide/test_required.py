"""Verdicts under requirements: the matrix as a whole."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from passmuster.decide.matrix import Matrix, Scope
from passmuster.decide.measured import Measured
from passmuster.metrics.registry import build_metric
from passmuster.project.api import exit_code
from passmuster.records.candidate import Attribute
from passmuster.records.case import Case
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.record import Json
from passmuster.records.task import Bar, MetricSpec, Requirement, Task

MakeMeasured = Callable[..., Measured]
SPEC = MetricSpec(name="accuracy", kind="exact_match")
EU = (Requirement(attribute="region", one_of=("eu",)),)
GOOD = [1.0] * 390 + [0.0] * 10


def declaring(item: Measured, **values: Json) -> Measured:
    attributes = {name: Attribute(value=value) for name, value in values.items()}
    return replace(item, candidate=replace(item.candidate, attributes=attributes))


def compared(*measured: Measured, requires: tuple[Requirement, ...] = EU, alpha: float = 0.05) -> Comparison:
    cases = tuple(Case(id=str(place), input=str(place), reference="x") for place in range(400))
    corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
    bars = (Bar(metric="accuracy", at_least=0.9),)
    task = Task(
        name="t",
        metrics=(SPEC,),
        bars=bars,
        requires=requires,
        alpha=alpha,
        purpose="Sorts.",
        owner="support",
    )
    return Matrix(task, [build_metric(SPEC)], corpus, measured, Scope(cases=cases)).comparison(
        "2026-11-22T08:00:00Z"
    )


def row(comparison: Comparison, name: str) -> CandidateReport:
    return next(each for each in comparison.candidates if each.name == name)


def test_who_meets_all_is_chosen_and_who_misses_one_fails_however_good(make_measured: MakeMeasured) -> None:
    near = declaring(make_measured("near", GOOD), region="eu")
    far = declaring(make_measured("far", [1.0] * 400, dollars=0.0001), region="us")
    found = compared(near, far)
    assert found.decision.chosen == "near"
    verdict = row(found, "far").verdict
    assert (verdict.status, verdict.reason) == ("fail", "misses region is eu (us is declared)")
    assert found.decision.family == 1  # who cannot pass makes nobody's test harder


def test_who_does_not_declare_is_undecided_and_told_what_to_declare(make_measured: MakeMeasured) -> None:
    found = compared(make_measured("silent", [1.0] * 400))
    verdict = row(found, "silent").verdict
    assert (verdict.status, verdict.undeclared) == ("undecided", ("region",))
    assert verdict.reason == "meets every bar, but does not declare region: add it to its attributes"
    assert found.decision.status == "undecided"
    step = found.decision.next_step
    assert step is not None
    assert step.sentence == (
        "Cheapest step: declare region of silent (attributes in the project file); it meets every bar."
    )
    assert (
        "Not to be chosen before it is declared in the project file: silent (region)."
        in found.decision.reason
    )


def test_a_cheaper_one_that_does_not_declare_is_not_chosen_and_is_named(make_measured: MakeMeasured) -> None:
    near = declaring(make_measured("near", GOOD), region="eu")
    silent = make_measured("silent", [1.0] * 400, dollars=0.0001)
    found = compared(near, silent)
    assert found.decision.chosen == "near"
    assert {each.name for each in found.decision.leading} == {"near"}
    assert "silent (region)" in found.decision.reason


def test_who_does_not_declare_still_counts_in_the_correction(make_measured: MakeMeasured) -> None:
    """Else one could look first, and then declare for the best alone."""
    near = declaring(make_measured("near", GOOD), region="eu")
    rivals = [make_measured(f"silent {number}", GOOD) for number in range(4)]
    assert compared(near, *rivals).decision.family == 5


def test_who_is_shown_to_miss_a_bar_fails_whether_it_declares_or_not(make_measured: MakeMeasured) -> None:
    found = compared(make_measured("poor", [1.0] * 200 + [0.0] * 200))
    assert row(found, "poor").verdict.status == "fail"
    assert "Not to be chosen" not in found.decision.reason


def test_both_reasons_are_given_where_a_bar_and_a_requirement_are_missed(make_measured: MakeMeasured) -> None:
    found = compared(declaring(make_measured("poor", [1.0] * 200 + [0.0] * 200), region="us"))
    reason = row(found, "poor").verdict.reason
    assert reason.startswith("misses region is eu (us is declared); it also misses accuracy >= 0.90")


def test_a_candidate_that_was_never_asked_for_that_is_no_gap(make_measured: MakeMeasured) -> None:
    near = declaring(make_measured("near", GOOD), region="eu")
    whole = declaring(make_measured("far", GOOD), region="us")
    states = replace(whole.columns, state=whole.columns.state * 0)
    far = replace(whole, columns=states, account=type(whole.account)())
    found = compared(near, far)
    assert row(found, "far").n == 0
    assert row(found, "far").verdict.status == "fail"
    assert exit_code(found) == 0
    assert not any("have no trial" in text for text in found.decision.warnings)


def test_without_requirements_nothing_changes(make_measured: MakeMeasured) -> None:
    found = compared(make_measured("silent", [1.0] * 400), requires=())
    assert found.decision.chosen == "silent"
    assert row(found, "silent").requirements == ()


def test_purpose_owner_and_attributes_stand_in_the_comparison(make_measured: MakeMeasured) -> None:
    found = compared(declaring(make_measured("near", GOOD), region="eu"))
    assert (found.purpose, found.owner) == ("Sorts.", "support")
    assert row(found, "near").attributes["region"].value == "eu"
    assert [check.status for check in row(found, "near").requirements] == ["meets"]


@pytest.mark.parametrize("right", [360, 380, 400])
def test_no_pass_is_ever_given_to_who_does_not_declare(make_measured: MakeMeasured, right: int) -> None:
    scores = [1.0] * right + [0.0] * (400 - right)
    found = compared(make_measured("silent", scores), make_measured("other", scores))
    assert not [each for each in found.candidates if each.verdict.status == "pass"]
