"""Fills the store of a project with a trial of every candidate on every case, as a run of real endpoints would.

It is a part of reopen.py, in a process of its own so that its memory is nobody else's:

    python benchmarks/fill.py FOLDER
"""

import random
import sys
from collections.abc import Iterable, Iterator
from itertools import islice

from passmuster.project.load import Project, open_project
from passmuster.records.digest import digest
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Attempt, Failure, Reply, Trial, Usage
from passmuster.runner.plan import Ask, plan

GROUP = 500
STARTED = 1.7e9
RIGHT, FAILED = 0.8, 0.01


def fill(project: Project, chance: random.Random) -> int:
    """Store a run with all its trials, and return how many there are."""
    task, corpus, candidates = project.task, project.corpus(), project.asked
    whole = plan(corpus.cases, candidates, task.repeats)
    run = Run(
        id="filled",
        started=STARTED,
        task=task.name,
        corpus=corpus.version,
        cases=whole.pools,
        candidates=candidates,
        repeats=task.repeats,
    )
    labels = sorted({str(case.reference) for case in corpus.cases})
    made = (trial(ask, number, labels, chance) for number, ask in enumerate(whole))
    total = len(whole)
    with project.store() as store:
        store.begin(run, corpus.cases)
        for group in grouped(made):
            store.append(run.id, group)
        store.end(
            RunEnd(
                run=run.id,
                ended=STARTED + total,
                status="complete",
                asked=total,
                reused=0,
                failed=0,
                spend=1.0,
            )
        )
    return total


def trial(ask: Ask, number: int, labels: list[str], chance: random.Random) -> Trial:
    """Return a trial as an endpoint with usage and a fingerprint leads to it: right, wrong or failed."""
    failed = chance.random() < FAILED
    text = str(ask.case.reference) if chance.random() < RIGHT else chance.choice(labels)
    attempt = Attempt(
        started=STARTED + number / 50,
        seconds=chance.lognormvariate(-0.7, 0.4),
        status=500 if failed else 200,
        error="server_error" if failed else None,
        usage=None if failed else Usage(input=123, output=5, cached=0),
        cost=1e-5,
        in_flight=64,
    )
    reply = Reply(text=text, finish_reason="stop", model="m-1", fingerprint="fp")
    return Trial(
        key=ask.key,
        case_id=ask.case.id,
        outcome=Failure(kind="server_error", message="HTTP 500") if failed else reply,
        attempts=(attempt,),
        request=digest([number]),
    )


def grouped(trials: Iterable[Trial]) -> Iterator[list[Trial]]:
    """Yield the trials in groups, as a run writes them."""
    left = iter(trials)
    while group := list(islice(left, GROUP)):
        yield group


if __name__ == "__main__":
    print(fill(open_project(sys.argv[1]), random.Random(7)))  # noqa: S311 - no secret
