"""Tables hold every trial with its scores; no spreadsheet runs what a model wrote."""

import csv
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.export.tables import (
    COLUMNS,
    Scores,
    TableRow,
    safe_cell,
    to_frame,
    trial_rows,
    write_table,
)
from passmuster.errors import MissingExtraError, UsageError
from passmuster.records.case import Message, ToolCall
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey, Usage

HOSTILE = '=HYPERLINK("http://x")\nsecond, line'


def trial(case: str, outcome: Reply | Failure, *attempts: Attempt) -> Trial:
    return Trial(key=TrialKey("d" + case, "c1", 0), case_id=case, outcome=outcome, attempts=attempts)


TRIALS = [
    trial(
        "1",
        Reply(text=HOSTILE, finish_reason="stop", confidence=0.5),
        Attempt(started=100.0, seconds=1.0, error="rate_limit"),
        Attempt(started=104.0, seconds=2.0, first_token=0.5, usage=Usage(input=7, output=3), cost=0.25),
        Attempt(
            started=104.1,
            seconds=0.5,
            within=1,
            usage=Usage(input=5, output=2, cached=4, cache_write=1),
            cost=0.5,
        ),
    ),
    trial(
        "2",
        Failure(kind="timeout", message="too slow"),
        Attempt(started=1.0, error="timeout", at_risk=0.125),
    ),
    trial(
        "3", Reply(text="-5"), Attempt(started=1.0, usage=Usage(input=0, output=0, estimated=True), cost=0.0)
    ),
]
SCORES: Scores = {
    "exact": {
        TRIALS[0].key: Score(value=-1.5),
        TRIALS[2].key: ScoreFailure(kind="error", message="no reference"),
    }
}


def rows() -> list[TableRow]:
    return list(trial_rows(TRIALS, SCORES, run="r1", names={"c1": "gpt"}))


def test_a_row_has_the_account_of_its_trial() -> None:
    first, second, third = rows()
    assert tuple(first) == (*COLUMNS, "score.exact", "score_failure.exact")
    assert dict(first) == {
        "run": "r1",
        "candidate": "gpt",
        "case_id": "1",
        "repeat": 0,
        "text": HOSTILE,
        "failure": None,
        "latency_s": 6.0,
        "first_token_s": 4.5,
        "retried_s": 4.0,
        "input_tokens": 12,
        "output_tokens": 5,
        "cached_tokens": 4,
        "cache_write_tokens": 1,
        "tokens_estimated": False,
        "cost_usd": 0.75,
        "at_risk_usd": None,
        "attempts": 2,
        "inner_calls": 1,
        "finish_reason": "stop",
        "confidence": 0.5,
        "tool_calls": None,
        "steps": None,
        "state": None,
        "source": "measured",
        "score.exact": -1.5,
        "score_failure.exact": None,
    }
    assert second["failure"] == "timeout: too slow"
    unknown = ("text", "latency_s", "retried_s", "input_tokens", "cached_tokens", "cost_usd", "score.exact")
    assert [second[name] for name in unknown] == [None] * 7
    assert (second["score_failure.exact"], second["at_risk_usd"]) == (None, 0.125)
    assert (third["cost_usd"], third["tokens_estimated"]) == (0.0, True)
    assert (third["score.exact"], third["score_failure.exact"]) == (None, "error: no reference")


def test_what_an_agent_did_is_json_text() -> None:
    call = ToolCall(name="cancel", arguments="{}")
    reply = Reply(text="", tool_calls=(call,), steps=(Message(role="tool", content="é"),), state={"a": [1]})

    (row,) = trial_rows([trial("1", reply)], {}, run="r", names={})

    assert row["tool_calls"] == '[{"arguments":"{}","name":"cancel"}]'
    assert row["steps"] == '[{"content":"é","role":"tool"}]'
    assert row["state"] == '{"a":[1]}'


def test_a_candidate_without_a_name_keeps_its_digest() -> None:
    assert next(iter(trial_rows(TRIALS, {}, run="r", names={})))["candidate"] == "c1"


def test_csv_neutralises_formulas_quotes_line_breaks_and_keeps_numbers(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", rows())
    with (tmp_path / "t.csv").open(newline="") as stream:
        first, second, third = csv.DictReader(stream)
    assert first["text"] == "'" + HOSTILE
    assert (first["score.exact"], first["latency_s"]) == ("-1.5", "6.0")
    assert (second["text"], second["cost_usd"]) == ("", "")
    assert third["text"] == "-5"
    assert '"\'=HYPERLINK(""http://x"")\nsecond, line"' in (tmp_path / "t.csv").read_text()
    assert "\r" not in (tmp_path / "t.csv").read_text()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe_cell(start + "cmd|'/c calc'!A1") == "'" + start + "cmd|'/c calc'!A1"
    assert safe_cell("a" + start) == "a" + start


@given(st.text(max_size=20) | st.floats(allow_nan=False) | st.integers())
def test_no_cell_is_a_formula_and_every_text_is_kept(value: str | float) -> None:
    cell = safe_cell(value)
    if isinstance(value, str):
        assert isinstance(cell, str)
        assert cell.removeprefix("'") == value.removeprefix("'")
        assert not cell.startswith(("=", "+", "@", "\t", "\r"))
        assert not cell.startswith("-") or cell[1].isdigit()
    else:
        assert cell is value


def test_jsonl_holds_text_as_it_is(tmp_path: Path) -> None:
    write_table(tmp_path / "t.jsonl", rows())
    read = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert read == [dict(row) for row in rows()]


def test_parquet_keeps_types_and_missing_values(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    write_table(tmp_path / "t.parquet", rows())
    frame = pandas.read_parquet(tmp_path / "t.parquet")
    assert frame["input_tokens"].dtype == "Int64"
    assert frame["input_tokens"].isna().tolist() == [False, True, False]
    assert frame["text"].tolist()[0] == HOSTILE
    assert frame["score.exact"].tolist()[0] == -1.5


def test_a_frame_has_the_columns_even_without_rows() -> None:
    pytest.importorskip("pandas")
    assert list(to_frame([]).columns) == list(COLUMNS)
    assert to_frame(rows())["cost_usd"].sum() == 0.75


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
def test_half_a_surrogate_pair_is_written_as_its_code(tmp_path: Path, name: str) -> None:
    write_table(tmp_path / name, [{"text": "cut \ud83d"}])
    assert b"cut \\ud83d" in (tmp_path / name).read_bytes()


def test_an_empty_table_has_a_header(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", [])
    assert (tmp_path / "t.csv").read_text().startswith('"run","candidate","case_id"')


def test_an_unknown_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\*\.csv, \*\.jsonl, \*\.parquet"):
        write_table(tmp_path / "t.xlsx", rows())


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    for fails in (lambda: to_frame(rows()), lambda: write_table(tmp_path / "t.parquet", rows())):
        with pytest.raises(MissingExtraError, match=r"pip install 'passmuster\[frames\]'"):
            fails()
    assert list(tmp_path.iterdir()) == []
