"""The object that a verb prints under `--json`, as text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields

from passmuster.records.record import Json, Record


def record_json(value: object) -> str:
    """Return a record, or a list or mapping of records, as JSON: every field, in the order of the records.

    Raises:
        ValueError: for NaN or infinity, which JSON has no word for.

    Example:
        >>> from passmuster.records.score import Score
        >>> print(record_json([Score(value=1.0)]))
        [
          {
            "value": 1.0,
            "answer": null,
            "details": {}
          }
        ]
    """
    return json.dumps(full(value), indent=2, ensure_ascii=True, allow_nan=False)


def full(value: object) -> Json:
    """Return `value` as plain JSON data with every field, defaults included."""
    if isinstance(value, Record):
        # every subclass of Record is a dataclass
        return {field.name: full(getattr(value, field.name)) for field in fields(value)}  # type: ignore[arg-type]  # see above
    if isinstance(value, Mapping):
        return {str(key): full(item) for key, item in value.items()}
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return [full(item) for item in value]
