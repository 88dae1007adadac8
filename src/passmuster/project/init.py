"""`passmuster init`: a small project that runs as it stands, without a key."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from passmuster.adapters.ingest.cases import write_cases
from passmuster.errors import NotAvailableError, UsageError
from passmuster.project.starters import invoices, tickets
from passmuster.project.starters.starter import LARGE, SMALL, Blunder, Draw, make_cases, record
from passmuster.records.case import Case
from passmuster.records.record import Json

TEMPLATES = Path(__file__).parent / "templates"
RECORDING = "eval/recordings/made-up-models.jsonl"


@dataclass(frozen=True, slots=True)
class _Starter:
    draw: Draw
    blunder: Blunder
    prefix: str
    seed: int


STARTERS: Mapping[str, _Starter] = {
    "classification": _Starter(tickets.ticket, tickets.wrong_team, "ticket", 20251108),
    "extraction": _Starter(invoices.invoice, invoices.slip, "invoice", 20251104),
}
"""The kinds of task that can be started."""
LATER = ("summary", "generation", "code", "agent")
"""The kinds of which there is no example yet."""


def create(folder: Path, kind: str = "classification", *, force: bool = False) -> list[Path]:
    """Write a project of this kind into `folder` and return the files, relative to it.

    Args:
        folder: Made where it does not exist.
        kind: What the task is.
        force: Whether files that are there already are written over.

    Raises:
        NotAvailableError: for a kind of which there is no example yet.
        UsageError: where a file is in the way, or the folder cannot be written.
    """
    if kind not in STARTERS:
        raise NotAvailableError(
            f"{kind} is not available yet: there is no example project of this kind",
            hint=f"Start with {' or '.join(STARTERS)} and take other metrics: docs/metrics.md lists them.",
        )
    contents = _contents(kind)
    in_the_way = sorted(str(name) for name in contents if (folder / name).exists())
    in_the_way = [name for name in in_the_way if name != ".gitignore"]
    if in_the_way and not force:
        listed = ", ".join(in_the_way[:4]) + (
            f" and {len(in_the_way) - 4} more" if len(in_the_way) > 4 else ""
        )
        raise UsageError(
            f"{folder} already holds {listed}", hint="Name another folder, or write over them: --force."
        )
    try:
        return [_write(folder, name, write) for name, write in contents.items() if _wanted(folder, name)]
    except OSError as error:
        raise UsageError(f"{error.filename or folder} cannot be written: {error.strerror}") from None


def _wanted(folder: Path, name: Path) -> bool:
    return name.name != ".gitignore" or not (folder / name).exists()


def _write(folder: Path, name: Path, write: Callable[[Path], object]) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)
    return name


def _contents(kind: str) -> dict[Path, Callable[[Path], object]]:
    files: dict[Path, Callable[[Path], object]] = {}
    for root in (TEMPLATES / kind, TEMPLATES / "shared"):
        for source in sorted(root.rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                files[_target(source.relative_to(root))] = _copier(source)
    starter = STARTERS[kind]
    rng = np.random.default_rng(starter.seed)
    cases = make_cases(starter.draw, rng, starter.prefix)
    for name, members in _files_of(cases).items():
        files[Path("eval/datasets", name)] = partial(write_cases, cases=members)
    rows = record(cases["eval"], (SMALL, LARGE), starter.blunder, rng)
    files[Path(RECORDING)] = lambda path: path.write_text(_lines(rows), encoding="utf-8")
    return files


def _files_of(cases: Mapping[str, Sequence[Case]]) -> dict[str, list[Case]]:
    """Return which file holds which cases: edge and adversarial ones to score are pools of their own."""
    files: dict[str, list[Case]] = {}
    for split, members in cases.items():
        for case in members:
            pooled = split == "eval" and case.category != "typical"
            files.setdefault(f"pools/{case.category}.jsonl" if pooled else f"{split}.jsonl", []).append(case)
    return files


def _target(name: Path) -> Path:
    return Path(".gitignore") if name == Path("gitignore") else name


def _copier(source: Path) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(source.read_bytes())


def _lines(rows: Iterable[Mapping[str, Json]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
