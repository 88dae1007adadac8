import numpy as np
import pytest

from passmuster.decide.gaps import Gaps


@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
def test_a_quantile_is_the_order_statistic_to_a_twentieth_of_a_percent(q: float) -> None:
    seconds = np.random.default_rng(3).lognormal(-4, 1.5, size=(400, 25))
    gaps = Gaps()
    for of_reply in seconds.tolist():
        gaps.add(of_reply)
    exact = np.sort(seconds.ravel())[int(q * seconds.size)]
    assert gaps.quantile(q) == pytest.approx(exact, rel=0.0006)
    assert gaps.n == seconds.size


def test_the_order_in_which_replies_come_changes_nothing() -> None:
    forth, back = Gaps(), Gaps()
    for seconds in ([0.1, 0.2], [0.3], [5.0, 0.01]):
        forth.add(seconds)
    for seconds in ([5.0, 0.01], [0.3], [0.1, 0.2]):
        back.add(seconds)
    assert forth.report() == back.report()


@pytest.mark.parametrize("odd", [0.0, -1.0, float("inf"), float("nan"), 1e300, 1e-300])
def test_gaps_that_no_clock_gives_are_counted_and_break_nothing(odd: float) -> None:
    gaps = Gaps()
    gaps.add([odd, 0.25, 0.25])
    assert gaps.n == 3
    assert gaps.quantile(0.5) == pytest.approx(0.25, rel=0.0006)
