"""What is expected of candidates before they are asked: figures by the names that bars have."""

from collections.abc import Mapping, Sequence

from passmuster.errors import ConfigurationError
from passmuster.project import quantities
from passmuster.project.validate import closest
from passmuster.project.yaml import Document, Path
from passmuster.records.task import CORPUS_BARS, OPERATIONAL


def expected_of(
    stated: Mapping[str, float | str], metrics: Sequence[str], document: Document, path: Path
) -> dict[str, float]:
    """Return what is expected of a candidate, in the metrics' own units.

    Raises:
        ConfigurationError: for a figure that no bar could be on, with a wrong unit, or a share that is none.
    """
    return {name: _figure(name, value, metrics, document, (*path, name)) for name, value in stated.items()}


def _figure(name: str, value: float | str, metrics: Sequence[str], document: Document, path: Path) -> float:
    known = [*metrics, *(each for each in OPERATIONAL if each not in CORPUS_BARS)]
    if name not in known:
        raise ConfigurationError(
            f"{name!r} cannot be expected: the task has no such metric",
            place=document.key(path),
            hint=closest(name, known),
        )
    try:
        figure = quantities.limit(name, value)
    except ValueError as error:
        told = str(error).replace(repr(value), document.shown(path, value))
        raise ConfigurationError(f"expected {name!r}: {told}", place=document.value(path)) from None
    if name.endswith("_rate") and not 0 <= figure <= 1:
        raise ConfigurationError(
            f"expected {name!r}: {figure:g} is no share of the trials",
            place=document.value(path),
            hint="Write it as 0.01 or 1 %.",
        )
    return figure
