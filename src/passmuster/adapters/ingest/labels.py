"""Labels from and to files: the log of a corpus, and sheets that people fill in. `docs/corpus/label.md` has the columns."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.lines import append_lines
from passmuster.adapters.files.rows import Row, RowReader
from passmuster.adapters.files.tables import write_table
from passmuster.adapters.ingest.logged import logged
from passmuster.adapters.ingest.sheet_cells import YES, SheetCells, is_blank
from passmuster.errors import CorpusError
from passmuster.records.digest import plain
from passmuster.records.label import Label, LabelForm
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

_SHOWN = ("reference", "suggestion")
_OPTIONAL = ("reference", "suggestion", "suggested_by", "said")
_LOG: TypeAdapter[Label] = TypeAdapter(Label)


def read_label_log(path: Path) -> list[Label]:
    """Return the labels of a `labels.jsonl`, in the order in which they came; none where there is no such file.

    Raises:
        CorpusError: with the line, where one is no label.
    """
    rows = RowReader(path, CorpusError) if path.is_file() else ()
    return [logged(row, _LOG, "`passmuster corpus label`") for row in rows]


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
    for row in RowReader(path, CorpusError, sheet=True):
        label = _Sheet(row, form).label()
        if label is not None:
            yield label
        elif blank is not None:
            blank()


class _Sheet:
    """One row of a sheet on its way to a label."""

    def __init__(self, row: Row, form: LabelForm) -> None:
        self._form = form
        self._cells = SheetCells(row, NAMES, form.columns, "label")

    def label(self) -> Label | None:
        cells = self._cells
        for field in ("case", "label"):
            if cells.columns[field] is None:
                found = ", ".join(list(cells.row.values)[:20]) or "none"
                hint = f"The row has: {found}. Name the column: --column {field}=COLUMN"
                raise CorpusError(f"the row has no {field}", place=cells.row.place(), hint=hint)
        value = cells.value("label")
        skipped = str(cells.value("skipped") or "").strip().casefold() in YES
        if not skipped and is_blank(value):
            return None
        return Label(
            case=cells.text("case", 1000) or self._missing("case"),
            value=None if skipped else self._answer(value),
            annotator=cells.name("annotator", self._form.annotator, LONGEST_NAME, "labels"),
            kind=cells.kind(self._form.kind),
            time=cells.time(),
            input=cells.text("digest", 100),
            confidence=self._confidence(),
            note=cells.text("note", LONGEST_NOTE),
            saw=self._saw(),
        )

    def _missing(self, field: str) -> str:
        raise self._cells.wrong(field, "is empty")

    def _answer(self, value: Json) -> Json:
        try:
            size = len(json.dumps(value, ensure_ascii=False))
        except RecursionError:
            raise self._cells.wrong("label", "is nested too deeply") from None
        if size > LONGEST_LABEL:
            raise self._cells.wrong(
                "label", f"has {size:,} characters", hint=f"at most {LONGEST_LABEL:,} are kept"
            )
        return value.strip() if isinstance(value, str) else value

    def _confidence(self) -> float | None:
        value = self._cells.value("confidence")
        try:
            number = None if value is None else float(str(value))
        except ValueError:
            number = math.nan
        if number is not None and not 0 <= number <= 1:
            raise self._cells.wrong("confidence", f"{str(value)[:40]!r} is not between 0 and 1")
        return number

    def _saw(self) -> str | None:
        """Return whose answer was in sight: what an exported sheet showed counts, whatever else was filled in."""
        shown = [name for name in _SHOWN if str(self._cells.row.values.get(name) or "").strip()]
        by = self._cells.text("suggested_by", LONGEST_NAME)
        if by is None and "suggestion" in shown:
            by = "a suggestion"
        return by if by is not None else ("reference" if shown else None)


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
