"""Sentences in a terminal: as they are, and wrapped under a head."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text


def hang(console: Console, head: Text, text: str, *, indent: int | None = None) -> None:
    """Print a head and a text whose further lines are indented under it."""
    margin = head.cell_len if indent is None else indent
    first, *more = _wrapped(text, console.width - head.cell_len, console.width - margin)
    say(console, Text.assemble(head, first))
    for part in more:
        say(console, Text(" " * margin + part))


def _wrapped(text: str, first: int, others: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in _pieces(text.split(), max(others, 20)):
        room = max(first if not lines else others, 20)
        if line and cell_len(line) + 1 + cell_len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _pieces(words: Iterable[str], size: int) -> Iterable[str]:
    for word in words:
        for start in range(0, len(word), size):
            yield word[start : start + size]


def say(console: Console, text: Text) -> None:
    """Print a text as it is: no part of it is highlighted or taken for markup."""
    console.print(text, soft_wrap=False, highlight=False)
