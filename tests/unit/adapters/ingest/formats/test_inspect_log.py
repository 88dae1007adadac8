"""Inspect's samples become cases, out of JSON and out of archives; an archive cannot take the memory."""

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.ingest.formats.reading import case, changed, left_out, refusal, whole
from tests.unit.adapters.ingest.formats.samples import INSPECT_SAMPLE

from passmuster.adapters.ingest.formats import inspect_log
from passmuster.adapters.ingest.formats.inspect_log import INSPECT
from passmuster.adapters.ingest.formats.table import recognised
from passmuster.errors import CorpusError
from passmuster.records.case import Case, Conversation, Message, ToolCall

LOG: dict[str, Any] = {"version": 2, "status": "success", "eval": {"task": "t"}}


def archive(path: Path, samples: list[dict[str, Any]], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("header.json", json.dumps(LOG))
        for each in samples:
            made.writestr(f"samples/{each['id']}_epoch_{each['epoch']}.json", json.dumps(each))
        made.writestr("summaries.json", "[]")
    return path


def read(path: Path) -> list[Case]:
    rows = whole(path)
    return [each for row in rows for each in INSPECT.read(row.value) if isinstance(each, Case)]


def test_a_sample() -> None:
    found = case(INSPECT, INSPECT_SAMPLE)

    assert found.input == Conversation(messages=(Message(role="user", content="2 + 2?"),))
    assert (found.id, found.reference, found.tags, found.origin) == ("7", "4", ("level=easy",), "expert")
    assert left_out(INSPECT, INSPECT_SAMPLE) == ["answers and scores of the log"]


def test_calls_of_tools_as_inspect_writes_them() -> None:
    call = {"id": "c1", "type": "function", "function": "bash", "arguments": {"cmd": "ls"}}
    asked = [
        {"role": "user", "content": "List."},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "a", "tool_call_id": "c1", "function": "bash"},
    ]
    found = case(INSPECT, {"id": 1, "input": asked, "target": "a"})

    assert isinstance(found.input, Conversation)
    assert found.input.messages[1].tool_calls == (ToolCall(name="bash", arguments='{"cmd": "ls"}', id="c1"),)


def test_choices_stay_beside_their_question() -> None:
    found = case(INSPECT, {"id": 1, "input": "Which?", "choices": ["a", "b"], "target": "B"})

    assert (found.input, found.reference) == ({"question": "Which?", "choices": ["a", "b"]}, "B")


def test_a_log_in_json_has_each_sample_once() -> None:
    again = changed(INSPECT_SAMPLE, epoch=2)
    log = {**LOG, "samples": [INSPECT_SAMPLE, again, changed(INSPECT_SAMPLE, id="b")]}

    assert [each.id for each in INSPECT.read(log) if isinstance(each, Case)] == ["7", "b"]
    assert "further epochs" in left_out(INSPECT, log)


def test_a_log_without_samples_is_refused() -> None:
    assert "holds no samples" in refusal(INSPECT, LOG)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive(method: int, tmp_path: Path) -> None:
    samples = [INSPECT_SAMPLE, changed(INSPECT_SAMPLE, epoch=2), changed(INSPECT_SAMPLE, id="b")]
    path = archive(tmp_path / "log.eval", samples, method)

    assert [each.id for each in read(path)] == ["7", "b"]
    rows = whole(path)
    guess = recognised([rows[0].value], path.name)
    assert guess is not None
    assert guess.format is INSPECT


def test_zstandard_names_the_way_out(tmp_path: Path) -> None:
    path = archive(tmp_path / "log.eval", [INSPECT_SAMPLE], zipfile.ZIP_STORED)
    _pack_as(path, 93)

    if hasattr(zipfile, "ZIP_ZSTANDARD"):
        pytest.skip("this Python unpacks Zstandard")
    with pytest.raises(CorpusError, match=r"(?s)Zstandard.*inspect log dump"):
        read(path)


def test_another_method_is_named(tmp_path: Path) -> None:
    path = archive(tmp_path / "log.eval", [INSPECT_SAMPLE], zipfile.ZIP_STORED)
    _pack_as(path, 97)

    with pytest.raises(CorpusError, match="ZIP method 97"):
        read(path)


def _pack_as(path: Path, method: int) -> None:
    """Write another packing method into all headers of an archive."""
    raw = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = raw.find(mark)
        while at >= 0:
            struct.pack_into("<H", raw, at + place, method)
            at = raw.find(mark, at + 4)
    path.write_bytes(raw)


def test_a_bomb_is_stopped_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect_log, "LARGEST_MEMBER", 2 << 20)
    path = tmp_path / "bomb.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("samples/1_epoch_1.json", b"0" * (30 << 20))

    assert path.stat().st_size < 100_000
    with pytest.raises(CorpusError, match="unpacks to more than 2 MB"):
        read(path)


def test_many_samples_are_stopped_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect_log, "MOST_SAMPLES", 1)
    path = archive(tmp_path / "log.eval", [INSPECT_SAMPLE, changed(INSPECT_SAMPLE, id="b")])

    with pytest.raises(CorpusError, match="lists 2 samples"):
        read(path)


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_a_broken_archive_is_refused(keep: int, tmp_path: Path) -> None:
    path = archive(tmp_path / "log.eval", [INSPECT_SAMPLE])
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(CorpusError, match="broken"):
        read(path)


def test_a_member_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "log.eval", [INSPECT_SAMPLE], zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"2 + 2?", b"2 + 3?"))

    with pytest.raises(CorpusError, match="broken"):
        read(path)


def test_an_archive_without_samples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no samples"):
        read(archive(tmp_path / "log.eval", []))


def test_a_member_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("samples/1_epoch_1.json", "{")

    with pytest.raises(CorpusError, match=r"samples/1_epoch_1\.json: not valid JSON"):
        read(path)
