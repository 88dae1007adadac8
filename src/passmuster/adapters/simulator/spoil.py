"""Wrong values that look right."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from passmuster.adapters.simulator.chance import chance
from passmuster.records.digest import canonical
from passmuster.records.record import Json

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Pool:
    """The values that each field has over all references: where a wrong one is taken from.

    Example:
        >>> Pool([{"a": "x"}, {"a": "y"}, {"a": "x"}]).of("a")
        ['x', 'y']
    """

    def __init__(self, references: Iterable[Json]) -> None:
        values: dict[str, dict[bytes, Json]] = {}
        for reference in references:
            fields = reference.items() if isinstance(reference, Mapping) else [("", reference)]
            for name, value in fields:
                values.setdefault(str(name), {})[canonical(value)] = value
        self._values = {name: [found[key] for key in sorted(found)] for name, found in values.items()}

    def of(self, name: str) -> list[Json]:
        """Return the different values of a field in a fixed order; the empty name is a whole reference."""
        return self._values.get(name, [])


def spoilt(value: Json, pool: list[Json], *key: object) -> Json:
    """Return a wrong value of the same kind, the same for the same key.

    Numbers and dates are moved, a list loses an item, texts become another case's text.

    Example:
        >>> spoilt(True, [], "key"), spoilt("2024-02-28", [], "key") != "2024-02-28"
        (False, True)
    """
    drawn = chance(*key, "spoilt")
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return _moved(value, drawn)
    if isinstance(value, str) and DATE.fullmatch(value):
        return _other_day(value, drawn)
    if isinstance(value, list | tuple) and value:
        gone = int(drawn * len(value))
        return [item for index, item in enumerate(value) if index != gone]
    if isinstance(value, Mapping) and value:
        name = sorted(value)[int(drawn * len(value))]
        return {**value, name: spoilt(value[name], [], *key, name)}
    return _another(value, pool, drawn)


def invented(value: Json, prompt: str, *key: object) -> Json:
    """Return a citation of the same look whose text does not occur in the prompt.

    Example:
        >>> invented("4.2", "4.2 The supplier delivers.", "key") in "4.2 The supplier delivers."
        False
    """
    if isinstance(value, list | tuple):
        return [invented(item, prompt, *key, index) for index, item in enumerate(value)] or ["99.9"]
    text = value if isinstance(value, str) else json.dumps(value)
    for attempt in range(1000):
        number = str(11 + int(chance(*key, "invented", attempt) * (88 + attempt)))
        made, count = re.subn(r"\d+", number, text, count=1)
        if not count:
            made = f"{text} {number}".strip()
        if made not in prompt:
            return made
    return f"{text} (no such place)"


def _moved(value: float, drawn: float) -> Json:
    moved = value * (0.5 + drawn) if value else 1 + drawn
    if isinstance(value, int):
        whole = round(moved)
        return whole if whole != value else value + 1
    moved = round(moved, 2)
    return moved if moved != value else value + 1.0


def _other_day(value: str, drawn: float) -> Json:
    days = 1 + int(drawn * 60)
    try:
        return (date.fromisoformat(value) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return f"{value[:4]}-01-01" if not value.endswith("-01-01") else f"{value[:4]}-01-02"


def _another(value: Json, pool: list[Json], drawn: float) -> Json:
    if pool:
        index = int(drawn * len(pool))
        for other in (pool[index], pool[(index + 1) % len(pool)]):
            if canonical(other) != canonical(value):
                return other
    return f"{value} (unknown)" if isinstance(value, str) and value else "unknown"
