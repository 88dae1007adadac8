"""What the custodian remembers of each ledger, beside the private key: it shows one that was rolled back."""

import json
from pathlib import Path
from typing import NamedTuple

from passmuster.adapters.seal.whole import read_limited, write_whole
from passmuster.errors import Place, SealError
from passmuster.records.seal import Entry

LARGEST = 2**20
"""Bytes at most."""


class Remembered(NamedTuple):
    """The last entry of a ledger that was written with the key: its number and its hash."""

    sequence: int
    hash: str


def memory_file(key_file: Path) -> Path:
    """Return where the memory of a private key lies.

    Example:
        >>> memory_file(Path("custodian.key")).name
        'custodian.key.openings.json'
    """
    return key_file.with_name(key_file.name + ".openings.json")


def recall(path: Path, genesis: str) -> Remembered | None:
    """Return what is remembered of the ledger with this first hash, None where it is new.

    Raises:
        SealError: where the memory cannot be read.
    """
    found = _read(path).get(genesis)
    return None if found is None else Remembered(found[0], found[1])


def remember(path: Path, genesis: str, entry: Entry) -> None:
    """Remember the last entry of a ledger.

    Raises:
        SealError: where the memory cannot be written.
    """
    held: dict[str, object] = {**_read(path), genesis: [entry.sequence, entry.hash]}
    write_whole(path, (json.dumps(held, indent=2) + "\n").encode())


def _read(path: Path) -> dict[str, tuple[int, str]]:
    if not path.exists():
        return {}
    content = read_limited(path, LARGEST, "the memory of the custodian")
    try:
        values = json.loads(content)
        return {str(name): (int(number), str(own)) for name, (number, own) in values.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise SealError(
            "the memory of the custodian was altered",
            place=Place(str(path)),
            hint="It shows a ledger that was rolled back. Compare the ledger with git, then delete this file.",
        ) from None
