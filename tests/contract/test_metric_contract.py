"""One conformance suite for metrics, run on every built-in one and on a user's function."""

from typing import Any

import pytest

from passmuster.metrics.function import function_metric
from passmuster.metrics.registry import METRICS, build_metric
from passmuster.records.task import MetricSpec
from passmuster.testing import check_metric

OPTIONS: dict[str, dict[str, Any]] = {
    "command_tests": {"file": "answer.sh", "command": ["sh", "answer.sh"]},
    "sql_result": {"database": "{name}.sqlite"},
    "forbidden_tools": {"tools": ["delete"]},
    "regex": {"pattern": "(a+)+$"},
    "json_schema": {"schema": {"type": "object", "properties": {"date": {"pattern": "^[0-9-]+$"}}}},
    "citation_exists": {"field": "clause"},
    "citations": {"field": "clause", "claims": {"amount": "money"}},
    "claims": {"asks": "checker"},
    "semantic_similarity": {"asks": "embedder"},
    "pairwise": {"asks": ["small", "large"], "against": "reference"},
    "judge": {"asks": ["small", "large"], "rubric": "helpfulness"},
    "xml": {"required": ["answer", "report/title"]},
    "instructions": {
        "length": {"words": {"at_most": 9}},
        "casing": "lower",
        "excludes": ["fee"],
        "language": "en",
    },
    "table": {"form": "markdown", "columns": ["name"]},
    "factual_precision": {
        "labels": [{"case": "1", "reply": "x", "claims": [{"text": "x", "supported": False, "kind": "k"}]}]
    },
}


@pytest.mark.parametrize("kind", METRICS)
def test_every_built_in_metric_keeps_the_promises(kind: str) -> None:
    check_metric(build_metric(MetricSpec(name=kind, kind=kind, options=OPTIONS.get(kind, {}))))


def test_a_users_function_that_raises_keeps_them_too() -> None:
    check_metric(function_metric("fragile", lambda _, reply: 1 / len(reply.text)))
