from collections.abc import Callable

import numpy as np
import pytest

from passmuster.decide.choosing.front import beaten
from passmuster.decide.measured import Measured
from passmuster.records.choice import FrontPlace
from passmuster.records.comparison import Comparison

MakeMeasured = Callable[..., Measured]
MakeComparison = Callable[..., Comparison]


def _scores(seed: int, right: int, n: int = 400) -> list[float]:
    return list(np.random.default_rng(seed).permutation([1.0] * right + [0.0] * (n - right)))


def _places(found: Comparison) -> dict[str, FrontPlace]:
    assert found.choice is not None
    return {place.name: place for place in found.choice.front}


def test_who_is_better_cheaper_or_faster_than_each_other_is_on_the_front(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    found = _places(
        compared(
            make_measured("good", _scores(1, 380), dollars=0.03, seconds=1.0),
            make_measured("cheap", _scores(2, 280), dollars=0.01, seconds=1.0),
            make_measured("fast", _scores(3, 270), dollars=0.03, seconds=0.2),
            make_measured("beaten", _scores(4, 270), dollars=0.02, seconds=1.5),
        )
    )
    assert {name: place.on for name, place in found.items()} == {
        "good": True,
        "cheap": True,
        "fast": True,
        "beaten": False,
    }
    assert found["beaten"].beaten_by == ("cheap",)
    assert found["good"].share == found["cheap"].share == found["fast"].share == 1.0


def test_a_lead_within_noise_leaves_the_other_on_the_front_in_many_resamples(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    found = _places(
        compared(
            make_measured("a", _scores(1, 301), dollars=0.01),
            make_measured("b", _scores(2, 300), dollars=0.01),
        )
    )
    assert found["a"].on
    assert not found["b"].on
    assert 0.3 < found["b"].share < 0.7


def test_equals_are_both_on_the_front(compared: MakeComparison, make_measured: MakeMeasured) -> None:
    found = _places(compared(make_measured("a", _scores(1, 300)), make_measured("b", _scores(1, 300))))
    assert [place.on for place in found.values()] == [True, True]


def test_an_unknown_cost_has_no_place(compared: MakeComparison, make_measured: MakeMeasured) -> None:
    found = compared(
        make_measured("a", _scores(1, 300)),
        make_measured("b", _scores(2, 350), dollars=None, basis="unknown"),
    )
    assert list(_places(found)) == ["a"]


@pytest.mark.parametrize("seed", range(5))
def test_who_is_beaten_is_beaten_by_somebody_on_the_front(seed: int) -> None:
    positions = np.random.default_rng(seed).integers(0, 4, size=(30, 3)).astype(np.float64)
    table = beaten(positions)
    front = ~table.any(axis=0)
    assert front.any()
    assert table[front][:, ~front].any(axis=0).all()
    assert not np.diag(table).any()
