"""The lock is read back, and only as it was written."""

from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.adapters.seal import lock
from passmuster.adapters.seal.lock import lock_text, read_lock, write_lock
from passmuster.errors import SealError
from passmuster.records.seal import SealRecord

SEAL = SealRecord(
    tool="1.0",
    time=12.5,
    cases=100,
    root="a" * 64,
    salt="b" * 64,
    split_seed="c" * 64,
    custodian="d" * 64,
    openings=3,
    strata={"späte": 60, "frühe": 40},
    ciphertext="e" * 64,
    genesis="f" * 64,
)


def test_it_is_read_back(tmp_path: Path) -> None:
    write_lock(tmp_path / "lock", SEAL)

    assert read_lock(tmp_path / "lock") == SEAL


def test_line_ends_of_another_system_are_no_change(tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(lock_text(SEAL).replace(b"\n", b"\r\n"))

    assert read_lock(tmp_path / "lock") == SEAL


def test_no_byte_of_it_can_be_changed_unless_the_content_changes_with_it(tmp_path: Path) -> None:
    """A change of content is shown by the ledger, which has the digest of the lock."""
    whole = lock_text(SEAL)
    missed = []
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        (tmp_path / "lock").write_bytes(changed)
        try:
            found = read_lock(tmp_path / "lock")
        except SealError:
            continue
        if found == SEAL:
            missed.append(place)

    assert missed == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"[" * 100_000,
        b"\xff",
        lock_text(SEAL)[:-1],
        lock_text(SEAL).replace(b'"cases": 100', b'"cases": "100"'),
        lock_text(SEAL).replace(b'"cases": 100', b'"cases": 100, "cases": 100'),
        lock_text(SEAL).replace(b'"format": 1', b'"format": 2'),
        lock_text(SEAL).replace(b'"tool"', b'"colour": 1, "tool"'),
    ],
)
def test_any_other_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock").write_bytes(content)

    with pytest.raises(SealError):
        read_lock(tmp_path / "lock")


def test_a_missing_a_huge_and_an_odd_file_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SealError, match="does not exist"):
        read_lock(tmp_path / "lock")
    with pytest.raises(SealError, match="no ordinary file"):
        read_lock(tmp_path)
    monkeypatch.setattr(lock, "LARGEST", 100)
    write_lock(tmp_path / "lock", replace(SEAL, tool="x"))
    with pytest.raises(SealError, match="larger than"):
        read_lock(tmp_path / "lock")
