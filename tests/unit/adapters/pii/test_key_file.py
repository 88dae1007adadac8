"""The key of the pseudonyms: made once, kept out of git, and no other one is used by mistake."""

from pathlib import Path

import pytest

from passmuster.adapters.pii.key_file import KeyFile, fingerprint
from passmuster.errors import CorpusError

GIVEN = "a key that somebody gives"


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    key = KeyFile(tmp_path).read()

    assert KeyFile(tmp_path).read() == key
    assert len(key) == 64
    assert (tmp_path / ".private" / "pseudonyms.key").stat().st_mode & 0o077 == 0
    assert "*" in (tmp_path / ".private" / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert fingerprint(key) in (tmp_path / "pseudonyms.json").read_text(encoding="utf-8")
    assert key.decode() not in (tmp_path / "pseudonyms.json").read_text(encoding="utf-8")


def test_a_lost_key_is_not_replaced_silently(tmp_path: Path) -> None:
    KeyFile(tmp_path).read()
    (tmp_path / ".private" / "pseudonyms.key").unlink()

    with pytest.raises(CorpusError, match="the key that they were made with is not here"):
        KeyFile(tmp_path).read()


def test_another_key_is_refused(tmp_path: Path) -> None:
    KeyFile(tmp_path, GIVEN).read()

    assert KeyFile(tmp_path, GIVEN).read() == GIVEN.encode()
    with pytest.raises(CorpusError, match="is not the one"):
        KeyFile(tmp_path, "another key than before").read()
    assert not (tmp_path / ".private").exists()


def test_a_key_that_is_looked_at_only_leaves_nothing(tmp_path: Path) -> None:
    KeyFile(tmp_path).read(keep=False)
    KeyFile(tmp_path, GIVEN).read(keep=False)

    assert list(tmp_path.iterdir()) == []


def test_a_short_or_broken_key_and_a_broken_fingerprint_are_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has 3 characters"):
        KeyFile(tmp_path, "abc").read()
    KeyFile(tmp_path).read()
    (tmp_path / ".private" / "pseudonyms.key").write_text("", encoding="utf-8")
    with pytest.raises(CorpusError, match="too short"):
        KeyFile(tmp_path).read()
    (tmp_path / "pseudonyms.json").write_text("[]", encoding="utf-8")
    with pytest.raises(CorpusError, match="no fingerprint"):
        KeyFile(tmp_path).read()


def test_of_two_that_make_a_key_at_once_both_use_the_same(tmp_path: Path) -> None:
    one, other = KeyFile(tmp_path), KeyFile(tmp_path)

    assert one._made() == other._made()
