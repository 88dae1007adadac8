"""What people said of replies, as files beside the cases: ratings, choices, draws, anchors and checks of them, one a line."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from passmuster.adapters.files.lines import append_lines
from passmuster.adapters.files.rows import RowReader
from passmuster.adapters.ingest.logged import logged
from passmuster.errors import CorpusError
from passmuster.records.judge_drift import AnchorCheck
from passmuster.records.rating import Anchor, Choice, Draw, Rating, standing

WRITERS = "`passmuster rate` and `passmuster judge`"

R = TypeVar("R", Rating, Choice, Draw, Anchor, AnchorCheck)
S = TypeVar("S", Rating, Choice)


@dataclass(frozen=True, slots=True)
class Log(Generic[R]):
    """A file to which records are appended, and which nobody changes."""

    path: Path
    kind: type[R]

    def read(self) -> list[R]:
        """Return the records in the order in which they came; none where there is no such file.

        Raises:
            CorpusError: with the line, where one is broken.
        """
        if not self.path.is_file():
            return []
        adapter = TypeAdapter(self.kind)
        return [logged(row, adapter, WRITERS) for row in RowReader(self.path, CorpusError)]

    def append(self, records: Iterable[R]) -> None:
        """Add records, all of them or none.

        Raises:
            CorpusError: where the file cannot be written.
        """
        adapter = TypeAdapter(self.kind)
        append_lines(
            self.path, [adapter.dump_json(record, exclude_defaults=True).decode() for record in records]
        )


@dataclass(frozen=True, slots=True)
class SaidLog(Log[S]):
    """A log of what raters said, of which what was set right is read in the place of the slip."""

    def read(self) -> list[S]:
        """Return what stands, in the order in which it came; none where there is no such file.

        Raises:
            CorpusError: with the line, where one is broken.
        """
        return standing(Log.read(self))


@dataclass(frozen=True, slots=True)
class RatingFolder:
    """The five files, in the folder of the cases."""

    path: Path
    ratings: SaidLog[Rating] = field(init=False)
    choices: SaidLog[Choice] = field(init=False)
    draws: Log[Draw] = field(init=False)
    anchors: Log[Anchor] = field(init=False)
    checks: Log[AnchorCheck] = field(init=False)

    def __post_init__(self) -> None:
        """Name the files."""
        object.__setattr__(self, "ratings", SaidLog(self.path / "ratings.jsonl", Rating))
        object.__setattr__(self, "choices", SaidLog(self.path / "choices.jsonl", Choice))
        object.__setattr__(self, "draws", Log(self.path / "draws.jsonl", Draw))
        object.__setattr__(self, "anchors", Log(self.path / "anchors.jsonl", Anchor))
        object.__setattr__(self, "checks", Log(self.path / "anchor_checks.jsonl", AnchorCheck))
