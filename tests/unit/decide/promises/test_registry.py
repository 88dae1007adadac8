"""Every promise is documented, uses a name of its own, and fails once its method is broken."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from passmuster.cli.main import VERBS
from passmuster.corpus.drift import shares
from passmuster.decide.escalation import one_signal
from passmuster.decide.factors import effects
from passmuster.decide.gate import latency, slices
from passmuster.decide.judging import drift
from passmuster.decide.measured import Measured
from passmuster.decide.promises import beside, choosing, corpora, intervals, judged, stopping, winners
from passmuster.decide.promises.promise import Promise, kept
from passmuster.decide.promises.registry import PROMISES
from passmuster.decide.routing import held_out
from passmuster.decide.routing.folds import FOLDS, Step
from passmuster.decide.screening import filtering
from passmuster.stats.intervals import wilson
from passmuster.stats.judged.corrected import Corrected, corrected
from passmuster.stats.sequential import race
from passmuster.stats.stratified import stratified_difference

PAGE = Path(__file__).parents[4] / "docs" / "selfcheck.md"
NAMED = {promise.name: promise for promise in PROMISES}


def test_names_are_unique() -> None:
    assert len(NAMED) == len(PROMISES)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: each.name)
def test_a_promise_stands_on_the_page_as_it_is(promise: Promise) -> None:
    used = ", ".join(f"`{verb}`" for verb in promise.used)
    row = f"| `{promise.name}` | {promise.says} | {promise.counts} | {promise.limit:.1%} | {promise.naive} | {used} |"

    assert row in PAGE.read_text(encoding="utf-8")
    assert all(verb.split()[0] in VERBS for verb in promise.used)
    assert promise.says.endswith(".")


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: each.name)
def test_a_simulation_makes_as_many_runs_as_it_is_asked_for_and_the_same_ones_again(promise: Promise) -> None:
    first, second = (promise.simulate(np.random.default_rng(1), 3) for _ in range(2))

    assert first == second
    assert first.runs == 3
    assert 0 <= first.errors <= 3
    assert 0 <= first.naive <= 3


ALARM = stratified_difference(
    np.array([0.0] * 30 + [1.0] * 30), np.repeat([True, False], 30), np.zeros(60, dtype=int)
)


def _alone(real: Any) -> Any:
    """Return a test against the incumbent that forgets the groups."""

    def forgetful(bar: Any, new: Measured, old: Measured, task: Any) -> Any:
        return real(
            bar, *(replace(item, layout=replace(item.layout, groups=None)) for item in (new, old)), task
        )

    return forgetful


PLANTED: list[tuple[str, Any, str, Callable[[Any], Any], int]] = [
    # A promise, where its method is looked up, by what name, what is made of it, and the runs to see it.
    ("cheapest", choosing, "holm_matrix", lambda _: lambda p: p, 2000),
    ("every-bar", choosing, "holm_matrix", lambda _: lambda p: p, 2000),
    ("slice-floors", choosing, "restricted", lambda _: lambda found, _members: found, 60),
    ("openings", choosing, "LEVEL", lambda _: 0.5, 200),
    ("stop-shares", stopping, "hopeless", lambda _: lambda k, n, _cases, bar, _alpha: k < bar * n, 200),
    ("stop-scores", stopping, "hopeless_mean", lambda _: lambda sums, *_: sums.value() < 0.75, 500),
    ("stop-groups", stopping, "hopeless_mean", lambda _: lambda sums, *_: sums.value() < 0.75, 300),
    ("race", race, "_mean_wealth", lambda real: lambda logs: 20 * real(logs), 60),
    (
        "any-time-interval",
        stopping,
        "confidence_sequence",
        lambda _: lambda v: (v.mean() - 0.01, v.mean() + 0.01),
        50,
    ),
    ("interval-share", intervals, "wilson", lambda _: lambda k, n: (k / n - 1 / n, k / n + 1 / n), 500),
    (
        "interval-score",
        intervals,
        "mean_interval",
        lambda real: lambda *sums, bounded: real(*sums, bounded=False),
        500,
    ),
    (
        "interval-groups",
        intervals,
        "korn_graubard",
        lambda _: lambda values, _: wilson(values.sum(), values.size),
        400,
    ),
    (
        "interval-group-scores",
        intervals,
        "cluster_mean_interval",
        lambda real: lambda values, _, **how: real(values, np.arange(values.size), **how),
        400,
    ),
    (
        "interval-weights",
        intervals,
        "weighted_rate_interval",
        lambda _: lambda v, _: wilson(v.sum(), v.size),
        400,
    ),
    ("cost-per-success", intervals, "ratio_p_below", lambda real: lambda *given: real(*given) / 8, 1000),
    (
        "latency-limit",
        intervals,
        "quantile_p_below",
        lambda _: lambda over, n, _: np.where(over <= 0.05 * n, 0, 1),
        400,
    ),
    ("margin", beside, "p_of", lambda real: lambda *given: real(*given) / 5, 200),
    ("margin-groups", beside, "relative_test", _alone, 300),
    ("margin-scores", beside, "p_of", lambda real: lambda *given: real(*given) / 10, 300),
    ("latency-ratio", beside, "p_of", lambda real: lambda *given: real(*given) / 10, 200),
    ("cost-ratio", beside, "p_of", lambda real: lambda *given: real(*given) / 5, 200),
    ("gate", slices, "benjamini_hochberg", lambda _: list, 20),
    ("gate-slices", slices, "benjamini_hochberg", lambda _: list, 20),
    ("gate-latency", latency.Blocks, "p_values", lambda _: lambda *_: (0.0, 1.0), 40),
    ("judge", judged, "corrected", lambda _: lambda said, *_, **__: _certain(said), 100),
    (
        "judge-difference",
        judged,
        "corrected_difference",
        lambda real: lambda a, _, b, __, **how: real(a, a, b, b, **how),
        40,
    ),
    (
        "judge-drift",
        drift,
        "value_shift",
        lambda real: lambda *sides, **how: real(*sides, **(how | {"limit": 0.2})),
        150,
    ),
    ("judge-leaning", judged, "FAVOUR_ALPHA", lambda _: 0.2, 60),
    ("drift", shares, "observed_weights", lambda _: lambda _side: None, 25),
    ("drift-users", shares, "cluster_effect", lambda _: lambda *_: 1.0, 60),
    ("newer-cases", corpora, "stratified_difference", lambda _: lambda *_: ALARM, 100),
    ("best-of-many", winners, "holds", lambda _: lambda *_: False, 20),
    ("prompt-effects", effects, "holm", lambda _: lambda p: [each / 10 for each in p], 100),
    ("escalation", one_signal, "fixed_sequence", lambda _: lambda p, _level: len(p), 60),
    ("routing", held_out, "steps", lambda real: lambda *given: _leaking(real(*given)), 10),
    (
        "screening",
        filtering,
        "_kept",
        lambda _: lambda standing, *_: np.arange(standing.public.size) < 10,
        24,
    ),
]


def _certain(said: np.ndarray) -> Corrected:
    """Return what a judge says as if it were never wrong."""
    found = corrected(said, said, bounds=(0, 1))
    assert found is not None
    return found


def _leaking(steps: Iterable[Step]) -> Iterator[Step]:
    """Let each fold be judged with what was chosen on all folds, its own too."""
    return (each._replace(chosen_on=tuple(range(FOLDS))) for each in steps)


def test_there_is_a_broken_method_for_every_promise() -> None:
    assert [each[0] for each in PLANTED] == [promise.name for promise in PROMISES]


@pytest.mark.parametrize(
    ("name", "home", "method", "broken", "runs"), PLANTED, ids=[f"{each[0]}-{each[2]}" for each in PLANTED]
)
def test_a_broken_method_breaks_its_promise(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    home: Any,
    method: str,
    broken: Callable[[Any], Any],
    runs: int,
) -> None:
    """Each rate is far above its limit: with another seed the fault is seen but for a chance below 1 in 1,000."""
    monkeypatch.setattr(home, method, broken(getattr(home, method)))

    assert kept(NAMED[name], seed=3, repetitions=runs).state == "broken"
