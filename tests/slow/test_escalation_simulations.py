"""How often a certified threshold lets more errors through than it says, and the naive threshold beside it.

`pytest tests/slow/test_escalation_simulations.py -s` prints the figures of docs/statistics.md.
"""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from passmuster.decide.escalation.answers import Answers
from passmuster.decide.escalation.report import Evidence, escalation_report
from passmuster.decide.measured import FloatArray
from passmuster.decide.promises.escalating import (
    DELTA,
    SURE,
    TARGET,
    Thresholds,
    answers,
    certified,
    looks_good,
    strictest,
    thresholds,
)
from passmuster.records.escalation import EscalationPolicy, Signal
from passmuster.records.task import MetricSpec, Task
from passmuster.stats.selective import coverage_thresholds, risk_of

pytestmark = pytest.mark.slow

RUNS = 1500
ALLOWED = 0.1 + 3.1 * np.sqrt(0.09 / RUNS)
"""Beyond this a share of `RUNS` would come with a chance under 0.1 % where the true one is 10 %."""


def show(figures: str) -> None:
    """Print what was measured."""
    print(figures)  # noqa: T201 - the docs say that -s shows them


def rates(draw: Callable[[np.random.Generator], tuple[Answers, FloatArray]]) -> tuple[Thresholds, Thresholds]:
    """Return the certified and the naive thresholds of the same runs."""
    rng = np.random.default_rng(20261120)
    found, usual = Thresholds(), Thresholds()
    for _ in range(RUNS):
        own, values = draw(rng)
        found.add(certified(own, values))
        usual.add(looks_good(own, values))
    return found, usual


@pytest.mark.parametrize(
    ("n", "none", "coverage"), [(200, 0.50, 0.17), (500, 0.25, 0.30), (1000, 0.02, 0.43)]
)
def test_a_certified_threshold_keeps_its_promise_where_the_naive_one_fails(
    n: int, none: float, coverage: float
) -> None:
    """1,500 draws; what is found and accepted is what published simulations of the method found, within 5 points."""

    found = thresholds(np.random.default_rng(20261120), RUNS, n)
    show(f"n={n}: certified {found.rate}, naive {found.naive_rate}, {found.figures}")
    assert found.rate <= ALLOWED
    assert found.naive_rate > 0.5
    assert found.figures["none"] == pytest.approx(none, abs=0.05)
    assert found.figures["coverage"] == pytest.approx(coverage, abs=0.05)


def test_with_a_hundred_labels_nothing_is_certified() -> None:
    found = thresholds(np.random.default_rng(20261120), RUNS, 100)

    assert found.figures["none"] == 1.0
    assert found.figures["naive none"] < 0.05


def test_groups_keep_the_promise_where_counting_their_cases_apart_does_not() -> None:
    """150 users with five cases each that are right or wrong together: 750 cases, worth little more than 150."""
    alone = Thresholds()

    def draw(rng: np.random.Generator) -> tuple[Answers, FloatArray]:
        each = rng.beta(*SURE, 150)
        wrong = np.repeat((rng.random(150) > each).astype(float), 5)
        values = np.repeat(each, 5)
        alone.add(certified(answers(wrong), values))
        return answers(wrong, groups=np.repeat(np.arange(150), 5)), values

    own, usual = rates(draw)
    violated = [each.violated for each in (own, alone, usual)]
    show("groups: certified {}, cases counted apart {}, naive {}".format(*violated))
    assert own.violated <= ALLOWED
    assert alone.violated > ALLOWED
    assert usual.violated > 0.4


@pytest.mark.parametrize("one_value", [True, False])
def test_few_groups_keep_the_promise_where_their_own_likeness_alone_does_not(one_value: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """60 users with eight cases each, just at the target, most of the errors with a few users.

    Among the twelve users of the surest fifth a single error looks as if nobody's cases were alike: where the signal
    goes by user, the promise is then broken in more than one of eight draws.
    """
    rng = np.random.default_rng(11)
    users = np.repeat(np.arange(60), 8)
    false = alone = 0
    for _ in range(RUNS):
        chances = rng.beta(TARGET * 7 / 3, (1 - TARGET) * 7 / 3, 60)
        wrong = (rng.random(480) < chances[users]).astype(float)
        values = rng.random(60)[users] if one_value else rng.random(480)
        own = answers(wrong, groups=users)
        false += strictest(own, values) <= DELTA
        surest = values >= coverage_thresholds(values)[0]
        alone += risk_of(wrong[surest], None, users[surest]).p_above(TARGET) <= DELTA
    show(f"few groups, by user {one_value}: {false / RUNS}, their own likeness alone {alone / RUNS}")
    assert false / RUNS <= ALLOWED
    assert not one_value or alone / RUNS > ALLOWED


def test_weights_keep_the_promise_where_counting_every_case_alike_does_not() -> None:
    """A rare kind of case is drawn three times too often, and is easier: plain counts see too few errors."""

    def draw(rng: np.random.Generator) -> tuple[Answers, FloatArray]:
        values = rng.beta(*SURE, 600)
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
    density = stats.beta(*SURE).pdf(grid)
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


def test_a_report_tests_each_of_its_signals_at_its_share() -> None:
    rng = np.random.default_rng(9)
    stated = rng.beta(*SURE, 900)
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
        usual += looks_good(own, shares[kinds]) is not None
    show(f"few values: certified {false / RUNS}, naive {usual / RUNS}")
    assert false / RUNS <= ALLOWED
    assert usual / RUNS > 0.4
