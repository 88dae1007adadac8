"""The form as lines of a terminal, however narrow, low or old it is: plain characters, no colour."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from passmuster.records.record import Record
from passmuster.report.escape import visible
from passmuster.workflows.form.cards import Ask, Option
from passmuster.workflows.form.state import TYPE, State

NARROWEST = 20
LEAST_LINES = 3
"""Lines of a card's texts that are shown, at least, whatever else there is to say."""

LONGEST_TEXT = 200_000
"""Characters of one passage that are shown."""

_TAB = "    "
_LIKE_A_TITLE = re.compile(r"^(?=-- )", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Record):
    """A terminal: columns, lines, and the encoding in which it is written to."""

    columns: int = 80
    lines: int = 24
    encoding: str = "utf-8"


def pages_of(state: State, window: Window) -> int:
    """Return how many pages the texts of the open card have in this window."""
    body, foot = _body(state, window), _foot(state, window)
    return max(1, -(-len(body) // _room(foot, window)))


def screen(state: State, window: Window) -> tuple[str, ...]:
    r"""Return the lines to show: where the person is, a page of the card's texts, what is asked, and the keys.

    No line is wider than the window. What others wrote is shown with its control characters written out; what the
    terminal's encoding cannot say is written as an escape.

    Example:
        >>> from passmuster.workflows.form.cards import Card, Passage, keyed
        >>> from passmuster.workflows.form.state import begin
        >>> ask = Ask(name="label", text="Which?", options=keyed(["billing", "refund"]))
        >>> card = Card(passages=(Passage(title="Input", text="Where is my money?"),), asks=(ask,))
        >>> print("\n".join(screen(begin((card,), at=0.0), Window(columns=40))))
        1 of 1
        -- Input --
        Where is my money?
        <BLANKLINE>
        Which?
          1  billing
          2  refund
        s skip  n note  u undo  q quit
    """
    if state.over:
        return ()
    body, foot = _body(state, window), _foot(state, window)
    room = _room(foot, window)
    pages = max(1, -(-len(body) // room))
    page = min(state.page, pages - 1)
    shown = body[page * room : (page + 1) * room]
    head = f"{state.place + 1} of {len(state.cards)}"
    if pages > 1:
        head += f" - page {page + 1} of {pages}: space on, - back"
    return (*_wrapped(head, window)[:1], *shown, "", *foot)


def settled_page(state: State, window: Window) -> int:
    """Return the page that is shown: the last one where the state is beyond it."""
    return min(state.page, pages_of(state, window) - 1)


def _room(foot: Sequence[str], window: Window) -> int:
    return max(LEAST_LINES, window.lines - len(foot) - 3)


def _body(state: State, window: Window) -> list[str]:
    lines: list[str] = []
    for passage in state.card.passages:
        lines += _wrapped(f"-- {passage.title} --", window)
        text = passage.text[:LONGEST_TEXT]
        if len(passage.text) > LONGEST_TEXT:
            text += f"\n(cut here: {len(passage.text):,} characters in all)"
        # Only a title begins so: a text that looks like one would let a reply pass for another, or for the task.
        lines += _wrapped(_LIKE_A_TITLE.sub(" ", text) or "(nothing)", window)
    return lines


def _foot(state: State, window: Window) -> list[str]:
    lines: list[str] = []
    for ask, said in zip(state.card.asks, state.answers, strict=False):
        lines += _wrapped(f"{ask.name}: {said}", window)
    lines += _asked(state.ask, window)
    if state.note is not None and state.typing != "note":
        lines += _wrapped(f"Note: {state.note}", window)
    if state.message:
        lines += _wrapped(state.message, window)
    if state.typing is None:
        return [*lines, *_wrapped(_keys(state), window)]
    what = "Note" if state.typing == "note" else "Answer"
    return [
        *lines,
        *_wrapped("Enter keeps it, Esc leaves it", window),
        *_wrapped(f"{what}: {state.buffer}_", window),
    ]


def _asked(ask: Ask, window: Window) -> list[str]:
    """Return the question and its answers: on one line where each says no more than its key, or where lines are few."""
    lines = _wrapped(ask.text, window)
    said = [_option(option) for option in ask.options]
    listed = [line for each in said for line in _wrapped(f"  {each}", window)]
    if said and (all(" " not in each for each in said) or len(listed) > window.lines // 2):
        listed = list(_wrapped("  ".join(said), window))
    return [*lines, *listed]


def _option(option: Option) -> str:
    said = option.meaning or (option.value if option.value != option.key else "")
    return f"{option.key}  {said}" if said else option.key


def _keys(state: State) -> str:
    keys = ["s skip", "n note", "u undo", "q quit"]
    if state.ask.low is not None:
        keys.insert(0, f"type {state.ask.low} to {state.ask.high}, then Enter")
    elif state.ask.typed:
        keys.insert(0, f"{TYPE} type an answer")
    if state.place in state.said:
        keys.insert(0, "Enter leave as it was")
    return "  ".join(keys)


@lru_cache(maxsize=32)  # the texts of a card are drawn again with every key
def _wrapped(text: str, window: Window) -> tuple[str, ...]:
    """Return the lines of a text, each no wider than the window; broken at blanks where there are some."""
    width = max(NARROWEST, window.columns) - 1
    lines = _harmless(text, window.encoding).split("\n")
    return tuple(piece for line in lines for piece in _pieces(line, width))


def _harmless(text: str, encoding: str) -> str:
    shown = visible(text.replace("\t", _TAB), block=True)
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def _pieces(line: str, width: int) -> Iterator[str]:
    start = at = wide = 0
    blank = -1
    while at < len(line):
        wide += _cells(line[at])
        if wide > width:
            end = at if line[at] == " " else blank if blank > start else at
            yield line[start:end].rstrip()
            start = at = end + (line[end] == " ")
            wide, blank = 0, -1
            continue
        if line[at] == " ":
            blank = at
        at += 1
    yield line[start:].rstrip()


def _cells(char: str) -> int:
    """Return how many columns a character takes."""
    if char.isascii():
        return 1
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
