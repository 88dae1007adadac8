"""From a metric's name and options to the metric."""

import difflib
from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import Metric, shown
from passmuster.records.digest import canonical
from passmuster.records.task import MetricSpec

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "exact_match": "text.exact_match:ExactMatch",
        "accuracy": "text.exact_match:ExactMatch",
        "f1_per_class": "labels.f1_per_class:F1PerClass",
        "json_schema": "structure.json_schema:JsonSchema",
        "fields": "extraction.fields:Fields",
        "citation_exists": "extraction.citation_exists:CitationExists",
    }
)
"""The built-in metrics by name, as module of this package and class: each is loaded when it is built.

`accuracy` is another name of `exact_match`.
"""


def metric_names() -> tuple[str, ...]:
    """Return the names of the built-in metrics, in order.

    Example:
        >>> "accuracy" in metric_names()
        True
    """
    return tuple(sorted(METRICS))


def build_metric(spec: MetricSpec) -> Metric:
    """Return the metric that a spec asks for, its options checked.

    Raises:
        ConfigurationError: for an unknown metric, an unknown option or a wrong value.

    Example:
        >>> build_metric(MetricSpec(name="acc", kind="exact_match", options={"normalise": ["case"]})).name
        'acc'
        >>> build_metric(MetricSpec(name="acc", kind="exact_mach"))
        Traceback (most recent call last):
        passmuster.errors.ConfigurationError: there is no metric 'exact_mach'
          did you mean 'exact_match'? metrics: accuracy, citation_exists, exact_match, f1_per_class, fields, json_schema
    """
    if spec.kind not in METRICS:
        hint = _closest(spec.kind, list(metric_names()), "metrics")
        raise ConfigurationError(f"there is no metric {spec.kind!r}", hint=hint)
    options = option_names(spec.kind)
    for option in spec.options:
        if option not in options:
            hint = _closest(option, list(options), "options")
            raise ConfigurationError(f"metric {spec.kind} has no option {option!r}", hint=hint)
    try:
        text = canonical({**spec.options, "name": spec.name}).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"metric {spec.name}: an option is not valid Unicode") from error
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"metric {spec.name}: {error}", hint="quote dates and the like") from error
    adapter: TypeAdapter[Any] = TypeAdapter(_built_in(spec.kind))
    try:
        metric: Metric = adapter.validate_json(text)
    except ValidationError as error:
        raise _wrong_option(spec, error) from error
    except ConfigurationError as error:
        raise ConfigurationError(
            f"metric {spec.name}: {error.message}", place=error.place, hint=error.hint
        ) from error
    return metric


def option_names(kind: str) -> tuple[str, ...]:
    """Return the names of the options of a built-in metric.

    Example:
        >>> option_names("fields")
        ('fields', 'normalise', 'any_order')
    """
    return tuple(field.name for field in fields(_built_in(kind)) if field.init and field.name != "name")


def _built_in(kind: str) -> type[Any]:
    module, name = METRICS[kind].split(":")
    found: type[Any] = getattr(import_module(f"passmuster.metrics.{module}"), name)
    return found


def _wrong_option(spec: MetricSpec, error: ValidationError) -> ConfigurationError:
    first = error.errors(include_url=False)[0]
    option = ".".join(str(step) for step in first["loc"])
    if first["type"] == "missing":
        return ConfigurationError(f"metric {spec.name} needs the option {option!r}")
    if first["type"] == "unexpected_keyword_argument":
        return ConfigurationError(
            f"metric {spec.name} has no option {option!r}", hint=_nested(spec.kind, option)
        )
    message = f"metric {spec.name}, option {option!r}: {first['msg']}, not {shown(repr(first['input']))}"
    return ConfigurationError(message)


def _nested(kind: str, option: str) -> str | None:
    names = [f.name for f in fields(_built_in(kind)) if f.name == option.partition(".")[0]]
    return "extract takes regex or json_path, and which: first or last" if names == ["extract"] else None


def _closest(name: str, valid: list[str], what: str) -> str:
    close = difflib.get_close_matches(name, valid, n=1)
    listed = f"{what}: {', '.join(valid)}"
    return f"did you mean {close[0]!r}? {listed}" if close else listed
