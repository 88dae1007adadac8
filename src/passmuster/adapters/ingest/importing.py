"""A source on its way in: what its rows were taken for, and the records or cases that they hold."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.ingest.formats.format import Format, MappingError, NotCarried
from passmuster.adapters.ingest.formats.table import FORMATS, format_named, recognised, recognised_folder
from passmuster.adapters.ingest.importing_rows import Progress, Rows, open_rows
from passmuster.adapters.ingest.shapes.guess import SAMPLE, Guess, guessed
from passmuster.adapters.ingest.shapes.shape import Reader
from passmuster.adapters.ingest.tabular import Bad, Good, Item
from passmuster.errors import CorpusError, UsageError
from passmuster.records.case import Case
from passmuster.records.imported import Account, BadRow, ImportKind, Mapped, Recognised
from passmuster.records.record import Json
from passmuster.records.traffic import TrafficRecord

TABLE = "table"
"""The format of rows that no tool has a name for."""

SAMPLE_CHARACTERS = 16_000_000
"""Characters of rows that are looked at before anything is read."""
_RECOGNISED_BY = 20
"""Rows that formats are recognised by."""
_SHOWN = 1_000

Found: TypeAlias = TrafficRecord | Case | BadRow


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What a person said of a source: its format, what its columns are, what it holds, and what to select."""

    format: str | None = None
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kind: ImportKind | None = None
    query: str | None = None


def format_names() -> list[str]:
    """Return the names of all formats, as `--format` takes them."""
    return [TABLE, *sorted(form.name for form in FORMATS)]


class SourceReading:
    """A source that has been looked at; go through it once.

    Args:
        sources: Paths, globs, addresses.
        how: What a person said of it.

    Raises:
        UsageError: for what cannot be recognised, or was said wrongly.
        CorpusError: where the source cannot be read.
    """

    def __init__(self, sources: Sequence[str], how: How) -> None:
        form = _said(how)
        why = "as you said"
        if form is None and how.format is None and len(sources) == 1 and Path(sources[0]).is_dir():
            form, why = _folder(Path(sources[0]))
        self._rows = open_rows(sources, how.query, form)
        items = iter(self._rows)
        head = _head(items)
        sample = _sample(head, self._rows.names[0])
        if form is None and how.format is None and not how.columns:
            found = recognised(sample[:_RECOGNISED_BY], sources[0])
            if found is not None:
                form, why = found.format, found.why
        if form is not None and form.rows is not None:  # it reads its own files better
            self._rows = open_rows(sources, how.query, form)
            items, head = iter(self._rows), []
        if form is not None and form.kind == "cases" and how.kind == "traffic":
            raise UsageError(
                f"{form.title} hold cases, no traffic", hint="Leave out --as, or say --format table."
            )
        self._items = chain(head, items)
        self._read = (
            _FormatRows(form) if form is not None else _TableRows(guessed(sample, how.columns), self._rows)
        )
        self.recognised = self._read.recognised(how, why)
        """What the source was taken for."""
        self.sources = self._rows.names
        """Where it lies, without what is secret in addresses."""

    def __iter__(self) -> Iterator[Found]:
        """Yield the records or cases, and the rows that are none.

        Raises:
            CorpusError: where the source fails.
        """
        for item in self._items:
            if isinstance(item, Bad):
                yield BadRow(where=_where(item.where), reason=item.reason, text=item.text)
            else:
                yield from self._read.found(item)

    def progress(self) -> Progress:
        """Return how far it is."""
        return self._rows.progress()

    def account(self) -> Account:
        """Return what is known once all of it was read."""
        unread, left, remarks = self._read.account()
        return Account(sha256=dict(self._rows.digests()), unread=unread, left=left, remarks=remarks)


class _FormatRows:
    """Values of a format of another tool."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._left: Counter[str] = Counter()

    def recognised(self, how: How, why: str) -> Recognised:
        return Recognised(
            format=self._form.name, kind=how.kind or self._form.kind, why=f"{self._form.title}: {why}"
        )

    def found(self, item: Good) -> Iterator[Found]:
        try:
            for each in self._form.read(item.value):
                if isinstance(each, NotCarried):
                    self._left[f"{each.what}: {each.why}"] += 1
                elif isinstance(each, MappingError):
                    yield _bad(item, each)
                else:
                    yield each
        except MappingError as error:
            yield _bad(item, error)
        except RecursionError:
            yield _bad(item, "it is nested too deeply")

    def account(self) -> tuple[dict[str, int], dict[str, int], tuple[str, ...]]:
        return {}, dict(self._left), ()


class _TableRows:
    """Rows of a table whose columns were recognised or named."""

    def __init__(self, guess: Guess, rows: Rows) -> None:
        self._guess = guess
        self._reader = Reader(guess.shape, guess.known)
        self._left: Counter[str] = Counter()
        rows.need(guess.shape.columns["input"])

    def recognised(self, how: How, why: str) -> Recognised:
        del why
        named = bool(how.columns)
        return Recognised(
            format=TABLE,
            kind=how.kind or "traffic",
            why="a table; its columns as you said, the others by their names"
            if named
            else "a table; its columns by their names",
            columns=tuple(
                Mapped(field=name, column=column, remark=remark) for name, column, remark in self._guess.told
            ),
        )

    def found(self, item: Good) -> Iterator[Found]:
        if not isinstance(item.value, dict):
            yield _bad(item, "expected an object of columns")
            return
        try:
            yield self._reader.record(item.value)
        except MappingError as error:
            yield _bad(item, error)
        except RecursionError:
            yield _bad(item, "it is nested too deeply")
        if self._reader.notes:
            self._left.update(f"{note.what}: {note.why}" for note in self._reader.notes)
            self._reader.notes.clear()

    def account(self) -> tuple[dict[str, int], dict[str, int], tuple[str, ...]]:
        missing = sorted(self._reader.unseen)
        if missing:
            raise CorpusError(
                f"no row has a column {missing[0]!r}",
                hint=did_you_mean(missing[0], self._guess.known) + " Nothing was imported.",
            )
        late = [
            f"the column {column!r} came late and was not taken for anything; if it is one: --columns {name}={column}"
            for column, name in sorted(self._reader.late.items())
        ]
        unread = {
            f"{name}, such as {self._reader.examples[name]!r}": n for name, n in self._reader.unread.items()
        }
        return unread, dict(self._left), tuple(late)


def _said(how: How) -> Format | None:
    """Return the format that was said; None where none was, or a table."""
    if how.format is None or how.format == TABLE:
        return None
    if how.columns:
        raise UsageError(
            "--columns is for tables, and another format was said", hint="Leave out one of the two."
        )
    form = format_named(how.format)
    if form is None:
        raise UsageError(f"there is no format {how.format!r}", hint=did_you_mean(how.format, format_names()))
    return form


def _folder(path: Path) -> tuple[Format | None, str]:
    guess = recognised_folder(path)
    return (None, "") if guess is None else (guess.format, guess.why)


def _head(items: Iterator[Item]) -> list[Item]:
    """Return the first rows: enough of them for a guess, and few enough to be held."""
    head: list[Item] = []
    held = good = 0
    for item in items:
        head.append(item)
        good += isinstance(item, Good)
        held += len(str(item[1]))
        if good >= SAMPLE or held >= SAMPLE_CHARACTERS or len(head) >= 2 * SAMPLE:
            break
    return head


def _sample(head: Sequence[Item], name: str) -> Sequence[Mapping[str, Json]]:
    sample = [item.value for item in head if isinstance(item, Good) and isinstance(item.value, dict)]
    if head and not sample:
        bad = next((item for item in head if isinstance(item, Bad)), None)
        why = "they are no objects" if bad is None else f"{_where(bad.where)}: {bad.reason}"
        raise CorpusError(
            f"{name}: none of the first {len(head):,} rows can be read; {why}", hint="Nothing was imported."
        )
    if not head:
        raise CorpusError(f"{name} holds no rows", hint="Nothing was imported.")
    return sample


def _where(where: int | str) -> str:
    return f"line {where}" if isinstance(where, int) else where


def _bad(item: Good, why: MappingError | str) -> BadRow:
    try:
        text = json.dumps(item.value, ensure_ascii=False)[:_SHOWN]
    except (ValueError, RecursionError):
        text = ""
    return BadRow(where=_where(item.where), reason=str(why), text=text)
