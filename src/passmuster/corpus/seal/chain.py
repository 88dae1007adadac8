"""The ledger of a holdout as a chain of hashes: how an entry is added, and whether a chain is whole.

Each entry holds the hash of the one before, as in Haber and Stornetta 1991, "How to time-stamp a digital document".
A hash can be made by anybody, so what is written with the custodian's key also has a proof, which cannot.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from passmuster.records.digest import canonical
from passmuster.records.seal import NO_HASH, Entry

PROVED = ("sealed", "adopted", "exposed", "opening", "opened", "retired")
"""The events that nobody can write without the custodian's key (what is told of sealing: or without having sealed)."""


class Flaw(NamedTuple):
    """What is wrong with a line of the ledger."""

    line: int
    message: str


def entry_hash(entry: Entry) -> str:
    """Return SHA-256(hash of the entry before || canonical entry) in hexadecimal digits."""
    return hashlib.sha256(bytes.fromhex(entry.prev) + canonical(replace(entry, hash=""))).hexdigest()


def entry_proof(entry: Entry, key: bytes) -> str:
    """Return what only a holder of the key can add to an entry: an HMAC-SHA256 over all else that it says."""
    bare = canonical(replace(entry, hash="", proof=None))
    return hmac.digest(key, bytes.fromhex(entry.prev) + bare, hashlib.sha256).hex()


def chained(last: Entry | None, draft: Entry, key: bytes | None = None) -> Entry:
    """Return an entry as the next one after `last` (None: the first), with its proof where there is a key.

    Example:
        >>> first = chained(None, Entry(time=0.0, actor="a", event="sealed", seal="00"))
        >>> second = chained(first, Entry(time=1.0, actor="b", event="planned", seal="00"))
        >>> second.sequence, second.prev == first.hash
        (2, True)
    """
    placed = replace(
        draft,
        sequence=1 if last is None else last.sequence + 1,
        prev=NO_HASH if last is None else last.hash,
        proof=None,
        hash="",
    )
    proved = placed if key is None else replace(placed, proof=entry_proof(placed, key))
    return replace(proved, hash=entry_hash(proved))


@dataclass(slots=True)
class Chain:
    """A ledger as far as it has been gone through: what came of each plan and opening.

    Args:
        key: What proofs are made with; None does not look at them.
    """

    key: bytes | None = None
    last: Entry | None = None
    plans: dict[str, Entry] = field(default_factory=dict)
    """Plans that have not been used, by hash, oldest first."""
    openings: dict[str, Entry] = field(default_factory=dict)
    """All openings, by hash, whether they came to a result or not."""
    results: dict[str, Entry] = field(default_factory=dict)
    """The result of each opening that came to one, by the hash of the opening."""
    retired: bool = False

    def take(self, entry: Entry) -> Iterator[str]:
        """Take in the next entry; yield what is wrong with it."""
        yield from self._links(entry)
        if self.key is not None and entry.event in PROVED and not _proved(entry, self.key):
            yield f"{entry.event}: nobody who held the custodian's key wrote this"
        if self.retired:
            yield "the holdout was retired before this"
        yield from self._story(entry)
        self.last = entry

    def _links(self, entry: Entry) -> Iterator[str]:
        expected = 1 if self.last is None else self.last.sequence + 1
        if entry.sequence != expected:
            yield f"this is entry {entry.sequence}, and {expected} comes here"
        if entry.prev != (NO_HASH if self.last is None else self.last.hash):
            yield "it does not follow from the entry before"
        if entry.hash != entry_hash(entry):
            yield "its content and its hash do not belong together"
        if (self.last is None) != (entry.event == "sealed"):
            yield "a ledger begins with one entry `sealed`, and has no other"
        elif self.last is not None and entry.seal != self.last.seal:
            yield "it speaks of another holdout"

    def _story(self, entry: Entry) -> Iterator[str]:
        if entry.event == "planned":
            self.plans[entry.hash] = entry
        elif entry.event == "opening":
            self.openings[entry.hash] = entry
            plan = self.plans.pop(entry.plan or "", None)
            if plan is None:
                yield "an opening without a plan before it"
            elif (plan.rule, dict(plan.candidates)) != (entry.rule, dict(entry.candidates)):
                yield "an opening for something else than was planned"
        elif entry.event == "opened":
            if (entry.opening or "") not in self.openings or entry.opening in self.results:
                yield "a result without an opening before it"
            self.results[entry.opening or ""] = entry
        elif entry.event == "retired":
            self.retired = True


def _proved(entry: Entry, key: bytes) -> bool:
    return entry.proof is not None and hmac.compare_digest(entry.proof, entry_proof(entry, key))


def flaws(entries: Iterable[Entry], key: bytes | None = None) -> Iterator[Flaw]:
    """Yield what is wrong with a chain, line by line (from 1).

    Args:
        entries: In their order.
        key: What proofs are made with; None does not look at them.

    Example:
        >>> first = chained(None, Entry(time=0.0, actor="a", event="sealed", seal="00"))
        >>> list(flaws([first])), len(list(flaws([first, first])))
        ([], 3)
    """
    chain = Chain(key)
    for line, entry in enumerate(entries, start=1):
        yield from (Flaw(line, message) for message in chain.take(entry))
