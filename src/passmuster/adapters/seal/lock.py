"""The lock beside a sealed holdout: what everybody may know of it, as a JSON file that people can read."""

import json
from dataclasses import fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.seal.whole import read_limited, write_whole
from passmuster.errors import Place, SealError
from passmuster.records.digest import plain
from passmuster.records.seal import SealRecord

LARGEST = 2**22
"""Bytes of a lock at most."""

_RECORD: TypeAdapter[SealRecord] = TypeAdapter(SealRecord)


def lock_text(seal: SealRecord) -> bytes:
    r"""Return the one text that a lock has: every field in its order, two blanks of indent.

    Example:
        >>> from passmuster.records.seal import SealRecord
        >>> seal = SealRecord(
        ...     tool="1", time=0.0, cases=1, root="a", salt="b", split_seed="c", custodian="d", openings=3
        ... )
        >>> lock_text(seal).splitlines()[1]
        b'  "format": 1,'
    """
    values = {each.name: plain(getattr(seal, each.name)) for each in fields(seal)}
    return (json.dumps(values, indent=2, ensure_ascii=False, sort_keys=False) + "\n").encode()


def write_lock(path: Path, seal: SealRecord) -> None:
    """Write a lock.

    Raises:
        SealError: where it cannot be written.
    """
    write_whole(path, lock_text(seal))


def read_lock(path: Path) -> SealRecord:
    """Read a lock; any text but the one that was written is refused.

    Raises:
        SealError: where there is none, or it was altered.
    """
    content = read_limited(path, LARGEST, "the lock of the holdout").replace(b"\r\n", b"\n")
    place = Place(str(path))
    try:
        seal = _RECORD.validate_json(content)
    except (ValidationError, RecursionError) as error:
        raise SealError(f"this is no lock of a holdout: {_first(error)}", place=place) from None
    if lock_text(seal) != content:
        raise SealError(
            "the lock was altered: it is not as it is written", place=place, hint="Bring it back from git."
        )
    return seal


def _first(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    slip = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, slip['loc'])) or 'the file'}: {slip['msg']}"
