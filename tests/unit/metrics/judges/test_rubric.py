"""Rubrics: criteria on one scale, and what cannot be meant."""

from math import inf, nan
from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.rubric import Criterion, Rubric


def criterion(name: str = "tone", **more: Any) -> Criterion:
    return Criterion(**{"name": name, "question": "Is it polite?", **more})


def test_the_value_is_the_mean_of_the_criteria_by_their_weights() -> None:
    rubric = Rubric(criteria=(criterion("a", weight=3), criterion("b")))

    assert rubric.value({"a": 5, "b": 1}) == 4.0
    assert (rubric.bounds, rubric.binary, list(rubric.scale)) == ((1.0, 5.0), False, [1, 2, 3, 4, 5])


def test_of_pass_and_fail_all_must_be_met_whatever_they_weigh() -> None:
    rubric = Rubric(criteria=(criterion("a", weight=100), criterion("b")), low=0, high=1)

    assert rubric.binary
    assert [rubric.value({"a": a, "b": b}) for a in (0, 1) for b in (0, 1)] == [0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"criteria": ()}, "1 to 20 criteria, not 0"),
        ({"criteria": tuple(criterion(str(n)) for n in range(21))}, "not 21"),
        ({"criteria": (criterion("a"), criterion("a"))}, "two criteria of one name"),
        ({"low": 3, "high": 3}, "from 3 to 3"),
        ({"low": -1}, "from -1 to 5"),
        ({"high": 101}, "from 1 to 101"),
        ({"criteria": (criterion(weight=0),)}, "above 0"),
        ({"criteria": (criterion(weight=nan),)}, "above 0"),
        ({"criteria": (criterion(weight=inf),)}, "finite"),
        ({"criteria": (criterion(" "),)}, "a name of one line"),
        ({"criteria": (criterion("a\nb"),)}, "a name of one line"),
        ({"criteria": (criterion(question=" "),)}, "a question"),
        ({"criteria": (criterion(anchors={"6": "Holy."}),)}, "an anchor at '6'"),
        ({"criteria": (criterion(anchors={"1.0": "Rude."}),)}, "an anchor at '1.0'"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Rubric(**{"criteria": (criterion(),), **options})
