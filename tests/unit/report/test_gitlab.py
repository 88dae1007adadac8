"""GitLab's code quality report: an array of what did not pass, with fingerprints that last and are never equal."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from tests.unit.report.gate_sample import BLOCKED, FLIPS, LINES, SLICES, at, hostile, huge

from passmuster.errors import Place
from passmuster.records.gate import GateReport
from passmuster.report.gate_entries import Places
from passmuster.report.gitlab import ENTRIES_LIMIT, code_quality

HERE = Places(candidate=Place("./eval/passmuster.yaml", 12), cases={"c-2": Place("data.jsonl", 40)})
SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def entries(report: GateReport) -> list[Mapping[str, object]]:
    """Return the entries, of which each has what GitLab asks for and nothing else."""
    found = json.loads(code_quality(report, HERE))
    for each in found:
        assert set(each) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert re.fullmatch("[0-9a-f]{40}", each["fingerprint"])
        assert each["severity"] in SEVERITIES
        assert set(each["location"]) == {"path", "lines"}
        assert each["location"]["lines"]["begin"] >= 1
        assert not each["location"]["path"].startswith(("./", "/"))
    prints = [each["fingerprint"] for each in found]
    assert len(prints) == len(set(prints))
    made: list[Mapping[str, object]] = found
    return made


def test_a_change_that_passes_leaves_the_array_empty() -> None:
    assert entries(at("pass")) == []


def test_every_entry_is_whole_also_of_hostile_texts_and_of_thousands() -> None:
    entries(BLOCKED)
    entries(hostile())
    assert len(entries(huge())) == ENTRIES_LIMIT


def test_a_fingerprint_hangs_on_what_is_looked_at_and_not_on_its_value() -> None:
    worse = replace(
        LINES[0],
        new=replace(LINES[0].new, value=0.5),
        change=replace(LINES[0].change, value=-0.242),
        reason="worse still",
    )
    first = {each["fingerprint"] for each in entries(BLOCKED)}
    second = {
        each["fingerprint"]
        for each in entries(replace(BLOCKED, lines=(worse, *LINES[1:]), sentence="Another."))
    }
    assert first == second


def test_another_slice_task_or_case_is_another_entry() -> None:
    first = {each["fingerprint"] for each in entries(BLOCKED)}
    renamed = replace(
        BLOCKED,
        slices=tuple(replace(each, slice=f"another {each.slice}") for each in SLICES),
        flips=tuple(replace(each, case=f"another {each.case}") for each in FLIPS),
    )
    grave = sum(each.level != "pass" for each in SLICES) + 2
    assert len(first - {each["fingerprint"] for each in entries(renamed)}) == grave
    assert not first & {each["fingerprint"] for each in entries(replace(BLOCKED, task="another"))}


def test_the_severity_of_a_failure_mode_is_that_of_its_entry() -> None:
    found = {each["check_name"]: each for each in reversed(entries(BLOCKED))}
    assert found["passmuster-gate-regression"]["severity"] == "blocker"
    assert found["passmuster-gate-gate"]["severity"] == "critical"


def test_what_holds_nothing_up_is_minor() -> None:
    waved = replace(at("investigate"), lines=(), slices=SLICES[2:3], modes=(), flips=())
    assert {each["severity"] for each in entries(waved)} == {"minor"}


def test_a_case_points_at_its_own_line() -> None:
    case = next(each for each in entries(BLOCKED) if str(each["description"]).startswith("case c-2"))
    assert case["location"] == {"path": "data.jsonl", "lines": {"begin": 40}}
