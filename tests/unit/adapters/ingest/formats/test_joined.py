"""Folders of exports: rows are joined by name, however many there are."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.adapters.ingest.formats.reading import changed, record, whole
from tests.unit.adapters.ingest.formats.samples import OBSERVATION, SCORE

from passmuster.adapters.ingest.formats.format import Value
from passmuster.adapters.ingest.formats.joined import Joined
from passmuster.adapters.ingest.formats.langfuse import LANGFUSE
from passmuster.adapters.ingest.formats.table import recognised_folder, values
from passmuster.adapters.ingest.tabular import Bad
from passmuster.errors import CorpusError
from passmuster.records.traffic import TrafficRecord


def write(folder: Path, name: str, *rows: Mapping[str, object]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def read(folder: Path) -> list[TrafficRecord]:
    guess = recognised_folder(folder)
    assert guess is not None
    rows = whole(folder, guess.format)
    return [record(LANGFUSE, each.value) for each in rows]


def test_scores_find_their_observation_or_the_whole_trace(tmp_path: Path) -> None:
    write(tmp_path, "p/observations_v2/a.jsonl", OBSERVATION, changed(OBSERVATION, id="obs-2", trace_id="t2"))
    write(tmp_path, "observations_v2/b.jsonl", changed(OBSERVATION, id="obs-3"))
    own = changed(SCORE, observation_id="obs-3", value=0)
    write(tmp_path, "scores/a.jsonl", SCORE, own)

    assert [(each.id, each.feedback) for each in read(tmp_path)] == [
        ("obs-3", "down"),
        ("obs-1", "up"),
        ("obs-2", None),
    ]


def test_legacy_observations_get_what_their_trace_says(tmp_path: Path) -> None:
    slim = changed(OBSERVATION, user_id=..., session_id=..., tags=...)
    write(tmp_path, "observations/a.jsonl", slim)
    trace = {
        "id": "trace-1",
        "timestamp": "2023-11-14 22:13:20",
        "user_id": "bob",
        "session_id": "s9",
        "tags": ["app"],
    }
    write(tmp_path, "traces/a.jsonl", {**trace, "input": "x", "name": "helpdesk"})

    [found] = read(tmp_path)

    assert (found.user, found.session, found.tags) == ("bob", "s9", ("app",))
    assert found.columns["trace_name"] == "helpdesk"


def test_csv_files_say_the_same(tmp_path: Path) -> None:
    header = "id,trace_id,type,input,output,start_time,usage_details,tags,user_id"
    row = '"o","t","GENERATION","[{""role"":""user"",""content"":""Hi""}]","Hello.","2023-11-14 22:13:20","{""input"":1}","[""a""]",""'
    (tmp_path / "observations_v2").mkdir()
    (tmp_path / "observations_v2" / "a.csv").write_text(f"{header}\n{row}\n")

    [found] = read(tmp_path)

    assert (found.output, found.tags, found.user) == ("Hello.", ("a",), None)


def test_traces_alone_are_records(tmp_path: Path) -> None:
    trace = {"id": "trace-1", "timestamp": "2023-11-14 22:13:20", "input": "Hi", "output": "Hello."}
    write(tmp_path, "traces/a.jsonl", trace)
    write(tmp_path, "scores/a.jsonl", SCORE)

    assert [(each.input, each.feedback) for each in read(tmp_path)] == [("Hi", "up")]


def test_a_broken_line_is_told_and_loses_no_other(tmp_path: Path) -> None:
    write(tmp_path, "observations_v2/a.jsonl", OBSERVATION)
    with (tmp_path / "observations_v2" / "a.jsonl").open("a") as stream:
        stream.write("no JSON\n")
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores" / "a.jsonl").write_text("{\n[1]\n")
    guess = recognised_folder(tmp_path)
    assert guess is not None

    found = list(values(tmp_path, guess.format) or ())

    assert [each.where for each in found if isinstance(each, Bad)] == ["a.jsonl:1", "a.jsonl:2", "a.jsonl:2"]
    assert len([each for each in found if isinstance(each, Value)]) == 1


def test_a_file_that_is_no_gzip_after_all_is_named(tmp_path: Path) -> None:
    write(tmp_path, "observations_v2/a.jsonl", OBSERVATION)
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores" / "a.jsonl.gz").write_bytes(gzip.compress(b'{"id": 1}' * 1000, mtime=0)[:-20])

    with pytest.raises(CorpusError, match=r"scores/a\.jsonl\.gz"):
        read(tmp_path)


def test_what_was_joined_is_gone_afterwards() -> None:
    with Joined() as joined:
        joined.put("a", "x", {"n": 1})
        joined.put("b", "x", {"n": 2})
        folder = Path(joined._folder.name)
        assert joined.get("a", "x") == [{"n": 1}]
        assert joined.get("a", "y") == []
        assert folder.exists()

    assert not folder.exists()
