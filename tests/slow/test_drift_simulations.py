"""Tests of drift keep their level where nothing changed, and see what changed; the usual shortcuts do not.

Every docstring states the repetitions and the chance that a right method fails the check with another seed.
What is drawn is in `passmuster.decide.promises`: `passmuster selfcheck` runs some of the same simulations.
Run with `-s` to see the measured figures.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, mannwhitneyu
from sklearn.metrics import roc_auc_score

from passmuster.adapters.text_features import text_likeness
from passmuster.adapters.topics import fit_topics
from passmuster.corpus.drift.reweight import todays_mix
from passmuster.corpus.drift.texts import thinned
from passmuster.corpus.sampling.topics import TopicSpace
from passmuster.decide.promises.corpora import same_traffic, same_users, weighted_sample
from passmuster.records.case import Case
from passmuster.stats.chi_square import homogeneity, smallest_shift
from passmuster.stats.intervals import clopper_pearson
from passmuster.stats.two_samples import novelty, permuted, told_apart

pytestmark = pytest.mark.slow

Counts = NDArray[np.int64]
TABLES = 999


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/statistics.md says that -s shows them


def share(hits: object) -> float:
    return float(np.mean(np.asarray(hits, dtype=float)))


class Intents:
    """The queries of CLINC150 in their domains and intents, and those out of scope."""

    def __init__(self, folder: Path) -> None:
        with gzip.open(folder / "intents_clinc150" / "items.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        domains = json.loads((folder / "intents_clinc150" / "domains.json").read_text(encoding="utf-8"))
        domain = {intent: name for name, intents in domains.items() for intent in intents}
        inside = [row for row in rows if row["gold"] != "oos"]
        self.texts = [row["input"] for row in inside]
        self.outside = [row["input"] for row in rows if row["gold"] == "oos"]
        self.intents = np.unique([row["gold"] for row in inside], return_inverse=True)[1]
        self.domains = np.unique([domain[row["gold"]] for row in inside], return_inverse=True)[1]


@pytest.fixture(scope="module")
def clinc(data_folder: Path) -> Intents:
    return Intents(data_folder)


@pytest.fixture(scope="module")
def likeness(clinc: Intents) -> NDArray[np.float64]:
    """How alike 1,500 queries are."""
    chosen = np.random.default_rng(3).permutation(len(clinc.texts))[:1500]
    return text_likeness([clinc.texts[place] for place in chosen])


def rejects(draw: Callable[[np.random.Generator], tuple[Counts, Counts]], runs: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    return share([homogeneity(*draw(rng), rng, TABLES).p <= 0.05 for _ in range(runs)])


@pytest.mark.parametrize(
    ("cells", "first", "second"), [(10, 200, 200), (10, 500, 200), (4, 60, 40), (150, 200, 200)]
)
def test_chi_square_keeps_its_level_also_with_hardly_a_case_in_most_cells(
    cells: int, first: int, second: int
) -> None:
    """1,000 runs; a test at 5% leaves 3-7% with chance 0.4%."""
    shares = np.random.default_rng(cells).dirichlet(np.ones(cells))
    found = rejects(
        lambda rng: (rng.multinomial(first, shares), rng.multinomial(second, shares)), 1000, seed=41
    )
    show(f"chi-square, {cells} cells, {first} against {second}, no drift: {found:.1%} rejected")
    assert 0.03 <= found <= 0.07


@pytest.mark.data
@pytest.mark.parametrize("strata", ["domains", "intents"])
def test_chi_square_sees_a_tenth_of_200_out_of_scope_and_nothing_where_there_is_none(
    clinc: Intents, strata: str
) -> None:
    """1,000 runs without drift (3-7%, fails by chance 0.4%) and 200 with it (power at least 0.9)."""
    cells = getattr(clinc, strata)
    new = int(cells.max()) + 1

    def drawn(outside: int) -> Callable[[np.random.Generator], tuple[Counts, Counts]]:
        def draw(rng: np.random.Generator) -> tuple[Counts, Counts]:
            chosen = cells[rng.permutation(cells.size)[: 400 - outside]]
            today = np.append(chosen[200:], np.full(outside, new))
            return np.bincount(chosen[:200], minlength=new + 1), np.bincount(today, minlength=new + 1)

        return draw

    level, power = rejects(drawn(0), 1000, seed=42), rejects(drawn(20), 200, seed=43)
    show(f"CLINC150 by {strata}: no drift {level:.1%}, a tenth out of scope {power:.1%} rejected")
    assert 0.03 <= level <= 0.07
    assert power >= 0.9


def test_a_weighted_sample_keeps_the_level_in_the_strata_it_was_drawn_by_and_in_other_cells() -> None:
    """300 runs each; at a true 5% more than 9% come with chance 0.2%. Without weights nearly all reject."""
    found = same_traffic(np.random.default_rng(44), 300)
    same = found.figures["same"]
    show(f"weighted: other cells {found.rate:.1%}, its strata {same:.1%}; raw counts {found.naive_rate:.1%}")
    assert found.rate <= 0.09
    assert same <= 0.09
    assert found.naive_rate > 0.9


def test_users_who_repeat_themselves_are_no_drift() -> None:
    """400 runs; at a true 5% more than 8.5% come with chance 0.2%. Without clusters a third and more reject."""
    found = same_users(np.random.default_rng(45), 400)
    show(f"clusters: {found.rate:.1%} rejected; each record on its own: {found.naive_rate:.1%}")
    assert found.rate <= 0.085
    assert found.naive_rate > 0.3


def test_a_new_stratum_of_the_smallest_size_said_to_be_seen_is_seen_four_times_of_five() -> None:
    """400 runs; a power of 80% lies outside 72-88% with chance 1e-4; the formula itself is off by 4 points at most."""
    for size in (200, 500):
        smallest = smallest_shift([0.1] * 10, size, size)
        assert smallest is not None
        today = np.append(np.full(10, 0.1 * (1 - smallest)), smallest)
        power = rejects(
            lambda rng, size=size, today=today: (  # type: ignore[misc]  # bound now
                np.append(rng.multinomial(size, [0.1] * 10), 0),
                rng.multinomial(size, today),
            ),
            400,
            seed=46,
        )
        show(f"{size} against {size}: a new stratum of {smallest:.1%} is seen in {power:.0%}")
        assert 0.72 <= power <= 0.95


@pytest.mark.data
def test_a_classifier_keeps_its_level_within_folds_and_pooled_scores_do_not(
    likeness: NDArray[np.float64],
) -> None:
    """200 runs; a test at 5% leaves the 99% binomial band with chance 1%. The shortcut must leave it."""
    rng = np.random.default_rng(47)
    second = np.arange(200) >= 100
    right, pooled, new = [], [], []
    for _ in range(200):
        chosen = rng.permutation(len(likeness))[:200]
        sides = permuted(second, None, rng, 199)
        found = told_apart(likeness[np.ix_(chosen, chosen)], sides, rng)
        assert found.p is not None
        right.append(found.p <= 0.05)
        # What is often done: one Mann-Whitney test over the held-out scores of all folds.
        pooled.append(mannwhitneyu(found.scores[second], found.scores[~second]).pvalue <= 0.05)
        new.append(novelty(likeness[np.ix_(chosen, chosen)], sides).p <= 0.05)
    low, high = binom.ppf([0.005, 0.995], 200, 0.05)
    show(f"no drift: within folds {share(right):.1%}, pooled {share(pooled):.1%}, new texts {share(new):.1%}")
    assert low <= sum(right) <= high
    assert sum(pooled) > high
    assert sum(new) <= high


@pytest.mark.data
def test_out_of_scope_texts_without_labels_need_more_cases(clinc: Intents) -> None:
    """40 runs: a fifth of 500 out of scope is seen by its texts alone (power above 0.7; true one about 0.95)."""
    rng = np.random.default_rng(48)
    hits = []
    for _ in range(40):
        chosen = rng.permutation(len(clinc.texts))[:900]
        outside = rng.permutation(len(clinc.outside))[:100]
        texts = [clinc.texts[place] for place in chosen] + [clinc.outside[place] for place in outside]
        sides = permuted(np.arange(1000) >= 500, None, rng, 99)
        hits.append(novelty(text_likeness(texts), sides).p <= 0.05)
    show(f"a fifth of 500 out of scope, by texts alone: {share(hits):.0%} seen")
    assert share(hits) > 0.7


def test_texts_of_users_and_thinned_weights_keep_the_level() -> None:
    """200 runs; at a true 5% more than 20 rejections come with chance 0.1%."""
    rng = np.random.default_rng(49)
    hits, bare = [], []
    for _ in range(200):
        strata = rng.choice(4, size=2000, p=[0.7, 0.2, 0.07, 0.03])
        own = thinned(weighted_sample(rng, strata, strata, 30, 100), 1000, rng)
        users = rng.choice(4, size=40, p=[0.7, 0.2, 0.07, 0.03])
        today = [(f"u{user}", int(cell)) for user, cell in enumerate(users) for _ in range(3)]
        kinds = [int(each.cell or 0) for each in own] + [cell for _, cell in today]
        centres = np.eye(4)[kinds] + rng.normal(0, 0.3, size=(len(kinds), 4))
        # Texts of one user are nearly the same.
        for first in range(len(own), len(kinds), 3):
            centres[first : first + 3] = centres[first] + rng.normal(0, 0.01, size=(3, 4))
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        second = np.arange(len(kinds)) >= len(own)
        clusters = [*(f"c{n}" for n in range(len(own))), *(user for user, _ in today)]
        found = told_apart(centres @ centres.T, permuted(second, clusters, rng, 99), rng, clusters=clusters)
        naive = told_apart(centres @ centres.T, permuted(second, None, rng, 99), rng)
        hits.append((found.p or 1.0) <= 0.05)
        bare.append((naive.p or 1.0) <= 0.05)
    show(f"users of three texts each: {share(hits):.1%} rejected; each text on its own: {share(bare):.1%}")
    assert sum(hits) <= 20
    assert sum(bare) > 30


@pytest.mark.data
def test_frozen_topics_keep_the_level_once_texts_without_a_known_word_are_left_out(clinc: Intents) -> None:
    """60 runs; at a true 5% more than 9 rejections come with chance 0.1%. With those texts, most runs reject."""
    rng = np.random.default_rng(50)
    right, naive = [], []
    for run in range(60):
        chosen = [clinc.texts[place] for place in rng.permutation(len(clinc.texts))[:800]]
        own, today = chosen[:400], chosen[400:]
        space = TopicSpace(fit_topics(own, 8, seed=run))
        counts = [np.bincount(space.place(side)[0], minlength=9) for side in (own, today)]
        right.append(homogeneity(counts[0][:-1], counts[1][:-1], rng, TABLES).p <= 0.05)
        naive.append(homogeneity(counts[0], counts[1], rng, TABLES).p <= 0.05)
    show(
        f"topics of the corpus's own texts: {share(right):.1%}; with texts of no known word {share(naive):.1%}"
    )
    assert sum(right) <= 9
    assert sum(naive) > 20


def test_scores_in_todays_mix_are_those_of_todays_traffic() -> None:
    """400 runs: bias within 3 standard errors (fails by chance 0.3%), coverage above 91% (0.1% at a true 95%)."""
    rng = np.random.default_rng(51)
    rates, before = np.array([0.95, 0.8, 0.5]), np.array([0.7, 0.2, 0.1])
    today = np.array([0.3, 0.3, 0.4])
    truth = float(rates @ today)
    found, covered, plain = [], [], []
    for _ in range(400):
        cells = rng.choice(3, size=300, p=before)
        right = rng.uniform(size=300) < rates[cells]
        cases = [Case(id=str(n), input=str(n)) for n in range(300)]
        traffic = np.bincount(rng.choice(3, size=3000, p=today), minlength=3) / 3000
        mix = todays_mix(cases, [str(cell) for cell in cells], {str(n): traffic[n] for n in range(3)})
        weights = np.array([case.weight for case in mix.cases])
        value = float(weights @ right / weights.sum())
        size = float(weights.sum() ** 2 / (weights @ weights))
        low, high = clopper_pearson(value * size, size)
        found.append(value)
        covered.append(low <= truth <= high)
        plain.append(float(right.mean()))
    error = float(np.std(found) / np.sqrt(400))
    show(f"today's mix: bias {np.mean(found) - truth:+.4f} (SE {error:.4f}), coverage {share(covered):.1%}")
    assert abs(np.mean(found) - truth) <= 3 * error
    assert share(covered) > 0.91
    assert abs(np.mean(plain) - truth) > 0.1


@pytest.mark.data
def test_the_nearest_case_tells_what_is_new_and_the_nearest_centroid_does_not(clinc: Intents) -> None:
    """5 draws; the area under the curve differs by 0.3 and more, its standard error over draws is about 0.01."""
    rng = np.random.default_rng(52)
    near, central = [], []
    for run in range(5):
        inside = [clinc.texts[place] for place in rng.permutation(len(clinc.texts))[:1000]]
        outside = [clinc.outside[place] for place in rng.permutation(len(clinc.outside))[:500]]
        own, today = inside[:500], [*inside[500:], *outside]
        new = np.arange(1000) >= 500
        likeness = text_likeness([*own, *today])[500:, :500].max(axis=1)
        near.append(roc_auc_score(new, -likeness))
        space = TopicSpace(fit_topics(own, 10, seed=run))
        places, distances = space.place(today)
        known = places < 10
        central.append(roc_auc_score(new[known], distances[known]))
    show(
        f"out of scope, area under the curve: nearest case {np.mean(near):.2f}, centroid {np.mean(central):.2f}"
    )
    assert np.mean(near) > 0.8
    assert np.mean(central) < 0.65
