"""The guess which column of a table is what, from its first rows, with what a person said beforehand."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from typing import NamedTuple

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.ingest.shapes.names import FIELDS, USUAL, flat, plain_name
from passmuster.adapters.ingest.shapes.shape import SIGNS, Shape
from passmuster.adapters.ingest.spellings.feedback import scale_of
from passmuster.adapters.ingest.spellings.numbers import unit_of
from passmuster.errors import UsageError
from passmuster.records.record import Json

SAMPLE = 2_000
"""Rows that a guess looks at: feedback is rare in most logs."""

_SEVERAL = frozenset({"input", "feedback"})
_DOUBLED = 0.1
"""Share of doubled or missing values from which on a column names no calls."""
_FREE_TEXT = 15
"""Characters of a mean text above which a column may be what users wrote."""
_UNITS = {1.0: "seconds", 1e-3: "milliseconds", 1e-6: "microseconds", 1e-9: "nanoseconds", 60.0: "minutes"}


class Guess(NamedTuple):
    """A shape, what is told of it (field, column and remark of each), and all columns that were seen."""

    shape: Shape
    told: tuple[tuple[str, str, str], ...]
    known: tuple[str, ...] = ()


def guessed(sample: Sequence[Mapping[str, Json]], said: Mapping[str, Sequence[str]]) -> Guess:
    """Return which columns of a table are which fields.

    Args:
        sample: Its first rows.
        said: Field -> columns, as a person gave them; no column says that there is none. What is not said is guessed.

    Raises:
        UsageError: for a field or a column that does not exist, and where no column looks like the input.

    Example:
        >>> guess = guessed([{"question": "How do I pay?", "reply": "By card.", "rating": 5}], {})
        >>> [(field, column) for field, column, _ in guess.told]
        [('input', 'question'), ('output', 'reply'), ('feedback', 'rating')]
    """
    rows = [flat(row) for row in sample]
    names = list(dict.fromkeys(name for row in rows for name in row))
    _check(said, names)
    columns = {field: tuple(given) for field, given in said.items() if given}
    taken = {name for given in columns.values() for name in given}
    by_name = _by_plain_name(names)
    for field in (field for field in FIELDS if field not in said):
        found = [name for name in _usual(field, by_name) if name not in taken and _fits(field, rows, name)]
        if found:
            columns[field] = tuple(found if field == "feedback" else found[:1])
            taken.update(columns[field])
    if "input" not in columns:
        columns["input"] = (_free_text(rows, [name for name in names if name not in taken], names),)
    values = {name: [row[name] for row in rows if row.get(name) is not None] for name in names}
    values |= {name: [] for given in columns.values() for name in given if name not in values}
    shape = Shape(
        columns={field: columns[field] for field in FIELDS if field in columns},
        units={
            field: unit_of(columns[field][0], values[columns[field][0]])
            for field in ("seconds", "first_token")
            if field in columns
        },
        scales={name: scale_of(values[name]) for name in columns.get("feedback", ())},
    )
    return Guess(shape, tuple(_told(shape)), tuple(names))


def _check(said: Mapping[str, Sequence[str]], names: Sequence[str]) -> None:
    for field, given in said.items():
        if field not in FIELDS:
            raise UsageError(f"a record has no field {field!r}", hint=did_you_mean(field, FIELDS))
        if len(given) > 1 and field not in _SEVERAL:
            raise UsageError(f"{field!r} takes one column, not {', '.join(given)}")
        for name in given:
            # Rows of JSON leave out what they do not know; that another column never comes is told at the end.
            if name not in names and field == "input":
                raise UsageError(f"{field}: there is no column {name!r}", hint=did_you_mean(name, names))


def _by_plain_name(names: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the columns by their plain name, and those inside objects by the last part of it, after the others."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(plain_name(name), []).append(name)
    for name in names:
        last = plain_name(name.rpartition(".")[2])
        if "." in name and name not in found.setdefault(last, []):
            found[last].append(name)
    return found


def _usual(field: str, by_name: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for usual in USUAL[field]:
        yield from by_name.get(usual, ())


def _fits(field: str, rows: Sequence[Mapping[str, Json]], name: str) -> bool:
    """Return whether what a column holds can be what its name says."""
    values = [value for row in rows if (value := row.get(name)) is not None and value != ""]
    if field == "id":
        marks = {str(value) for value in values}
        return len(marks) >= max(len(values), len(rows)) * (1 - _DOUBLED)
    if not values:
        return field not in {"input", "output"}
    if field == "input":
        return all(isinstance(value, str | list | dict) for value in values)
    if field in {"output", "reference"}:
        return True
    if field == "tags":
        return all(isinstance(value, str | list) for value in values)
    return not any(isinstance(value, dict | list) for value in values)


def _free_text(rows: Sequence[Mapping[str, Json]], names: Sequence[str], every: Sequence[str]) -> str:
    lengths = {}
    for name in names:
        texts = [value for row in rows if isinstance(value := row.get(name), str) and value]
        if (
            texts
            and len(texts) > len(rows) / 2
            and mean(map(len, texts)) >= _FREE_TEXT
            and len(set(texts)) > len(texts) / 2
        ):
            lengths[name] = mean(map(len, texts))
    if len(lengths) == 1:
        return next(iter(lengths))
    raise UsageError(
        "no column looks like what users asked" if not lengths else "several columns may be what users asked",
        hint=f"Say which: --columns input=NAME. The columns are: {', '.join(lengths or every) or 'none'}",
    )


def _told(shape: Shape) -> Iterator[tuple[str, str, str]]:
    for field, names in shape.columns.items():
        for name in names:
            yield field, name, _remark(shape, field, name)


def _remark(shape: Shape, field: str, name: str) -> str:
    if field in shape.units:
        return f"in {_UNITS[shape.units[field]]}"
    if field == "feedback":
        scale = shape.scales[name]
        return "words, or yes and no" if scale is None else str(scale)
    return f"feedback {field!r} where it says so" if field in SIGNS else ""
