"""Quality and failures of a change, held against two margins."""

from dataclasses import replace

import pytest
from tests.unit.decide.gate.changes import EXACT, Setting, Text, change, gate, line, replies

from passmuster.decide.gate.lines import margins_of
from passmuster.decide.gate.report import gate_report
from passmuster.metrics.registry import build_metric
from passmuster.records.gate import GatePolicy
from passmuster.records.judged import JudgeReport
from passmuster.records.task import MetricSpec
from passmuster.stats.families import holm
from passmuster.stats.paired import tango_p_inferior, tango_p_noninferior

SANITY = MetricSpec(name="words", kind="exact_match", role="sanity")


def test_both_margins_and_no_change_are_tested_on_the_pairs() -> None:
    found = gate(replies(("+", 350), ("-", 50)), replies(("+", 338), ("-", 12), ("+", 5), ("-", 45)))
    row = line(found, "exact_match")
    assert row.change.value == pytest.approx(-7 / 400)
    assert row.p == pytest.approx(tango_p_inferior(5, 12, 400, 0.0))
    assert row.p_investigate == pytest.approx(tango_p_noninferior(5, 12, 400, 0.02))
    assert row.p_block == pytest.approx(tango_p_noninferior(5, 12, 400, 0.05))


@pytest.mark.parametrize(
    ("lost", "won", "level"),
    [(2, 2, "pass"), (14, 8, "investigate"), (50, 4, "block"), (70, 54, "undecided")],
)
def test_what_is_excluded_and_what_is_shown_make_the_level(lost: int, won: int, level: str) -> None:
    old = replies(("+", 500), ("-", 100))
    new = replies(("-", lost), ("+", 500 - lost), ("+", won), ("-", 100 - won))
    row = line(gate(old, new), "exact_match")
    assert row.level == level
    assert (row.more_cases is not None) == (level == "undecided")


def test_a_drop_that_is_shown_and_too_small_to_matter_passes_and_is_told() -> None:
    old = replies(("+", 3000))
    new = replies(("-", 20), ("+", 2980))
    row = line(gate(old, new), "exact_match")
    assert row.level == "pass"
    assert "though a drop is shown" in row.reason


def test_margins_are_the_policys() -> None:
    old, new = replies(("+", 600)), replies(("-", 50), ("+", 550))
    assert line(gate(old, new), "exact_match").level == "block"
    mild = Setting(policy=GatePolicy(investigate=0.05, block=0.15))
    row = line(gate(old, new, mild), "exact_match")
    assert row.level == "investigate"
    assert "a drop of 15 points is excluded, one of 5 points is not, and a drop is shown" in row.reason


def test_worse_is_corrected_over_all_rows_that_are_part_of_the_verdict() -> None:
    twice = Setting(specs=(EXACT, replace(EXACT, name="again"), SANITY))
    found = gate(replies(("+", 300), ("-", 100)), replies(("-", 9), ("+", 291), ("+", 1), ("-", 99)), twice)
    rows = [row for row in found.lines if not row.sanity]
    names = ["exact_match", "again", "failure_rate", "cost_per_task", "cost_per_success"]
    assert [row.name for row in rows] == names
    assert [row.adjusted_p for row in rows] == pytest.approx(holm([row.p for row in rows]))
    assert rows[0].adjusted_p == pytest.approx(5 * (rows[0].p or 0), rel=0.3)
    assert line(found, "words").adjusted_p is None


def test_a_metric_for_sanity_is_shown_and_weighs_nothing() -> None:
    beside = Setting(specs=(MetricSpec(name="same", kind="length"), replace(SANITY)))
    found = gate(replies(("+", 400)), replies(("-", 200), ("+", 200)), beside)
    row = line(found, "words")
    assert (row.level, row.sanity) == ("pass", True)
    assert row.change.value == pytest.approx(-0.5)
    assert not any(reason.startswith("words") for reason in found.reasons)


def test_a_gate_without_a_metric_of_the_verdict_never_passes() -> None:
    found = gate(replies(("+", 400)), replies(("+", 400)), Setting(specs=(SANITY,)))
    assert (found.level, found.finding) == ("undecided", "unknown")
    assert any("no metric of the verdict" in reason for reason in found.reasons)


def test_failed_trials_count_as_wrong_and_have_a_row_of_their_own() -> None:
    found = gate(replies(("+", 500)), replies(("+", 450), ("f", 50)))
    quality, failures = line(found, "exact_match"), line(found, "failure_rate")
    assert quality.level == failures.level == "block"
    assert quality.change.n == 450
    assert "1.00 and 1.00 (+0.0 points" in quality.reason
    assert "-10.0 points with failed trials as wrong" in quality.reason
    assert failures.old.value == 0.0
    assert failures.new.value == pytest.approx(0.1)
    assert "a rise is shown" in failures.reason


def test_a_metric_that_cannot_be_read_never_passes() -> None:
    nothing = Setting(reference=None)
    found = gate(replies(("+", 500)), replies(("+", 500)), nothing)
    assert line(found, "exact_match").level == "undecided"
    assert found.level == "undecided"


def test_a_version_that_answers_nothing_is_not_passed() -> None:
    found = gate(replies(("+", 300)), replies(("f", 300)))
    assert line(found, "exact_match").level == "block"
    assert found.finding == "systematic"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ((("f", 300),), (("f", 300),), "neither version has scores"),
        ((("f", 300),), (("+", 300),), "the old version has no scores"),
    ],
)
def test_a_figure_that_is_missing_never_passes(
    old: tuple[tuple[str, int], ...], new: tuple[tuple[str, int], ...], why: str
) -> None:
    found = gate(replies(*old), replies(*new))
    row = line(found, "exact_match")
    assert (row.level, row.reason) == ("undecided", why)
    assert (found.level, found.finding) == ("undecided", "unknown")


def test_as_many_failures_as_before_let_nothing_through_that_answers_nothing() -> None:
    row = line(gate(replies(("f", 300)), replies(("f", 300))), "failure_rate")
    assert (row.level, row.reason) == ("undecided", "the new version answers nothing")
    assert line(gate(replies(("f", 300)), replies(("+", 300))), "failure_rate").level == "pass"


def test_cases_without_a_reference_are_told_to_be_these() -> None:
    setting = Setting(reference=[None] * 20 + ["yes"] * 480)
    row = line(gate(replies(("+", 500)), replies(("+", 500)), setting), "exact_match")
    assert "20 cases left out: without a reference" in row.reason


def test_margins_are_in_the_unit_of_the_row() -> None:
    found = gate(replies(("+", 300)), replies(("+", 300)), Setting(strata=["a", "b"] * 150))
    assert {row.margins for row in (*found.lines, *found.slices) if row.kind != "cost"} == {(0.02, 0.05)}
    assert line(found, "cost_per_task").margins is None


def test_cases_that_only_one_version_was_asked_are_counted_and_left_out() -> None:
    found = gate(replies(("+", 300)), replies(("+", 260), (" ", 40)))
    assert found.cases == 260
    assert found.left_out == {"asked of one version only": 40}
    row = line(found, "exact_match")
    assert (row.old.n, row.new.n, row.old.n_missing) == (260, 260, 0)


def test_no_common_case_at_all_is_undecided_and_not_an_error() -> None:
    found = gate(replies(("+", 20), (" ", 20)), replies((" ", 20), ("+", 20)))
    assert (found.cases, found.level) == (0, "undecided")


def test_less_is_better_of_some_metrics() -> None:
    fewer = MetricSpec(name="gave_up", kind="gave_up")
    old = ["Here is the answer, in full."] * 400
    new = [" "] * 60 + old[:340]
    found = gate(old, new, Setting(specs=(fewer, EXACT)))
    row = line(found, "gave_up")
    assert (row.direction, row.level) == ("lower", "block")
    assert "a rise is shown" in row.reason
    back = line(gate(new, old, Setting(specs=(fewer, EXACT))), "gave_up")
    assert back.level == "pass"


def test_grouped_cases_are_no_cases_of_their_own() -> None:
    old = replies(("+", 300))
    new = replies(("-", 15), ("+", 285))
    alone = line(gate(old, new), "exact_match")
    groups = [str(place // 15) for place in range(300)]
    together = line(gate(old, new, Setting(groups=groups)), "exact_match")
    assert alone.level == "block"
    assert together.level == "undecided"
    assert "clustered by group" in together.change.method


def test_cases_weigh_what_they_stand_for() -> None:
    old, new = replies(("+", 400)), replies(("-", 20), ("+", 380))
    weights = [10.0] * 20 + [1.0] * 380
    assert line(gate(old, new), "exact_match").change.value == pytest.approx(-0.05)
    heavy = line(gate(old, new, Setting(weights=weights)), "exact_match")
    assert heavy.change.value == pytest.approx(-200 / 580)
    assert heavy.level == "block"


def test_macro_f1_is_what_labels_are_held_to() -> None:
    labels = MetricSpec(name="f1", kind="f1_per_class")
    truths = ["a", "b", "c", "a"] * 75
    setting = Setting(specs=(labels,), reference=truths)
    rare = [text if text != "c" else "a" for text in truths]
    row = line(gate(truths, rare, setting), "f1")
    assert row.level == "block"
    assert row.change.value == pytest.approx(-(1 - (2 * 150 / 375 + 1) / 3), abs=1e-6)
    assert line(gate(truths, truths, setting), "f1").level == "pass"


def test_a_judge_that_nobody_has_calibrated_lets_nothing_through() -> None:
    judges = {
        "exact_match": JudgeReport(
            metric="exact_match", asks=("j",), models=("m",), version="1", question="?"
        )
    }
    found = gate(replies(("+", 500)), replies(("+", 500)), Setting(judges=judges))
    row = line(found, "exact_match")
    assert row.level == "undecided"
    assert row.reason


def test_the_same_candidate_at_two_times_is_held_against_itself() -> None:
    """A bar against the incumbent is met by the incumbent without a look; a gate must look."""
    old, new = replies(("+", 500)), replies(("-", 60), ("+", 440))
    assert gate_report(change(old, new, names=("same", "same"))).level == "block"


def test_without_a_scale_margins_are_parts_of_the_old_value() -> None:
    """Of a LIX of about 30, 2 points of a share would be nothing; a fiftieth of it is 0.6."""
    lix = MetricSpec(name="lix", kind="readability")
    old = [f"The cat number {place} sat on the mat. It was warm there. " * 3 for place in range(60)]
    new = [text.replace("warm", "extraordinarily comfortable") for text in old]
    setting = Setting(specs=(lix,))
    same = line(gate(old, old, setting), "lix")
    assert (same.level, same.direction) == ("pass", "lower")
    assert "of the scale" in same.reason
    worse = line(gate(old, new, setting), "lix")
    assert worse.level == "block"
    margin = margins_of(build_metric(lix), GatePolicy(), worse.old.value)
    assert margin == pytest.approx((0.02 * (worse.old.value or 0), 0.05 * (worse.old.value or 0)))


@pytest.mark.parametrize(("unread", "level"), [(3, "pass"), (4, "undecided"), (50, "undecided")])
@pytest.mark.parametrize("reply", ["...", None])
def test_values_that_the_new_version_lost_are_not_passed_over(
    unread: int, level: str, reply: str | None
) -> None:
    lix = MetricSpec(name="lix", kind="readability")
    old: list[Text] = [f"The cat number {place} sat on the mat. It was warm. " * 3 for place in range(60)]
    row = line(gate(old, [*[reply] * unread, *old[unread:]], Setting(specs=(lix,))), "lix")
    assert row.level == level
    if level == "undecided":
        assert row.reason == f"{unread} of 60 cases with a value of the old version have none of the new one"


def test_a_part_of_nothing_cannot_be_told() -> None:
    assert margins_of(build_metric(MetricSpec(name="lix", kind="readability")), GatePolicy(), 0.0) is None
