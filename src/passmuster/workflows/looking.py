"""A run that asks only until it is decided, look by look: whom to ask which cases next, as the stored trials say.

It is a function of the trials and the seed alone: after a kill the same looks are gone through again, and only what is
not stored yet is asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from passmuster.corpus.egress import may_receive
from passmuster.decide.bar_tests import BarTest
from passmuster.decide.costs.report import cost_report
from passmuster.decide.early.bars_rule import BarsRule
from passmuster.decide.early.race_rule import BestRace
from passmuster.decide.early.views import BarView, Expense, View, bar_view, expense
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.requirements import requirement_checks, undeclared
from passmuster.decide.slices import sliced_bars
from passmuster.decide.success import success_rule
from passmuster.metrics.metric import Metric
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.stopped import Stop, Stopped, Until
from passmuster.records.task import Task
from passmuster.records.trial import Trial, TrialKey
from passmuster.runner.plan import Ask, pools
from passmuster.stats.sequential.looks import looks, unit_scores, unit_sizes
from passmuster.workflows.cells import Cells
from passmuster.workflows.compare import matrix_of
from passmuster.workflows.laying import Laying, Part, Question


class Batch(NamedTuple):
    """The cases (by their place in the corpus) that a candidate is asked next, and the block that its next ones are in."""

    candidate: Candidate
    places: tuple[int, ...]
    then: int


class Looking:
    """The looks of one run.

    Args:
        question: The task, its metrics, the corpus and the candidates that are asked.
        places: The cases that may be asked, by their place in the corpus.
        until: What was settled before the first call.
        prices: What a trial of each candidate (by name) is expected to cost, None where that is unknown.
        generated: When, for bars on the age of the cases (ISO 8601).
    """

    def __init__(
        self,
        question: Question,
        places: Sequence[int],
        until: Until,
        prices: Mapping[str, float | None],
        generated: str,
    ) -> None:
        self.until = until
        self._question = question
        self._prices = prices
        self._generated = generated
        cases, repeats = question.corpus.cases, question.task.repeats
        self._turns = list(pools(cases).turns())
        self._laying = Laying(question, Cells(cases, repeats))
        held = _held_against(question.task)
        self._candidates = {
            each.name: each for each in question.candidates if each.name in until.family or each.name in held
        }
        self._blocks = _blocks(cases, places, until)
        self._receivable = {
            name: frozenset(_receivable(each, cases, places)) for name, each in self._candidates.items()
        }
        totals = {name: len(own) for name, own in self._receivable.items()}
        self._next = dict.fromkeys(self._candidates, 0)
        self._views = {
            name: View(name=name, cases=0, total=total, bars=(), expense=Expense(expected=prices.get(name)))
            for name, total in totals.items()
            if name in until.family
        }
        self._of_slices = self._counts_of_slices()
        free = {each.name for each in self._candidates.values() if each.kind == "baseline"}
        beside = frozenset(free | held if until.aim == "bars" else ())
        undeclared = frozenset(_undeclared(question, generated))
        self._rule = BarsRule(until=until, beside=beside, undeclared=undeclared)
        self._race = BestRace(until, totals) if until.aim == "best" else None
        self._stops: dict[str, Stop] = {}
        self._given_up: set[str] = set()
        self._looks = 0

    def _counts_of_slices(self) -> dict[str, list[list[int] | None]]:
        """Return for each candidate and bar how many of the bar's cases were asked before each block; None is a bar on all."""
        question = self._question
        slices = _slices(question.task, self._laying.main(()), question.corpus.cases)
        return {
            name: [None if own is None else _asked_by_block(self._blocks, own & mine) for own in slices]
            for name, mine in self._receivable.items()
        }

    def batches(self) -> tuple[Batch, ...]:
        """Return whom to ask which cases before the next look; nothing once it is decided, or no case is left."""
        names = self._asked_next()
        if not names:
            return ()
        farthest = max(self._next[name] for name in names) + 1
        wanted = {name: self._next[name] + 1 for name in names}
        for name in self._rule.beside - self._given_up:
            free = self._candidates[name].kind == "baseline"
            wanted[name] = len(self._blocks) if free else max(self._next[name], farthest)
        return tuple(
            Batch(self._candidates[name], self._own(name, self._next[name], end), end)
            for name, end in wanted.items()
            if end > self._next[name]
        )

    def asks(self, batch: Batch) -> list[Ask]:
        """Return the trials of a batch."""
        candidate, cases = batch.candidate, self._question.corpus.cases
        own = candidate_digest(candidate)
        found = []
        for round_ in range(self._question.task.repeats):
            for place in batch.places:
                key, first, stride = self._turns[place]
                found.append(
                    Ask(TrialKey(key, own, first + round_ * stride), cases[place], candidate, round_)
                )
        return found

    def take(self, batches: Sequence[Batch], trials: Iterable[Trial]) -> None:
        """Look at the trials of these batches, all that were made of them."""
        for trial in trials:
            self._laying.enter(trial)
        for batch in batches:
            self._next[batch.candidate.name] = batch.then
        self._looks += 1
        if self._race is None:
            self._view([batch.candidate.name for batch in batches])
            found = self._rule.stops(list(self._views.values()))
        else:
            found = self._after_block(self._race, batches)
        self._stops.update({stop.candidate: stop for stop in found if stop.candidate not in self._stops})

    def give_up(self, names: Iterable[str]) -> None:
        """Ask these no more: the engine gave them up."""
        self._given_up.update(names)

    def stopped(self) -> Stopped:
        """Return how it went so far."""
        repeats = self._question.task.repeats
        race = self._race
        chosen = self._rule.chosen(list(self._views.values())) if race is None else race.chosen()
        return Stopped(
            until=self.until,
            looks=self._looks,
            trials=repeats * sum(self._cases(name) for name in self._candidates),
            full=repeats * sum(map(len, self._receivable.values())),
            stops=tuple(self._stops.values()),
            chosen=chosen,
            finished=not self._given_up and not self._asked_next(),
        )

    def _asked_next(self) -> tuple[str, ...]:
        going = [
            view
            for name, view in self._views.items()
            if name not in self._stops and name not in self._given_up and self._next[name] < len(self._blocks)
        ]
        if self._race is not None:
            live = () if self._race.is_over else self._race.live
            return tuple(view.name for view in going if view.name in live)
        names = self._rule.next_asked(going)
        if names or self._looks:
            return names
        return tuple(view.name for view in going if view.name in self._rule.beside)

    def _own(self, name: str, begin: int, end: int) -> tuple[int, ...]:
        """Return the cases of the blocks from `begin` to `end` that a candidate may receive."""
        mine = self._receivable[name]
        return tuple(place for block in self._blocks[begin:end] for place in block if place in mine)

    def _cases(self, name: str) -> int:
        return len(self._own(name, 0, self._next[name]))

    def _view(self, names: Sequence[str]) -> None:
        """See anew how these candidates stand."""
        kept = {*names, *self._rule.beside}
        task = self._question.task
        matrix = matrix_of(self._question, self._laying.main(kept))
        for contender in matrix.contenders(self._generated):
            name = contender.name
            if name in names and name in self._views:
                cases = self._cases(name)
                cost = cost_report(contender.measured, success_rule(task), task.cost)
                self._views[name] = View(
                    name=name,
                    cases=cases,
                    total=len(self._receivable[name]),
                    bars=self._bar_views(name, contender.tests),
                    expense=expense(cost, cases, self._prices.get(name)),
                )

    def _bar_views(self, name: str, tests: Sequence[BarTest]) -> tuple[BarView, ...]:
        block = self._next[name]
        return tuple(
            bar_view(test, of_it=None if counts is None else (counts[block], counts[-1] - counts[block]))
            for test, counts in zip(tests, self._of_slices[name], strict=True)
        )

    def _after_block(self, race: BestRace, batches: Sequence[Batch]) -> tuple[Stop, ...]:
        main = self._laying.main(self.until.family)
        local = {place: number for number, place in enumerate(main.population.positions)}
        block = sorted({local[place] for batch in batches for place in batch.places})
        asked = {batch.candidate.name for batch in batches}
        metric = self._question.metrics[0]
        by_name = {item.candidate.name: item for item in main.measured}
        columns = [
            unit_share(by_name[name], metric)[block] if name in asked else np.full(len(block), np.nan)
            for name in self.until.family
        ]
        item = main.measured[0]
        groups = None if item.groups is None else item.groups[block]
        weights = None if item.weights is None else item.weights[block].tolist()
        largest = largest_unit(item)
        cases = {name: self._cases(name) for name in self.until.family}
        if groups is None and weights is None:
            return race.after(np.column_stack(columns), cases)
        units = unit_scores(np.column_stack(columns), groups, weights, largest)
        return race.after(units, cases, unit_sizes(len(block), groups, weights, largest))


def _slices(task: Task, main: Part, cases: Sequence[Case]) -> list[frozenset[int] | None]:
    """Return the cases that each bar is about, by their place in the corpus; None is all."""
    apart = () if main.apart is None else main.apart.cases
    places = {case.id: place for place, case in enumerate(cases)}
    return [
        None
        if each.members is None
        else frozenset(
            places[case.id]
            for case, is_in in zip(apart if each.apart else main.cases, each.members, strict=True)
            if is_in
        )
        for each in sliced_bars(task.bars, task.slices, main.cases, apart)
    ]


def _asked_by_block(blocks: Sequence[Sequence[int]], own: frozenset[int]) -> list[int]:
    """Return how many of some cases have been asked before each block, and after the last one."""
    return [0, *accumulate(sum(place in own for place in block) for block in blocks)]


def _undeclared(question: Question, today: str) -> Iterator[str]:
    """Yield who does not declare what the task requires: it may pass, but it is not chosen."""
    for candidate in question.candidates:
        if undeclared(requirement_checks(candidate, question.task.requires, today)):
            yield candidate.name


def _held_against(task: Task) -> set[str]:
    """Return the incumbent where a bar holds the others against it."""
    return {task.incumbent} if task.incumbent and any(bar.versus for bar in task.bars) else set()


def unit_share(item: Measured, metric: Metric) -> FloatArray:
    """Return the score of each case on a scale from 0 to 1, 1 the best; a failed trial has 0, an unknown score NaN."""
    low, high = item.bounds(metric.name)
    bad = low if metric.direction == "higher" else high
    scores = (item.tested(metric.name, failed=bad, unknown=np.nan) - low) / (high - low)
    return scores if metric.direction == "higher" else 1 - scores


def largest_unit(item: Measured) -> float:
    """Return what the heaviest unit (a case, or a group of cases) of the corpus weighs."""
    weights = np.ones(item.cases) if item.weights is None else item.weights
    if item.groups is None:
        return float(weights.max(initial=1.0))
    return float(np.bincount(item.groups, weights=weights).max(initial=1.0))


def _blocks(cases: Sequence[Case], places: Sequence[int], until: Until) -> list[tuple[int, ...]]:
    """Return the cases in blocks, whole groups together, in the order of the seed."""
    order = looks(_numbered(cases[place].group or place for place in places), until.seed, until.block)
    return [tuple(places[position] for position in block) for block in order]


def _numbered(keys: Iterable[str | int]) -> list[int]:
    """Return a number for each key, equal ones for equal keys."""
    numbers: dict[str | int, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _receivable(candidate: Candidate, cases: Sequence[Case], places: Sequence[int]) -> Iterable[int]:
    egress = candidate.egress
    return (place for place in places if egress is None or may_receive(egress, cases[place]))
