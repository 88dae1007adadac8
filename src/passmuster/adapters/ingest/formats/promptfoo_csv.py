"""Rows of promptfoo's CSV tests, as the tests that they stand for."""

import re
from collections.abc import Mapping

from passmuster.adapters.ingest.formats.fields import decoded
from passmuster.records.record import Json

_EXPECTED = re.compile(r"__expected(\d*)$")
_CONFIG = re.compile(r"__config:__expected(\d*):(\w+)$")
_ASSERTION = re.compile(
    r"\s*((?:not-)?[a-z][a-z0-9-]*(?::[a-z]+)?)\s*(?:\(([\d.]+)\))?\s*:\s*(.*)$", re.DOTALL
)
_PLAIN = re.compile(
    r"\s*((?:not-)?(?:is-json|contains-json|is-refusal|is-valid-openai-tools-call|is-sql))\s*$"
)
_METADATA = "__metadata:"
_RUN = frozenset({"__prefix", "__suffix", "__metric", "__threshold", "__metadata", "__provider"})
"""Columns that say how a test is run."""
_TYPES = frozenset(
    {"equals", "contains", "icontains", "contains-any", "contains-all", "icontains-any", "icontains-all"}
    | {
        "regex",
        "starts-with",
        "similar",
        "llm-rubric",
        "grade",
        "factuality",
        "javascript",
        "fn",
        "eval",
        "python",
    }
    | {
        "levenshtein",
        "rouge-n",
        "bleu",
        "gleu",
        "meteor",
        "latency",
        "cost",
        "is-json",
        "contains-json",
        "webhook",
    }
    | {"perplexity", "perplexity-score", "answer-relevance", "context-recall", "context-relevance", "g-eval"}
    | {
        "context-faithfulness",
        "classifier",
        "moderation",
        "model-graded-closedqa",
        "select-best",
        "file",
        "search-rubric",
    }
    | {
        "is-sql",
        "contains-sql",
        "is-xml",
        "contains-xml",
        "is-html",
        "contains-html",
        "is-refusal",
        "guardrails",
    }
    | {
        "similar:cosine",
        "similar:dot",
        "similar:euclidean",
        "word-count",
        "finish-reason",
        "pi",
        "trace-span-count",
    }
)
"""What may stand before the colon of an expectation; anything else is a text that has a colon in it."""
_NAMES = {"fn": "javascript", "eval": "javascript", "grade": "llm-rubric"}
_LISTS = frozenset({"contains-any", "contains-all", "icontains-any", "icontains-all"})


def is_row(value: Mapping[str, Json]) -> bool:
    """Return whether a value is a row of a CSV file of tests: it says in a column of its own what is expected."""
    return any(_EXPECTED.match(name) for name in value)


def row_test(row: Mapping[str, Json]) -> dict[str, Json]:
    """Return a row as the test that it stands for.

    Example:
        >>> row_test({"town": "Ulm", "__expected": "similar(0.8): a town", "__metadata:kind": "geo"})["assert"]
        [{'type': 'similar', 'value': 'a town', 'threshold': 0.8}]
    """
    asserts: dict[str, dict[str, Json]] = {}
    metadata: dict[str, Json] = {}
    told = {name: value for name, value in row.items() if value not in (None, "")}
    for name, value in told.items():
        expected = _EXPECTED.match(name)
        if expected:
            asserts[expected[1]] = assertion(str(value))
        elif name.startswith(_METADATA):
            _add_metadata(metadata, name.removeprefix(_METADATA), value)
    for name, value in told.items():
        config = _CONFIG.match(name)
        if config and config[1] in asserts:
            asserts[config[1]][config[2]] = value
    test: dict[str, Json] = {name: value for name, value in told.items() if name in _RUN}
    return {
        **test,
        "vars": {name: decoded(value) for name, value in row.items() if not name.startswith("__")},
        "metadata": metadata,
        "description": told.get("__description"),
        "assert": [asserts[number] for number in sorted(asserts, key=lambda number: int(number or 0))],
    }


def _add_metadata(metadata: dict[str, Json], name: str, value: Json) -> None:
    if name.endswith("[]") and isinstance(value, str):
        members = re.split(r"(?<!\\),", value)
        metadata[name.removesuffix("[]")] = [member.replace("\\,", ",").strip() for member in members]
    else:
        metadata[name] = value


def assertion(text: str) -> dict[str, Json]:
    """Return what a cell expects; one that does not begin with a known kind is the right answer itself.

    Example:
        >>> assertion("Paris"), assertion("contains-any: a, b"), assertion("Note: done")["type"]
        ({'type': 'equals', 'value': 'Paris'}, {'type': 'contains-any', 'value': ['a', 'b']}, 'equals')
    """
    plain = _PLAIN.match(text)
    if plain:
        return {"type": plain[1]}
    found = _ASSERTION.match(text)
    if found is None or found[1].removeprefix("not-") not in _TYPES:
        return {"type": "equals", "value": text.strip()}
    kind = _NAMES.get(found[1], found[1])
    value: Json = found[3].strip()
    if kind.removeprefix("not-") in _LISTS:
        value = [member.strip() for member in found[3].split(",")]
    made: dict[str, Json] = {"type": kind, "value": value}
    if found[2]:
        made["threshold"] = float(found[2])
    return made
