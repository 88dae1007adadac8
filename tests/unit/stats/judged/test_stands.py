"""Ratings that a draw gave unequal chances within a stratum of today count by how many replies they stand for."""

import numpy as np
import pytest

from passmuster.stats.arrays import FloatArray
from passmuster.stats.judged.corrected import corrected
from passmuster.stats.judged.differences import corrected_difference

# An earlier judge passed 800 replies, of which people pass 90 %, and failed 200, of which they pass 40 %: 80 %
# in all. 100 of each were drawn. Today's judge says something else, which has nothing to do with that.
EARLIER = np.repeat([1.0, 0.0], [800, 200])
TRUTH = np.concatenate([np.tile([1.0] * 9 + [0.0], 80), np.tile([1.0] * 2 + [0.0] * 3, 40)])
RATED = np.concatenate([np.arange(800) < 100, np.arange(200) < 100])
HUMAN = np.where(RATED, TRUTH, np.nan)
STANDS = np.where(EARLIER > 0, 8.0, 2.0)
VERDICTS = (np.arange(1000) // 10 % 2).astype(np.float64)
GRADES = np.array([0.1, 0.4, 0.6, 0.8, 1.0])[np.arange(1000) // 10 % 5]


@pytest.mark.parametrize("judged", [VERDICTS, GRADES], ids=["verdicts", "grades"])
def test_a_draw_by_other_strata_is_weighed_back(judged: FloatArray) -> None:
    naive = corrected(judged, HUMAN, bounds=(0, 1))
    found = corrected(judged, HUMAN, bounds=(0, 1), stands=STANDS)

    assert naive is not None
    assert found is not None
    assert naive.value == pytest.approx(0.65, abs=0.02)
    assert naive.high < 0.8  # sure, and wrong
    assert found.value == pytest.approx(0.8, abs=0.02)
    assert found.low < 0.8 < found.high
    assert found.degrees < naive.degrees  # unequal weights are worth fewer ratings


def test_equal_weights_within_each_stratum_change_nothing() -> None:
    assert corrected(EARLIER, HUMAN, bounds=(0, 1), stands=STANDS) == corrected(EARLIER, HUMAN, bounds=(0, 1))


def test_a_merged_stratum_counts_by_its_size() -> None:
    # All 2 replies of a stratum were rated and 20 of 998 of the other: merged for want of ratings, 2 of 22 are not their share.
    judged = np.concatenate([[0.1, 0.15], np.tile([0.7, 0.8, 0.9, 1.0, 0.75], 200)[:998]])
    human = np.full(1000, np.nan)
    human[:22] = [0.0] * 2 + [1.0] * 20
    strata = ["low"] * 2 + ["high"] * 998
    stands = np.where(np.arange(1000) < 2, 1.0, 49.9)
    found = corrected(judged, human, bounds=(0, 1), strata=strata, stands=stands)

    assert found is not None
    assert found.value == pytest.approx(0.998, abs=0.02)


def test_a_difference_weighs_either_side_back() -> None:
    whole = np.where(np.arange(1000) % 5 == 0, TRUTH, np.nan)
    found = corrected_difference(
        VERDICTS, HUMAN, VERDICTS, whole, bounds=(0, 1), stands_a=STANDS, stands_b=np.ones(1000)
    )

    assert found.value is not None
    assert found.value == pytest.approx(0.8 - np.nanmean(whole), abs=0.02)
