import numpy as np
import pytest

from passmuster.stats.clusters import (
    cluster_numbers,
    cluster_warning,
    ratio_columns,
    ratio_sums,
    student_tail,
    sums_of,
)
from passmuster.stats.resample import resample_weights


def test_numbers_follow_first_appearance_for_any_keys() -> None:
    assert cluster_numbers(["u9", None, "u9", 3]).tolist() == [0, 1, 0, 2]
    assert cluster_numbers(np.array(["b", "b", "a"])).tolist() == [0, 0, 1]


def test_twenty_even_groups_need_no_warning() -> None:
    assert cluster_warning(list(range(20)) * 5) is None
    assert cluster_warning([]) is None


def test_nineteen_groups_are_warned_of() -> None:
    assert cluster_warning(list(range(19))) == "only 19 groups: intervals over fewer than 20 groups are rough"


def test_one_group_is_warned_of_in_the_singular() -> None:
    assert str(cluster_warning(["a", "a"])).startswith("only 1 group:")


def test_a_group_with_more_than_30_percent_is_warned_of() -> None:
    spread = [str(case) for case in range(69)]
    assert cluster_warning(["big"] * 31 + spread) == "the largest group holds 31% of the cases"
    assert cluster_warning(["big"] * 30 + [*spread, "69"]) is None


@pytest.mark.parametrize("clusters", [None, [0, 0, 1, 1, 1, 2, 3, 3]])
def test_sums_of_a_resample_are_the_sums_of_the_repeated_cases(clusters: list[int] | None) -> None:
    rng = np.random.default_rng(1)
    top, bottom = rng.uniform(1, 2, 8), rng.integers(0, 2, 8).astype(float)
    (weights,) = resample_weights(8, 5, rng, clusters)
    found = sums_of(weights @ ratio_columns(top, bottom, clusters))
    groups = np.arange(8) if clusters is None else np.array(clusters)
    for row in range(5):
        copies = [(i, (int(groups[i]), copy)) for i in range(8) for copy in range(int(weights[row, i]))]
        repeated = [i for i, _ in copies]
        keys = [key if clusters else place for place, (_, key) in enumerate(copies)]
        expected = ratio_sums(top[repeated], bottom[repeated], keys)
        for name in ("units", "top", "bottom", "top_top", "top_bottom", "bottom_bottom"):
            assert getattr(found, name)[row] == pytest.approx(float(getattr(expected, name)))


def test_one_unit_has_an_infinite_error_and_no_tail() -> None:
    sums = ratio_sums([2.0], [1.0])
    assert float(sums.standard_error()) == np.inf
    assert float(student_tail(np.array(5.0), sums.standard_error(), sums.units - 1)) == 1.0


def test_without_anything_below_the_line_the_ratio_is_infinite() -> None:
    assert float(ratio_sums([1.0, 2.0], [0.0, 0.0]).value()) == np.inf
