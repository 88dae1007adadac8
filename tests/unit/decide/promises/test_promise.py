"""When a promise is called kept, broken or not proved."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binom

from passmuster.decide.promises.promise import CHANCE, Count, Promise, exceeds, generator, kept, tolerated


def promise(errors: float, naive: float, limit: float = 0.05) -> Promise:
    """Return a promise whose method and whose shortcut err at these rates."""

    def simulate(rng: np.random.Generator, runs: int) -> Count:
        return Count(runs=runs, errors=int(rng.binomial(runs, errors)), naive=int(rng.binomial(runs, naive)))

    return Promise(
        name="p",
        says="s",
        counts="c",
        naive="n",
        used=("compare",),
        limit=limit,
        repetitions=1000,
        simulate=simulate,
    )


@pytest.mark.parametrize(
    ("errors", "naive", "state"),
    [(0.02, 0.5, "holds"), (0.2, 0.5, "broken"), (0.2, 0.02, "broken"), (0.02, 0.05, "blunt")],
)
def test_a_promise_is_judged_by_its_errors_and_by_whether_the_shortcut_fails(
    errors: float, naive: float, state: str
) -> None:
    found = kept(promise(errors, naive), seed=1)

    assert found.state == state
    assert found.repetitions == found.observed.n == 1000
    assert found.observed.low is not None
    assert found.observed.value is not None
    assert found.observed.low < found.observed.value


def test_a_method_that_just_keeps_its_limit_is_called_broken_once_in_a_thousand() -> None:
    """By enumeration, for several numbers of runs: never more often than said, and not hardly ever either."""
    for runs in (200, 1000, 5000):
        most = round(tolerated(runs, 0.05) * runs)

        assert binom.sf(most, runs, 0.05) <= CHANCE < binom.sf(most - 1, runs, 0.05)
        assert not exceeds(most, runs, 0.05)
        assert exceeds(most + 1, runs, 0.05)


def test_few_runs_prove_nothing() -> None:
    assert kept(promise(0.0, 0.5), seed=1, repetitions=3).state == "blunt"


def test_a_promise_has_a_stream_of_its_own() -> None:
    first: Callable[[int, str], float] = lambda seed, name: float(generator(seed, name).random())  # noqa: E731 - one word

    assert first(1, "a") == first(1, "a")
    assert len({first(1, "a"), first(2, "a"), first(1, "b")}) == 3


@pytest.mark.parametrize(("errors", "word"), [(0.02, "Holds"), (0.2, "Broken")])
def test_a_sentence_says_the_rates_and_the_limit(errors: float, word: str) -> None:
    found = kept(promise(errors, 0.5), seed=1)

    assert found.sentence.startswith(word)
    assert "at most 5.0% promised" in found.sentence
    assert f"{found.shortcut.value:.1%}" in found.sentence
