"""From a spec to a metric."""

import datetime as dt
from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract
from passmuster.metrics.metric import Metric
from passmuster.metrics.registry import METRICS, build_metric, metric_names
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.records.task import MetricSpec

NEEDED: dict[str, dict[str, Any]] = {
    "json_schema": {"schema": {}},
    "citation_exists": {"field": "clause"},
    "regex": {"pattern": "a"},
    "forbidden_tools": {"tools": ["delete"]},
    "table": {"form": "csv"},
    "citations": {"field": "clause"},
    "semantic_similarity": {"asks": "embedder"},
    **{kind: {"asks": "checker"} for kind in ("claims", "judge", "pairwise")},
    "command_tests": {"file": "answer.sh", "command": ["sh", "answer.sh"]},
    "sql_result": {"database": "{name}.sqlite"},
    "factual_precision": {
        "labels": [{"case": "1", "reply": "x", "claims": [{"text": "x", "supported": False, "kind": "k"}]}]
    },
}


def error(kind: str, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        build_metric(MetricSpec(name="mine", kind=kind, options=options))
    return str(caught.value)


@pytest.mark.parametrize("kind", metric_names())
def test_every_built_in_is_a_metric_under_the_name_that_it_is_given(kind: str) -> None:
    metric = build_metric(MetricSpec(name="mine", kind=kind, options=NEEDED.get(kind, {})))
    assert isinstance(metric, Metric)
    assert metric.name == "mine"
    assert metric.version >= 1


def test_accuracy_is_exact_match() -> None:
    assert METRICS["accuracy"] is METRICS["exact_match"]


def test_options_reach_the_metric() -> None:
    options = {"normalise": ["case", "space"], "extract": {"regex": "(.)", "which": "last"}}
    metric = build_metric(MetricSpec(name="acc", kind="accuracy", options=options))
    expected = ExactMatch(name="acc", normalise=("case", "space"), extract=Extract(regex="(.)", which="last"))
    assert metric == expected


def test_a_slip_is_answered_with_the_closest_valid_name() -> None:
    assert "did you mean 'f1_per_class'?" in error("f1_perclass")
    assert "did you mean 'normalise'?" in error("exact_match", normalize=["case"])


@pytest.mark.parametrize(
    ("kind", "options", "text"),
    [
        ("exact_match", {"normalise": ["cased"]}, "normalise.0"),
        ("exact_match", {"normalise": "case"}, "'normalise'"),
        ("exact_match", {"name": "other"}, "no option 'name'"),
        ("exact_match", {"extract": {"regexp": "a"}}, "regex or json_path"),
        ("exact_match", {"extract": {}}, "regex or json_path"),
        ("exact_match", {"extract": {"regex": "a", "json_path": "$"}}, "either regex or json_path"),
        ("exact_match", {"extract": {"regex": "(?=a)"}}, "no look-around"),
        ("exact_match", {"extract": {"regex": "(a)\\1"}}, "no back-references"),
        ("exact_match", {"extract": {"regex": "\ud800"}}, "Unicode"),
        ("exact_match", {"extract": {"json_path": "answer"}}, "starts with $"),
        ("exact_match", {"extract": {"json_path": "$["}}, "no JSON path"),
        ("exact_match", {"extract": {"json_path": "$[?match(@.a, '(a+)+')]"}}, "filter"),
        ("exact_match", {"extract": {"json_path": "$..a..b"}}, "more than once"),
        ("json_schema", {}, "needs the option 'schema'"),
        ("json_schema", {"schema": {"type": 3}}, "JSON Schema is wrong"),
        ("json_schema", {"schema": {}, "fenced": "yes"}, "'fenced'"),
        ("json_schema", {"schema": {}, "_validator": 1}, "no option '_validator'"),
        ("fields", {"fields": [1]}, "fields.0"),
        ("fields", {"fields": [dt.date(2026, 1, 1)]}, "quote dates"),
        ("fields", {"normalise": {"a": ["cased"]}}, "normalise"),
        ("citation_exists", {"field": "c", "pattern": "("}, "not supported"),
    ],
)
def test_a_wrong_option_is_named(kind: str, options: dict[str, Any], text: str) -> None:
    message = error(kind, **options)
    assert text in message
    assert kind in message or "metric mine" in message
