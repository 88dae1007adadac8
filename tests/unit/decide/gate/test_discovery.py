"""Slices that a tree finds on one half of the cases and the other half tests."""

import numpy as np
import pytest
from tests.unit.decide.gate.two_versions import RULE, laid, measured, signs

from passmuster.decide.gate.attributes import questions
from passmuster.decide.gate.compared import Laid
from passmuster.decide.gate.discovery import LEAF, discovered
from passmuster.records.case import Case
from passmuster.records.gate import GateLine


def _cases(generator: np.random.Generator, number: int) -> list[Case]:
    """Make cases of five strata, two languages, four tags and inputs of all lengths."""
    texts = ("the price of the order is not what it was", "der Preis der Bestellung ist nicht mehr der alte")
    return [
        Case(
            id=str(place),
            input=texts[int(generator.integers(2))] + " x" * int(generator.integers(0, 200)),
            stratum=f"s{generator.integers(5)}",
            tags=tuple(f"t{tag}" for tag in range(4) if generator.random() < 0.4),
        )
        for place in range(number)
    ]


def _drawn(
    generator: np.random.Generator, cases: list[Case], drop: float = 0.0, flip: float = 0.05
) -> tuple[Laid, np.ndarray]:
    """Draw two versions that flip in 5% either way, the new one worse by `drop` in s0 and s1 with the tag t0."""
    number = len(cases)
    hit = np.array([case.stratum in ("s0", "s1") and "t0" in case.tags for case in cases])
    old = generator.random(number) < 0.85
    new = np.where(generator.random(number) < 2 * flip, generator.random(number) < 0.85, old)
    new = new & ~(hit & (generator.random(number) < drop / 0.85))
    return laid(signs(old), signs(new), cases), hit


def _found(main: Laid) -> tuple[GateLine, ...]:
    return discovered(main, RULE, 0.10)


def test_a_slice_that_got_worse_is_found_and_its_figures_are_of_the_other_half() -> None:
    generator = np.random.default_rng(11)
    cases = _cases(generator, 1000)
    main, hit = _drawn(generator, cases, drop=0.6)
    found = _found(main)
    assert found
    first = found[0]
    assert first.discovered
    assert (first.level, first.role) == ("investigate", "edge")
    assert "tag 't0'" in (first.slice or "")
    assert first.change.value is not None
    assert -0.75 < first.change.value < -0.2
    assert first.change.low is not None
    assert first.change.high is not None
    assert first.change.low < first.change.value < first.change.high < 0
    assert LEAF <= first.change.n < hit.sum()
    assert first.old.n == first.new.n == first.change.n
    assert first.p is not None
    assert first.adjusted_p is not None
    assert first.p <= first.adjusted_p <= 0.10


def test_the_same_cases_give_the_same_slices() -> None:
    generator = np.random.default_rng(11)
    main, _ = _drawn(generator, _cases(generator, 600), drop=0.6)
    assert _found(main) == _found(main)


@pytest.mark.parametrize("number", [0, 10, 4 * LEAF - 1])
def test_too_few_cases_are_not_searched(number: int) -> None:
    generator = np.random.default_rng(1)
    cases = _cases(generator, number) or [Case(id="0", input="x")]
    main = laid("+" * len(cases), "-" * len(cases), cases)
    assert _found(main) == ()


def test_a_slice_that_got_better_is_no_finding() -> None:
    cases = [Case(id=str(place), input="x", stratum="a" if place % 4 else "b") for place in range(400)]
    better = "".join("-+"[case.stratum == "a"] for case in cases)
    assert _found(laid(better, "+" * 400, cases)) == ()
    assert len(_found(laid("+" * 400, better, cases))) == 1


def test_cases_of_a_group_are_on_one_side() -> None:
    """Ten groups of 40, of which one got worse: as cases they would be a clear slice, as groups they are two units."""
    cases = [Case(id=str(place), input="x", stratum=f"s{place // 40}") for place in range(400)]
    groups = [place // 40 for place in range(400)]
    new = "-" * 40 + "+" * 360
    main = Laid(
        cases=cases, old=measured("+" * 400, groups=groups), new=measured(new, name="new", groups=groups)
    )
    assert len(_found(laid("+" * 400, new, cases))) == 1
    assert _found(main) == ()


def test_a_tree_may_ask_what_splits_the_cases_and_nothing_rare() -> None:
    cases = [
        Case(
            id=str(place),
            input="x" * place,
            stratum="rare" if place < 5 else "usual",
            tags=("t",) * (place % 2),
        )
        for place in range(100)
    ]
    asked = questions(cases, np.ones(100, dtype=np.bool_), 20)
    assert [each.yes for each in asked] == [
        "tag 't'", "input over 24 characters", "input over 49 characters", "input over 74 characters"
    ]  # fmt: skip
    assert asked[0].no == "no tag 't'"


def test_two_equal_versions_seldom_have_a_found_slice() -> None:
    """120 draws of 400 cases, seed 21; 20 or more would have a chance below 1% if it were 10%."""
    generator = np.random.default_rng(21)
    cases = _cases(generator, 400)
    assert sum(bool(_found(_drawn(generator, cases, flip=0.1)[0])) for _ in range(120)) < 20


def test_of_very_many_cases_some_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(11)
    main, _ = _drawn(generator, _cases(generator, 2400), drop=0.6)
    whole = _found(main)[0]
    monkeypatch.setattr("passmuster.decide.gate.discovery.MOST", 800)
    some = _found(main)[0]
    assert some.change.n < whole.change.n / 2
    assert "t0" in (some.slice or "")
