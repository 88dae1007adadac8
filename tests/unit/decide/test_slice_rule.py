"""Slices of the cases by an expression."""

import pytest

from passmuster.decide.slice_rule import SliceRule
from passmuster.errors import ConfigurationError
from passmuster.records.case import Case


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("stratum ==", "cannot read 'stratum =='"),
        ("colour == 'red'", "is not known of a case"),
        ("().__class__", "is not known of a case"),
        ("tags | unheard_of", "cannot read"),
    ],
)
def test_a_slice_that_cannot_be_read_is_refused(rule: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        SliceRule(rule)


def test_a_case_of_which_it_cannot_be_told_is_not_in_the_slice() -> None:
    rule = SliceRule("stratum < 'm'")
    assert rule.holds(Case(id="1", input="", stratum="a"))
    assert not rule.holds(Case(id="1", input=""))
