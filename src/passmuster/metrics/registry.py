"""From a metric's name and options to the metric."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from passmuster.errors import ConfigurationError
from passmuster.metrics import building
from passmuster.metrics.building import built, closest_of
from passmuster.metrics.metric import Metric
from passmuster.records.task import MetricSpec

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "instructions": "instructions.instructions:Instructions",
        "checks": "checks:Checks",
        "judge": "judges.judge:RubricJudge",
        "pairwise": "judges.pairwise:Pairwise",
        "exact_match": "text.exact_match:ExactMatch",
        "accuracy": "text.exact_match:ExactMatch",
        "contains": "text.contains:Contains",
        "regex": "text.regex:Regex",
        "numeric": "text.numeric:Numeric",
        "choice": "text.choice:Choice",
        "token_f1": "text.tokens:TokenF1",
        "token_precision": "text.tokens:TokenPrecision",
        "token_recall": "text.tokens:TokenRecall",
        "rouge": "text.rouge:RougeScore",
        "bleu": "text.translation:Bleu",
        "chrf": "text.translation:Chrf",
        "edit_similarity": "text.edit_similarity:EditSimilarity",
        "tool_called": "agents.tools:ToolCalled",
        "forbidden_tools": "agents.tools:ForbiddenTools",
        "tool_order": "agents.tools:ToolOrder",
        "tool_arguments": "agents.tool_arguments:ToolArguments",
        "steps": "agents.steps:Steps",
        "end_state": "agents.end_state:EndState",
        "gave_up": "agents.stopping:GaveUp",
        "escalated": "agents.stopping:Escalated",
        "f1_per_class": "labels.f1_per_class:F1PerClass",
        "json_schema": "structure.json_schema:JsonSchema",
        "xml": "structure.xml_tags:XmlTags",
        "table": "structure.table:TableColumns",
        "function_call": "structure.function_call:FunctionCall",
        "fields": "extraction.fields:Fields",
        "semantic_similarity": "semantic.semantic_similarity:SemanticSimilarity",
        "citation_exists": "extraction.citation_exists:CitationExists",
        "field_f1": "extraction.field_f1:FieldF1",
        "entity_f1": "extraction.entity_f1:EntityF1",
        "citations": "extraction.citations:Citations",
        "span_f1": "extraction.span_f1:SpanF1",
        "factual_precision": "summary.factual_precision:FactualPrecision",
        "claims": "summary.claims:Claims",
        "key_points": "summary.key_points:KeyPoints",
        "omission_rate": "summary.key_points:OmissionRate",
        "length": "quality.length:Length",
        "readability": "quality.readability:Readability",
        "layout": "quality.layout:Layout",
        "forbidden_phrases": "quality.forbidden_phrases:ForbiddenPhrases",
        "graceful_failure": "endings.graceful_failure:GracefulFailure",
        "python_tests": "code.python_tests:PythonTests",
        "command_tests": "code.command_tests:CommandTests",
        "sql_result": "code.sql_result:SqlResult",
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
        >>> build_metric(MetricSpec(name="acc", kind="exact_mach"))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        passmuster.errors.ConfigurationError: there is no metric 'exact_mach'
          did you mean 'exact_match'? metrics: accuracy, ...
    """
    if spec.kind not in METRICS:
        hint = closest_of(spec.kind, list(metric_names()), "metrics")
        raise ConfigurationError(f"there is no metric {spec.kind!r}", hint=hint)
    return built(_built_in(spec.kind), spec)


def option_names(kind: str) -> tuple[str, ...]:
    """Return the names of the options of a built-in metric.

    Example:
        >>> option_names("fields")
        ('fields', 'normalise', 'any_order')
    """
    return building.option_names(_built_in(kind))


def _built_in(kind: str) -> type[Any]:
    module, name = METRICS[kind].split(":")
    found: type[Any] = getattr(import_module(f"passmuster.metrics.{module}"), name)
    return found
