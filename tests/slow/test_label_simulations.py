"""Error rates of label statistics by seeded simulation, and suspect labels on real data with labels flipped by seed.

Every docstring states the repetitions and the chance that a right method fails the check with another seed.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from passmuster.adapters.duplicates import near_duplicates
from passmuster.adapters.providers.baselines.out_of_fold import out_of_fold
from passmuster.records.case import Case
from passmuster.stats.agreement import (
    Coefficient,
    Votes,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    point,
    raw_agreement,
    votes_of_codes,
    with_interval,
)
from passmuster.stats.arrays import IntArray
from passmuster.workflows.corpus.suspects import Stored, SuspectReport, find_suspects

pytestmark = pytest.mark.slow

RUNS = 2500
N = 200
BUILT: dict[str, Callable[[Votes], Coefficient]] = {
    "raw": raw_agreement,
    "fleiss": fleiss_kappa,
    "ac1": gwet_ac1,
    "alpha": krippendorff_alpha,
}


def labelled(rng: np.random.Generator, n: int, raters: int) -> IntArray:
    """Return labels of annotators who are right on 85% of the cases, each by himself."""
    truth = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    slip = rng.random((n, raters)) >= 0.85
    wrong = (truth[:, None] + rng.integers(1, 3, (n, raters))) % 3
    return np.where(slip, wrong, truth[:, None])


@pytest.mark.parametrize("name", [*BUILT, "cohen"])
def test_the_interval_of_agreement_covers_at_200_cases(name: str) -> None:
    """2,500 runs of 200 cases, 400 resamples each; standard error 0.44 points.

    The band of 92 to 96% is left with a chance of 1% where the true coverage is 95%, and below 1e-4 at 94%. Measured:
    raw 95.1%, Cohen 94.8%, Fleiss 95.2%, AC1 95.0%, alpha 95.3%. Pairs of labels taken as cases of their own cover
    in 87% and less.
    """
    rng = np.random.default_rng(11)
    raters = 2 if name == "cohen" else 3
    large = labelled(rng, 400_000, raters)
    truth = point(_build(name, large), len(large))
    assert truth is not None
    covered, naive = 0, 0
    for _ in range(RUNS):
        codes = labelled(rng, N, raters)
        votes = votes_of_codes(codes, categories=3)
        found = with_interval(_build(name, codes), votes, rng, repetitions=400)
        assert found.low is not None
        assert found.high is not None
        assert found.value is not None
        covered += found.low <= truth <= found.high
        pairs = N * raters * (raters - 1) / 2
        half = 1.96 * float(np.sqrt(max(found.value * (1 - found.value), 0) / pairs))
        naive += abs(found.value - truth) <= half
    print(f"{name}: covered {covered / RUNS:.3f}, naive {naive / RUNS:.3f}")  # noqa: T201 - shown by -s
    assert 0.92 <= covered / RUNS <= 0.96
    if raters > 2:
        assert naive / RUNS < 0.92


def _build(name: str, codes: IntArray) -> Coefficient:
    return cohen_kappa(codes) if name == "cohen" else BUILT[name](votes_of_codes(codes, categories=3))


def judged(folder: Path, name: str, share: float) -> tuple[SuspectReport, set[str]]:
    """Flip a share of the labels of a data set by seed; return the report and the ids that were flipped."""
    with gzip.open(folder / name / "items.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    labels = sorted({row["gold"] for row in rows})
    rng = np.random.default_rng(7)
    flipped = set()
    cases = []
    for row, lot, step in zip(
        rows, rng.random(len(rows)), rng.integers(1, len(labels), len(rows)), strict=True
    ):
        gold = row["gold"]
        if lot < share:
            gold = labels[(labels.index(gold) + int(step)) % len(labels)]
            flipped.add(row["id"])
        cases.append(Case(id=row["id"], input=row["input"], reference=gold))
    tenth = len(cases) // 10
    return find_suspects(cases, Stored(), out_of_fold, near_duplicates, limit=tenth), flipped


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "low", "high"), [("intents_clinc150", 0.05, 0.085), ("intents_banking77", 0.05, 0.1)]
)
def test_of_labels_flipped_by_seed_nearly_all_are_in_the_first_tenth(
    data_folder: Path, name: str, low: float, high: float
) -> None:
    """One run each; at least half is promised, and 99.4% and more were measured (1,154 and 631 flipped labels).

    A list in random order has 10%, with a standard error of about one point.
    """
    report, flipped = judged(data_folder, name, 0.05)
    found = sum(each.case in flipped for each in report.suspects) / len(flipped)
    print(f"{name}: {found:.3f} of {len(flipped)}, share {report.expected}")  # noqa: T201 - shown by -s
    assert found >= 0.95
    assert report.expected.value is not None
    assert low <= report.expected.value <= high


@pytest.mark.data
@pytest.mark.parametrize(("name", "most"), [("intents_clinc150", 0.03), ("intents_banking77", 0.045)])
def test_without_flipped_labels_few_are_expected_to_be_wrong(
    data_folder: Path, name: str, most: float
) -> None:
    """One run each; the data have wrong labels of their own, uncounted: 2.3% and 3.6% were estimated."""
    report, _ = judged(data_folder, name, 0.0)

    assert report.expected.value is not None
    assert report.expected.value < most
