"""How a reply looks: its length, lists, headings and bold print, by which raters may be swayed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from passmuster.decide.ranking.games import Table
from passmuster.records.record import Record
from passmuster.stats.arrays import FloatArray, IntArray

STYLE = ("length", "lists", "headings", "bold")
"""What is counted of a reply."""

_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_LIST = re.compile(r"^\s{0,12}(?:[-*+•]|\d{1,3}[.)])\s")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s")
_BOLD = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style(Record):
    """What a reply has: characters, items of lists, headings, words or phrases in bold print."""

    length: int
    lists: int
    headings: int
    bold: int


def style_of(text: str) -> Style:
    r"""Return what a reply has of each mark of style, in Markdown; blocks of code count for their length only.

    Example:
        >>> style_of("# Plan\n- **first**\n- second\n```\n# no heading\n```")
        Style(length=48, lists=2, headings=1, bold=1)
    """
    lists = headings = bold = 0
    in_code = False
    for line in text.splitlines():
        if _FENCE.match(line):
            in_code = not in_code
        elif not in_code:
            lists += _LIST.match(line) is not None
            headings += _HEADING.match(line) is not None
            bold += len(_BOLD.findall(line))
    return Style(length=len(text), lists=lists, headings=headings, bold=bold)


def style_columns(table: Table, texts: Mapping[str, str]) -> tuple[IntArray, FloatArray]:
    """Return the games of which both replies are known, and how their styles differ: a column each of `STYLE`.

    The difference is (a - b) / (a + b), 0 where neither has any (Chiang et al. 2024, section 4; its implementation by
    the same authors): ten items beside five count as much as two beside one.

    Args:
        table: The games.
        texts: Replies by digest.
    """
    styles = {digest: style_of(text) for digest, text in texts.items()}
    rows, found = [], []
    for row, choice in enumerate(table.choices):
        first, second = styles.get(choice.first), styles.get(choice.second)
        if first is not None and second is not None:
            rows.append(row)
            found.append([_difference(getattr(first, name), getattr(second, name)) for name in STYLE])
    return np.array(rows, dtype=np.int64), np.array(found, dtype=np.float64).reshape(-1, len(STYLE))


def _difference(first: int, second: int) -> float:
    return 0.0 if first + second == 0 else (first - second) / (first + second)
