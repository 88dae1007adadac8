"""A source is recognised, told, and read; what a person says of it counts more."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from passmuster.adapters.ingest.importing import How, SourceReading
from passmuster.errors import CorpusError, UsageError
from passmuster.records.case import Case
from passmuster.records.imported import BadRow
from passmuster.records.traffic import TrafficRecord


def lines(path: Path, *rows: object) -> str:
    """Write rows as lines of JSON and return where."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def inputs(reading: SourceReading) -> list[object]:
    """Return what was asked, row by row."""
    return [found.input for found in reading if isinstance(found, TrafficRecord | Case)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"question": "a"}\n{"question": "b"}\n'),
        ("a.ndjson", '{"question": "a"}\n{"question": "b"}\n'),
        ("a.json", '{"question": "a"}\n{"question": "b"}\n'),
        ("a.log", '{"question": "a"}\n{"question": "b"}\n'),
        ("a.json", '[{"question": "a"}, {"question": "b"}]'),
        ("a.jsonl", '[\n  {"question": "a"},\n  {"question": "b"}\n]\n'),
        ("a.json", '{\n  "question": "a"\n}\n{\n  "question": "b"\n}\n'),
        ("a.csv", "question\na\nb\n"),
        ("a.tsv", "question\tn\na\t1\nb\t2\n"),
        ("a.CSV", "question;n\na;1\nb;2\n"),
    ],
)
def test_rows_are_found_in_files_of_every_form(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    reading = SourceReading([str(tmp_path / name)], How())
    assert inputs(reading) == ["a", "b"]
    assert len(reading.account().sha256[str(tmp_path / name)]) == 64


def test_several_files_and_globs_are_one_source_and_bad_rows_name_theirs(tmp_path: Path) -> None:
    one = lines(tmp_path / "1.jsonl", {"question": "a"})
    lines(tmp_path / "2.jsonl", {"question": "b"}, {"other": 1})
    reading = SourceReading([str(tmp_path / "*.jsonl"), one], How())
    found = list(reading)
    assert [each.input for each in found if isinstance(each, TrafficRecord)] == ["a", "b"]
    bad = [each for each in found if isinstance(each, BadRow)]
    assert [each.where for each in bad] == [f"{tmp_path}/2.jsonl:2"]
    assert bad[0].reason == "no input: there is no column 'question'"
    assert reading.sources == (one, f"{tmp_path}/2.jsonl")
    assert reading.progress().done == reading.progress().total


def test_another_tools_format_is_recognised_and_can_be_overruled(tmp_path: Path) -> None:
    row = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
    path = lines(tmp_path / "a.jsonl", row, row)
    assert SourceReading([path], How()).recognised.format.startswith("openai")
    table = SourceReading([path], How(format="table"))
    assert (table.recognised.format, table.recognised.kind) == ("table", "traffic")
    assert SourceReading([path], How(columns={"input": ("messages",)})).recognised.format == "table"
    assert SourceReading([path], How(format="table", kind="cases")).recognised.kind == "cases"


def test_a_test_set_is_not_taken_for_traffic(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
    )
    with pytest.raises(UsageError, match="hold cases, no traffic"):
        SourceReading([path], How(format="openai-fine-tune", kind="traffic"))


def test_the_guess_is_told_with_its_columns(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", {"question": "a", "latency_ms": 5})
    found = SourceReading([path], How()).recognised
    assert [(each.field, each.column, each.remark) for each in found.columns] == [
        ("input", "question", ""),
        ("seconds", "latency_ms", "in milliseconds"),
    ]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (How(format="opneai-chat"), "did you mean 'openai-chat'"),
        (How(format="openai-chat", columns={"input": ("question",)}), "--columns is for tables"),
        (How(query="SELECT 1"), "--query is for databases"),
        (How(columns={"input": ("qestion",)}), "did you mean 'question'"),
    ],
)
def test_a_slip_is_told_before_anything_is_read(how: How, told: str, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", {"question": "a"})
    with pytest.raises(UsageError) as error:
        SourceReading([path], how)
    assert told in str(error.value)


def test_a_named_column_that_never_came_is_an_error(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", {"question": "a", "rating": 1})
    reading = SourceReading([path], How(columns={"feedback": ("ratign",)}))
    assert inputs(reading) == ["a"]
    with pytest.raises(CorpusError, match=r"(?s)no row has a column 'ratign'.*did you mean 'rating'"):
        reading.account()


def test_feedback_that_begins_after_the_sample_is_told(tmp_path: Path) -> None:
    rows = [{"question": f"q {n}"} for n in range(5_000)]
    path = lines(tmp_path / "a.jsonl", *rows, {"question": "last", "rating": 5})
    reading = SourceReading([path], How())
    assert len(inputs(reading)) == 5_001
    assert "--columns feedback=rating" in reading.account().remarks[0]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jsonl", b"", "holds no rows"),
        ("a.csv", b"question\n", "holds no rows"),
        ("a.jsonl", b"not json\n" * 5, "none of the first 5 rows can be read; line 1: not valid JSON"),
        ("a.txt", b"hello\n", "cannot tell what this file is"),
        ("a.json", b'[{"question": "a"}, {"question": ', "not valid JSON"),
        ("a.parquet", b"PAR1", "a.parquet"),
    ],
)
def test_a_source_without_rows_is_told(name: str, content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises((CorpusError, UsageError), match=told):
        list(SourceReading([str(tmp_path / name)], How()))


def test_an_address_can_come_from_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGS", lines(tmp_path / "a.jsonl", {"question": "a"}))
    assert inputs(SourceReading(["env:LOGS"], How())) == ["a"]
    with pytest.raises(UsageError, match="NOTHING is not set"):
        SourceReading(["env:NOTHING"], How())


def test_a_row_that_is_nested_too_deeply_costs_only_itself(tmp_path: Path) -> None:
    deep: object = 1
    for _ in range(150):
        deep = {"a": deep}
    path = lines(tmp_path / "a.jsonl", {"question": "a"}, {"question": "b", "meta": deep}, {"question": "c"})
    assert inputs(SourceReading([path], How())) == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["a[1].parquet", "a?.parquet", "a*.parquet", "it's #1.parquet"])
def test_signs_of_a_glob_in_the_name_of_a_file_are_its_own(name: str, tmp_path: Path) -> None:
    for each in ("a1.parquet", name):
        pq.write_table(pa.table({"question": [f"of {each}"]}), tmp_path / each)

    reading = SourceReading([str(tmp_path / name)], How())

    assert inputs(reading) == [f"of {name}"]
    assert reading.sources == (str(tmp_path / name),)


def test_a_pipe_is_refused_since_it_can_be_read_only_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log.jsonl")

    with pytest.raises(UsageError, match="a pipe or a device"):
        SourceReading([str(tmp_path / "log.jsonl")], How())
