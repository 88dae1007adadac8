"""The salted Merkle tree over the cases of a holdout, and commitments to what must not be told yet.

The tree is that of RFC 6962, section 2.1: leaves and inner nodes have different prefixes, so that no inner node
can pass for a leaf. The salt keeps short cases from being guessed from their bare hashes.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from itertools import pairwise

from passmuster.errors import CorpusError
from passmuster.records.case import Case
from passmuster.records.digest import canonical

SALT_BYTES = 32
"""Bytes of a salt."""

_LEAF, _NODE = b"\x00", b"\x01"


def leaf(case: Case, salt: bytes) -> bytes:
    """Return HMAC-SHA256(salt, case): every field of the case counts.

    Example:
        >>> one = Case(id="1", input="a")
        >>> leaf(one, b"salt") == leaf(Case(id="1", input="a", reference="b"), b"salt")
        False
    """
    return hmac.digest(salt, canonical(case), hashlib.sha256)


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over these leaves, in this order: the Merkle tree hash of RFC 6962.

    Example:
        >>> root([b"a", b"b"]) == root([b"b", b"a"]), root([]).hex()[:8]
        (False, 'e3b0c442')
    """
    level = [hashlib.sha256(_LEAF + each).digest() for each in leaves]
    if not level:
        return hashlib.sha256().digest()
    while len(level) > 1:
        # The last one of an odd level goes up as it is, which gives the tree that the RFC defines recursively.
        rest = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [hashlib.sha256(_NODE + left + right).digest() for left, right in pairs] + rest
    return level[0]


def cases_root(cases: Iterable[Case], salt: bytes) -> str:
    """Return the root over these cases, in hexadecimal digits; their order does not count, that of their ids does.

    Raises:
        CorpusError: for an id that stands twice.

    Example:
        >>> one, two = Case(id="1", input="a"), Case(id="2", input="b")
        >>> cases_root([one, two], b"salt") == cases_root([two, one], b"salt")
        True
    """
    ordered = sorted(cases, key=lambda case: case.id)
    for first, second in pairwise(ordered):
        if first.id == second.id:
            raise CorpusError(f"the id {first.id!r} stands twice", hint="every case needs an id of its own")
    return root([leaf(case, salt) for case in ordered]).hex()


def commitment(name: str, value: str, salt: bytes) -> str:
    """Return SHA-256 over a value with its name and the salt: it binds, and tells nothing until the salt is known.

    Example:
        >>> commitment("split_seed", "7", b"salt") == commitment("split_seed", "8", b"salt")
        False
    """
    parts = (name.encode(), value.encode(), salt)
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
