"""What is known of each candidate before a run: a pilot, stated figures, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from passmuster.decide.bar_tests import BarTest
from passmuster.decide.measured import FloatArray
from passmuster.decide.phrases import bar_text
from passmuster.decide.planning.drawn import Forecast, Unknown
from passmuster.decide.planning.pilot import LEAST_CASES, PilotForecast, pilot_cases
from passmuster.decide.planning.shows import agreement_of
from passmuster.decide.planning.stated import AGREEMENT, Reading, Stated, StatedForecast, reading_of
from passmuster.decide.requirements import excluded
from passmuster.decide.success import success_rule
from passmuster.decide.verdicts import Contender
from passmuster.records.candidate import Candidate
from passmuster.records.plan import Known
from passmuster.records.task import CORPUS_BARS, Bar, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The candidates parted by what is known of them, and the bars on candidates.

    `worth` is as how many equally weighted cases one counts; `settled` are those whose fate no run changes: figures that are only stated, or a requirement missed.
    """

    pilot: tuple[Contender, ...]
    stated: tuple[Stated, ...]
    unknown: tuple[str, ...]
    settled: Unknown
    bars: tuple[Bar, ...]
    agreement: float
    task: Task
    worth: float = 1.0

    def of(self, name: str) -> Known:
        """Return what is known of a candidate."""
        if any(item.name == name for item in self.pilot):
            return "pilot"
        return "stated" if any(item.name == name for item in self.stated) else "nothing"

    @property
    def primary(self) -> str:
        """The metric that says what a success is."""
        return self.task.metrics[0].name

    @property
    def rates(self) -> tuple[float, ...]:
        """What is stated of the primary metric."""
        rates = [
            reading.share if bar.at_least is not None else 1 - reading.share
            for item in self.stated
            for bar, reading in zip(self.bars, item.readings, strict=True)
            if bar.metric == self.primary and reading.quality and reading.share is not None
        ]
        return tuple(rates)

    @property
    def family(self) -> int:
        """How many candidates the correction covers."""
        number = len(self.unknown) + len(self.stated) + sum(item.in_family for item in self.pilot)
        return min(number, len(self.task.finalists)) if self.task.finalists else number

    @property
    def forecasts(self) -> tuple[Forecast, ...]:
        """From what its simulated runs are drawn."""
        found: list[Forecast] = [self.settled, Unknown(names=self.unknown)]
        if self.pilot:
            found.append(PilotForecast(contenders=self.pilot, success=success_rule(self.task)))
        return (*found, StatedForecast(candidates=self.stated, agreement=self.agreement, worth=self.worth))

    @property
    def assumed(self) -> tuple[str, ...]:
        """The bars that are taken to be met by some candidate of which nothing on them is stated, or asked yet."""
        silent = [
            bar_text(bar)
            for place, bar in enumerate(self.bars)
            if any(_silent(item.readings[place]) for item in self.stated)
        ]
        pending = [test.text for item in self.pilot for test in item.tests if test.pending]
        return tuple(dict.fromkeys([*silent, *pending]))


def _silent(reading: Reading) -> bool:
    return reading.share is None and reading.known is None


def knowledge(
    task: Task,
    contenders: Sequence[Contender],
    shares: frozenset[str],
    prices: Mapping[str, float | None],
    worth: float = 1.0,
) -> Knowledge:
    """Part the candidates by what is known of them.

    Args:
        task: With its bars.
        contenders: All candidates, with their trials as far as there are any.
        shares: The metrics whose values lie between 0 and 1.
        prices: What a trial is expected to cost, in US dollars, by candidate; None is unknown.
        worth: As how many equally weighted cases one counts.
    """
    bars = tuple(bar for bar in task.bars if bar.metric not in CORPUS_BARS)
    settled = [item for item in contenders if excluded(item.requirements) or _only_stated(item)]
    asked = [item for item in contenders if item not in settled]
    pilot = _pilot(asked)
    supposed = tuple(replace(item, tests=tuple(_supposed(test) for test in item.tests)) for item in pilot)
    rest = [item for item in asked if item not in pilot]
    stated = [item for item in rest if item.measured.candidate.expected and item.declared]
    missed = [
        item.name
        for item in settled
        if excluded(item.requirements) or any(test.stated_miss for test in item.tests)
    ]
    agreement = agreement_of([item.measured for item in pilot], task.metrics[0].name)
    return Knowledge(
        pilot=supposed,
        stated=tuple(
            _stated(item.measured.candidate, task, bars, shares, prices.get(item.name)) for item in stated
        ),
        unknown=tuple(item.name for item in rest if item not in stated),
        settled=Unknown(
            names=tuple(item.name for item in settled),
            out=frozenset(item.name for item in settled),
            missed=frozenset(missed),
        ),
        bars=bars,
        agreement=AGREEMENT if agreement is None else agreement,
        task=task,
        worth=worth,
    )


def _supposed(test: BarTest) -> BarTest:
    """Return the test of a bar of which the pilot says nothing yet as one that is met: the run will ask those cases."""
    if not test.pending:
        return test

    def met(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        return np.zeros(sums.shape[:-1]), np.ones(sums.shape[:-1])

    return replace(test, testable=True, p_values=met, known=(0.0, 1.0))


def _only_stated(item: Contender) -> bool:
    candidate = item.measured.candidate
    return candidate.kind == "manual" and not item.measured.account.asked


def _pilot(asked: Sequence[Contender]) -> list[Contender]:
    """Return the candidates that were asked enough cases together: those with the fewest trials are left out first."""
    found = sorted(
        (item for item in asked if item.measured.present.sum() >= LEAST_CASES),
        key=lambda item: -float(item.measured.present.sum()),
    )
    while found and pilot_cases(found) < LEAST_CASES:
        found.pop()
    return [item for item in asked if item in found]


def _stated(
    candidate: Candidate, task: Task, bars: Sequence[Bar], shares: frozenset[str], price: float | None
) -> Stated:
    figures = dict(candidate.expected)
    if price is not None:
        figures.setdefault("cost_per_task", price)
    rule, task_cost = success_rule(task), figures.get("cost_per_task")
    succeed = figures.get(rule.metric, 1.0) if rule.metric in shares else 1.0
    if task_cost is not None and succeed > 0:
        figures.setdefault("cost_per_success", task_cost / succeed)
    return Stated(
        name=candidate.name,
        readings=tuple(reading_of(bar, figures, shares, task.cost.monthly_volume) for bar in bars),
        price=figures.get("cost_per_success"),
    )
