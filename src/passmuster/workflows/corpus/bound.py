"""What a ledger must agree with beyond its own chain: the lock, an anchor, the custodian's memory."""

from collections.abc import Sequence

from passmuster.records.seal import Entry, SealRecord, seal_digest

LEAST_DIGITS = 12
"""Digits of a hash that an anchor has at least: fewer could fit by chance."""


def lock_flaw(entries: Sequence[Entry], lock: SealRecord) -> str | None:
    """Return why ledger and lock do not belong together, None where they do."""
    if not entries:
        return "the ledger is empty: it was cut off"
    first = entries[0]
    if first.hash != lock.genesis:
        return "the ledger does not begin as the lock says: it is another one, or was begun anew"
    if first.seal != seal_digest(lock):
        return "the lock was altered after the holdout was sealed"
    if not entries or len([each for each in entries if each.event == "opening"]) > lock.openings:
        return f"there are more openings than the {lock.openings} that were allowed"
    return None


def anchor_flaw(entries: Sequence[Entry], anchor: str) -> str | None:
    """Return why a hash that was seen before shows a ledger that was cut off or rewritten, None where it does not.

    Args:
        entries: The ledger.
        anchor: A hash, or its first digits (12 at least), that was its head once.
    """
    wanted = anchor.strip().lower()
    if len(wanted) < LEAST_DIGITS:
        return f"an anchor has {LEAST_DIGITS} digits at least"
    if any(each.hash.startswith(wanted) for each in entries):
        return None
    return f"no entry has the hash {wanted[:16]}: what came up to it was cut off or rewritten"


def memory_flaw(entries: Sequence[Entry], remembered: tuple[int, str] | None) -> str | None:
    """Return why a ledger is behind what the custodian remembers of it, None where it is not."""
    if remembered is None:
        return None
    sequence, own = remembered
    if sequence < 1 or len(entries) < sequence or entries[sequence - 1].hash != own:
        return f"the custodian remembers entry {sequence} as {own[:16]}, and it is not there any more"
    return None
