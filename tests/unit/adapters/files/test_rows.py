"""Rows of files: what is read, and what is refused at which place."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.files.locate import locate
from passmuster.adapters.files.rows import RowReader
from passmuster.errors import CorpusError, RecordingError


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "ROWS.JSONL"])
def test_jsonl_rows_come_with_their_lines_and_blank_lines_are_passed_over(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, '\ufeff{"a": 1}\r\n\n  \n{"a": "\u2028"}')
    assert [(row.line, row.values) for row in RowReader(path, CorpusError)] == [
        (1, {"a": 1}),
        (4, {"a": "\u2028"}),
    ]


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz"])
def test_csv_rows_begin_where_their_first_line_does(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, 'id, text \n1,"two\nlines, ""quoted"""\n\n2,""\n')
    rows = list(RowReader(path, CorpusError))
    assert [(row.line, row.values) for row in rows] == [
        (2, {"id": "1", "text": 'two\nlines, "quoted"'}),
        (5, {"id": "2", "text": ""}),
    ]
    assert str(rows[0].place("text")).endswith("rows.csv" + (".gz" if "gz" in name else "") + ":2:3")


def test_a_cell_of_a_megabyte_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.csv", "id,text\n1," + "x" * 1_000_000 + "\n")
    assert len(str(next(iter(RowReader(path, CorpusError))).values["text"])) == 1_000_000


@pytest.mark.parametrize(
    ("name", "content", "place", "said"),
    [
        ("a.jsonl", '{"id": 1}\n{"id": }\n', ":2:8", "not valid JSON"),
        ("a.jsonl", '{"id": 1}\n["id"]\n', ":2:1", "found a list"),
        ("a.jsonl", '{"x": NaN}\n', ":1", "NaN is not a JSON number"),
        ("a.jsonl", '{"x": -Infinity}\n', ":1", "-Infinity is not"),
        ("a.jsonl", '{"x": 1, "x": 2}\n', ":1", "'x' stands twice"),
        ("a.jsonl", "[" * 100_000, ":1", "not valid JSON"),
        ("a.jsonl", '{"x": ' + "9" * 5000 + "}", ":1", "not valid JSON"),
        ("a.jsonl", b'{"x": 1}\n{"x": "\xe9\xff"}\n', ":2:8", "not UTF-8: byte 0xe9"),
        ("a.csv", b"id,text\n1,abc\xe9\n", ":2:6", "not UTF-8"),
        ("a.csv", "id,text\n1,a,b\n", ":2", "3 cells where the header has 2"),
        ("a.csv", "id,text\n1\n", ":2", "1 cells where the header has 2"),
        ("a.csv", "id,id\n1,2\n", ":1", "two columns are called 'id'"),
        ("a.csv", "id,\n1,2\n", ":1", "column 2 of the header has no name"),
        ("a.csv", 'id,text\n1,"open\n', ":2", "not valid CSV"),
        ("a.json", "{}", "a.json: ", "cannot tell the format"),
    ],
)
def test_what_is_broken_is_refused_at_its_place(
    tmp_path: Path, name: str, content: str | bytes, place: str, said: str
) -> None:
    with pytest.raises(RecordingError) as caught:
        list(RowReader(written(tmp_path, name, content), RecordingError))
    assert place in str(caught.value)
    assert said in str(caught.value)


def test_a_cut_gz_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 1000, mtime=0)[:-12])
    with pytest.raises(CorpusError, match="compressed file is broken"):
        list(RowReader(path, CorpusError))


def test_a_gz_name_on_a_plain_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_text('{"a": 1}\n')
    with pytest.raises(CorpusError, match="compressed file is broken"):
        list(RowReader(path, CorpusError))


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        list(RowReader(tmp_path / "none.jsonl", CorpusError))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(CorpusError, match="cannot be read"):
        list(RowReader(tmp_path / "folder.csv", CorpusError))


def test_the_digest_is_of_the_content_not_of_its_compression(tmp_path: Path) -> None:
    readers = [
        RowReader(written(tmp_path, name, '{"a": 1}\n'), CorpusError) for name in ("a.jsonl", "b.jsonl.gz")
    ]
    for reader in readers:
        list(reader)
    assert readers[0].digest == readers[1].digest


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), JSON_VALUES, max_size=4), st.sampled_from([None, 2]), st.data())
def test_every_value_is_found_where_it_stands(
    value: dict[str, object], indent: int | None, data: st.DataObject
) -> None:
    import json  # noqa: PLC0415 - beside its one use

    text = json.dumps(value, indent=indent)
    steps: list[str | int] = []
    here: object = value
    while isinstance(here, dict | list) and here and data.draw(st.booleans()):
        step = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        steps.append(step)
        here = here[step]
    found, _ = json.JSONDecoder().raw_decode(text, locate(text, steps))
    assert found == here
