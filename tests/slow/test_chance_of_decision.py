"""The chance that is printed before any call, against what becomes of 200 real complaints drawn again and again.

14 recorded models, bars from a sure decision to a hopeless one, p95 within 1.5 s. What happens is counted by the real
tests of bars, Holm's correction over all candidates, over draws of 200 of the 1,000 complaints.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from passmuster.decide.bars import bar_test
from passmuster.decide.measured import Layout, Measured
from passmuster.decide.planning.chance import chance_of_decision, likely_finalists
from passmuster.decide.planning.drawn import Drawn, draw_runs
from passmuster.decide.planning.pilot import PilotForecast
from passmuster.decide.planning.stated import Stated, StatedForecast, reading_of
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.decide.verdicts import Contender, judge
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.task import Bar, MetricSpec, Success, Task
from passmuster.records.trial import Attempt, Reply, Trial, TrialKey
from passmuster.stats.families import holm_matrix

pytestmark = [pytest.mark.data, pytest.mark.slow]

COMMAND = Path(sys.executable).parent / "passmuster"
EXAMPLE = Path(__file__).parents[2] / "examples/complaints"
SPEC = MetricSpec(name="accuracy", kind="exact_match")
TASK = Task(name="t", metrics=(SPEC,))
FAST = Bar(metric="latency_p95", at_most=1.5)
LEVELS = (0.62, 0.65, 0.68, 0.70, 0.72, 0.80)
DRAWS = 500
CASES = 200


@dataclass(frozen=True)
class Recorded:
    """Who was right on which complaint, and in how many seconds."""

    names: tuple[str, ...]
    right: NDArray[np.float64]
    seconds: NDArray[np.float64]

    @cached_property
    def measured(self) -> dict[tuple[int, ...], list[Measured]]:
        """What was laid out already, by cases."""
        return {}

    def contenders(self, level: float, cases: NDArray[np.int64]) -> list[Contender]:
        """Return all models on these cases, with both bars."""
        key = tuple(cases.tolist())
        if key not in self.measured:
            self.measured.clear()
            self.measured[key] = [self._measured(column, cases) for column in range(len(self.names))]
        bars = (Bar(metric="accuracy", at_least=level), FAST)
        return [
            Contender(measured=item, tests=tuple(bar_test(bar, item, TASK) for bar in bars))
            for item in self.measured[key]
        ]

    def _measured(self, column: int, cases: NDArray[np.int64]) -> Measured:
        layout = Layout(cases=len(cases), repeats=1, binary={"accuracy": True})
        sheet = Sheet(Candidate(name=self.names[column], provider="openai"), layout)
        free = TrialCost(
            tokens=0.0, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis="reported"
        )
        for place, case in enumerate(cases):
            trial = Trial(
                key=TrialKey(str(place), "c", 0),
                case_id=str(place),
                outcome=Reply(text="x"),
                attempts=(Attempt(started=0.0, seconds=float(self.seconds[case, column])),),
            )
            sheet.enter(place, trial, {"accuracy": Score(value=float(self.right[case, column]))}, free)
        return sheet.measured()

    def stated(self, level: float) -> Drawn:
        """Draw runs from the true rates: accuracy, and three quantiles of the times."""
        bars = (Bar(metric="accuracy", at_least=level), FAST)
        candidates = []
        for column, name in enumerate(self.names):
            times = np.sort(self.seconds[:, column])
            figures = {
                "accuracy": float(self.right[:, column].mean()),
                **{f"latency_{key}": float(times[int(q * len(times))]) for key, q in QUANTILES.items()},
            }
            readings = tuple(reading_of(bar, figures, frozenset({"accuracy"})) for bar in bars)
            candidates.append(Stated(name=name, readings=readings))
        return draw_runs([StatedForecast(candidates=tuple(candidates))], CASES, seed=1)


QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@pytest.fixture(scope="module")
def recorded(data_folder: Path) -> Recorded:
    """Read the complaints and what 14 models said of them."""
    folder = data_folder / "replay_complaints"
    lines = (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [Case(id=row["id"], input=row["input"], reference=row["gold"]) for row in map(json.loads, lines)]
    place = {case.id: index for index, case in enumerate(cases)}
    with gzip.open(folder / "outputs.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    names = tuple(sorted({row["candidate"] for row in rows}))
    right, seconds = np.zeros((len(cases), len(names))), np.zeros((len(cases), len(names)))
    metric = build_metric(SPEC)
    for row in rows:
        at = place[row["id"]], names.index(row["candidate"])
        outcome = metric.score(cases[at[0]], Reply(text=row["output"]))
        right[at] = outcome.value if isinstance(outcome, Score) else 0.0
        seconds[at] = row["latency_s"]
    return Recorded(names=names, right=right, seconds=seconds)


def weights_of(cases: int, draws: int, seed: int, *, again: bool) -> NDArray[np.float64]:
    """Return how often each draw of 200 holds each case; `again`: with replacement, as from endless traffic."""
    rng = np.random.default_rng(seed)
    made = np.zeros((draws, cases))
    for number in range(draws):
        made[number] = np.bincount(rng.choice(cases, CASES, replace=again), minlength=cases)
    return made


def what_happens(
    contenders: list[Contender], weights: NDArray[np.float64], among: tuple[str, ...] = ()
) -> tuple[float, float]:
    """Return in which share of the draws somebody passes, and everybody is shown to fail."""
    columns = [[test.p_values(weights @ test.columns) for test in item.tests] for item in contenders]
    p = np.column_stack([np.max([found for found, _ in tests], axis=0) for tests in columns])
    misses = np.column_stack([np.min([found for _, found in tests], axis=0) for tests in columns])
    family = [index for index, item in enumerate(contenders) if not among or item.name in among]
    decided = (holm_matrix(p[:, family]) <= TASK.alpha).any(axis=1)
    none = ~decided & (misses <= TASK.alpha).all(axis=1)
    return float(decided.mean()), float(none.mean())


def test_the_count_of_what_happens_is_that_of_the_verdicts(recorded: Recorded) -> None:
    rng = np.random.default_rng(4)
    for level in (0.62, 0.70):
        cases = rng.choice(1000, CASES, replace=False)
        contenders = recorded.contenders(level, cases)
        passed = any(each.verdict.status == "pass" for each in judge(contenders, TASK.alpha))
        assert what_happens(contenders, np.ones((1, CASES)))[0] == float(passed)


@pytest.mark.parametrize(("again", "draws"), [(True, DRAWS), (False, 4 * DRAWS)])
def test_the_chance_from_true_rates_agrees_within_5_points_with_500_draws(
    recorded: Recorded, *, again: bool, draws: int
) -> None:
    """Six bars; the standard error of 500 draws is at most 2.2 points.

    Draws from endless traffic, as the chance is meant: the largest true gap is 2 points. Draws without replacement
    from the 1,000 complaints vary less, and their gaps are up to 3.5 points; hence more of them. Without the correction
    over 14 candidates the chance would be wrong by more than 20 points.
    """
    weights = weights_of(1000, draws, 20261122, again=again)
    apart, naive = [], []
    for level in LEVELS:
        runs = recorded.stated(level)
        chance = chance_of_decision(runs, TASK.alpha)
        decided, none = what_happens(recorded.contenders(level, np.arange(1000)), weights)
        apart += [abs(chance.decided - decided), abs(chance.total - decided - none)]
        naive.append(abs(float((runs.p <= TASK.alpha).any(axis=1).mean()) - decided))
    assert max(apart[::2]) <= 0.05
    assert max(naive) > 0.20


def test_naming_three_finalists_raises_the_chance_as_is_said(recorded: Recorded) -> None:
    weights = weights_of(1000, DRAWS, 3, again=True)
    for level, least in ((0.65, 0.10), (0.68, 0.18), (0.70, 0.13)):
        runs = recorded.stated(level)
        named = likely_finalists(runs, TASK.alpha)
        printed = chance_of_decision(runs, TASK.alpha, named).decided
        contenders = recorded.contenders(level, np.arange(1000))
        among, _ = what_happens(contenders, weights, named)
        everybody, _ = what_happens(contenders, weights)
        assert abs(printed - among) <= 0.05
        assert among - everybody >= least


def test_from_pilots_of_100_the_chance_is_right_on_average(recorded: Recorded) -> None:
    """150 pilots of 100, which 100 more cases follow, at three bars; the standard error of the mean gap is 2.5 points.

    A single pilot of 100 tells little: its chances scatter by 30 points. What counts is that they are right on average
    over bars that are missed, near and met; as they stand (each candidate by its own pilot alone) they are not.
    """
    rng = np.random.default_rng(11)
    levels = (0.64, 0.68, 0.72)
    printed: dict[float, list[float]] = {level: [] for level in levels}
    for number in range(150):
        cases = rng.integers(0, 1000, 100)
        for level in levels:
            forecast = PilotForecast(
                contenders=tuple(recorded.contenders(level, cases)), success=Success(metric="accuracy")
            )
            runs = draw_runs([forecast], CASES, seed=number, repetitions=100)
            printed[level].append(chance_of_decision(runs, TASK.alpha).decided)
    weights = weights_of(1000, 2000, 12, again=True)
    gaps = [
        float(np.mean(printed[level])) - what_happens(recorded.contenders(level, np.arange(1000)), weights)[0]
        for level in levels
    ]
    assert abs(float(np.mean(gaps))) <= 0.05
    assert max(map(abs, gaps)) <= 0.15


def test_the_installed_command_prints_that_chance(
    recorded: Recorded, data_folder: Path, tmp_path: Path
) -> None:
    """One bar of the example, 2,000 draws: within 5 points; with finalists named beforehand, too."""
    example = shutil.copytree(EXAMPLE, tmp_path / "complaints", ignore=shutil.ignore_patterns(".*"))
    done = subprocess.run(
        [COMMAND, "plan", "--project", example / "planned.yaml", "--cases", str(CASES), "--json"],
        env={**os.environ, "PASSMUSTER_DATA": str(data_folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    contenders = recorded.contenders(0.70, np.arange(1000))
    weights = weights_of(1000, 4 * DRAWS, 5, again=True)
    everybody, _ = what_happens(contenders, weights)
    among, _ = what_happens(contenders, weights, tuple(plan["with_finalists"]["finalists"]))
    assert abs(plan["chance"]["total"] - everybody) <= 0.05
    assert abs(plan["with_finalists"]["total"] - among) <= 0.05
    assert among - everybody > 0.13
