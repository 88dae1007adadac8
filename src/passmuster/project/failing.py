"""How bad each way to fail is, and what is a sign of an ending: `severity` and `endings` of a project file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from passmuster.errors import ConfigurationError
from passmuster.metrics.endings.reading import compiled
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import closest, located
from passmuster.project.yaml import Document
from passmuster.records.outcomes import LOUD, LOUD_FAILURE, EndingKind
from passmuster.records.record import Json
from passmuster.records.task import MetricSpec

GRACEFUL = "graceful_failure"
CHECKS = "checks"
"""The metrics that go by the signs of endings, too."""

GRADED = ("correct", "silent_failure", LOUD_FAILURE, *LOUD)
ENDINGS: tuple[EndingKind, ...] = get_args(EndingKind)


def severities(settings: ProjectSettings, document: Document) -> Mapping[str, float]:
    """Return the severities of a project file.

    Raises:
        ConfigurationError: for a way to fail that there is not, and a severity below 0.
    """
    for name, value in settings.severity.items():
        if name not in GRADED:
            raise ConfigurationError(
                f"severity: trials do not turn out {name!r}",
                place=document.key(("severity", name)),
                hint=closest(name, GRADED),
            )
        if not (math.isfinite(value) and value >= 0):
            raise ConfigurationError(
                f"severity of {name}: {value:g} is not zero or more",
                place=document.value(("severity", name)),
            )
    return settings.severity


def ending_patterns(settings: ProjectSettings, document: Document) -> Mapping[EndingKind, tuple[str, ...]]:
    """Return the patterns of a project file by the ending that they are a sign of.

    Raises:
        ConfigurationError: for an ending that there is not, and a pattern that RE2 does not take.
    """
    found: dict[EndingKind, tuple[str, ...]] = {}
    for name, patterns in settings.endings.items():
        kind = next((each for each in ENDINGS if each == name), None)
        if kind is None:
            raise ConfigurationError(
                f"endings: no reply ends in {name!r}",
                place=document.key(("endings", name)),
                hint=closest(name, ENDINGS),
            )
        with located(document, ("endings", name)):
            for pattern in patterns:
                compiled(pattern)
        found[kind] = patterns
    return found


def with_endings(
    specs: Sequence[MetricSpec], endings: Mapping[EndingKind, tuple[str, ...]]
) -> tuple[MetricSpec, ...]:
    """Return the metrics; those that read endings, without patterns of their own, go by the signs of the project file.

    `checks` accepts what `graceful_failure` does, where that is a metric of the task.
    """
    signs: dict[str, Json] = (
        {"patterns": {kind: list(each) for kind, each in endings.items()}} if endings else {}
    )
    graceful = next((spec.options for spec in specs if spec.kind == GRACEFUL), {})
    shared = {name: graceful[name] for name in ("accept", "patterns") if name in graceful}
    own = {GRACEFUL: signs, CHECKS: {**signs, **shared}}
    return tuple(
        replace(spec, options={**own[spec.kind], **spec.options}) if own.get(spec.kind) else spec
        for spec in specs
    )
