"""Fewer calls and smaller samples on what real models answered: the same decision, the same accuracies.

Run with `-s` to see the measured figures.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from passmuster.decide.planning.chance import chance_of_decision
from passmuster.decide.planning.drawn import draw_runs
from passmuster.decide.planning.stated import Stated, StatedForecast, reading_of
from passmuster.metrics.answers import Extract
from passmuster.metrics.text.numeric import Numeric
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.task import Bar
from passmuster.records.trial import Reply
from passmuster.stats.arrays import FloatArray
from passmuster.stats.families import holm, holm_matrix
from passmuster.stats.intervals import binomial_p_greater, binomial_p_less, wilson
from passmuster.stats.paired import mcnemar_mid_p
from passmuster.stats.sequential.futility import assured, hopeless
from passmuster.stats.sequential.looks import looks
from passmuster.stats.sequential.race import Race

pytestmark = [pytest.mark.slow, pytest.mark.data]

ORDERS = 200


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/statistics.md says that -s shows them


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


@pytest.fixture(scope="module")
def sums(data_folder: Path) -> FloatArray:
    """Right or wrong of 33 models on 1,319 questions of arithmetic, the best model first."""
    folder = data_folder / "replay_gsm"
    metric = Numeric(extract=Extract(json_path="$.answer", repaired=True), which="first")
    cases = {
        row["id"]: Case(id=row["id"], input="", reference=row["gold"])
        for row in lines(folder / "items.jsonl.gz")
    }
    place = {name: number for number, name in enumerate(cases)}
    found: dict[str, FloatArray] = {}
    for row in lines(folder / "outputs.jsonl.gz"):
        outcome = metric.score(cases[row["id"]], Reply(text=row["output"]))
        right = found.setdefault(row["candidate"], np.zeros(len(cases)))
        right[place[row["id"]]] = float(isinstance(outcome, Score) and bool(outcome.value))
    table = np.stack([found[name] for name in sorted(found)], axis=1)
    return table[:, np.argsort(-table.mean(axis=0), kind="stable")]


def raced(scores: FloatArray, seed: int, within: float | None) -> tuple[Race, float]:
    """Return the race as it ended, and its share of all calls."""
    race, calls = Race.of(scores.shape[1], within=within), 0
    for block in looks(range(scores.shape[0]), seed):
        calls += len(block) * int(race.live.sum())
        race = race.after(scores[list(block)])
        if race.ending() is not None:
            break
    return race, calls / scores.size


def naive(scores: FloatArray, seed: int) -> set[int]:
    """Who is left when all that are behind by a z of 1.645 at any look are dropped."""
    live, seen = np.ones(scores.shape[1], dtype=bool), np.zeros((0, scores.shape[1]))
    for block in looks(range(scores.shape[0]), seed):
        seen = np.concatenate([seen, scores[list(block)]])
        lead = seen[:, [int(np.argmax(np.where(live, seen.sum(axis=0), -1.0)))]]
        better, worse = (lead > seen).sum(axis=0), (lead < seen).sum(axis=0)
        live &= ~((better - worse) / np.sqrt(np.maximum(better + worse, 1)) > 1.645)
    return set(np.flatnonzero(live).tolist())


def test_the_data_are_those_that_were_published(sums: FloatArray) -> None:
    assert sums.shape == (1319, 33)
    assert sums.mean(axis=0)[[0, 7, 8]].round(3).tolist() == [0.967, 0.954, 0.945]


def test_the_race_of_33_models_names_the_tie_that_the_full_run_shows(sums: FloatArray) -> None:
    """All cases leave eight models, within 1.3 points of one another; all orders must come to a tie led by one of them."""
    full = Race.of(33).after(sums)
    kept = set(np.flatnonzero(full.live).tolist())
    assert kept == set(range(8)), "the full run must leave somebody out, and not everybody"
    assert full.ending() == "tie"

    runs = [raced(sums, seed, 0.02) for seed in range(ORDERS)]
    saved = 1 - float(np.mean([calls for _, calls in runs]))
    same = [
        race.ending() == "tie" and race.leader() in kept and kept <= set(np.flatnonzero(race.live).tolist())
        for race, _ in runs
    ]
    behind = [float(sums[:, 0].mean() - sums[:, race.leader()].mean()) for race, _ in runs]
    others = [kept <= naive(sums, seed) for seed in range(20)]
    show(
        f"33 models, ties within 2 points: saved {saved:.3f}, same decision {np.mean(same):.3f}, best dropped"
        f" {np.mean([not race.live[0] for race, _ in runs]):.3f}, leader behind by {max(behind):.4f} at most;"
        f" naive keeps all eight in {np.mean(others):.3f}"
    )
    assert saved >= 0.65
    assert np.mean(same) >= 0.95
    assert all(race.live[0] for race, _ in runs)
    assert max(behind) < 0.02
    assert np.mean(others) < 0.5


def test_where_the_full_run_has_one_best_the_race_finds_it(sums: FloatArray) -> None:
    """The best and the 25 models at 94.5% or below: by Holm over McNemar's tests it is better than each."""
    field = sums[:, [0, *range(8, 33)]]
    pairs = [(field[:, [0]] > field)[:, 1:].sum(axis=0), (field[:, [0]] < field)[:, 1:].sum(axis=0)]
    tests = holm([float(p) for p in mcnemar_mid_p(*(side.astype(float) for side in pairs))])
    assert max(p for p in tests if p is not None) <= 0.05, "the full run must decide something"
    assert np.flatnonzero(Race.of(26, within=None).after(field).live).tolist() == [0]

    runs = [raced(field, seed, None) for seed in range(ORDERS)]
    saved = 1 - float(np.mean([calls for _, calls in runs]))
    same = [race.ending() == "one left" and race.leader() == 0 for race, _ in runs]
    show(f"one best of 26: saved {saved:.3f}, same decision {np.mean(same):.3f}")
    assert saved >= 0.70
    assert np.mean(same) >= 0.95


@pytest.fixture(scope="module")
def complaints(data_folder: Path) -> tuple[list[str], FloatArray, FloatArray]:
    """14 models on 1,000 complaints: their names, who is right, and who replies within 1.5 seconds."""
    folder = data_folder / "replay_complaints"
    gold = {
        row["id"]: row["gold"] for row in map(json.loads, (folder / "items.jsonl").read_text().splitlines())
    }
    place = {name: number for number, name in enumerate(gold)}
    right: dict[str, FloatArray] = {}
    fast: dict[str, FloatArray] = {}
    for row in lines(folder / "outputs.jsonl.gz"):
        where = place[row["id"]]
        right.setdefault(row["candidate"], np.zeros(len(gold)))[where] = (
            row["output"].strip() == gold[row["id"]]
        )
        fast.setdefault(row["candidate"], np.zeros(len(gold)))[where] = row["latency_s"] <= 1.5
    names = sorted(right)
    tables = [np.stack([found[name] for name in names], axis=1) for found in (right, fast)]
    return names, tables[0], tables[1]


def stopped(right: FloatArray, fast: FloatArray, seed: int, *, naive: bool = False) -> tuple[set[int], float]:
    """Return who passes both bars with stops (70% right, 95% fast), and the share of all calls."""
    total, candidates = right.shape
    level = 0.05 / candidates
    seen = np.zeros((2, candidates))
    open_, passed = np.ones(candidates, dtype=bool), np.zeros(candidates, dtype=bool)
    n = calls = 0
    for block in looks(range(total), seed):
        rows = list(block)
        n += len(rows)
        calls += len(rows) * int(open_.sum())
        seen += np.stack([right[rows].sum(axis=0), fast[rows].sum(axis=0)])
        out = np.any(
            [hopeless(k, n, total, bar, level) for k, bar in zip(seen, (0.7, 0.95), strict=True)], axis=0
        )
        if naive:
            out = (n >= 60) & np.any([seen[0] / n < 0.7, seen[1] / n < 0.95], axis=0)
        done = np.all(
            [assured(k, n, total, bar, level) for k, bar in zip(seen, (0.7, 0.95), strict=True)], axis=0
        )
        passed |= open_ & done
        open_ &= ~(out | done)
    return set(np.flatnonzero(passed).tolist()), calls / right.size


def test_stops_pass_whom_the_full_run_passes_of_14_models(
    complaints: tuple[list[str], FloatArray, FloatArray],
) -> None:
    """70% right and p95 at most 1.5 seconds, each of 14 at 5% / 14; who passes, passes in all orders but few."""
    names, right, fast = complaints
    full = {
        place
        for place, (k, quick) in enumerate(zip(right.sum(axis=0), fast.sum(axis=0), strict=True))
        if assured(k, 1000, 1000, 0.7, 0.05 / 14) and assured(quick, 1000, 1000, 0.95, 0.05 / 14)
    }
    assert sorted(names[place] for place in full) == [
        "gemini-1.5-pro",
        "gemini-2.0-flash",
        "gemini-2.0-flash-lite",
    ]

    runs = [stopped(right, fast, seed) for seed in range(ORDERS)]
    same, saved = (
        float(np.mean(each))
        for each in zip(*((found == full, 1 - calls) for found, calls in runs), strict=True)
    )
    plain = float(np.mean([stopped(right, fast, seed, naive=True)[0] == full for seed in range(ORDERS)]))
    show(
        f"14 models, two bars: the same pass in {same:.3f} of the orders, saved {saved:.3f}; stopped by means {plain:.3f}"
    )
    assert all(found <= full for found, _ in runs)
    assert same >= 0.95
    assert saved >= 0.60
    assert plain < 0.95


def test_intervals_of_a_sample_cover_the_accuracies_on_the_full_set(data_folder: Path) -> None:
    """1,001 questions of 12,032, the same for all 23 models; of independent ones 21 or fewer would be covered with chance .11."""
    folder = data_folder / "replay_mmlupro"
    gold = {row["id"]: row["gold"] for row in lines(folder / "items.jsonl.gz")}
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for row in lines(folder / "outputs.jsonl.gz"):
        right[row["candidate"]] += row["published_pred"] == gold[row["id"]]
        asked[row["candidate"]] += 1
    full = {
        row["candidate"]: row["accuracy_full_set"]
        for row in json.loads((folder / "published_scores.json").read_text())
    }
    assert len(full) == len(asked) == 23

    def covered(level: float, times: float = 1.0) -> int:
        """How many intervals hold the full set's accuracy; `times` as many cases where one forgets which is the sample."""
        ends = {name: wilson(times * right[name], times * asked[name], level) for name in full}
        return sum(ends[name][0] <= value <= ends[name][1] for name, value in full.items())

    found, half, wrong = covered(0.95), covered(0.50), covered(0.95, 12_032 / 1001)
    show(f"of 23 accuracies covered: {found} at 95%, {half} at 50%; with n of the full set {wrong}")
    assert found >= 21
    assert 7 <= half <= 16
    assert wrong < 17


def test_the_chance_of_a_decision_is_that_of_draws_from_other_data_too(sums: FloatArray) -> None:
    """300 draws of 200 questions, the true rates of all 33 models stated: printed and counted within 5 points."""
    cases, rng, rates = 200, np.random.default_rng(3), sums.mean(axis=0)
    counts = np.array([sums[rng.permutation(len(sums))[:cases]].sum(axis=0) for _ in range(300)])
    told = []
    for limit in (0.85, 0.88, 0.90, 0.92, 0.95):
        passes = holm_matrix(np.asarray(binomial_p_greater(counts, cases, limit))) <= 0.05
        fails = np.asarray(binomial_p_less(counts, cases, limit)) <= 0.05
        counted = float((passes.any(axis=1) | fails.all(axis=1)).mean())
        bar = Bar(metric="accuracy", at_least=limit)
        readings = [reading_of(bar, {"accuracy": rate}, frozenset({"accuracy"})) for rate in rates]
        stated = tuple(Stated(name=str(place), readings=(each,)) for place, each in enumerate(readings))
        runs = draw_runs([StatedForecast(candidates=stated)], cases, seed=1)
        printed = chance_of_decision(runs, 0.05).total
        told.append(f"{limit}: printed {printed:.0%}, counted {counted:.0%}")
        assert abs(printed - counted) < 0.05, told
    show("; ".join(told))
