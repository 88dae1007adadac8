"""A judge calibrated as a whole: corrected beside raw, worth, and what is said of it."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from passmuster.decide.judging.calibrating.corrections import calibrated_candidate
from passmuster.decide.judging.calibrating.rows import JudgedReply, Unit
from passmuster.decide.judging.calibration import Judgements, calibrated
from passmuster.records.calibration import Calibration
from passmuster.stats.judged.corrected import corrected

PASS_FAIL = Unit(bounds=(0.0, 1.0), binary=True)
KNOWN = Calibration(
    task="t",
    metric="quality",
    judge="4f",
    models=("m",),
    question="q",
    bounds=(0.0, 1.0),
    binary=True,
    status="calibrated",
    planned=60,
)


def judged(
    seed: int = 0, *, favour: float = 0.0, rated: int = 30, shares: Mapping[str, float] | None = None
) -> tuple[JudgedReply, ...]:
    """Return replies of two candidates to 400 cases, some of each verdict rated by people, who are right."""
    rng = np.random.default_rng(seed)
    rows, left = [], dict[tuple[str, float], int]()
    for case in rng.permutation(400):
        for name, share in (shares or {"a": 0.7, "b": 0.7}).items():
            right = float(rng.random() < share)
            value = float(rng.random() < (0.9 if right else 0.2) or (name == "a" and rng.random() < favour))
            left.setdefault((name, value), rated)
            drawn = left[name, value] > 0
            left[name, value] -= drawn
            rows.append(
                JudgedReply(
                    candidate=name,
                    case=f"{case:03}",
                    group=f"case {case:03}",
                    value=value,
                    human=right if drawn else None,
                    raters=frozenset({"ana"}) if drawn else frozenset(),
                    drawn=drawn,
                    length=int(np.exp(rng.normal(5, 1))),
                    stratum=f"{value}",
                )
            )
    return tuple(rows)


def test_an_honest_judge_is_not_accused_and_its_figures_are_corrected_beside_the_raw_ones() -> None:
    found = calibrated(KNOWN, Judgements(rows=judged()), PASS_FAIL)
    assert found.findings == ()
    assert [each.candidate for each in found.candidates] == ["a", "b"]
    for each in found.candidates:
        assert each.corrected is not None
        assert each.corrected.low is not None
        assert each.corrected.high is not None
        assert each.corrected.low < 0.7 < each.corrected.high
        assert (each.labels, each.drawn, each.judged) == (60, 60, 400)
        assert each.worth is not None
        assert each.worth > 0
    (difference,) = found.differences
    assert difference.corrected is not None
    assert (found.labels, found.raters) == (120, 1)


def test_a_judge_that_favours_a_candidate_is_found_and_the_corrected_difference_is_not_fooled() -> None:
    found = calibrated(KNOWN, Judgements(rows=judged(favour=0.7)), PASS_FAIL)
    assert [finding.kind for finding in found.faults] == ["favours"]
    (difference,) = found.differences
    assert difference.raw.low is not None
    assert difference.raw.low > 0.05
    assert difference.corrected is not None
    assert difference.corrected.low is not None
    assert difference.corrected.high is not None
    assert difference.corrected.low < 0 < difference.corrected.high


def test_the_corrected_figure_is_that_of_the_statistics_on_the_same_columns() -> None:
    rows = [row for row in judged() if row.candidate == "a"]
    found = calibrated_candidate("a", rows, PASS_FAIL)
    same = corrected(
        [row.value or 0.0 for row in rows],
        [math.nan if row.human is None else row.human for row in rows],
        bounds=(0.0, 1.0),
        strata=[row.stratum for row in rows],
    )
    assert found is not None
    assert found.corrected is not None
    assert same is not None
    assert (found.corrected.value, found.corrected.low, found.corrected.high) == (
        same.value,
        same.low,
        same.high,
    )


def test_few_ratings_leave_the_raw_figure_alone() -> None:
    found = calibrated_candidate("a", [row for row in judged(rated=9) if row.candidate == "a"], PASS_FAIL)
    assert found is not None
    assert found.corrected is None
    assert found.raw.note == "uncorrected"
    assert found.labels == 18


def test_ratings_that_nobody_drew_are_corrected_by_the_error_rates_and_grades_by_nothing() -> None:
    rows = [replace(row, drawn=False) for row in judged() if row.candidate == "a"]
    found = calibrated_candidate("a", rows, PASS_FAIL)
    assert found is not None
    assert found.corrected is not None
    assert "Rogan-Gladen" in found.corrected.method
    rng = np.random.default_rng(1)
    graded = [
        replace(row, value=float(rng.integers(1, 60)) / 10, human=None if row.human is None else 3.0)
        for row in rows
    ]
    unsaid = calibrated_candidate("a", graded, Unit(bounds=(0.0, 6.0)))
    assert unsaid is not None
    assert unsaid.corrected is None


def test_before_anybody_rates_its_worth_is_said_for_correlations_as_they_might_be() -> None:
    found = calibrated(KNOWN, Judgements(rows=judged(rated=0)), PASS_FAIL)
    assert [each.correlation for each in found.worths] == [0.3, 0.5, 0.7, 0.9]
    # METHODS: the width falls by sqrt(1 - r^2 N / (n + N)).
    assert found.worths[2].ratio == pytest.approx(math.sqrt(1 - 0.49 * 340 / 400))
    assert found.worths[2].labels == pytest.approx(60 / found.worths[2].ratio ** 2 - 60)


def test_afterwards_it_is_said_for_the_correlation_that_was_found() -> None:
    found = calibrated(KNOWN, Judgements(rows=judged()), PASS_FAIL)
    (worth,) = found.worths
    assert [each.labels for each in found.candidates] == [60, 60]
    own = [each.correlation for each in found.candidates if each.correlation is not None]
    assert worth.correlation == pytest.approx(math.sqrt(sum(one**2 for one in own) / 2))


def test_telling_candidates_apart_is_worth_nothing_where_replies_of_one_are_not_told_apart() -> None:
    """A judge that knows the better candidate and nothing else: people's ratings of either are as wide as without it."""
    rng = np.random.default_rng(3)
    shares = {"a": 0.9, "b": 0.2}
    rows = tuple(
        replace(
            row,
            value=float(rng.random() < shares[row.candidate]),
            human=float(rng.random() < shares[row.candidate]),
        )
        if row.human is not None
        else replace(row, value=float(rng.random() < shares[row.candidate]))
        for row in judged(shares=shares)
    )
    found = calibrated(KNOWN, Judgements(rows=rows), PASS_FAIL)
    (worth,) = found.worths
    assert found.agreement is not None
    assert found.agreement.correlation.value is not None
    assert found.agreement.correlation.value > 0.35
    assert worth.correlation < 0.2
    assert worth.labels < 3


def test_nothing_judged_is_no_candidate() -> None:
    failed = JudgedReply(candidate="a", case="1", group="1", value=None, failure="judge_refused")
    found = calibrated(KNOWN, Judgements(rows=(failed,)), PASS_FAIL)
    assert found.candidates == ()
    assert found.failures == {"judge_refused": 1}


def test_grades_drawn_by_parts_of_the_scale_are_corrected_within_them() -> None:
    rng = np.random.default_rng(3)
    values = np.clip(rng.normal(3.5, 0.8, 300), 1, 5)
    low = values < 3
    chosen = np.zeros(300, dtype=bool)
    chosen[np.flatnonzero(low)[:30]] = chosen[np.flatnonzero(~low)[:30]] = True
    human = np.clip(values - 1.0 * low + rng.normal(0, 0.4, 300), 1, 5)
    strata = ["low" if each else "high" for each in low]
    rows = [
        JudgedReply(
            candidate="a",
            case=str(case),
            group=str(case),
            value=float(values[case]),
            human=float(human[case]) if chosen[case] else None,
            drawn=bool(chosen[case]),
            stratum=strata[case],
        )
        for case in range(300)
    ]
    said = np.where(chosen, human, np.nan)
    found = calibrated_candidate("a", rows, Unit(bounds=(1.0, 5.0)))
    within = corrected(values, said, bounds=(1.0, 5.0), strata=strata)
    apart = corrected(values, said, bounds=(1.0, 5.0))
    assert found is not None
    assert found.corrected is not None
    assert within is not None
    assert apart is not None
    assert found.corrected.value == within.value != apart.value


def test_comparisons_on_one_case_are_clustered_where_the_place_is_told() -> None:
    rows = tuple(replace(row, swapped=("first",)) for row in judged())
    alone = tuple(row for row in rows if row.candidate == "a")
    told = [calibrated(KNOWN, Judgements(rows=each), PASS_FAIL).position for each in (rows, alone)]
    assert [bias.method for bias in told if bias is not None] == [
        "paired t, clustered by case",
        "mid-p McNemar",
    ]
