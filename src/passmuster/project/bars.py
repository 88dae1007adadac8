"""The bars of a project file: what each is on, and its limit in the metric's own unit."""

from collections.abc import Sequence

from passmuster.errors import ConfigurationError
from passmuster.project import quantities
from passmuster.project.settings import BarSettings, ProjectSettings
from passmuster.project.validate import closest
from passmuster.project.yaml import Document, Path
from passmuster.records.task import OPERATIONAL, Bar


def bars_of(settings: ProjectSettings, metrics: Sequence[str], document: Document) -> tuple[Bar, ...]:
    """Return the bars of a project.

    Raises:
        ConfigurationError: for a bar on what the task does not have, without a limit, or with a wrong unit.
    """
    return tuple(_bar(name, bar, metrics, document) for name, bar in settings.bars.items())


def _bar(name: str, bar: BarSettings, metrics: Sequence[str], document: Document) -> Bar:
    path: Path = ("bars", name)
    if name not in metrics and name not in OPERATIONAL:
        raise ConfigurationError(
            f"there is a bar on {name!r}, but the task has no such metric",
            place=document.key(path),
            hint=closest(name, [*metrics, *OPERATIONAL]),
        )
    if (bar.at_least is None) == (bar.at_most is None):
        told = "both at_least and at_most" if bar.at_least is not None else "no limit"
        raise ConfigurationError(
            f"the bar on {name!r} has {told}",
            place=document.value(path),
            hint="Write exactly one of the two, such as {at_least: 0.9}.",
        )
    return Bar(
        metric=name,
        at_least=_limit(name, bar.at_least, (*path, "at_least"), document),
        at_most=_limit(name, bar.at_most, (*path, "at_most"), document),
    )


def _limit(name: str, value: float | str | None, path: Path, document: Document) -> float | None:
    if value is None:
        return None
    try:
        return quantities.limit(name, value)
    except ValueError as error:
        told = str(error).replace(repr(value), document.shown(path, value))
        raise ConfigurationError(f"the bar on {name!r}: {told}", place=document.value(path)) from None
