"""The lock of a sealed holdout, and the entries of its ledger."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from passmuster.records.case import Case
from passmuster.records.comparison import CheckStatus, VerdictStatus
from passmuster.records.digest import canonical
from passmuster.records.record import Record, made_often
from passmuster.records.score import Estimate

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

    event: Event
    time: float = 0.0
    actor: str = ""
    seal: str = ""
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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Holdout(Record):
    """What lies inside the ciphertext; no representation of it shows a case.

    `salt` is that of the leaves, in hexadecimal digits; `gram_key` that of the digests which later additions
    are checked against; `split_seed` and `source` (SHA-256 of a file) would give the holdout back.
    """

    cases: tuple[Case, ...]
    salt: str
    gram_key: str
    split_seed: int | None = None
    source: str | None = None

    def __repr__(self) -> str:
        """Return a text without the cases."""
        return f"Holdout({len(self.cases)} cases)"


@dataclass(frozen=True, slots=True, kw_only=True)
class BarOutcome(Record):
    """What became of one bar: the bar in words, its status, and the observed value."""

    bar: str
    status: CheckStatus
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateOutcome(Record):
    """What an opening tells of one candidate: the verdict, and each metric with its interval.

    Of the cases `n` have a trial, `failed` of these ended without a reply, and `n_missing` have none.
    """

    name: str
    digest: str
    verdict: VerdictStatus
    reason: str
    metrics: Mapping[str, Estimate]
    bars: tuple[BarOutcome, ...] = ()
    n: int = 0
    n_missing: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningResult(Record):
    """All that an opening gives back: no case, and nothing about a single one.

    It is the `place`-th of the `openings`; verdicts hold at `alpha` (that of the task / `openings`), and the
    intervals at the confidence of 1 - `alpha`. `complete` is false where not every case was asked. `overlap`
    says how many cases share a run of words with what candidates are given or learn from, now. Of the `cases`
    the `scored` ones carry the figures: those that estimate production.
    """

    schema_version: int = 1
    task: str
    seal: str
    root: str
    plan: str
    opening: str
    place: int
    openings: int
    alpha: float
    rule: str
    cases: int
    scored: int
    complete: bool
    decision: Literal["decided", "none", "undecided"]
    chosen: str | None
    candidates: tuple[CandidateOutcome, ...]
    overlap: Mapping[str, int] = field(default_factory=dict)


def result_digest(result: OpeningResult) -> str:
    """Return the SHA-256 of a result, as its entry in the ledger has it."""
    return hashlib.sha256(canonical(result)).hexdigest()


FindingStatus: TypeAlias = Literal["proved", "broken", "not checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Record):
    """What `verify` says of one thing: `proved`, `broken`, or `not checked` and what it would take."""

    check: str
    status: FindingStatus
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealReport(Record):
    """What became of a plain holdout: its lock, the head of the ledger, and who may have read it before.

    `checks` says what was looked at before sealing, `exposures` how it lay open; `removed` is the plain file
    that was taken away, `files` are those that were written.
    """

    lock: SealRecord
    head: str
    checks: tuple[str, ...]
    exposures: tuple[str, ...]
    removed: str
    files: tuple[str, ...]
