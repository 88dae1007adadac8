"""Files of traffic: what is written comes back, whole or not at all."""

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from passmuster.adapters.ingest.traffic import (
    TrafficWriter,
    read_traffic_file,
    traffic_files,
    traffic_line,
    write_traffic_file,
)
from passmuster.errors import CorpusError
from passmuster.records.case import Conversation, Document, Image, Message, Text, Tool, ToolCall
from passmuster.records.digest import plain
from passmuster.records.traffic import TrafficRecord
from passmuster.records.trial import Usage

TALK = Conversation(
    messages=(
        Message(role="user", content=(Text(text="What is it?"), Image(url="https://x/y.png"))),
        Message(role="assistant", tool_calls=(ToolCall(name="look", arguments="{}", id="1"),)),
        Message(role="tool", content="a cat", tool_call_id="1"),
    ),
    system="Be brief.",
    tools=(Tool(name="look", parameters={"type": "object"}),),
    context=(Document(text="Cats."),),
)
RECORDS = [
    TrafficRecord(id="1", input="hé\n\u2028\0 NaN"),
    TrafficRecord(id="2", input={"a": [1, {"b": None}], "c": "d"}, reference={"x": [True]}, columns={"n": 1.5, "t": True}),
    TrafficRecord(id="3", input=TALK, output="A cat.", tool_calls=(ToolCall(name="n", arguments="{}"),), usage=Usage(input=0)),
    TrafficRecord(id="4", input="", time=0.0, cost=0.0, seconds=1, tags=("a", "b"), feedback="up", reference=False, error="e"),
]  # fmt: skip


def test_records_come_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "traffic" / "a.jsonl.gz"
    assert write_traffic_file(path, RECORDS) == len(RECORDS)
    assert list(read_traffic_file(path)) == RECORDS
    assert traffic_files(path.parent) == [path]


def test_equal_records_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_traffic_file(tmp_path / name, RECORDS)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(TEXT, st.dictionaries(TEXT.filter(lambda name: name != "messages"), JSON, min_size=1, max_size=3))
def test_any_record_is_one_line_of_json_that_holds_it(text: str, named: dict[str, object]) -> None:
    for record in (
        TrafficRecord(id="1", input=text, output=text),
        TrafficRecord(id="1", input=named, columns=named),
    ):
        line = traffic_line(record)
        assert b"\n" not in line
        assert from_json(line) == plain(record)


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (TrafficRecord(id="x", input="half \ud83d"), "half of a surrogate pair"),
        (TrafficRecord(id="x", input={"a": float("nan")}), "not JSON"),
        (TrafficRecord(id="x", input={"a": float("inf")}), "not JSON"),
        (TrafficRecord(id="x", input={"messages": []}), "cannot be called 'messages'"),
    ],
)
def test_what_could_not_be_given_back_is_refused(record: TrafficRecord, told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with pytest.raises(CorpusError, match=f"record 'x': .*{told}"):
        write_traffic_file(path, [record])
    assert list(tmp_path.iterdir()) == []


def test_an_error_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    write_traffic_file(path, RECORDS[:1])

    def broken() -> Iterator[TrafficRecord]:
        yield from RECORDS
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_traffic_file(path, broken())
    assert list(read_traffic_file(path)) == RECORDS[:1]
    assert list(tmp_path.iterdir()) == [path]


FILLS = """
import resource, sys
from pathlib import Path
from passmuster.adapters.ingest.traffic import write_traffic_file
from passmuster.errors import CorpusError
from passmuster.records.traffic import TrafficRecord

resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
many = (TrafficRecord(id=str(n), input=f"{n * 7919 % 100_003:x} {n**5}") for n in range(100_000))
try:
    write_traffic_file(Path(sys.argv[1]), many)
except CorpusError as error:
    sys.exit(str(error))
"""
"""A process whose files cannot grow over 20,000 bytes, as on a disk that is full: one of its own, so that no other is hit."""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of this kind")
def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    write_traffic_file(path, RECORDS)

    done = subprocess.run([sys.executable, "-c", FILLS, path], capture_output=True, text=True, check=False)

    assert re.search(r"the file cannot be written: .*(too large|space)", done.stderr), done.stderr
    assert list(read_traffic_file(path)) == RECORDS
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with TrafficWriter(path) as writer:
        with pytest.raises(CorpusError, match="another import of this name is going on"):
            write_traffic_file(path, RECORDS)
        writer.write(traffic_line(RECORDS[0]))
        writer.keep()
    assert list(read_traffic_file(path)) == RECORDS[:1]


def test_what_a_killed_writer_left_is_no_traffic_and_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    (tmp_path / "a.jsonl.gz.part").write_bytes(b"rubbish")
    assert traffic_files(tmp_path) == []
    write_traffic_file(path, RECORDS)
    assert list(read_traffic_file(path)) == RECORDS


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            gzip.compress(b'{"id":"1","input":"a"}\n', mtime=0)[:-9],
            "a.jsonl.gz:[12]: the file of traffic is broken",
        ),
        (b"no gzip", "is broken"),
        (
            gzip.compress(b'{"id":"1","input":"a"}\n{"id":"2"}\n', mtime=0),
            "a.jsonl.gz:2: this line is no record",
        ),
        (
            gzip.compress(b'{"id":"1","input":"a","colour":1}\n', mtime=0),
            "a.jsonl.gz:1: this line is no record",
        ),
        (gzip.compress(b'{"id":1,"input":"a"}\n', mtime=0), "a.jsonl.gz:1: this line is no record"),
        (
            gzip.compress(b'{"id":"1","input":{"messages":[{"role":"boss"}]}}\n', mtime=0),
            "a.jsonl.gz:1: this line is no record",
        ),
        (gzip.compress(b"[]\n", mtime=0), "a.jsonl.gz:1: this line is no record"),
    ],
)
def test_a_file_that_is_no_traffic_is_told_with_its_line(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=told):
        list(read_traffic_file(path))
