"""The lock of a sealed holdout, and the entries of its ledger."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from passmuster.records.digest import canonical
from passmuster.records.record import Record, made_often

Event: TypeAlias = Literal["sealed", "adopted", "exposed", "planned", "opening", "opened", "retired"]
"""What a ledger tells: `opening` is written before the key is used, `opened` when its result is there."""

NO_HASH = "0" * 64
"""What the first entry of a ledger has before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRecord(Record):
    """What everybody may know of a sealed holdout: the content of `corpus.lock.json`.

    All digests are SHA-256, 64 hexadecimal digits. `root` is that of the Merkle tree over the cases, `salt`,
    `split_seed` and `source` are commitments to what lies inside the ciphertext: the salt of the leaves, the
    seed that parted the cases, the file that they came from. `overlap` says how many of the `cases` share a
    run of words with what a candidate is given (`prompts`) or learns from (`train`, ...). `genesis` is the
    hash of the ledger's first entry. Each of the `openings` is judged at alpha / `openings`.
    """

    format: Literal[1] = 1
    tool: str
    time: float
    cases: int
    root: str
    salt: str
    split_seed: str
    source: str | None = None
    custodian: str
    openings: int
    strata: Mapping[str, int] = field(default_factory=dict)
    origins: Mapping[str, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    overlap: Mapping[str, int] = field(default_factory=dict)
    ciphertext: str = ""
    genesis: str = ""


def commitments(seal: SealRecord) -> bytes:
    """Return what the ciphertext is bound to: all of the lock but what can only be known after encrypting."""
    return canonical(replace(seal, ciphertext="", genesis=""))


def seal_digest(seal: SealRecord) -> str:
    """Return what the ledger's first entry says of the lock: its SHA-256 without the hash of that entry."""
    return hashlib.sha256(canonical(replace(seal, genesis=""))).hexdigest()


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Record):
    """One line of the ledger: what happened, chained to the line before by its hash.

    `seal` names the holdout (see `seal_digest`), `candidates` holds the digest of each by name, `rule` that of
    task, bars and metrics, `plan` and `opening` are hashes of earlier entries, `result` is the digest of what
    came back. `proof` is an HMAC that only somebody who has opened the ciphertext can make.
    """

    time: float
    actor: str
    event: Event
    seal: str
    sequence: int = 0
    prev: str = ""
    purpose: str = ""
    candidates: Mapping[str, str] = field(default_factory=dict)
    rule: str | None = None
    plan: str | None = None
    opening: str | None = None
    result: str | None = None
    proof: str | None = None
    hash: str = ""
