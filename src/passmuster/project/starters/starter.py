"""What every starter shares: unique cases by seed, parted in three, and replies of made-up models."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.corpus.duplicates import Shingles, jaccard, shingles
from passmuster.corpus.ngrams import grams
from passmuster.records.case import Case, Category
from passmuster.records.record import Json

SIZES: Mapping[str, int] = {"train": 120, "eval": 200, "holdout": 30}
"""Cases per split. With 120 typical ones to score, a p95 can be told from its bar for a handful of candidates at once."""
CATEGORIES: tuple[Category, ...] = ("typical", "edge", "adversarial")
SHARES = (0.6, 0.3, 0.1)
RUN = 13
"""Words of a run that must not stand in two splits."""
NEAR = 0.8
"""The Jaccard index from which two texts are near-duplicates."""
CHARACTERS_PER_TOKEN = 4
PROMPT_TOKENS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpModel:
    """A model that does not exist: how often it is right per category, and how fast (seconds, lognormal)."""

    name: str
    right: Mapping[str, float]
    median: float
    spread: float


SMALL = MadeUpModel(
    name="small-model",
    right={"typical": 0.985, "edge": 0.94, "adversarial": 0.9},
    median=0.45,
    spread=0.22,
)
LARGE = MadeUpModel(
    name="large-model",
    right={"typical": 0.995, "edge": 0.96, "adversarial": 0.95},
    median=1.15,
    spread=0.35,
)

Draw = Callable[[np.random.Generator, Category], tuple[str, Json, str]]
"""Makes one case: its text, reference and stratum."""
Blunder = Callable[[np.random.Generator, Case], str]
"""Makes a wrong reply."""


def make_cases(draw: Draw, rng: np.random.Generator, prefix: str) -> dict[str, list[Case]]:
    """Return unique cases per split, numbered in the order in which they were made.

    No run of words and no near-duplicate stands in two splits, so that nothing that is learned from train has been seen.
    """
    made = _Made()
    splits: dict[str, list[Case]] = {split: [] for split in SIZES}
    while open_ := next((split for split, size in SIZES.items() if len(splits[split]) < size), None):
        category = CATEGORIES[int(rng.choice(len(CATEGORIES), p=SHARES))]
        text, reference, stratum = draw(rng, category)
        if made.take(text, open_):
            name = f"{prefix}-{sum(map(len, splits.values())) + 1:03d}"
            case = Case(id=name, input=text, reference=reference, category=category, stratum=stratum)
            splits[open_].append(case)
    return splits


class _Made:
    """The texts that there are, by what another one may not share with them from another split."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[str, Shingles]] = {}
        self._runs: dict[str, str] = {}

    def take(self, text: str, split: str) -> bool:
        """Take in a text of a split, unless it stands there already or is too much like one of another split."""
        runs, own = set(grams(text, RUN)), shingles(text)
        if text in self._texts or any(self._runs.get(run, split) != split for run in runs):
            return False
        if any(side != split and jaccard(own, its) >= NEAR for side, its in self._texts.values()):
            return False
        self._texts[text] = split, own
        self._runs.update(dict.fromkeys(runs, split))
        return True


def record(
    cases: Sequence[Case], models: Sequence[MadeUpModel], blunder: Blunder, rng: np.random.Generator
) -> list[dict[str, Json]]:
    """Return what the made-up models answered, as rows of a recording."""
    rows: list[dict[str, Json]] = []
    for model in models:
        for case in cases:
            correct = rng.random() < model.right[case.category]
            reply = _text(case.reference) if correct else blunder(rng, case)
            rows.append(
                {
                    "id": case.id,
                    "candidate": model.name,
                    "output": reply,
                    "latency_s": round(float(rng.lognormal(np.log(model.median), model.spread)), 3),
                    "input_tokens": PROMPT_TOKENS + len(str(case.input)) // CHARACTERS_PER_TOKEN,
                    "output_tokens": 1 + len(reply) // CHARACTERS_PER_TOKEN,
                }
            )
    return rows


def pick(rng: np.random.Generator, items: Sequence[str]) -> str:
    """Return one of the items."""
    return items[int(rng.integers(len(items)))]


def _text(reference: Json) -> str:
    return reference if isinstance(reference, str) else json.dumps(reference, ensure_ascii=False)
