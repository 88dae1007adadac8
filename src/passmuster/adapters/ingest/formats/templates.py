"""The plain part of templates: `{{name}}` is filled in, and nothing is run."""

import re
from collections.abc import Mapping

from passmuster.records.record import Json

_NAME = re.compile(r"\{\{-?\s*([A-Za-z_][\w.]*)\s*-?\}\}")


def filled(value: Json, values: Mapping[str, Json]) -> Json:
    """Return a text with the values of its variables; a text that is one variable becomes its value.

    Filters, loops and names that there is no value for stay as they are.

    Example:
        >>> filled("It is {{ town }}.", {"town": "Ulm"}), filled("{{n}}", {"n": 3}), filled("{{a | upper}}", {"a": "b"})
        ('It is Ulm.', 3, '{{a | upper}}')
    """
    if not isinstance(value, str):
        return value
    whole = _NAME.fullmatch(value.strip())
    if whole is not None:
        found = _found(whole[1], values)
        return value if found is None else found
    return _NAME.sub(lambda match: _written(match, values), value)


def _written(match: re.Match[str], values: Mapping[str, Json]) -> str:
    found = _found(match[1], values)
    return str(found) if isinstance(found, str | int | float) else match[0]


def _found(name: str, values: Mapping[str, Json]) -> Json:
    found: Json = values
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
