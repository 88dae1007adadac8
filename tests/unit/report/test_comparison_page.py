"""docs/comparison.md describes every field of the object."""

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

from passmuster.records.comparison import Comparison

PAGE = Path(__file__).parents[3] / "docs" / "comparison.md"


def records(kind: object) -> Iterable[type]:
    if isinstance(kind, type) and is_dataclass(kind):
        yield kind
        for inner in get_type_hints(kind).values():
            yield from records(inner)
    for argument in get_args(kind):
        yield from records(argument)


def test_every_field_of_every_record_in_it_is_described() -> None:
    described = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    wanted = {field.name for record in set(records(Comparison)) for field in fields(record)}
    assert len(wanted) > 80
    assert wanted <= described, sorted(wanted - described)
