"""The strata of verdicts: what is drawn within them is corrected within the same ones."""

from math import inf

import pytest

from passmuster.decide.judging.strata import stratum_of


@pytest.mark.parametrize(
    ("value", "bounds", "stratum"),
    [
        (5.0, (1.0, 5.0), "4.2 to 5"),
        (1.0, (1.0, 5.0), "1 to 1.8"),
        (0.5, (0.0, 1.0), "0.4 to 0.6"),
        (1e9, (-inf, inf), "all"),
    ],
)
def test_a_stratum_of_a_scale_is_a_fifth_of_it(
    value: float, bounds: tuple[float, float], stratum: str
) -> None:
    assert stratum_of(value, bounds, binary=False) == stratum


def test_a_stratum_of_a_judge_that_passes_or_fails_is_its_verdict() -> None:
    assert [stratum_of(value, (0.0, 1.0), binary=True) for value in (0.0, 1.0)] == ["fail", "pass"]
