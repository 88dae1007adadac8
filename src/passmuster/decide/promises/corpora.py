"""What is said of a corpus: that traffic drifted, and that some cases are harder than others."""

import numpy as np

from passmuster.corpus.drift.report import Observed
from passmuster.corpus.drift.shares import mix_shift
from passmuster.decide.promises.promise import Count, Promise
from passmuster.stats.arrays import IntArray
from passmuster.stats.intervals import wilson
from passmuster.stats.stratified import stratified_difference

LEVEL = 0.05


def weighted_sample(
    rng: np.random.Generator, traffic: IntArray, strata: IntArray, least: int, size: int
) -> list[Observed]:
    """Draw cases by stratum, at least so many of each, from traffic given by its cells."""
    found = []
    for stratum in np.unique(strata):
        own = np.flatnonzero(strata == stratum)
        wanted = min(own.size, max(least, round(size * own.size / strata.size)))
        weight = own.size / wanted
        found += [
            Observed(id=str(place), text="", cell=str(traffic[place]), drawn_by=str(stratum), weight=weight)
            for place in rng.permutation(own)[:wanted]
        ]
    return found


def same_traffic(rng: np.random.Generator, runs: int) -> Count:
    """Draw a corpus by strata and fresh traffic of the same mix; the shortcut compares the counts as they are.

    In `figures`: alarms where cells are the very strata that the corpus was drawn by.
    """
    names = np.arange(6)
    shares = np.array([0.6, 0.25, 0.1, 0.03, 0.015, 0.005])
    errors = naive = same = 0
    for _ in range(runs):
        strata = rng.choice(names, size=3000, p=shares)
        # Cells that hang together with the strata, but are others.
        cells = np.where(rng.uniform(size=3000) < 0.5, strata, rng.integers(0, 6, size=3000))
        today = rng.choice(names, size=400, p=shares)
        today_cells = np.where(rng.uniform(size=400) < 0.5, today, rng.integers(0, 6, size=400))
        own = weighted_sample(rng, cells, strata, 40, 200)
        records = [Observed(id=f"t{n}", text="", cell=str(cell)) for n, cell in enumerate(today_cells)]
        errors += mix_shift(own, records, rng).p <= LEVEL
        own = weighted_sample(rng, strata, strata, 40, 200)
        records = [Observed(id=f"t{n}", text="", cell=str(cell)) for n, cell in enumerate(today)]
        same += mix_shift(own, records, rng).p <= LEVEL
        bare = [Observed(id=each.id, text="", cell=each.cell) for each in own]
        naive += mix_shift(bare, records, rng).p <= LEVEL
    return Count(runs=runs, errors=errors, naive=naive, figures={"same": same / runs})


def same_users(rng: np.random.Generator, runs: int) -> Count:
    """Draw users who repeat themselves, of the same mix; the shortcut counts each record by itself."""
    shares = np.full(8, 1 / 8)
    errors = naive = 0
    for _ in range(runs):
        users = rng.choice(8, size=60, p=shares)
        sizes = rng.integers(1, 9, size=60)
        today = [
            Observed(id=f"{user}-{turn}", text="", cell=str(cell), cluster=f"u{user}")
            for user, cell in enumerate(users)
            for turn in range(sizes[user])
        ]
        corpus = [Observed(id=str(n), text="", cell=str(cell)) for n, cell in enumerate(rng.choice(8, 200))]
        errors += mix_shift(corpus, today, rng).p <= LEVEL
        alone = [Observed(id=each.id, text="", cell=each.cell) for each in today]
        naive += mix_shift(corpus, alone, rng).p <= LEVEL
    return Count(runs=runs, errors=errors, naive=naive)


def other_mix(rng: np.random.Generator, runs: int) -> Count:
    """Draw newer cases of a harder mix that are no harder stratum by stratum; the shortcut compares the shares."""
    errors = naive = 0
    for _ in range(runs):
        newer = rng.random(300) < 0.3
        strata = np.where(newer, rng.choice(4, 300, p=[0.1, 0.2, 0.3, 0.4]), rng.integers(0, 4, 300))
        right = (rng.random(300) < np.array([0.95, 0.85, 0.75, 0.6])[strata]).astype(np.float64)
        found = stratified_difference(right, newer, strata)
        errors += found is not None and found.p_less < LEVEL
        (low_new, high_new), (low_old, high_old) = (
            wilson(float(right[some].sum()), float(some.sum())) for some in (newer, ~newer)
        )
        gap = right[newer].mean() - right[~newer].mean()
        # Newcombe's interval of a difference, from those of the two shares, one-sided at about 5%.
        naive += bool(
            gap + 0.84 * np.hypot(high_new - right[newer].mean(), right[~newer].mean() - low_old) < 0
        )
        del low_new, high_old
    return Count(runs=runs, errors=errors, naive=naive)


PROMISES = (
    Promise(
        name="drift",
        says="Where traffic has not changed, an alarm of drift comes in one look of twenty, however the corpus was drawn.",
        counts="runs with an alarm and no drift",
        naive="counts are compared without the weights of the draw",
        used=("corpus drift",),
        limit=0.065,
        repetitions=80,
        simulate=same_traffic,
    ),
    Promise(
        name="drift-users",
        says="Users who repeat themselves are no drift.",
        counts="runs with an alarm and no drift",
        naive="every record counts as independent",
        used=("corpus drift",),
        limit=0.065,
        repetitions=100,
        fewest=40,
        simulate=same_users,
    ),
    Promise(
        name="newer-cases",
        says="Newer cases of another mix are not called harder, as long as they are as hard stratum by stratum.",
        counts="runs in which newer cases are called harder",
        naive="the two accuracies are compared",
        used=("corpus contamination", "compare"),
        limit=0.065,
        repetitions=4000,
        simulate=other_mix,
    ),
)
