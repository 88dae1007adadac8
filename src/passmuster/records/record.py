"""What every record shares: it is frozen, and where it is read from outside, unknown keys are errors."""

from typing import ClassVar, TypeAlias

Json: TypeAlias = object
"""Any JSON value. (A recursive alias that a validator can read needs Python 3.12.)"""


class Record:
    """The base of all records; subclasses are frozen, slotted, keyword-only dataclasses.

    `__pydantic_config__` is a plain dictionary, so this layer needs no third-party import; the edges
    validate with `pydantic.TypeAdapter(SomeRecord)` and refuse a mistyped key in nested records too.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": True}
