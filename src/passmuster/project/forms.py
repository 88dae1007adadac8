"""Short forms of the project file, expanded to the full form that `settings` describes.

Keys are only wrapped, never renamed or reordered, so the place of every value stays known.
"""

from collections.abc import Callable, Mapping

from passmuster.project.yaml import Data

_BASELINE_KEYS = {
    "name",
    "provider",
    "kind",
    "simulated",
    "concurrency",
    "infrastructure",
    "attributes",
    "upkeep",
    "expected",
}


def expand(data: dict[str, Data]) -> dict[str, Data]:
    """Return the project's data in its full form; what is no short form is left for validation to judge.

    Example:
        >>> expand({"corpus": "cases.jsonl", "metrics": ["exact_match"]})["corpus"]
        {'path': 'cases.jsonl'}
    """
    expanded = {key: _FORMS[key](value) if key in _FORMS else value for key, value in data.items()}
    return {key: value for key, value in expanded.items() if value is not None}


def _wrapped(key: str, types: tuple[type, ...]) -> Callable[[Data], Data]:
    return lambda value: {key: value} if isinstance(value, types) else value


def _metrics(value: Data) -> Data:
    listed = [value] if isinstance(value, str) else value
    return [_metric(item) for item in listed] if isinstance(listed, list) else listed


def _candidates(value: Data) -> Data:
    return [_candidate(item) for item in value] if isinstance(value, list) else value


def _cost(value: Data) -> Data:
    if isinstance(value, dict) and isinstance(value.get("review"), dict):
        return {key: [item] if key == "review" else item for key, item in value.items()}
    return value


def _prompts(value: Data) -> Data:
    listed = value if isinstance(value, list) else [value]
    return [_prompt(item) for item in listed]


def _prompt(value: Data) -> Data:
    if isinstance(value, str):
        return {"file": value}
    if isinstance(value, dict) and isinstance(value.get("few_shot"), int | list):
        shown = value["few_shot"]
        return {**value, "few_shot": {"cases": shown} if isinstance(shown, list) else {"k": shown}}
    return value


def _metric(value: Data) -> Data:
    if isinstance(value, str):
        return {"name": value.rpartition(":")[2] if ".py:" in value else value, "metric": value}
    if not isinstance(value, dict):
        return value
    if not {"name", "metric"} & value.keys():
        if len(value) != 1:
            return value
        (name, options), *_ = value.items()
        return {"name": name, "metric": name, **_with_role({} if options is None else options)}
    kind = value.get("metric", value.get("name"))
    options = {key: item for key, item in value.items() if key not in {"name", "metric"}}
    return {"name": value.get("name", kind), "metric": kind, **_with_role(options)}


def _with_role(options: Data) -> dict[str, Data]:
    """Part what a metric is for from its options."""
    if not isinstance(options, dict) or "role" not in options:
        return {"options": options}
    return {"role": options["role"], "options": {key: item for key, item in options.items() if key != "role"}}


def _bars(value: Data) -> Data:
    if not isinstance(value, dict):
        return value
    return {name: bar if isinstance(bar, list) else [bar] for name, bar in value.items()}


def _candidate(value: Data) -> Data:
    if not isinstance(value, dict):
        return value
    full = dict(value)
    if "name" not in full and isinstance(full.get("model"), str):
        full["name"] = full["model"]
    if isinstance(full.get("command"), str):
        full["command"] = [full["command"]]
    if isinstance(full.get("attributes"), dict):
        full["attributes"] = _attributes(full["attributes"])
    if "prompt" in full:
        full["prompt"] = _prompts(full["prompt"])
    if isinstance(full.get("prices"), str):
        full["prices"] = {"book": full["prices"]}
    if full.get("provider") == "baseline" and full.get("kind") != "manual":
        options: dict[str, Data] = {key: item for key, item in full.items() if key not in _BASELINE_KEYS}
        return {**{key: item for key, item in full.items() if key in _BASELINE_KEYS}, "options": options}
    return full


def _attributes(value: Data) -> Data:
    if not isinstance(value, dict):
        return value
    return {key: item if isinstance(item, dict) else {"value": item} for key, item in value.items()}


def _requires(value: Data) -> Data:
    if not isinstance(value, dict):
        return value
    return {key: _requirement(item) for key, item in value.items()}


def _requirement(value: Data) -> Data:
    if isinstance(value, dict) or value is None:
        return value
    return {"one_of": value if isinstance(value, list) else [value]}


def _weights(value: Data) -> Data:
    if not isinstance(value, dict):
        return value
    return {key: item if isinstance(item, dict) else {"weight": item} for key, item in value.items()}


def _gate(value: Data) -> Data:
    if not isinstance(value, dict):
        return value
    return {
        key: [item] if key in {"edge", "slices"} and isinstance(item, str) else item
        for key, item in value.items()
    }


def _escalation(value: Data) -> Data:
    if not isinstance(value, dict):
        return value
    return {key: _signals(item) if key == "signals" else item for key, item in value.items()}


def _routing(value: Data) -> Data:
    if not isinstance(value, dict):
        return value
    return {key: _cascades(item) if key == "cascades" else item for key, item in value.items()}


def _cascades(value: Data) -> Data:
    one = isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
    return [value] if one else value


def _signals(value: Data) -> Data:
    if isinstance(value, list):
        value = {item if isinstance(item, str) else str(place): item for place, item in enumerate(value)}
    if not isinstance(value, dict):
        return value
    return {
        key: {"kind": item or key} if item is None or isinstance(item, str) else item
        for key, item in value.items()
    }


def _leaderboards(value: Data) -> Data:
    if isinstance(value, str | list):
        return {"tables": _tables(value)}
    if not isinstance(value, dict):
        return value
    return {key: _LISTED[key](item) if key in _LISTED else item for key, item in value.items()}


def _tables(value: Data) -> Data:
    return [value] if isinstance(value, str) else value


def _names_in_tables(value: Data) -> Data:
    """Name each candidate with a list; one that is in no table has an empty one."""
    if not isinstance(value, dict):
        return value
    return {
        key: item if isinstance(item, list) else [] if item is None else [item] for key, item in value.items()
    }


_LISTED: Mapping[str, Callable[[Data], Data]] = {"tables": _tables, "names": _names_in_tables}

_FORMS: Mapping[str, Callable[[Data], Data]] = {
    "corpus": _wrapped("path", (str,)),
    "cost": _cost,
    "prompt": _prompts,
    "prompts": _prompts,
    "metrics": _metrics,
    "bars": _bars,
    "success": _wrapped("metric", (str,)),
    "stakes": _wrapped("level", (str,)),
    "requires": _requires,
    "weights": _weights,
    "worth": _wrapped("margin", (str, int, float)),
    "gate": _gate,
    "escalation": _escalation,
    "routing": _routing,
    "leaderboards": _leaderboards,
    "candidates": _candidates,
    "scorers": _candidates,
}
