"""One call is found in a file of traces."""

import json
from pathlib import Path

import pytest

from passmuster.adapters.ingest.traces import find_record
from passmuster.errors import CorpusError
from passmuster.records.text import input_text


def span(trace: str, name: str, text: str) -> dict[str, object]:
    said = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": text}]}]),
    }
    return {
        "traceId": trace,
        "spanId": name,
        "name": "chat m",
        "startTimeUnixNano": "1760000000000000000",
        "endTimeUnixNano": "1760000001000000000",
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in said.items()],
    }


def batch(*spans: dict[str, object]) -> dict[str, object]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "spans.jsonl"
    batches = [
        batch(span("aa11", "s100", "first"), span("aa11", "s200", "second")),
        batch(span("bb22", "s300", "third")),
    ]
    found.write_text("".join(json.dumps(each) + "\n" for each in batches))
    return found


def test_a_call_is_found_by_its_span_or_the_beginning_of_it(path: Path) -> None:
    assert input_text(find_record(path, span="s200").input) == "second"
    assert input_text(find_record(path, span="s3").input) == "third"


def test_a_call_is_found_by_a_trace_with_one_call(path: Path) -> None:
    assert input_text(find_record(path, trace="bb").input) == "third"


def test_of_several_calls_one_has_to_be_named(path: Path) -> None:
    with pytest.raises(CorpusError, match="2 calls fit, such as s100, s200"):
        find_record(path, trace="aa11")
    with pytest.raises(CorpusError, match="3 calls fit"):
        find_record(path)


def test_the_only_call_need_not_be_named(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(batch(span("a", "b", "only"))))
    assert input_text(find_record(path).input) == "only"


def test_an_unknown_span_is_told_with_some_that_there_are(path: Path) -> None:
    with pytest.raises(CorpusError, match="no call with span zz") as caught:
        find_record(path, span="zz")
    assert "s100" in str(caught.value)


def test_many_calls_are_not_all_held(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps(batch(span("t", f"s{n}", "x"))) + "\n" for n in range(300)))
    with pytest.raises(CorpusError, match="many calls fit"):
        find_record(path)


@pytest.mark.parametrize("text", ["{}\n", '{"a": 1}\n', ""])
def test_a_file_of_something_else_is_refused_with_what_is_known(tmp_path: Path, text: str) -> None:
    path = tmp_path / "else.jsonl"
    path.write_text(text)
    with pytest.raises(CorpusError, match="no format of traces"):
        find_record(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        find_record(tmp_path / "nowhere.jsonl")


def test_two_calls_of_one_id_are_not_taken_for_one_another(tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    calls = [span("aa11", "s100", "first"), span("bb22", "s100", "second"), span("bb22", "s200", "third")]
    path.write_text("".join(json.dumps(batch(call)) + "\n" for call in calls))
    with pytest.raises(CorpusError, match="2 calls have the id s100") as caught:
        find_record(path, span="s100")
    assert "--trace" in str(caught.value)
    assert input_text(find_record(path, span="s100", trace="bb22").input) == "second"


def test_a_call_that_was_exported_twice_is_one(tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    path.write_text(2 * (json.dumps(batch(span("aa11", "s100", "first"))) + "\n"))
    assert input_text(find_record(path).input) == "first"
    assert input_text(find_record(path, span="s100").input) == "first"


def test_a_whole_id_counts_before_one_that_only_begins_so(tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    calls = [span("aa11", "s1000", "longer"), span("aa11", "s100", "meant"), span("aa11", "s1001", "longer")]
    path.write_text(json.dumps(batch(*calls)) + "\n")
    assert input_text(find_record(path, span="s100").input) == "meant"
