"""`corpus seal`: from cases in memory to ciphertext, lock and the first lines of the ledger."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypedDict

from passmuster.corpus.seal.chain import chained
from passmuster.corpus.seal.merkle import cases_root, commitment
from passmuster.errors import UsageError
from passmuster.records.case import Case
from passmuster.records.seal import Entry, Event, Holdout, SealRecord, commitments, seal_digest

LONGEST = 1000
"""Characters of a purpose or an actor at most: the ledger is read by people."""

NO_STRATUM = "(none)"
"""How cases without a stratum are counted."""

Encrypt = Callable[[bytes, bytes], tuple[bytes, bytes]]
"""Takes what is secret and what it is bound to; returns the ciphertext and the key of the ledger's proofs."""


class Told(NamedTuple):
    """An event for the ledger, with its purpose."""

    event: Event
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which terms a holdout is sealed: by what, when, by whom, to whom (fingerprint), for how many openings."""

    tool: str
    time: float
    actor: str
    custodian: str
    openings: int
    overlap: Mapping[str, int]


class SealedFiles(NamedTuple):
    """What is written: the ciphertext, the lock and the ledger."""

    ciphertext: bytes
    lock: SealRecord
    ledger: tuple[Entry, ...]


def seal(
    holdout: Holdout,
    terms: Terms,
    pack: Callable[[Holdout], bytes],
    encrypt: Encrypt,
    events: Sequence[Told],
) -> SealedFiles:
    """Encrypt a holdout and write down what binds it.

    Args:
        holdout: Its cases and secrets.
        terms: What stands in the lock for everybody.
        pack: Makes the bytes that are encrypted.
        encrypt: To the custodian.
        events: What the ledger tells, `sealed` first.

    Raises:
        UsageError: where there is nothing to seal.
        CorpusError: for an id that stands twice.
    """
    if not holdout.cases:
        raise UsageError(
            "there is no case to seal", hint="A holdout of 100 cases or more can show something."
        )
    bare = _lock(holdout, terms)
    ciphertext, proof_key = encrypt(pack(holdout), commitments(bare))
    lock = replace(bare, ciphertext=hashlib.sha256(ciphertext).hexdigest())
    name, ledger = seal_digest(lock), list[Entry]()
    for told in events:
        draft = Entry(
            time=terms.time,
            actor=said(terms.actor),
            event=told.event,
            seal=name,
            purpose=said(told.purpose),
        )
        ledger.append(chained(ledger[-1] if ledger else None, draft, proof_key))
    return SealedFiles(ciphertext, replace(lock, genesis=ledger[0].hash), tuple(ledger))


def said(text: str) -> str:
    r"""Return what a person says as the ledger keeps it: one line that every file can hold, of bounded length.

    Example:
        >>> said("last\nword \udc80")
        'last word ?'
    """
    whole = text.encode("utf-8", "replace").decode()
    return re.sub(r"[\x00-\x1f\x7f-\x9f\s]+", " ", whole).strip()[:LONGEST]


def _lock(holdout: Holdout, terms: Terms) -> SealRecord:
    salt = bytes.fromhex(holdout.salt)
    return SealRecord(
        tool=terms.tool,
        time=terms.time,
        cases=len(holdout.cases),
        custodian=terms.custodian,
        openings=terms.openings,
        overlap=dict(sorted(terms.overlap.items())),
        **bindings(holdout, salt),
        **counts(holdout.cases),
    )


class Bindings(TypedDict):
    """The part of a lock that the secrets of a holdout give again."""

    root: str
    salt: str
    split_seed: str
    source: str | None


class Counts(TypedDict):
    """The part of a lock that the cases of a holdout give again."""

    strata: dict[str, int]
    origins: dict[str, int]
    categories: dict[str, int]


def bindings(holdout: Holdout, salt: bytes) -> Bindings:
    """Return root and commitments of a holdout."""
    source = holdout.source
    return Bindings(
        root=cases_root(holdout.cases, salt),
        salt=commitment("salt", "", salt),
        split_seed=commitment("split_seed", str(holdout.split_seed), salt),
        source=None if source is None else commitment("source", source, salt),
    )


def counts(cases: Sequence[Case]) -> Counts:
    """Return how many cases there are of each stratum, origin and category."""
    return Counts(
        strata=_counted([case.stratum or NO_STRATUM for case in cases]),
        origins=_counted([case.origin for case in cases]),
        categories=_counted([case.category for case in cases]),
    )


def content_flaw(holdout: Holdout, lock: SealRecord) -> str | None:
    """Return why what was sealed is not what its lock says, None where it is."""
    told = {**bindings(holdout, bytes.fromhex(holdout.salt)), **counts(holdout.cases)}
    wrong = [name for name, value in told.items() if getattr(lock, name) != value]
    if len(holdout.cases) != lock.cases:
        wrong.append("cases")
    return f"what was sealed is not what the lock says of it: {', '.join(wrong)}" if wrong else None


def _counted(words: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))
