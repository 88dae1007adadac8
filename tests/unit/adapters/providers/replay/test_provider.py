"""Recorded outputs come back as they were recorded; what is not in the recording is a failure, never a guess."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from passmuster.adapters.files import places, reread
from passmuster.adapters.providers.replay.provider import Recording, recording_digest
from passmuster.errors import RecordingError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case, Conversation, Message
from passmuster.records.trial import Exchange, Failure, Reply, Request, Usage
from passmuster.testing import FakeClock, check_provider

ANY = Candidate(name="any", provider="replay")


def recorded(folder: Path, *rows: object, name: str = "recorded.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def request(case: str, round_: int = 0, prompt: str = "12345678") -> Request:
    talk = Conversation(messages=(Message(role="user", content=prompt),))
    return Request(case=Case(id=case, input=prompt), conversation=talk, repeat=round_ + 5, round=round_)


async def asked(path: Path, case: str = "1", round_: int = 0, candidate: Candidate = ANY) -> Exchange:
    provider = Recording.read(path).provider(candidate, FakeClock(start=100.0))
    assert provider.source == "recorded"
    return await provider.ask(request(case, round_))


def text_of(exchange: Exchange) -> str:
    assert isinstance(exchange.outcome, Reply)
    return exchange.outcome.text


async def test_everything_that_was_recorded_comes_back(tmp_path: Path) -> None:
    row = {
        "id": 1,
        "output": "yes",
        "latency_s": 1.5,
        "ttft_s": 0.25,
        "input_tokens": 10,
        "output_tokens": 20,
        "reasoning_tokens": 5,
        "cached_tokens": 4,
        "cost_usd": 0.001,
        "model_id": "m-1",
        "confidence": 0.75,
        "finish_reason": "stop",
    }
    outcome, attempt, *_ = await asked(recorded(tmp_path, row))
    assert outcome == Reply(text="yes", finish_reason="stop", confidence=0.75, model="m-1")
    assert (attempt.started, attempt.seconds, attempt.first_token) == (100.0, 1.5, 0.25)
    assert attempt.usage == Usage(input=10, output=20, cached=4, reasoning=5)
    assert attempt.cost == 0.001


@pytest.mark.parametrize(
    ("row", "text", "seconds"),
    [
        ({"case_id": "1", "reply": "a", "latency_ms": 1500}, "a", 1.5),
        ({"id": "1", "response": "a", "seconds": 2}, "a", 2.0),
        ({"id": "1", "completion": "a"}, "a", None),
        ({"id": "1", "text": "the input", "output": "a"}, "a", None),
        ({"id": "1", "output": {"kind": "é"}}, '{"kind": "é"}', None),
        ({"id": "1", "output": 5}, "5", None),
        ({"id": "1", "output": ""}, "", None),
        ({"id": "1", "output": "cut \ud83d"}, "cut \ufffd", None),
        ({"id": "1", "output": "whole \ud83d\ude00"}, "whole 😀", None),
    ],
)
async def test_columns_go_by_several_names(
    tmp_path: Path, row: dict[str, object], text: str, seconds: float | None
) -> None:
    exchange = await asked(recorded(tmp_path, row))
    assert text_of(exchange) == text
    assert exchange.attempt.seconds == seconds


async def test_missing_tokens_are_estimated_and_marked(tmp_path: Path) -> None:
    path = recorded(
        tmp_path,
        {"id": "1", "output": "12345"},
        {"id": "2", "output": "12345", "input_tokens": 7},
        {"id": "3", "output": "12345", "reasoning_tokens": 100},
    )
    provider = Recording.read(path).provider(ANY, FakeClock())
    usages = [(await provider.ask(request(case))).attempt.usage for case in "123"]
    assert usages == [
        Usage(input=2, output=2, estimated=True),
        Usage(input=7, output=2, estimated=True),
        Usage(input=2, output=102, reasoning=100, estimated=True),
    ]


async def test_what_is_not_recorded_is_a_failure(tmp_path: Path) -> None:
    exchange = await asked(recorded(tmp_path, {"id": "1", "output": "a"}), case="2")
    assert exchange.outcome == Failure(kind="not_recorded", message="nothing is recorded for the case '2'")
    assert exchange.attempt.seconds is None
    assert exchange.attempt.usage is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "1", "error": "overloaded", "latency_s": 3}, "overloaded"),
        ({"id": "1", "output": "half", "error": {"code": 500}, "latency_s": 3}, '{"code": 500}'),
        ({"id": "1", "output": None, "latency_s": 3}, "the recording has no output for this case"),
    ],
)
async def test_a_recorded_error_is_a_failure_with_its_time(
    tmp_path: Path, row: dict[str, object], message: str
) -> None:
    exchange = await asked(recorded(tmp_path, row))
    assert exchange.outcome == Failure(kind="recorded", message=message)
    assert (exchange.attempt.error, exchange.attempt.seconds) == ("recorded", 3.0)


async def test_rows_of_one_id_are_rounds_in_their_order(tmp_path: Path) -> None:
    path = recorded(tmp_path, *({"id": "1", "output": text, "error": None} for text in ("a", "b")))
    assert [text_of(await asked(path, round_=n)) for n in (0, 1)] == ["a", "b"]
    third = (await asked(path, round_=2)).outcome
    assert third == Failure(kind="not_recorded", message="the case '1' is recorded 2 times, not 3")


async def test_a_candidate_gets_the_rows_of_its_name_or_of_select(tmp_path: Path) -> None:
    path = recorded(
        tmp_path, *({"id": "1", "candidate": name, "output": f"by {name}"} for name in ("a", "b"))
    )
    by_name = Candidate(name="a", provider="replay")
    by_select = Candidate(name="a", provider="replay", parameters={"select": "b"})
    assert text_of(await asked(path, candidate=by_name)) == "by a"
    assert text_of(await asked(path, candidate=by_select)) == "by b"


def test_a_name_that_is_not_recorded_is_answered_with_the_closest(tmp_path: Path) -> None:
    rows = [{"id": "1", "candidate": name, "output": "x"} for name in ("gpt-4o", "claude")]
    recording = Recording.read(recorded(tmp_path, *rows))
    assert recording.candidates == ("gpt-4o", "claude")
    with pytest.raises(RecordingError, match="did you mean 'gpt-4o'"):
        recording.provider(Candidate(name="gpt-4", provider="replay"), FakeClock())
    with pytest.raises(RecordingError, match="valid are: gpt-4o, claude"):
        recording.provider(Candidate(name="x", provider="replay"), FakeClock())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"output": "x"}, "no column for the id of the case; found: output"),
        ({"id": "1", "answer": "x"}, "no column for the output; found: id, answer"),
        ({"id": "1", "answer": "x"}, "output, reply, response, completion, text"),
        ({"id": [1], "output": "x"}, "id: expected text, found a list"),
        ({"id": "1", "output": "x", "latency_s": "fast"}, "latency_s: expected a number, found 'fast'"),
        ({"id": "1", "output": "x", "latency_ms": -1}, "latency_ms: expected 0 or more, found -1"),
        ({"id": "1", "output": "x", "confidence": 1.5}, "expected between 0 and 1"),
        ({"id": "1", "output": "x", "input_tokens": 1.5}, "expected a whole number"),
        ({"id": "1", "output": "x", "cost_usd": True}, "expected a number, found True"),
        ({"id": "1", "output": "x", "latency": 3}, "'latency' does not say its unit"),
        ({"id": "1", "output": "x"}, "some rows name a candidate and some do not"),
    ],
)
def test_a_wrong_row_is_refused_at_its_line(tmp_path: Path, row: dict[str, object], said: str) -> None:
    fine = {"id": "0", "output": "x", "candidate": "c"}
    others = {} if "some rows" in said else {"candidate": "c"}
    with pytest.raises(RecordingError) as caught:
        Recording.read(recorded(tmp_path, fine, row | others))
    assert said in str(caught.value) or said in str(caught.value).replace(", candidate", "")
    assert caught.value.place is not None
    assert caught.value.place.line == 2


def test_files_that_cannot_be_replayed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="holds no outputs"):
        Recording.read(recorded(tmp_path))
    with pytest.raises(RecordingError, match="no such file"):
        recording_digest(tmp_path / "none.jsonl")
    path = recorded(tmp_path, {"id": "1", "output": "x"})
    with pytest.raises(RecordingError, match="needs a column `candidate`"):
        Recording.read(path).provider(
            Candidate(name="a", provider="replay", parameters={"select": "b"}), FakeClock()
        )
    with pytest.raises(RecordingError, match="did you mean 'output'"):
        Recording.read(path, {"outputt": "x"})


async def test_a_column_map_reads_a_recording_as_it_is(tmp_path: Path) -> None:
    path = recorded(tmp_path, {"key": "1", "output": "the prompt", "said": "a", "latency": 2})
    mapped = Recording.read(path, {"id": "key", "output": "said", "latency_s": "latency"})
    exchange = await mapped.provider(ANY, FakeClock()).ask(request("1"))
    assert (text_of(exchange), exchange.attempt.seconds) == ("a", 2.0)


async def test_csv_recordings_are_read_and_empty_cells_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "recorded.csv"
    path.write_text("id,output,latency_s,error\n1,yes,0.5,\n2,,,broken\n3,,0.1,\n")
    provider = Recording.read(path).provider(ANY, FakeClock())
    first, second, third = [await provider.ask(request(case)) for case in "123"]
    assert (text_of(first), first.attempt.seconds) == ("yes", 0.5)
    assert second.outcome == Failure(kind="recorded", message="broken")
    assert text_of(third) == ""


def test_the_digest_is_that_of_the_content(tmp_path: Path) -> None:
    plain = recorded(tmp_path, {"id": "1", "output": "x"})
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    other = recorded(tmp_path, {"id": "1", "output": "y"}, name="other.jsonl")
    assert recording_digest(plain) == recording_digest(packed) == Recording.read(packed).digest
    assert recording_digest(plain) != recording_digest(other)


@pytest.mark.parametrize("name", ["large.jsonl", "large.jsonl.gz", "large.csv"])
async def test_a_large_recording_is_replayed_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(reread, "HELD_ITEMS", 0)
    rows = [(str(n % 50), "ab"[n % 2], f"{n % 2}: {n}") for n in range(200)]
    if name.endswith(".csv"):
        text = "id,candidate,output\n" + "".join(",".join(row) + "\n" for row in rows)
    else:
        lines = (json.dumps(dict(zip(("id", "candidate", "output"), row, strict=True))) for row in rows)
        text = "\n".join(lines)
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode(), mtime=0) if name.endswith(".gz") else text.encode())
    recording = Recording.read(path)
    provider = recording.provider(Candidate(name="b", provider="replay"), FakeClock())
    said = [text_of(await provider.ask(request("7", round_))) for round_ in range(4)]
    assert said == ["1: 7", "1: 57", "1: 107", "1: 157"]
    fifth = (await provider.ask(request("7", 4))).outcome
    assert fifth == Failure(kind="not_recorded", message="the case '7' is recorded 4 times, not 5")
    assert (await provider.ask(request("8"))).outcome == Failure(
        kind="not_recorded", message="nothing is recorded for the case '8'"
    )
    outputs = recording.outputs("b")
    assert list(outputs) == [str(n) for n in range(50) if n % 2]
    assert [row.output for row in outputs["7"]] == said
    assert len(outputs) == 25
    assert "8" not in outputs


async def test_cases_with_one_hash_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "hash", lambda key: len(key[1]), raising=False)
    rows = [{"id": str(n % 10), "output": f"{n}"} for n in range(30)]
    provider = Recording.read(recorded(tmp_path, *rows)).provider(ANY, FakeClock())
    assert [text_of(await provider.ask(request("4", n))) for n in range(3)] == ["4", "14", "24"]
    assert isinstance((await provider.ask(request("4", 3))).outcome, Failure)


async def test_it_keeps_the_promises_of_a_provider(tmp_path: Path) -> None:
    recording = Recording.read(recorded(tmp_path, {"id": "case", "output": "x", "latency_s": 1}))
    await check_provider(lambda: recording.provider(ANY, FakeClock()))


@pytest.mark.data
async def test_all_complaints_are_replayed_with_their_latencies(data_folder: Path) -> None:
    folder = data_folder / "replay_complaints"
    recording = Recording.read(folder / "outputs.jsonl.gz")
    gold = {
        row["id"]: row["gold"] for row in map(json.loads, (folder / "items.jsonl").read_text().splitlines())
    }
    with (folder / "candidates.csv").open() as stream:
        published = {row["candidate"]: row for row in csv.DictReader(stream)}
    assert set(recording.candidates) == set(published)
    for name in recording.candidates:
        provider = recording.provider(Candidate(name=name, provider="replay"), FakeClock())
        exchanges = [await provider.ask(request(case)) for case in gold]
        assert len([exchange for exchange in exchanges if isinstance(exchange.outcome, Reply)]) == 1000
        slowest = max(exchange.attempt.seconds or 0.0 for exchange in exchanges)
        assert slowest == float(published[name]["latency_max_s"])
        if name == "gpt-4o":
            right = [text_of(exchange) == gold[case] for case, exchange in zip(gold, exchanges, strict=True)]
            assert sum(right) == 736
