"""Prompts and models on public verdicts: 6 models that judge the 419 pairs of LLMBar, with 5 prompts each.

Run with `-s` to see the measured figures.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from passmuster.decide.factors.best import best_of
from passmuster.decide.factors.effects import Values, interactions, prompt_effects
from passmuster.decide.factors.grid import Grid
from passmuster.records.score import Difference
from passmuster.stats.intervals import mean_interval

pytestmark = [pytest.mark.slow, pytest.mark.data]

DRAWS = 300
SIZE = 150


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/prompts.md says that -s shows them


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


@pytest.fixture(scope="module")
def judged(data_folder: Path) -> tuple[Grid, Values]:
    """Share of both orders in which each model with each prompt prefers the right one; NaN where it did not say."""
    folder = data_folder / "judge_llmbar"
    labels = {row["id"]: str(row["label"]) for row in lines(folder / "items.jsonl.gz")}
    rows = list(lines(folder / "verdicts.jsonl.gz"))
    common = set.intersection(
        *({row["id"] for row in rows if row["prompting"] == prompt} for prompt in ("CoT", "Vanilla"))
    )
    place = {name: number for number, name in enumerate(sorted(common))}
    of: dict[tuple[str, str], np.ndarray] = {}
    for row in rows:
        if row["id"] not in place or row["prompting"].startswith("Rating") or not row.get("verdicts"):
            continue
        cell = of.setdefault((row["judge"], row["prompting"]), np.full(len(place), np.nan))
        said = list(row["verdicts"].values())  # of both orders, turned back already
        if None not in said:
            cell[place[row["id"]]] = float(np.mean([each == labels[row["id"]] for each in said]))
    cells = {key: value for key, value in of.items() if np.isnan(value).mean() < 0.02}
    wanted = sorted(cells)
    design = Grid(
        tuple(dict.fromkeys(model for model, _ in wanted)),
        tuple(dict.fromkeys(prompt for _, prompt in wanted)),
        {key: "/".join(key) for key in wanted},
    )
    return design, Values(of={"/".join(key): cells[key] for key in wanted}, receivable=len(place))


def nobody(_one: str, _other: str) -> Difference:
    raise AssertionError


def test_what_a_way_to_ask_does_hangs_on_the_model(judged: tuple[Grid, Values]) -> None:
    design, values = judged
    assert (len(design.models), len(design.prompts), values.receivable) == (6, 5, 419)
    effects = {each.level: each for each in prompt_effects(design, values, "Vanilla", nobody)}
    beyond = interactions(design, values, "Vanilla")
    for each in effects.values():
        found = each.difference
        show(
            f"{each.level}: {found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}] p {each.adjusted_p:.4f} n {found.n}"
        )
    shown = [each for each in beyond if (each.adjusted_p or 1.0) <= 0.05]
    show(f"interactions shown: {len(shown)} of {len(beyond)}")
    assert all(
        (each.difference.value or 0) < 0 and (each.adjusted_p or 0) < 0.001 for each in effects.values()
    )
    gains = {(each.model, each.prompt): each.difference.value or 0 for each in shown}
    show("; ".join(f"{model} {prompt} {gain:+.3f}" for (model, prompt), gain in gains.items()))
    assert gains["LLaMA2", "CoT"] > 0.04
    assert gains["PaLM2", "CoT"] < -0.06
    assert gains["GPT-4", "Vanilla_NoRules"] < -0.03


@pytest.mark.parametrize("without", ["GPT-4", "nobody"])
def test_the_best_of_many_on_a_small_corpus_is_told_too_good_by_as_much_as_it_is(
    judged: tuple[Grid, Values], without: str
) -> None:
    """300 draws: the pairs are the truth, a corpus is 150 of them drawn with replacement.

    The chance that a method with 95% is seen below 92% is 1%. With GPT-4 one model is far ahead.
    """
    design, values = judged
    names = [name for (model, _), name in design.cells.items() if model != without]
    whole = np.stack([values.of[name] for name in names], axis=1)
    whole = whole[~np.isnan(whole).any(axis=1)]
    truth = whole.mean(axis=0)
    rng = np.random.default_rng(21)
    seen, told, naive, corrected = [], [], [], []
    for _ in range(DRAWS):
        x = whole[rng.integers(0, len(whole), SIZE)]
        own = Values(of=dict(zip(names, x.T, strict=True)), receivable=SIZE)
        found = best_of(names, own, (0.0, 1.0), "higher")
        assert found is not None
        place = names.index(found.picked)
        low, high = mean_interval(float(x[:, place].sum()), float((x[:, place] ** 2).sum()), SIZE)
        naive.append(low <= truth[place] <= high)
        corrected.append((found.corrected.low or 0) <= truth[place] <= (found.corrected.high or 0))
        seen.append((found.observed.value or 0) - truth[place])
        told.append(found.optimism)
    show(
        f"{len(whole)} pairs; best of {len(names)} without {without}: too high by {100 * np.mean(seen):.2f} points, told "
        f"{100 * np.mean(told):.2f}; covered plain {np.mean(naive):.3f}, corrected {np.mean(corrected):.3f}"
    )
    assert np.mean(corrected) >= 0.92
    assert np.mean(told) == pytest.approx(np.mean(seen), abs=0.01)
    assert np.mean(naive) < np.mean(corrected)
