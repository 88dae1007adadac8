"""A store in memory: what is asked on a holdout goes nowhere else, and is gone with the process."""

from collections.abc import Iterable, Iterator, Sequence

from passmuster.records.case import Case, case_digest
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Reply, Trial, TrialKey


class HeldTrials:
    """A `TrialStore` and a `RunStore` that no file knows of."""

    def __init__(self) -> None:
        self._trials: dict[TrialKey, Trial] = {}
        self._runs: list[tuple[Run, RunEnd | None]] = []
        self._cases: dict[str, Case] = {}

    def done(self, candidates: Iterable[str], *, failures: bool = True) -> set[TrialKey]:
        """Return the keys of all held trials of these candidates (digests), or only of those with a reply."""
        wanted = set(candidates)
        return {
            key
            for key, trial in self._trials.items()
            if key.candidate in wanted and (failures or isinstance(trial.outcome, Reply))
        }

    def append(self, run: str, trials: Sequence[Trial]) -> None:
        """Hold these trials; a key that has a reply already stays as it is."""
        del run
        for trial in trials:
            held = self._trials.get(trial.key)
            if held is None or not isinstance(held.outcome, Reply):
                self._trials[trial.key] = trial

    def trials(self, candidates: Iterable[str], *, newest_first: bool = False) -> Iterator[Trial]:
        """Yield the held trials of these candidates (digests), oldest first or newest."""
        wanted = set(candidates)
        held = list(self._trials.values())
        yield from (
            trial for trial in (held[::-1] if newest_first else held) if trial.key.candidate in wanted
        )

    def begin(self, run: Run, cases: Sequence[Case]) -> None:
        """Hold a run that starts, with the cases it serves."""
        self._runs.insert(0, (run, None))
        self._cases.update((case_digest(case), case) for case in cases)

    def end(self, end: RunEnd) -> None:
        """Hold how a run ended."""
        self._runs = [(run, end if run.id == end.run else known) for run, known in self._runs]

    def runs(self) -> list[tuple[Run, RunEnd | None]]:
        """Return all held runs, newest first."""
        return list(self._runs)

    def cases(self, digests: Iterable[str]) -> dict[str, Case]:
        """Return the held cases by digest."""
        return {digest: self._cases[digest] for digest in digests if digest in self._cases}
