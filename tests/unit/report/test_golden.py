"""What people read, word for word. Update after a wanted change: PASSMUSTER_UPDATE_GOLDEN=1 pytest this file."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from passmuster.records.comparison import Comparison
from passmuster.report.markdown import render_markdown
from passmuster.report.terminal import render_terminal

GOLDEN = Path(__file__).with_name("golden")
STATES = ("decided", "none", "undecided", "tie", "apart")


def terminal(comparison: Comparison, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, no_color=True, force_terminal=False)
    render_terminal(comparison, console, report_path="reports/complaints.html")
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


def agrees(text: str, file: str) -> None:
    path = GOLDEN / file
    if os.environ.get("PASSMUSTER_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STATES)
def test_the_terminal_says_what_was_agreed(name: str, state: Callable[[str], Comparison]) -> None:
    agrees(terminal(state(name), 100), f"{name}.txt")


@pytest.mark.parametrize("name", STATES)
def test_markdown_says_what_was_agreed(name: str, state: Callable[[str], Comparison]) -> None:
    agrees(render_markdown(state(name)), f"{name}.md")
