import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from passmuster.stats.classes import (
    Proportion,
    class_figures,
    confusion,
    confusion_macro_f1,
)
from passmuster.stats.intervals import wilson

LABELS = ["cat", "dog", "fox", "owl"]


def answers(*, outside: bool) -> list[tuple[str, str | None]]:
    rng = np.random.default_rng(4)
    said = [*LABELS, *(["no idea"] if outside else [])]
    truth = rng.choice(LABELS, 300, p=[0.4, 0.3, 0.2, 0.1])
    guess = rng.choice(said, 300)
    keep = rng.uniform(size=300) < 0.6
    return [(str(t), str(t) if k else str(g)) for t, g, k in zip(truth, guess, keep, strict=True)]


@pytest.mark.parametrize("outside", [False, True])
def test_figures_equal_scikit_learn(*, outside: bool) -> None:
    pairs = answers(outside=outside)
    truth, guess = zip(*pairs, strict=True)
    found = confusion(pairs, LABELS)
    precision, recall, f1, support = precision_recall_fscore_support(truth, guess, labels=LABELS)
    figures = class_figures(found)
    assert [c.precision.value for c in figures] == pytest.approx(precision.tolist(), abs=1e-12)
    assert [c.recall.value for c in figures] == pytest.approx(recall.tolist(), abs=1e-12)
    assert [c.f1.value for c in figures] == pytest.approx(f1.tolist(), abs=1e-12)
    assert [c.n for c in figures] == support.tolist()
    assert confusion_macro_f1(found) == pytest.approx(
        f1_score(truth, guess, labels=LABELS, average="macro"), abs=1e-12
    )
    assert found.matrix.tolist() == confusion_matrix(truth, guess, labels=LABELS).tolist()
    assert found.matrix.sum() + found.outside.sum() == 300


def test_intervals_are_wilsons_and_f1_is_mapped_from_the_share_of_the_union() -> None:
    found = confusion([("a", "a")] * 8 + [("a", "b")] * 2 + [("b", "a")] * 3 + [("b", "b")] * 7, ["a", "b"])
    first = class_figures(found)[0]
    assert (first.recall.low, first.recall.high) == wilson(8, 10)
    assert (first.precision.low, first.precision.high) == wilson(8, 11)
    low, high = wilson(8, 13)
    assert first.f1.value == pytest.approx(16 / 21)
    assert (first.f1.low, first.f1.high) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))
    assert first.predicted == 11


def test_an_answer_outside_the_labels_is_wrong_for_its_class_only() -> None:
    found = confusion([("a", "a"), ("a", "c"), ("a", None), ("b", "b")], ["a", "b"])
    first, second = class_figures(found)
    assert found.outside.tolist() == [2, 0]
    assert first.recall.value == pytest.approx(1 / 3)
    assert first.precision.value == second.precision.value == 1.0


def test_a_class_that_does_not_occur_has_no_figures_and_does_not_lower_the_mean() -> None:
    found = confusion([("a", "a"), ("b", "b")], ["a", "b", "c"])
    nothing = Proportion(value=None, low=None, high=None, n=0)
    last = class_figures(found)[2]
    assert last.precision == last.recall == last.f1 == nothing
    assert confusion_macro_f1(found) == 1.0


def test_a_reference_that_is_no_label_is_refused() -> None:
    with pytest.raises(ValueError, match="'z' is none of the labels"):
        confusion([("z", "a")], ["a"])


def test_no_cases_give_no_figures() -> None:
    found = confusion([], ["a", "b"])
    assert confusion_macro_f1(found) is None
