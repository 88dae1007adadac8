"""The evidence of a comparison, read when it is looked at: replies are not held while figures are made."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from passmuster.decide.evidence import Standing, case_evidence
from passmuster.decide.outcomes import Turns
from passmuster.records.case import Case
from passmuster.records.comparison import CaseEvidence
from passmuster.records.digest import canonical
from passmuster.records.trial import Outcome, Reply, Trial, TrialKey

Again: TypeAlias = Callable[[Sequence[str]], Iterable[Trial]]
"""Case digests -> the stored trials of those cases once more; trials of other cases are passed over."""

KEPT_BYTES = 64_000_000
"""Replies of up to so many bytes together are kept, so that a store of usual size is read once."""
BATCH = 500
"""Cases that are read together."""

_OBJECT = 800
_TOKEN = 300
_HELD = 5
"""Bytes in memory to one of JSON, of small objects."""


class Kept:
    """The outcomes of trials as long as they are few; nothing once they are too many.

    Args:
        limit: Bytes that they may take, roughly.
    """

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._room = limit
        self._outcomes: dict[TrialKey, Outcome] = {}

    def keep(self, trial: Trial) -> None:
        """Keep how a trial ended, if there is room; forget all where there is none."""
        if self._room <= 0:
            return
        self._room -= _size(trial.outcome)
        if self._room > 0:
            self._outcomes[trial.key] = trial.outcome
        else:
            self._outcomes = {}

    def find(self, keys: Iterable[TrialKey], again: Again) -> dict[TrialKey, Outcome]:
        """Return the outcomes of these trials, from the store where they were not kept."""
        wanted = set(keys)
        if self._room > 0:
            return {key: self._outcomes[key] for key in wanted if key in self._outcomes}
        cases = sorted({key.case for key in wanted})
        return {trial.key: trial.outcome for trial in again(cases) if trial.key in wanted}


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
        outcomes: Callable[[Iterable[TrialKey]], dict[TrialKey, Outcome]],
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
        """Return the cases that are most worth reading: disputed ones, then those that none got right."""
        return list(self._read(self._standing.by_interest()[:limit].tolist()))

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
                yield case_evidence(self._cases[index], found, self._turns)

    def _keys_of(self, index: int) -> dict[str, TrialKey]:
        repeats = self._standing.repeat[:, index].tolist()
        return {
            name: self._keys(number, index, repeat)
            for number, (name, repeat) in enumerate(zip(self._names, repeats, strict=True))
            if repeat >= 0
        }
