"""The folder of a corpus: which file holds what. All of it lives in git beside the code, but the traffic."""

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.ingest.columns import ColumnMap
from passmuster.errors import CorpusError, Place, UsageError
from passmuster.records.case import Case, Category

OpenSplit: TypeAlias = Literal["train", "eval"]
"""The splits that anybody may read."""
Pool: TypeAlias = Literal["edge", "adversarial", "regression"]
"""Cases that are looked at apart from the estimate of production."""

POOLS: tuple[Pool, ...] = ("edge", "adversarial", "regression")
ENDINGS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz")
_LAST_LINE = 2**20
"""Bytes at the end of the ledger in which its last line is looked for."""
_HASH = re.compile("[0-9a-f]{64}")
_IGNORED = (
    "# What users wrote stays out of git, and should leave the team's reach once the holdout is sealed.\n*\n"
)
_NOT_IN_GIT = (
    "# The holdout is still among cases that are not split; the rest is of the work that is going on.",
    "/cases.jsonl",
    "/cases.jsonl.part",
    "*.parting.jsonl*",
    "*.sealing.jsonl*",
    "/refresh.json",
    "/to_label*",
    "/traffic/",
    "/.private/",
)


class CorpusFolder:
    """A folder of cases, frozen versions and what else belongs to a corpus; none of its files need exist.

    The holdout is no split of it: `holdout.sealed` is opened in one place only, with the custodian's key.

    Args:
        path: The folder.
        columns: Our field -> their column, for split files that were not written here.
    """

    def __init__(self, path: Path, columns: ColumnMap | None = None) -> None:
        self.path = path
        self._columns = columns or None
        self.sealed = path / "holdout.sealed"
        """The encrypted holdout."""
        self.lock = path / "corpus.lock.json"
        """Digests, counts and commitments of the seal."""
        self.ledger = path / "ledger.jsonl"
        """Who opened the holdout, when, and for what: a chain of hashes."""
        self.proposals = path / "proposals.jsonl"
        """Cases that wait for a person to accept or drop them."""
        self.labels = path / "labels.jsonl"
        """Labels with who gave them, as they came."""
        self.topics = path / "topics.json"
        """Centroids of the topics, frozen with the version that they were fitted for."""
        self.coverage = path / "coverage.json"
        """What drift last said: how much of which traffic these cases are like."""
        self.versions = path / "versions.jsonl"
        """One line a frozen version."""
        self.traffic = path / "traffic"
        """Imported traffic; git ignores it."""
        self.unsplit = path / "cases.jsonl"
        """Cases that are not split yet; git ignores it."""

    def frozen(self, version: str) -> Path:
        """Return the file of a frozen version."""
        return self.path / "versions" / f"{version}.jsonl.gz"

    def split_file(self, name: str) -> Path | None:
        """Return the plain file of a split, None where there is none; also of a `holdout` that is not sealed."""
        return next((path for ending in ENDINGS if (path := self.path / f"{name}{ending}").is_file()), None)

    def split(self, name: OpenSplit, see: Callable[[Case], None] | None = None) -> Sequence[Case]:
        """Return the cases of a split, none where it has no file; `see` is told of each as it is read.

        Raises:
            CorpusError: where the file is wrong.
        """
        path = self.split_file(name)
        return () if path is None else read_cases(path, self._columns, see)

    def holdout(self) -> Literal["none", "unsealed", "sealed"]:
        """Return in which state the holdout is."""
        if self.split_file("holdout") is not None:
            return "unsealed"
        return "sealed" if self.sealed.is_file() else "none"

    def ledger_head(self) -> str | None:
        """Return the hash of the last entry of the holdout's ledger, None where there is none that can be read.

        Whether the ledger is whole is for `corpus verify` to say.
        """
        try:
            with self.ledger.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - _LAST_LINE))
                lines = stream.read(_LAST_LINE).splitlines()
            found = json.loads(lines[-1])["hash"]
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        return found if isinstance(found, str) and _HASH.fullmatch(found) else None

    def pool_file(self, name: Pool) -> Path:
        """Return the file of a pool."""
        return self.path / "pools" / f"{name}.jsonl"

    def pool(self, name: Pool, see: Callable[[Case], None] | None = None) -> Sequence[Case]:
        """Return the cases of a pool, none where it has no file; `see` is told of each as it is read.

        Raises:
            CorpusError: where the file is wrong.
        """
        path = self.pool_file(name)
        return read_cases(path, None, see) if path.is_file() and path.stat().st_size else ()

    def pools(self, see: Callable[[Case], None] | None = None) -> Mapping[Pool, Sequence[Case]]:
        """Return the pools that hold cases; `see` is told of each as it is read."""
        return {name: cases for name in POOLS if (cases := self.pool(name, see))}

    def open_cases(self) -> list[Case]:
        """Return all cases that anybody may read: train, eval, then the pools.

        Raises:
            CorpusError: where a file is wrong.
        """
        pooled = [case for cases in self.pools().values() for case in cases]
        return [*self.split("train"), *self.split("eval"), *pooled]

    def write_split(self, name: OpenSplit, cases: Iterable[Case]) -> Path:
        """Write the cases of a split and return its file.

        Raises:
            CorpusError: where it cannot be written, and where the split lies in a file of another form.
        """
        found = self.split_file(name)
        path = self.path / f"{name}.jsonl" if found is None else found
        if path.suffix == ".csv" or path.name.endswith(".csv.gz"):
            raise CorpusError(
                f"the {name} split is a CSV file, which cannot hold every field of a case",
                place=Place(str(path)),
                hint=f"Rename it and give it another time: passmuster corpus split {path.name}",
            )
        write_cases(path, cases)
        return path

    def write_pool(self, name: Pool, cases: Iterable[Case]) -> Path:
        """Write the cases of a pool and return its file.

        Raises:
            CorpusError: where it cannot be written.
            UsageError: for a case of another category.
        """
        held = list(cases)
        _check_category(name, held)
        path = self.pool_file(name)
        write_cases(path, held)
        return path

    def traffic_folder(self) -> Path:
        """Return the folder of imported traffic, made and hidden from git where it was not there.

        Raises:
            CorpusError: where it cannot be made.
        """
        self.keep_out_of_git()
        mark = self.traffic / ".gitignore"
        if not mark.exists():
            write_lines(mark, _IGNORED.splitlines())
        return self.traffic

    def keep_out_of_git(self) -> None:
        """Tell git which files of the folder are not its business; a `.gitignore` that is there stays as it is.

        Raises:
            CorpusError: where it cannot be written.
        """
        path = self.path / ".gitignore"
        if not path.exists():
            write_lines(path, _NOT_IN_GIT)


def _check_category(name: Category, cases: Iterable[Case]) -> None:
    for case in cases:
        if case.category != name:
            raise UsageError(f"case {case.id!r} is {case.category}, and the pool is {name}")
