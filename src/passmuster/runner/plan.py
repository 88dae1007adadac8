"""The plan: every trial that a run consists of, as a pure function of cases and candidates."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
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

    `pools` is aligned with `cases`; `strides` says how many cases share a digest; candidates with equal
    digests are one.
    """

    cases: tuple[Case, ...]
    pools: tuple[tuple[str, str, int], ...]
    strides: dict[str, int]
    candidates: dict[str, Candidate]
    repeats: int

    def __len__(self) -> int:
        """Return how many trials there are."""
        return len(self.cases) * len(self.candidates) * self.repeats

    def __iter__(self) -> Iterator[Ask]:
        """Yield all trials, candidate by candidate."""
        for digest in self.candidates:
            yield from self.of(digest)

    def of(self, digest: str) -> Iterator[Ask]:
        """Yield the trials of one candidate (digest): all cases, then all cases again for the next repeat."""
        candidate = self.candidates[digest]
        for round_ in range(self.repeats):
            for case, (_, case_key, first) in zip(self.cases, self.pools, strict=True):
                repeat = first + round_ * self.strides[case_key]
                yield Ask(TrialKey(case_key, digest, repeat), case, candidate, round_)


def pools(cases: Iterable[Case]) -> tuple[tuple[str, str, int], ...]:
    """Return (case id, case digest, first repeat) per case, in the order of `cases`.

    Cases with equal input share the trials of one digest: the k-th of them by id uses the repeats k, k + m,
    k + 2m ..., where m is how many there are. So none is lost, and none is scored with another's reply.

    Example:
        >>> twins = [Case(id="b", input="x"), Case(id="a", input="x"), Case(id="c", input="y")]
        >>> [(name, first) for name, _, first in pools(twins)]
        [('b', 1), ('a', 0), ('c', 0)]
    """
    digests = [(case.id, case_digest(case)) for case in cases]
    firsts: dict[tuple[str, int], int] = {}
    seen: dict[str, int] = {}
    for _, digest, position in sorted((name, digest, place) for place, (name, digest) in enumerate(digests)):
        firsts[digest, position] = seen.get(digest, 0)
        seen[digest] = firsts[digest, position] + 1
    return tuple((name, digest, firsts[digest, place]) for place, (name, digest) in enumerate(digests))


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
    placed = pools(cases)
    strides: dict[str, int] = {}
    for _, digest, _ in placed:
        strides[digest] = strides.get(digest, 0) + 1
    unique: dict[str, Candidate] = {}
    for candidate in candidates:
        unique.setdefault(candidate_digest(candidate), candidate)
    return Plan(tuple(cases), placed, strides, unique, repeats)
