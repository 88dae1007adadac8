"""Answers of a megabyte that are made to take long."""

import json
from typing import Any

import pytest

from passmuster.metrics.extraction.citations import Citations
from passmuster.metrics.extraction.entity_f1 import EntityF1
from passmuster.metrics.extraction.field_f1 import FieldF1
from passmuster.metrics.extraction.rules import FieldRule
from passmuster.metrics.extraction.span_f1 import SpanF1
from passmuster.metrics.metric import Metric
from passmuster.records.case import Case
from passmuster.records.digest import canonical
from passmuster.records.score import Score
from passmuster.records.trial import Reply

LINE = FieldRule(
    kind="nested",
    fields={
        "t": FieldRule(
            kind="string",
            normalise=("case", "space", "punctuation", "accents", "articles"),
            similarity=0.5,
        ),
        "l": FieldRule(kind="list", of=FieldRule(kind="string", similarity=0.5)),
    },
)
LINES: list[dict[str, Any]] = [
    {"t": f"é thing {n}", "l": [f"part {n}-{m}" for m in range(9)]} for n in range(40)
]
TEXT = "1.1 the fee is EUR 5. " * 40_000

CASES: dict[str, tuple[Metric, Any, Any]] = {
    "many different lines": (
        FieldF1(fields={"x": FieldRule(kind="list", of=LINE)}),
        {"x": [{"t": f"á {n}", "l": [str(n)] * 9} for n in range(15_000)]},
        {"x": LINES},
    ),
    "few lines of long texts": (
        FieldF1(fields={"x": FieldRule(kind="list", of=LINE)}),
        {"x": [{"t": "é, " * 9000} for _ in range(30)]},
        {"x": LINES},
    ),
    "a list of lists": (
        FieldF1(fields={"x": "list"}),
        {"x": [[n] for n in range(90_000)]},
        {"x": ["a"] * 900},
    ),
    "a million fields": (FieldF1(), {f"f{n}": n for n in range(60_000)}, {"a": 1}),
    "many overlapping entities": (
        EntityF1(mode="type"),
        [[n, n + 9, "a"] for n in range(50_000)],
        [[n, n + 20, "a"] for n in range(500)],
    ),
    "a few hundred that all overlap": (
        EntityF1(mode="partial"),
        [[n, 9999, "a"] for n in range(300)],
        [[n, 8888, "a"] for n in range(300)],
    ),
    "as many labels as entities": (EntityF1(), {f"l{n}": ["x"] for n in range(60_000)}, {"a": ["x"]}),
    "texts that are nowhere": (SpanF1(), [f"no{n}" for n in range(60_000)], ["fee"]),
    "spans of everything": (SpanF1(unit="token"), [[n, 800_000] for n in range(4000)], [[0, 3]]),
    "citations of everything": (
        Citations(field="c", items="$[*]", cites="span", claims={"v": "money"}),
        [{"c": [n, 800_000], "v": n} for n in range(400)],
        None,
    ),
    "one claim of everything": (
        Citations(field="c", items="$[*]", cites="span", claims={"v": "string"}),
        [{"c": [n, 800_000], "v": "e " * 1000} for n in range(20)],
        None,
    ),
    "a long quotation": (Citations(field="c", cites="quote"), {"c": "1.1 " * 200_000}, {"c": "fee"}),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", CASES)
def test_it_is_scored_soon_and_little_of_it_is_kept(name: str) -> None:
    metric, answer, reference = CASES[name]

    outcome = metric.score(Case(id="1", input=TEXT, reference=reference), Reply(text=json.dumps(answer)))

    assert isinstance(outcome, Score)
    assert 0 <= outcome.value <= 1
    assert len(canonical(outcome.details)) < 60_000
