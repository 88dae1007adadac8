"""Scoring over the processor's cores: each process opens the project itself and scores part after part."""

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from pathlib import Path

from passmuster.metrics.metric import Metric
from passmuster.project.load import Project, load_project
from passmuster.workflows.score import Marked, Spread, ToScore, score_part

FEW = 5
"""Parts up to which one process is as fast as many: a process takes half a second to begin."""

AHEAD = 2
"""Parts that are given to each process before it has ended the one it is at."""

_OURS: dict[str, tuple[Sequence[Metric], bool]] = {}
"""What this process scores with, where it was begun for that."""


def chosen(project: Project, names: Sequence[str]) -> tuple[Metric, ...]:
    """Return the task's metrics with these names; all where none is given."""
    return tuple(metric for metric in project.metrics() if not names or metric.name in names)


def spread(project: Project, names: Sequence[str], jobs: int, *, lines: bool) -> Spread:
    """Return what scores parts in so many processes; few parts are scored in this one.

    Args:
        project: Whose metrics.
        names: The metrics to score; none is all.
        jobs: Processes.
        lines: Whether the lines of the file of scores are made.
    """

    def scored(parts: Iterable[Sequence[ToScore]]) -> Iterator[Sequence[Marked]]:
        rest = iter(parts)
        first = list(islice(rest, FEW + 1))
        if jobs == 1 or len(first) <= FEW:
            yield from map(partial(score_part, chosen(project, names), lines=lines), chain(first, rest))
            return
        begun = (project.path, dict(project.environment), tuple(names), lines)
        context = get_context("spawn")  # a copy of a process with threads may hang
        with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=begun) as processes:
            yield from _through(processes, chain(first, rest), jobs * AHEAD)

    return scored


def _through(
    processes: ProcessPoolExecutor, parts: Iterator[Sequence[ToScore]], ahead: int
) -> Iterator[Sequence[Marked]]:
    """Yield parts as they are ready; only so many are under way that none piles up."""
    open_: set[Future[Sequence[Marked]]] = {
        processes.submit(_score, part) for part in islice(parts, max(ahead, 1))
    }
    try:
        while open_:
            ended, open_ = wait(open_, return_when=FIRST_COMPLETED)
            open_ |= {processes.submit(_score, part) for part in islice(parts, len(ended))}
            for each in ended:
                yield each.result()
    except BaseException:
        processes.shutdown(wait=False, cancel_futures=True)
        raise


def _begin(path: Path, environment: Mapping[str, str], names: Sequence[str], lines: bool) -> None:  # noqa: FBT001 - a pool gives arguments by place
    # One that was killed can tell nobody, and its processes would wait for ever.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    project = load_project(path, environment=environment)
    _OURS["project"] = (chosen(project, names), lines)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _score(part: Sequence[ToScore]) -> Sequence[Marked]:
    metrics, lines = _OURS["project"]
    return score_part(metrics, part, lines=lines)
