"""The cases that a prompt shows are drawn by seed and content, and none of them gives a scored case away."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.duplicates import shingles
from passmuster.corpus.few_shot import By, drawn, given_away
from passmuster.records.case import Case

WORDS = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "sigma",
]


def text(number: int) -> str:
    return " ".join(WORDS[(number * step + step) % len(WORDS)] for step in range(1, 9)) + f" {number}"


OWN = f"{text(7)} and more that no other case has"
TRAIN = [
    Case(id=f"t{n}", input=text(n), reference="even" if n % 2 == 0 else "odd", stratum="abcd"[min(n // 4, 3)])
    for n in range(40)
]


def ids(found: list[Case]) -> list[str]:
    return [case.id for case in found]


@given(st.permutations(TRAIN), st.integers(0, 5), st.sampled_from([None, "stratum", "category", "reference"]))
def test_the_order_of_the_rows_changes_nothing(train: list[Case], seed: int, by: By) -> None:
    assert ids(drawn(train, [], 6, seed, by)) == ids(drawn(TRAIN, [], 6, seed, by))


def test_another_seed_draws_others_and_the_same_one_the_same() -> None:
    draws = [tuple(ids(drawn(TRAIN, [], 6, seed))) for seed in range(8)]

    assert len(set(draws)) == 8
    assert tuple(ids(drawn(TRAIN, [], 6, 3))) == draws[3]


def test_the_name_of_a_case_is_no_part_of_its_lot() -> None:
    renamed = [Case(id=f"other-{case.id}", input=case.input, reference=case.reference) for case in TRAIN]

    assert [case.input for case in drawn(renamed, [], 6)] == [case.input for case in drawn(TRAIN, [], 6)]


def test_strata_are_evened_out_where_they_have_enough() -> None:
    found = drawn(TRAIN, [], 8, by="stratum")

    assert Counter(case.stratum for case in found) == {"a": 2, "b": 2, "c": 2, "d": 2}
    assert Counter(case.reference for case in drawn(TRAIN, [], 8, by="reference")) == {"even": 4, "odd": 4}
    assert Counter(case.stratum for case in drawn(TRAIN, [], 20, by="stratum")) == {
        "a": 4,
        "b": 4,
        "c": 4,
        "d": 8,
    }


def test_a_larger_draw_holds_the_smaller_one() -> None:
    assert set(ids(drawn(TRAIN, [], 4, by="stratum"))) <= set(ids(drawn(TRAIN, [], 8, by="stratum")))


@pytest.mark.parametrize(
    "scored",
    [
        Case(id="e", input=OWN),
        Case(id="e", input=OWN.upper() + "!"),
        Case(id="e", input="other", group="ann"),
        Case(id="e", input="other", parent="t7"),
        Case(id="t7", input="other"),
        Case(id="parent", input="other"),
    ],
    ids=["same input", "nearly the same", "same group", "made from it", "itself", "its parent"],
)
def test_no_case_is_drawn_that_gives_a_scored_one_away(scored: Case) -> None:
    told = Case(id="t7", input=OWN, reference="odd", group="ann", parent="parent")
    train = [*TRAIN[:7], told, *TRAIN[8:]]

    assert "t7" in ids(drawn(train, [], 40))
    found = ids(drawn(train, [scored], 40))
    assert len(found) == 39
    assert "t7" not in found
    assert given_away([told], [scored]) == {"t7": scored.id}


LONG = "I ordered a blue lamp three weeks ago and it has still not come to my house in Leeds"
AROUND = (
    "Please forward this to the right team because the customer has called us four times already. He said:"
)


@pytest.mark.parametrize(
    "told",
    [
        Case(id="t", input=f"{AROUND} {LONG}", reference="delivery"),
        Case(id="t", input={"subject": "Forwarded", "body": f"{AROUND} {LONG}"}, reference="delivery"),
        Case(id="t", input="What did the customer write?", reference=LONG),
        Case(id="t", input=f"{AROUND} {LONG[:-9]}", reference="delivery"),
    ],
    ids=["within the input", "within a field", "within the answer", "nearly all of it"],
)
def test_a_case_that_holds_the_text_of_a_scored_one_gives_it_away(told: Case) -> None:
    scored = [Case(id="e", input=LONG), Case(id="f", input=text(99))]

    assert given_away([told], scored) == {"t": "e"}
    assert ids(drawn([told, *TRAIN], scored, 41)) == ids(drawn(TRAIN, scored, 41))


def test_what_many_cases_say_gives_none_of_them_away() -> None:
    frame = (
        "Which of our four teams does the message below belong to? Answer with the name of the team alone."
    )
    train = [Case(id=f"t{n}", input=f"{frame} {text(n)}", reference="x") for n in range(3)]
    scored = [Case(id=f"e{n}", input=f"{frame} {text(50 + n)}") for n in range(3)]

    assert len(drawn(train, scored, 3)) == 3


@pytest.mark.parametrize(
    "disguise",
    [
        lambda said: unicodedata.normalize("NFD", said),
        lambda said: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in said),
        lambda said: said.replace("e", "e\u200b").replace("t", "\u00adt"),
    ],
    ids=["accents apart", "full width", "what is not seen"],
)
def test_letters_that_look_alike_hide_nothing(disguise: Callable[[str], str]) -> None:
    said = "Le café de la forêt où j'ai passé l'été dernier était déjà fermé à clé hier soir"

    assert given_away([Case(id="t", input=disguise(said))], [Case(id="e", input=said)]) == {"t": "e"}


def test_the_scored_cases_are_gone_through_few_times_however_many_cases_leak() -> None:
    class Counted(list[Case]):
        rounds = 0

        def __iter__(self) -> Iterator[Case]:
            Counted.rounds += 1
            return super().__iter__()

    twins = [Case(id=f"t{n}", input=f"{text(n)} again", reference="x", group="ann") for n in range(1000)]
    alike = [Case(id=f"a{n}", input=text(1) + "!" * n, reference="x") for n in range(1000)]

    assert len(drawn([*twins, *alike], Counted([Case(id="e", input="other", group="ann")]), 4)) == 1
    assert Counted.rounds < 40


def test_another_case_of_the_stratum_takes_the_place_of_one_that_leaks() -> None:
    first = drawn(TRAIN, [], 4, by="stratum")
    scored = [Case(id=f"e{number}", input=case.input) for number, case in enumerate(first)]

    instead = drawn(TRAIN, scored, 4, by="stratum")

    assert not set(ids(instead)) & set(ids(first))
    assert Counter(case.stratum for case in instead) == {"a": 1, "b": 1, "c": 1, "d": 1}


def test_no_two_drawn_cases_are_alike() -> None:
    twins = [Case(id=f"n{n}", input=f"{text(1)}{'!' * n}", reference="odd") for n in range(5)]

    assert len(drawn(twins, [], 5)) == 1


def test_a_case_without_an_answer_is_not_shown() -> None:
    without = [Case(id="1", input="a"), Case(id="2", input="b", reference="x", expect="refusal")]

    assert drawn(without, [], 2) == []


def brute_force_leak(shown: Case, scored: Case) -> bool:
    """Say in the plainest words what gives a scored case away."""
    ids = {shown.id, shown.parent} & {scored.id, scored.parent} - {None}
    group = shown.group is not None and shown.group == scored.group
    one, other = shingles(str(shown.input)), shingles(str(scored.input))
    near = shown.input == scored.input or len(one & other) / len(one | other) >= 0.8
    held = len(other) >= 4 and len((one | shingles(str(shown.reference))) & other) / len(other) >= 0.8
    return bool(ids) or group or near or held


SENTENCES = st.lists(st.sampled_from("abcd"), min_size=4, max_size=14).map(" ".join)


@st.composite
def bodies(draw: st.DrawFn, mark: str, size: int) -> list[Case]:
    """Draw cases with few words, users and parents, so that many are like one another."""
    rows = draw(
        st.lists(
            st.tuples(
                SENTENCES,
                st.sampled_from([None, "u1", "u2", "u3"]),
                st.sampled_from([None, "t0", "e0", "e1", "far"]),
            ),
            max_size=size,
        )
    )
    return [
        Case(
            id=f"{mark}{n}", input=text, group=group, parent=parent, reference=str(n % 2), stratum=str(n % 3)
        )
        for n, (text, group, parent) in enumerate(rows)
    ]


@given(bodies("t", 12), bodies("e", 8), st.integers(1, 6), st.sampled_from([None, "stratum", "reference"]))
def test_whatever_the_corpus_nothing_that_is_drawn_gives_a_scored_case_away(
    train: list[Case], scored: list[Case], k: int, by: By
) -> None:
    found = drawn(train, scored, k, 0, by)

    assert not [(one.id, other.id) for one in found for other in scored if brute_force_leak(one, other)]
    assert {case.id for case in found} <= {case.id for case in train}
    assert len(found) <= k
    leaks = given_away(train, scored)
    assert set(leaks) == {one.id for one in train if any(brute_force_leak(one, other) for other in scored)}
