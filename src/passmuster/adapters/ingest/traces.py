"""One call out of a file of traces: OTLP JSON, or whatever else holds calls of models."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NoReturn

from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.rows import RowReader
from passmuster.adapters.ingest.formats.format import Format, MappingError, Value
from passmuster.adapters.ingest.formats.table import FORMATS, recognised, values
from passmuster.errors import CorpusError, Place
from passmuster.records.record import Json
from passmuster.records.traffic import TrafficRecord

SAMPLE = 20
"""Values that are looked at to tell a format."""
_SHOWN = 5
_MOST = 100
"""Calls that are held while others are looked for that fit as well."""


def find_record(path: Path, span: str | None = None, trace: str | None = None) -> TrafficRecord:
    """Return the one call with this span id, or of this trace; the only one where neither is named.

    Args:
        path: A `.json` or `.jsonl` file, `.gz` too.
        span: The identifier of the call, or its beginning.
        trace: That of the trace it belongs to, or its beginning.

    Raises:
        CorpusError: where the file cannot be read or holds no calls; where none or several fit, with the ids;
            where calls with different texts have the id.
    """
    exact: list[TrafficRecord] = []
    found: dict[str, list[TrafficRecord]] = {}
    ids: list[str] = []
    for record in _records(path):
        ids += [record.id] if len(ids) < _SHOWN else []
        if _fits(record, span, trace):
            if record.id == span:
                _keep(exact, record)
            elif len(found) <= _MOST:
                _keep(found.setdefault(record.id, []), record)
    return _only(path, exact, found) or _none(path, span, trace, ids)


def _only(
    path: Path, exact: Sequence[TrafficRecord], found: Mapping[str, Sequence[TrafficRecord]]
) -> TrafficRecord | None:
    """Return the call that is meant: the one of that very id, else the only one whose id begins so."""
    meant = exact or (next(iter(found.values())) if len(found) == 1 else [])
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise CorpusError(
            f"{len(meant)} calls have the id {meant[0].id}",
            place=Place(str(path)),
            hint="Say which of them: --trace ID. Or take the others out of the file.",
        )
    if found:
        listed = ", ".join(islice(found, _SHOWN))
        raise CorpusError(
            f"{'many' if len(found) > _MOST else len(found)} calls fit, such as {listed}",
            place=Place(str(path)),
            hint="Name one of them: --span ID",
        )
    return None


def _none(path: Path, span: str | None, trace: str | None, ids: Sequence[str]) -> NoReturn:
    named = f" with span {span}" if span else f" of trace {trace}" if trace else ""
    raise CorpusError(
        f"the file has no call{named}",
        place=Place(str(path)),
        hint=f"It has such as {', '.join(ids)}." if ids else "It must hold the text of what was asked.",
    )


def _keep(held: list[TrafficRecord], record: TrafficRecord) -> None:
    """Hold a call, once: a file may have it twice, and another of the same id."""
    own = (record.input, record.reference)
    if len(held) <= _MOST and all((one.input, one.reference) != own for one in held):
        held.append(record)


def _fits(record: TrafficRecord, span: str | None, trace: str | None) -> bool:
    own = str(record.columns.get("trace_id") or "")
    return (span is None or record.id.startswith(span)) and (trace is None or own.startswith(trace))


def _records(path: Path) -> Iterator[TrafficRecord]:
    rows = _values(path)
    sample = list(islice(rows, SAMPLE))
    guess = recognised(sample, path.name)
    if guess is None or guess.format.kind != "traffic":
        known = ", ".join(form.title for form in FORMATS if form.kind == "traffic")
        raise CorpusError(
            "no format of traces fits this file", place=Place(str(path)), hint=f"Known are: {known}."
        )
    for value in chain(sample, rows):
        yield from _read(guess.format, value)


def _read(form: Format, value: Json) -> Iterator[TrafficRecord]:
    try:
        yield from (found for found in form.read(value) if isinstance(found, TrafficRecord))
    except MappingError:
        return  # a value that does not fit holds no call that could be meant


def _values(path: Path) -> Iterator[Json]:
    refuse_holdout(path)
    documents = values(path)
    if documents is not None:
        return (each.value for each in documents if isinstance(each, Value))
    return (row.values for row in RowReader(path, CorpusError))
