"""The cases behind a candidate's figures."""

from collections.abc import Callable

import pytest

from passmuster.decide.evidence import SLOWEST, Behind, merged, standing
from passmuster.decide.measured import Measured
from passmuster.records.task import Success

RULE = Success(metric="accuracy")
MakeMeasured = Callable[..., Measured]


@pytest.mark.parametrize(
    ("what", "cases"), [("right", [0, 3]), ("wrong", [1, 4]), ("failed", [2]), ("slowest", [4, 0, 3, 1])]
)
def test_each_figure_has_its_cases(make_measured: MakeMeasured, what: Behind, cases: list[int]) -> None:
    """A trial without a reply is failed, and neither wrong nor timed."""
    item = make_measured("a", [1.0, 0.0, None, 1.0, 0.0], seconds=[3.0, 1.0, 9.0, 2.0, 4.0])

    assert standing([item], RULE).behind(0, what).tolist() == cases


def test_of_many_cases_the_slowest_are_known(make_measured: MakeMeasured) -> None:
    times = [float(number) for number in range(SLOWEST + 10)]
    found = standing([make_measured("a", [1.0] * len(times), seconds=times)], RULE)

    assert found.behind(0, "slowest").tolist() == list(range(SLOWEST + 9, 9, -1))
    assert (found.slow(9), found.slow(10)) == ([], [0])


def test_times_are_told_of_the_main_cases_by_their_place_in_the_corpus(make_measured: MakeMeasured) -> None:
    main = standing([make_measured("a", [1.0, 0.0], seconds=[1.0, 2.0])], RULE)
    apart = standing([make_measured("a", [None], seconds=[99.0])], RULE)

    whole = merged([((0, 2), main), ((1,), apart)], 3)

    assert whole.behind(0, "slowest").tolist() == [2, 0]
    assert whole.behind(0, "failed").tolist() == [1]
    assert whole.behind(0, "wrong").tolist() == [2]
