"""The gate as JUnit XML: read by a schema, never red where the change passes, never green where it is not decided."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from lxml import etree
from tests.unit.report.gate_sample import BLOCKED, FLIPS, LINES, MODES, SLICES, at, hostile, huge

from passmuster.records.gate import GatePolicy, GateReport, Level
from passmuster.report.junit import CASES_LIMIT, junit_xml

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "junit.xsd"))


def suite(report: GateReport, *, allow_undecided: bool = False) -> etree._Element:
    """Return the suite of a file that keeps to the schema."""
    root = etree.fromstring(junit_xml(report, allow_undecided=allow_undecided).encode())
    assert SCHEMA.validate(root), SCHEMA.error_log
    return root[0]


def ends(found: etree._Element) -> dict[str, int]:
    return {name: int(found.get(name) or "") for name in ("failures", "errors", "skipped")}


@pytest.mark.parametrize("level", get_args(Level))
def test_every_level_keeps_to_the_schema(level: Level) -> None:
    found = suite(at(level))
    cases = found.findall("testcase")
    assert int(found.get("tests") or "") == len(cases)
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(found.get(name) or "") == len(found.findall(f"testcase/{tag}"))


def test_hostile_texts_keep_to_it_and_are_one_text_each() -> None:
    found = suite(replace(hostile(), generated=BLOCKED.generated))
    text = etree.tostring(found, encoding="unicode")
    assert not any(char in text for char in "\x1b\u202e\ud800\ufffe")
    assert "<script>" not in text
    assert "]]>" not in text
    assert "\\x1b[31m" in text


def test_a_date_that_is_none_is_left_out() -> None:
    root = etree.fromstring(junit_xml(hostile()).encode())
    assert root[0].get("timestamp") is None


def test_a_blocked_gate_fails_by_its_rows_modes_slices_and_cases() -> None:
    found = suite(BLOCKED)
    failed = {
        (case.get("classname") or "").rpartition(".")[2]: case
        for case in found
        if case.find("failure") is not None
    }
    assert set(failed) == {"gate", "quality", "latency", "regression", "slice", "case"}
    named = [case.get("name") for case in found.findall("testcase")]
    assert "stratum refunds: exact_match" in named
    assert "invents a clause" in named
    assert "c-2" in named
    assert "c-4" not in named  # it was right again when it was asked again


def test_what_cannot_be_computed_or_told_is_an_error_and_no_pass() -> None:
    found = suite(BLOCKED)
    for name, level in (
        ("latency p99", "refused"),
        ("cost per task", "undecided"),
        ("drops the date", "undecided"),
    ):
        case = next(each for each in found.findall("testcase") if each.get("name") == name)
        error = case.find("error")
        assert error is not None, name
        assert error.get("type") == level


@pytest.mark.parametrize("level", ["pass", "investigate"])
def test_nothing_is_red_where_the_change_passes(level: Level) -> None:
    waved = replace(at(level), lines=LINES[2:4], slices=SLICES[2:3], modes=())
    found = ends(suite(waved))
    assert found["failures"] == found["errors"] == 0
    assert found["skipped"] > 0


def test_what_is_to_be_looked_into_fails_where_the_policy_says_so() -> None:
    strict = replace(
        at("investigate"), policy=GatePolicy(fail_on="investigate"), lines=LINES[2:3], slices=(), modes=()
    )
    assert ends(suite(strict))["failures"] == 4  # the gate, the row, and two cases that fail for good


def test_an_undecided_gate_is_green_nowhere_unless_that_is_allowed() -> None:
    open_row = replace(at("undecided"), lines=LINES[6:], slices=SLICES[4:], modes=(), flips=())
    assert ends(suite(open_row)) == {"failures": 0, "errors": 3, "skipped": 0}
    assert ends(suite(open_row, allow_undecided=True)) == {"failures": 0, "errors": 0, "skipped": 3}


def test_a_row_for_sanity_is_no_test_case() -> None:
    shown = replace(at("pass"), lines=(*LINES[1:2], replace(LINES[0], level="pass", sanity=True)))
    assert [case.get("name") for case in suite(replace(shown, slices=(), modes=())).findall("testcase")] == [
        "the change of complaints",
        "rouge_l",
    ]


def test_two_names_that_are_alike_once_they_are_cut_stay_two() -> None:
    lost = replace(FLIPS[1], case="c" * 100 + "1")
    found = suite(replace(BLOCKED, flips=(lost, replace(lost, case="c" * 100 + "2"))))
    names = [case.get("name") for case in found.findall("testcase")]
    assert len(names) == len(set(names))


def test_a_file_of_thousands_of_cases_keeps_the_gravest_and_says_how_many_are_left_out() -> None:
    found = suite(huge())
    assert len(found.findall("testcase")) == CASES_LIMIT
    story = found.find("system-out")
    assert story is not None
    assert "more entries are left out" in (story.text or "")


def test_rows_that_pass_do_not_crowd_out_what_is_grave() -> None:
    calm = tuple(replace(SLICES[0], slice=f"slice {number}") for number in range(CASES_LIMIT + 500))
    named = [case.get("name") for case in suite(replace(BLOCKED, slices=calm)).findall("testcase")]
    assert named[1] == "invents a clause"
    assert {"c-2", "exact_match", "latency p95", "cost per task"} <= set(named)


def test_a_mode_whose_case_failed_once_is_not_said_to_have_none_that_fails() -> None:
    once = replace(MODES[0], level="investigate", failed=())
    case = suite(replace(BLOCKED, modes=(once,))).find("testcase[@name='invents a clause']/skipped")
    assert case is not None
    assert "did not when it was asked again" in case.get("message", "")


def test_the_schema_sees_what_would_be_wrong() -> None:
    good = junit_xml(BLOCKED)
    for old, new in (
        ('hostname="localhost" ', ""),
        ("<failure type=", "<failure kind="),
        ('time="0"', 'time="soon"'),
        ("<system-err />", ""),
        ("T10:00:00", "T10:00:00Z"),
    ):
        assert old in good
        assert not SCHEMA.validate(etree.fromstring(good.replace(old, new).encode())), old


def test_what_holds_nothing_up_is_skipped_beside_what_does() -> None:
    longer = replace(
        next(row for row in LINES if row.level == "refused"), counts_as="investigate", name="first_token_p95"
    )
    found = suite(replace(BLOCKED, lines=(*LINES, longer)))
    cases = {case.get("name"): case for case in found.findall("testcase")}
    skipped = cases["first token p95"].find("skipped")
    assert skipped is not None
    assert skipped.get("type") == "refused"
    assert cases["latency p99"].find("error") is not None
