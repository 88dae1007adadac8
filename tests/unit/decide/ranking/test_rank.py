"""A ranking says who may be the best, what it cannot tell, and what to do about it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.decide.ranking.drawing import drawn_choices

from passmuster.decide.ranking.rank import Whose, ranking
from passmuster.records.ranking import Ranking
from passmuster.records.rating import Choice, Chosen
from passmuster.stats.bradley_terry import ELO_STEP

WHOSE = Whose(metric="better")
THREE: Mapping[str, float] = {"large": 1.0, "middle": 0.0, "small": -1.0}


def said(found: Ranking, words: str) -> bool:
    """Say whether a remark has these words."""
    return any(words in text for text in found.remarks)


def test_the_strongest_comes_first_with_the_ranks_that_it_may_have() -> None:
    found = ranking(drawn_choices(THREE, cases=600), WHOSE)
    assert [row.candidate for row in found.candidates] == ["large", "middle", "small"]
    assert [(row.first, row.last) for row in found.candidates] == [(1, 1), (2, 2), (3, 3)]
    assert sum(row.strength.value or 0 for row in found.candidates) == pytest.approx(0, abs=1e-9)
    for row in found.candidates:
        assert row.strength.low is not None
        assert row.strength.low < THREE[row.candidate] < (row.strength.high or 0)
        assert row.elo.value == pytest.approx(1000 + ELO_STEP * (row.strength.value or 0))
        assert row.wins + row.ties + row.losses == row.points.n


def test_equals_share_all_ranks() -> None:
    found = ranking(drawn_choices(dict.fromkeys("abc", 0.0), cases=60), WHOSE)
    assert [(row.first, row.last) for row in found.candidates] == [(1, 3)] * 3


def test_everything_that_a_figure_rests_on_is_named() -> None:
    found = ranking(drawn_choices(THREE, cases=50, each=2, raters=4), WHOSE)
    assert (found.choices, found.cases, len(found.raters)) == (
        len(found.meetings) and 100 - sum(found.left_out.values()),
        50,
        4,
    )
    assert found.clustered == ("case", "rater")
    assert found.date == "2025-10-09"
    assert found.method == "Bradley-Terry, cluster-robust by case and rater"


def test_one_rater_is_not_taken_for_all() -> None:
    found = ranking(drawn_choices(THREE, cases=50, raters=1), WHOSE)
    assert found.clustered == ("case",)
    assert said(found, "the choices are of one rater")


def test_raters_who_agree_on_a_case_do_not_narrow_the_interval() -> None:
    once = drawn_choices(THREE, cases=150, raters=1)
    copies = [replace(each, rater=f"copy {number}") for each in once for number in range(8)]
    one, eight = ranking(once, WHOSE), ranking(copies, WHOSE)
    for narrow, wide in zip(eight.candidates, one.candidates, strict=True):
        assert narrow.strength.low is not None
        assert narrow.strength.low == pytest.approx(wide.strength.low or 0, abs=0.1)


def test_groups_that_never_met_are_ranked_apart_and_a_pair_to_compare_is_named() -> None:
    choices = drawn_choices({"a": 0.0, "b": 0.0, "c": 0.0}, cases=60)
    choices += drawn_choices({"y z": 0.0, "x": 0.0}, cases=40, seed=2)
    found = ranking(choices, WHOSE)
    assert found.islands == (("a", "b", "c"), ("x", "y z"))
    assert len(found.connect) == 1
    assert {row.island for row in found.candidates} == {0, 1}
    assert max(row.last or 0 for row in found.candidates if row.island == 1) == 2
    assert said(found, "no common scale")
    assert said(found, "passmuster rate draw --pairs 50 --only ")


def test_a_name_with_a_blank_is_quoted_in_the_command() -> None:
    one = drawn_choices({"a": 0.0, "b": 0.0}, cases=30)
    found = ranking(one + drawn_choices({"x $(rm)": 0.0, "x $(cat)": 0.0}, cases=30), WHOSE)
    assert said(found, "--only 'x $(")


def test_who_never_lost_has_no_interval_and_it_is_said() -> None:
    choices = [
        each
        for each in drawn_choices(THREE, cases=200)
        if "large" not in {each.first_by, each.second_by}
        or (each.chosen == "first") == (each.first_by == "large")
    ]
    found = ranking(choices, WHOSE)
    best = found.candidates[0]
    assert (best.candidate, best.first, best.strength.low) == ("large", None, None)
    assert best.points.value == 1.0
    assert best.points.low is not None
    assert best.strength.note is not None
    assert found.ladders == (("large",), ("middle", "small"))
    assert said(found, "no point was ever lost downwards in large over middle and small")
    assert all(
        text[0].islower() and text.split()[0] not in THREE for text in found.remarks
    )  # no name is capitalised


def test_a_place_that_moves_raters_is_found() -> None:
    found = ranking(drawn_choices(THREE, cases=800, first=0.7), WHOSE)
    assert found.position is not None
    assert found.position.share is not None
    assert (found.position.share.low or 0) < 0.668 < (found.position.share.high or 1)  # 1 / (1 + exp(-0.7))
    assert said(found, "the one shown first is preferred")


def test_a_place_that_moves_nobody_is_not_accused() -> None:
    accused = [
        said(ranking(drawn_choices(THREE, cases=200, seed=seed), WHOSE), "is preferred in")
        for seed in range(60)
    ]
    assert sum(accused) <= 8  # 3 of 60 by chance; more than 8: 1 in 300


def test_a_place_that_is_always_the_same_candidates_cannot_be_told() -> None:
    turned = [
        each if (each.first_by or "") < (each.second_by or "") else turned_round(each)
        for each in drawn_choices({"a": 0.3, "b": 0.0}, cases=80)
    ]
    found = ranking(turned, WHOSE)
    assert found.position is None
    assert said(found, "random order")
    assert found.candidates[0].strength.low is not None


@pytest.mark.parametrize("place", ["first", "second"])
def test_a_judge_that_always_names_the_same_place_is_found(place: Chosen) -> None:
    said_so = [replace(each, chosen=place) for each in drawn_choices(THREE, cases=30)]
    found = ranking([*said_so, *(replace(turned_round(each), chosen=place) for each in said_so)], WHOSE)
    assert said(
        found, f"the place decides: wherever candidates are near, the reply shown {place} is preferred"
    )
    assert not said(found, "random order")


def test_where_one_never_lost_a_random_order_is_not_asked_for() -> None:
    choices = drawn_choices({"a": 0.0, "b": 0.0}, cases=30)
    found = ranking(
        [replace(each, chosen="first" if each.first_by == "a" else "second") for each in choices], WHOSE
    )
    assert said(found, "cannot be told while a candidate never lost")
    assert not said(found, "random order")
    assert said(found, "those shown say the order only")


@pytest.mark.parametrize("chosen", ["tie", "first"])
def test_what_every_case_says_alike_is_not_certain(chosen: Chosen) -> None:
    """Ties only, or a judge that contradicts itself on every case: no case differs, and ten are still few."""
    one = [replace(each, chosen=chosen) for each in drawn_choices({"a": 0.0, "b": 0.0}, cases=10)]
    other = [replace(turned_round(each), chosen=chosen, kind="machine") for each in one]
    found = ranking([*(replace(each, kind="machine") for each in one), *other], WHOSE)
    for row in found.candidates:
        assert row.strength.low is not None
        assert row.strength.low < -0.4
        assert (row.first, row.last) == (1, 2)


def test_raters_who_always_take_the_longer_reply_are_found_although_the_effect_has_no_bound() -> None:
    choices = drawn_choices({"a": 0.0, "b": 0.0}, cases=60)
    digests = sorted({each for choice in choices for each in (choice.first, choice.second)})
    texts = {each: "x" * (1 + number * 7919 % 997) for number, each in enumerate(digests)}
    longer = [
        replace(each, chosen="first" if len(texts[each.first]) > len(texts[each.second]) else "second")
        for each in choices
    ]
    found = ranking(longer, WHOSE, texts=texts)
    assert said(found, "raters prefer more length without exception")


def test_marks_of_style_that_move_nobody_are_rarely_accused_of_it() -> None:
    """At most one of 20 rankings accuses any of four marks: more than 8 of 80 have a chance below 1 in 100."""
    accused = 0
    for seed in range(80):
        rng = np.random.default_rng([seed, 9])
        choices = drawn_choices({"a": 0.3, "b": 0.0, "c": -0.3}, cases=200, seed=seed)
        digests = {each: None for choice in choices for each in (choice.first, choice.second)}
        texts = {
            each: "\n".join(
                line * int(rng.integers(0, 4)) for line in ("- item\n", "# head\n", "**bold** ", "word ")
            )
            for each in digests
        }
        accused += said(ranking(choices, WHOSE, texts=texts), "raters prefer")
    assert accused <= 8


def turned_round(choice: Choice) -> Choice:
    """Return the same choice as if the replies had been shown the other way round."""
    turned: Mapping[str | None, Chosen] = {"first": "second", "second": "first", "tie": "tie"}
    return replace(
        choice,
        first=choice.second,
        second=choice.first,
        first_by=choice.second_by,
        second_by=choice.first_by,
        chosen=turned[choice.chosen],
    )


def test_style_is_looked_at_only_where_replies_are_given() -> None:
    choices = drawn_choices(THREE, cases=200)
    assert ranking(choices, WHOSE).styled is None
    texts = {
        each: "word " * (3 + len(each) % 7) for choice in choices for each in (choice.first, choice.second)
    }
    found = ranking(choices, WHOSE, texts=texts)
    assert found.styled == found.choices
    assert [each.name for each in found.style] == ["length"]  # no reply has lists, headings or bold print
    assert all(row.adjusted is not None for row in found.candidates)


def test_replies_that_are_not_stored_are_counted() -> None:
    choices = drawn_choices(THREE, cases=200)
    digests = sorted({each for choice in choices for each in (choice.first, choice.second)})
    texts = {each: "x" * (1 + number % 9) for number, each in enumerate(digests) if number % 4}
    found = ranking(choices, WHOSE, texts=texts)
    assert found.styled is not None
    assert 0 < found.styled < found.choices
    assert said(found, f"style is known of {found.styled}")
    assert ranking(choices, WHOSE, texts={}).style == ()


def test_style_that_is_who_it_is_cannot_be_told_from_it() -> None:
    choices = drawn_choices({"a": 0.5, "b": 0.0}, cases=100)
    texts = {
        each: "x" * (30 if each.startswith("a") else 10) for c in choices for each in (c.first, c.second)
    }
    found = ranking(choices, WHOSE, texts=texts)
    assert found.style == ()
    assert found.candidates[0].adjusted is not None
    assert found.candidates[0].adjusted.value is None


@pytest.mark.parametrize("time", [None, 1e300, -1e300, float("nan")])
def test_a_time_that_no_calendar_has_is_no_date(time: float | None) -> None:
    choices = [replace(each, time=time) for each in drawn_choices(THREE, cases=20)]
    assert ranking(choices, WHOSE).date is None


def test_nothing_that_can_be_used_is_an_empty_ranking() -> None:
    found = ranking([replace(each, chosen=None) for each in drawn_choices(THREE, cases=5)], WHOSE)
    assert (found.candidates, found.choices, found.islands) == ((), 0, ())
    assert sum(found.left_out.values()) == 5


def test_one_choice_raises_nothing() -> None:
    found = ranking(drawn_choices({"a": 0.0, "b": 0.0}, cases=1), WHOSE, texts={})
    assert len(found.candidates) == 2


def test_the_same_choices_give_the_same_ranking() -> None:
    choices = drawn_choices(THREE, cases=100)
    assert ranking(choices, WHOSE) == ranking(choices, WHOSE)


def test_ranks_of_equals_are_told_apart_in_few_rankings_however_many_pairs_there_are() -> None:
    told_apart = 0
    for seed in range(60):
        found = ranking(drawn_choices(dict.fromkeys("abcdef", 0.0), cases=150, raters=1, seed=seed), WHOSE)
        told_apart += any((row.first, row.last) != (1, 6) for row in found.candidates)
    assert told_apart <= 9  # 3 of 60 by chance; more than 9: 1 in 1,000. Pair by pair it would be some 20
