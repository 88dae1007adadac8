"""Cases from JSONL and CSV files, strictly, and back to JSONL. `docs/cases.md` describes the format."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar, get_args

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.files.reread import Reread
from passmuster.adapters.files.rows import Row
from passmuster.adapters.ingest.checks import read_checks, read_key_points
from passmuster.adapters.ingest.columns import CASE_FIELDS, ColumnMap, Columns, is_missing
from passmuster.adapters.ingest.inputs import read_input, refuse_unsayable
from passmuster.errors import CorpusError, Place
from passmuster.records.case import Case, Category, Expect, Origin
from passmuster.records.digest import plain
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json

_CATEGORIES: tuple[Category, ...] = get_args(Category)
_ORIGINS: tuple[Origin, ...] = get_args(Origin)
_ENDINGS: tuple[Expect, ...] = get_args(Expect)

W = TypeVar("W", bound=str)


def read_cases(
    path: Path,
    columns: ColumnMap | None = None,
    see: Callable[[Case], None] | None = None,
    *,
    sealing: bool = False,
) -> Sequence[Case]:
    """Read the cases of a `.jsonl`, `.jsonl.gz`, `.csv` or `.csv.gz` file, in their order.

    All of them are checked now. Those of a large file are not held but read again each time they are asked
    for, which raises a `CorpusError` where the file has changed meanwhile.

    Args:
        path: The file.
        columns: Our field -> their column, such as `{"reference": "gold"}`; `{"input": ["question", "document"]}`
            makes named fields, `{"id": "line"}` numbers the cases by line. Columns that are not mapped are
            ignored; without a map they are errors.
        see: Is told of each case as it is read.
        sealing: Whether they are read to be sealed: nobody else may read a holdout.

    Raises:
        SealError: for the file of a holdout.
        CorpusError: for anything that is not a case, with file, line and column; for an id that stands twice,
            with both lines; for a file without cases.
    """
    if not sealing:
        refuse_holdout(path)
    picker = Columns(columns, str(path))
    cases = Reread(path, CorpusError, lambda row: _Fields(row, picker).case())
    known: set[int] = set()
    with closing(cases.reading()) as rows:
        for row, case in rows:
            mark = hash(case.id)
            if mark in known:
                _refuse_twin(case.id, row, cases, picker)
            known.add(mark)
            if see is not None:
                see(case)
    if not cases:
        raise CorpusError("the file holds no cases", place=Place(str(path)))
    picker.check_all_seen()
    return cases if cases.held is None else cases.held


def _refuse_twin(name: str, row: Row, cases: Reread[Case], columns: Columns) -> None:
    """Raise where a case before this row has the same id, and not only the same hash of it."""
    for earlier in cases.rows(0, len(cases) - 1):
        if _Fields(earlier, columns).case().id == name:
            raise CorpusError(
                f"the id {name!r} stands on line {earlier.line} already",
                place=row.place(columns.column("id")),
                hint="every case needs an id of its own",
            )


def read_case(row: Row) -> Case:
    """Return the case of one row, in the form that `write_cases` gives it.

    Raises:
        CorpusError: where it is none, with the place.
    """
    return _Fields(row, Columns(None, row.path)).case()


def case_line(case: Case, path: Path) -> str:
    """Return a case as one JSON text that `read_case` gives back equal.

    Raises:
        CorpusError: for a case that it could not give back; it names the file.
    """
    return _line(case, path)


def write_cases(path: Path, cases: Iterable[Case]) -> None:
    """Write cases to a `.jsonl` or `.jsonl.gz` file that `read_cases` gives back equal.

    The file appears whole or not at all, and equal cases give equal bytes.

    Raises:
        CorpusError: for another kind of file, and for a case that the file could not give back.
    """
    if not path.name.lower().endswith((".jsonl", ".jsonl.gz")):
        raise CorpusError(
            f"cannot write cases as {path.name!r}",
            place=Place(str(path)),
            hint="name it *.jsonl or *.jsonl.gz",
        )
    write_lines(path, (_line(case, path) for case in cases))


def _line(case: Case, path: Path) -> str:
    if isinstance(case.input, dict) and "messages" in case.input:
        raise CorpusError(
            f"case {case.id!r}: a named field cannot be called 'messages'; that word marks a conversation",
            place=Place(str(path)),
        )
    stored = plain(case)
    values = stored if isinstance(stored, dict) else {}
    ordered = {name: values[name] for name in CASE_FIELDS if name in values}
    try:
        text = json.dumps(ordered, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError as error:
        raise CorpusError(f"case {case.id!r} cannot be written: {error}", place=Place(str(path))) from error
    return text


class _Fields:
    """The fields of one row on their way to a case."""

    def __init__(self, row: Row, columns: Columns) -> None:
        self._row = row
        self._columns = columns
        self._values = columns.pick(row)

    def case(self) -> Case:
        row, values = self._row, self._values
        refuse_unsayable(row)
        reference = values.get("reference")
        return Case(
            id=self._required_label("id"),
            input=read_input(row, self._columns.column("input"), self._required("input")),
            reference=reference,
            category=self._word("category", _CATEGORIES, " A part of traffic is a `stratum`.") or "typical",
            stratum=self._label("stratum"),
            group=self._label("group"),
            tags=self._tags(),
            origin=self._word("origin", _ORIGINS) or "production",
            generator=self._label("generator"),
            time=self._number("time", "seconds since 1970-01-01 UTC"),
            weight=self._number("weight", "how many cases of traffic it stands for, more than 0"),
            parent=self._label("parent"),
            transform=self._label("transform"),
            expect=self._word("expect", _ENDINGS),
            feedback=self._label("feedback"),
            mode=self._label("mode"),
            checks=read_checks(self._values.get("checks"), partial(self._wrong, "checks")),
            rubric=self._label("rubric"),
            key_points=read_key_points(self._values.get("key_points"), partial(self._wrong, "key_points")),
        )

    def _wrong(self, field: str, message: str, hint: str | None = None) -> CorpusError:
        return CorpusError(
            f"{field}: {message}", place=self._row.place(self._columns.column(field)), hint=hint
        )

    def _required(self, field: str) -> Json:
        if field in self._values:
            return self._values[field]
        found = ", ".join(self._row.values) or "none"
        raise CorpusError(
            f"{field} is missing",
            place=self._row.place(),
            hint=f"the row has: {found}. Name the column with `columns: {{{field}: ...}}`",
        )

    def _required_label(self, field: str) -> str:
        self._required(field)
        label = self._label(field)
        if not label:
            raise self._wrong(field, "is empty")
        return label

    def _label(self, field: str) -> str | None:
        value = self._values.get(field)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise self._wrong(field, f"expected text, found {kind_of(value)}: {json.dumps(value)[:60]}")

    def _word(self, field: str, words: Sequence[W], more: str = "") -> W | None:
        value = self._values.get(field)
        if value is None:
            return None
        for word in words:
            if value == word:
                return word
        hint = did_you_mean(str(value), words) + more
        raise self._wrong(field, f"{str(value)[:60]!r} is no {field}", hint)

    def _number(self, field: str, meaning: str) -> float | None:
        value = self._values.get(field)
        if isinstance(value, str) and self._row.format == "csv":
            text = value
            try:
                value = float(text)
            except ValueError:
                raise self._wrong(field, f"expected a number, found {text[:60]!r}", hint=meaning) from None
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise self._wrong(field, f"expected a number, found {kind_of(value)}", hint=meaning)
        if field == "weight" and value <= 0:
            raise self._wrong(field, f"{value} is no weight", hint=meaning)
        return float(value)

    def _tags(self) -> tuple[str, ...]:
        value = self._values.get("tags")
        if value is None:
            return ()
        if isinstance(value, str) and self._row.format == "csv":
            return tuple(tag.strip() for tag in value.split(",") if not is_missing(self._row, tag.strip()))
        if not isinstance(value, list):
            raise self._wrong("tags", f"expected a list of texts, found {kind_of(value)}")
        for tag in value:
            if not isinstance(tag, str):
                raise self._wrong("tags", f"expected a list of texts, found {kind_of(tag)} in it")
        return tuple(str(tag) for tag in value)
