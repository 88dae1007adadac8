"""From the tests of drift to what is said of it: controlled over all tests, with the effect in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from passmuster.corpus.drift.report import CellShift, DriftTest, Status, TestName
from passmuster.corpus.drift.shares import MixShift, grown
from passmuster.corpus.drift.texts import TextShift
from passmuster.stats.families import holm

BLIND = 0.25
"""Where even a new topic of so much of today's traffic would not have been seen, nothing can be said."""

FEWEST = 20
"""Cases of a side below which no test is made."""

TESTS = 5
"""How many tests there are together: the mix, and four of texts."""

_NAMED = 4
"""Cells that a sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """When a change counts: `alpha` over all tests together, and a share of traffic below which a shift is ignored."""

    alpha: float = 0.05
    ignore_below: float = 0.02


def mix_test(name: TestName, shift: MixShift | None, note: str | None, level: Level) -> DriftTest:
    """Return the test of the mix of cells, not adjusted yet; of None, why there is none."""
    if shift is None:
        return DriftTest(name=name, p=None, note=note)
    small = shift.moved < level.ignore_below
    return DriftTest(
        name=name,
        p=shift.p,
        effect=f"{_percent(shift.moved)} of traffic lies in other {name} than in the corpus",
        drift=not small,
        note=f"below {_percent(level.ignore_below)}, which is ignored" if small else note,
    )


def text_tests(shift: TextShift | None, note: str | None, level: Level) -> tuple[DriftTest, ...]:
    """Return the tests of texts, not adjusted yet."""
    names: tuple[TestName, ...] = ("words", "new", "length", "language")
    if shift is None:
        return tuple(DriftTest(name=name, p=None, note=note) for name in names)
    moved = sum(max(0.0, each.traffic - each.corpus) for each in shift.languages)
    tongue = shift.languages[0]
    return (
        DriftTest(name="words", p=shift.p_words, effect=_told_apart(shift.auc), drift=True),
        DriftTest(
            name="new",
            p=shift.p_new,
            effect=f"{_percent(shift.new.traffic)} of today's texts are like no case; "
            f"of the corpus's own, {_percent(shift.new.corpus)}",
            drift=shift.new.excess >= level.ignore_below,
        ),
        DriftTest(
            name="length",
            p=shift.p_length,
            effect=f"median {shift.length.traffic:,.0f} characters today, {shift.length.corpus:,.0f} in the corpus",
            drift=True,
        ),
        DriftTest(
            name="language",
            p=shift.p_language,
            effect=f"{tongue.name}: {_percent(tongue.traffic)} today, {_percent(tongue.corpus)} in the corpus",
            drift=moved >= level.ignore_below,
        ),
    )


def controlled(tests: Sequence[DriftTest], level: Level) -> tuple[DriftTest, ...]:
    """Adjust the p-values of all tests that could be made (Holm 1979), and say of each whether it found drift.

    Example:
        >>> raw = [DriftTest(name="strata", p=0.02, drift=True), DriftTest(name="words", p=0.9, drift=True)]
        >>> [(test.adjusted, test.drift) for test in controlled(raw, Level())]
        [(0.04, True), (0.9, False)]
    """
    made = [test for test in tests if test.p is not None]
    adjusted = {test.name: p for test, p in zip(made, holm([test.p for test in made]), strict=True)}
    return tuple(
        replace(test, adjusted=p, drift=test.drift and p is not None and p <= level.alpha)
        for test in tests
        for p in [adjusted.get(test.name)]
    )


def status_of(tests: Sequence[DriftTest], smallest: float | None, *, mixed: bool) -> Status:
    """Return what the tests say together; nothing where a large change could have been missed.

    Args:
        tests: Controlled.
        smallest: The smallest new topic that would have been seen; None where not even the largest.
        mixed: Whether there are cells to compare; without them only texts were tested.
    """
    if any(test.drift for test in tests):
        return "found"
    if not any(test.p is not None for test in tests):
        return "unknown"
    blind = mixed and (smallest is None or smallest > BLIND)
    return "unknown" if blind else "none"


def summary(
    status: Status,
    tests: Sequence[DriftTest],
    mix: MixShift | None,
    texts: TextShift | None,
    *,
    by: Literal["strata", "topics"] | None,
    level: Level,
) -> tuple[str, ...]:
    """Return what a person should read first: the change in words, or how large a change would have been seen."""
    lines = [_found(test, mix, texts) for test in tests if test.drift]
    if status != "found" and mix is not None:
        lines.append(_unseen(status, mix, by, level))
    return tuple(line for line in lines if line)


def _found(test: DriftTest, mix: MixShift | None, texts: TextShift | None) -> str:
    if test.name in ("strata", "topics") and mix is not None:
        return lies_where(mix.cells)
    if texts is None:
        return ""
    if test.name == "new":
        marks = f": {', '.join(texts.new.words[:_NAMED])}" if texts.new.words else ""
        return f"About {_percent(texts.new.excess)} of today's traffic is like no case of the corpus{marks}."
    if test.name == "words":
        more = [word.word for word in texts.words if word.traffic > word.corpus][:_NAMED]
        told = f"; today more often: {', '.join(more)}" if more else ""
        return (
            f"Today's texts can be told from the corpus's (area under the curve {texts.auc or 0:.2f}){told}."
        )
    return f"{test.name.capitalize()}: {test.effect}."


def lies_where(cells: Sequence[CellShift]) -> str:
    """Return the change of a mix in a sentence.

    Example:
        >>> cell = CellShift(name="refunds", corpus=0.02, traffic=0.14, cases=4, records=28, z=4.4)
        >>> lies_where([cell])
        "14% of today's traffic lies where 2% of the test set is: refunds."
    """
    more = grown(cells)
    if not more:
        return ""
    before, after = sum(cell.corpus for cell in more), sum(cell.traffic for cell in more)
    names = ", ".join(cell.name for cell in more[:_NAMED])
    rest = f" and {len(more) - _NAMED} others" if len(more) > _NAMED else ""
    where = "nothing" if before == 0 else _percent(before)
    return f"{_percent(after)} of today's traffic lies where {where} of the test set is: {names}{rest}."


def _unseen(status: Status, mix: MixShift, by: str | None, level: Level) -> str:
    worth = f"{mix.corpus_size:,.0f} independent cases against {mix.traffic_size:,.0f} of today"
    if mix.smallest is None:
        return f"No change could have been shown by {worth}: collect more."
    share = _percent(max(mix.smallest, level.ignore_below))
    seen = f"a new stratum of {share} of today's traffic or more would have been seen"
    limit = "a smaller one may be there"
    if by == "topics":
        seen = f"{share} of traffic or more that moved into one topic would have been seen"
        limit = "less may have, and what is new may hide in known topics"
    if status == "unknown":
        return f"Worth {worth}, only {seen} (4 times of 5): too few to tell."
    return f"Worth {worth}: {seen} (4 times of 5); {limit}."


def _told_apart(auc: float | None) -> str:
    if auc is None:
        return "not measurable"
    return f"area under the curve {auc:.2f}, where 0.50 is chance"


def _percent(share: float) -> str:
    """Return a share as a percentage, with a digit after the point below 10%."""
    return f"{share * 100:.1f}%".replace(".0%", "%") if share < 0.0995 else f"{share:.0%}"
