"""What the rows of a gate say together."""

from dataclasses import replace

import pytest
from tests.unit.decide.gate.changes import Asked, Setting, change, gate, line, replies

from passmuster.decide.gate.compared import Triage
from passmuster.decide.gate.report import gate_report
from passmuster.records.gate import GateLine, GatePolicy, ModeCheck, fails
from passmuster.records.score import Estimate

ALL_RIGHT = replies(("+", 400))
NONE = Estimate(value=None)


def test_a_change_that_makes_nothing_worse_passes() -> None:
    found = gate(ALL_RIGHT, ALL_RIGHT)
    assert (found.level, found.finding, found.reasons, found.more_cases) == ("pass", "noise", (), None)
    assert found.sentence == (
        "new is not shown to be worse in anything on 400 cases, and drops that matter are excluded."
    )


def test_a_change_that_makes_things_worse_is_systematic_and_the_gravest_comes_first() -> None:
    found = gate(ALL_RIGHT, replies(("-", 60), ("+", 340)), now=Asked(seconds=1.0))
    assert (found.level, found.finding) == ("block", "systematic")
    assert found.reasons[0].startswith("exact_match: 1.00 to 0.85 (-15.0 points")
    assert found.reasons[-1] == "latency_p50: the old version has no times"
    assert found.sentence.startswith("new must not go out as it is: exact_match: 1.00 to 0.85")
    assert fails(found)


def test_the_very_same_trials_pass_however_few_they_are_and_say_that_nothing_was_asked() -> None:
    few = replies(("+", 20))
    assert gate(few, few).level == "undecided"
    found = gate_report(replace(change(few, few), unasked=True))
    assert (found.level, found.finding, found.more_cases) == ("pass", "noise", None)
    assert (
        found.sentence
        == "new is as it was frozen, and was not asked since: there is no change to hold against it."
    )


def test_the_very_same_trials_do_not_pass_where_they_say_nothing() -> None:
    nothing = replies(("f", 20))
    assert gate_report(replace(change(nothing, nothing), unasked=True)).level == "undecided"


def test_what_cannot_be_told_names_the_cases_that_would_tell() -> None:
    found = gate(replies(("+", 40), ("-", 10)), replies(("+", 36), ("-", 4), ("+", 3), ("-", 7)))
    row = line(found, "exact_match")
    assert (found.level, found.finding) == ("undecided", "unknown")
    assert row.more_cases is not None
    assert found.more_cases is not None
    assert found.more_cases >= row.more_cases
    assert f"About {found.more_cases:,} more cases would tell." in found.sentence
    assert not fails(found)


def test_a_drop_that_is_excluded_only_at_the_upper_margin_is_noise_that_is_looked_into() -> None:
    old, new = replies(("+", 500), ("-", 100)), replies(("-", 14), ("+", 486), ("+", 8), ("-", 92))
    found = gate(old, new)
    assert (found.level, found.finding) == ("investigate", "noise")
    assert not fails(found)
    assert fails(found, "investigate")
    assert fails(replace(found, policy=GatePolicy(fail_on="investigate")))


def test_a_row_to_look_into_fails_a_strict_gate_though_another_row_is_undecided() -> None:
    old, new = replies(("+", 500), ("-", 100)), replies(("-", 14), ("+", 486), ("+", 8), ("-", 92))
    found = gate(old, new, now=Asked(seconds=1.0))
    assert found.level == "undecided"
    assert not fails(found)
    assert fails(found, "investigate")


@pytest.mark.parametrize(("age", "level"), [(10.0, "pass"), (100.0, "refused"), (None, "refused")])
def test_a_baseline_that_is_too_old_is_no_baseline(age: float | None, level: str) -> None:
    setting = Setting(policy=GatePolicy(baseline_age=90 * 86_400.0), age_days=age)
    found = gate(ALL_RIGHT, ALL_RIGHT, setting)
    assert found.level == level
    assert found.finding == ("noise" if level == "pass" else "unknown")


def test_the_age_of_a_baseline_is_no_bar_where_none_is_set() -> None:
    assert gate(ALL_RIGHT, ALL_RIGHT, Setting(age_days=4000.0)).level == "pass"


def test_regression_cases_are_a_hard_gate() -> None:
    failed = ModeCheck(mode="invented refunds", level="block", cases=3, failed=("r1", "r2"))
    found = gate(ALL_RIGHT, ALL_RIGHT, Setting(triage=Triage(modes=(failed,))))
    assert (found.level, found.finding) == ("block", "systematic")
    assert found.reasons[0] == "failure mode invented refunds: 2 of 3 regression cases fail"
    unsteady = ModeCheck(mode="m", level="investigate", cases=3)
    once = gate(ALL_RIGHT, ALL_RIGHT, Setting(triage=Triage(modes=(unsteady,))))
    assert once.reasons == ("failure mode m: a regression case failed, and did not when it was asked again",)
    untested = ModeCheck(mode="m", level="undecided", cases=1, untested=("r1",))
    open_ = gate(ALL_RIGHT, ALL_RIGHT, Setting(triage=Triage(modes=(untested,))))
    assert (open_.level, open_.finding) == ("undecided", "unknown")


def test_what_holds_nothing_up_is_not_what_the_gate_fails_by() -> None:
    found = gate(ALL_RIGHT, ALL_RIGHT)
    longer = GateLine(
        name="latency_p50",
        kind="latency",
        level="refused",
        counts_as="investigate",
        old=NONE,
        new=NONE,
        change=NONE,
    )
    report = replace(found, lines=(*found.lines, longer), level="investigate")
    assert not fails(report)
    assert fails(report, "investigate")
    assert not fails(
        replace(report, level="refused", lines=(replace(longer, counts_as=None),)), "investigate"
    )


def test_what_a_user_is_told_wrongly_comes_before_what_it_takes() -> None:
    mode = ModeCheck(mode="m", level="block", cases=1, failed=("r1",))
    found = gate(
        replies(("+", 400)),
        replies(("-", 60), ("+", 340)),
        Setting(
            triage=Triage(modes=(mode,), level="block", finding="systematic", reasons=("c fails for good",))
        ),
        before=Asked(seconds=1.0),
        now=Asked(seconds=2.0),
    )
    assert line(found, "latency_p50").level == "block"
    assert found.reasons[0] == "failure mode m: 1 of 1 regression case fails"
    assert found.reasons[1] == "c fails for good"
    assert found.reasons[2].startswith("exact_match: ")
    assert found.sentence == f"new must not go out as it is: {found.reasons[0]}."


def test_a_long_name_does_not_hide_what_is_said_of_it() -> None:
    row = replace(gate(ALL_RIGHT, ALL_RIGHT).lines[0], slice="s" * 10_000, level="investigate", reason="why")
    mode = ModeCheck(mode="m" * 10_000, level="block", cases=1, failed=("r",))
    found = gate(ALL_RIGHT, ALL_RIGHT, Setting(triage=Triage(modes=(mode,), discovered=(row,))))
    assert [len(each) < 200 for each in found.reasons] == [True, True]
    assert found.reasons[0].endswith("\N{HORIZONTAL ELLIPSIS}: 1 of 1 regression case fails")
    assert found.reasons[1].endswith("\N{HORIZONTAL ELLIPSIS}: why")


def test_what_asking_again_found_is_part_of_the_whole() -> None:
    lasting = Triage(level="block", finding="systematic", reasons=("10 cases fail for good",), notes=("n",))
    found = gate(ALL_RIGHT, ALL_RIGHT, Setting(triage=lasting))
    assert (found.level, found.finding, found.reasons) == ("block", "systematic", ("10 cases fail for good",))
    assert "n" in found.notes


def test_flips_that_did_not_last_settle_the_finding_and_not_the_level() -> None:
    old, new = replies(("+", 40), ("-", 10)), replies(("+", 36), ("-", 4), ("+", 3), ("-", 7))
    found = gate(old, new, Setting(triage=Triage(level="pass", finding="noise", settled=True)))
    assert (found.level, found.finding) == ("undecided", "noise")


def test_slices_that_were_found_are_slices() -> None:
    row = GateLine(
        name="exact_match",
        kind="quality",
        level="block",
        old=NONE,
        new=NONE,
        change=NONE,
        slice="tag long",
        discovered=True,
        adjusted_p=0.01,
        reason="a drop is shown",
    )
    found = gate(ALL_RIGHT, ALL_RIGHT, Setting(triage=Triage(discovered=(row,))))
    assert found.slices == (row,)
    assert (found.level, found.finding) == ("block", "systematic")
