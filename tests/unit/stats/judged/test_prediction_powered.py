import numpy as np
import pytest

from passmuster.stats.arrays import FloatArray
from passmuster.stats.judged.prediction_powered import prediction_powered

# What ppi-python 0.2.3 (ppi_mean_pointestimate, and ppi_mean_ci with alpha=.05) says of `replies(n, rest)`: ratings,
# others, lambda (None: tuned), value, low, high. It needs 200 MB of compilers, so it was asked once.
PUBLISHED = [
    (40, 500, 0, 2.75, 2.324243217198476, 3.175756782801524),
    (40, 500, 0.5, 2.7344999999999997, 2.4206704973300806, 3.048329502669919),
    (40, 500, 1, 2.719, 2.3722264629333156, 3.065773537066684),
    (40, 500, None, 2.73072927089211, 2.4238733072712333, 3.0375852345129863),
    (100, 900, 0, 2.75, 2.480727767416316, 3.019272232583684),
    (100, 900, 0.5, 2.7666666666666666, 2.5716384256054483, 2.961694907727885),
    (100, 900, 1, 2.7833333333333337, 2.5674630524997744, 2.999203614166893),
    (100, 900, None, 2.7707216674573054, 2.580568832251005, 2.960874502663606),
]


def replies(n: int, rest: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    place = np.arange(n + rest)
    human = ((7 * place * place + 3 * place + place // 4) % 5 + 1).astype(np.float64)
    judged = np.clip(human + ((11 * place * place + 5 * place) % 7) // 2 - 1, 1, 5).astype(np.float64)
    return human[:n], judged[:n], judged[n:]


@pytest.mark.parametrize(("n", "rest", "power", "value", "low", "high"), PUBLISHED)
def test_it_is_what_ppi_python_says(
    n: int, rest: int, power: float | None, value: float, low: float, high: float
) -> None:
    found = prediction_powered(*replies(n, rest), power)
    assert [found.value, found.low, found.high] == pytest.approx([value, low, high], abs=1e-12)


def test_without_the_judge_it_is_the_mean_of_the_ratings() -> None:
    human, judged, rest = replies(40, 500)
    assert prediction_powered(human, judged, rest, 0).value == pytest.approx(human.mean())


def test_a_judge_that_always_says_the_same_is_left_out() -> None:
    assert prediction_powered([1, 2, 3], [4, 4, 4], [4, 4]).power == 0


def test_a_judge_that_says_the_opposite_is_left_out() -> None:
    assert prediction_powered([1, 2, 3], [3, 2, 1], [1, 2]).power == 0


@pytest.mark.parametrize(("human", "judged", "rest"), [([], [], [1]), ([1], [1], []), ([1], [1, 2], [1])])
def test_what_has_no_estimate_is_refused(human: list[float], judged: list[float], rest: list[float]) -> None:
    with pytest.raises(ValueError, match="ratings"):
        prediction_powered(human, judged, rest)
