"""Prove what can be proved of a sealed holdout: without the key, and more with it."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.duplicates import near_duplicates
from passmuster.adapters.ingest.cases import read_cases
from passmuster.adapters.seal.envelope import proof_key
from passmuster.adapters.seal.ledger import reading
from passmuster.adapters.seal.lock import read_lock
from passmuster.adapters.seal.memory import recall
from passmuster.adapters.seal.whole import read_limited
from passmuster.errors import SealError, UsageError
from passmuster.project.corpus.keys import Custody, same_custodian
from passmuster.project.corpus.open import RESULTS, unsealed
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.sealed import LARGEST_FILE, Sealed
from passmuster.records.seal import Entry, Finding, Holdout, OpeningResult, SealRecord
from passmuster.records.text import input_text
from passmuster.report.json_text import record_json
from passmuster.workflows.corpus import verify as verifying
from passmuster.workflows.corpus.verify import Verification, broken, judged, proved, unchecked

LARGEST_RESULT = 2**24
"""Bytes of a result at most."""

_RESULT: TypeAdapter[OpeningResult] = TypeAdapter(OpeningResult)


def verify(
    corpus: Corpus, custody: Custody | None = None, anchor: str | None = None, *, additions: bool = False
) -> Verification:
    """Look at seal, lock, ledger and results, and say of each whether it is as it was written.

    Args:
        corpus: The folder.
        custody: The custodian's key: with it also the cases, the proofs and the memory are looked at.
        anchor: A hash that was the head of the ledger once.
        additions: Whether cases that everybody may read are compared with the holdout; needs the key.

    Raises:
        UsageError: where nothing was ever sealed here, or `additions` without a key.
        SealError: for the key of another custodian.
    """
    if additions and custody is None:
        raise UsageError(
            "to compare additions with the holdout needs the custodian's key", hint="Name it: --key FILE"
        )
    look = _Look(corpus, custody)
    findings = [*look.files()]
    if custody is not None and look.lock is not None:
        same_custodian(custody.key.public, look.lock.custodian)
    entries, unreadable = _entries(corpus)
    findings += unreadable
    findings += verifying.chain_findings(entries, look.lock, look.proof)
    findings.append(verifying.anchor_finding(entries, anchor))
    findings += verifying.result_findings(entries, _results(corpus.folder.path / RESULTS))
    findings += look.secrets(entries, additions=additions)
    lock = look.lock
    used = sum(each.event == "opening" for each in entries)
    return Verification(
        ok=all(each.status != "broken" for each in findings),
        head=entries[-1].hash if entries else None,
        entries=len(entries),
        left=None if lock is None else max(0, lock.openings - used),
        findings=tuple(findings),
    )


class _Look:
    """What the files of a seal show, read one after the other."""

    def __init__(self, corpus: Corpus, custody: Custody | None) -> None:
        self._corpus = corpus
        self._custody = custody
        self.lock: SealRecord | None = None
        self.content: bytes | None = None
        self.proof: bytes | None = None

    def files(self) -> Iterator[Finding]:
        """Read lock and ciphertext."""
        folder = self._corpus.folder
        if not any(path.exists() for path in (folder.lock, folder.sealed, folder.ledger)):
            raise UsageError(
                f"nothing was sealed in {folder.path}",
                hint="Seal a holdout: passmuster corpus split, or passmuster corpus seal",
            )
        try:
            self.lock = read_lock(folder.lock)
            yield proved("lock", f"{self.lock.cases:,} cases, root {self.lock.root[:16]}")
        except SealError as error:
            yield broken("lock", error.message)
        try:
            self.content = read_limited(folder.sealed, LARGEST_FILE, "the sealed holdout")
            yield from self._ciphertext(self.content)
        except SealError as error:
            yield broken("ciphertext", error.message)
        plain = folder.split_file("holdout")
        if plain is not None:
            yield broken("plain text", f"{plain.name} lies beside the sealed holdout: take it out of reach")

    def _ciphertext(self, content: bytes) -> Iterator[Finding]:
        if self.lock is None:
            yield unchecked("ciphertext", "the lock, which has its digest, cannot be read")
            return
        same = hashlib.sha256(content).hexdigest() == self.lock.ciphertext
        yield judged(
            "ciphertext",
            None if same else "it is not the one that the lock speaks of",
            "it is the one sealed",
        )
        if self._custody is not None:
            self.proof = proof_key(content, self._custody.key)

    def secrets(self, entries: Sequence[Entry], *, additions: bool) -> Iterator[Finding]:
        """Look at what only the key shows."""
        custody, lock = self._custody, self.lock
        if custody is None:
            yield unchecked(
                "cases", "root, counts, commitments and who wrote the entries take the custodian's --key"
            )
            return
        if lock is None or self.content is None:
            return
        if custody.memory is not None:
            yield verifying.memory_finding(entries, recall(custody.memory, lock.genesis))
        try:
            holdout = unsealed(Sealed(corpus=self._corpus, lock=lock, content=self.content, custody=custody))
        except SealError as error:
            yield broken("cases", error.message)
            return
        yield proved("cases", "root, commitments and counts of the lock are those of the cases")
        if additions:
            yield _additions(self._corpus, holdout)


def _entries(corpus: Corpus) -> tuple[list[Entry], list[Finding]]:
    """Return the ledger as far as it can be read, and why no further."""
    entries: list[Entry] = []
    try:
        with reading(corpus.folder.ledger) as found:
            entries.extend(found)
    except SealError as error:
        line = "" if error.place is None or error.place.line is None else f"line {error.place.line}: "
        return entries, [broken("chain", f"{line}{error.message}")]
    return entries, []


def _results(folder: Path) -> dict[int, OpeningResult | None]:
    found: dict[int, OpeningResult | None] = {}
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            name = re.fullmatch(r"(\d{4,9})\.json", path.name)
            if name is not None:
                found[int(name[1])] = _result(path)
    return found


def _result(path: Path) -> OpeningResult | None:
    try:
        content = read_limited(path, LARGEST_RESULT, "the result").replace(b"\r\n", b"\n")
        result = _RESULT.validate_json(content)
    except (SealError, ValidationError, RecursionError):
        return None
    return result if (record_json(result) + "\n").encode() == content else None


def _additions(corpus: Corpus, holdout: Holdout) -> Finding:
    cases = corpus.folder.open_cases()
    unsplit = corpus.folder.path / "cases.jsonl"
    if unsplit.is_file() and unsplit.stat().st_size:
        cases += read_cases(unsplit)
    texts = [input_text(case.input) for case in (*holdout.cases, *cases)]
    groups = near_duplicates(texts)
    held = set(groups[: len(holdout.cases)])
    found = verifying.sharing(cases, holdout)
    copied = [
        case.id
        for case, group, (shared, share) in zip(cases, groups[len(holdout.cases) :], found, strict=True)
        if group in held or verifying.is_copy(shared, share)
    ]
    return verifying.addition_finding(cases, copied, sum(shared > 0 for shared, _ in found))
