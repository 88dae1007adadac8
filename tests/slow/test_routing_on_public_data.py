"""Routes on public replies: a weak and a strong model, 23 models by category, baselines in front of LLMs.

Run with `-s` to see the measured figures.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from passmuster.decide.promises.routing import ground_of, study
from passmuster.decide.routing.curve import curve_of

pytestmark = [pytest.mark.slow, pytest.mark.data]

BY_SLICE = ("best of each stratum", "clear best of each stratum")


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/route.md says that -s shows them


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


ENDED = re.compile(r"####\s*\$?-?[\d,.]+\s*\.?\s*$")
"""The form that the weak model was shown for its answers: a number after four hashes, and nothing more."""

PROXIES: dict[str, Callable[[dict[str, Any]], float]] = {
    "length of the reply": lambda row: -float(len(row["weak_output"])),
    "form, then length of the question": lambda row: (
        1e6 * bool(ENDED.search(row["weak_output"])) - len(row["prompt"])
    ),
}
"""What stands for the confidence that nobody recorded."""


@pytest.mark.parametrize("proxy", PROXIES)
def test_the_form_of_a_weak_reply_is_worth_something_its_length_is_not_shown_to_be(
    data_folder: Path, proxy: str
) -> None:
    """GSM8K, Mixtral in front of GPT-4; the cost is the share of calls to the strong one."""
    rows = list(lines(data_folder / "routing_routellm" / "gsm8k.jsonl.gz"))
    quality = np.array([[row["weak_correct"], row["strong_correct"]] for row in rows], dtype=np.float64).T
    cost = np.repeat([[0.0], [1.0]], len(rows), axis=1)
    sure = np.array([PROXIES[proxy](row) for row in rows])
    slices = np.zeros(len(rows), dtype=np.int64)
    ground = ground_of(quality, slices, cost=cost, sure={"weak": sure}, names=["weak", "strong"])

    curve = curve_of(ground, ["weak", "strong"], proxy)
    found = study(ground, [["weak", "strong"]])
    gain, spared = found.gain("weak -> strong"), found.cost("weak -> strong")
    assert spared is not None
    told = ", ".join(f"{point.share:.0%}: {point.quality.value:.3f}" for point in curve.points[::4])
    show(
        f"{proxy}: {told}; worth {curve.lift.value:+.4f} [{curve.lift.low:+.4f}, {curve.lift.high:+.4f}]; cascade "
        f"{gain.value:+.4f} {gain.interval()} at {np.exp(spared.value):.3f} of the strong calls"
    )
    shares = [point.share for point in curve.points]
    assert shares == sorted(shares)
    assert curve.points[0].quality.value == pytest.approx(quality[0].mean())
    assert curve.points[-1].quality.value == pytest.approx(quality[1].mean())
    assert curve.points[-1].cost == 1.0
    assert curve.lift.low is not None
    assert (curve.lift.low > 0) == proxy.startswith("form")


def test_the_length_in_a_random_order_is_worth_nothing(data_folder: Path) -> None:
    rows = list(lines(data_folder / "routing_routellm" / "gsm8k.jsonl.gz"))
    quality = np.array([[row["weak_correct"], row["strong_correct"]] for row in rows], dtype=np.float64).T
    length = -np.array([float(len(row["weak_output"])) for row in rows])
    rng, worth = np.random.default_rng(1), 0
    for _ in range(40):
        mixed = ground_of(
            quality,
            np.zeros(len(rows), dtype=np.int64),
            sure={"weak": rng.permutation(length)},
            names=["weak", "strong"],
        )
        lift = curve_of(mixed, ["weak", "strong"], "length").lift
        worth += lift.low is not None and lift.low > 0
    assert worth <= 4  # of 40 at 2.5 % each; more than 4 come out once in 300


def test_one_of_two_models_for_each_of_57_subjects_of_mmlu(data_folder: Path) -> None:
    rows = list(lines(data_folder / "routing_routellm" / "mmlu.jsonl.gz"))
    names = sorted({row["subject"] for row in rows})
    quality = np.array([[row["weak_correct"], row["strong_correct"]] for row in rows], dtype=np.float64).T
    slices = np.array([names.index(row["subject"]) for row in rows])
    found = study(ground_of(quality, slices, names=["weak", "strong"]))
    for name in BY_SLICE:
        gain = found.gain(name)
        show(f"{name}: {gain.value:+.4f} {gain.interval()}, seems {found.seen(name):+.4f}")
    assert found.seen(BY_SLICE[0]) >= found.gain(BY_SLICE[0]).value


def test_the_best_of_23_models_in_each_category_of_mmlu_pro(data_folder: Path) -> None:
    """999 questions that all were asked; right is the letter that the authors read."""
    folder = data_folder / "replay_mmlupro"
    items = {row["id"]: row for row in lines(folder / "items.jsonl.gz")}
    right: dict[str, dict[int, float]] = {}
    for row in lines(folder / "outputs.jsonl.gz"):
        own = right.setdefault(row["candidate"], {})
        own[row["id"]] = float(row["published_pred"] == items[row["id"]]["gold"])
    common = sorted(set.intersection(*(set(own) for own in right.values())))
    names = sorted({row["category"] for row in items.values()})
    quality = np.array([[own[each] for each in common] for own in right.values()])
    slices = np.array([names.index(items[each]["category"]) for each in common])
    found = study(ground_of(quality, slices, names=list(right)))
    best = list(right)[found.held.whole["best single"].default]
    for name in BY_SLICE:
        gain = found.gain(name)
        show(
            f"{len(common)} questions, best of all {best} ({quality.mean(axis=1).max():.3f}); {name}: {gain.value:+.4f} "
            f"{gain.interval()}, seems {found.seen(name):+.4f}"
        )
    low, _ = found.gain(BY_SLICE[0]).interval()
    assert low < 0  # the gain that it seems to have is not shown
    assert found.seen(BY_SLICE[0]) > 0.005
