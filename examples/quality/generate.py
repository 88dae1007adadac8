"""Write the files of the quality example beside this one: `python generate.py`.

Cases with a fact each, replies of three candidates that are made of them, and what people would say of every reply
(`truth.jsonl`, which only the simulated judges read). The same seed gives the same files.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

SEED = 6
TOPICS = {
    "return {item}": ("How long do I have to return {item}?", "{n} days", (14, 21, 30, 60)),
    "deliver {item}": ("How long does it take to deliver {item} to Bonn?", "{n} working days", (2, 3, 5, 8)),
    "repair {item}": ("What does it cost to have {item} repaired?", "{n} euros", (25, 40, 75, 120)),
}
ITEMS = (
    "a lamp", "a kettle", "a desk", "a rucksack", "a tent", "a pair of boots", "a bicycle bell", "a rain coat",
    "a bread knife", "a mirror", "a carpet", "a tea pot", "a radio", "a garden chair", "a pillow", "a wall clock",
    "a suitcase", "a scarf", "a toaster", "a bookshelf",
)  # fmt: skip
SHARE_RIGHT = {"terse": 0.95, "clear": 0.95, "chatty": 0.97}
QUALITY = {
    "terse": {"structure": 4, "completeness": 3, "tone": 3, "no_filler": 5},
    "clear": {"structure": 5, "completeness": 5, "tone": 5, "no_filler": 5},
    "chatty": {"structure": 2, "completeness": 4, "tone": 3, "no_filler": 1},
}
"""What people would say, give or take a step."""


def terse(fact: str, item: str) -> str:
    """Return the fact and nothing else."""
    del item
    return f"{fact[0].upper()}{fact[1:]}."


def clear(fact: str, item: str) -> str:
    """Return the fact, and what to do next."""
    return (
        f"It is {fact} for {item}.\n\n"
        "- Have your order number at hand.\n- Write to service@shop.example or ring us from 9 to 17.\n\n"
        "You will have an answer within a day."
    )


def chatty(fact: str, item: str) -> str:
    """Return the fact somewhere in a lot of words."""
    return (
        f"Great question! I understand how important {item} can be, and I'd be happy to help you with that today. "
        "It is important to note that every situation is different and that many things have to be taken into account "
        "when it comes to matters such as this one, which is why our dedicated team is always doing its very best. "
        f"That being said, in the case of {item} we can gladly tell you that it is {fact}, as is set out in our terms, "
        "which you may of course read at any time of the day or night on our pages, where you will also find a great "
        "deal of further information about our products, our services, our history and our values. Feel free to "
        "reach out. I hope this helps!"
    )


WRITERS = {"terse": terse, "clear": clear, "chatty": chatty}


def facts() -> Iterable[tuple[str, str, str, str, str]]:
    """Yield id, item, question, fact, and a fact that is wrong."""
    for place, item in enumerate(ITEMS):
        for name, (question, form, numbers) in TOPICS.items():
            own = numbers[place % len(numbers)]
            other = numbers[(place + 1) % len(numbers)]
            key = name.format(item=item).replace(" ", "-")
            yield key, item, question.format(item=item), form.format(n=own), form.format(n=other)


def said(rng: np.random.Generator, quality: Mapping[str, int]) -> dict[str, int]:
    """Return what people say of one reply, criterion by criterion."""
    steps = rng.choice([-1, 0, 0, 0, 1], size=len(quality))
    return {
        name: int(min(5, max(1, value + step)))
        for (name, value), step in zip(quality.items(), steps, strict=True)
    }


def written(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines."""
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def main() -> None:
    """Write cases, recorded replies and what is true of them."""
    folder, rng = Path(__file__).parent, np.random.default_rng(SEED)
    cases, recorded, truth = [], [], []
    for key, item, question, fact, wrong in facts():
        cases.append({"id": key, "input": question, "reference": fact})
        for name, write in WRITERS.items():
            text = write(fact if rng.random() < SHARE_RIGHT[name] else wrong, item)
            parts = said(rng, QUALITY[name])
            recorded.append({"candidate": name, "id": key, "output": text})
            value = sum(parts.values()) / len(parts)
            truth.append({"case": key, "text": text, "candidate": name, "value": value, "parts": parts})
    written(folder / "cases.jsonl", cases)
    written(folder / "recorded.jsonl", recorded)
    written(folder / "truth.jsonl", truth)


if __name__ == "__main__":
    main()
