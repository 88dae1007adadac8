"""Which run a comparison goes by, where the newest one asked only until it was decided."""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.early.matrix import EarlyRun, unseen
from passmuster.records.candidate import candidate_digest
from passmuster.records.run import Run, RunEnd
from passmuster.records.stopped import Stopped, Until
from passmuster.runner.plan import pools
from passmuster.workflows.laying import EarlyAsked, Part, Question


def newest_early(runs: Sequence[tuple[Run, RunEnd | None]], task: str) -> EarlyAsked | None:
    """Return the newest run of a task that asked only until it was decided, and whether it is the newest of all.

    A run that only looked on the way (`end` is None) may have been killed; nothing is known of its stops then.

    Args:
        runs: All runs, newest first.
        task: The name of the task.
    """
    own = [(run, end) for run, end in runs if run.task == task]
    for place, (run, end) in enumerate(own):
        if run.until is not None:
            return EarlyAsked(run=run, end=end, is_newest=place == 0)
    return None


def early_run(question: Question, main: Part) -> EarlyRun | None:
    """Return the run that stopped early as far as it matters: it is the newest, or left candidates without cases that they still lack."""
    early = question.early
    if early is None or early.run.until is None:
        return None
    asked = {(name, key) for name, key, _ in early.run.cases}
    keys = pools(question.corpus.cases)
    planned = np.array([keys[place][:2] in asked for place in main.population.positions], dtype=np.bool_)
    known = {candidate_digest(each) for each in early.run.candidates}
    own = [item for item in main.measured if candidate_digest(item.candidate) in known]
    if not early.is_newest and not any(unseen(item, planned).any() for item in own):
        return None
    found = None if early.end is None else early.end.early
    return EarlyRun(stopped=found or _unfinished(early.run, early.run.until), planned=planned)


def _unfinished(run: Run, until: Until) -> Stopped:
    full = len(run.cases) * run.repeats * len(run.candidates)
    return Stopped(until=until, looks=0, trials=0, full=full, stops=(), chosen=(), finished=False)
