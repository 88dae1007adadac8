"""Records out of plain JSON data, by the types of their fields: the other way round than `plain`."""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from passmuster.records.record import Record

R = TypeVar("R")
Make = Callable[[Any], Any]


def build(kind: Callable[..., R], data: Any, **ready: object) -> R:
    """Return the record of this class with these fields; those in `ready` are taken as they are.

    Raises:
        TypeError: for a field that the class does not have, one that is missing, or data of another shape.

    Example:
        >>> from passmuster.records.case import Message, ToolCall
        >>> build(Message, {"role": "user", "tool_calls": [{"name": "f", "arguments": ""}]}).tool_calls
        (ToolCall(name='f', arguments='', id=None),)
    """
    if not isinstance(data, Mapping):
        message = f"expected a JSON object, found {type(data).__name__}"
        raise TypeError(message)
    makers = _makers(kind)
    return kind(**{name: _made(makers.get(name), value) for name, value in data.items()}, **ready)


def _made(make: Make | None, value: Any) -> Any:
    return value if make is None or value is None else make(value)


@cache
def _makers(kind: Any) -> dict[str, Make]:
    found = {name: _maker(hint) for name, hint in get_type_hints(kind).items()}
    return {name: make for name, make in found.items() if make is not None}


def _maker(hint: Any) -> Make | None:
    """Return what makes a value of this type out of JSON data; None where the data is the value."""
    if isinstance(hint, type) and issubclass(hint, Record):
        return lambda data: build(hint, data)
    origin, of = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _tuple_maker(of)
    if origin is Mapping:
        make = _maker(of[1])
        return None if make is None else lambda data: {name: make(value) for name, value in data.items()}
    if origin in {Union, types.UnionType}:
        return _union_maker([each for each in of if each is not types.NoneType])
    return None


def _tuple_maker(of: Sequence[Any]) -> Make:
    if of[-1] is not Ellipsis:
        makers = [_maker(each) for each in of]
        return lambda data: tuple(map(_made, makers, data))
    make = _maker(of[0])
    return tuple if make is None else lambda data: tuple(map(make, data))


def _union_maker(kinds: Sequence[Any]) -> Make | None:
    makers = [(kind, _maker(kind)) for kind in kinds]
    if all(make is None for _, make in makers):
        return None

    def made(data: Any) -> Any:
        for kind, make in makers:
            # One kind alone says itself what is wrong with the data.
            if len(makers) == 1 or _fits(kind, data):
                return _made(make, data)
        message = f"{type(data).__name__} is none of {', '.join(str(kind) for kind in kinds)}"
        raise TypeError(message)

    return made


def _fits(kind: Any, data: Any) -> bool:
    if isinstance(kind, type) and issubclass(kind, Record):
        names = {each.name for each in fields(kind)}  # type: ignore[arg-type]  # every subclass of Record is a dataclass
        needed = {each.name for each in fields(kind) if each.default is each.default_factory is MISSING}  # type: ignore[arg-type]  # as above
        return isinstance(data, Mapping) and needed <= data.keys() <= names
    shape = get_origin(kind) or kind
    return (
        isinstance(data, list | tuple)
        if shape is tuple
        else isinstance(shape, type) and isinstance(data, shape)
    )
