"""What the custodian remembers of a ledger."""

from pathlib import Path

import pytest

from passmuster.adapters.seal.memory import memory_file, recall, remember
from passmuster.errors import SealError
from passmuster.records.seal import Entry

ONE = Entry(event="opening", sequence=3, hash="a" * 64)


def test_the_newest_entry_of_each_ledger_is_remembered(tmp_path: Path) -> None:
    path = memory_file(tmp_path / "custodian.key")

    assert recall(path, "one") is None
    remember(path, "one", Entry(event="opening", sequence=2, hash="b" * 64))
    remember(path, "one", ONE)
    remember(path, "two", Entry(event="opening", sequence=9, hash="c" * 64))

    assert recall(path, "one") == (3, "a" * 64)
    assert recall(path, "two") == (9, "c" * 64)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"one": 3}', b'{"one": ["x", "y"]}', b"[" * 9999])
def test_a_memory_that_cannot_be_read_is_no_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "memory").write_bytes(content)

    with pytest.raises(SealError, match="memory of the custodian was altered"):
        recall(tmp_path / "memory", "one")
