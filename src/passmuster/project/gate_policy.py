"""The gate of a project file: its levels, checked against one another and against the slices of the task."""

from dataclasses import fields

from passmuster.errors import ConfigurationError
from passmuster.project.gate_settings import GateSettings
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import closest
from passmuster.project.yaml import Document, Path
from passmuster.records.gate import GatePolicy

KINDS = ("category", "stratum", "tag")
"""What slices are made of that need no name: `stratum billing` is the cases of this stratum."""


def gate_of(settings: ProjectSettings, document: Document) -> GatePolicy:
    """Return what the gate of a project lets through.

    Raises:
        ConfigurationError: for a level outside its range or above the next one, and a slice that is not there.
    """
    stated = settings.gate
    for name in ("investigate", "block"):
        _check_drop(name, getattr(stated, name), document)
    for name in ("latency", "cost"):
        _check_rise(name, getattr(stated, name), document)
    if stated.investigate > stated.block:
        raise ConfigurationError(
            f"gate.investigate ({stated.investigate:g}) is above gate.block ({stated.block:g})",
            place=document.value(_at(document, "investigate", "block")),
            hint="What is blocked is worse than what is looked into: investigate 2 points, block 5 points.",
        )
    if stated.sustained > stated.blocks:
        raise ConfigurationError(
            f"gate.sustained ({stated.sustained}) is above gate.blocks ({stated.blocks}): no rise lasts so long",
            place=document.value(_at(document, "sustained", "blocks")),
            hint="It says in how many of the blocks a rise must be there, such as 3 of 5.",
        )
    if stated.baseline_age is not None and stated.baseline_age <= 0:
        raise ConfigurationError(
            "gate.baseline_age: no baseline is so new; say how old one may be, such as 90 d",
            place=document.value(("gate", "baseline_age")),
        )
    _check_edge(stated, settings, document)
    return GatePolicy(**{each.name: getattr(stated, each.name) for each in fields(stated)})


def _check_drop(name: str, value: float, document: Document) -> None:
    if not 0 < value < 1:
        raise ConfigurationError(
            f"gate.{name} is {value:g}, and must be above 0 and below 1",
            place=document.value(("gate", name)),
            hint="Write points, such as `2 points` or 0.02.",
        )


def _check_rise(name: str, value: float, document: Document) -> None:
    """Refuse a rise of nothing, and a plain number that is a slip: with `20` for `20 %` nothing would ever be blocked."""
    place = document.value(("gate", name))
    if not value > 0:
        hint = "Write a part of it, such as `20 %` or 0.2."
        raise ConfigurationError(f"gate.{name} is {value:g}, and must be above 0", place=place, hint=hint)
    gate = document.data.get("gate") if isinstance(document.data, dict) else None
    plain = gate.get(name) if isinstance(gate, dict) else None
    if isinstance(plain, int | float) and plain >= 1:
        raise ConfigurationError(
            f"gate.{name} is {plain:g}: a rise to {1 + plain:g} times as much",
            place=place,
            hint=f"Write `{plain:g} %` or {plain / 100:g}; if it is meant, `{100 * plain:g} %`.",
        )


def _check_edge(stated: GateSettings, settings: ProjectSettings, document: Document) -> None:
    for place, name in enumerate(stated.edge):
        kind, _, value = name.partition(" ")
        if name not in settings.slices and not (kind in KINDS and value):
            at: Path = ("gate", "edge", place)
            raise ConfigurationError(
                f"gate.edge: there is no slice {document.shown(at, name)}",
                place=document.value(at),
                hint=closest(name, settings.slices) or "Write `stratum NAME`, or name one under `slices:`.",
            )


def _at(document: Document, *names: str) -> Path:
    """Return the first of these keys that the file has."""
    return next((("gate", name) for name in names if ("gate", name) in document.values), ("gate",))
