"""The file of proposals: cases that wait for a person, and what was decided on others."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.files.rows import Row
from passmuster.adapters.ingest.cases import case_line, read_case
from passmuster.errors import CorpusError, Place
from passmuster.records.digest import plain
from passmuster.records.proposal import Proposal, ProposalSource, ProposalStatus, Reason
from passmuster.records.record import Json, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line(Record):
    case: Mapping[str, Json]
    reasons: tuple[Reason, ...]
    source: ProposalSource
    status: ProposalStatus = "proposed"
    split: Literal["train", "eval"] | None = None
    by: str | None = None
    time: float | None = None


@cache
def _form() -> TypeAdapter[_Line]:
    return TypeAdapter(_Line)


def read_proposals(path: Path) -> list[Proposal]:
    """Return the proposals of a file, none where it does not exist.

    Raises:
        CorpusError: for a line that is no proposal, with its number, and for a case that stands twice.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CorpusError(
            f"the proposals cannot be read: {error.strerror or error}", place=Place(str(path))
        ) from None
    found: dict[str, Proposal] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        proposal = _proposal(path, number, line)
        if proposal.case.id in found:
            raise CorpusError(
                f"the case {proposal.case.id!r} is proposed twice",
                place=Place(str(path), number),
                hint="Take one of the two lines out.",
            )
        found[proposal.case.id] = proposal
    return list(found.values())


def write_proposals(path: Path, proposals: Iterable[Proposal]) -> None:
    """Write proposals; the file appears whole or not at all.

    Raises:
        CorpusError: where it cannot be written.
    """
    write_lines(path, (_text(proposal, path) for proposal in proposals))


def _proposal(path: Path, number: int, line: bytes) -> Proposal:
    try:
        found = _form().validate_json(line)
        own = json.dumps(found.case, ensure_ascii=False)
        case = read_case(Row(str(path), number, found.case, own, "jsonl"))
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        name = ".".join(str(step) for step in detail["loc"]) or "the line"
        raise CorpusError(
            f"no proposal: {name}: {detail['msg']}",
            place=Place(str(path), number),
            hint="Lines are written by mine and stress; take this one out.",
        ) from None
    except CorpusError as error:
        raise CorpusError(f"case.{error.message}", place=Place(str(path), number), hint=error.hint) from None
    return Proposal(
        case=case,
        reasons=found.reasons,
        source=found.source,
        status=found.status,
        split=found.split,
        by=found.by,
        time=found.time,
    )


def _text(proposal: Proposal, path: Path) -> str:
    stored = plain(proposal)
    values = stored if isinstance(stored, dict) else {}
    values.pop("case", None)
    own = case_line(proposal.case, path)
    rest = json.dumps(
        {"reasons": [], "source": proposal.source, "status": proposal.status} | values, ensure_ascii=False
    )
    return f'{{"case": {own}, {rest[1:]}'
