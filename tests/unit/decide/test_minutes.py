from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from passmuster.decide.matrix import Matrix, Scope
from passmuster.decide.measured import Measured
from passmuster.decide.minutes import Minutes, decision_record, results_digest
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Attribute, Candidate, Price, candidate_digest
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.decided import DecisionRecord
from passmuster.records.task import Bar, MetricSpec, Requirement, Task

MakeMeasured = Callable[..., Measured]
SPEC = MetricSpec(name="accuracy", kind="exact_match")
GOOD = [1.0] * 390 + [0.0] * 10
WHEN = "2026-11-22T08:00:00Z"
BY = Minutes(by="Ada Example", version="0.1.0")


def compared(measured: Sequence[Measured], when: str = WHEN, **task: object) -> Comparison:
    cases = tuple(Case(id=str(place), input=str(place), reference="x") for place in range(400))
    corpus = CorpusVersion(version="v1", path="p", split="eval", cases=cases)
    asked = Task(
        name="t",
        metrics=(SPEC,),
        bars=(Bar(metric="accuracy", at_least=0.9),),
        purpose="Sorts.",
        owner="support",
        **task,  # type: ignore[arg-type]  # a test's shorthand
    )
    return Matrix(asked, [build_metric(SPEC)], corpus, measured, Scope(cases=cases)).comparison(when)


def with_(item: Measured, attributes: Mapping[str, Attribute], price: Price | None = None) -> Measured:
    return replace(item, candidate=replace(item.candidate, attributes=attributes, price=price))


def recorded(*measured: Measured, minutes: Minutes = BY, **task: object) -> DecisionRecord:
    candidates: list[Candidate] = [item.candidate for item in measured]
    return decision_record(compared(measured, WHEN, **task), candidates, minutes)


def test_it_says_who_decided_what_when_and_for_what(make_measured: MakeMeasured) -> None:
    found = recorded(make_measured("a", GOOD), make_measured("poor", [1.0] * 200 + [0.0] * 200))
    assert (found.by, found.owner, found.purpose, found.when) == ("Ada Example", "support", "Sorts.", WHEN)
    assert found.question == "Which is the cheapest candidate that meets every bar?"
    assert (found.status, found.chosen, found.answer) == ("decided", "a", "Use a.")
    assert found.bars == ("accuracy >= 0.90",)
    assert [(option.name, option.status) for option in found.options] == [("a", "pass"), ("poor", "fail")]


def test_the_evidence_is_named_by_digests(make_measured: MakeMeasured) -> None:
    first = make_measured("a", GOOD)
    found = recorded(first)
    assert (found.evidence.corpus, found.evidence.passmuster, found.evidence.cases) == ("v1", "0.1.0", 400)
    assert found.options[0].digest == candidate_digest(first.candidate)
    assert len(found.evidence.results) == 32


def test_the_digest_of_the_results_changes_with_one_score_and_not_with_the_day(
    make_measured: MakeMeasured,
) -> None:
    same = results_digest(compared([make_measured("a", GOOD)]))
    assert results_digest(compared([make_measured("a", GOOD)], when="2026-12-01T00:00:00Z")) == same
    other = [1.0] * 389 + [0.0] * 11
    assert results_digest(compared([make_measured("a", other)])) != same


@pytest.mark.parametrize(("days", "day"), [(90, "2027-02-20"), (1, "2026-11-23")])
def test_the_day_of_review_is_counted_from_the_decision(
    make_measured: MakeMeasured, days: int, day: str
) -> None:
    found = recorded(make_measured("a", GOOD), minutes=replace(BY, review_days=days))
    assert found.review == day


def test_an_end_of_life_before_the_review_and_an_old_price_are_named(make_measured: MakeMeasured) -> None:
    ends = {"end_of_life": Attribute(value="2027-01-10")}
    old = Price(input=1.0, output=1.0, date="2026-01-01")
    found = recorded(with_(make_measured("a", GOOD), ends, old))
    assert found.sooner == (
        "a reaches its end of life on 2027-01-10.",
        "The price of a was read on 2026-01-01: 415 days before the day of review.",
    )
    assert any("reaches its end of life on 2027-01-10, in 49 days" in text for text in found.unknown)


def test_an_end_of_life_after_the_review_and_a_fresh_price_are_not(make_measured: MakeMeasured) -> None:
    ends = {"end_of_life": Attribute(value="2027-02-21")}
    fresh = Price(input=1.0, output=1.0, date="2026-11-01")
    assert recorded(with_(make_measured("a", GOOD), ends, fresh)).sooner == ()


def test_what_was_not_known_is_said(make_measured: MakeMeasured) -> None:
    asked = (Requirement(attribute="region", one_of=("eu",)),)
    near = with_(make_measured("near", GOOD), {"region": Attribute(value="eu")})
    found = recorded(near, make_measured("silent", GOOD), requires=asked)
    assert found.requirements == ("region is eu",)
    assert "What region of silent is: not declared." in found.unknown
    assert "Whether silent meets every bar." not in found.unknown


@pytest.mark.parametrize(
    ("scores", "answer"),
    [
        ([1.0] * 200 + [0.0] * 200, "Use none of them: no candidate meets every bar."),
        ([1.0] * 364 + [0.0] * 36, "It cannot be told yet."),
    ],
)
def test_no_choice_is_an_answer_too(
    make_measured: MakeMeasured, scores: Sequence[float], answer: str
) -> None:
    found = recorded(make_measured("a", scores))
    assert (found.answer, found.chosen) == (answer, None)


def test_a_candidate_that_is_shown_and_no_longer_in_the_project_is_left_out(
    make_measured: MakeMeasured,
) -> None:
    item = make_measured("a", GOOD)
    assert decision_record(compared([item]), [], BY).options == ()


def test_of_who_only_has_to_declare_it_is_known_that_every_bar_is_met(make_measured: MakeMeasured) -> None:
    asked = (Requirement(attribute="region", one_of=("eu",)),)
    found = recorded(make_measured("a", GOOD), requires=asked)
    assert found.status == "undecided"
    assert "What region of a is: not declared." in found.unknown
    assert not [said for said in found.unknown if said.startswith("Whether")]


def test_who_passes_is_said_to_declare_what_is_required(make_measured: MakeMeasured) -> None:
    item = with_(make_measured("a", GOOD), {"region": Attribute(value="eu")})
    found = recorded(item, requires=(Requirement(attribute="region", one_of=("eu",)),))
    assert found.options[0].sentence.endswith(" It declares what is required.")
