from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from passmuster.decide.class_report import classification
from passmuster.decide.classes import class_columns, resampled_averages
from passmuster.decide.labels import classes_of
from passmuster.decide.measured import Layout
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.metrics.labels.f1_per_class import F1PerClass
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.classes import Classification
from passmuster.records.score import ScoreFailure, ScoreOutcome
from passmuster.records.trial import Failure, Reply, Trial, TrialKey

METRIC = F1PerClass()
BROKEN = "the metric raises"
UNASKED = "not asked"


def classified(
    references: Sequence[str],
    replies: Sequence[Sequence[str | None]],
    *,
    groups: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
) -> Classification:
    """Return the classes of replies that have some."""
    found = found_classes(references, replies, groups=groups, weights=weights)
    assert found is not None
    return found


def found_classes(
    references: Sequence[str],
    replies: Sequence[Sequence[str | None]],
    *,
    groups: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
) -> Classification | None:
    """Return the classes of replies, one list of repeats a case; None is a trial without a reply, BROKEN one without a score,
    UNASKED no trial.
    """
    cases = [Case(id=str(i), input=str(i), reference=label) for i, label in enumerate(references)]
    classes = classes_of(METRIC, cases)
    layout = Layout(
        cases=len(cases),
        repeats=len(replies[0]),
        binary={METRIC.name: True},
        classes={METRIC.name: classes},
        groups=None if groups is None else np.array(groups, dtype=np.int64),
        weights=None if weights is None else np.array(weights, dtype=np.float64),
    )
    sheet = Sheet(Candidate(name="a", provider="replay"), layout)
    free = TrialCost(0.0, 0.0, 0.0, 0.0, reviewed=False, basis="reported")
    for index, (case, said) in enumerate(zip(cases, replies, strict=True)):
        for repeat, text in enumerate(said):
            if text == UNASKED:
                continue
            outcome = Failure(kind="timeout", message="") if text is None else Reply(text=text)
            trial = Trial(key=TrialKey(case.id, "c", repeat), case_id=case.id, outcome=outcome, attempts=())
            scores: dict[str, ScoreOutcome] = {}
            if isinstance(outcome, Reply):
                scores = {METRIC.name: METRIC.score(case, outcome)}
            if text == BROKEN:
                scores = {METRIC.name: ScoreFailure(kind="metric_error", message="")}
            sheet.enter(index * len(said) + repeat, trial, scores, free)
    measured = sheet.measured()
    table = class_columns(measured, classes)
    return classification(measured, classes, table, resampled_averages([table], measured.groups)[0])


def drawn(n: int, seed: int) -> tuple[list[str], list[list[str | None]]]:
    rng = np.random.default_rng(seed)
    truth = rng.choice(["cat", "dog", "fox"], n, p=[0.6, 0.3, 0.1])
    guess = np.where(rng.random(n) < 0.7, truth, rng.choice(["cat", "dog", "fox", "cow"], n))
    return truth.tolist(), [[str(each)] for each in guess]


def test_averages_and_classes_are_of_one_piece() -> None:
    references, replies = drawn(300, 1)
    replies[:30] = [[None]] * 30
    found = classified(references, replies)
    f1 = [each.f1.value for each in found.classes]
    assert found.averages["macro_f1"].value == pytest.approx(np.mean([value or 0.0 for value in f1]))
    assert sum(map(sum, found.matrix)) + sum(found.outside) + sum(found.failed) == 300
    assert sum(found.failed) == 30
    for estimate in found.averages.values():
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.value is not None
        assert estimate.low < estimate.value < estimate.high


def test_a_trial_without_a_reply_is_a_wrong_answer_of_its_class() -> None:
    references, replies = drawn(200, 2)
    replies[:50] = [[None]] * 50
    found = classified(references, replies)
    said = [reply[0] or "failed" for reply in replies]
    expected = precision_recall_fscore_support(references, said, labels=list(found.labels))
    assert [each.recall.value for each in found.classes] == pytest.approx(expected[1].tolist(), abs=1e-9)
    assert [each.f1.value for each in found.classes] == pytest.approx(expected[2].tolist(), abs=1e-9)


def test_a_reply_that_could_not_be_scored_is_in_all_figures_or_in_none() -> None:
    references, replies = drawn(300, 1)
    replies[:50] = [[BROKEN]] * 50
    found = classified(references, replies)
    f1 = [each.f1.value or 0.0 for each in found.classes]
    assert found.averages["macro_f1"].value == pytest.approx(np.mean(f1))
    assert sum(map(sum, found.matrix)) + sum(found.outside) == sum(each.n for each in found.classes) == 300


def test_a_class_is_weak_from_15_points_under_the_accuracy_on() -> None:
    """60 of 80 are right: .75. F1 of `odd` is 2 x 9 / (20 + 10) = .60 (weak), with one more right one .645."""
    replies = ["odd"] * 9 + ["even"] * 11 + ["even"] * 51 + ["odd"] + ["none"] * 8
    references = ["odd"] * 20 + ["even"] * 60
    for reply, weak in (("even", True), ("odd", False)):
        replies[9] = reply
        found = classified(references, [[each] for each in replies])
        odd = next(each for each in found.classes if each.label == "odd")
        assert odd.weak is weak
        assert odd.n == 20
        assert not next(each for each in found.classes if each.label == "even").weak


def test_a_class_that_no_case_asked_for_is_not_called_weak() -> None:
    """Its only case was not asked; the one answer that names it is counted against the class that was meant."""
    found = classified(["even"] * 20 + ["odd"], [["even"]] * 19 + [["odd"], []])
    odd = next(each for each in found.classes if each.label == "odd")
    assert (odd.n, odd.predicted, odd.f1.value, odd.weak) == (0, 1, 0.0, False)


def test_repeats_of_a_case_are_no_new_cases() -> None:
    references, replies = drawn(150, 3)
    once = classified(references, replies)
    thrice = classified(references, [each * 3 for each in replies])
    for one, three in zip(once.classes, thrice.classes, strict=True):
        assert (three.n, three.predicted) == (one.n, 3 * one.predicted)
        for figure in ("precision", "recall", "f1"):
            assert getattr(three, figure).n == getattr(one, figure).n
        assert three.f1.value == pytest.approx(one.f1.value)
        assert _width(three.recall) > 0.9 * _width(one.recall)
    assert thrice.averages == once.averages


def test_a_class_counts_its_cases_and_not_their_trials() -> None:
    """The second case answers both labels in its repeats; the third was asked once and the fourth never."""
    replies: list[list[str | None]] = [["a"] * 3, ["a", "b", None], ["a"], []]
    a, b = classified(
        ["a", "a", "b", "b"], [[*each, *[UNASKED] * (3 - len(each))] for each in replies]
    ).classes
    assert (a.n, a.predicted, b.n, b.predicted) == (2, 5, 1, 1)
    assert (a.recall.n, a.precision.n, a.f1.n) == (2, 3, 3)
    assert (b.recall.n, b.precision.n, b.f1.n) == (1, 1, 2)


def test_groups_widen_the_intervals_and_weights_move_the_figures() -> None:
    references, replies = drawn(300, 4)
    order = sorted(range(300), key=lambda i: references[i] == replies[i][0])
    references, replies = [references[i] for i in order], [replies[i] for i in order]
    plain = classified(references, replies)
    grouped = classified(references, replies, groups=[i // 10 for i in range(300)])
    heavy = classified(references, replies, weights=[0.5] * 150 + [1.5] * 150)
    for one, clustered, weighted in zip(plain.classes, grouped.classes, heavy.classes, strict=True):
        assert clustered.recall.value == pytest.approx(one.recall.value)
        assert _width(clustered.recall) > 1.3 * _width(one.recall)
        assert (weighted.recall.value or 0) > (one.recall.value or 0)
        assert weighted.recall.method == "weighted Wilson"
    assert _width(grouped.averages["mcc"]) > 1.3 * _width(plain.averages["mcc"])
    f1 = [each.f1.value or 0.0 for each in heavy.classes]
    assert heavy.averages["macro_f1"].value == pytest.approx(np.mean(f1))


def test_a_perfect_candidate_on_few_cases_is_not_certain_of_any_average() -> None:
    found = classified(["a", "b"] * 6, [["a"], ["b"]] * 6)
    for name, estimate in found.averages.items():
        assert estimate.value == pytest.approx(1.0)
        assert estimate.low is not None
        assert -1.0 < estimate.low < (0.95 if name != "mcc" else 0.9)


def test_a_candidate_without_any_reply_has_no_classes() -> None:
    assert found_classes(["a", "b"], [[None], [None]]) is None


def _width(estimate: object) -> float:
    low, high = getattr(estimate, "low", None), getattr(estimate, "high", None)
    assert low is not None
    assert high is not None
    return float(high - low)
