import subprocess
import sys

import pytest
from scipy import stats

from passmuster.stats.student import student_quantile

DEGREES = [*range(1, 60), 99, 100, 4_999, 5_000, 49_999, 100_000]


@pytest.mark.parametrize("probability", [0.5, 0.8, 0.95, 0.975, 0.9995])
def test_quantiles_are_those_of_scipy(probability: float) -> None:
    found = [student_quantile(probability, degrees) for degrees in DEGREES]
    assert found == pytest.approx(stats.t.ppf(probability, DEGREES), rel=1e-10, abs=1e-15)


@pytest.mark.parametrize(("probability", "degrees"), [(0.4, 5), (1.0, 5), (0.975, 0)])
def test_what_has_no_quantile_is_refused(probability: float, degrees: int) -> None:
    with pytest.raises(ValueError, match="there is no quantile"):
        student_quantile(probability, degrees)


ALONE = """
import sys
from passmuster.stats.intervals import cluster_mean_interval, mean_interval, wilson
from passmuster.stats.quantiles import quantile_interval
from passmuster.stats.ratio import ratio_interval
wilson(85, 100), mean_interval(45.0, 42.0, 50), quantile_interval(range(100), 0.5)
ratio_interval([1.0, 2.0, 3.0], [1, 0, 1]), cluster_mean_interval([0.0, 1.0, 1.0], "abb")
print(*sys.modules)
"""


def test_the_intervals_of_one_candidates_figures_load_no_special_functions() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    assert "scipy.special" not in done.stdout.split()
