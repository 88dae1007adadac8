"""A route as a candidate of its own: its reply, costs and times put together from those whom it asks."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pytest

from passmuster.decide.costs.report import cost_report
from passmuster.decide.estimates import failure_report, latency_report
from passmuster.decide.measured import SOURCES, Measured
from passmuster.decide.rates import metric_estimate
from passmuster.decide.routing.routed import Cells, routed, source_of
from passmuster.records.candidate import Candidate
from passmuster.records.task import CostModel, Success

MakeMeasured: TypeAlias = Callable[..., Measured]


def alone(final: list[int], asked: list[list[bool]]) -> Cells:
    """Return the cells of a route that was judged once on every case."""
    return Cells(
        final=np.array(final, dtype=np.int64)[:, None], asked=np.array(asked, dtype=np.bool_)[:, :, None]
    )


def test_a_cascade_costs_and_takes_as_much_as_all_whom_it_asks(make_measured: MakeMeasured) -> None:
    small = make_measured("small", [1, 0, None], seconds=0.5, dollars=0.001)
    large = make_measured("large", [1, 1, 1], seconds=2.0, dollars=0.010)
    cells = alone([0, 1, 1], [[True, True, True], [False, True, True]])
    item = routed("small -> large", [small, large], cells)

    assert item.scores("accuracy").tolist() == [1, 1, 1]
    assert item.costs().tolist() == pytest.approx([0.001, 0.011, 0.011])
    assert item.latencies().tolist() == [0.5, 2.5, 2.5]
    assert failure_report(item, ()).rate.value == 0
    assert cost_report(item, Success(metric="accuracy"), CostModel()).per_task.value == pytest.approx(
        0.023 / 3
    )


def test_a_failed_reply_that_stands_is_a_failure_of_the_route(make_measured: MakeMeasured) -> None:
    small = make_measured("small", [1, None])
    item = routed(
        "small", [small, make_measured("large", [1, 1])], alone([0, 0], [[True, True], [False, False]])
    )

    assert failure_report(item, ()).rate.value == 0.5
    assert item.account.replies == 1


def test_one_candidate_for_all_has_the_figures_of_that_candidate(make_measured: MakeMeasured) -> None:
    one = make_measured("a", [1, 0, None, 1], seconds=[0.1, 0.2, 0.3, 0.4], dollars=[0.1, 0.2, 0.3, 0.4])
    item = routed("a for all", [one], alone([0] * 4, [[True] * 4]))

    assert metric_estimate(item, "accuracy") == metric_estimate(one, "accuracy")
    assert latency_report(item).p50 == latency_report(one).p50
    assert item.costs().tolist() == one.costs().tolist()


def test_a_case_that_was_judged_in_no_order_is_no_trial(make_measured: MakeMeasured) -> None:
    one = make_measured("a", [1, 1])
    item = routed("a", [one], alone([0, -1], [[True, False]]))

    assert item.asked.tolist() == [[True], [False]]
    assert np.isnan(item.costs()[1])
    assert metric_estimate(item, "accuracy").n == 1


def test_orders_are_repeats_of_a_case(make_measured: MakeMeasured) -> None:
    small, large = make_measured("small", [0, 1]), make_measured("large", [1, 1])
    cells = Cells(
        final=np.array([[0, 1], [0, -1]]),
        asked=np.array([[[True, False], [True, False]], [[False, True], [False, False]]]),
    )
    item = routed("x", [small, large], cells)

    assert item.scores("accuracy").tolist() == [0.5, 1.0]
    assert item.binary["accuracy"] is False


def test_an_unknown_cost_of_one_who_is_asked_is_an_unknown_cost_of_the_route(
    make_measured: MakeMeasured,
) -> None:
    small, large = make_measured("small", [1, 1], dollars=None), make_measured("large", [1, 1])
    item = routed("x", [small, large], alone([0, 1], [[True, False], [False, True]]))

    assert np.isnan(item.costs()[0])
    assert not np.isnan(item.costs()[1])


def with_source(item: Measured, source: str) -> Measured:
    code = np.full(item.columns.source.shape, [*SOURCES].index(source), dtype=np.int8)  # type: ignore[arg-type]  # one of them
    return replace(item, columns=replace(item.columns, source=code))


def test_times_of_different_kinds_are_not_added_up(make_measured: MakeMeasured) -> None:
    small = make_measured("small", [1, 1])
    large = with_source(make_measured("large", [1, 1]), "recorded")
    cells = alone([1, 1], [[True, True], [True, True]])

    assert source_of([small, large], cells) is None
    assert np.isnan(routed("x", [small, large], cells).columns.seconds).all()


def test_the_milliseconds_of_a_baseline_are_added_to_whatever_the_others_are(
    make_measured: MakeMeasured,
) -> None:
    words = make_measured("words", [1, 1], seconds=0.001)
    words = replace(words, candidate=Candidate(name="words", provider="baseline", kind="baseline"))
    large = with_source(make_measured("large", [1, 1], seconds=1.0), "recorded")
    item = routed("x", [words, large], alone([1, 0], [[True, True], [True, False]]))

    assert item.source == "recorded"
    assert item.latencies().tolist() == pytest.approx([1.001, 0.001])
