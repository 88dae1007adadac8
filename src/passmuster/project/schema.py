"""The JSON Schema of the project file, generated from the settings, with the short forms that people write."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from passmuster.adapters.providers.baselines.opening import OPTIONS
from passmuster.metrics.registry import metric_names
from passmuster.project.entries import CANDIDATE_CLASSES
from passmuster.project.settings import ProjectSettings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "passmuster project file"

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_FUNCTION: Schema = {"type": "string", "pattern": r"\.py:[A-Za-z_]\w*$", "description": "path.py:name"}
_CLASS: Schema = {"type": "string", "pattern": r"^[A-Z]\w*$", "description": "a class in the folder metrics/"}
"""A bare name in lower case may be a slip in that of a built-in metric; `{metric: name}` takes any."""


def project_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of passmuster.yaml.

    Quantities are text or numbers there; that `1.5 s` is a time is checked when the file is read.

    Example:
        >>> sorted(project_schema()["required"])
        ['candidates', 'corpus', 'metrics', 'task']
    """
    schema: Schema = TypeAdapter(ProjectSettings).json_schema()
    definitions: dict[str, Schema] = schema["$defs"]
    properties: dict[str, Schema] = schema["properties"]
    _short(definitions["PromptSettings"]["properties"], "few_shot", {"type": "integer"})
    definitions["PromptSettings"] = _or(definitions["PromptSettings"], {**_TEXT, "description": "a file"})
    for prompt in ("prompt", "prompts"):
        properties[prompt] = _one_or_many(properties[prompt], "#/$defs/PromptSettings")
    costs = definitions["CostSettings"]["properties"]
    costs["review"] = _one_or_many(costs["review"], "#/$defs/ReviewSettings")
    _short(properties, "corpus", _TEXT)
    _short(properties, "success", _TEXT)
    _short(properties, "stakes", {"enum": ["high", "usual"]})
    _short(properties, "worth", {"type": ["number", "string"]})
    definitions["WeightSettings"] = _or(definitions["WeightSettings"], {"type": "number"})
    _metrics(definitions, properties)
    _after_the_choice(definitions, properties)
    properties["bars"]["additionalProperties"] = _one_or_many({}, "#/$defs/BarSettings")
    _declared(definitions)
    _candidates(definitions)
    _nullable(properties, schema["required"])
    schema |= {"$schema": DIALECT, "title": TITLE}
    return schema


def _after_the_choice(definitions: dict[str, Schema], properties: dict[str, Schema]) -> None:
    """Allow what stands alone where a list may stand, and a signal or a table by its bare name."""
    texts: Schema = {"type": "array", "items": _TEXT}
    gate = definitions["GateSettings"]["properties"]
    for name in ("edge", "slices"):
        _short(gate, name, gate[name]["items"])
    kinds = definitions["SignalSettings"]["properties"]["kind"]["enum"]
    signals = definitions["EscalationSettings"]["properties"]["signals"]
    signals["additionalProperties"] = _or(signals["additionalProperties"], {"enum": [*kinds, None]})
    _short(
        definitions["EscalationSettings"]["properties"],
        "signals",
        {"type": "array", "items": {"enum": kinds}},
    )
    _short(definitions["RoutingSettings"]["properties"], "cascades", texts)
    tables = definitions["LeaderboardSettings"]["properties"]
    _short(tables, "tables", _TEXT)
    tables["names"]["additionalProperties"] = {"anyOf": [{"type": ["string", "null"]}, texts]}
    _short(properties, "leaderboards", {"anyOf": [_TEXT, texts]})


def _or(schema: Schema, *others: Schema) -> Schema:
    return {"anyOf": [*others, schema]}


def _short(properties: dict[str, Schema], name: str, form: Schema) -> None:
    found = properties[name]
    kept = _annotations(found)
    properties[name] = {**kept, **_or(found, form)}


def _annotations(schema: Schema) -> Schema:
    """Take what is said about a value, not what it may be, out of a schema."""
    return {key: schema.pop(key) for key in ("default", "description") if key in schema}


def _one_or_many(schema: Schema, reference: str) -> Schema:
    kept = {key: schema[key] for key in ("description",) if key in schema}
    one = {"$ref": reference}
    return {**kept, "anyOf": [one, {"type": "array", "items": one}]}


def _metrics(definitions: dict[str, Schema], properties: dict[str, Schema]) -> None:
    full = definitions["MetricSettings"]
    full["properties"].pop("options")
    full["additionalProperties"] = True
    full["required"] = []
    full["anyOf"] = [{"required": ["name"]}, {"required": ["metric"]}]
    names = list(metric_names())
    options: Schema = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"anyOf": [{"enum": names}, _FUNCTION, _CLASS]},
        "additionalProperties": {"type": ["object", "null"]},
        "description": "a metric with its options",
    }
    definitions["MetricSettings"] = _or(full, {"enum": names}, _FUNCTION, _CLASS, options)
    properties["metrics"] = {"anyOf": [{"enum": names}, _FUNCTION, _CLASS, properties["metrics"]]}


def _declared(definitions: dict[str, Schema]) -> None:
    """Allow a value that stands alone where it may say more, and a list of values that are allowed."""
    alone: Schema = {"type": ["string", "number", "boolean"]}
    many: Schema = {"type": "array", "items": alone}
    definitions["AttributeSettings"]["properties"]["value"] = {
        **_annotations(definitions["AttributeSettings"]["properties"]["value"]),
        "anyOf": [alone, many],
    }
    for name in ("AttributeSettings", "RequirementSettings"):
        definitions[name] = _or(definitions[name], alone, many)


def _candidates(definitions: dict[str, Schema]) -> None:
    for name in {each.__name__ for each in CANDIDATE_CLASSES.values()} & definitions.keys():
        found = definitions[name]["properties"]
        if "prompt" in found:
            found["prompt"] = _one_or_many(found["prompt"], "#/$defs/PromptSettings")
        if "model" in definitions[name]["required"]:
            # Without a name a candidate is called by its model.
            definitions[name]["required"].remove("name")
    command = definitions["CommandSettings"]["properties"]
    command["command"] = {"anyOf": [{"type": "string"}, command["command"]]}
    baseline = definitions["BaselineSettings"]
    baseline["properties"].pop("options")
    known = {name for options in OPTIONS.values() for name in options.__dataclass_fields__}  # type: ignore[attr-defined]  # records are dataclasses
    for name in sorted(known - {"labels"}):
        baseline["properties"].setdefault(name, {"description": "an option of some kinds"})
    prices = definitions["PriceSettings"]
    prices["properties"].pop("book")
    prices["anyOf"] = [{"required": ["input", "output"]}, {"required": ["file"]}]
    definitions["PriceSettings"] = _or(prices, {"enum": ["auto", "unknown"]})


def _nullable(properties: Mapping[str, Schema], required: list[str]) -> None:
    """Allow a key of the top level that stands there without a value: it counts as left out."""
    for name, found in properties.items():
        if name not in required and {"type": "null"} not in found.get("anyOf", []):
            kept = _annotations(found)
            inner = dict(found)
            found.clear()
            found |= {**kept, "anyOf": [inner, {"type": "null"}]}
