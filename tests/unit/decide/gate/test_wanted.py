"""Which cases are asked again, of whom and how often."""

from tests.unit.decide.gate.two_versions import TASK, laid

from passmuster.decide.gate.triage import Cases
from passmuster.decide.gate.wanted import wanted
from passmuster.records.case import Case


def _regression(*ids: str) -> list[Case]:
    return [Case(id=name, input=name, category="regression") for name in ids]


def test_flips_both_ways_are_asked_of_both_and_what_got_worse_comes_first() -> None:
    found = wanted(TASK, Cases(main=laid("++-+", "+-+f")), sample=0)
    assert list(found.old.items()) == [("1", 3), ("3", 3), ("2", 3)]
    assert found.new == found.old


def test_regression_cases_that_failed_are_asked_of_the_new_version_though_the_old_one_failed_too() -> None:
    apart = {"regression": laid("-+ +", "-+ ?", _regression("a", "b", "c", "d"))}
    found = wanted(TASK, Cases(main=laid("++", "++"), apart=apart), times=5, sample=0)
    assert (found.old, found.new) == ({}, {"a": 5, "d": 5}), "a case that was never asked is the run's"


def test_the_sample_does_not_depend_on_what_was_said() -> None:
    first = wanted(TASK, Cases(main=laid("+" * 300, "-" * 300)), sample=40)
    other = wanted(TASK, Cases(main=laid("-" * 300, "-" * 300)), sample=40)
    assert first.twice == other.twice
    assert len(first.twice) == 40
    assert set(first.twice) != set(list(first.old)[:40])


def test_stored_repeats_make_a_sample_needless_and_few_cases_are_all_drawn() -> None:
    assert wanted(TASK, Cases(main=laid(["++", "+-"], ["++", "++"]))).twice == ()
    assert set(wanted(TASK, Cases(main=laid("+-?+", "++++"))).twice) == {"0", "1", "3"}
