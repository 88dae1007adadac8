"""Slices of a change: which are looked at, which are alarmed, and what is shown beside them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import false_discovery_control
from tests.unit.decide.gate.changes import Setting, Text, change, gate, line, replies, with_apart

from passmuster.decide.gate.report import gate_report
from passmuster.decide.measured import INAPPLICABLE, Measured, Scored
from passmuster.records.gate import GatePolicy, GateReport
from passmuster.records.judged import JudgeReport
from passmuster.stats.paired import mcnemar_mid_p_worse

STRATA = [f"s{place // 50}" for place in range(500)]


def dropped(lost: int, *, won: int = 0, where: int = 3) -> tuple[list[Text], list[Text]]:
    """Return 10 slices of 50, 40 right each, in one of which some are lost and some won, and 2 flip in the others both ways."""
    old, new = [], []
    for number in range(10):
        down, up = (lost, won) if number == where else (2, 2)
        old += replies(("+", 40), ("-", 10))
        new += replies(("-", down), ("+", 40 - down), ("+", up), ("-", 10 - up))
    return old, new


def by_stratum(lost: int, policy: GatePolicy | None = None, **fields: object) -> GateReport:
    setting = Setting(strata=STRATA, policy=policy or GatePolicy(), **fields)  # type: ignore[arg-type]
    return gate(*dropped(lost), setting)


def test_a_slice_that_dropped_by_20_points_is_named() -> None:
    found = by_stratum(10)
    alarmed = [row.slice for row in found.slices if row.level != "pass"]
    assert alarmed == ["stratum s3"]
    row = line(found, "exact_match", "stratum s3")
    assert (row.level, row.role) == ("block", "core")
    assert row.change.value == pytest.approx(-0.2)
    assert found.level == "block"
    assert any(reason.startswith("exact_match on stratum s3: 0.80 to 0.60") for reason in found.reasons)


def test_an_edge_slice_is_looked_into_and_not_blocked() -> None:
    found = by_stratum(10, GatePolicy(edge=("stratum s3",)))
    row = line(found, "exact_match", "stratum s3")
    assert (row.level, row.role) == ("investigate", "edge")


def test_an_edge_slice_that_no_case_is_in_is_told() -> None:
    found = by_stratum(10, GatePolicy(edge=("stratum s3", "stratum S4", "tag rare")))
    assert "gate.edge: no case is in stratum S4, tag rare; is it spelt as in the cases?" in found.notes
    assert not any("gate.edge" in note for note in by_stratum(10, GatePolicy(edge=("stratum s3",))).notes)


def test_alarms_are_by_the_one_sided_mid_p_mcnemar_test_corrected_over_all_slices() -> None:
    found = by_stratum(7)
    p = [mcnemar_mid_p_worse(*((0, 7) if number == 3 else (2, 2))) for number in range(10)]
    assert [row.p for row in found.slices] == pytest.approx(p)
    assert [row.adjusted_p for row in found.slices] == pytest.approx(false_discovery_control(p).tolist())


def test_one_slice_alone_needs_less_than_one_of_ten() -> None:
    """5 of 50 lost has p .016: an alarm by itself, and none among ten."""
    among = line(by_stratum(5), "exact_match", "stratum s3")
    assert (among.level, round(among.p or 0, 3)) == ("pass", 0.016)
    named = Setting(strata=STRATA, slices={"s3 only": "stratum == 's3'"}, policy=GatePolicy(slices=()))
    alone = line(gate(*dropped(5), named), "exact_match", "s3 only")
    assert alone.level == "block"


def test_estimates_are_drawn_towards_one_another_and_alarm_nothing() -> None:
    row = line(by_stratum(10), "exact_match", "stratum s3")
    calm = line(by_stratum(10), "exact_match", "stratum s4")
    assert row.pooled is not None
    assert calm.pooled is not None
    assert -0.2 < row.pooled < calm.pooled < 0.0
    assert (row.level, calm.level) == ("block", "pass")


def test_a_large_slice_that_dropped_by_next_to_nothing_passes() -> None:
    strata = ["big"] * 6000 + ["rest"] * 100
    old = replies(("+", 6100))
    new = replies(("-", 30), ("+", 6070))
    row = line(gate(old, new, Setting(strata=strata)), "exact_match", "stratum big")
    assert row.level == "pass"
    assert "one of the lower margin is excluded" in row.reason


def test_slices_that_are_too_small_are_told() -> None:
    strata = ["a"] * 100 + ["b"] * 9
    found = gate(replies(("+", 109)), replies(("+", 100), ("-", 9)), Setting(strata=strata))
    assert [row.slice for row in found.slices] == ["stratum a"]
    assert any("1 slice with fewer than 10 cases" in note and "stratum b" in note for note in found.notes)


def test_a_slice_that_is_all_of_the_cases_is_no_slice() -> None:
    assert not gate(replies(("+", 50)), replies(("+", 50)), Setting(strata=["a"] * 50)).slices


def test_tags_are_slices_where_they_are_asked_for() -> None:
    tags = [("long",) if place < 60 else () for place in range(200)]
    old, new = replies(("+", 200)), replies(("-", 15), ("+", 185))
    assert not gate(old, new, Setting(tags=tags)).slices
    found = gate(old, new, Setting(tags=tags, policy=GatePolicy(slices=("tag",))))
    assert line(found, "exact_match", "tag long").level == "block"


def test_cases_that_are_measured_apart_are_a_slice_of_their_own() -> None:
    main = change(replies(("+", 400)), replies(("+", 400)))
    edge = change(replies(("+", 60)), replies(("-", 20), ("+", 40)), Setting(category="edge"))
    found = gate_report(with_apart(main, "edge", edge))
    row = line(found, "exact_match", "category edge")
    assert (row.level, row.change.n) == ("block", 60)
    assert line(found, "exact_match").change.n == 400
    regression = gate_report(with_apart(main, "regression", edge))
    assert not regression.slices


def test_a_named_slice_of_cases_that_are_measured_apart_is_found_there() -> None:
    setting = Setting(slices={"hard": "category == 'edge'"})
    main = change(replies(("+", 400)), replies(("+", 400)), setting)
    edge = change(replies(("+", 60)), replies(("-", 20), ("+", 40)), Setting(category="edge"))
    found = gate_report(with_apart(main, "edge", edge))
    assert [row.slice for row in found.slices] == ["category edge"]  # the same cases stand there once


def test_graded_and_grouped_slices_are_tested_by_t() -> None:
    groups = [str(place // 10) for place in range(500)]
    row = line(by_stratum(10, groups=groups), "exact_match", "stratum s3")
    assert "clustered by group" in row.change.method
    assert row.level == "pass"
    weights = [1.0 + place % 3 for place in range(500)]
    heavy = line(by_stratum(20, weights=weights), "exact_match", "stratum s3")
    assert heavy.level == "block"


def test_failed_trials_alarm_a_slice_as_wrong_answers_do() -> None:
    old, new = dropped(0)
    new[150:165] = [None] * 15
    row = line(gate(old, new, Setting(strata=STRATA)), "exact_match", "stratum s3")
    assert row.level == "block"
    assert "with failed trials as wrong" in row.reason
    assert row.new.n_missing == 15


def test_a_slice_without_scores_never_passes() -> None:
    references = ["yes"] * 50 + [None] * 50
    setting = Setting(strata=["a"] * 50 + ["b"] * 50, reference=references)
    row = line(gate(replies(("+", 100)), replies(("+", 100)), setting), "exact_match", "stratum b")
    assert row.level == "undecided"


def test_a_slice_on_which_the_new_version_answers_nothing_is_blocked() -> None:
    setting = Setting(strata=["a"] * 20 + ["b"] * 980)
    row = line(
        gate(replies(("+", 1000)), replies(("f", 20), ("+", 980)), setting), "exact_match", "stratum a"
    )
    assert row.level == "block"
    assert row.reason == "a version has no scores on it; with failed trials as wrong: a drop is shown"
    both = gate(replies(("f", 20), ("+", 980)), replies(("f", 20), ("+", 980)), setting)
    open_ = line(both, "exact_match", "stratum a")
    assert (open_.level, open_.reason, both.level) == (
        "undecided",
        "a version has no scores on it",
        "undecided",
    )


def test_a_slice_that_the_metric_does_not_concern_is_told_and_holds_nothing_up() -> None:
    asked = change(replies(("+", 400)), replies(("+", 400)), Setting(strata=["a"] * 200 + ["b"] * 200))
    sides = [_concerning(item, 200) for item in (asked.old, asked.new)]
    found = gate_report(replace(asked, main=replace(asked.main, old=sides[0], new=sides[1])))
    assert [row.slice for row in found.slices] == ["stratum a"]
    assert "1 slice of which exact_match concerns no case: not tested (stratum b)." in found.notes
    assert found.level == "pass"


def _concerning(measured: Measured, first: int) -> Measured:
    """Return a version of which the metric concerns the first cases alone."""
    scored = measured.columns.scores["exact_match"]
    other = np.arange(measured.cases)[:, None] >= first
    scored = Scored(
        value=np.where(other, np.nan, scored.value),
        code=np.where(other, INAPPLICABLE, scored.code).astype(np.int8),
    )
    return replace(measured, columns=replace(measured.columns, scores={"exact_match": scored}))


def test_a_judge_that_nobody_has_calibrated_blocks_no_slice() -> None:
    judge = JudgeReport(metric="exact_match", asks=("j",), models=("m",), version="1", question="?")
    found = by_stratum(10, judges={"exact_match": judge})
    assert line(found, "exact_match", "stratum s3").level == "investigate"


def test_what_may_be_false_among_alarms_is_the_policys() -> None:
    strict = by_stratum(7, GatePolicy(false_discovery=0.01))
    assert line(strict, "exact_match", "stratum s3").level == "pass"
    assert line(by_stratum(7), "exact_match", "stratum s3").level == "block"
