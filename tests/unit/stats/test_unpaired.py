"""The interval of a difference of two independent figures."""

import pytest

from passmuster.stats.intervals import wilson
from passmuster.stats.unpaired import difference_interval

# Newcombe 1998, table II, method 10: (a, m, b, n) and the limits to four digits.
PUBLISHED = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
]


@pytest.mark.parametrize(("counts", "limits"), PUBLISHED)
def test_published_limits(counts: tuple[int, int, int, int], limits: tuple[float, float]) -> None:
    a, m, b, n = counts
    found = difference_interval((a / m, *wilson(a, m)), (b / n, *wilson(b, n)))
    assert found == pytest.approx(limits, abs=6e-5)


def test_the_other_way_round_is_the_mirror_image() -> None:
    one, other = (0.7, 0.6, 0.75), (0.5, 0.3, 0.6)
    low, high = difference_interval(one, other)
    assert difference_interval(other, one) == pytest.approx((-high, -low))
