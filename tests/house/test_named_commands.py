"""A command that the tool tells a person to type can be typed as it stands."""

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "passmuster"
NEEDS = {"rate form": "--rater", "rate export": "--rater", "corpus label form": "--annotator"}
"""Verbs that refuse to do anything without this option."""


def told(verb: str) -> list[tuple[str, str]]:
    """Return where a verb is told with `passmuster` before it, and what follows; its bare name in quotes is no command."""
    found = re.compile(rf"passmuster {verb}\b(?!`)(?P<rest>[^\n]{{0,40}})")
    files = [file for kind in ("*.py", "*.jinja") for file in SOURCES.rglob(kind)]
    return [
        (file.name, match["rest"])
        for file in files
        for match in found.finditer(file.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("verb", "option"), NEEDS.items())
def test_a_command_is_told_with_the_options_that_it_needs(verb: str, option: str) -> None:
    assert [(file, rest) for file, rest in told(verb) if option not in rest] == []
