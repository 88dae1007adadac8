import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.workflows.frozen import OLD, reference_of, right, trials_of

from passmuster.adapters.ingest.references import read_reference
from passmuster.errors import RecordingError
from passmuster.workflows.reference_text import reference_text

KEPT = reference_of(trials_of(OLD, lambda case, round_: None if case.id == "03" else right(case, round_)))
TEXT = reference_text(KEPT)
FIRST = TEXT.splitlines().index('  "trials": [') + 2
"""The line of the first trial, from 1."""


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[str], str]:
    """Return what is said of a file with this text, with the path cut off."""

    def told(text: str) -> str:
        path = tmp_path / "baseline_20261120.json"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        with pytest.raises(RecordingError) as caught:
            read_reference(path)
        assert caught.value.exit_code == 2
        assert "passmuster baseline" in str(caught.value)
        return str(caught.value).replace(f"{path.parent}/", "")

    return told


def edited(change: Callable[[dict[str, Any]], object]) -> str:
    """Return the text with the fourth trial changed, one trial a line still."""
    lines = TEXT.splitlines(keepends=True)
    row = json.loads(lines[FIRST + 2].rstrip().rstrip(","))
    change(row)
    lines[FIRST + 2] = f"    {json.dumps(row)},\n"
    return "".join(lines)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "baseline_20261120.json"
    path.write_text(TEXT, encoding="utf-8")

    assert read_reference(path) == KEPT


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: row.update(seconds=-1.0), "seconds is -1, which is below 0"),
        (lambda row: row.update(scores={"accuracy": "good"}), "valid number"),
        (lambda row: row.update(second=1.0), "second"),
        (lambda row: row.pop("turn"), "turn"),
        (lambda row: row.update(repeat=7), "repeat is 7, and the task had 1 a case"),
        (lambda row: row.update(attempts=10**9), "attempts is 1000000000"),
        (lambda row: row.update(reply="00"), "both or neither"),
        (lambda row: row.update(failure="bad luck"), "failure"),
    ],
)
def test_a_slip_is_told_with_its_line(
    refused: Callable[[str], str], change: Callable[[dict[str, Any]], object], message: str
) -> None:
    told = refused(edited(change))

    assert told.startswith(f"baseline_20261120.json:{FIRST + 3}: trials.3")
    assert message in told


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(refused: Callable[[str], str], number: str) -> None:
    assert "finite number" in refused(TEXT.replace('"seconds":0.5,', f'"seconds":{number},', 1))


def test_a_trial_that_stands_there_twice_is_refused(refused: Callable[[str], str]) -> None:
    lines = TEXT.splitlines(keepends=True)
    lines.insert(FIRST, lines[FIRST])

    assert refused("".join(lines)).startswith(
        f"baseline_20261120.json:{FIRST + 2}: trials.2: case '01' stands there twice"
    )


def test_the_marks_of_a_merge_are_told_as_such(refused: Callable[[str], str]) -> None:
    lines = TEXT.splitlines(keepends=True)
    lines.insert(FIRST, "<<<<<<< HEAD\n")

    told = refused("".join(lines))
    assert told.startswith(f"baseline_20261120.json:{FIRST + 1}:1: the marks of a merge")
    assert "one of the two sides" in told


def test_a_file_of_figures_only_says_that_nothing_can_be_paired_with_it(
    refused: Callable[[str], str],
) -> None:
    assert "figures only" in refused('{"schema_version": 1, "candidate": {}}')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("[]", "no baseline that passmuster wrote"),
        ('{"schema_version": 99}', "version 99, and this release reads 2"),
        ('{"schema_version": true}', "baseline"),
        ("[" * 100_000, "no JSON"),
        ('{"schema_version": 2}', "task: Field required"),
        ('{"schema_version": "2"}', "no baseline that passmuster wrote"),
    ],
)
def test_what_is_no_baseline_is_refused(refused: Callable[[str], str], text: str, message: str) -> None:
    assert message in refused(text)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline_20261120.json"
    path.write_bytes(b"\xff\xfe\x00{")

    with pytest.raises(RecordingError, match="no JSON"):
        read_reference(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        read_reference(tmp_path / "nowhere.json")


@given(st.integers(0, len(TEXT) - 1), st.text(max_size=3))
def test_whatever_is_written_over_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, put: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "baseline_20261120.json"
    path.write_text(TEXT[:at] + put + TEXT[at + 1 :], encoding="utf-8", errors="surrogatepass")

    try:
        found = read_reference(path)
    except RecordingError:
        return
    assert len(found.trials) == len(KEPT.trials)
