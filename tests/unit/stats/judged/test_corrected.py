import math
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray
from passmuster.stats.judged.corrected import (
    Corrected,
    corrected,
    corrected_of_sums,
    form_of,
    judged_columns,
)
from passmuster.stats.judged.estimator import estimate_of_sums, influence_of
from passmuster.stats.judged.form import FEWEST_RATINGS, columns_of, design_effect, prepare, why_not
from passmuster.stats.judged.prediction_powered import tuned
from passmuster.stats.student import student_quantile

NAN = math.nan


def known(judged: ArrayLike, human: ArrayLike, **options: Any) -> Corrected:
    found = corrected(judged, human, **{"bounds": (0, 1), **options})
    assert found is not None
    return found


def verdicts(
    passed: int, failed: int, of_passed: tuple[int, int], of_failed: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """Return replies that a judge passed and failed, and of each so many that people passed and failed."""
    sides = []
    for count, (yes, no) in ((passed, of_passed), (failed, of_failed)):
        sides.append([1.0] * yes + [0.0] * no + [NAN] * (count - yes - no))
    return np.array([1.0] * passed + [0.0] * failed), np.array(sides[0] + sides[1])


def scores(n: int, total: int, seed: int = 7) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, total).astype(np.float64)
    judged = np.clip(np.round(truth + rng.normal(0.5, 0.8, total)), 1, 5)
    human = np.where(np.arange(total) < n, truth, NAN)
    return judged, human


def test_a_verdict_is_post_stratified_as_the_formula_says() -> None:
    judged, human = verdicts(1400, 600, (55, 5), (8, 32))
    found = known(judged, human)
    q, p1, p0 = 0.7, 55.5 / 61, 8.5 / 41
    variance = (
        q**2 * p1 * (1 - p1) / 60 + (1 - q) ** 2 * p0 * (1 - p0) / 40 + (p1 - p0) ** 2 * q * (1 - q) / 2000
    )
    half = student_quantile(0.975, 98) * math.sqrt(variance)
    centre = q * p1 + (1 - q) * p0
    assert found.value == pytest.approx(0.7 * 55 / 60 + 0.3 * 8 / 40)
    assert [found.centre, found.error] == pytest.approx([centre, math.sqrt(variance)])
    assert [found.low, found.high] == pytest.approx([centre - half, centre + half])
    assert (found.n, found.total, found.degrees) == (100, 2000, 98)
    assert found.raw == pytest.approx(0.7)
    assert "post-stratified" in found.method


def test_a_biased_judge_is_put_right_whatever_shares_were_rated() -> None:
    judged, human = verdicts(1800, 200, (40, 40), (1, 19))
    assert known(judged, human).value == pytest.approx(0.9 * 0.5 + 0.1 * 0.05)


def test_where_all_replies_are_rated_it_is_what_people_say() -> None:
    judged, human = verdicts(60, 40, (50, 10), (10, 30))
    assert known(judged, human).value == pytest.approx(0.6)


def test_raters_who_differ_give_parts_of_a_pass() -> None:
    judged, human = verdicts(40, 40, (20, 0), (0, 20))
    halves = np.where(np.arange(80) < 10, 0.5, human)
    assert known(judged, halves).value == pytest.approx(0.5 * 0.75)


def test_people_who_all_agree_do_not_make_certainty() -> None:
    judged, human = verdicts(500, 0, (20, 0), (0, 0))
    found = known(judged, human)
    assert found.value == found.high == 1.0
    assert 0.85 < found.low < 0.96


def test_a_verdict_that_nobody_rated_is_merged_with_the_other() -> None:
    judged, human = verdicts(100, 20, (15, 5), (0, 0))
    found = known(judged, human)
    assert found.value == pytest.approx(0.75)
    assert "only one of its values is rated" in found.method


def test_a_verdict_in_three_is_merged_with_its_neighbour_and_says_so() -> None:
    judged = np.repeat([0.0, 0.5, 1.0], 40)
    human = np.concatenate([[0.0] * 10, [NAN] * 30, [NAN] * 40, [1.0] * 9, [0.0], [NAN] * 30])
    found = known(judged, human)
    # 0.5 is as far from either; the lower of the two takes it.
    assert found.value == pytest.approx(80 / 120 * 0.0 + 40 / 120 * 0.9)
    assert "1 stratum with too few ratings merged" in found.method


def test_replies_without_a_judgement_are_left_out() -> None:
    judged, human = verdicts(60, 40, (20, 5), (5, 10))
    more = np.concatenate([judged, [NAN] * 30]), np.concatenate([human, [1.0] * 30])
    assert known(*more) == known(judged, human)


def test_a_fine_score_is_prediction_powered_in_the_unit_of_the_rubric() -> None:
    judged, human = scores(100, 2000)
    found = known(judged, human, bounds=(1, 5))
    rated = ~np.isnan(human)
    lam = tuned(human[rated], judged[rated], judged[~rated])
    plain = lam * judged[~rated].mean() + (human[rated] - lam * judged[rated]).mean()
    assert found.value == pytest.approx(plain, abs=0.02)  # less what tuning on the same ratings adds
    assert found.method == "prediction-powered (PPI++)"
    assert found.raw == pytest.approx(judged.mean())
    only = student_quantile(0.975, 99) * human[rated].std(ddof=1) / 10
    assert (found.high - found.low) / 2 < 0.75 * only


def test_another_unit_changes_nothing_but_the_unit() -> None:
    judged, human = scores(100, 2000)
    ones = known(judged, human, bounds=(1, 5))
    tens = known(10 * judged, 10 * human, bounds=(10, 50))
    assert [tens.value, tens.low, tens.high, tens.error] == pytest.approx(
        [10 * ones.value, 10 * ones.low, 10 * ones.high, 10 * ones.error]
    )


def test_ratings_drawn_by_bins_of_the_score_need_the_bins() -> None:
    """Of low scores 1 in 4 is rated, of high ones 1 in 40: without the bins the mean is far too low."""
    judged, _ = scores(0, 8000)
    truth = np.clip(judged - 0.5, 1, 5)
    place = np.arange(8000)
    rated = np.where(judged <= 2, place % 4 == 0, place % 40 == 0)
    human = np.where(rated, truth + np.where(place % 3 == 0, 0.4, -0.2), NAN)
    found = known(judged, human, bounds=(1, 5), strata=judged)
    assert found.value == pytest.approx(truth.mean(), abs=0.05)
    assert "strata of the score" in found.method
    assert np.nanmean(human) < truth.mean() - 0.5


def test_strata_with_hardly_a_rating_are_merged() -> None:
    judged, human = scores(60, 600)
    lonely = np.where(np.arange(600) == 0, "rare", "often")
    assert "1 stratum with too few ratings" in known(judged, human, bounds=(1, 5), strata=lonely).method


def test_ratings_that_nobody_drew_invert_the_error_rates() -> None:
    judged, human = verdicts(1500, 500, (45, 10), (5, 40))
    found = known(judged, human, drawn=False)
    sensitivity, specificity = 45 / 50, 40 / 50
    assert found.value == pytest.approx((0.75 + specificity - 1) / (sensitivity + specificity - 1))
    assert found.low < found.value < found.high
    assert "Rogan-Gladen" in found.method


def test_ratings_that_nobody_drew_say_nothing_of_a_fine_score() -> None:
    judged, human = scores(100, 500)
    assert corrected(judged, human, bounds=(1, 5), drawn=False) is None
    assert "more than pass or fail" in str(why_not(judged, human, bounds=(1, 5), drawn=False))


@pytest.mark.parametrize(
    ("of_passed", "of_failed", "reason"),
    [
        ((20, 0), (20, 0), "people failed none"),
        ((0, 20), (0, 20), "people passed none"),
        ((10, 10), (10, 10), r"hardly better than chance \(sensitivity \+ specificity - 1 = 0.00\)"),
    ],
)
def test_error_rates_that_cannot_be_inverted_are_said(
    of_passed: tuple[int, int], of_failed: tuple[int, int], reason: str
) -> None:
    judged, human = verdicts(100, 100, of_passed, of_failed)
    assert corrected(judged, human, bounds=(0, 1), drawn=False) is None
    found = why_not(judged, human, bounds=(0, 1), drawn=False)
    assert found is not None
    assert re.search(reason, found)


def test_too_few_ratings_are_no_estimate() -> None:
    judged, human = verdicts(50, 50, (FEWEST_RATINGS - 1, 0), (0, 0))
    assert corrected(judged, human, bounds=(0, 1)) is None
    assert (
        why_not(judged, human, bounds=(0, 1)) == "9 of the replies that were judged are rated; 10 are needed"
    )


@pytest.mark.parametrize("drawn", [True, False])
def test_weights_count_as_often_as_they_say_in_the_value(drawn: bool) -> None:  # noqa: FBT001 - a parameter
    judged, human = verdicts(60, 40, (20, 5), (5, 10))
    weights = np.where(np.arange(100) % 2 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(100), weights.astype(int))
    found = known(judged, human, weights=weights, drawn=drawn)
    assert found.value == pytest.approx(known(judged[twice], human[twice], drawn=drawn).value)
    assert found.n == 40


def test_weights_that_are_all_alike_change_nothing() -> None:
    for judged, human, bounds in ((*verdicts(60, 40, (20, 5), (5, 10)), (0, 1)), (*scores(80, 500), (1, 5))):
        plain = known(judged, human, bounds=bounds)
        weighed = known(judged, human, bounds=bounds, weights=np.full(len(judged), 3.0))
        for name in ("value", "low", "high", "error", "degrees"):
            assert getattr(weighed, name) == pytest.approx(getattr(plain, name)), name


def test_uneven_weights_widen_the_interval() -> None:
    judged, human = scores(80, 500)
    heavy = np.where(np.arange(500) % 5 == 0, 10.0, 1.0)
    plain, weighed = known(judged, human, bounds=(1, 5)), known(judged, human, bounds=(1, 5), weights=heavy)
    assert weighed.error > 1.2 * plain.error


@pytest.mark.parametrize("drawn", [True, False])
def test_replies_that_come_in_fours_are_worth_a_quarter(drawn: bool) -> None:  # noqa: FBT001 - a parameter
    judged, human = verdicts(120, 80, (40, 10), (10, 20))
    four = np.repeat(np.arange(200), 4)
    plain = known(judged, human, drawn=drawn)
    grouped = known(judged[four], human[four], groups=four, drawn=drawn)
    careless = known(judged[four], human[four], drawn=drawn)
    assert grouped.error == pytest.approx(plain.error, rel=0.05)
    assert careless.error < 0.6 * plain.error
    assert grouped.degrees == 79
    assert grouped.method.endswith("over groups")


def test_groups_that_all_agree_count_as_wholes() -> None:
    judged, human = np.ones(100), np.where(np.arange(100) < 40, 1.0, NAN)
    groups = np.arange(100) // 4
    assert known(judged, human, groups=groups).error == pytest.approx(2 * known(judged, human).error)


def test_groups_without_a_pattern_change_little() -> None:
    rng = np.random.default_rng(3)
    assert design_effect(rng.normal(size=4000), rng.integers(0, 1000, 4000)) == pytest.approx(1.0, abs=0.15)


KINDS: list[tuple[FloatArray, FloatArray, dict[str, Any]]] = [
    (*verdicts(60, 40, (20, 5), (5, 10)), {"bounds": (0, 1)}),
    (*verdicts(60, 40, (20, 5), (5, 10)), {"bounds": (0, 1), "drawn": False}),
    (*scores(80, 100), {"bounds": (1, 5)}),
    (*scores(80, 100), {"bounds": (1, 5), "strata": scores(80, 100)[0]}),
]


@pytest.mark.parametrize(("judged", "human", "options"), KINDS)
@pytest.mark.parametrize("extra", [{}, {"groups": np.arange(100) // 3, "weights": np.arange(100) % 4 + 1}])
def test_sums_over_cases_give_the_same_estimate(
    judged: FloatArray, human: FloatArray, options: dict[str, Any], extra: dict[str, Any]
) -> None:
    options = {**options, **extra}
    form, found = form_of(judged, human, **options), known(judged, human, **options)
    assert form is not None
    centre, error, degrees = corrected_of_sums(judged_columns(form).sum(axis=0), form.form)
    assert (float(centre), float(error), float(degrees)) == pytest.approx(
        (found.centre, found.error, found.degrees)
    )


@pytest.mark.parametrize(("judged", "human", "options"), KINDS)
def test_a_resample_of_cases_is_an_estimate_of_its_cases(
    judged: FloatArray, human: FloatArray, options: dict[str, Any]
) -> None:
    form = form_of(judged, human, **options)
    assert form is not None
    drawn = np.random.default_rng(5).integers(0, 100, (3, 100))
    counts = np.stack([np.bincount(row, minlength=100) for row in drawn]).astype(np.float64)
    centres, errors, _ = corrected_of_sums(counts @ judged_columns(form), form.form)
    for row, centre, error in zip(drawn, centres, errors, strict=True):
        own = {name: each[row] if name == "strata" else each for name, each in options.items()}
        expected = known(judged[row], human[row], **own)
        assert (float(centre), float(error)) == pytest.approx((expected.centre, expected.error), rel=1e-9)


def test_a_resample_without_ratings_of_a_verdict_still_has_an_estimate() -> None:
    judged, human = verdicts(90, 10, (20, 5), (0, 1))
    form = form_of(judged, human, bounds=(0, 1))
    assert form is not None
    counts = np.ones(100)
    counts[90] = 0
    centre, error, degrees = corrected_of_sums(counts @ judged_columns(form), form.form)
    assert 0 < float(centre) < 1
    assert 0 < float(error) < 1
    assert float(degrees) >= 1


def test_the_interval_holds_the_value_and_stays_within_the_bounds() -> None:
    rng = np.random.default_rng(11)
    for _ in range(200):
        total = int(rng.integers(12, 60))
        judged = rng.choice([0.0, 1.0], total) if rng.random() < 0.5 else rng.integers(1, 6, total) / 5
        human = np.where(rng.random(total) < 0.9, rng.random(total) < rng.random(), NAN)
        found = corrected(judged, human, bounds=(0, 1))
        if found is not None:
            assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_score_is_prediction_powered_as_the_formula_says() -> None:
    """Within two bins, with plain means and variances of each."""
    judged, human = scores(90, 400, seed=12)
    judged, human = (judged - 1) / 4, (human - 1) / 4
    bins = (judged > 0.5).astype(int)
    parts = []
    for place in (0, 1):
        own, rated = bins == place, ~np.isnan(human)
        parts.append((judged[own & rated], human[own & rated], judged[own & ~rated]))
    shares = [(len(f) + len(u)) / 400 for f, _, u in parts]
    top = sum(
        w**2 / len(f) * np.mean((y - y.mean()) * (f - f.mean()))
        for w, (f, y, _) in zip(shares, parts, strict=True)
    )
    bottom = sum(
        w**2 * (1 / len(f) + 1 / len(u)) * np.concatenate([f, u]).var(ddof=1)
        for w, (f, _, u) in zip(shares, parts, strict=True)
    )
    lam = top / bottom
    assert 0 < lam < 1
    tuned_on = sum(
        w**3 / len(f) ** 2 * np.mean((f - f.mean()) ** 2 * (y - y.mean())) / bottom
        for w, (f, y, _) in zip(shares, parts, strict=True)
    )
    means = [lam * u.mean() + (y - lam * f).mean() for f, y, u in parts]
    plain = sum(w * mean for w, mean in zip(shares, means, strict=True))
    value = plain + tuned_on
    spreads = [float(((y - lam * f - (y - lam * f).mean()) ** 2).sum()) for f, y, _ in parts]
    typical = (sum(spreads) + value**2 / 2 + (1 - value) ** 2 / 2) / (90 - 2)
    variance = sum(
        w**2 * ((spread + typical) / len(y) ** 2 + lam**2 * u.var() / (len(u) - 1))
        for w, spread, (_, y, u) in zip(shares, spreads, parts, strict=True)
    )
    between = sum(w * (mean - value) ** 2 for w, mean in zip(shares, means, strict=True)) / 400
    found = known(judged, human, strata=bins)
    assert abs(tuned_on) > 1e-6
    assert [found.value, found.centre, found.error] == pytest.approx(
        [value, (90 * value + 0.5) / 91, math.sqrt(variance + between)], rel=1e-9
    )


@pytest.mark.parametrize(
    ("options", "fine"), [({}, False), ({"drawn": False}, False), ({}, True), ({"bins": True}, True)]
)
def test_the_influence_is_what_leaving_a_reply_out_changes(options: dict[str, bool], *, fine: bool) -> None:
    judged, human = scores(150, 600, seed=5)
    judged, human = (judged - 1) / 4, (human - 1) / 4
    if not fine:
        judged, human = (judged > 0.5).astype(float), np.where(np.isnan(human), NAN, human > 0.5)
    bins = judged > 0.5 if options.get("bins") else None
    drawn = options.get("drawn", True)
    found = prepare(judged, human, bounds=(0, 1), drawn=drawn, strata=bins)
    assert found is not None
    influence = influence_of(found.rows, found.form)
    table = columns_of(found.rows, found.form)
    left_out = estimate_of_sums(table.sum(axis=0) - table, found.form).value
    jackknife = (len(judged) - 1) / len(judged) * (left_out.mean() - left_out)
    assert influence == pytest.approx(jackknife, abs=0.1 * float(np.abs(jackknife).max()))


def test_the_nearest_neighbour_takes_a_stratum_without_ratings() -> None:
    judged = np.repeat([0.0, 0.8, 1.0], 40)
    human = np.concatenate([[0.0] * 10, [NAN] * 30, [NAN] * 40, [1.0] * 10, [NAN] * 30])
    assert known(judged, human).value == pytest.approx(80 / 120)


def test_groups_whose_replies_cancel_each_other_out_narrow_nothing() -> None:
    influence = np.array([1.0, -0.9] * 50)
    assert design_effect(influence, np.arange(100) // 2) == 1.0
