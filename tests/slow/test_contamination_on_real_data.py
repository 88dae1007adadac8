"""Copies that were planted into real texts are found, and sets that are clean are left alone.

`pytest -s` prints the figures of docs/corpus/contamination.md.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from passmuster.corpus.ngrams import words
from passmuster.records.case import Case
from passmuster.records.contamination import Overlap
from passmuster.workflows.corpus.contamination import Passage, Source, overlap

pytestmark = [pytest.mark.data, pytest.mark.slow]

PLANTED = 20


def told(figures: str) -> None:
    """Print what the documentation says."""
    print(figures)  # noqa: T201 - shown with -s


def rows(path: Path) -> Iterator[dict[str, str]]:
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as stream
    ):
        for line in stream:
            yield json.loads(line)


def texts(path: Path, *splits: str) -> list[str]:
    """Return the distinct texts of a data set, or of some splits of it."""
    found = (row["input"] for row in rows(path) if not splits or row["split"] in splits)
    return list(dict.fromkeys(found))


def complaints(data_folder: Path) -> list[str]:
    found = texts(data_folder / "replay_complaints/items.jsonl")
    Random(1).shuffle(found)  # noqa: S311 - a draw, no secret
    return found


def cases_of(found: Sequence[str]) -> list[Case]:
    return [Case(id=str(number), input=text) for number, text in enumerate(found)]


def looked(cases: Sequence[Case], others: Sequence[str]) -> Overlap:
    passages = (Passage(str(number), text) for number, text in enumerate(others))
    return overlap(cases, [Source("others", passages)], cases_of(others))


def bank(data_folder: Path, *splits: str) -> list[str]:
    return texts(data_folder / "intents_banking77/items.jsonl.gz", *splits)


def clinc(data_folder: Path, *splits: str) -> list[str]:
    return texts(data_folder / "intents_clinc150/items.jsonl.gz", *splits)


@pytest.mark.parametrize(
    "name", ["bank in clinc", "clinc in bank", "bank in its train", "complaints in others"]
)
def test_of_a_clean_set_at_most_one_case_in_twenty_is_flagged(data_folder: Path, name: str) -> None:
    held = complaints(data_folder)
    wanted, others = {
        "bank in clinc": (bank(data_folder, "test"), clinc(data_folder)),
        "clinc in bank": (clinc(data_folder, "test"), bank(data_folder)),
        "bank in its train": (bank(data_folder, "test"), bank(data_folder, "train")),
        "complaints in others": (held[:200], held[200:]),
    }[name]
    found = looked(cases_of(wanted), others)
    told(f"{name}: {len(found.flagged)} of {found.looked_for} in {len(others)} texts")
    assert len(found.flagged) <= 0.05 * found.looked_for


@pytest.mark.parametrize("name", ["bank", "clinc", "complaints", "messages"])
def test_every_planted_case_is_found_and_no_other(data_folder: Path, name: str) -> None:
    """20 cases of three words or more, in a prompt among others' texts."""
    held = {
        "bank": bank(data_folder, "test"),
        "clinc": clinc(data_folder, "test"),
        "complaints": complaints(data_folder),
        "messages": texts(data_folder / "spam_sms/items.jsonl.gz", "test"),
    }[name]
    cases = cases_of(held)
    fit = [case for case in cases if len(words(str(case.input))) >= 3]
    planted = Random(3).sample(fit, PLANTED)  # noqa: S311 - a draw, no secret
    prompts = [Passage("p", f"Sort this ticket.\nText: {case.input}\nLabel: x") for case in planted]
    found = overlap(cases, [Source("prompts", prompts)])
    told(
        f"{name}: {len(set(found.flagged) & {case.id for case in planted})} of {PLANTED} planted cases found"
    )
    assert {case.id for case in planted} <= set(found.flagged)
    assert len(found.flagged) - PLANTED <= 0.05 * len(cases)  # near-duplicates of planted complaints


def test_messages_that_were_sent_many_times_are_copies(data_folder: Path) -> None:
    path = data_folder / "spam_sms/items.jsonl.gz"
    train = texts(path, *({row["split"] for row in rows(path)} - {"test"}))
    found = looked(cases_of(texts(path, "test")), train)
    told(f"messages in their train: {len(found.flagged)} of {found.looked_for} in {len(train)} texts")
    assert len(found.flagged) > 0.10 * found.looked_for


def test_boilerplate_of_complaints_does_not_count(data_folder: Path) -> None:
    """A form letter put before each of 200 complaints, and into the texts looked through, flags none of them."""
    letter = "to whom it may concern under the fair credit reporting act I have the right to dispute what you report"
    held = complaints(data_folder)
    cases = cases_of([f"{letter} {text}" for text in held[:200]])
    found = overlap(cases, [Source("prompts", [Passage("p", f"{letter}\nSort the complaint.")])])
    assert found.flagged == ()
    assert found.boilerplate == len(cases)
