"""Levels from p-values, at their borders."""

from itertools import product

import pytest

from passmuster.decide.gate.levels import Evidence, drop_level, gravest, near_limit
from passmuster.records.gate import GRAVITY

SMALL, LARGE = 0.05, 0.0501


def level(shown: float, investigate: float, block: float) -> str:
    return drop_level(Evidence(adjusted=shown, investigate=investigate, block=block), 0.05)


@pytest.mark.parametrize(
    ("shown", "investigate", "block", "wanted"),
    [
        (LARGE, SMALL, SMALL, "pass"),
        (SMALL, SMALL, SMALL, "pass"),
        (LARGE, LARGE, SMALL, "investigate"),
        (SMALL, LARGE, SMALL, "investigate"),
        (SMALL, LARGE, LARGE, "block"),
        (LARGE, LARGE, LARGE, "undecided"),
    ],
)
def test_what_is_excluded_decides_before_what_is_shown(
    shown: float, investigate: float, block: float, wanted: str
) -> None:
    assert level(shown, investigate, block) == wanted


@pytest.mark.parametrize("missing", range(3))
def test_what_is_missing_never_passes(missing: int) -> None:
    given = [0.001, 0.001, 0.001]
    parts = [None if place == missing else p for place, p in enumerate(given)]
    found = drop_level(Evidence(adjusted=parts[0], investigate=parts[1], block=parts[2]), 0.05)
    assert found in ({"pass"} if missing == 0 else {"undecided"})


def test_the_gravest_of_two_does_not_hang_on_their_order() -> None:
    for one, other in product(GRAVITY, repeat=2):
        assert gravest([one, other]) == gravest([other, one])
    assert gravest(["refused", "undecided"]) == "refused"
    assert gravest(["block", "refused"]) == "block"


def test_a_rise_is_near_the_limit_from_the_geometric_middle_on() -> None:
    assert near_limit(1.2**0.5 - 1, 0.2)
    assert not near_limit(1.2**0.5 - 1.001, 0.2)
