"""From the data of a project file to typed settings; every slip is told with its place and the closest valid name."""

import difflib
import functools
import json
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, make_dataclass
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, TypeAdapter, ValidationError

from passmuster.errors import ConfigurationError, PassmusterError, Place
from passmuster.project.entries import CANDIDATE_CLASSES, PROVIDERS, kind_of
from passmuster.project.forms import expand
from passmuster.project.settings import ProjectSettings
from passmuster.project.yaml import Document, Path, shorten
from passmuster.records.record import Record

_INTERNAL = {"book", "options"}
_WANTED: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "mapping_type": "a mapping (key: value)",
    "dataclass_type": "a mapping (key: value)",
}
_LIMITS = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must have at least one entry",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
}


@dataclass(frozen=True, slots=True)
class _Slip:
    place: Place
    message: str
    hint: str | None = None
    missing: str | None = None


def closest(name: str, valid: Iterable[str]) -> str | None:
    """Return "Did you mean ...?" with the closest valid name, or the list of valid names.

    Example:
        >>> closest("acuracy", ["accuracy", "fields"])
        "Did you mean 'accuracy'?"
    """
    names = sorted(set(valid))
    if not names:
        return None
    lower = {candidate.lower(): candidate for candidate in names}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6) or [
        candidate for candidate in lower if len(name) > 2 and candidate.startswith(name.lower())
    ]
    if near:
        return f"Did you mean {lower[near[0]]!r}?"
    return f"Valid: {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}."


def validate(document: Document) -> ProjectSettings:
    """Return the typed settings of a project file.

    Raises:
        ConfigurationError: for the first slip in the file, with its place; further slips stand in the hint.
    """
    if not isinstance(document.data, dict):
        what = "is empty" if document.data is None else "holds no mapping (key: value)"
        raise ConfigurationError(
            f"the project file {what}",
            place=document.value(()),
            hint="`passmuster init` writes one that works.",
        )
    try:
        data = expand(document.data)
        kinds = _kinds(data.get("candidates")) | _kinds(data.get("scorers"))
        return _adapter(kinds).validate_json(json.dumps(data))
    except ValidationError as error:
        raise explain(document, error) from None


def _kinds(candidates: object) -> frozenset[str]:
    """Return the kinds of candidates that a file has, and two that it may have: a union needs as many."""
    found = map(kind_of, candidates) if isinstance(candidates, list) else ()
    return frozenset({"baseline", "manual"}.union(kind for kind in found if kind))


@functools.lru_cache(maxsize=16)
def _adapter(kinds: frozenset[str]) -> TypeAdapter[ProjectSettings]:
    """Return what validates a file with these kinds of candidates; one for all kinds takes twice as long to make."""
    classes = [Annotated[CANDIDATE_CLASSES[kind], Tag(kind)] for kind in sorted(kinds)]
    entry: Any = Annotated[typing.Union[tuple(classes)], Discriminator(kind_of)]  # noqa: UP007  # there is no `|` of a list
    candidates: Any = Annotated[tuple[entry, ...], Field(min_length=1)]
    return TypeAdapter(
        make_dataclass(
            ProjectSettings.__name__,
            [("candidates", candidates), ("scorers", tuple[entry, ...], ())],
            bases=(ProjectSettings,),
            frozen=True,
            slots=True,
            kw_only=True,
        )
    )


def explain(
    document: Document, error: ValidationError, root: type[Record] = ProjectSettings
) -> ConfigurationError:
    """Return what a validator found as one error: the first slip in the file, with the further ones in its hint."""
    told = [found for found in error.errors(include_url=False) if not _follows(found)]
    return _together([_slip(document, found, root) for found in told])


def _follows(error: Mapping[str, Any]) -> bool:
    """Return whether this only says that a list is too short because its entries were refused."""
    return bool(error["type"] == "too_short" and error["input"])


def _together(slips: Sequence[_Slip]) -> ConfigurationError:
    meant = {slip.hint for slip in slips}
    told = [slip for slip in slips if f"Did you mean {slip.missing!r}?" not in meant]
    unique = {(str(slip.place), slip.message): slip for slip in told}
    ordered = sorted(unique.values(), key=lambda slip: (slip.place.line or 0, slip.place.column or 0))
    first, rest = ordered[0], ordered[1:]
    hints = [first.hint] if first.hint else []
    hints += [f"Also {slip.place}: {slip.message}" for slip in rest[:5]]
    if len(rest) > 5:
        hints.append(f"... and {len(rest) - 5} more.")
    return ConfigurationError(first.message, place=first.place, hint="\n  ".join(hints) or None)


def _slip(document: Document, error: Mapping[str, Any], root: type[Record]) -> _Slip:
    kind: str = error["type"]
    location: tuple[str | int, ...] = error["loc"]
    path = _resolve(document, location)
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        return _unknown_key(document, path, location, root)
    if kind == "missing":
        wanted = str(location[-1])
        place = document.value(path)
        message = f"{_inside(path)}the key {wanted!r} is missing"
        return _Slip(place, message, f"Add `{wanted}: ...` here.", missing=wanted)
    if kind.startswith("union_tag"):
        return _provider(document, path, error["input"])
    subject = f"{_label(path)}: " if path else ""
    message, hint = _value_message(document, path, error)
    return _Slip(document.value(path), subject + message, hint)


def _unknown_key(
    document: Document, path: Path, location: tuple[str | int, ...], root: type[Record]
) -> _Slip:
    key = str(location[-1])
    parent = path[:-1] if path and path[-1] == location[-1] else path
    valid = sorted(_keys_at(root, location[:-1]))
    return _Slip(
        document.key((*parent, key)), f"{_inside(parent)}the key {key!r} is unknown", closest(key, valid)
    )


def _provider(document: Document, path: Path, given: object) -> _Slip:
    if not isinstance(given, dict):
        return _Slip(
            document.value(path), f"{_label(path)}: expected a mapping (key: value), found {shorten(given)}"
        )
    if "provider" not in given:
        return _Slip(
            document.value(path),
            f"{_inside(path)}the key 'provider' is missing",
            f"Valid: {', '.join(PROVIDERS)}.",
        )
    at = (*path, "provider")
    shown = document.shown(at, given["provider"])
    return _Slip(
        document.value(at),
        f"{_inside(path)}the provider {shown} is unknown",
        closest(str(given["provider"]), PROVIDERS),
    )


def _value_message(document: Document, path: Path, error: Mapping[str, Any]) -> tuple[str, str | None]:
    kind, given = error["type"], error["input"]
    shown = document.shown(path, given)
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind in _WANTED:
        return f"expected {_WANTED[kind]}, found {shown}", None
    if kind in _LIMITS:
        return f"{shown} {_LIMITS[kind].format(**context)}", None
    if kind == "literal_error":
        valid = [part.strip(" '") for part in str(context["expected"]).replace(" or ", ", ").split(",")]
        return f"{shown} is not valid here", closest(str(given), valid)
    if kind == "value_error":
        return str(context["error"]).replace(repr(given), shown), None
    return f"{shown}: {error['msg']}", None


def _resolve(document: Document, location: tuple[str | int, ...]) -> Path:
    """Return the part of a validator's location that the file has: short forms and union tags are skipped."""
    path: Path = ()
    for step in location:
        if (*path, step) in document.values:
            path = (*path, step)
    return path


def _label(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _inside(path: Path) -> str:
    return f"in {_label(path)}: " if path else ""


def _keys_at(root: type[Record], location: Sequence[str | int]) -> set[str]:
    """Return the keys that are valid where an unknown one was found."""
    current: object = root
    for step in location:
        current = _step(current, step)
    found = _dataclass_in(current)
    return set() if found is None else {each.name for each in fields(found)} - _INTERNAL


def _step(current: object, step: str | int) -> object:
    if isinstance(step, str) and step in CANDIDATE_CLASSES and _dataclass_in(current) is None:
        return CANDIDATE_CLASSES[step]
    holder = _dataclass_in(current)
    if holder is not None:
        return typing.get_type_hints(holder).get(str(step))
    for argument in reversed(typing.get_args(_required(current))):
        if argument is not Ellipsis:
            return argument
    return None


def _required(annotation: object) -> object:
    options = [option for option in typing.get_args(annotation) if option is not types.NoneType]
    is_union = typing.get_origin(annotation) in {types.UnionType, typing.Union}
    return options[0] if is_union and len(options) == 1 else annotation


def _dataclass_in(annotation: object) -> type[Any] | None:
    plain = _required(annotation)
    return plain if isinstance(plain, type) and is_dataclass(plain) else None


@contextmanager
def located(document: Document, path: Path) -> Iterator[None]:
    """Give every error that has no place of its own the place of the value at `path`."""
    try:
        yield
    except PassmusterError as error:
        if error.place is not None:
            raise
        raise type(error)(error.message, place=document.value(path), hint=error.hint) from error
