"""Alarms that fresh answers must confirm."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.decide.gate.two_versions import METRIC, TASK, cases_of, laid

from passmuster.decide.gate.again import CONFIRM, Again, fresh_p
from passmuster.decide.gate.compared import Compared, Laid
from passmuster.decide.gate.report import gate_report
from passmuster.decide.gate.triage import Cases, triage
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.gate import GateReport, GateSide
from passmuster.records.task import MetricSpec

YES, NO = (True, True, True), (False, False, False)
WAVERS = (True, False, True)


def _report(main: Laid, again: Again | None, apart: dict[str, Laid] | None = None) -> GateReport:
    compared = Compared(
        task=TASK,
        metrics=(build_metric(MetricSpec(name=METRIC, kind="exact_match")),),
        main=main,
        apart=apart or {},
        old_side=GateSide(name="old", digest="o"),
        new_side=GateSide(name="new", digest="n"),
        corpus="v",
        generated="2026-11-20T00:00:00Z",
    )
    found = triage(TASK, Cases(main=main, apart=apart or {}, again=again))
    return gate_report(replace(compared, triage=found))


def _fresh(ids: list[str], old: tuple[bool, ...], new: tuple[bool, ...]) -> Again:
    return Again(old=dict.fromkeys(ids, old), new=dict.fromkeys(ids, new))


def _level(report: GateReport, of_slice: str | None = None) -> str:
    rows = report.lines if of_slice is None else report.slices
    return next(line.level for line in rows if line.name == METRIC and line.slice == of_slice)


def test_a_drop_that_is_shown_and_confirmed_blocks_and_one_of_luck_does_not() -> None:
    main = laid("+" * 400, "-" * 16 + "+" * 384)
    flipped = [str(place) for place in range(16)]
    assert _level(_report(main, None)) == "block"
    assert _level(_report(main, _fresh(flipped, YES, NO))) == "block"
    luck = _report(main, _fresh(flipped, WAVERS, WAVERS))
    assert _level(luck) != "block"
    assert luck.finding == "noise"
    (line,) = [each for each in luck.lines if each.name == METRIC]
    assert "asked again, the cases that flipped do not confirm it" in line.reason
    assert line.adjusted_p is not None
    assert line.adjusted_p > TASK.alpha


def test_a_slice_is_confirmed_by_its_own_flips() -> None:
    """The flips of stratum a last, those of b are luck; all together lean to worse."""
    cases = [Case(id=str(place), input="x", stratum="ab"[place // 100]) for place in range(200)]
    new = "".join("-" if place % 100 < 9 else "+" for place in range(200))
    main = laid("+" * 200, new, cases)
    lasts, luck = ([str(start + place) for place in range(9)] for start in (0, 100))
    before = _report(main, None)
    assert (_level(before, "stratum a"), _level(before, "stratum b")) == ("block", "block")
    first, second = _fresh(lasts, YES, NO), _fresh(luck, WAVERS, WAVERS)
    found = _report(main, Again(old={**first.old, **second.old}, new={**first.new, **second.new}))
    assert (_level(found, "stratum a"), _level(found, "stratum b")) == ("block", "pass")
    assert found.finding == "systematic"


def test_a_slice_without_scores_is_not_cleared_by_fresh_answers() -> None:
    cases = [Case(id=str(place), input="x", stratum="a" if place < 20 else "b") for place in range(400)]
    main = laid("+" * 400, "f" * 20 + "+" * 380, cases)
    lost = [str(place) for place in range(20)]
    assert _level(_report(main, None), "stratum a") == "block"
    assert _level(_report(main, _fresh(lost, YES, YES)), "stratum a") == "undecided"


@pytest.mark.parametrize("kept", [0, 5, 15])
def test_nothing_is_cleared_where_not_every_flip_was_asked_again_of_both(kept: int) -> None:
    main = laid("+" * 400, "-" * 16 + "+" * 384)
    again = _fresh([str(place) for place in range(kept)], YES, YES)
    assert _level(_report(main, again)) == "block"
    only_new = Again(new={str(place): YES for place in range(16)})
    assert _level(_report(main, only_new)) == "block"


def test_slices_of_other_categories_stay_as_they_are() -> None:
    edge = [Case(id=f"e{place}", input="x", category="edge") for place in range(60)]
    apart = {"edge": laid("+" * 60, "-" * 12 + "+" * 48, edge)}
    again = _fresh([f"e{place}" for place in range(12)], YES, NO)
    found = _report(laid("+" * 200, "+" * 200), again, apart)
    assert _level(found, "category edge") == "block"


def test_what_did_not_flip_says_nothing() -> None:
    cases = cases_of(4)
    assert fresh_p({}, cases) is None
    assert fresh_p({"0": 0.0}, cases) == 0.5
    assert fresh_p({"0": -3.0, "1": -3.0}, cases) == 0.125
    assert fresh_p({"0": -3.0, "1": -3.0}, cases, np.array([False, False, True, True])) is None
    assert fresh_p({"0": -3.0, "1": -3.0}, cases, None, np.array([0, 0, 1, 2])) == 0.25 > CONFIRM
