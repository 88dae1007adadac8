"""A sample estimates its traffic: no bias, and no record that is drawn more often than another."""

import math
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
import scipy.stats

from passmuster.corpus.sampling.reservoir import StratifiedReservoir
from passmuster.records.traffic import TrafficRecord
from passmuster.workflows.corpus.sample import SampleOrder, sample

pytestmark = pytest.mark.slow

SIZES = {"usual": 420, "seldom": 120, "rare": 48, "odd": 12}
RATES = {"usual": 0.9, "seldom": 0.7, "rare": 0.4, "odd": 0.1}
SAMPLES = 2_000
TAKEN = 60


def traffic() -> list[TrafficRecord]:
    """Return 600 records whose score and stratum are columns, strata mixed, larger scores later within each."""
    chance = np.random.default_rng(5)
    rows: list[tuple[float, TrafficRecord]] = []
    for stratum, size in SIZES.items():
        for number in range(size):
            score = float(number < RATES[stratum] * size)
            columns: dict[str, Any] = {"stratum": stratum, "score": score}
            record = TrafficRecord(id=f"{stratum}-{number}", input="x" * (1 + number % 50), columns=columns)
            rows.append((chance.random(), record))
    return [record for _, record in sorted(rows, key=lambda row: row[0])]


def estimates(room: int | None = None) -> tuple[list[float], dict[str, Counter[str]], list[TrafficRecord]]:
    """Return the weighted mean of each sample, and how often each record was drawn, by stratum."""
    records = traffic()
    scores = {record.id: float(str(record.columns["score"])) for record in records}
    means: list[float] = []
    drawn: dict[str, Counter[str]] = defaultdict(Counter)
    for seed in range(SAMPLES):
        order = SampleOrder(size=TAKEN, seed=seed, minimum=8, room=room)
        draft = sample(records, order, stratum=lambda record: str(record.columns["stratum"]))
        weights = [case.weight or 0.0 for case in draft.cases]
        assert math.fsum(weights) == pytest.approx(len(records))
        values = [scores[case.id] * weight for case, weight in zip(draft.cases, weights, strict=True)]
        means.append(math.fsum(values) / len(records))
        for case in draft.cases:
            drawn[str(case.stratum)][case.id] += 1
    return means, drawn, records


def inclusion(counts: Counter[str], names: list[str]) -> float:
    """Return the p-value of equal chances: chi-square, corrected for samples that are drawn without putting back."""
    found = np.array([counts[name] for name in names])
    taken = found.sum() / SAMPLES
    expected = found.sum() / len(names)
    statistic = ((found - expected) ** 2).sum() / (expected * (1 - taken / len(names)))
    return float(scipy.stats.chi2.sf(statistic * (len(names) - 1) / len(names), len(names) - 1))


@pytest.mark.parametrize("room", [None, 10_000], ids=["all held", "made smaller for lack of room"])
def test_the_weighted_mean_is_unbiased_and_every_record_has_the_same_chance(room: int | None) -> None:
    """2,000 seeded samples of 60. A true sampler is outside 3 standard errors with a chance of 0.3%, and below p = 0.01 in
    one of four strata with a chance of 4%; seeds are fixed, so a run that passes once passes always."""
    means, drawn, records = estimates(room)
    truth = sum(float(str(record.columns["score"])) for record in records) / len(records)
    error = float(np.std(means, ddof=1)) / math.sqrt(SAMPLES)
    assert abs(float(np.mean(means)) - truth) < 3 * error
    for stratum in SIZES:
        names = [record.id for record in records if record.columns["stratum"] == stratum]
        assert inclusion(drawn[stratum], names) > 0.01, stratum


def test_without_weights_the_mean_would_be_biased() -> None:
    """The minimum draws small strata more often: the plain mean is off by more than ten standard errors."""
    records = traffic()
    truth = sum(float(str(record.columns["score"])) for record in records) / len(records)
    scores = {record.id: float(str(record.columns["score"])) for record in records}
    plain = []
    for seed in range(200):
        draft = sample(
            records,
            SampleOrder(size=TAKEN, seed=seed, minimum=8),
            stratum=lambda record: str(record.columns["stratum"]),
        )
        plain.append(sum(scores[case.id] for case in draft.cases) / len(draft.cases))
    error = float(np.std(plain, ddof=1)) / math.sqrt(len(plain))
    assert abs(float(np.mean(plain)) - truth) > 10 * error


def test_a_sampler_that_keeps_what_comes_first_would_be_caught() -> None:
    """The measure of inclusion sees what it is there for: taking the first of each stratum gives p = 0."""
    counts = Counter({f"r{number}": SAMPLES if number < 10 else 0 for number in range(100)})
    assert inclusion(counts, [f"r{number}" for number in range(100)]) < 1e-9


def test_neyman_allocation_has_the_smaller_error() -> None:
    """800 samples each: standard deviations of the estimate are known to 3.5%, and theory says 0.81 for the ratio."""
    records = traffic()
    scores = {record.id: float(str(record.columns["score"])) for record in records}
    deviations = {name: 0.02 if name == "usual" else 0.5 for name in SIZES}
    quiet = {name: (1.0 if name.startswith("usual") else score) for name, score in scores.items()}

    def spread(own: dict[str, float] | None) -> float:
        means = []
        for seed in range(800):
            draft = sample(
                records,
                SampleOrder(size=TAKEN, seed=seed, minimum=1),
                stratum=lambda record: str(record.columns["stratum"]),
                deviations=own,
            )
            means.append(
                math.fsum(quiet[case.id] * (case.weight or 0.0) for case in draft.cases) / len(records)
            )
        return float(np.std(means, ddof=1))

    assert spread(deviations) < 0.75 * spread(None)


def test_the_reservoir_takes_the_time_of_a_comparison_for_what_it_passes_over() -> None:
    """Of a million items some 1,000 (1 + ln 1,000) are taken: algorithm L draws no number for the others."""

    class Counting(np.random.Generator):
        calls = 0

        def random(self, *args: Any, **kwargs: Any) -> Any:
            Counting.calls += 1
            return super().random(*args, **kwargs)

    reservoir: StratifiedReservoir[int] = StratifiedReservoir(1_000, 3)
    reservoir.offer("all", 0)
    reservoir._strata["all"]._chance = Counting(np.random.PCG64(3))
    for number in range(1, 1_000_000):
        reservoir.offer("all", number)
    assert 2 * 6_500 < Counting.calls < 2 * 8_500
