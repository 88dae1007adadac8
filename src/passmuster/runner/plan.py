"""The plan: every trial that a run consists of, as a pure function of cases and candidates."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from passmuster.corpus.keys import KeyedCases, Pools
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.trial import TrialKey


class Ask(NamedTuple):
    """One trial that is to be made; `key` is its identity, `round` counts the repeats of this very case."""

    key: TrialKey
    case: Case
    candidate: Candidate
    round: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Cases times candidates times repeats; trials are made as they are iterated, never all held at once.

    `pools` is aligned with `cases`; candidates with equal digests are one.
    """

    cases: Sequence[Case]
    pools: Pools
    candidates: dict[str, Candidate]
    repeats: int

    def __len__(self) -> int:
        """Return how many trials there are."""
        return len(self.pools) * len(self.candidates) * self.repeats

    def __iter__(self) -> Iterator[Ask]:
        """Yield all trials, candidate by candidate."""
        for digest in self.candidates:
            yield from self.of(digest)

    def of(self, digest: str) -> Iterator[Ask]:
        """Yield the trials of one candidate (digest): all cases, then all cases again for the next repeat."""
        candidate = self.candidates[digest]
        for round_ in range(self.repeats):
            for case, (key, first, stride) in zip(self.cases, self.pools.turns(), strict=True):
                yield Ask(TrialKey(key, digest, first + round_ * stride), case, candidate, round_)


def pools(cases: Sequence[Case]) -> Pools:
    """Return (case id, case digest, first repeat) per case, in the order of `cases`.

    Example:
        >>> twins = [Case(id="b", input="x"), Case(id="a", input="x"), Case(id="c", input="y")]
        >>> [(name, first) for name, _, first in pools(twins)]
        [('b', 1), ('a', 0), ('c', 0)]
    """
    return Pools(KeyedCases.of(cases).keys)


def plan(cases: Sequence[Case], candidates: Iterable[Candidate], repeats: int = 1) -> Plan:
    """Return the plan of these candidates on these cases.

    Raises:
        ValueError: for fewer than one repeat.

    Example:
        >>> words = Candidate(name="words", provider="baseline")
        >>> [ask.key.repeat for ask in plan([Case(id="1", input="a")], [words], repeats=2)]
        [0, 1]
    """
    if repeats < 1:
        message = f"a plan needs at least one repeat, got {repeats}"
        raise ValueError(message)
    unique: dict[str, Candidate] = {}
    for candidate in candidates:
        unique.setdefault(candidate_digest(candidate), candidate)
    return Plan(cases, pools(cases), unique, repeats)
