"""Is the number the right one: `numeric`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import ClassVar, Literal

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract
from passmuster.metrics.extraction.money import Mark
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.text.compared import Compared, compared, wrong_reference
from passmuster.metrics.text.exact_match import unreadable_score
from passmuster.metrics.text.numbers import DIGITS, UNIT_WORD, numbers_in, scaled
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreOutcome
from passmuster.records.trial import Reply

MOST_CHARACTERS = 50_000
"""Characters of an answer in which its first or last number is looked for."""

_IN_NUMBERS = "0123456789.,'_"
"""What is dropped where a long answer is cut: the rest of a number is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeric(Record):
    """1 where the number in the answer is that of the reference, or of one of several, else 0.

    It may differ by `tolerance`, or by the share `relative` of the reference. Of several numbers in an answer the
    last one counts, or the `which: first`; of a reference always the last. `units` says what a word right after a
    number multiplies it by; other words after it do not count. With `percent: share` 50% is 0.5, else 50.

    Example:
        >>> metric = Numeric(relative=0.01, units={"million": 1e6})
        >>> metric.score(Case(id="1", input="", reference=2_500_000), Reply(text="About $2.51 million.")).value
        1.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "numeric"
    tolerance: float = 0.0
    relative: float = 0.0
    which: Literal["first", "last"] = "last"
    decimal: Mark = "."
    percent: Literal["number", "share"] = "number"
    units: Mapping[str, float] = field(default_factory=dict)
    extract: Extract | None = None

    def __post_init__(self) -> None:
        for name in ("tolerance", "relative"):
            value = getattr(self, name)
            if not (isfinite(value) and value >= 0):
                raise ConfigurationError(f"{name} is {value}", hint="give a number of at least 0")
        wrong = next((unit for unit, factor in self.units.items() if not isfinite(factor)), None)
        if wrong is not None:
            raise ConfigurationError(f"units: {wrong} stands for no number", hint="units: {million: 1000000}")
        unread = next((unit for unit in self.units if not re.fullmatch(f"%|{UNIT_WORD}", unit)), None)
        if unread is not None:
            raise ConfigurationError(
                f"units: {unread!r} is no word", hint="a unit is one word of letters, such as km or million"
            )

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with the number that was read and, where it is wrong, how far off it is."""
        found = compared(case, reply, self.extract)
        if not isinstance(found, Compared):
            return found
        rights = [self._read(right, "last") for right in found.right]
        known = [right for right in rights if right is not None]
        if not known:
            return wrong_reference(case, f"holds no number: {shown(found.right[0])!r}")
        answer = self._read(found.answer, self.which)
        if answer is None:
            return unreadable_score(Unreadable(reason="no number in the answer"))
        details: dict[str, Json] = {}
        if len(found.answer) > MOST_CHARACTERS:
            details["cut"] = f"only the {self.which} {MOST_CHARACTERS} characters were read"
        nearest = min(known, key=lambda right: abs(DIGITS.subtract(answer, right)))
        if any(self._near(answer, right) for right in known):
            return Score(value=1.0, answer=_written(answer), details=details)
        details |= {"reference": _written(nearest), "off_by": _written(DIGITS.subtract(answer, nearest))}
        return Score(value=0.0, answer=_written(answer), details=details)

    def _read(self, text: str, which: Literal["first", "last"]) -> Decimal | None:
        found = None
        if len(text) > MOST_CHARACTERS:
            text = text[:MOST_CHARACTERS] if which == "first" else text[-MOST_CHARACTERS:].lstrip(_IN_NUMBERS)
        for number in numbers_in(text, self.decimal):
            found = number
            if which == "first":
                break
        return None if found is None else scaled(found, self.units, percent=self.percent == "share")

    def _near(self, answer: Decimal, right: Decimal) -> bool:
        gap = abs(DIGITS.subtract(answer, right))
        share = DIGITS.multiply(Decimal(str(self.relative)), abs(right))
        return gap <= Decimal(str(self.tolerance)) or gap <= share


def _written(value: Decimal) -> str:
    return shown(f"{value:f}" if -6 < value.adjusted() < 21 else str(value))
