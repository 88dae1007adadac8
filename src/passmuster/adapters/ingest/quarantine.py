"""Where an import is put, with the rows that could not be used beside it: out of sight until all of it is kept."""

import json
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic_core import from_json, to_json

from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.ingest.shapes.shape import MADE
from passmuster.adapters.ingest.traffic import DRAFT, ENDING, TrafficWriter, packed_lines, traffic_line
from passmuster.errors import CorpusError, Place
from passmuster.records.digest import plain
from passmuster.records.imported import BadRow, Imported, Settled
from passmuster.records.traffic import TrafficRecord

QUARANTINE = ".quarantine.jsonl"
"""How the file of the rows ends that could not be used."""
REFUSED = ".refused.jsonl"
"""How it ends where nothing was imported."""
ACCOUNT = ".import.json"
"""How the account of an import ends."""

MOST_KEPT = 10_000
"""Rows that are kept in quarantine; more are counted."""


class Quarantine:
    """Rows of an import that could not be used, the first of them, on their way to a file beside the traffic.

    Args:
        folder: Where traffic lies.
        name: Of the import.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._bad: list[BadRow] = []

    def set_aside(self, row: BadRow) -> None:
        """Put a row in quarantine."""
        if len(self._bad) < MOST_KEPT:
            self._bad.append(row)

    def refuse(self) -> str | None:
        """Keep nothing but the rows in quarantine, so that they can be looked at; return where they are."""
        path = self._folder / f"{self._name}{REFUSED}"
        if not self._bad:
            return None
        try:
            write_lines(path, _lines(self._bad))
        except CorpusError:  # the reason why nothing is kept matters more
            return None
        return str(path)


class CaseQuarantine(Quarantine):
    """Rows of a test set that could not be used; its files are apart from those of traffic with the same name.

    Args:
        folder: Where traffic lies, which git does not see.
        name: Of the import.
    """

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(folder, f"{name}.cases")

    def keep(self) -> str | None:
        """Write the rows, in the place of those of an earlier import; return where they are, None without any.

        Raises:
            CorpusError: where they cannot be written.
        """
        path = self._folder / f"{self._name}{QUARANTINE}"
        if self._bad:
            write_lines(path, _lines(self._bad))
        else:
            path.unlink(missing_ok=True)
        (self._folder / f"{self._name}{REFUSED}").unlink(missing_ok=True)
        return str(path) if self._bad else None


class TrafficShelf(Quarantine):
    """The place of an import; use it in a `with` block: what is not kept is gone at its end.

    Args:
        folder: Where traffic lies.
        name: Of the import.
    """

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(folder, name)
        self._path = folder / f"{name}{ENDING}"
        self._writer = TrafficWriter(self._path)
        self._ids = array("q")

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take away what was not kept."""
        self._writer.__exit__(kind, error, trace)

    def add(self, record: TrafficRecord) -> str | None:
        """Put a record in, or return why that cannot be.

        Raises:
            CorpusError: where the disk is full.
        """
        try:
            line = traffic_line(record)
        except ValueError as error:
            return str(error)
        self._ids.append(hash(record.id))
        self._writer.write(line)
        return None

    def settle(self) -> Settled:
        """Give every record an id of its own; one that is there twice, id and all, stays once.

        Raises:
            CorpusError: where the disk is full.
        """
        doubled = _doubled(self._ids)
        if not doubled:
            return Settled()
        self._writer.finish()
        own = _OwnIds(doubled)
        with TrafficWriter(self._path, DRAFT + "2") as second:
            for line in packed_lines(self._writer.draft):
                kept = own.line(line.rstrip(b"\n"))
                if kept is not None:
                    second.write(kept)
            second.finish()
            try:
                second.draft.replace(self._writer.draft)
            except OSError as error:
                raise _unwritten(self._path, error) from None
        return own.settled()

    def keep(self, imported: Imported) -> Imported:
        """Bring everything to its place at once; what was there before is replaced. Return it with its paths.

        Raises:
            CorpusError: where that cannot be; everything is as it was then.
        """
        self._refuse_twin(imported)
        self._writer.finish()
        quarantine, account = (self._folder / f"{self._name}{ending}" for ending in (QUARANTINE, ACCOUNT))
        kept = replace(imported, path=str(self._path), quarantine=str(quarantine) if self._bad else None)
        drafts = [path.with_name(path.name + DRAFT) for path in (quarantine, account)]
        try:
            write_lines(drafts[0], _lines(self._bad))
            write_lines(drafts[1], [_json(kept)])
            drafts[0].replace(quarantine)
            drafts[1].replace(account)
            self._writer.keep()  # last: until then the traffic that was there is untouched
            if not self._bad:
                quarantine.unlink()
            (self._folder / f"{self._name}{REFUSED}").unlink(missing_ok=True)
        except OSError as error:
            raise _unwritten(self._path, error) from None
        finally:
            for draft in drafts:
                draft.unlink(missing_ok=True)
        return kept

    def _refuse_twin(self, imported: Imported) -> None:
        """Raise where a file of this import is in another import: its calls would count twice."""
        new = {digest: file for file, digest in imported.sha256.items()}
        for path in self._folder.glob(f"*{ACCOUNT}"):
            name = path.name.removesuffix(ACCOUNT)
            other = None if name == self._name else account_of(self._folder, name)
            twin = (
                next((new[digest] for digest in other.sha256.values() if digest in new), None)
                if other
                else None
            )
            if twin is not None and (self._folder / f"{name}{ENDING}").exists():
                raise CorpusError(
                    f"{twin} was imported already, as {name!r}",
                    hint=f"Nothing was imported. To import it anew, remove {self._folder / name}{ENDING} first.",
                )


def account_of(folder: Path, name: str) -> Imported | None:
    """Return the account of an import; None where there is none that can be read."""
    from pydantic import TypeAdapter

    try:
        return TypeAdapter(Imported).validate_json((folder / f"{name}{ACCOUNT}").read_bytes())
    except (OSError, ValueError):
        return None


class _OwnIds:
    """Goes through lines again, and gives records of one id ids of their own."""

    def __init__(self, doubled: set[int]) -> None:
        self._doubled = doubled
        self._seen: dict[str, dict[bytes, int]] = {}
        self._repeated = 0
        self._renamed = 0
        self._feedback: Counter[str] = Counter()
        self._timeless = 0

    def line(self, line: bytes) -> bytes | None:
        """Return the line as it is to be kept; None for one that is there already."""
        values: dict[str, Any] = from_json(line)
        name = values["id"]
        if hash(name) not in self._doubled:
            return line
        seen = self._seen.setdefault(name, {})
        mark = sha256(json.dumps(values, sort_keys=True).encode()).digest()[:8]
        seen[mark] = seen.get(mark, 0) + 1
        if len(seen) == 1 and seen[mark] == 1:
            return line
        if MADE.fullmatch(name):
            own = f"{name}-{sum(seen.values())}"
        elif seen[mark] > 1:
            self._drop(values)
            return None
        else:
            own = f"{name}-{mark[:4].hex()}"
        self._renamed += 1
        values["id"] = own
        return to_json(values)

    def _drop(self, values: dict[str, Any]) -> None:
        self._repeated += 1
        self._timeless += "time" not in values
        if "feedback" in values:
            self._feedback[values["feedback"]] += 1

    def settled(self) -> Settled:
        """Return what was done."""
        return Settled(
            repeated=self._repeated,
            renamed=self._renamed,
            feedback=dict(self._feedback),
            timeless=self._timeless,
        )


def _doubled(marks: "array[int]") -> set[int]:
    """Return the marks that stand more than once, in 16 bytes of memory a mark."""
    import numpy as np

    held = np.sort(np.frombuffer(marks, dtype=np.int64)) if len(marks) else np.empty(0, dtype=np.int64)
    return set(held[1:][held[1:] == held[:-1]].tolist())


def _lines(rows: list[BadRow]) -> Iterator[str]:
    return (_json(row) for row in rows)


def _json(record: BadRow | Imported) -> str:
    return json.dumps(plain(record), ensure_ascii=False).encode(errors="replace").decode()


def _unwritten(path: Path, error: OSError) -> CorpusError:
    return CorpusError(
        f"the file cannot be written: {error.strerror or error}",
        place=Place(str(path)),
        hint="Nothing was imported; what was there before is untouched. Make room, or name another folder.",
    )
