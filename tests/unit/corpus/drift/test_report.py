"""From tests to what is said of drift."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from passmuster.corpus.drift.report import CellShift, DriftTest, Observed
from passmuster.corpus.drift.shares import grown, mix_shift
from passmuster.corpus.drift.texts import Reading, text_shift, thinned
from passmuster.corpus.drift.verdict import (
    Level,
    controlled,
    lies_where,
    mix_test,
    status_of,
    summary,
    text_tests,
)


def generator() -> np.random.Generator:
    return np.random.default_rng(11)


def texts(counts: dict[str, int], prefix: str = "") -> list[Observed]:
    return [
        Observed(id=f"{prefix}{cell}{n}", text=f"{cell} {n}", cell=cell)
        for cell, count in counts.items()
        for n in range(count)
    ]


def presence(given: Sequence[str]) -> tuple[list[str], np.ndarray]:
    words = sorted({word for text in given for word in text.split()})
    return words, np.array([[word in text.split() for word in words] for text in given])


def likeness(given: Sequence[str]) -> np.ndarray:
    kinds = np.array([text.split()[0] for text in given])
    return np.where(kinds[:, None] == kinds[None, :], 0.8, 0.1) + 0.2 * np.eye(len(given))


READING = Reading(
    clean=lambda text: text.replace("jo@example.com", "PERSON"),
    likeness=likeness,
    presence=presence,
    language=lambda text: "de" if "karte" in text else "en",
)


def test_the_mix_is_that_of_the_weights_and_not_of_the_counts() -> None:
    corpus = [
        Observed(id=f"{cell}{n}", text="", cell=cell, drawn_by=cell, weight=weight)
        for cell, weight in (("large", 18.0), ("small", 2.0))
        for n in range(50)
    ]
    today = texts({"large": 90, "small": 10})
    found = mix_shift(corpus, today, generator())
    assert found.moved == pytest.approx(0)
    assert found.corpus_size == pytest.approx(1000)
    assert found.p > 0.9
    bare = [Observed(id=each.id, text="", cell=each.cell) for each in corpus]
    assert mix_shift(bare, today, generator()).p < 0.001


def test_the_cells_with_the_largest_change_come_first_and_missing_ones_are_a_cell() -> None:
    today = [*texts({"a": 50, "new": 30}), *(Observed(id=f"n{n}", text="") for n in range(20))]
    found = mix_shift(texts({"a": 100}), today, generator())
    assert [(cell.name, cell.records) for cell in found.cells] == [("a", 50), ("new", 30), ("missing", 20)]
    assert [cell.name for cell in grown(found.cells)] == ["new", "missing"]
    assert (
        lies_where(found.cells)
        == "50% of today's traffic lies where nothing of the test set is: new, missing."
    )


def test_many_cells_are_named_four_at_a_time() -> None:
    cells = [
        CellShift(name=name, corpus=0.001, traffic=0.1, cases=1, records=10, z=4.0) for name in "abcdefg"
    ]
    assert lies_where(cells).endswith("a, b, c, d and 3 others.")
    assert "0.7% of the test set" in lies_where(cells)


def test_thinning_keeps_what_stands_for_most_and_takes_no_more_than_is_wanted() -> None:
    side = texts({"a": 100})
    assert thinned(side, 1000, generator()) == side
    assert len(thinned(side, 30, generator())) == 30


def test_texts_of_another_kind_are_told_apart_and_new() -> None:
    corpus = texts({"card": 40, "loan": 40})
    today = [*texts({"card": 30, "loan": 30}, "t"), *texts({"wallet": 20}, "t")]
    found = text_shift(corpus, today, READING, generator())
    assert found.p_new < 0.01
    assert found.new.corpus == 0.0
    assert found.new.traffic == pytest.approx(20 / 80)
    assert found.new.words[0] == "wallet"
    assert {example.text.split()[0] for example in found.new.examples} == {"wallet"}
    assert found.words[0].word == "wallet"
    assert found.words[0].corpus == 0.0


def test_nothing_reads_personal_data() -> None:
    seen: list[str] = []

    def read(given: Sequence[str]) -> np.ndarray:
        seen.extend(given)
        return likeness(given)

    today = [Observed(id=f"m{n}", text="wallet jo@example.com") for n in range(30)]
    found = text_shift(texts({"card": 30}), today, replace(READING, likeness=read), generator())
    assert seen[-1] == "wallet PERSON"
    assert {example.text for example in (*found.new.examples, *found.examples)} == {"wallet PERSON"}


def test_a_language_that_comes_in_is_seen() -> None:
    corpus, today = texts({"card": 60}), [*texts({"card": 40}, "t"), *texts({"karte": 20}, "t")]
    found = text_shift(corpus, today, READING, generator())
    assert found.p_language < 0.01
    assert {cell.name: cell.records for cell in found.languages} == {"de": 20, "en": 40}


def test_a_sure_but_small_shift_is_ignored() -> None:
    found = mix_shift(texts({"a": 5000, "b": 5000}), texts({"a": 4850, "b": 5150}), generator())
    assert found.p < 0.05
    test = mix_test("strata", found, None, Level(ignore_below=0.02))
    (alone,) = controlled([test], Level())
    assert alone.adjusted == found.p
    assert not alone.drift
    assert "ignored" in (alone.note or "")


def test_holm_counts_only_tests_that_were_made() -> None:
    raw = [
        DriftTest(name="strata", p=0.012, drift=True),
        DriftTest(name="words", p=0.03, drift=True),
        DriftTest(name="new", p=None, note="too few"),
    ]
    found = controlled(raw, Level())
    assert [test.adjusted for test in found] == [pytest.approx(0.024), pytest.approx(0.03), None]
    assert [test.drift for test in found] == [True, True, False]


@pytest.mark.parametrize(
    ("p", "smallest", "mixed", "expected"),
    [
        (0.001, 0.5, True, "found"),
        (0.5, 0.1, True, "none"),
        (0.5, 0.3, True, "unknown"),
        (0.5, None, True, "unknown"),
        (0.5, None, False, "none"),
        (None, None, False, "unknown"),
    ],
)
def test_nothing_is_said_where_a_large_change_could_have_been_missed(
    p: float | None, smallest: float | None, expected: str, *, mixed: bool
) -> None:
    tests = controlled([DriftTest(name="strata", p=p, drift=True)], Level())
    assert status_of(tests, smallest, mixed=mixed) == expected


def test_where_nothing_was_found_the_shift_is_said_that_would_have_been() -> None:
    found = mix_shift(texts({"a": 200, "b": 200}), texts({"a": 200, "b": 200}), generator())
    test = controlled([mix_test("strata", found, None, Level())], Level())
    (line,) = summary("none", test, found, None, by="strata", level=Level())
    assert "a new stratum of" in line
    assert "a smaller one may be there" in line
    (line,) = summary("none", test, found, None, by="topics", level=Level())
    assert "what is new may hide in known topics" in line


def test_texts_that_were_not_tested_say_why() -> None:
    assert {(test.p, test.note) for test in text_tests(None, "too few", Level())} == {(None, "too few")}
