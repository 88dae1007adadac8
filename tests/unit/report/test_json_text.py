"""The object that `compare --json` prints."""

import json
from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from pydantic import TypeAdapter

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.report.json_text import record_json


@pytest.mark.parametrize("name", ["decided", "none", "undecided", "tie"])
def test_the_json_reads_back_as_the_same_comparison(name: str, state: Callable[[str], Comparison]) -> None:
    comparison = state(name)
    assert TypeAdapter(Comparison).validate_json(record_json(comparison)) == comparison


def test_every_field_is_there_defaults_included(decided: Comparison) -> None:
    data = json.loads(record_json(decided))
    assert list(data) == [field.name for field in fields(Comparison)]
    assert list(data["candidates"][0]) == [field.name for field in fields(CandidateReport)]
    assert data["candidates"][8]["classification"] is None
    assert data["candidates"][0]["metrics"]["accuracy"]["n_missing"] == 0


def test_the_text_is_the_same_every_time(decided: Comparison) -> None:
    assert record_json(decided) == record_json(decided)


def test_not_a_number_is_refused(decided: Comparison) -> None:
    with pytest.raises(ValueError, match="nan"):
        record_json(replace(decided, alpha=float("nan")))


def test_hostile_text_stays_ascii(decided: Comparison) -> None:
    text = record_json(replace(decided, task="\x1b[2J\u202e\ud800</script>"))
    assert text.isascii()
    assert "\x1b" not in text


def test_a_sequence_that_is_read_as_it_goes_is_a_list() -> None:
    assert json.loads(record_json({"cases": range(3)})) == {"cases": [0, 1, 2]}
