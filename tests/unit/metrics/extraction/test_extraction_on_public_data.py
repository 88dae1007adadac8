"""The metrics of extraction on public data: published figures, and counts that were made another way."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from seqeval.metrics import classification_report, f1_score
from seqeval.scheme import IOB2

from passmuster.metrics.extraction.dates import read_date
from passmuster.metrics.extraction.entity_f1 import EntityF1
from passmuster.metrics.extraction.field_f1 import FieldF1
from passmuster.metrics.extraction.mentions import Keys
from passmuster.metrics.extraction.rules import FieldRule, Kind
from passmuster.metrics.extraction.span_f1 import SpanF1
from passmuster.metrics.extraction.within import holds
from passmuster.metrics.metric import Metric
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply

pytestmark = pytest.mark.data

PUBLISHED = {"mic-cis": 0.3706, "sjtu_adapt": 0.4042, "spinningbytes": 0.4078}
"""F1 of entities of three systems on WNUT17, read as the CoNLL scorer reads I- without B-."""


def rows(path: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, gzip.decompress(path.read_bytes()).splitlines())


def summed(
    metric: Metric, pairs: list[tuple[Any, Any]], texts: list[str] | None = None
) -> dict[str, list[float]]:
    """Return the sums of the counts by kind, of pairs of an answer and a reference."""
    sums: dict[str, list[float]] = {}
    for (answer, reference), text in zip(pairs, texts or [""] * len(pairs), strict=True):
        outcome = metric.score(Case(id="1", input=text, reference=reference), Reply(text=json.dumps(answer)))
        assert isinstance(outcome, Score)
        counts: Any = outcome.details["counts"]
        for kind, triple in counts.items():
            for place, value in enumerate(triple):
                sums.setdefault(kind, [0.0, 0.0, 0.0])[place] += value
    return sums


def f1_of(sums: dict[str, list[float]]) -> float:
    right, answered, expected = (sum(triple[place] for triple in sums.values()) for place in range(3))
    return 2 * right / (answered + expected)


@pytest.mark.parametrize("system", PUBLISHED)
def test_the_published_f1_of_three_systems_on_wnut17_comes_out_as_with_seqeval(
    data_folder: Path, system: str
) -> None:
    folder = data_folder / "ner_wnut17"
    gold = {row["id"]: row["tags"] for row in rows(folder / "items.jsonl.gz")}
    outputs = [row for row in rows(folder / "system_outputs_test.jsonl.gz") if row["candidate"] == system]
    pairs = [(row["tags"], gold[row["id"]]) for row in outputs]
    answers, references = map(list, zip(*pairs, strict=True))

    sums = summed(EntityF1(), pairs)

    assert len(pairs) == 1287
    assert round(f1_of(sums), 4) == PUBLISHED[system]
    assert f1_of(sums) == pytest.approx(f1_score(references, answers), abs=1e-9)
    report = classification_report(references, answers, output_dict=True, zero_division=0)
    for kind, (right, answered, expected) in sums.items():
        assert right / answered == pytest.approx(report[kind]["precision"], abs=1e-9)
        assert right / expected == pytest.approx(report[kind]["recall"], abs=1e-9)
    strict = f1_score(references, answers, mode="strict", scheme=IOB2)
    assert f1_of(summed(EntityF1(scheme="strict"), pairs)) == pytest.approx(strict, abs=1e-9)


def test_entities_by_type_are_counted_as_multisets_of_texts(data_folder: Path) -> None:
    gold = [row["gold"] for row in rows(data_folder / "ner_crossner" / "items.jsonl.gz")]
    assert f1_of(summed(EntityF1(), [(each, each) for each in gold])) == 1
    # each sentence answered with every second entity of its own, and with those of the sentence before it
    pairs = [
        ({kind: [*names[::2], *before.get(kind, [])] for kind, names in each.items()}, each)
        for before, each in zip([{}, *gold], gold, strict=False)
    ]
    naive: dict[str, list[float]] = {}
    for answer, reference in pairs:
        for kind in reference:
            one, other = Counter(answer[kind]), Counter(reference[kind])
            if one or other:
                triple = naive.setdefault(kind, [0.0, 0.0, 0.0])
                for place, value in enumerate(((one & other).total(), one.total(), other.total())):
                    triple[place] += value
    assert summed(EntityF1(), pairs) == naive


def test_fields_of_receipts_are_right_in_any_spelling(data_folder: Path) -> None:
    gold = [row["gold"] for row in rows(data_folder / "receipts_sroie" / "items.jsonl.gz")]
    rules: dict[str, FieldRule | Kind] = {
        "company": "string",
        "address": "string",
        "date": FieldRule(kind="date", first="day"),
        "total": "money",
    }
    answers = []
    for each in gold:
        day = read_date(each["date"], "day")
        assert day is not None
        total = re.sub(r"[^0-9.-]", "", each["total"])
        currency = "" if "$" in each["total"] else "MYR "
        answers.append(
            {**each, "date": day.isoformat(), "total": f"{currency}{float(total):.4f}" if total else None}
        )
    pairs = list(zip(answers, gold, strict=True))

    assert f1_of(summed(FieldF1(fields=rules), pairs)) == 1
    as_text = summed(FieldF1(fields=dict.fromkeys(rules, "string")), pairs)
    assert as_text["company"] == [626, 626, 626]
    assert as_text["address"] == [625, 625, 625]
    assert (as_text["date"][0], as_text["total"][0]) == (4, 0)  # four labels are ISO dates themselves


def test_totals_and_dates_of_receipts_are_found_in_their_lines_but_for_one_wrong_label(
    data_folder: Path,
) -> None:
    receipts = list(rows(data_folder / "receipts_sroie" / "items.jsonl.gz"))
    kinds = {"date": FieldRule(kind="date", first="day"), "total": FieldRule(kind="money")}
    lost = [
        (row["id"], name)
        for row in receipts
        for name, rule in kinds.items()
        if row["gold"][name] and not holds(row["text"], row["gold"][name], rule)
    ]
    # the receipt says November, its label January
    assert lost == [("601", "date")]


def test_slots_count_by_span_and_by_covered_characters(data_folder: Path) -> None:
    turns = list(rows(data_folder / "slots_restaurant8k" / "items.jsonl.gz"))
    texts, gold = [row["input"] for row in turns], [row["gold"] for row in turns]
    keys = Keys(label="slot")
    same = [(each, each) for each in gold]
    assert f1_of(summed(EntityF1(keys=keys), same)) == f1_of(summed(SpanF1(keys=keys), same, texts)) == 1
    # every span a character too long
    longer = [([{**slot, "end": slot["end"] + 1} for slot in each], each) for each in gold]
    longer = [
        (answer, each)
        for (answer, each), text in zip(longer, texts, strict=True)
        if all(slot["end"] <= len(text) for slot in answer)
    ]
    kept = [text for text, each in zip(texts, gold, strict=True) if all(s["end"] < len(text) for s in each)]
    slots = sum(len(each) for _, each in longer)
    sizes = sum(slot["end"] - slot["start"] for _, each in longer for slot in each)
    for mode, right in (("exact", 0.0), ("partial", slots / 2), ("type", slots)):
        sums = summed(EntityF1(mode=mode, keys=keys), longer)  # type: ignore[arg-type]
        assert [sum(triple[place] for triple in sums.values()) for place in range(3)] == [right, slots, slots]
    sums = summed(SpanF1(keys=keys), longer, kept)
    assert [sum(t[place] for t in sums.values()) for place in range(3)] == [sizes, sizes + slots, sizes]
