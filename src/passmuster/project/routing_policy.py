"""The key `routing` of a project file, checked against its metrics, candidates and signals."""

from collections.abc import Collection, Sequence
from typing import get_args

from passmuster.errors import ConfigurationError
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import closest
from passmuster.project.yaml import Document, Path
from passmuster.records.escalation import EscalationPolicy, SignalKind
from passmuster.records.routing_policy import RoutingPolicy

STAGES = (2, 3)
"""The fewest and the most candidates of a cascade."""

NEEDS_MORE = ("self_consistency", "metric")
"""Kinds of signals that take more calls than a route has."""

BARE = tuple(kind for kind in get_args(SignalKind) if kind not in {*NEEDS_MORE, "stated", "agreement"})
"""Kinds that need nothing said beside their name."""


def routing_of(
    settings: ProjectSettings,
    document: Document,
    metrics: Collection[str],
    candidates: Collection[str],
    escalation: EscalationPolicy,
) -> RoutingPolicy:
    """Return which routes of a project are looked at.

    Raises:
        ConfigurationError: for a name that is not there, a chain that is none, and a margin outside its range.
    """
    stated = settings.routing
    if stated.metric is not None and stated.metric not in metrics:
        raise _error(
            f"there is no metric {stated.metric!r}", "metric", document, closest(stated.metric, metrics)
        )
    if not 0 < stated.margin < 1:
        hint = "Write points, such as `2 points` or 0.02."
        raise _error(
            f"the margin is {stated.margin:g}, and must be above 0 and below 1", "margin", document, hint
        )
    for place, names in enumerate(stated.cascades):
        trouble = cascade_trouble(names, candidates)
        if trouble is not None:
            raise _error(trouble[0], ("cascades", place), document, trouble[1])
    if stated.signal is not None:
        trouble = signal_trouble(stated.signal, escalation)
        if trouble is not None:
            raise _error(trouble[0], "signal", document, trouble[1])
    return RoutingPolicy(
        slices=stated.slices,
        cascades=stated.cascades,
        signal=stated.signal,
        metric=stated.metric,
        margin=stated.margin,
    )


def cascade_trouble(names: Sequence[str], candidates: Collection[str]) -> tuple[str, str] | None:
    """Return what is wrong with a chain, and what to do; None where nothing is.

    Example:
        >>> cascade_trouble(["a"], ["a", "b"])
        ('a cascade has 2 or 3 candidates, this one 1', 'Write them cheap to strong: [[small, large]].')
        >>> cascade_trouble(["a", "b"], ["a", "b"])
    """
    form = "Write them cheap to strong: [[small, large]]."
    if not STAGES[0] <= len(names) <= STAGES[1]:
        return f"a cascade has {STAGES[0]} or {STAGES[1]} candidates, this one {len(names)}", form
    if len(set(names)) < len(names):
        return "a cascade asks no candidate twice", form
    unknown = next((name for name in names if name not in candidates), None)
    return (
        None
        if unknown is None
        else (f"there is no candidate {unknown!r}", closest(unknown, candidates) or form)
    )


def signal_trouble(name: str, escalation: EscalationPolicy) -> tuple[str, str] | None:
    """Return what is wrong with a signal, and what to do; None where nothing is."""
    own = next((each for each in escalation.signals if each.name == name), None)
    kind = name if own is None else own.kind
    if kind in NEEDS_MORE:
        return (
            f"{name!r} takes further calls before it is known, which no route here pays for",
            f"Take one of a single reply: {', '.join(BARE)}; `passmuster escalate` judges the others.",
        )
    if own is None and name not in BARE:
        known = [*(each.name for each in escalation.signals), *BARE]
        return f"there is no signal {name!r}", closest(name, known) or "Name it under `escalation.signals`."
    return None


def _error(message: str, key: str | Path, document: Document, hint: str | None) -> ConfigurationError:
    path: Path = ("routing", key) if isinstance(key, str) else ("routing", *key)
    while path not in document.values and len(path) > 1:
        path = path[:-1]
    return ConfigurationError(f"routing: {message}", place=document.value(path), hint=hint)
