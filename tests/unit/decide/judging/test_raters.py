"""Rater consistency: hand-computed figures, textbook ones, and faults that are planted and found."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pytest

from passmuster.decide.judging.looks import SAME, STALE, UNKNOWN, Look, looks_of
from passmuster.decide.judging.raters import CHOICES, RaterScale, rater_agreement
from passmuster.records.case import Case, case_digest
from passmuster.records.raters import RaterAgreement, RaterFigures
from passmuster.records.rating import Choice, Chosen, Rating

BINARY = RaterScale(bounds=(0.0, 1.0), values=(0.0, 1.0))
STEPS = RaterScale(bounds=(1.0, 5.0), values=(1.0, 2.0, 3.0, 4.0, 5.0))


class Said(NamedTuple):
    case: int
    rater: str
    value: float | None
    kind: str = "human"
    reply: str = "r"


def ratings(said: Iterable[Said]) -> list[Rating]:
    return [
        Rating(
            case=str(each.case),
            reply=each.reply,
            metric="m",
            value=each.value,
            rater=each.rater,
            kind="machine" if each.kind == "machine" else "human",
        )
        for each in said
    ]


def cases(number: int, group: int = 1) -> list[Case]:
    return [
        Case(id=str(n), input=f"q{n}", group=f"g{n // group}" if group > 1 else None) for n in range(number)
    ]


def agreement(said: Iterable[Said], scale: RaterScale = BINARY, number: int = 400) -> RaterAgreement:
    return rater_agreement(looks_of(ratings(said), "m", cases(number)), "m", scale)


def figures(found: RaterAgreement, name: str) -> RaterFigures:
    return next(each for each in found.raters if each.name == name)


def table(rows: Iterable[tuple[str, Sequence[float | None]]]) -> list[Said]:
    return [
        Said(case, rater, value)
        for rater, values in rows
        for case, value in enumerate(values)
        if value is not None
    ]


def test_two_raters_have_raw_agreement_cohens_kappa_ac1_and_alpha() -> None:
    # 20 both pass, 15 both fail, 5 and 10 apart: raw .7, kappa .4 (Cohen 1960); AC1: pi = .55, pe = .495
    first: Sequence[float | None] = [1.0] * 25 + [0.0] * 25
    second: Sequence[float | None] = [1.0] * 20 + [0.0] * 5 + [1.0] * 10 + [0.0] * 15
    found = agreement(table([("ana", first), ("ben", second)]))
    values = {name: figure.value for name, figure in found.people.items()}
    assert list(values) == ["raw", "cohen_kappa", "gwet_ac1", "krippendorff_alpha"]
    assert values["raw"] == pytest.approx(0.7)
    assert values["cohen_kappa"] == pytest.approx(0.4)
    assert values["gwet_ac1"] == pytest.approx((0.7 - 0.495) / (1 - 0.495))
    assert (found.level, found.items, found.shared, found.cases) == ("nominal", 50, 50, 50)


KRIPPENDORFF: list[tuple[str, Sequence[float | None]]] = [
    ("a", [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None]),
    ("b", [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3]),
    ("c", [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None]),
    ("d", [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None]),
]
"""The example of Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: ordinal .815, interval .849."""


def test_alpha_of_a_scale_is_krippendorffs_own_with_missing_values() -> None:
    ordinal = agreement(table(KRIPPENDORFF), STEPS)
    assert ordinal.people["krippendorff_alpha"].value == pytest.approx(0.815, abs=5e-4)
    assert "fleiss_kappa" in ordinal.people
    means = RaterScale(bounds=(1.0, 5.0))
    assert means.level == "interval"
    found = agreement(table(KRIPPENDORFF), means)
    assert found.people["krippendorff_alpha"].value == pytest.approx(0.849, abs=5e-4)
    assert list(found.people) == ["mean_gap", "krippendorff_alpha"], "equal means say little"


def test_steps_apart_are_counted_between_each_two_people_reply_by_reply() -> None:
    rows: list[tuple[str, Sequence[float | None]]] = [
        ("a", [1, 3, 5]),
        ("b", [2, 3, 2]),
        ("c", [None, 5, None]),
    ]
    found = agreement(table(rows), STEPS)
    # replies: 1 apart; 0, 2, 2 apart; 3 apart
    assert found.people["mean_gap"].value == pytest.approx((1 + 4 / 3 + 3) / 3)
    assert found.people["within_one"].value == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert found.people["raw"].value == pytest.approx((0 + 1 / 3 + 0) / 3)


def test_the_last_word_of_a_rater_counts_and_a_look_without_one_takes_nothing_back() -> None:
    said = [Said(0, "ana", 0.0), Said(0, "ana", 1.0), Said(0, "ana", None), Said(0, "ben", 1.0)]
    found = agreement([*said, Said(1, "ana", 0.0), Said(1, "ben", 1.0), Said(2, "ben", None)])
    assert found.people["raw"].value == 0.5
    assert (figures(found, "ana").ratings, figures(found, "ana").unanswered) == (2, 0)
    assert (figures(found, "ben").ratings, figures(found, "ben").unanswered) == (2, 1)


def test_a_severe_rater_is_named_and_a_rater_like_the_others_is_not() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(2, 5, size=120)
    noise = rng.integers(-1, 2, size=(3, 120))
    rows = [
        ("ana", [float(value) for value in np.clip(truth + noise[0], 1, 5)]),
        ("ben", [float(value) for value in np.clip(truth + noise[1], 1, 5)]),
        ("cleo", [float(value) for value in np.clip(truth + noise[2] - 1, 1, 5)]),
    ]
    found = agreement(table([(name, [*values]) for name, values in rows]), STEPS)
    severe = [note for note in found.notes if "than the others" in note]
    assert [note.split()[4] for note in severe if "lower" in note] == ["cleo"]
    cleo = figures(found, "cleo").severity
    assert cleo.value is not None
    assert cleo.high is not None
    assert cleo.value < -0.6
    assert cleo.high < 0


def test_no_rater_is_named_where_all_are_alike_in_nineteen_of_twenty_draws() -> None:
    """100 draws of three equal raters, seed 11: at most 5% name one (Bonferroni), and over 12 of 100 come once in 600 such tests."""
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(100):
        truth = rng.integers(2, 5, size=40)
        looks = [
            Look(name, "human", item, float(value), {})
            for name in ("ana", "ben", "cleo")
            for item, value in zip(
                (
                    each.item
                    for each in looks_of(
                        ratings([Said(n, "x", 1.0) for n in range(40)]), "m", cases(40)
                    ).looks
                ),
                truth + rng.integers(-1, 2, size=40),
                strict=True,
            )
        ]
        base = looks_of([], "m", cases(40))
        found = rater_agreement(type(base)(looks=tuple(looks), groups=base.groups, left_out={}), "m", STEPS)
        alarms += any("than the others" in note for note in found.notes)
    assert alarms <= 12


def test_who_says_something_else_the_second_time_is_seen() -> None:
    said = [Said(n, "ana", float(n % 2)) for n in range(20)] * 2
    said += [Said(n, "ben", float(n % 2)) for n in range(20)]
    said += [Said(n, "ben", float(n % 2 if n % 4 else 1 - n % 2)) for n in range(20)]
    found = agreement(said)
    assert figures(found, "ana").again.value == 1.0
    assert figures(found, "ben").again.value == pytest.approx(15 / 20)
    assert figures(found, "ben").again_gap.value == pytest.approx(5 / 20)
    assert found.repeated.value == pytest.approx(35 / 40)
    assert found.repeated.n == 40
    assert not any("twice" in note for note in found.notes)
    once = agreement([Said(n, "ana", 1.0) for n in range(5)])
    assert once.repeated.value is None
    assert any("twice" in note for note in once.notes)


def test_a_machine_is_in_no_figure_of_people_and_is_compared_with_them() -> None:
    people = table([("ana", [1.0, 0.0] * 20), ("ben", [1.0, 0.0] * 20)])
    machine = [Said(n, "gpt", float(n < 30), "machine") for n in range(60)]
    found = agreement([*people, *machine])
    assert found.people["raw"].value == 1.0
    assert (found.items, found.shared) == (40, 40)
    gpt = figures(found, "gpt")
    assert (gpt.kind, gpt.ratings) == ("machine", 60)
    assert gpt.with_others.n == 40
    assert gpt.with_others.value == pytest.approx((15 + 5) / 40)


def test_a_choice_is_the_same_whichever_reply_was_shown_first() -> None:
    def choice(case: int, rater: str, first: str, second: str, chosen: Chosen | None) -> Choice:
        return Choice(
            case=str(case), first=first, second=second, metric="m", chosen=chosen, rater=rater, kind="human"
        )

    said = [
        choice(0, "ana", "a", "b", "first"),
        choice(0, "ben", "b", "a", "second"),
        choice(1, "ana", "a", "b", "first"),
        choice(1, "ben", "b", "a", "first"),
        choice(2, "ana", "b", "a", "tie"),
        choice(2, "ben", "a", "b", "tie"),
        choice(2, "ben", "b", "a", "first"),
        choice(3, "ana", "a", "a", "first"),
        choice(4, "ana", "a", "b", "second"),
        choice(4, "ben", "b", "a", "first"),
    ]
    looks = looks_of(said, "m", cases(9))
    found = rater_agreement(looks, "m", CHOICES)
    assert (found.answered, found.level) == ("choices", "nominal")
    assert found.people["raw"].value == pytest.approx(2 / 4)
    assert figures(found, "ben").again.value == 0.0
    assert figures(found, "ana").severity.value is None, "a choice has no more and less"
    assert found.left_out == {SAME: 1}


def test_what_is_not_of_these_cases_as_they_are_is_left_out_and_counted() -> None:
    here = Case(id="0", input="new")
    said = [
        Rating(case="0", reply="r", metric="m", value=1.0, rater="a", kind="human", input=case_digest(here)),
        Rating(case="0", reply="r", metric="m", value=1.0, rater="b", kind="human", input="0" * 32),
        Rating(case="1", reply="r", metric="m", value=1.0, rater="a", kind="human"),
        Rating(case="0", reply="r", metric="other", value=1.0, rater="a", kind="human"),
    ]
    found = looks_of(said, "m", [here])
    assert len(found.looks) == 1
    assert found.left_out == {UNKNOWN: 1, STALE: 1}


def test_replies_to_cases_of_one_group_are_drawn_together() -> None:
    rng = np.random.default_rng(5)
    agree = np.repeat(rng.random(20) < 0.7, 10)
    rows: list[tuple[str, Sequence[float | None]]] = [
        ("ana", [float(n % 2) for n in range(200)]),
        ("ben", [float(n % 2 if same else 1 - n % 2) for n, same in enumerate(agree)]),
    ]
    widths = []
    for group in (1, 10):
        found = rater_agreement(looks_of(ratings(table(rows)), "m", cases(200, group)), "m", BINARY)
        raw = found.people["raw"]
        assert raw.low is not None
        assert raw.high is not None
        widths.append(raw.high - raw.low)
    assert widths[1] > 2 * widths[0]


def test_each_criterion_has_figures_of_its_own() -> None:
    said = [
        Rating(
            case=str(n),
            reply="r",
            metric="m",
            value=3.0,
            rater=rater,
            kind="human",
            parts={"tone": float(1 + n % 5), "structure": float(1 + (n * (2 if rater == "ben" else 1)) % 5)},
        )
        for n in range(30)
        for rater in ("ana", "ben")
    ]
    found = rater_agreement(looks_of(said, "m", cases(30)), "m", RaterScale(bounds=(1.0, 5.0)))
    assert list(found.criteria) == ["tone", "structure"]
    assert found.criteria["tone"]["krippendorff_alpha"].value == pytest.approx(1.0)
    structure = found.criteria["structure"]["krippendorff_alpha"].value
    assert structure is not None
    assert structure < 0.6


def test_pairs_that_are_not_shown_are_counted() -> None:
    found = agreement(table((f"rater {n:02}", [1.0, 0.0, float(n % 2)]) for n in range(11)))
    assert len(found.pairs) == 45
    assert any("45 of 55 pairs" in note for note in found.notes)


def test_one_rater_alone_or_nobody_is_said_and_breaks_nothing() -> None:
    alone = agreement([Said(n, "ana", 1.0) for n in range(5)])
    assert alone.people == {}
    assert any("fewer than two people" in note for note in alone.notes)
    assert figures(alone, "ana").with_others.value is None
    apart = agreement([Said(n, "ana" if n % 2 else "ben", 1.0) for n in range(6)])
    assert apart.people == {}
    assert any("no reply was rated by two people" in note for note in apart.notes)
    nobody = agreement([])
    assert (nobody.items, nobody.raters) == (0, ())
    machines = agreement([Said(0, "gpt", 1.0, "machine")])
    assert machines.raters[0].with_others.value is None
