"""Metrics that are for sanity only: shown and warned about, and no part of a verdict."""

from collections.abc import Sequence

from passmuster.errors import ConfigurationError
from passmuster.project.settings import ProjectSettings
from passmuster.project.yaml import Document, Path
from passmuster.records.task import MetricSpec


def refuse_sanity_metrics(settings: ProjectSettings, specs: Sequence[MetricSpec], document: Document) -> None:
    """Raise a ConfigurationError, with its place, where a metric for sanity only would decide something.

    The first metric is the primary one; a success and a weight are part of the decision. Bars are looked at where they
    are read.
    """
    sanity = {spec.name for spec in specs if spec.role == "sanity"}
    if specs and specs[0].name in sanity:
        raise ConfigurationError(
            f"the first metric, {specs[0].name!r}, is for sanity only, but the decision looks at the first one",
            place=document.value(("metrics", 0)),
            hint="Put a metric that decides before it.",
        )
    if settings.success is not None and settings.success.metric in sanity:
        _refuse(document, ("success",), "a success", settings.success.metric)
    for name in getattr(settings, "weights", None) or ():
        if name in sanity:
            _refuse(document, ("weights", name), "a weight", name)


def _refuse(document: Document, path: Path, what: str, name: str) -> None:
    raise ConfigurationError(
        f"{what} is told by {name!r}, which is for sanity only: it is no part of a verdict",
        place=document.value(path),
        hint="Take another metric, or `role: sanity` out.",
    )
