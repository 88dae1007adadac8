"""A canary at the head of a file of cases leaves the cases as they are."""

import gzip
from pathlib import Path

import pytest

from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.ingest.marks import mark_file
from passmuster.errors import CorpusError
from passmuster.records.case import Case

CASES = [Case(id="1", input="one \u2028 line \x85 of \r text"), Case(id="2", input="two")]


@pytest.mark.parametrize("name", ["eval.jsonl", "eval.jsonl.gz"])
def test_a_marked_file_holds_the_same_cases(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_cases(path, CASES)
    mark_file(path, "canary 1")
    assert list(read_cases(path)) == CASES


def test_a_new_mark_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "eval.jsonl"
    write_cases(path, CASES)
    before = path.read_text(encoding="utf-8")
    mark_file(path, "canary 1")
    mark_file(path, "canary 2")
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    assert first == '{"canary": "canary 2"}'
    assert rest == before


def test_a_case_that_only_speaks_of_a_canary_is_no_mark(tmp_path: Path) -> None:
    path = tmp_path / "eval.jsonl"
    path.write_text('{"id": "1", "input": {"canary": "x"}}\n')
    mark_file(path, "canary 1")
    assert [case.id for case in read_cases(path)] == ["1"]


def test_a_file_of_nothing_but_a_mark_holds_no_cases(tmp_path: Path) -> None:
    path = tmp_path / "eval.jsonl"
    path.write_text('{"canary": "x"}\n')
    with pytest.raises(CorpusError, match="no cases"):
        read_cases(path)


@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", b"\xff\xfe"), ("a.jsonl.gz", gzip.compress(b"x" * 99, mtime=0)[:20])]
)
def test_what_cannot_be_read_is_left_alone(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CorpusError, match="cannot be read"):
        mark_file(path, "canary 1")
    assert path.read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 1


def test_a_first_case_with_a_column_of_that_name_is_a_case_and_no_mark(tmp_path: Path) -> None:
    path = tmp_path / "eval.jsonl"
    path.write_text('{"canary": true, "id": "1", "input": "x"}\n{"canary": false, "id": "2", "input": "y"}\n')
    mark_file(path, "canary 1")
    assert [case.id for case in read_cases(path, {"id": "id", "input": "input"})] == ["1", "2"]


def test_a_mark_that_is_written_another_way_is_replaced_as_well(tmp_path: Path) -> None:
    path = tmp_path / "eval.jsonl"
    path.write_text('{ "canary" : "old" }\r\n{"id": "1", "input": "x"}\n')
    mark_file(path, "canary 1")
    assert path.read_text() == '{"canary": "canary 1"}\n{"id": "1", "input": "x"}\n'
