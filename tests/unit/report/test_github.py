"""What GitHub Actions reads: commands that nobody else can write, few enough to be shown, and words of ours alone."""

import re
from dataclasses import replace

from tests.unit.report.gate_sample import BLOCKED, HOSTILE, SLICES, at, hostile, huge

from passmuster.errors import Place
from passmuster.report.gate_entries import Places
from passmuster.report.github import MOST, annotations, escaped, step_outputs

HERE = Places(
    candidate=Place("eval/passmuster.yaml", 12), cases={"c-2": Place("eval/datasets/eval.jsonl", 40)}
)
COMMAND = re.compile(r"::(error|warning|notice) file=([^,:]+),line=(\d+),title=([^,:]*)::(.*)")


def commands(text: str) -> list[tuple[str, ...]]:
    """Return the commands of a text in which there is nothing else."""
    found = [COMMAND.fullmatch(line) for line in text.splitlines()]
    assert all(found), text
    return [each.groups() for each in found if each is not None]


def test_every_line_is_a_command_and_the_first_says_what_the_gate_says() -> None:
    found = commands(annotations(BLOCKED, HERE))
    assert found[0][:4] == ("error", "eval/passmuster.yaml", "12", "passmuster gate%3A block")
    assert BLOCKED.sentence in found[0][4]


def test_a_case_points_at_its_line_and_all_else_at_the_candidate() -> None:
    few = replace(BLOCKED, lines=(), slices=(), modes=())
    found = {each[3].rpartition("%3A ")[2]: each[1:3] for each in commands(annotations(few, HERE))}
    assert found["case c-2"] == ("eval/datasets/eval.jsonl", "40")
    assert found["case r-1"] == ("eval/passmuster.yaml", "12")


def test_more_than_ten_of_a_kind_are_told_in_the_last_one() -> None:
    lines = [each for each in commands(annotations(huge(), HERE)) if each[0] == "error"]
    assert len(lines) == MOST
    assert "more" in lines[-1][3]
    assert re.search(r" and [\d,]+ more$", lines[-1][4])
    assert len(annotations(huge(), HERE).encode()) < 20_000


def test_ten_of_a_kind_are_all_told() -> None:
    ten = replace(
        BLOCKED,
        lines=(),
        modes=(),
        flips=(),
        slices=tuple(replace(SLICES[1], slice=f"slice {number}") for number in range(9)),
    )
    found = commands(annotations(ten, HERE))
    assert len(found) == MOST
    assert "slice 8" in found[-1][3]


def test_hostile_texts_write_no_command_of_their_own() -> None:
    text = annotations(hostile(), HERE)
    found = commands(text)
    assert len(found) == len(text.splitlines())
    assert "##[" not in text
    assert not any(char in text for char in "\x1b\r\u202e\ud800")
    assert all(each[1] == "eval/passmuster.yaml" for each in found)


def test_a_path_may_hold_what_parts_the_properties() -> None:
    odd = Places(candidate=Place("./a,b:c%.yaml", None))
    assert "file=a%2Cb%3Ac%25.yaml,line=1," in annotations(BLOCKED, odd)


def test_a_change_that_passes_is_a_notice_and_no_warning() -> None:
    found = commands(annotations(at("pass"), HERE))
    assert [each[0] for each in found] == ["notice"]


def test_what_is_to_be_looked_into_warns() -> None:
    assert {
        each[0]
        for each in commands(
            annotations(replace(at("investigate"), lines=(), slices=SLICES[2:3], modes=(), flips=()), HERE)
        )
    } == {"warning"}


def test_the_values_of_the_step_are_words_and_numbers_of_ours() -> None:
    text = step_outputs(hostile())
    assert text.splitlines() == [
        "level=block",
        "finding=systematic",
        "passed=false",
        "cases=1000",
        "regressed=2",
        "more_cases=",
    ]
    assert HOSTILE[:5] not in text


def test_what_is_allowed_to_be_undecided_passed() -> None:
    open_gate = replace(at("undecided"), lines=(), slices=(), modes=())
    assert "passed=false" in step_outputs(open_gate)
    assert "passed=true" in step_outputs(open_gate, allow_undecided=True)


def test_a_per_cent_is_escaped_once() -> None:
    assert escaped("100%0A") == "100%250A"


def test_a_line_end_in_a_path_or_a_text_starts_no_command() -> None:
    assert escaped("a\r\n::error::b") == "a%0D%0A::error::b"
    odd = Places(candidate=Place("a\n::error::b.yaml", 1))
    assert len(commands(annotations(at("pass"), odd))) == 1
