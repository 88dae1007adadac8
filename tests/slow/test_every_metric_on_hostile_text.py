"""Every built-in metric on every hostile reply: a score within its bounds or a failure, soon, small and the same again."""

import json
import math

import pytest
from tests.contract.test_metric_contract import OPTIONS
from tests.unit.metrics.test_hostile_text import REPLIES

from passmuster.metrics.registry import METRICS, build_metric
from passmuster.records.case import Case, KeyPoint
from passmuster.records.digest import canonical
from passmuster.records.record import Json
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

pytestmark = pytest.mark.slow

KEPT = 60_000
"""Bytes of JSON that a score may keep of a reply of a megabyte."""

REFERENCES: dict[str, Json] = {
    "a text": "a 4.1",
    "an object": {"a": "x", "when": "2026-01-02", "lines": [{"sku": "a", "n": 1}]},
    "entities": [{"text": "a", "type": "person"}, {"text": "b", "type": "place"}],
    "a long text": "a b c " * 20_000,
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", METRICS)
def test_a_metric_stands_any_reply(kind: str) -> None:
    metric = build_metric(MetricSpec(name=kind, kind=kind, options=OPTIONS.get(kind, {})))
    low, high = metric.bounds
    for what, reference in REFERENCES.items():
        case = Case(
            id="1",
            input="1.1 a\n4.1 b\n" * 1000,
            reference=reference,
            category="adversarial",
            key_points=(KeyPoint(text="a b"),),
        )
        for name, text in REPLIES.items():
            outcome = metric.score(case, Reply(text=text))
            if isinstance(outcome, ScoreFailure):
                assert outcome.kind, (name, what)
                assert outcome.message, (name, what)
                assert len(outcome.message) < KEPT, (name, what)
                continue
            assert isinstance(outcome, Score)
            assert math.isfinite(outcome.value), (name, what)
            assert low <= outcome.value <= high, (name, what, outcome.value)
            assert not metric.binary or outcome.value in (0, 1), (name, what, outcome.value)
            kept = canonical({"answer": outcome.answer, "details": outcome.details})
            assert len(kept) < KEPT, (name, what, len(kept))
            json.loads(kept)
            assert kept.decode("utf-8")


@pytest.mark.parametrize("kind", METRICS)
def test_a_metric_says_the_same_again_when_it_is_made_anew(kind: str) -> None:
    for what, reference in REFERENCES.items():
        case = Case(id="1", input="1.1 a", reference=reference, key_points=(KeyPoint(text="a b"),))
        for text in (
            "a 4.1",
            '{"a": "x", "when": "02.01.2026"}',
            "",
            "I cannot help with that.",
            "a b c " * 30,
        ):
            made = [
                build_metric(MetricSpec(name=kind, kind=kind, options=OPTIONS.get(kind, {})))
                for _ in range(2)
            ]
            first, second = (canonical(metric.score(case, Reply(text=text))) for metric in made)
            assert first == second, (what, text)
