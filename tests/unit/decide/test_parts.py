"""Means of parts are means of cases, as every other figure is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from passmuster.decide.estimates import part_estimates
from passmuster.decide.measured import Layout, Measured
from passmuster.decide.parts import MOST_PARTS
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.rates import metric_estimate
from passmuster.decide.sheet import Sheet
from passmuster.decide.tally import OTHERS
from passmuster.records.candidate import Candidate
from passmuster.records.judged import UNCALIBRATED
from passmuster.records.record import Json
from passmuster.records.score import Estimate, Score
from passmuster.records.trial import Reply, Trial, TrialKey

METRIC = "checks"
FREE = TrialCost(0.0, 0.0, 0.0, 0.0, reviewed=False, basis="reported")
ONE = "polite"


def measured(
    cases: Sequence[Sequence[Mapping[str, float]]],
    *,
    binary: bool = False,
    groups: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
    backwards: bool = False,
) -> Measured:
    """Lay out the parts of each repeat of each case; the value is the mean of the parts."""
    repeats = len(cases[0])
    layout = Layout(
        cases=len(cases),
        repeats=repeats,
        binary={METRIC: binary},
        part_metrics=(METRIC,),
        groups=None if groups is None else np.array(groups, dtype=np.int64),
        weights=None if weights is None else np.array(weights, dtype=np.float64),
    )
    sheet = Sheet(Candidate(name="a", provider="replay"), layout)
    cells = [(place, repeat) for place in range(len(cases)) for repeat in range(repeats)]
    for place, repeat in reversed(cells) if backwards else cells:
        parts: dict[str, Json] = dict(cases[place][repeat])
        known = [value for value in cases[place][repeat].values() if not np.isnan(value)]
        score = Score(value=float(np.mean(known)) if known else 0.0, details={"parts": parts})
        trial = Trial(
            key=TrialKey(str(place), "c", repeat), case_id=str(place), outcome=Reply(text="x"), attempts=()
        )
        sheet.enter(place * repeats + repeat, trial, {METRIC: score}, FREE)
    return sheet.measured()


def the_part(found: Measured, name: str = ONE) -> Estimate:
    return part_estimates(found, METRIC)[name]


def ends(estimate: Estimate) -> tuple[float | None, float | None, float | None, int]:
    return estimate.value, estimate.low, estimate.high, estimate.n


def width(estimate: Estimate) -> float:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low


def drawn(n: int, seed: int) -> list[float]:
    return [int(step) / 4 for step in np.random.default_rng(seed).integers(0, 5, n)]


@pytest.mark.parametrize("values", [[1.0] * 40 + [0.0] * 20, drawn(60, 1)], ids=["whole", "fractional"])
def test_three_repeats_alike_say_no_more_of_a_part_than_one(values: list[float]) -> None:
    once = the_part(measured([[{ONE: value}] for value in values]))
    thrice = the_part(measured([[{ONE: value}] * 3 for value in values]))
    assert ends(thrice) == pytest.approx(ends(once))
    assert (thrice.n, thrice.n_missing) == (60, 0)


def test_a_part_is_the_mean_over_the_repeats_that_have_it() -> None:
    """The first case has it in one repeat of three and counts as much as the second."""
    found = the_part(measured([[{ONE: 1.0}, {}, {}], [{ONE: 0.0}] * 3]))
    assert (found.value, found.n) == (0.5, 2)


def test_fractions_of_a_part_have_the_interval_of_a_mean() -> None:
    halves = the_part(measured([[{ONE: 0.5}]] * 100))
    shares = the_part(measured([[{ONE: float(place % 2)}] for place in range(100)]))
    assert halves.value == shares.value == 0.5
    assert (halves.method, shares.method) == ("t with two pseudo-scores", "Wilson")
    assert width(halves) < 0.5 * width(shares)


@pytest.mark.parametrize(
    "values", [[1.0] * 40 + [0.0] * 20, sorted(drawn(60, 2))], ids=["whole", "fractional"]
)
def test_groups_widen_the_interval_of_a_part(values: list[float]) -> None:
    cases = [[{ONE: value}] for value in values]
    plain, grouped = (
        the_part(measured(cases, groups=groups)) for groups in (None, [i // 5 for i in range(60)])
    )
    assert grouped.value == pytest.approx(plain.value)
    assert width(grouped) > 1.5 * width(plain)
    assert "clustered by group" in grouped.method


def test_weights_bring_a_part_back_to_the_traffic() -> None:
    """Met in every case of one half and in none of the other, which stands for three quarters of the traffic."""
    found = the_part(measured([[{ONE: 1.0}]] * 30 + [[{ONE: 0.0}]] * 30, weights=[0.5] * 30 + [1.5] * 30))
    assert found.value == pytest.approx(0.25)
    assert found.method == "weighted, Wilson"


@pytest.mark.parametrize("groups", [None, [i // 4 for i in range(60)]])
@pytest.mark.parametrize("weights", [None, [0.5] * 30 + [1.5] * 30])
@pytest.mark.parametrize(
    ("repeats", "binary"), [(1, False), (3, False), (1, True)], ids=["once", "thrice", "pass or fail"]
)
def test_the_only_part_of_a_metric_has_the_interval_of_the_metric(
    groups: list[int] | None, weights: list[float] | None, repeats: int, *, binary: bool
) -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(0, 2, (60, repeats)) if binary else rng.random((60, repeats))
    cases = [[{ONE: float(value)} for value in row] for row in values]
    found = measured(cases, binary=binary, groups=groups, weights=weights)
    part, whole = the_part(found), metric_estimate(found, METRIC)
    assert (*ends(part), part.method) == (*ends(whole), whole.method)


def test_the_criteria_of_a_judge_are_in_the_unit_of_its_rubric_and_marked() -> None:
    share = measured([[{ONE: value}] for value in (0.75, 0.5, 1.0, 0.75)])
    layout = replace(share.layout, bounds={METRIC: (1.0, 5.0)}, judged=(METRIC,))
    plain, graded = the_part(share), the_part(replace(share, layout=layout))
    assert (plain.value, plain.note) == (0.75, None)
    assert (graded.value, graded.note) == (4.0, UNCALIBRATED)
    assert width(graded) == pytest.approx(4 * width(plain))


def test_cases_without_a_part_are_not_missing_from_it() -> None:
    found = the_part(measured([[{ONE: 1.0}]] * 5 + [[{"short": 1.0}]] * 7))
    assert (found.n, found.n_missing) == (5, 0)


def test_a_part_that_is_not_a_number_is_not_known() -> None:
    found = part_estimates(measured([[{ONE: float("nan"), "short": 1.0}]] * 4), METRIC)
    assert (found[ONE].value, found[ONE].n, found["short"].n) == (None, 0, 4)


def test_names_that_answers_make_up_stay_bounded() -> None:
    found = measured([[{f"field {place}": 1.0, f"other {place}": 0.0}] for place in range(5_000)])
    parts = part_estimates(found, METRIC)
    assert len(parts) == MOST_PARTS + 1
    assert list(parts)[-1] == OTHERS
    assert parts[OTHERS].n == 5_000 - MOST_PARTS // 2
    assert parts[OTHERS].value == 0.5
    kept = found.columns.parts[METRIC].values()
    assert sum(len(each.cells) for each in kept) <= 10_000


def test_parts_without_a_name_of_their_own_count_once_a_repeat() -> None:
    named = {f"p{number:03}": 1.0 for number in range(MOST_PARTS)}
    parts = part_estimates(measured([[{**named, "x": 1.0, "y": 1.0, "z": 1.0}, {**named, "x": 0.0}]]), METRIC)
    assert (parts[OTHERS].value, parts[OTHERS].n) == (0.5, 1)


def test_the_order_of_trials_is_not_seen() -> None:
    cases = [[{ONE: float(value)} for value in row] for row in np.random.default_rng(4).random((40, 7))]
    assert the_part(measured(cases)) == the_part(measured(cases, backwards=True))
