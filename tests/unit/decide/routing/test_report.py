"""The report on routes: what is shown, what is recommended, and what is left out and why."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pytest

from passmuster.decide.measured import Measured
from passmuster.decide.routing.ground import Judged
from passmuster.decide.routing.report import Basis, routing_report
from passmuster.decide.routing.slices import slices_by
from passmuster.errors import NotAvailableError
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.routing import RouteReport, RoutingReport
from passmuster.records.task import Bar, MetricSpec, Success, Task

MakeMeasured: TypeAlias = Callable[..., Measured]

N = 600
BY = "best of each stratum"
SUCCESS = Success(metric="accuracy")


def cases(strata: int = 2) -> tuple[Case, ...]:
    return tuple(Case(id=str(place), input="", stratum=f"s{place % strata}") for place in range(N))


def report(
    measured: Sequence[Measured],
    *,
    strata: int = 2,
    bars: tuple[Bar, ...] = (),
    incumbent: str | None = None,
    sure: dict[str, np.ndarray] | None = None,
    cascades: tuple[tuple[str, ...], ...] = (),
) -> RoutingReport:
    body = cases(strata)
    task = Task(
        name="t",
        metrics=(MetricSpec(name="accuracy", kind="exact_match"),),
        success=SUCCESS,
        bars=bars,
        incumbent=incumbent,
    )
    return routing_report(
        Basis(
            task=task,
            corpus=CorpusVersion(path="c.jsonl", version="v", split="eval", cases=body),
            cases=body,
            measured=measured,
            judged=Judged(name="accuracy", metric="accuracy", success=SUCCESS),
            slice_by="stratum",
            slices=slices_by(body, "stratum", {}),
            generated="2026-11-22T00:00:00Z",
            margin=0.02,
            sure=sure or {},
            signals=dict.fromkeys(sure or {}, "confidence"),
            cascades=cascades,
        )
    )


def row(found: RoutingReport, name: str) -> RouteReport:
    return next(each for each in found.routes if each.name == name)


def specialists(make: MakeMeasured, *, good: float = 0.95, bad: float = 0.5) -> list[Measured]:
    """Return two candidates, each good in one of two strata."""
    rng = np.random.default_rng(5)
    rates = np.array([[good, bad], [bad, good]])[:, np.arange(N) % 2]
    table = (rng.random((2, N)) < rates).astype(float)
    return [make(name, list(line), dollars=0.001) for name, line in zip("ab", table, strict=True)]


def test_specialists_are_routed_by_slice_and_the_gain_is_shown(make_measured: MakeMeasured) -> None:
    found = report(specialists(make_measured))
    best = row(found, BY)

    assert found.recommended in {BY, f"clear {BY}"}
    assert best.status == "gain"
    assert best.gain.value is not None
    assert best.gain.low is not None
    assert 0.1 < best.gain.low < best.gain.value < 0.35
    assert {rule.stages[0].candidate for rule in best.rules} == {"a", "b"}
    assert found.sentence.startswith("Route: best of each stratum")


def test_equal_candidates_are_not_routed_although_it_seems_to_gain(make_measured: MakeMeasured) -> None:
    found = report(specialists(make_measured, good=0.7, bad=0.7), strata=10)
    best = row(found, BY)

    assert found.recommended is None
    assert best.seen_gain is not None
    assert best.seen_gain > 0
    assert best.gain.low is not None
    assert best.gain.low < 0
    assert best.optimism is not None
    assert best.optimism > 0.01
    assert "luck in choosing" in best.sentence
    assert "No route is shown to gain" in found.sentence


def test_a_route_that_misses_a_bar_is_not_recommended(make_measured: MakeMeasured) -> None:
    bar = Bar(metric="accuracy", at_least=0.99)
    found = report(specialists(make_measured), bars=(bar,))

    assert row(found, BY).status == "gain"
    assert [check.status for check in row(found, BY).checks] == ["misses"]
    assert found.recommended is None
    assert "would gain, but misses accuracy >= 0.99" in found.sentence


def test_a_bar_against_the_incumbent_is_tested_on_routes_too(make_measured: MakeMeasured) -> None:
    bar = Bar(metric="accuracy", at_least=0.0, versus="incumbent")
    found = report(specialists(make_measured), bars=(bar,), incumbent="a")

    assert [check.status for check in row(found, BY).checks] == ["meets"]
    assert row(found, BY).versus_incumbent is not None


def test_a_cascade_that_is_as_good_for_less_money_is_recommended(make_measured: MakeMeasured) -> None:
    rng = np.random.default_rng(2)
    small = (rng.random(N) < 0.6).astype(float)
    sure = small * 3 + rng.normal(scale=0.3, size=N)
    measured = [
        make_measured("small", list(small), dollars=0.001, seconds=0.2),
        make_measured("large", [1.0] * N, dollars=0.020, seconds=2.0),
    ]
    found = report(measured, strata=1, sure={"small": sure}, cascades=(("small", "large"),))
    cascade = row(found, "small -> large")

    assert cascade.status == "cheaper"
    assert found.recommended == "small -> large"
    assert cascade.cost_ratio.high is not None
    assert cascade.cost_ratio.high < 0.7
    assert cascade.asked["small"] == 1.0
    assert 0.3 < cascade.asked["large"] < 0.6
    assert cascade.last == "large"
    assert cascade.latency_p95.value == pytest.approx(2.2)
    curve = found.curves[0]
    assert curve.lift.low is not None
    assert curve.lift.low > 0.1
    assert [point.share for point in curve.points] == sorted(point.share for point in curve.points)


@pytest.mark.parametrize(
    ("of_small", "of_large", "status"),
    [("lower_bound", "reported", "no_gain"), ("reported", "lower_bound", "cheaper")],
)
def test_who_is_dearer_than_known_makes_no_route_cheaper(
    make_measured: MakeMeasured, of_small: str, of_large: str, status: str
) -> None:
    """Of the strong one it does no harm: the cascade asks it less than the rival does."""
    rng = np.random.default_rng(2)
    small = (rng.random(N) < 0.6).astype(float)
    measured = [
        make_measured("small", list(small), dollars=0.001, basis=of_small),
        make_measured("large", [1.0] * N, dollars=0.020, basis=of_large),
    ]
    sure = {"small": small * 3 + rng.normal(scale=0.3, size=N)}
    found = report(measured, strata=1, sure=sure, cascades=(("small", "large"),))

    assert row(found, "small -> large").status == status
    assert any("only a lower bound" in note for note in found.notes)


def test_what_misses_a_bar_is_not_what_to_take(make_measured: MakeMeasured) -> None:
    found = report(
        specialists(make_measured, good=0.7, bad=0.7),
        strata=10,
        bars=(Bar(metric="accuracy", at_least=0.99),),
    )

    assert "take" not in found.sentence.lower().replace(
        "which candidate to take for all: passmuster compare", ""
    )


def test_a_rival_is_named_only_where_it_was_the_same_one_throughout(make_measured: MakeMeasured) -> None:
    found = report(specialists(make_measured, good=0.7, bad=0.7), strata=10)

    assert len(found.best.asked) == 2
    assert "one candidate for all (mostly" in row(found, BY).sentence


def test_the_cheapest_single_is_no_dearer_one_that_is_as_good(make_measured: MakeMeasured) -> None:
    """Where none is shown to be about as good, of the best ones the cheapest is taken."""
    right = [float(place % 3 > 0) for place in range(30)]
    body = [
        make_measured(name, right + ["unread"] * (N - 30), dollars=cost)
        for name, cost in (("dear", 0.02), ("cheap", 0.01))
    ]
    found = report(body)

    assert found.cheapest is not None
    assert found.cheapest.asked == {"cheap": 1.0}


def test_a_slice_too_small_to_be_judged_has_no_rule(make_measured: MakeMeasured) -> None:
    """24 cases in all are 20 in hardly any part that routes are judged by; but 20 of all they are."""
    rng = np.random.default_rng(3)
    tables = (rng.random((2, N)) < 0.7).astype(float)
    tables[:, ::25] = [[0.0], [1.0]]
    measured = [make_measured(name, list(line)) for name, line in zip("ab", tables, strict=True)]
    found = report(measured, strata=25)

    assert all(len(each.rules) == 1 for each in found.routes)
    assert any(note.startswith("Fewer than 34 cases") for note in found.notes)


def test_a_cheap_candidate_that_is_as_good_alone_makes_no_route_recommended(
    make_measured: MakeMeasured,
) -> None:
    """A cascade is cheaper than the dear one; but so is the cheap one, which is as good."""
    rng = np.random.default_rng(4)
    right = list((rng.random(N) < 0.9).astype(float))
    measured = [make_measured("cheap", right, dollars=0.001), make_measured("dear", right, dollars=0.02)]
    found = report(measured, strata=1, sure={"cheap": rng.random(N)}, cascades=(("cheap", "dear"),))

    assert found.best.rules[0].stages[0].candidate == "cheap"
    assert found.recommended is None


def test_who_was_asked_little_does_not_take_the_cases_of_the_others(make_measured: MakeMeasured) -> None:
    few = make_measured("few", [1.0] * 100 + ["unread"] * (N - 100))
    found = report([*specialists(make_measured), few])

    assert [each.name for each in found.candidates] == ["a", "b"]
    assert found.cases == N
    assert any(note.startswith("few is left out") for note in found.notes)


def test_a_score_that_could_not_be_computed_is_no_wrong_answer(make_measured: MakeMeasured) -> None:
    a, b = specialists(make_measured)
    unread = make_measured("c", ["unread"] * 30 + [1.0] * (N - 30))
    found = report([a, b, unread])

    assert found.cases == N - 30
    assert found.left_out == 30
    assert next(each for each in found.candidates if each.name == "c").quality.value == 1.0


def test_without_costs_there_are_routes_by_quality_only(make_measured: MakeMeasured) -> None:
    rng = np.random.default_rng(1)
    measured = [make_measured(name, list((rng.random(N) < 0.7).astype(float)), dollars=None) for name in "ab"]
    found = report(measured)

    assert found.cheapest is None
    assert all(each.cost_ratio.value is None for each in found.routes)
    assert "cheapest of each stratum" not in [each.name for each in found.routes]


def test_people_are_no_part_of_a_route(make_measured: MakeMeasured) -> None:
    people = make_measured("people", [1.0] * N, kind="manual")
    found = report([*specialists(make_measured), people])

    assert "people" not in [each.name for each in found.candidates]
    assert any("people is left out" in note for note in found.notes)


def test_too_few_cases_are_no_ground_for_a_route(make_measured: MakeMeasured) -> None:
    few = [make_measured(name, [1.0] * 10 + ["unread"] * (N - 10)) for name in "ab"]
    with pytest.raises(NotAvailableError, match="10 cases are known"):
        report(few)


def test_one_candidate_is_no_choice(make_measured: MakeMeasured) -> None:
    with pytest.raises(NotAvailableError, match="two candidates"):
        report([make_measured("a", [1.0] * N)])


def test_the_same_trials_give_the_same_report(make_measured: MakeMeasured) -> None:
    assert report(specialists(make_measured)) == report(specialists(make_measured))
