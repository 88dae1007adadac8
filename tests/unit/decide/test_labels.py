"""The classes of a metric whose answers are labels."""

import pytest

from passmuster.decide.labels import MOST_LABELS, classes_of
from passmuster.errors import ConfigurationError
from passmuster.metrics.labels.f1_per_class import F1PerClass
from passmuster.records.case import Case


def cases(number: int) -> list[Case]:
    return [Case(id=str(n), input="", reference=f"Label {n}") for n in range(number)]


def test_labels_are_sorted_and_each_stands_once() -> None:
    some = [Case(id=str(n), input="", reference=label) for n, label in enumerate(("b", "a", None, "b"))]
    found = classes_of(F1PerClass(), some)
    assert (found.labels, found.truths) == (("a", "b"), ("b", "a", None, "b"))


def test_free_text_is_refused_before_it_fills_the_memory() -> None:
    assert len(classes_of(F1PerClass(), cases(MOST_LABELS)).labels) == MOST_LABELS
    with pytest.raises(ConfigurationError, match="1,001 different labels") as caught:
        classes_of(F1PerClass(), cases(MOST_LABELS + 1))
    assert "exact_match" in str(caught.value.hint)
