"""What candidates declare of themselves, and what a task asks for: read, and checked against one another."""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches

from passmuster.decide.requirements import DATES, DURATIONS, NONE_ANNOUNCED, blank
from passmuster.errors import ConfigurationError
from passmuster.project import quantities
from passmuster.project.entries import AttributeSettings
from passmuster.project.settings import ProjectSettings, RequirementSettings
from passmuster.project.yaml import Document, Path
from passmuster.records.candidate import Attribute
from passmuster.records.record import Json
from passmuster.records.task import Requirement

YES_OR_NO = ("training_on_inputs", "self_hosted")
TEXTS = ("region", "licence")
KNOWN = (*TEXTS, *YES_OR_NO, *DURATIONS, *DATES)
"""Attributes whose form is checked; any other key is free."""

_FORMS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(TEXTS, ("one_of", "[eu, ch]")),
    **dict.fromkeys(YES_OR_NO, ("one_of", "true or false")),
    **dict.fromkeys(DURATIONS, ("at_most", "{at_most: 30 d}")),
    **dict.fromkeys(DATES, ("after", "{after: 2027-06-01}")),
}
"""How each known attribute is required, and an example."""


def attributes_of(
    stated: Mapping[str, AttributeSettings], document: Document, path: Path
) -> dict[str, Attribute]:
    """Return what a candidate declares.

    Raises:
        ConfigurationError: for a value that its attribute does not have, or a date that is none.
    """
    found = {}
    for name, each in stated.items():
        at: Path = (*path, name)
        _refuse_near_miss(name, document, at)
        date_at = (*at, "date") if (*at, "date") in document.values else at
        value_at = (*at, "value") if (*at, "value") in document.values else at
        found[name] = Attribute(
            value=_value(name, each.value, document, value_at),
            source=each.source,
            date=None if each.date is None else _day(each.date, f"the date of {name}", document, date_at),
        )
    return found


def requirements_of(settings: ProjectSettings, document: Document) -> tuple[Requirement, ...]:
    """Return what the task asks of declared attributes.

    Raises:
        ConfigurationError: for a requirement without a form, with two of them, or with a value of the wrong one.
    """
    return tuple(_requirement(name, each, document) for name, each in settings.requires.items())


def _requirement(name: str, stated: RequirementSettings, document: Document) -> Requirement:
    path: Path = ("requires", name)
    _refuse_near_miss(name, document, path)
    given = [key for key in ("one_of", "after", "at_most") if getattr(stated, key) not in (None, ())]
    if len(given) != 1:
        told = f"both {' and '.join(given)}" if given else "nothing"
        raise ConfigurationError(
            f"the requirement on {name!r} asks for {told}",
            place=document.value(path),
            hint="Write one of {region: [eu, ch]}, {end_of_life: {after: 2027-06-01}}, {data_retention: {at_most: 30 d}}.",
        )
    at = (*path, given[0]) if (*path, given[0]) in document.values else path
    _refuse_form(name, given[0], document, at)
    if stated.after is not None:
        return Requirement(
            attribute=name, after=_day(stated.after, f"the requirement on {name}", document, at)
        )
    if stated.at_most is not None:
        return Requirement(attribute=name, at_most=_amount(name, stated.at_most, document, at))
    if any(isinstance(value, list | tuple) for value in stated.one_of):
        message = f"the requirement on {name!r} has a list in a list"
        raise ConfigurationError(message, place=document.value(at))
    return Requirement(
        attribute=name, one_of=tuple(_value(name, value, document, at) for value in stated.one_of)
    )


def _refuse_form(name: str, given: str, document: Document, at: Path) -> None:
    """Refuse a form that no value of a known attribute could ever meet."""
    if name in KNOWN and given != _FORMS[name][0]:
        raise ConfigurationError(
            f"{name!r} cannot be required by {given}",
            place=document.value(at),
            hint=f"Write {_FORMS[name][1]}.",
        )


def _refuse_near_miss(name: str, document: Document, path: Path) -> None:
    """Refuse a key that is nearly a known one: as a free one, nobody would see that it is never met."""
    if not name.strip():
        raise ConfigurationError("an attribute has no name", place=document.key(path))
    near = get_close_matches(name.lower(), KNOWN, n=1, cutoff=0.8)
    if name not in KNOWN and near:
        raise ConfigurationError(
            f"there is no attribute {document.shown(path, name)}",
            place=document.key(path),
            hint=f"Did you mean {near[0]!r}? Keys of your own must differ more.",
        )


def _value(name: str, value: Json, document: Document, at: Path) -> Json:
    parts = value if isinstance(value, list | tuple) else [value]
    if blank(value) or any(blank(each) or isinstance(each, dict) for each in parts):
        message = f"the attribute {name!r} has no value: leave it out where it is not known"
        raise ConfigurationError(message, place=document.value(at))
    if any(isinstance(each, list | tuple) for each in parts):
        message = f"the attribute {name!r} has a list in a list"
        raise ConfigurationError(message, place=document.value(at))
    if name in DATES:
        return _end(name, value, document, at)
    if name in DURATIONS:
        return 0.0 if value == NONE_ANNOUNCED else _amount(name, value, document, at)
    if name in YES_OR_NO and not isinstance(value, bool):
        raise ConfigurationError(
            f"the attribute {name!r} is {document.shown(at, value)}",
            place=document.value(at),
            hint="Write true or false.",
        )
    if name in TEXTS and not all(
        isinstance(each, str) for each in (value if isinstance(value, list) else [value])
    ):
        raise ConfigurationError(
            f"the attribute {name!r} is {document.shown(at, value)}",
            place=document.value(at),
            hint="Write a text, or a list of texts.",
        )
    return value


def _end(name: str, value: Json, document: Document, at: Path) -> str:
    if value == NONE_ANNOUNCED:
        return NONE_ANNOUNCED
    return _day(str(value), f"the attribute {name}", document, at)


def _amount(name: str, value: Json, document: Document, at: Path) -> float:
    try:
        if name in DURATIONS:
            return quantities.seconds(value)
    except ValueError as error:
        told = str(error).replace(repr(value), document.shown(at, value))
        raise ConfigurationError(f"the attribute {name!r}: {told}", place=document.value(at)) from None
    if isinstance(value, str):
        message = f"the attribute {name!r}: a time is for {' and '.join(DURATIONS)} only"
        raise ConfigurationError(message, place=document.value(at), hint="Write a number, such as days.")
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"the attribute {name!r}: {document.shown(at, value)} is no number"
        raise ConfigurationError(message, place=document.value(at))
    return float(value)


def _day(text: str, what: str, document: Document, at: Path) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ConfigurationError(
            f"{what} is no day: {document.shown(at, text)}",
            place=document.value(at),
            hint="Write it as 2027-06-01.",
        ) from None
