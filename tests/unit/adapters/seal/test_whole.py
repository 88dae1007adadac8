"""Files that appear whole, and private ones."""

import os
import stat
from pathlib import Path

import pytest

from passmuster.adapters.seal.whole import read_limited, write_private, write_whole
from passmuster.errors import SealError


def test_a_file_appears_whole_or_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a" / "b"
    write_whole(path, b"one")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SealError, match="No space left"):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one"
    assert [each.name for each in path.parent.iterdir()] == ["b"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits")
def test_a_private_file_is_its_owners_alone_and_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    old = os.umask(0)
    try:
        write_private(path, b"secret")
    finally:
        os.umask(old)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with pytest.raises(SealError, match="a file of this name already"):
        write_private(path, b"other")
    assert path.read_bytes() == b"secret"


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SealError):
        write_private(tmp_path / "key", b"secret")
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_reading_has_a_limit(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")

    assert read_limited(tmp_path / "f", 5, "it") == b"12345"
    with pytest.raises(SealError, match="it is larger than 4 bytes"):
        read_limited(tmp_path / "f", 4, "it")
    with pytest.raises(SealError, match="it does not exist"):
        read_limited(tmp_path / "g", 4, "it")
    with pytest.raises(SealError, match=r"it (does not exist|cannot be read)"):
        read_limited(tmp_path / "g\0h", 4, "it")
