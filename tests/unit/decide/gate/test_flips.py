"""Which cases flipped, and how."""

import numpy as np
import pytest
from tests.unit.decide.gate.two_versions import RULE, laid, measured

from passmuster.decide.gate.flips import flips
from passmuster.records.gate import Change
from passmuster.records.task import Success


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [("+", "-", "silent"), ("+", "r", "loud"), ("+", "f", "loud"), ("-", "+", "fixed"), ("f", "+", "fixed")],
)
def test_a_result_that_changed_is_named_by_how(old: str, new: str, change: Change) -> None:
    main = laid(old, new)
    found = flips(main.old, main.new, RULE)
    assert found.places.tolist() == [0]
    assert found.change(0) == change
    assert found.counts == {change: 1}


@pytest.mark.parametrize(
    ("old", "new"), [("+", "+"), ("-", "-"), ("-", "r"), ("f", "-"), ("?", "+"), ("+", " ")]
)
def test_nothing_flips_where_both_are_as_right_or_one_of_them_is_not_known(old: str, new: str) -> None:
    main = laid(old, new)
    assert not flips(main.old, main.new, RULE).places.size


def test_another_text_that_is_as_right_is_a_change_of_format_and_no_flip() -> None:
    main = laid("++-", "++-")
    found = flips(main.old, main.new, RULE, np.array([[True], [False], [True]]))
    assert found.counts == {"format": 1}
    assert not found.places.size


def test_a_result_that_is_gone_is_counted_and_is_no_flip() -> None:
    main = laid("+++", "+? ")
    found = flips(main.old, main.new, RULE)
    assert (found.places.size, found.unknown) == (0, 2)


def test_of_repeats_most_decide() -> None:
    main = laid(["+++", "++-", "+--"], ["-+-", "--+", "+-+"])
    found = flips(main.old, main.new, RULE)
    assert (found.old.tolist(), found.new.tolist()) == ([1, 1, 0], [0, 0, 1])
    assert [found.change(place) for place in found.places.tolist()] == ["silent", "silent", "fixed"]


def test_a_graded_metric_flips_where_it_crosses_what_a_success_is() -> None:
    least = Success(metric="accuracy", at_least=None, at_most=0.5)
    assert flips(measured("+"), measured("-"), least).counts == {"fixed": 1}
