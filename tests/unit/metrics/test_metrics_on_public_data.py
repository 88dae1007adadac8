"""Metrics on public data with known answers."""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.registry import build_metric
from passmuster.metrics.structure.json_schema import JsonSchema
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

pytestmark = pytest.mark.data

PAGE = Path(__file__).parents[3] / "docs" / "metrics" / "structure.md"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from map(json.loads, content.splitlines())


@pytest.mark.parametrize("kind", ["accuracy", "f1_per_class"])
def test_the_default_gives_the_published_accuracy_of_all_14_models(data_folder: Path, kind: str) -> None:
    folder = data_folder / "replay_complaints"
    cases = {
        r["id"]: Case(id=r["id"], input=r["input"], reference=r["gold"]) for r in rows(folder / "items.jsonl")
    }
    metric = build_metric(MetricSpec(name=kind, kind=kind))
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for row in rows(folder / "outputs.jsonl.gz"):
        outcome = metric.score(cases[row["id"]], Reply(text=row["output"]))
        assert isinstance(outcome, Score)
        right[row["candidate"]] += int(outcome.value)
        asked[row["candidate"]] += 1
    with (folder / "published_scores.csv").open() as lines:
        published = {row["Model"].replace("_", "-"): float(row["Accuracy"]) for row in csv.DictReader(lines)}
    assert len(published) == 14
    assert {name: right[name] / asked[name] for name in asked} == published


def _schema(row: dict[str, Any]) -> Any:
    """Return the schema with its draft: the suite's schemas of draft 7 do not name it."""
    if row["draft"] == "draft7" and isinstance(row["schema"], dict):
        return {"$schema": DRAFT_7, **row["schema"]}
    return row["schema"]


def test_json_schema_agrees_with_the_official_suite_but_for_the_cases_that_the_page_lists(
    data_folder: Path,
) -> None:
    listed = re.findall(
        r"^- (draft\S+), (\w+): (.*) \((\d)\)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    others, agreed = Counter[tuple[str, ...]](), 0
    for row in rows(data_folder / "format_json_schema_suite" / "cases.jsonl.gz"):
        formats = True if row["file"].startswith("optional/format") else None
        outcome: object = None
        with suppress(ConfigurationError):
            metric = JsonSchema(schema=_schema(row), formats=formats)
            outcome = metric.score(Case(id="1", input=""), Reply(text=json.dumps(row["data"])))
        if isinstance(outcome, Score) and bool(outcome.value) == row["valid"]:
            agreed += 1
        else:
            others[(row["draft"], row["file"], row["group"])] += 1
    assert others == {(draft, file, group): int(count) for draft, file, group, count in listed}
    assert sum(others.values()) <= 68
    assert agreed == 3666 - 68


def test_three_readings_tell_fidelity_from_correctness(data_folder: Path) -> None:
    needed = {"type": "object", "required": ["reasoning", "answer"]}
    metric = JsonSchema(schema=needed)
    sums, asked = Counter[str](), 0
    for row in rows(data_folder / "replay_gsm" / "outputs.jsonl.gz"):
        if row["candidate"] != "claude-3-haiku-20240307":
            continue
        outcome = metric.score(Case(id="1", input=""), Reply(text=row["output"]))
        assert isinstance(outcome, Score)
        parts = outcome.details["parts"]
        assert isinstance(parts, dict)
        sums.update(parts)
        asked += 1
    shares = {name: round(100 * total / asked, 1) for name, total in sums.items()}
    assert (asked, shares) == (1319, {"strict": 0.0, "fenced": 6.8, "repaired": 100.0})
