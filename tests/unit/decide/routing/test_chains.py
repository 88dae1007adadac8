"""Who is asked along a chain, whose reply stands, and what that costs."""

import numpy as np
import pytest

from passmuster.decide.routing.chains import ANY, Stage, arms_of, cascades, singles, thresholds, walk
from passmuster.decide.routing.ground import Ground

SMALL, MIDDLE, LARGE = 0, 1, 2


@pytest.fixture
def ground() -> Ground:
    """Four cases: the small one is sure of the first, not of the second, says nothing of the third, and fails on the last."""
    return Ground(
        names=("small", "middle", "large"),
        quality=np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]]),
        cost=np.array([[1.0] * 4, [10.0] * 4, [100.0] * 4]),
        failed=np.array([[False, False, False, True], [False] * 4, [False] * 4]),
        slices=np.zeros(4, dtype=np.int64),
        sure={"small": np.array([0.9, 0.4, np.nan, 0.99]), "middle": np.array([0.1, 0.8, 0.2, 0.3])},
    )


def test_a_reply_stands_where_it_is_sure_and_did_not_fail(ground: Ground) -> None:
    found = walk(ground, (Stage(SMALL, 0.5), Stage(LARGE)))

    assert found.final.tolist() == [SMALL, LARGE, LARGE, LARGE]
    assert found.asked[SMALL].all()
    assert found.asked[LARGE].tolist() == [False, True, True, True]


def test_a_cascade_pays_for_every_call_that_it_makes(ground: Ground) -> None:
    arms = arms_of(ground, [(Stage(SMALL, 0.5), Stage(MIDDLE, 0.5), Stage(LARGE))])

    assert arms.dear[0].tolist() == [1, 11, 111, 111]
    assert arms.good[0].tolist() == [1, 1, 1, 1]


def test_without_a_threshold_the_next_one_is_asked_after_a_failure_only(ground: Ground) -> None:
    found = walk(ground, (Stage(SMALL, ANY), Stage(LARGE)))

    assert found.final.tolist() == [SMALL, SMALL, SMALL, LARGE]


def test_one_alone_keeps_its_failures(ground: Ground) -> None:
    assert walk(ground, (Stage(SMALL),)).final.tolist() == [SMALL] * 4
    assert arms_of(ground, singles(ground)).good.tolist() == ground.quality.tolist()


def test_whoever_is_asked_only_to_tell_how_sure_a_reply_is_is_paid_for_too(ground: Ground) -> None:
    beside = Ground(
        names=ground.names,
        quality=ground.quality,
        cost=ground.cost,
        failed=ground.failed,
        slices=ground.slices,
        sure=ground.sure,
        beside={"small": ("middle",)},
    )
    arms = arms_of(beside, [(Stage(SMALL, 0.5), Stage(LARGE))])

    assert arms.dear[0].tolist() == [11, 111, 111, 111]


def test_where_a_cost_is_unknown_calls_are_counted(ground: Ground) -> None:
    unknown = Ground(
        names=ground.names,
        quality=ground.quality,
        cost=np.where(np.arange(4) == 0, np.nan, ground.cost),
        failed=ground.failed,
        slices=ground.slices,
        sure=ground.sure,
    )
    arms = arms_of(unknown, [(Stage(SMALL, 0.5), Stage(LARGE))])

    assert not unknown.priced
    assert arms.dear[0].tolist() == [1, 2, 2, 2]


def test_thresholds_part_off_equal_shares_and_never_look_at_what_is_right(ground: Ground) -> None:
    assert thresholds(ground, "middle", 4) == [ANY, 0.2, 0.3, 0.8]
    assert thresholds(ground, "large", 4) == [ANY]


def test_a_signal_of_two_values_has_one_threshold(ground: Ground) -> None:
    two = Ground(
        names=("small",),
        quality=np.ones((1, 5)),
        cost=np.ones((1, 5)),
        failed=np.zeros((1, 5), dtype=np.bool_),
        slices=np.zeros(5, dtype=np.int64),
        sure={"small": np.array([0.0, 1.0, 1.0, 0.0, 1.0])},
    )
    assert thresholds(two, "small", 20) == [ANY, 1.0]


def test_a_cascade_of_three_has_every_pair_of_thresholds(ground: Ground) -> None:
    chains = cascades(ground, ["small", "middle", "large"])

    assert len(chains) == len(thresholds(ground, "small", 10)) * len(thresholds(ground, "middle", 10))
    assert {chain[-1] for chain in chains} == {Stage(LARGE)}
