"""Ratings from files: sheets that people filled in, and any table with a case, a reply and what was said of it.

`docs/rate/import.md` has the columns.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.rows import Row, RowReader
from passmuster.adapters.files.tables import without_apostrophe
from passmuster.adapters.ingest.inputs import refuse_unsayable
from passmuster.errors import CorpusError, Place
from passmuster.records.label import Annotator
from passmuster.records.rating import Chosen
from passmuster.records.record import Json
from passmuster.records.said import RatingForm, Said, SaidOf

LONGEST_REPLY = 10_000_000
LONGEST_NOTE = 4_000
LONGEST_NAME = 200

NAMES: Mapping[str, tuple[str, ...]] = {
    "item": ("item",),
    "case": ("case", "id", "case_id", "question_id"),
    "digest": ("digest", "input_digest"),
    "metric": ("metric",),
    "candidate": ("candidate", "model"),
    "reply": ("reply", "response", "output"),
    "reply_digest": ("reply_digest",),
    "repeat": ("repeat",),
    "first": ("first", "response_a"),
    "second": ("second", "response_b"),
    "first_digest": ("first_digest",),
    "second_digest": ("second_digest",),
    "first_by": ("first_by", "model_a"),
    "second_by": ("second_by", "model_b"),
    "value": ("value", "rating", "score"),
    "choice": ("choice", "chosen", "winner", "preference"),
    "rater": ("rater", "annotator", "by", "judge", "user"),
    "kind": ("kind",),
    "time": ("time", "created_at", "tstamp"),
    "note": ("note", "comment"),
    "skipped": ("skipped", "skip"),
    "seconds": ("seconds",),
    "cost": ("cost",),
}
"""Our field -> the columns that it is read from; the first that a row has counts."""

CHOICES: Mapping[str, Chosen] = {
    "first": "first",
    "a": "first",
    "1": "first",
    "model_a": "first",
    "second": "second",
    "b": "second",
    "2": "second",
    "model_b": "second",
    "tie": "tie",
    "t": "tie",
    "equal": "tie",
    "tie (bothbad)": "tie",
    "both_bad": "tie",
}
"""What may stand in the column of choices, in any case."""

SHOWN = frozenset({"input", "reference", "question", "scale"})
"""Columns that raters read, and nobody fills in."""

_KINDS: tuple[Annotator, ...] = get_args(Annotator)
_YES = frozenset({"yes", "y", "true", "1", "x"})
_NO = frozenset({"no", "n", "false", "0"})
_LATEST = 1e11


def criterion_column(name: str) -> str:
    """Return the column that holds the value of a criterion.

    Example:
        >>> criterion_column("tone"), criterion_column("case")
        ('tone', 'case_value')
    """
    fixed = {each for field, names in NAMES.items() if field != "value" for each in names} | SHOWN
    return f"{name}_value" if name.casefold() in fixed else name


def read_ratings(
    path: Path,
    form: RatingForm,
    criteria: Collection[str] = (),
    blank: Callable[[], None] = lambda: None,
) -> Iterator[Said]:
    """Yield what the rows of a `.csv` or `.jsonl` file say.

    Args:
        path: The file.
        form: How it is read.
        criteria: The names of criteria that may have a column of their own.
        blank: Is told of each row that says nothing yet.

    Raises:
        CorpusError: with line and column, for a row that cannot be read.
        SealError: for a holdout.
    """
    refuse_holdout(path)
    for row in RowReader(path, CorpusError):
        said = _Sheet(row, form, criteria).said()
        if said is None:
            blank()
        else:
            yield said


class _Sheet:
    """One row on its way to what it says."""

    def __init__(self, row: Row, form: RatingForm, criteria: Collection[str]) -> None:
        refuse_unsayable(row)
        self._row = row
        self._form = form
        self._criteria = {name: criterion_column(name) for name in criteria}
        mapped = form.columns or {}
        for field, column in mapped.items():
            if field not in NAMES:
                hint = did_you_mean(field, list(NAMES))
                raise CorpusError(f"a rating has no field {field!r}", place=Place(row.path), hint=hint)
            if column not in row.values:
                hint = did_you_mean(column, sorted(row.values))
                raise CorpusError(f"there is no column {column!r} for {field}", place=row.place(), hint=hint)
        own = set(self._criteria.values())
        self._columns = {
            field: mapped.get(field)
            or next((name for name in names if name in row.values and name not in own), None)
            for field, names in NAMES.items()
        }

    def said(self) -> Said | None:
        """Return what the row says, None where it is not filled in."""
        parts = {
            name: value for name, column in self._criteria.items() if not _empty(value := self._cell(column))
        }
        value, chosen = self._value("value"), self._chosen()
        skipped = self._skipped()
        if not (skipped or chosen or parts) and _empty(value):
            return None
        return Said(
            place=self._place,
            rater=self._name(),
            kind=self._kind(),
            item=self._text("item", LONGEST_NAME),
            case=self._text("case", 1000),
            input=self._text("digest", LONGEST_NAME),
            metric=self._text("metric", LONGEST_NAME) or self._form.metric,
            reply=self._reply("reply", "candidate", "first"),
            second=self._reply("second", "second_by", "second"),
            repeat=self._repeat(),
            value=None if _empty(value) else value,
            chosen=chosen,
            skipped=skipped,
            time=self._time(),
            note=self._text("note", LONGEST_NOTE),
            seconds=self._number("seconds"),
            cost=self._cost(),
            parts=parts,
        )

    def _cell(self, column: str) -> Json:
        value = self._row.values.get(column)
        if isinstance(value, str) and self._row.format == "csv":
            return without_apostrophe(value)
        return value

    def _value(self, field: str) -> Json:
        column = self._columns[field]
        value = None if column is None else self._cell(column)
        return None if value == "" and self._row.format == "csv" else value

    def _place(self, field: str | None) -> Place:
        if field is None:
            return self._row.place()
        column = self._criteria.get(field) or self._columns.get(field)
        return (
            self._row.place(column)
            if column is not None and column in self._row.values
            else self._row.place()
        )

    def _wrong(self, field: str, message: str, hint: str | None = None) -> CorpusError:
        return CorpusError(f"{field}: {message}", place=self._place(field), hint=hint)

    def _text(self, field: str, longest: int) -> str | None:
        value = self._value(field)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self._wrong(field, f"expected a text, found {type(value).__name__}")
        if len(value) > longest:
            raise self._wrong(field, f"has {len(value):,} characters", hint=f"at most {longest:,} are kept")
        return value

    def _reply(self, text: str, by: str, pair: str) -> SaidOf:
        """Return what the row says of a reply; the first of a pair may stand in columns of its own."""
        names = [(text, f"{pair}_digest" if text == pair else "reply_digest", by)]
        if text != pair:
            names.insert(0, (pair, f"{pair}_digest", f"{pair}_by"))
        for said, digest, candidate in names:
            found = SaidOf(
                text=self._text(said, LONGEST_REPLY),
                digest=self._text(digest, LONGEST_NAME),
                candidate=self._text(candidate, LONGEST_NAME),
            )
            if found.named:
                return found
        return SaidOf()

    def _chosen(self) -> Chosen | None:
        value = self._value("choice")
        if _empty(value):
            return None
        found = CHOICES.get(str(value).strip().casefold())
        if found is None:
            raise self._wrong("choice", f"{str(value)[:40]!r} is no choice", hint="first, second or tie")
        return found

    def _skipped(self) -> bool:
        word = str(self._value("skipped") or "").strip().casefold()
        if word and word not in _YES | _NO:
            raise self._wrong("skipped", f"{word[:40]!r} is neither yes nor no")
        return word in _YES

    def _name(self) -> str:
        name = (self._text("rater", LONGEST_NAME) or self._form.rater or "").strip()
        if not name:
            hint = "Say whose ratings these are: --by NAME. Or name the column: --column rater=COLUMN"
            raise CorpusError("nobody is named as the rater", place=self._row.place(), hint=hint)
        if not name.isprintable():
            raise self._wrong("rater", "a name has letters that can be seen only")
        return name

    def _kind(self) -> Annotator:
        value = self._text("kind", 20)
        if value is None:
            return self._form.kind
        for kind in _KINDS:
            if value.strip().casefold() == kind:
                return kind
        raise self._wrong("kind", f"{value!r} is neither human nor machine")

    def _number(self, field: str) -> float | None:
        value = self._value(field)
        if value is None:
            return None
        number = _number(value)
        if number is None or number < 0:
            raise self._wrong(field, f"{str(value)[:40]!r} is no number of 0 or more")
        return number

    def _cost(self) -> float | None:
        said = self._number("cost")
        return self._form.cost if said is None else said

    def _repeat(self) -> int:
        number = self._number("repeat") or 0.0
        if number != int(number):
            raise self._wrong("repeat", f"{number:g} is no whole number")
        return int(number)

    def _time(self) -> float | None:
        value = self._value("time")
        if value is None:
            return None
        number = _number(value)
        if number is None:
            number = _moment(str(value))
        if not math.isfinite(number) or abs(number) > _LATEST:
            hint = "seconds since 1970, or ISO 8601"
            raise self._wrong("time", f"{str(value)[:40]!r} is no time", hint=hint)
        return number


def _empty(value: Json) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _number(value: Json) -> float | None:
    """Return a finite number, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _moment(text: str) -> float:
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan
