"""How often a certified threshold lets more errors through than it says, and the naive threshold beside it.

`pytest tests/slow/test_escalation_simulations.py -s` prints the figures of docs/statistics.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from passmuster.decide.escalation.answers import Answers
from passmuster.decide.escalation.one_signal import Asked, risk_points
from passmuster.decide.escalation.pricing import Escalating
from passmuster.decide.escalation.report import Evidence, escalation_report
from passmuster.decide.measured import FloatArray
from passmuster.records.escalation import EscalationPolicy, Signal
from passmuster.records.task import MetricSpec, Task

pytestmark = pytest.mark.slow

TARGET, DELTA = 0.1, 0.1
A, B = 7.43, 1.6
"""Chances of being right are Beta(7.43, 1.6): 17.7 % of all replies are wrong, and 62 % could be accepted at 10 %."""

RUNS = 1500
ALLOWED = 0.1 + 3.1 * np.sqrt(0.09 / RUNS)
"""Beyond this a share of `RUNS` would come with a chance under 0.1 % where the true one is 10 %."""


def show(figures: str) -> None:
    """Print what was measured."""
    print(figures)  # noqa: T201 - the docs say that -s shows them


def true_risk(threshold: float) -> float:
    """Return the share of errors among replies whose true chance of being right is at least so much."""
    accepted = float(stats.beta(A, B).sf(threshold))
    right = A / (A + B) * float(stats.beta(A + 1, B).sf(threshold))
    return 1 - right / accepted if accepted > 0 else 0.0


def answers(
    wrong: FloatArray, groups: NDArray[np.int64] | None = None, weights: FloatArray | None = None
) -> Answers:
    none = np.zeros(wrong.size, dtype=np.bool_)
    return Answers(
        replied=~none,
        failed=none,
        wrong=wrong,
        unscored=none,
        cost=np.zeros(wrong.size),
        weights=weights,
        groups=groups,
    )


def certified(own: Answers, values: FloatArray, level: float = DELTA) -> float | None:
    asked = Asked(answers=own, target=TARGET, level=level, to=Escalating(price=None))
    points = risk_points(Signal(name="s", kind="confidence"), values, own.replied, asked)
    found = [point.threshold for point in points if point.certified]
    return found[-1] if found else None


def naive(own: Answers, values: FloatArray) -> float | None:
    """Return the lowest threshold whose own share of errors is within the target."""
    order = np.argsort(-values)
    shares = np.cumsum(own.wrong[order]) / np.arange(1, values.size + 1)
    good = np.flatnonzero(shares <= TARGET)
    return float(values[order][good[-1]]) if good.size else None


@dataclass(frozen=True)
class Rates:
    """Over the runs: how often more is wrong than promised, how much is accepted, and how often nothing is found."""

    violated: float
    coverage: float
    none: float


def rates(draw: Callable[[np.random.Generator], tuple[Answers, FloatArray]]) -> tuple[Rates, Rates]:
    """Return the rates of the certified and of the naive threshold, in the same runs."""
    rng = np.random.default_rng(20261120)
    found: list[list[float | None]] = [[], []]
    for _ in range(RUNS):
        own, values = draw(rng)
        for kind, threshold in zip(found, (certified(own, values), naive(own, values)), strict=True):
            kind.append(threshold)
    return _rates(found[0]), _rates(found[1])


def _rates(found: list[float | None]) -> Rates:
    given = [each for each in found if each is not None]
    covers = sum(float(stats.beta(A, B).sf(each)) for each in given) / len(found)
    return Rates(
        violated=sum(true_risk(each) > TARGET for each in given) / len(found),
        coverage=covers,
        none=1 - len(given) / len(found),
    )


@pytest.mark.parametrize(
    ("n", "none", "coverage"), [(200, 0.50, 0.17), (500, 0.25, 0.30), (1000, 0.02, 0.43)]
)
def test_a_certified_threshold_keeps_its_promise_where_the_naive_one_fails(
    n: int, none: float, coverage: float
) -> None:
    """1,500 draws; what is found and accepted is what published simulations of the method found, within 5 points."""

    def draw(rng: np.random.Generator) -> tuple[Answers, FloatArray]:
        values = rng.beta(A, B, n)
        return answers((rng.random(n) > values).astype(float)), values

    own, usual = rates(draw)
    show(f"n={n}: certified {own}, naive {usual}")
    assert own.violated <= ALLOWED
    assert usual.violated > 0.5
    assert own.none == pytest.approx(none, abs=0.05)
    assert own.coverage == pytest.approx(coverage, abs=0.05)


def test_with_a_hundred_labels_nothing_is_certified() -> None:
    def draw(rng: np.random.Generator) -> tuple[Answers, FloatArray]:
        values = rng.beta(A, B, 100)
        return answers((rng.random(100) > values).astype(float)), values

    own, usual = rates(draw)
    assert own.none == 1.0
    assert usual.none < 0.05


def test_groups_keep_the_promise_where_counting_their_cases_apart_does_not() -> None:
    """150 users with five cases each that are right or wrong together: 750 cases, worth little more than 150."""
    alone: list[float | None] = []

    def draw(rng: np.random.Generator) -> tuple[Answers, FloatArray]:
        each = rng.beta(A, B, 150)
        wrong = np.repeat((rng.random(150) > each).astype(float), 5)
        values = np.repeat(each, 5)
        alone.append(certified(answers(wrong), values))
        return answers(wrong, groups=np.repeat(np.arange(150), 5)), values

    own, usual = rates(draw)
    apart = _rates(alone)
    show(f"groups: certified {own}, cases counted apart {apart}, naive {usual}")
    assert own.violated <= ALLOWED
    assert apart.violated > ALLOWED
    assert usual.violated > 0.4


def test_weights_keep_the_promise_where_counting_every_case_alike_does_not() -> None:
    """A rare kind of case is drawn three times too often, and is easier: plain counts see too few errors."""

    def draw(rng: np.random.Generator) -> tuple[Answers, FloatArray]:
        values = rng.beta(A, B, 600)
        rare = rng.random(600) < 0.5
        values[rare] = np.sqrt(values[rare])
        wrong = (rng.random(600) > values).astype(float)
        stands = np.where(rare, 0.2, 1.0)
        return answers(wrong, weights=stands / stands.mean()), values

    rng = np.random.default_rng(5)
    violated, counted_alike = 0, 0
    for _ in range(RUNS):
        own, values = draw(rng)
        plain = Answers(
            replied=own.replied,
            failed=own.failed,
            wrong=own.wrong,
            unscored=own.unscored,
            cost=own.cost,
            weights=None,
            groups=None,
        )
        for place, found in enumerate((certified(own, values), certified(plain, values))):
            if found is not None and _weighted_risk(found) > TARGET:
                violated += place == 0
                counted_alike += place == 1
    show(f"weights: violated {violated / RUNS}, counted alike {counted_alike / RUNS}")
    assert violated / RUNS <= ALLOWED
    assert counted_alike > violated


def _weighted_risk(threshold: float) -> float:
    """Return the true risk in traffic: five of six cases are of the common kind, the others have sqrt chances."""
    grid = np.linspace(0.0005, 0.9995, 1000)
    density = stats.beta(A, B).pdf(grid)
    density /= density.sum()
    common, rare = 5 / 6, 1 / 6
    chances = (grid, np.sqrt(grid))
    accepted = sum(
        s * float(density[c >= threshold].sum()) for s, c in zip((common, rare), chances, strict=True)
    )
    wrong = sum(
        s * float((density * (1 - c))[c >= threshold].sum())
        for s, c in zip((common, rare), chances, strict=True)
    )
    return wrong / accepted if accepted > 0 else 0.0


def test_the_best_of_five_signals_keeps_the_promise_where_five_levels_do_not() -> None:
    """Five signals that know nothing, and replies of which just 10 % are wrong: every certificate is a false one.

    1,500 draws of 300 cases.
    """
    rng = np.random.default_rng(7)
    signals = tuple(Signal(name=f"s{number}", kind="confidence") for number in range(5))
    false = whole = 0
    for _ in range(RUNS):
        own = answers((rng.random(300) < TARGET).astype(float))
        first = [strictest(own, rng.random(300)) for _ in signals]
        false += min(first) <= DELTA / 5
        whole += min(first) <= DELTA
    show(f"five signals: shared level {false / RUNS}, a level each {whole / RUNS}")
    assert false / RUNS <= ALLOWED
    assert whole / RUNS > 0.2


def strictest(own: Answers, values: FloatArray) -> float:
    """Return the p-value of the strictest threshold, with which a sequence begins."""
    asked = Asked(answers=own, target=TARGET, level=DELTA, to=Escalating(price=None))
    return risk_points(Signal(name="s", kind="confidence"), values, own.replied, asked)[0].p


def test_a_report_tests_each_of_its_signals_at_its_share() -> None:
    rng = np.random.default_rng(9)
    stated = rng.beta(A, B, 900)
    own = answers((rng.random(900) > stated).astype(float))
    values = {f"s{number}": np.clip(stated + rng.normal(0, 0.01 * number, 900), 0, 1) for number in range(5)}
    evidence = Evidence(
        task=Task(name="t", metrics=(MetricSpec(name="m", kind="exact_match"),)),
        success="m",
        candidate="c",
        repeats=1,
        answers=own,
        values=values,
        signals=tuple(Signal(name=name, kind="confidence") for name in values),
    )
    report = escalation_report(
        evidence, EscalationPolicy(target=TARGET, delta=DELTA), generated="now", corpus="c"
    )
    assert report.family == 5
    assert [each.threshold for each in report.signals] == [
        certified(own, each, DELTA / 5) for each in values.values()
    ]
    assert report.best is not None


def test_signals_of_few_values_keep_the_promise() -> None:
    """Self-consistency over five repeats: values in fifths, and a risk just at the target for the surest."""
    rng = np.random.default_rng(8)
    shares = np.array([0.4, 0.6, 0.8, 1.0])
    risks = np.array([0.6, 0.4, 0.25, TARGET])
    false = usual = 0
    for _ in range(RUNS):
        kinds = rng.choice(4, size=400, p=[0.1, 0.15, 0.25, 0.5])
        wrong = (rng.random(400) < risks[kinds]).astype(float)
        own = answers(wrong)
        false += certified(own, shares[kinds]) is not None
        usual += naive(own, shares[kinds]) is not None
    show(f"few values: certified {false / RUNS}, naive {usual / RUNS}")
    assert false / RUNS <= ALLOWED
    assert usual / RUNS > 0.4
