"""Labels from and to files: the log of a corpus, and sheets that people fill in. `docs/corpus/label.md` has the columns."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.lines import append_lines
from passmuster.adapters.files.rows import Row, RowReader
from passmuster.adapters.files.tables import without_apostrophe, write_table
from passmuster.adapters.ingest.inputs import refuse_unsayable
from passmuster.errors import CorpusError, Place
from passmuster.records.digest import plain
from passmuster.records.label import Annotator, Label, LabelForm
from passmuster.records.record import Json, Record

LONGEST_LABEL = 20_000
"""Characters of a label, as JSON."""
LONGEST_NOTE = 4_000
LONGEST_NAME = 100

NAMES: Mapping[str, tuple[str, ...]] = {
    "case": ("case", "id", "case_id"),
    "label": ("label", "value", "answer"),
    "annotator": ("annotator", "by", "user"),
    "kind": ("kind",),
    "time": ("time", "created_at"),
    "note": ("note", "comment"),
    "confidence": ("confidence",),
    "skipped": ("skipped", "skip"),
    "digest": ("digest",),
    "suggested_by": ("suggested_by", "saw"),
}
"""Our field -> the columns that it is read from; the first that a row has counts."""

KINDS: tuple[Annotator, ...] = get_args(Annotator)

_YES = frozenset({"yes", "y", "true", "1", "x"})
_SHOWN = ("reference", "suggestion")
_OPTIONAL = ("reference", "suggestion", "suggested_by", "said")
_LOG: TypeAdapter[Label] = TypeAdapter(Label)


def read_label_log(path: Path) -> list[Label]:
    """Return the labels of a `labels.jsonl`, in the order in which they came; none where there is no such file.

    Raises:
        CorpusError: with the line, where one is no label.
    """
    return [_logged(row) for row in RowReader(path, CorpusError)] if path.is_file() else []


def _logged(row: Row) -> Label:
    refuse_unsayable(row)
    try:
        return _LOG.validate_json(row.text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the line"
        raise CorpusError(
            f"{where}: {first['msg']}",
            place=row.place(),
            hint="This file is written by `passmuster corpus label`; take the line out, or set it right.",
        ) from None


def append_labels(path: Path, labels: Iterable[Label]) -> None:
    """Add labels to the log of a corpus, all of them or none.

    Raises:
        CorpusError: where it cannot be written.
    """
    append_lines(path, [json.dumps(plain(label), ensure_ascii=False, allow_nan=False) for label in labels])


def read_labels(path: Path, form: LabelForm, blank: Callable[[], None] | None = None) -> Iterator[Label]:
    """Yield the labels of a `.csv` or `.jsonl` file; `blank` is told of each row that has none yet.

    Raises:
        CorpusError: with line and column, for a row that is no label.
        SealError: for a holdout.
    """
    refuse_holdout(path)
    for row in RowReader(path, CorpusError):
        label = _Sheet(row, form).label()
        if label is not None:
            yield label
        elif blank is not None:
            blank()


class _Sheet:
    """One row of a sheet on its way to a label."""

    def __init__(self, row: Row, form: LabelForm) -> None:
        refuse_unsayable(row)
        self._row = row
        self._form = form
        mapped = form.columns or {}
        self._columns = {
            field: mapped.get(field) or next((name for name in names if name in row.values), None)
            for field, names in NAMES.items()
        }
        for field, column in mapped.items():
            if field not in NAMES:
                raise CorpusError(
                    f"a label has no field {field!r}", place=Place(row.path), hint=_fields(field)
                )
            if column not in row.values:
                hint = did_you_mean(column, sorted(row.values))
                raise CorpusError(f"there is no column {column!r} for {field}", place=row.place(), hint=hint)

    def label(self) -> Label | None:
        for field in ("case", "label"):
            if self._columns[field] is None:
                found = ", ".join(list(self._row.values)[:20]) or "none"
                hint = f"The row has: {found}. Name the column: --column {field}=COLUMN"
                raise CorpusError(f"the row has no {field}", place=self._row.place(), hint=hint)
        value = self._value("label")
        skipped = str(self._value("skipped") or "").strip().casefold() in _YES
        if not skipped and (value is None or (isinstance(value, str) and not value.strip())):
            return None
        return Label(
            case=self._text("case", 1000) or self._missing("case"),
            value=None if skipped else self._answer(value),
            annotator=self._name(),
            kind=self._kind(),
            time=self._time(),
            input=self._text("digest", 100),
            confidence=self._confidence(),
            note=self._text("note", LONGEST_NOTE),
            saw=self._saw(),
        )

    def _value(self, field: str) -> Json:
        column = self._columns[field]
        value = None if column is None else self._row.values.get(column)
        if isinstance(value, str) and self._row.format == "csv":
            return without_apostrophe(value) or None
        return value

    def _wrong(self, field: str, message: str, hint: str | None = None) -> CorpusError:
        column = self._columns[field]
        place = self._row.place() if column is None else self._row.place(column)
        return CorpusError(f"{field}: {message}", place=place, hint=hint)

    def _missing(self, field: str) -> str:
        raise self._wrong(field, "is empty")

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

    def _answer(self, value: Json) -> Json:
        try:
            size = len(json.dumps(value, ensure_ascii=False))
        except RecursionError:
            raise self._wrong("label", "is nested too deeply") from None
        if size > LONGEST_LABEL:
            raise self._wrong("label", f"has {size:,} characters", hint=f"at most {LONGEST_LABEL:,} are kept")
        return value.strip() if isinstance(value, str) else value

    def _name(self) -> str:
        name = (self._text("annotator", LONGEST_NAME) or self._form.annotator or "").strip()
        if not name:
            hint = "Say whose labels these are: --by NAME. Or name the column: --column annotator=COLUMN"
            raise CorpusError("nobody is named as the annotator", place=self._row.place(), hint=hint)
        if not name.isprintable():
            raise self._wrong("annotator", "a name has letters that can be seen only")
        return name

    def _kind(self) -> Annotator:
        value = self._text("kind", 20)
        if value is None:
            return self._form.kind
        for kind in KINDS:
            if value.strip().casefold() == kind:
                return kind
        raise self._wrong("kind", f"{value!r} is neither human nor machine")

    def _time(self) -> float | None:
        value = self._value("time")
        if value is None:
            return None
        try:
            number = float(str(value))
        except ValueError:
            number = self._moment(str(value))
        if not math.isfinite(number) or abs(number) > 1e11:
            raise self._wrong(
                "time", f"{str(value)[:40]!r} is no time", hint="seconds since 1970, or ISO 8601"
            )
        return number

    def _moment(self, text: str) -> float:
        try:
            found = datetime.fromisoformat(text.strip())
        except ValueError:
            return math.nan
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()

    def _confidence(self) -> float | None:
        value = self._value("confidence")
        try:
            number = None if value is None else float(str(value))
        except ValueError:
            number = math.nan
        if number is not None and not 0 <= number <= 1:
            raise self._wrong("confidence", f"{str(value)[:40]!r} is not between 0 and 1")
        return number

    def _saw(self) -> str | None:
        """Return whose answer was in sight: what an exported sheet showed counts, whatever else was filled in."""
        shown = [name for name in _SHOWN if str(self._row.values.get(name) or "").strip()]
        by = self._text("suggested_by", LONGEST_NAME)
        if by is None and "suggestion" in shown:
            by = "a suggestion"
        return by if by is not None else ("reference" if shown else None)


def _fields(field: str) -> str:
    return did_you_mean(field, list(NAMES))


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow(Record):
    """A case as an annotator sees it; what is None has no column.

    `said` is who gave which label, for the one who ends a dispute.
    """

    case: str
    input: str
    digest: str
    annotator: str = ""
    reference: str | None = None
    suggestion: str | None = None
    suggested_by: str | None = None
    said: str | None = None


def write_sheet(path: Path, rows: Sequence[SheetRow]) -> int:
    """Write a sheet to be filled in, `.csv` or `.jsonl`, whole or not at all, and return how many rows it has.

    What a spreadsheet would run as a formula gets an apostrophe in front, which reading takes off again.

    Raises:
        CorpusError: for another ending, and where it cannot be written.
    """
    columns = [name for name in _OPTIONAL if any(getattr(row, name) is not None for row in rows)]
    heads = list(_cells(SheetRow(case="", input="", digest=""), columns))
    return write_table(path, heads, [_cells(row, columns) for row in rows])


def _cells(row: SheetRow, columns: Sequence[str]) -> dict[str, str]:
    shown = {name: getattr(row, name) or "" for name in columns}
    return {
        "case": row.case,
        "input": row.input,
        **shown,
        "label": "",
        "skipped": "",
        "note": "",
        "annotator": row.annotator,
        "digest": row.digest,
    }
