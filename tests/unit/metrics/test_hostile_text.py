"""No reply makes a metric raise or hang."""

import json
from collections.abc import Iterator

import pytest

from passmuster.metrics.answers import Extract, normalise, read_answer
from passmuster.metrics.extraction.citation_exists import CitationExists
from passmuster.metrics.extraction.fields import Fields
from passmuster.metrics.json_text import DEPTH, find_json, parse_json
from passmuster.metrics.labels.f1_per_class import F1PerClass
from passmuster.metrics.metric import Metric
from passmuster.metrics.patterns import find_all
from passmuster.metrics.structure.function_call import FunctionCall
from passmuster.metrics.structure.json_schema import JsonSchema
from passmuster.metrics.structure.table import TableColumns
from passmuster.metrics.structure.xml_tags import XmlTags
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

MILLION = 1_000_000

REPLIES = {
    "empty": "",
    "a megabyte of one letter": "a" * MILLION,
    "a megabyte on many lines": "a 1.1\n" * (MILLION // 6),
    "a megabyte of marks": "a" + "\u0315\u0300\u05ae" * (MILLION // 3),
    "a lone surrogate": "\ud800 4.1",
    "a lone surrogate in JSON": '{"a": "\\ud800"}',
    "right to left": "\u202e\u05d0\u05d1\u05d2 4.1\u202c",
    "control characters": "\x00\x1b[2J\x07",
    "NaN": "NaN",
    "a number beyond a double": '{"a": 1e999}',
    "a number of 5,000 digits": "1" * 5000,
    "arrays 10,000 deep": "[" * 10_000 + "]" * 10_000,
    "objects 10,000 deep": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "objects 500 deep": '{"a":' * 500 + "1" + "}" * 500,
    "objects 90 deep": '{"a":' * 90 + "1" + "}" * 90,
    "half a megabyte of fields": json.dumps({f"f{n}": n for n in range(40_000)}),
    "half a megabyte of citations": json.dumps({"a": [str(n) for n in range(60_000)]}),
    "fences": "```" * (MILLION // 3),
    "a fence that does not end": "```json\n{" + "a" * MILLION,
    "a quarter of a megabyte of quotes in JSON": '{"a": "' + 'he said "x" and ' * (MILLION // 64) + '"}',
    "a quarter of a megabyte of quotes alone": '{"a": ' + '"' * (MILLION // 4),
    "a megabyte of loose brackets": "[}" * (MILLION // 2),
    "a megabyte of elements": "<a>x</a>" * (MILLION // 8),
    "elements 10,000 deep": "<a>" * 10_000 + "</a>" * 10_000,
    "a megabyte of bars": "a|b\n-|-\n" + "|" * MILLION,
    "a megabyte of dashes": "a|b\n" + "-|" * (MILLION // 2),
    "calls": json.dumps([{"name": "a", "arguments": {"x": 1}}] * 5000),
}


def metrics() -> Iterator[Metric]:
    steps = ("case", "space", "punctuation", "accents", "articles")
    extracts = [
        None,
        Extract(regex="(a+)+$", which="last"),
        Extract(regex="(?s)(a).*b|(a)", which="last"),
        Extract(json_path="$..a", which="last"),
    ]
    for extract in extracts:
        yield ExactMatch(extract=extract, normalise=steps)  # type: ignore[arg-type]  # a list of literals
        yield F1PerClass(extract=extract)
    yield JsonSchema(schema={"properties": {"a": {"pattern": "^(a+)+$"}}, "type": "object"})
    yield JsonSchema(schema={"items": {"$ref": "#"}, "additionalProperties": {"$ref": "#"}}, fenced=True)
    yield JsonSchema(schema={"type": "object"}, repaired=True)
    yield XmlTags(required=("a", "a/b"), fenced=True)
    yield XmlTags(required=("a",), among_words=True)
    yield TableColumns(form="csv", columns=("a",), fenced=True)
    yield TableColumns(form="markdown", columns=("a",), among_words=True)
    yield FunctionCall(repaired=True, any_order=True)
    yield Fields(normalise=steps)  # type: ignore[arg-type]  # a list of literals
    yield CitationExists(field="a")
    yield CitationExists(field="$..a", pattern=r"(?m)^([0-9.]+)\s")
    yield CitationExists(cited=r"([0-9]+\.[0-9]+|a)")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("reply", REPLIES.values(), ids=list(REPLIES))
def test_any_reply_is_scored(reply: str) -> None:
    case = Case(id="1", input="1.1 a\n4.1 b\n" * 1000, reference={"a": "x"})
    plain = Case(id="1", input="1.1 a", reference="x")
    calls = Case(id="1", input="call", reference=[{"name": "a", "arguments": {"x": n}} for n in range(50)])
    for metric in metrics():
        for served in (case, plain, calls):
            outcome = metric.score(served, Reply(text=reply))
            if isinstance(outcome, Score):
                assert 0 <= outcome.value <= 1
                assert len(json.dumps([outcome.answer, outcome.details], default=dict)) < 20_000
            else:
                assert isinstance(outcome, ScoreFailure)


@pytest.mark.timeout(20)
def test_a_pattern_that_is_quadratic_over_all_its_matches_is_stopped() -> None:
    *_, last = find_all("(a).*b|(a)", "a" * MILLION)
    assert isinstance(last, Unreadable)
    assert isinstance(read_answer("a" * MILLION, Extract(regex="a.*b|a", which="last")), Unreadable)


@pytest.mark.timeout(10)
def test_a_long_run_of_marks_is_normalised_in_linear_time() -> None:
    assert normalise("a" + "\u0315\u0300\u05ae" * 300_000, ("accents",)) == "a"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * (DEPTH + 1) + "]" * (DEPTH + 1), "deeper"),
        ("[" * 100_000, "deeper"),
        ("NaN", "NaN"),
        ("-Infinity", "Infinity"),
        ("1e999", "double"),
        ("1" * 5000, "digits"),
        ('"\\ud800"', "surrogate"),
        ('{"\\udfff": 1}', "surrogate"),
        ("\ufeff{}", "character 0"),
        ("{} {}", "character 2"),
        ("", "character 0"),
        ("{'a': 1}", "character 1"),
    ],
)
def test_what_is_no_json_says_why(text: str, reason: str) -> None:
    found = parse_json(text)
    assert isinstance(found, Unreadable)
    assert reason in found.reason


def test_json_as_deep_as_allowed_is_read() -> None:
    assert not isinstance(parse_json("[" * DEPTH + "]" * DEPTH), Unreadable)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (' {"a": 1}\n', {"a": 1}),
        ('```{"a": 1}```', {"a": 1}),
        ("```json\r\n[1]\r\n``` and so on", [1]),
        ('Use `x`.\n```\n"a ``` b"\n```', "a ``` b"),
        ('```\n[1]\n```\n```json\n{"a": 1}\n```', {"a": 1}),
        ('```\n[1]\n```\n```\n{"a": 1}\n```', [1]),
    ],
)
def test_json_is_found_alone_and_in_a_fence(text: str, value: object) -> None:
    assert find_json(text) == value


@pytest.mark.parametrize(
    "text", ["```json\n[1]", "```json\n[1] [2]\n```", "```json\n```", "[1] is it", "``````"]
)
def test_json_that_is_not_alone_in_its_fence_is_not_found(text: str) -> None:
    assert isinstance(find_json(text), Unreadable)
