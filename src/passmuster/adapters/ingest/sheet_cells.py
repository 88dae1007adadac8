"""The cells of a row that people filled in: found by column, read strictly, refused with their place."""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import get_args

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.files.rows import Row
from passmuster.adapters.files.tables import without_apostrophe
from passmuster.adapters.ingest.inputs import refuse_unsayable
from passmuster.errors import CorpusError, Place
from passmuster.records.label import Annotator
from passmuster.records.record import Json

KINDS: tuple[Annotator, ...] = get_args(Annotator)
YES = frozenset({"yes", "y", "true", "1", "x"})

_LATEST = 1e11


def is_blank(value: Json) -> bool:
    """Return whether a cell holds nothing that could be read."""
    return value is None or (isinstance(value, str) and not value.strip())


class SheetCells:
    """The cells of one row, by our fields.

    Args:
        row: The row.
        names: Our field -> the columns that it is read from; the first that a row has counts.
        mapped: Our field -> the one column that somebody named for it.
        noun: What a row is, in messages.
        taken: Columns that are no field's unless they are named for it.

    Raises:
        CorpusError: for a field that there is not, a column that there is not, and a text that is no UTF-8.
    """

    def __init__(
        self,
        row: Row,
        names: Mapping[str, Sequence[str]],
        mapped: Mapping[str, str] | None,
        noun: str,
        taken: Collection[str] = (),
    ) -> None:
        refuse_unsayable(row)
        self.row = row
        mapped = mapped or {}
        for field, column in mapped.items():
            if field not in names:
                hint = did_you_mean(field, list(names))
                raise CorpusError(f"a {noun} has no field {field!r}", place=Place(row.path), hint=hint)
            if column not in row.values:
                hint = did_you_mean(column, sorted(row.values))
                raise CorpusError(f"there is no column {column!r} for {field}", place=row.place(), hint=hint)
        self.columns: dict[str, str | None] = {
            field: mapped.get(field)
            or next((name for name in own if name in row.values and name not in taken), None)
            for field, own in names.items()
        }

    def cell(self, column: str) -> Json:
        """Return what stands in a column, without what made it harmless to a spreadsheet."""
        value = self.row.values.get(column)
        return without_apostrophe(value) if isinstance(value, str) and self.row.format == "csv" else value

    def value(self, field: str) -> Json:
        """Return what stands in a field; None where it has no column, or an empty cell."""
        column = self.columns[field]
        value = None if column is None else self.cell(column)
        return None if value == "" and self.row.format == "csv" else value

    def place(self, field: str | None = None) -> Place:
        """Return where a field stands; the row where it has no column."""
        column = None if field is None else self.columns.get(field)
        return self.row.place() if column is None else self.row.place(column)

    def wrong(self, field: str, message: str, hint: str | None = None) -> CorpusError:
        """Return the error that a field is refused with."""
        return CorpusError(f"{field}: {message}", place=self.place(field), hint=hint)

    def text(self, field: str, longest: int) -> str | None:
        """Return a text, None where there is none; a number is the text that it is written as.

        Raises:
            CorpusError: for anything else, and a text that is longer.
        """
        value = self.value(field)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self.wrong(field, f"expected a text, found {type(value).__name__}")
        if len(value) > longest:
            raise self.wrong(field, f"has {len(value):,} characters", hint=f"at most {longest:,} are kept")
        return value

    def name(self, field: str, otherwise: str | None, longest: int, noun: str) -> str:
        """Return who said this: what the row says, `otherwise` where it says nothing.

        Raises:
            CorpusError: where nobody is named, and for a name with letters that cannot be seen.
        """
        name = (self.text(field, longest) or otherwise or "").strip()
        if not name:
            hint = f"Say whose {noun} these are: --by NAME. Or name the column: --column {field}=COLUMN"
            raise CorpusError(f"nobody is named as the {field}", place=self.row.place(), hint=hint)
        if not name.isprintable():
            raise self.wrong(field, "a name has letters that can be seen only")
        return name

    def kind(self, otherwise: Annotator) -> Annotator:
        """Return whether a person or a machine said this.

        Raises:
            CorpusError: for anything that is neither.
        """
        value = self.text("kind", 20)
        if value is None:
            return otherwise
        for kind in KINDS:
            if value.strip().casefold() == kind:
                return kind
        raise self.wrong("kind", f"{value!r} is neither human nor machine")

    def number(self, field: str) -> float | None:
        """Return a number of 0 or more, None where there is none.

        Raises:
            CorpusError: for anything else.
        """
        value = self.value(field)
        if value is None:
            return None
        number = _number(value)
        if number is None or number < 0:
            raise self.wrong(field, f"{str(value)[:40]!r} is no number of 0 or more")
        return number

    def time(self) -> float | None:
        """Return when this was said, in seconds since the epoch; None where the row does not say.

        Raises:
            CorpusError: for what is no time.
        """
        value = self.value("time")
        if value is None:
            return None
        number = _number(value)
        if number is None:
            number = _moment(str(value))
        if number is None or abs(number) > _LATEST:
            hint = "seconds since 1970, or ISO 8601"
            raise self.wrong("time", f"{str(value)[:40]!r} is no time", hint=hint)
        return number


def _number(value: Json) -> float | None:
    """Return a finite number, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _moment(text: str) -> float | None:
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
