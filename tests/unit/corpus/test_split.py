"""The split."""

import math
from collections import Counter
from collections.abc import Mapping

import pytest

from passmuster.corpus.split import split
from passmuster.errors import UsageError
from passmuster.project.corpora import split_cases
from passmuster.records.case import Case, Split

SHARES: dict[Split, float] = {"train": 0.7, "eval": 0.2, "holdout": 0.1}


def cases(count: int, labels: int = 1) -> list[Case]:
    return [Case(id=f"c{n}", input=f"question {n}", reference=f"label {n % labels}") for n in range(count)]


def sizes(sides: Mapping[str, Split]) -> Counter[Split]:
    return Counter(sides.values())


def test_a_hundred_cases_are_parted_70_20_10() -> None:
    assert sizes(split_cases(cases(100), SHARES)) == {"train": 70, "eval": 20, "holdout": 10}


def test_every_stratum_is_parted_like_the_whole() -> None:
    given = cases(100, labels=5)
    sides = split_cases(given, SHARES)
    counts = Counter((case.reference, sides[case.id]) for case in given)
    assert set(counts.values()) == {14, 4, 2}


def test_the_named_stratum_goes_before_the_reference() -> None:
    given = [Case(id=str(n), input=f"question {n}", reference=n, stratum="ab"[n % 2]) for n in range(20)]
    sides = split_cases(given, SHARES)
    assert Counter((case.stratum, sides[case.id]) for case in given)["a", "train"] == 7


def test_a_hundred_strata_of_three_still_add_up_to_the_shares() -> None:
    found = sizes(split_cases(cases(300, labels=100), SHARES))
    assert all(abs(found[side] - 300 * share) <= 1 for side, share in SHARES.items())


def test_cases_of_one_group_stay_together_across_strata() -> None:
    given = [
        Case(id=str(n), input=f"question {n}", reference=n % 3, group=f"user {n // 4}") for n in range(80)
    ]
    sides = split_cases(given, SHARES)
    for start in range(0, 80, 4):
        assert len({sides[str(n)] for n in range(start, start + 4)}) == 1


def test_near_duplicates_stay_together() -> None:
    text = " ".join(f"word{number}" for number in range(40))
    given = [
        Case(id=f"{n}{twin}", input=f"{text.replace('word', f'w{n}')} {twin}")
        for n in range(30)
        for twin in "ab"
    ]
    sides = split_cases(given, SHARES)
    assert all(sides[f"{n}a"] == sides[f"{n}b"] for n in range(30))


def test_equal_inputs_stay_together_whatever_the_groups_say() -> None:
    given = [Case(id=str(n), input=f"question {n // 2}") for n in range(40)]
    sides = split(given, range(40), SHARES)
    assert all(sides[str(n)] == sides[str(n + 1)] for n in range(0, 40, 2))


def test_another_seed_gives_another_split_of_the_same_sizes() -> None:
    given = cases(100)
    assert split_cases(given, SHARES, seed=1) != split_cases(given, SHARES, seed=2)
    assert sizes(split_cases(given, SHARES, seed=1)) == sizes(split_cases(given, SHARES, seed=2))


def test_each_case_is_in_each_split_as_often_as_its_share_says() -> None:
    given = cases(10)
    held = Counter(
        case
        for seed in range(1000)
        for case, side in split(given, range(10), SHARES, seed).items()
        if side == "eval"
    )
    assert all(abs(held[case.id] - 200) < 5 * math.sqrt(160) for case in given)


def test_a_split_with_no_share_stays_empty() -> None:
    assert sizes(split_cases(cases(7), {"train": 0.0, "eval": 1.0})) == {"eval": 7}


def test_no_cases_give_no_split() -> None:
    assert split_cases([], SHARES) == {}


@pytest.mark.parametrize("shares", [{}, {"train": 0.5}, {"train": 1.5, "eval": -0.5}, {"eval": float("nan")}])
def test_shares_that_do_not_add_up_are_refused(shares: dict[Split, float]) -> None:
    with pytest.raises(UsageError, match="add up to"):
        split_cases(cases(3), shares)


def test_groups_of_another_number_are_refused() -> None:
    with pytest.raises(UsageError, match="2 near-duplicate groups for 3 cases"):
        split(cases(3), [0, 1], SHARES)


def test_a_case_stays_with_the_one_it_was_made_from() -> None:
    cases = [Case(id=str(number), input=f"question {number}") for number in range(60)]
    cases += [Case(id=f"{number}~", input=f"other {number}", parent=str(number)) for number in range(60)]

    sides = split(cases, range(120), seed=3)

    assert {sides[f"{number}~"] == sides[str(number)] for number in range(60)} == {True}
