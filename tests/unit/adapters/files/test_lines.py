"""Files of lines appear whole or not at all."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from passmuster.adapters.files.lines import append_lines, write_lines
from passmuster.errors import CorpusError


def test_lines_are_written_plain_or_packed_by_the_name(tmp_path: Path) -> None:
    assert write_lines(tmp_path / "new" / "a.jsonl", ["é", "b"]) == 2
    assert write_lines(tmp_path / "a.jsonl.gz", ["é", "b"]) == 2

    assert (tmp_path / "new" / "a.jsonl").read_text() == "é\nb\n"
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).decode() == "é\nb\n"


def test_equal_lines_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write_lines(tmp_path / name, ["x"])
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_file_stays_what_it_was_where_making_the_lines_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_lines(path, ["before"])

    def broken() -> Iterator[str]:
        yield "after"
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_lines(path, broken())

    assert path.read_text() == "before\n"
    assert [each.name for each in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_full_disk_leaves_the_file_as_it_was_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    write_lines(path, ["before"])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(CorpusError, match="No space left on device") as caught:
        write_lines(path, ["after"])
    assert "untouched" in str(caught.value)
    with pytest.raises(CorpusError, match="No space"):
        append_lines(path, ["more"])
    assert path.read_text() == "before\n"
    assert [each.name for each in tmp_path.iterdir()] == ["a.jsonl"]


def test_lines_are_added_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.jsonl"
    append_lines(path, ["1"])
    append_lines(path, ["2", "3"])
    assert path.read_text() == "1\n2\n3\n"


def test_lines_are_added_on_lines_of_their_own_where_the_last_one_has_no_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("before")  # as an editor leaves it
    append_lines(path, ["after"])
    assert path.read_text() == "before\nafter\n"


@pytest.mark.parametrize("write", [write_lines, append_lines])
def test_a_text_that_is_none_is_told_and_nothing_is_written(
    tmp_path: Path, write: Callable[[Path, list[str]], object]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("before\n")
    with pytest.raises(CorpusError, match="no UTF-8") as caught:
        write(path, ["good", "caf\udcff"])
    caught.value.message.encode()
    assert path.read_text() == "before\n"
    assert [each.name for each in tmp_path.iterdir()] == ["a.jsonl"]
