"""Recorded outputs as a provider: what a model once answered, with the times and tokens of that day."""

import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.files.places import Places
from passmuster.adapters.files.reread import Reread
from passmuster.adapters.providers.replay.row import Recorded, RowNames, read_recorded
from passmuster.errors import Place, RecordingError
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.digest import DIGEST_LENGTH
from passmuster.records.money import estimate_usage
from passmuster.records.trial import Attempt, Exchange, Failure, Reply, Request, Source, Usage

_BLOCK = 1 << 20


def recording_digest(path: Path) -> str:
    """Return the digest of a recording's content: 32 hexadecimal digits of its SHA-256, decompressed.

    It reads the whole file; callers keep the result.

    Raises:
        RecordingError: where the file cannot be read.
    """
    content = hashlib.sha256()
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                content.update(block)
    except FileNotFoundError:
        raise RecordingError("there is no such file", place=Place(str(path))) from None
    except (OSError, EOFError) as error:
        raise RecordingError(f"the file cannot be read: {error}", place=Place(str(path))) from None
    return content.hexdigest()[:DIGEST_LENGTH]


class Recording:
    """A file of recorded outputs, read once and shared by the providers of all candidates in it."""

    def __init__(self, path: str, rows: Reread[Recorded], places: Places, names: tuple[str, ...]) -> None:
        self._path = path
        self._rows = rows
        self._places = places
        self._names = names
        self.digest = rows.digest[:DIGEST_LENGTH]

    @classmethod
    def read(cls, path: Path, columns: Mapping[str, str] | None = None) -> "Recording":
        """Read a `.jsonl`, `.jsonl.gz`, `.csv` or `.csv.gz` file.

        All of it is checked now; of a large one only the places of its rows are held, and a row is read again
        when it is replayed.

        Args:
            path: The file; `docs/replay.md` lists the columns that are recognised.
            columns: Our name of a column -> theirs.

        Raises:
            RecordingError: where a row lacks its id or output, or a value is wrong; with file, line and column.
        """
        columns_of = RowNames(columns, str(path))
        rows = Reread(path, RecordingError, lambda row: read_recorded(row, columns_of))
        places = Places()
        names: dict[str | None, None] = {}
        with closing(rows.reading()) as found:
            for number, (row, recorded) in enumerate(found):
                places.add((recorded.candidate, recorded.id), number)
                names[recorded.candidate] = None
                if None in names and len(names) > 1:
                    raise RecordingError(
                        "some rows name a candidate and some do not",
                        place=row.place(),
                        hint="fill the column `candidate` in every row",
                    )
        if not rows:
            raise RecordingError("the file holds no outputs", place=Place(str(path)))
        return cls(str(path), rows, places, tuple(name for name in names if name is not None))

    @property
    def candidates(self) -> tuple[str, ...]:
        """The names in the candidate column, in their order; empty where there is no such column."""
        return self._names

    def outputs(self, name: str | None) -> "Outputs":
        """Return the outputs of a candidate by case id, several of one id being its repeats in their order.

        In a file without a candidate column all rows belong to whoever asks.

        Raises:
            RecordingError: for a name that is not in the file.
        """
        if not self.candidates:
            return Outputs(self._rows, self._places, None)
        if name not in self._names:
            raise RecordingError(
                f"nothing is recorded for the candidate {name!r}",
                place=Place(self._path),
                hint=did_you_mean(str(name), self.candidates)
                + " `select` names a candidate that is called otherwise in the file.",
            )
        return Outputs(self._rows, self._places, name)

    def provider(self, candidate: Candidate, clock: Clock) -> "ReplayProvider":
        """Return the provider of a candidate: the rows of its parameter `select`, else of its name.

        Raises:
            RecordingError: where the file has no rows for it.
        """
        select = candidate.parameters.get("select")
        if select is not None and not self.candidates:
            raise RecordingError(
                f"`select: {select}` needs a column `candidate`, which the recording does not have",
                place=Place(self._path),
                hint="leave `select` out, or map the column with `columns: {candidate: ...}`",
            )
        return ReplayProvider(self.outputs(candidate.name if select is None else str(select)), clock)


class Outputs(Mapping[str, list[Recorded]]):
    """The recorded outputs of one candidate by case id; read again from the file where that is large."""

    def __init__(self, rows: Sequence[Recorded], places: Places, candidate: str | None) -> None:
        self._rows = rows
        self._places = places
        self._candidate = candidate

    def __getitem__(self, case: str) -> list[Recorded]:
        found = self._all(case)
        if not found:
            raise KeyError(case)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(row.id for row in self._rows if row.candidate == self._candidate))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def count(self, case: str) -> int:
        """Return how many outputs are recorded for a case, without reading them."""
        return self._places.count((self._candidate, case))

    def find(self, case: str, number: int) -> Recorded | None:
        """Return output `number` (from 0) of a case, or None."""
        if number >= self.count(case):
            return None
        row = self._rows[self._places.nth((self._candidate, case), number)]
        if self._is(row, case):
            return row
        return next(iter(self._all(case)[number : number + 1]), None)

    def _all(self, case: str) -> list[Recorded]:
        key = (self._candidate, case)
        rows = (self._rows[self._places.nth(key, number)] for number in range(self.count(case)))
        return [row for row in rows if self._is(row, case)]

    def _is(self, row: Recorded, case: str) -> bool:
        return row.id == case and row.candidate == self._candidate


class ReplayProvider:
    """Answers with what was recorded for the id of a case; the n-th round gets its n-th recorded output.

    Nothing recorded is a failure `not_recorded`, a recorded error a failure `recorded`. Times, tokens and
    cost are those of the recording; tokens that it lacks are estimated and marked.
    """

    def __init__(self, outputs: Outputs, clock: Clock) -> None:
        self._outputs = outputs
        self._clock = clock

    @property
    def source(self) -> Source:
        """Where the times come from: the recording."""
        return "recorded"

    async def ask(self, request: Request) -> Exchange:
        """Look up what was recorded for this case and round."""
        started = self._clock.now()
        row = self._outputs.find(request.case.id, request.round)
        if row is None:
            return _not_recorded(request, self._outputs.count(request.case.id), started)
        if row.output is None:
            message = row.error or "the recording has no output for this case"
            failed = _attempt(row, started, _recorded_usage(row))
            return Exchange(Failure(kind="recorded", message=message), failed)
        reply = Reply(
            text=row.output,
            tool_calls=row.tool_calls,
            finish_reason=row.finish_reason,
            confidence=row.confidence,
            model=row.model,
            steps=row.steps,
            state=row.state,
        )
        return Exchange(reply, _attempt(row, started, _usage(row, request)))

    async def close(self) -> None:
        """Let go of nothing: a recording holds no connection."""


def _not_recorded(request: Request, rows: int, started: float) -> Exchange:
    message = f"nothing is recorded for the case {request.case.id!r}"
    if rows:
        message = f"the case {request.case.id!r} is recorded {rows} times, not {request.round + 1}"
    attempt = Attempt(started=started, error="not_recorded", message=message)
    return Exchange(Failure(kind="not_recorded", message=message), attempt)


def _attempt(row: Recorded, started: float, usage: Usage | None) -> Attempt:
    return Attempt(
        started=started,
        seconds=row.seconds,
        first_token=row.first_token,
        error="recorded" if row.output is None else None,
        message=row.error,
        usage=usage,
        cost=row.cost,
    )


def _recorded_usage(row: Recorded) -> Usage | None:
    if row.input_tokens is None and row.output_tokens is None:
        return None
    return Usage(
        input=row.input_tokens,
        output=row.output_tokens,
        cached=row.cached_tokens,
        reasoning=row.reasoning_tokens,
    )


def _usage(row: Recorded, request: Request) -> Usage:
    recorded = _recorded_usage(row)
    if recorded is not None and recorded.input is not None and recorded.output is not None:
        return recorded
    guess = estimate_usage(request.conversation, row.output or "")
    # Cached tokens are part of the input and reasoning tokens of the output; no reply's text holds the latter.
    read = max(guess.input or 0, row.cached_tokens or 0)
    written = (guess.output or 0) + (row.reasoning_tokens or 0)
    return Usage(
        input=read if row.input_tokens is None else row.input_tokens,
        output=written if row.output_tokens is None else row.output_tokens,
        cached=row.cached_tokens,
        reasoning=row.reasoning_tokens,
        estimated=True,
    )
