"""The evidence of a comparison, read when it is looked at: replies are not held while figures are made."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from passmuster.decide.evidence import Behind, Standing, case_evidence
from passmuster.decide.outcomes import Turns
from passmuster.records.case import Case
from passmuster.records.comparison import CaseEvidence
from passmuster.records.digest import canonical
from passmuster.records.trial import Outcome, Reply, Trial, TrialKey

Again: TypeAlias = Callable[[Sequence[str]], Iterable[Trial]]
"""Case digests -> the stored trials of those cases once more; trials of other cases are passed over."""

KEPT_BYTES = 64_000_000
"""Replies of up to so many bytes together are kept, so that a store of usual size is read once."""
TAIL = 3
"""Slowest cases of each candidate that are among those most worth reading."""
BATCH = 500
"""Cases that are read together."""

_OBJECT = 800
_TOKEN = 300
_HELD = 5
"""Bytes in memory to one of JSON, of small objects."""


class Ended(NamedTuple):
    """How a trial ended, and after how many seconds."""

    outcome: Outcome
    seconds: float | None


class Kept:
    """How trials ended, as long as they are few; nothing once they are too many.

    Args:
        limit: Bytes that they may take, roughly.
    """

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._room = limit
        self._outcomes: dict[TrialKey, Ended] = {}

    def keep(self, trial: Trial) -> None:
        """Keep how a trial ended, if there is room; forget all where there is none."""
        if self._room <= 0:
            return
        self._room -= _size(trial.outcome)
        if self._room > 0:
            self._outcomes[trial.key] = Ended(trial.outcome, trial.latency)
        else:
            self._outcomes = {}

    def find(self, keys: Iterable[TrialKey], again: Again) -> dict[TrialKey, Ended]:
        """Return how these trials ended, from the store where that was not kept."""
        wanted = set(keys)
        if self._room > 0:
            return {key: self._outcomes[key] for key in wanted if key in self._outcomes}
        cases = sorted({key.case for key in wanted})
        return {
            trial.key: Ended(trial.outcome, trial.latency) for trial in again(cases) if trial.key in wanted
        }


def _size(outcome: Outcome) -> int:
    if not isinstance(outcome, Reply):
        return _OBJECT + sys.getsizeof(outcome.message)
    calls = sum(len(call.arguments) for call in outcome.tool_calls)
    whole = _OBJECT + sys.getsizeof(outcome.text) + calls + _TOKEN * len(outcome.logprobs or ())
    if outcome.steps is not None or outcome.state is not None:
        whole += _HELD * len(canonical([outcome.steps, outcome.state]))
    return whole


class Evidence:
    """The cases that any candidate was asked, in the order of the corpus; each is made when it is read.

    Args:
        cases: The cases of the comparison.
        names: The candidates.
        standing: Who did what, one row per candidate.
        keys: The key of a candidate's trial (number) on a case (number) in a repeat.
        outcomes: How trials ended, by key.
        turns: Scores a trial and says how it turned out.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        names: Sequence[str],
        standing: Standing,
        keys: Callable[[int, int, int], TrialKey],
        outcomes: Callable[[Iterable[TrialKey]], dict[TrialKey, Ended]],
        turns: Turns,
    ) -> None:
        self._cases = cases
        self._names = names
        self._standing = standing
        self._keys = keys
        self._outcomes = outcomes
        self._turns = turns

    def __len__(self) -> int:
        """Return how many cases any candidate was asked."""
        return len(self._standing.asked)

    def __iter__(self) -> Iterator[CaseEvidence]:
        """Yield every case."""
        return self._read(self._standing.asked.tolist())

    @property
    def names(self) -> Sequence[str]:
        """The candidates."""
        return self._names

    @property
    def disputes(self) -> int:
        """How many cases some candidates got right and some did not."""
        return len(self._standing.disputed)

    @property
    def ids(self) -> list[str]:
        """The ids of the cases."""
        return [self._cases[index].id for index in self._standing.asked.tolist()]

    def disputed(self, limit: int | None = None) -> list[CaseEvidence]:
        """Return the cases that some candidates got right and some did not, in the order of the corpus."""
        return list(self._read(self._standing.disputed[:limit].tolist()))

    def by_interest(self, limit: int) -> list[CaseEvidence]:
        """Return the cases that are most worth reading: disputed ones, then those that none got right.

        Up to a tenth of them are the slowest of each candidate, so that a page can show what a tail is made of.
        """
        slowest = [self._standing.behind(number, "slowest").tolist() for number in range(len(self._names))]
        tail = dict.fromkeys(cases[rank] for rank in range(TAIL) for cases in slowest if rank < len(cases))
        most = set([*tail][: limit // 10])
        order = self._standing.by_interest().tolist()
        others = [index for index in order if index not in most]
        chosen = {*most, *others[: limit - len(most)]}
        return list(self._read(index for index in order if index in chosen))

    def behind(
        self, candidate: str, what: Behind, limit: int | None = None
    ) -> tuple[list[CaseEvidence], int]:
        """Return the cases behind a figure of a candidate, and how many there are.

        They are in the order of the corpus, the slowest ones by their time.

        Raises:
            ValueError: for a candidate that there is not.
        """
        found = self._standing.behind(self._names.index(candidate), what)
        return list(self._read(found[:limit].tolist())), found.size

    def find(self, name: str) -> CaseEvidence | None:
        """Return the case with this id, None where there is none."""
        for index in self._standing.asked.tolist():
            if self._cases[index].id == name:
                return next(self._read([index]))
        return None

    def _read(self, indices: Iterable[int]) -> Iterator[CaseEvidence]:
        rest = iter(indices)
        while batch := list(islice(rest, BATCH)):
            keys = {index: self._keys_of(index) for index in batch}
            outcomes = self._outcomes(key for of_case in keys.values() for key in of_case.values())
            for index, of_case in keys.items():
                found = {name: outcomes[key] for name, key in of_case.items() if key in outcomes}
                yield case_evidence(
                    self._cases[index],
                    {name: ended.outcome for name, ended in found.items()},
                    self._turns,
                    {name: ended.seconds for name, ended in found.items()},
                    [self._names[number] for number in self._standing.slow(index)],
                )

    def _keys_of(self, index: int) -> dict[str, TrialKey]:
        repeats = self._standing.repeat[:, index].tolist()
        return {
            name: self._keys(number, index, repeat)
            for number, (name, repeat) in enumerate(zip(self._names, repeats, strict=True))
            if repeat >= 0
        }
