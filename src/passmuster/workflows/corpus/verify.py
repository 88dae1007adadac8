"""`corpus verify`: what can be proved of seal and ledger, thing by thing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from passmuster.corpus.ngrams import GRAM_WORDS, gram_digests
from passmuster.corpus.seal.chain import Chain
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.seal import Entry, Finding, Holdout, OpeningResult, SealRecord, result_digest
from passmuster.records.text import input_text
from passmuster.workflows.corpus.bound import anchor_flaw, lock_flaw, memory_flaw

MOST_FLAWS = 10
"""Flaws of a ledger that are told one by one."""
COPIED_RUNS = 8
"""Runs of 13 words that a copy shares at least: 20 words in a row."""
COPIED_SHARE = 0.5
"""The share of its runs that a copy has in common at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Record):
    """All findings; `ok` where none is broken. `head` is the last hash of the ledger, `left` openings are left."""

    ok: bool
    head: str | None
    entries: int
    left: int | None
    findings: tuple[Finding, ...]


def proved(check: str, detail: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(check=check, status="proved", detail=detail)


def broken(check: str, detail: str) -> Finding:
    """Return that something is not as it should be."""
    return Finding(check=check, status="broken", detail=detail)


def unchecked(check: str, detail: str) -> Finding:
    """Return that something was not looked at, and what it would take."""
    return Finding(check=check, status="not checked", detail=detail)


def judged(check: str, flaw: str | None, detail: str) -> Finding:
    """Return what a flaw says of a check; without one it is proved."""
    return proved(check, detail) if flaw is None else broken(check, flaw)


def chain_findings(entries: Sequence[Entry], lock: SealRecord | None, key: bytes | None) -> Iterator[Finding]:
    """Yield what the ledger itself shows, and whether it belongs to the lock.

    Args:
        entries: As far as the ledger can be read.
        lock: None where it cannot be read.
        key: What proofs are made with; None where the custodian's key is not there.
    """
    chain = Chain(key)
    flaws = [(line, flaw) for line, entry in enumerate(entries, start=1) for flaw in chain.take(entry)]
    for line, flaw in flaws[:MOST_FLAWS]:
        yield broken("chain", f"line {line}: {flaw}")
    if len(flaws) > MOST_FLAWS:
        yield broken("chain", f"and {len(flaws) - MOST_FLAWS} more")
    if not flaws and entries:
        yield proved("chain", f"{len(entries):,} entries follow from one another")
    if lock is not None:
        yield judged("lock and ledger", lock_flaw(entries, lock), "they belong together")
        yield _used(chain, lock)


def _used(chain: Chain, lock: SealRecord) -> Finding:
    cut = [each for each in chain.openings if each not in chain.results]
    detail = f"{len(chain.openings)} of {lock.openings} used"
    if cut:
        detail += f", {len(cut)} of them without a result: interrupted, or still at work"
    if chain.retired:
        detail += ", and the holdout is retired"
    if len(chain.openings) > lock.openings:
        return broken("openings", detail)
    return proved("openings", detail)


def anchor_finding(entries: Sequence[Entry], anchor: str | None) -> Finding:
    """Return whether a hash that was seen before still stands in the ledger."""
    if anchor is None:
        return unchecked(
            "anchor", "a ledger that was cut off looks whole: give a head that was seen before, --anchor HASH"
        )
    return judged("anchor", anchor_flaw(entries, anchor), f"{anchor.strip()[:16]} stands in the ledger")


def memory_finding(entries: Sequence[Entry], remembered: tuple[int, str] | None) -> Finding:
    """Return whether the ledger is as the custodian remembers it."""
    if remembered is None:
        return unchecked("memory of the key", "nothing is remembered: this key has not opened it from here")
    return judged("memory of the key", memory_flaw(entries, remembered), f"entry {remembered[0]} is there")


def result_findings(
    entries: Sequence[Entry], results: Mapping[int, OpeningResult | None]
) -> Iterator[Finding]:
    """Yield whether the results that lie there are those that the ledger has the digests of.

    Args:
        entries: The ledger.
        results: By number of the opening in the ledger; None where a file is no result.
    """
    numbers = {each.hash: each.sequence for each in entries if each.event == "opening"}
    told = {
        numbers[each.opening]: each.result
        for each in entries
        if each.event == "opened" and each.opening in numbers
    }
    for number, result in sorted(results.items()):
        if result is None:
            yield broken("results", f"result {number} is not as one is written")
        elif number not in told:
            yield broken("results", f"result {number} is of no opening in the ledger")
        elif result_digest(result) != told[number]:
            yield broken("results", f"result {number} is not what came of the opening: it was altered")
        else:
            yield proved("results", f"result {number} is what came of the opening")
    for number in sorted(set(told) - set(results)):
        yield unchecked("results", f"result {number} does not lie here")


def addition_finding(cases: Sequence[Case], copied: Sequence[str], sharing: int) -> Finding:
    """Return whether cases that everybody may read are copies of holdout cases.

    Args:
        cases: Those that were looked at.
        copied: The ids of copies among them.
        sharing: How many share a run of words with the holdout.
    """
    told = f"{len(cases):,} cases looked at, {sharing:,} share a run of {GRAM_WORDS} words with the holdout"
    if not copied:
        return proved("additions", f"{told}, none is a copy")
    named = ", ".join(copied[:MOST_FLAWS]) + (", ..." if len(copied) > MOST_FLAWS else "")
    return broken("additions", f"{told}, {len(copied):,} are copies: {named}")


def sharing(cases: Sequence[Case], holdout: Holdout) -> list[tuple[int, float]]:
    """Return of each case how many of its runs of words stand in the holdout, and which share of them.

    Both go by keyed digests, whose key lies inside the ciphertext.
    """
    key = bytes.fromhex(holdout.gram_key)
    held = {mark for case in holdout.cases for mark in gram_digests(input_text(case.input), key)}
    found = [
        (len(own & held), len(own)) for own in (gram_digests(input_text(case.input), key) for case in cases)
    ]
    return [(shared, shared / runs if runs else 0.0) for shared, runs in found]


def is_copy(shared: int, share: float) -> bool:
    """Return whether a case that shares so many of its runs of words with the holdout is a copy of a part of it.

    Two short texts may share a run by chance: the near-duplicates among those are told by their Jaccard index.

    Example:
        >>> is_copy(1, 0.5), is_copy(30, 0.6), is_copy(30, 0.1)
        (False, True, False)
    """
    return shared >= COPIED_RUNS and share >= COPIED_SHARE
