"""`passmuster selfcheck`: simulations of every statistical promise, and the same tests on one's own trials."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from passmuster.decide.measured import BoolArray, Measured
from passmuster.decide.promises.own import DRAWS, LEAST_SLICE, Trials, own_results
from passmuster.decide.promises.promise import Promise, kept
from passmuster.errors import IncompleteError, UsageError
from passmuster.records.case import Case
from passmuster.records.promises import OwnResult, PromiseResult
from passmuster.records.trial import Trial
from passmuster.workflows.cells import Cells
from passmuster.workflows.laying import Laying, Question

QUICK = 5
"""By how much `--quick` divides the repetitions."""

ENOUGH = 10
"""Cases in which a candidate must differ from another for their labels to be worth swapping."""

OWN = "own"
"""What the A/A run is called beside the promises."""

Told: TypeAlias = Callable[[str, int, int], None]
"""Is told what is being checked, the how manieth it is, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to check: promises by name (none named: all), how often, and from which seed.

    `own` is whether the tests are run on one's own trials too, dealt `draws` times; `OWN` as a name asks for nothing else.
    """

    only: tuple[str, ...] = ()
    repetitions: int | None = None
    quick: bool = False
    seed: int = 0
    draws: int = DRAWS
    own: bool = True


def promised(promises: Sequence[Promise], order: Order, told: Told) -> tuple[PromiseResult, ...]:
    """Check promises, in their order.

    Raises:
        UsageError: for a name that no promise has.
    """
    chosen = named(promises, order.only)
    found = []
    for place, promise in enumerate(chosen):
        told(promise.name, place + 1, len(chosen))
        repetitions = order.repetitions
        if repetitions is None and order.quick:
            repetitions = quickly(promise)
        found.append(kept(promise, order.seed, repetitions))
    return tuple(found)


def quickly(promise: Promise) -> int:
    """Return the runs of a quick check: a fifth, and never so few that they could not show the shortcut to be wrong."""
    return max(promise.fewest, promise.repetitions // QUICK)


def named(promises: Sequence[Promise], only: Sequence[str]) -> tuple[Promise, ...]:
    """Return the promises of these names, all where none is named.

    Raises:
        UsageError: for a name that no promise has.
    """
    names = {promise.name for promise in promises}
    for name in only:
        if name not in {*names, OWN}:
            raise UsageError(
                f"there is no promise {name!r}",
                hint=f"Promises: {', '.join([*sorted(names), OWN])}. See: passmuster selfcheck --list",
            )
    return tuple(promise for promise in promises if not only or promise.name in only)


def own(
    question: Question, trials: Iterable[Trial], order: Order, whom: Sequence[str] = ()
) -> tuple[OwnResult, ...]:
    """Run the tests on stored trials that are dealt to two sides which cannot differ.

    Args:
        question: The task, its metrics, the corpus and the candidates.
        trials: The stored trials.
        order: The seed, and how often they are dealt.
        whom: The candidates whose trials are dealt: one, or two whose labels are swapped too; none: the incumbent (else
            the first) with the one nearest to it that differs in 10 cases or more.

    Raises:
        IncompleteError: where neither repeats nor two candidates on the same cases are stored.
    """
    question = replace(question, timed=True)
    laying = Laying(question, Cells(question.corpus.cases, question.task.repeats))
    for trial in trials:
        laying.enter(trial)
    part = laying.parts()[0]
    measured = {item.candidate.name: item for item in part.measured if item.asked.any()}
    chosen = _chosen(question, measured, whom)
    repeated = tuple(name for name in chosen if (measured[name].asked.sum(axis=1) > 1).any())
    if len(chosen) < 2 and not repeated:
        raise IncompleteError(
            "an A/A run takes a candidate that answered its cases twice, or two candidates on the same cases",
            hint="Next: set repeats: 2 in the project file, then passmuster run",
        )
    return tuple(
        own_results(
            Trials(
                task=question.task,
                metrics=question.metrics,
                cases=part.cases,
                measured=measured,
                pair=(chosen[0], chosen[1]) if len(chosen) > 1 else None,
                dealt=repeated,
                slices=_slices(part.cases),
            ),
            order.seed,
            order.draws,
        )
    )


def _chosen(question: Question, measured: Mapping[str, Measured], whom: Sequence[str]) -> tuple[str, ...]:
    """Return whose trials are dealt, the incumbent first, with whoever is nearest to it and still differs enough."""
    if whom:
        return tuple(name for name in dict.fromkeys(whom) if name in measured)
    incumbent = question.task.incumbent
    first = incumbent if incumbent in measured else next(iter(measured), None)
    if first is None:
        return ()
    metric = question.metrics[0].name
    own = measured[first].scores(metric)
    differ = {
        name: int((np.abs(item.scores(metric) - own) > 0).sum())
        for name, item in measured.items()
        if name != first
    }
    enough = [name for name, number in differ.items() if number >= ENOUGH]
    if enough:
        return first, min(enough, key=differ.__getitem__)
    return (first, max(differ, key=differ.__getitem__)) if differ else (first,)


def _slices(cases: Sequence[Case]) -> dict[str, BoolArray]:
    """Return the strata of the cases that the rule of thumb looks at: those that are not too small."""
    strata = np.array([case.stratum or "" for case in cases], dtype=object)
    found = {str(name): np.asarray(strata == name, dtype=np.bool_) for name in dict.fromkeys(strata) if name}
    return {name: members for name, members in found.items() if int(members.sum()) >= LEAST_SLICE}
