"""The process of today as a candidate: people's own labels, replayed."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from passmuster.adapters.files.rows import Row, RowReader
from passmuster.adapters.providers.baselines.answer import NO_TOKENS
from passmuster.adapters.providers.baselines.labels import label_text
from passmuster.errors import Place, RecordingError
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.digest import DIGEST_LENGTH
from passmuster.records.json_kind import kind_of
from passmuster.records.trial import Attempt, Exchange, Failure, Reply, Request, Source

_ID = ("id", "case_id")
_FIRST = ("label", "a", "label_a", "output")
_SECOND = ("b", "label_b", "second_label")


class Labels(NamedTuple):
    """What people said of cases: by case id, the labels of one or two persons in their order; and the digest."""

    by_case: Mapping[str, tuple[str, ...]]
    digest: str


def read_labels(path: Path) -> Labels:
    """Read people's labels: columns `id` and `label`, or `id`, `a` and `b` where two persons labelled each case.

    Several rows of one id are several persons. An empty label is none.

    Raises:
        RecordingError: for a row without these columns, with the columns that it has; for a file without rows.
    """
    reader = RowReader(path, RecordingError)
    by_case: dict[str, tuple[str, ...]] = {}
    for row in reader:
        case = _identity(row)
        by_case[case] = by_case.get(case, ()) + _said(row)
    if not by_case:
        raise RecordingError("the file holds no labels", place=Place(str(path)))
    return Labels(by_case, reader.digest[:DIGEST_LENGTH])


class ManualProvider:
    """Answers with what a person said; the n-th round gets the n-th person. The time is the stated turnaround.

    A case that nobody labelled is a failure `not_recorded`. People have no tokens; their time is the cost
    model's business.
    """

    def __init__(self, labels: Labels, candidate: Candidate, clock: Clock) -> None:
        self._labels = labels
        self._turnaround = candidate.manual.turnaround if candidate.manual is not None else None
        self._clock = clock

    @property
    def source(self) -> Source:
        """Where the times come from: they are stated, not measured."""
        return "recorded"

    async def ask(self, request: Request) -> Exchange:
        """Look up what was said of this case."""
        started = self._clock.now()
        said = self._labels.by_case.get(request.case.id, ())
        if request.round >= len(said):
            message = f"nobody labelled the case {request.case.id!r} for the {request.round + 1}. time"
            attempt = Attempt(started=started, error="not_recorded", message=message)
            return Exchange(Failure(kind="not_recorded", message=message), attempt)
        attempt = Attempt(started=started, seconds=self._turnaround, usage=NO_TOKENS, cost=0.0)
        return Exchange(Reply(text=said[request.round]), attempt)

    async def close(self) -> None:
        """Let go of nothing."""


def _identity(row: Row) -> str:
    value = next((row.values[name] for name in _ID if name in row.values), None)
    if value is None or value == "":
        raise _needed(row, "the id of the case", _ID)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RecordingError(f"id: expected text, found {kind_of(value)}", place=row.place())
    return str(value)


def _said(row: Row) -> tuple[str, ...]:
    first = next((name for name in _FIRST if name in row.values), None)
    second = next((name for name in _SECOND if name in row.values), None)
    if first is None:
        raise _needed(row, "the label", _FIRST)
    found = [row.values[name] for name in (first, second) if name is not None]
    return tuple(label_text(value) for value in found if value is not None and value != "")


def _needed(row: Row, what: str, names: tuple[str, ...]) -> RecordingError:
    return RecordingError(
        f"no column for {what}; found: {', '.join(row.values) or 'none'}",
        place=row.place(),
        hint=f"needed is one of: {', '.join(names)}",
    )
