"""Whatever form a file has, its texts come out, with where they stand."""

import gzip
import itertools
import json
from pathlib import Path

import pytest

from passmuster.adapters.ingest.texts import BLOCK, TAIL, passages
from passmuster.errors import CorpusError


def texts(path: Path) -> list[str]:
    return [each.text for each in passages(path)]


def test_rows_of_json_lines_are_texts_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "tune.jsonl"
    path.write_text(json.dumps({"messages": [{"role": "user", "content": "a\nb"}], "n": 1}) + '\n\n"bare"\n')
    assert [(each.place, each.text) for each in passages(path)] == [
        (f"{path}:1", "user\na\nb"),
        (f"{path}:3", "bare"),
    ]


def test_a_line_that_is_no_json_and_bytes_that_are_no_text_hide_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tune.jsonl"
    path.write_bytes(b'{"a": "one two\n\xff three\n')
    assert texts(path) == ['{"a": "one two\n', "\ufffd three\n"]


def test_cells_of_a_csv_file_are_one_text_a_row(tmp_path: Path) -> None:
    path = tmp_path / "tune.csv"
    path.write_text('q,a\n"one\ntwo",three\n')
    assert texts(path) == ["one\ntwo\nthree"]


def test_values_of_a_json_document(tmp_path: Path) -> None:
    path = tmp_path / "tune.json"
    path.write_text('[{"a": "one"}, {"a": ["two", 3]}]')
    assert texts(path) == ["one", "two"]


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv.gz", "a.json.gz", "a.txt.gz"])
def test_packed_files_are_unpacked(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = {"a.jsonl.gz": '{"a": "word"}\n', "a.csv.gz": "h\nword\n", "a.json.gz": '{"a": "word"}'}
    path.write_bytes(gzip.compress(content.get(name, "word\n").encode(), mtime=0))
    assert [text.strip() for text in texts(path)] == ["word"]


def test_pieces_of_a_long_text_overlap_so_that_nothing_falls_between(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    lines = [f"line {number} of a long book" for number in range(20_000)]
    path.write_text("\n".join(lines))
    found = list(passages(path))
    assert len(found) > 3
    for before, after in itertools.pairwise(found):
        assert after.text.startswith(before.text[-TAIL:])
    assert all(
        any(f"{one}\n{other}" in each.text for each in found) for one, other in itertools.pairwise(lines)
    )


def test_one_endless_line_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("word " * BLOCK)
    assert max(map(len, texts(path))) <= 2 * BLOCK + TAIL


def test_a_folder_is_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.txt").write_text("two")
    (tmp_path / "a.jsonl").write_text('{"x": "one"}\n')
    assert texts(tmp_path) == ["one", "two"]


def test_a_missing_file_and_a_broken_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        list(passages(tmp_path / "nowhere.txt"))
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": "b"}\n' * 1000, mtime=0)[:-9])
    with pytest.raises(CorpusError, match="cannot be read"):
        list(passages(path))
