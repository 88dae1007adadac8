"""The committed reference as text: what changes rarely in front, then one trial a line, so that git shows what changed."""

import json
from dataclasses import MISSING, fields, replace

from passmuster.records.digest import plain
from passmuster.records.record import Json, Record
from passmuster.records.reference import FrozenTrial, Reference

TRIALS = "trials"
"""The last key of the file; a trial stands on each line after it."""


def reference_text(reference: Reference) -> str:
    """Return the text of a reference file; the same trials give the same text, in whatever order they came.

    Of a trial, what holds its default is left out.
    """
    head = {
        each.name: _full(getattr(reference, each.name)) for each in fields(Reference) if each.name != TRIALS
    }
    lines = json.dumps(head, indent=2, ensure_ascii=False, allow_nan=False).rstrip("}").rstrip()
    ordered = sorted(reference.trials, key=lambda each: (each.id, each.case, each.repeat))
    rows = ",\n".join(f"    {_row(trial)}" for trial in ordered)
    return f'{lines},\n  "{TRIALS}": [\n{rows}\n  ]\n}}\n' if rows else f'{lines},\n  "{TRIALS}": []\n}}\n'


def without_text(reference: Reference) -> Reference:
    """Return a reference without the replies that it may hold."""
    return replace(reference, trials=tuple(replace(each, whole=None) for each in reference.trials))


def _row(trial: FrozenTrial) -> str:
    row: dict[str, Json] = {}
    for each in fields(trial):
        value = getattr(trial, each.name)
        default = each.default if each.default_factory is MISSING else each.default_factory()
        if value != default or isinstance(value, bool) is not isinstance(default, bool):
            row[each.name] = _short(plain(value))
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _short(value: Json) -> Json:
    """Return plain data with whole numbers written as such: most scores are 0 or 1."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    return value


def _full(value: object) -> Json:
    if isinstance(value, Record):
        # every subclass of Record is a dataclass
        return {each.name: _full(getattr(value, each.name)) for each in fields(value)}  # type: ignore[arg-type]  # see above
    if isinstance(value, dict):
        return {str(key): _full(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_full(item) for item in value]
    return plain(value)
