"""The gate as Markdown: word for word, under the cap with what matters most, and no markup from outside."""

import re
from dataclasses import replace

import pytest
from tests.unit.report.gate_sample import BLOCKED, SLICES, at, hostile, huge
from tests.unit.report.test_golden import agrees

from passmuster.records.gate import Level
from passmuster.report.gate_markdown import gate_markdown
from passmuster.report.github import COMMENT_LIMIT, SUMMARY_LIMIT


@pytest.mark.parametrize("level", ["block", "investigate", "undecided", "refused", "pass"])
def test_markdown_says_what_was_agreed(level: Level) -> None:
    agrees(gate_markdown(at(level)), f"gate-{level}.md")


@pytest.mark.parametrize("limit", [SUMMARY_LIMIT, COMMENT_LIMIT, 10_000, 5_000, 2_000, 500])
def test_the_text_is_never_larger_than_it_may_be(limit: int) -> None:
    wide = replace(huge(), slices=tuple(replace(each, slice="\N{CROSS MARK}" * 80) for each in huge().slices))
    for report in (BLOCKED, huge(), hostile(), wide):
        assert len(gate_markdown(report, limit=limit).encode()) <= limit


def test_what_is_left_out_is_counted_and_it_is_never_the_verdict() -> None:
    text = gate_markdown(huge(), limit=COMMENT_LIMIT)
    assert text.startswith("## \N{CROSS MARK} Blocked")
    assert re.search(r"[\d,]+ more slices left out here: `passmuster gate --json` has all", text)
    assert "The rest is left out" in text
    assert gate_markdown(huge(), limit=300).startswith("## \N{CROSS MARK} Blocked")


def test_the_gravest_slices_are_those_that_stay() -> None:
    many = (*(replace(SLICES[0], slice=f"calm {number}") for number in range(3000)), SLICES[1])
    text = gate_markdown(replace(BLOCKED, slices=many), limit=COMMENT_LIMIT)
    assert "stratum refunds" in text
    assert text.index("stratum refunds | ") < text.index("calm 1")


def test_a_summary_that_has_room_for_all_leaves_nothing_out() -> None:
    text = gate_markdown(BLOCKED)
    assert "left out" not in text
    assert all(word in text for word in ("stratum refunds", "invents a clause", "c-2", "Provenance", "0.37"))


def test_every_table_is_whole_also_of_hostile_texts() -> None:
    text = gate_markdown(hostile())
    widths: list[int] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            widths = []
            continue
        widths.append(len(re.findall(r"(?<!\\)\|", line)))
        assert widths[-1] == widths[0], line


def test_no_markup_link_mention_or_control_comes_from_outside() -> None:
    text = gate_markdown(hostile())
    assert not re.search(r"(?<!\\)<", text)
    assert not re.search(r"(?<!\\)@team", text)
    assert not any(char in text for char in "\x1b\r\u202e\ud800")
    assert not re.search(r"(?<!\\)`\$\(rm\)", text)
    assert "https://" not in gate_markdown(BLOCKED)  # an address of somebody's is no link
