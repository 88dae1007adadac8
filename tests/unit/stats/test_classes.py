import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    matthews_corrcoef,
    precision_recall_fscore_support,
    recall_score,
)

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.classes import (
    Proportion,
    averages,
    class_figures,
    confusion,
    confusion_macro_f1,
    dependent_class_figures,
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


def counted(pairs: Sequence[tuple[str, str | None]], labels: Sequence[str]) -> list[FloatArray]:
    found = confusion(pairs, labels)
    matrix = found.matrix.astype(np.float64)
    return [np.diagonal(matrix), matrix.sum(axis=0), matrix.sum(axis=1) + found.outside]


def scikit_learn(pairs: Sequence[tuple[str, str | None]], labels: Sequence[str]) -> dict[str, float]:
    truth = [one for one, _ in pairs]
    guess = [other if other in labels else "outside" for _, other in pairs]
    hits = [float(a == b) for a, b in zip(truth, guess, strict=True)]
    found = {
        "accuracy": float(accuracy_score(truth, guess)),
        "mcc": float(matthews_corrcoef(truth, guess)),
        # What `balanced_accuracy_score` gives, which warns of answers that are no reference.
        "balanced_accuracy": float(
            recall_score(truth, guess, labels=sorted(set(truth)), average="macro", zero_division=0)
        ),
    }
    assert found["accuracy"] == pytest.approx(np.mean(hits))
    for average in ("macro", "micro", "weighted"):
        named = precision_recall_fscore_support(
            truth, guess, labels=list(labels), average=average, zero_division=0
        )
        found |= {
            f"{average}_{name}": float(value)
            for name, value in zip(("precision", "recall", "f1"), named[:3], strict=True)
        }
    return found


@pytest.mark.parametrize("outside", [False, True])
def test_averages_equal_scikit_learn(*, outside: bool) -> None:
    pairs = answers(outside=outside)
    found = {name: float(value) for name, value in averages(*counted(pairs, LABELS)).items()}
    assert found == pytest.approx(scikit_learn(pairs, LABELS), abs=1e-9)


ANSWERS = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from([*LABELS, "nothing", None])), min_size=1, max_size=60
)


@given(ANSWERS)
def test_averages_equal_scikit_learn_on_any_answers(pairs: list[tuple[str, str | None]]) -> None:
    labels = sorted({reference for reference, _ in pairs})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that nobody answered, and of a single class
        expected = scikit_learn(pairs, labels)
    found = {name: float(value) for name, value in averages(*counted(pairs, labels)).items()}
    assert found == pytest.approx(expected, abs=1e-9)
    assert all(0 <= value <= 1 + 1e-12 for name, value in found.items() if name != "mcc")


@given(ANSWERS)
def test_swapping_references_and_answers_swaps_precision_and_recall(
    pairs: list[tuple[str, str | None]],
) -> None:
    inside = [(one, other) for one, other in pairs if other in LABELS]
    there = averages(*counted(inside, LABELS))
    back = averages(*counted([(str(other), one) for one, other in inside], LABELS))
    for average in ("macro", "micro"):
        assert there[f"{average}_precision"] == pytest.approx(back[f"{average}_recall"], nan_ok=True)
        assert there[f"{average}_f1"] == pytest.approx(back[f"{average}_f1"], nan_ok=True)
    assert there["mcc"] == pytest.approx(back["mcc"], nan_ok=True)


def test_no_cases_have_no_average() -> None:
    nothing = np.zeros(3)
    assert all(np.isnan(value) for value in averages(nothing, nothing, nothing).values())


def places(pairs: Sequence[tuple[str, str | None]]) -> tuple[IntArray, IntArray]:
    known = {label: place for place, label in enumerate(LABELS)}
    right = np.array([known[reference] for reference, _ in pairs])
    return right, np.array([known.get(str(answer), -1) for _, answer in pairs])


def test_answers_that_depend_on_one_another_have_the_same_figures_and_wider_intervals() -> None:
    pairs = answers(outside=True)
    plain = class_figures(confusion(pairs, LABELS))
    assert dependent_class_figures(places(pairs), LABELS) == plain
    threefold = [pair for pair in pairs for _ in range(3)]
    copies = dependent_class_figures(places(threefold), LABELS, clusters=np.arange(900) // 3)
    for one, three in zip(plain, copies, strict=True):
        assert three.n == 3 * one.n
        for mine, theirs in (
            (one.recall, three.recall),
            (one.precision, three.precision),
            (one.f1, three.f1),
        ):
            assert theirs.value == pytest.approx(mine.value)
            assert theirs.low is not None
            assert theirs.high is not None
            assert mine.low is not None
            assert mine.high is not None
            # Copies tell nothing new: as wide as one answer each, not as narrow as three (a factor of 0.58).
            assert theirs.high - theirs.low > 0.9 * (mine.high - mine.low)


def test_a_weight_of_two_counts_like_two_answers() -> None:
    pairs = answers(outside=False)
    weights = np.array([2.0 if index < 100 else 1.0 for index in range(300)])
    weighted = dependent_class_figures(places(pairs), LABELS, weights=weights)
    doubled = class_figures(confusion([*pairs, *pairs[:100]], LABELS))
    for one, other in zip(weighted, doubled, strict=True):
        assert one.f1.value == pytest.approx(other.f1.value)
        assert one.precision.value == pytest.approx(other.precision.value)


def test_counts_of_many_resamples_are_one_call() -> None:
    table = np.array([counted(answers(outside=True), LABELS)] * 5)
    found = averages(table[:, 0], table[:, 1], table[:, 2])
    assert {value.shape for value in found.values()} == {(5,)}
