"""What is encrypted: cases and secrets of a holdout as packed canonical JSON, and back."""

import gzip
import json
import zlib
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from passmuster.errors import SealError
from passmuster.records.case import Case, Conversation
from passmuster.records.digest import canonical, plain
from passmuster.records.seal import Holdout

LARGEST = 2**31
"""Bytes of a holdout at most, unpacked."""

_FORMAT = 1
_GZIP = 31
"""The `wbits` of zlib that stand for gzip."""

_CASE: TypeAdapter[Case] = TypeAdapter(Case)
_CONVERSATION: TypeAdapter[Conversation] = TypeAdapter(Conversation)


def pack(holdout: Holdout) -> bytes:
    """Return a holdout as bytes that `unpack` gives back equal; equal ones give equal bytes.

    Example:
        >>> given = Holdout(cases=(Case(id="1", input={"a": [1]}),), salt="00", gram_key="11", split_seed=1)
        >>> unpack(pack(given)) == given
        True
    """
    values = {
        "format": _FORMAT,
        "cases": [
            {"conversation": isinstance(case.input, Conversation), "case": plain(case)}
            for case in sorted(holdout.cases, key=lambda case: case.id)
        ],
        "salt": holdout.salt,
        "gram_key": holdout.gram_key,
        "split_seed": holdout.split_seed,
        "source": holdout.source,
    }
    return gzip.compress(canonical(values), mtime=0)


def unpack(content: bytes) -> Holdout:
    """Return the holdout of `pack`.

    Raises:
        SealError: for anything else, and for more than `LARGEST` bytes; the message quotes nothing of it.
    """
    try:
        values: dict[str, Any] = json.loads(_inflated(content).decode("utf-8", "surrogatepass"))
        if values["format"] != _FORMAT:
            raise SealError("the holdout was sealed by a newer release", hint="Install that one.")
        return Holdout(
            cases=tuple(_case(each["case"], conversation=each["conversation"]) for each in values["cases"]),
            salt=bytes.fromhex(values["salt"]).hex(),
            gram_key=bytes.fromhex(values["gram_key"]).hex(),
            split_seed=None if values["split_seed"] is None else int(values["split_seed"]),
            source=None if values["source"] is None else str(values["source"]),
        )
    except (ValidationError, ValueError, TypeError, KeyError, RecursionError, zlib.error):
        raise SealError("what was sealed is no holdout") from None


def _inflated(content: bytes) -> bytes:
    unpacking = zlib.decompressobj(_GZIP)
    plain_bytes = unpacking.decompress(content, LARGEST)
    if not unpacking.eof or unpacking.unused_data:
        raise SealError("what was sealed is cut off, or larger than any holdout of ours")
    return plain_bytes


def _case(values: dict[str, Any], *, conversation: bool) -> Case:
    given = values.pop("input")
    read = _CASE.validate_json(_json({**values, "input": ""}))
    if conversation:
        return replace(read, input=_CONVERSATION.validate_json(_json(given)))
    if not isinstance(given, str | dict):
        raise TypeError
    return replace(read, input=given)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
