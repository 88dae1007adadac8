"""The sealed holdout with its lock and ledger, as far as whoever is at work may go."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property

from passmuster.adapters.seal.envelope import HEADER, proof_key
from passmuster.adapters.seal.ledger import HeldLedger, held
from passmuster.adapters.seal.lock import read_lock
from passmuster.adapters.seal.memory import recall, remember
from passmuster.adapters.seal.payload import LARGEST
from passmuster.adapters.seal.whole import read_limited
from passmuster.corpus.seal.chain import Chain, chained
from passmuster.errors import Place, SealError
from passmuster.project.corpus.keys import Custody, same_custodian
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.seal import actor
from passmuster.records.seal import Entry, SealRecord
from passmuster.workflows.corpus.bound import anchor_flaw, lock_flaw, memory_flaw
from passmuster.workflows.corpus.open import walked
from passmuster.workflows.corpus.seal import said

LARGEST_FILE = LARGEST + HEADER
"""Bytes of a sealed file at most."""

RESTORE = "Look at it with: passmuster corpus verify. Then bring it back from git."
"""What to do where a file was altered."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A seal that is whole: the lock, the ciphertext that belongs to it, and the key where there is one.

    `anchor` is a hash that was the head of the ledger once.
    """

    corpus: Corpus
    lock: SealRecord
    content: bytes
    custody: Custody | None = None
    anchor: str | None = None

    @cached_property
    def proof(self) -> bytes | None:
        """The key of the ledger's proofs; None without the custodian's."""
        return None if self.custody is None else proof_key(self.content, self.custody.key)

    @contextmanager
    def ledger(self) -> Iterator["OpenLedger"]:
        """Hold the ledger alone, and go through it.

        Raises:
            SealError: where it was altered, does not belong to the lock, or was rolled back.
        """
        with held(self.corpus.folder.ledger) as found:
            entries = list(found.entries())
            chain = walked(entries, self.proof)
            flaws = [lock_flaw(entries, self.lock)]
            if self.anchor is not None:
                flaws.append(anchor_flaw(entries, self.anchor))
            if self.custody is not None and self.custody.memory is not None:
                flaws.append(memory_flaw(entries, recall(self.custody.memory, self.lock.genesis)))
            for flaw in flaws:
                if flaw is not None:
                    raise SealError(flaw, place=Place(str(self.corpus.folder.ledger)), hint=RESTORE)
            yield OpenLedger(self, found, chain)


class OpenLedger:
    """A ledger that is whole and held.

    Args:
        sealed: What it belongs to.
        file: Where entries go.
        chain: What it tells.
    """

    def __init__(self, sealed: Sealed, file: HeldLedger, chain: Chain) -> None:
        self._sealed = sealed
        self._file = file
        self.chain = chain

    def tell(self, draft: Entry, *, proved: bool = False) -> Entry:
        """Append an entry, with a proof where that is asked for; it is on the disk when this returns.

        Raises:
            SealError: where it cannot be written.
        """
        sealed, last = self._sealed, self.chain.last
        draft = replace(
            draft,
            time=sealed.corpus.clock.now(),
            actor=said(actor()),
            purpose=said(draft.purpose),
            seal="" if last is None else last.seal,
        )
        entry = chained(last, draft, sealed.proof if proved else None)
        self._file.append(entry)
        if sealed.custody is not None and sealed.custody.memory is not None:
            with suppress(SealError):  # a key on a disk that is only read has no memory
                remember(sealed.custody.memory, sealed.lock.genesis, entry)
        return entry


def read_sealed(corpus: Corpus, custody: Custody | None = None, anchor: str | None = None) -> Sealed:
    """Return the sealed holdout of a corpus; its ledger is not looked at yet.

    Raises:
        SealError: where there is none, lock or ciphertext was altered, or the key is another custodian's.
    """
    folder = corpus.folder
    if not folder.lock.exists() and not folder.sealed.exists():
        raise SealError(
            "there is no sealed holdout here",
            place=Place(str(folder.path)),
            hint="Seal one: passmuster corpus split, or passmuster corpus seal",
        )
    lock = read_lock(folder.lock)
    content = read_limited(folder.sealed, LARGEST_FILE, "the sealed holdout")
    if hashlib.sha256(content).hexdigest() != lock.ciphertext:
        raise SealError(
            "the sealed holdout is not the one that the lock speaks of",
            place=Place(str(folder.sealed)),
            hint=RESTORE,
        )
    if custody is not None:
        same_custodian(custody.key.public, lock.custodian)
    return Sealed(corpus=corpus, lock=lock, content=content, custody=custody, anchor=anchor)
