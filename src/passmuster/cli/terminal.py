"""A terminal at which a form is filled in: keys are read as they are pressed, screens drawn as plain text."""

import codecs
import os
import re
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple, TextIO

from passmuster.errors import UsageError
from passmuster.workflows.form.cards import Card
from passmuster.workflows.form.screen import Window, screen, settled_page
from passmuster.workflows.form.state import (
    BACK,
    BACKSPACE,
    END,
    ENTER,
    ESCAPE,
    ON,
    Entry,
    State,
    begin,
    press,
)

if sys.platform != "win32":
    import termios
    import tty

CLEAR = "\x1b[H\x1b[2J\x1b[3J"
LOOK = 0.5
"""Seconds after which the size of the window is looked at again, where no key comes."""

REST = 0.05
"""Seconds within which the rest of a key comes that is sent as several characters."""

_SENT = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.)")
"""A key that is sent as several characters."""

_NAMED = {
    "\r": ENTER,
    "\n": ENTER,
    "\x7f": BACKSPACE,
    "\x08": BACKSPACE,
    "\x1b": ESCAPE,
    "\x04": END,
    "\x1b[A": BACK,
    "\x1bOA": BACK,
    "\x1b[5~": BACK,
    "\x1b[B": ON,
    "\x1bOB": ON,
    "\x1b[6~": ON,
}


class Said(NamedTuple):
    """What came of a form: entries kept, those without an answer, those set right, and whether all cards were seen."""

    kept: int
    skipped: int
    set_right: int
    finished: bool


def fill_in(cards: tuple[Card, ...], keep: Callable[[Entry], None], *, instead: str) -> Said:
    """Show cards one after the other until all have an entry or the person leaves.

    Args:
        cards: What is looked at.
        keep: Writes an entry; it is called before the next card is shown.
        instead: What to do where there is no terminal.

    Raises:
        UsageError: where there is no terminal.
    """
    if sys.platform == "win32" or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("the form needs a terminal", hint=instead)
    state, said = begin(cards, time.monotonic()), Said(0, 0, 0, finished=False)
    with _keyboard(sys.stdin) as keyboard:
        while not state.over:
            state = _shown(state, sys.stderr)
            step = press(state, _key(keyboard, sys.stderr, state), time.monotonic())
            state = step.state
            if step.entry is not None:
                keep(step.entry)
                said = _counted(said, step.entry)
        _write(sys.stderr, CLEAR if _clears() else "\n")
    return said._replace(finished=not state.left)


def _key(keyboard: "_Keyboard", stream: TextIO, state: State) -> str:
    """Return the next key; while none comes, the screen follows the size of the window."""
    window = _window(stream)
    while (key := keyboard.key(LOOK)) is None:
        if _window(stream) != window:
            window = _window(stream)
            _shown(state, stream)
    return key


class _Keyboard:
    """Keys as they are pressed, whatever number of bytes each is sent as."""

    def __init__(self, file: int, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("ignore")
        self._come = ""
        self._ended = False

    def key(self, seconds: float) -> str | None:
        """Return the next key; None where none comes within so many seconds."""
        if not self._come and not self._more(seconds):
            return END if self._ended else None
        if self._come[0] == "\x1b" and len(self._come) == 1:
            self._more(REST)
        found = _SENT.match(self._come)
        sent = found[0] if found else self._come[0]
        self._come = self._come[len(sent) :]
        if sent in _NAMED:
            return _NAMED[sent]
        return sent if len(sent) == 1 and sent.isprintable() else self.key(0.0)

    def _more(self, seconds: float) -> bool:
        """Read what has come; return whether there is any of it."""
        if not select.select([self._file], [], [], seconds)[0]:
            return False
        try:
            raw = os.read(self._file, 4096)
        except OSError:  # the other end of the terminal is gone
            raw = b""
        self._ended = not raw
        self._come += self._decoder.decode(raw)
        return bool(self._come)


@contextmanager
def _keyboard(stream: TextIO) -> Iterator[_Keyboard]:
    """Read keys without waiting for Enter, and leave the terminal as it was."""
    file = stream.fileno()
    before = termios.tcgetattr(file)
    tty.setcbreak(file)
    try:
        yield _Keyboard(file, stream.encoding or "utf-8")
    finally:
        termios.tcsetattr(file, termios.TCSADRAIN, before)


def told(said: Said, waiting: int) -> str:
    """Return what came of a form, in a sentence or two.

    Example:
        >>> told(Said(12, 3, 1, finished=False), 8)
        '12 answered, 3 of them skipped; 1 set right. 8 still wait.'
    """
    text = f"{said.kept:,} answered"
    text += f", {said.skipped:,} of them skipped" if said.skipped else ""
    text += f"; {said.set_right:,} set right" if said.set_right else ""
    return f"{text}. " + ("Nothing waits any more." if not waiting else f"{waiting:,} still wait.")


def _counted(said: Said, entry: Entry) -> Said:
    if entry.again:
        return said._replace(set_right=said.set_right + 1)
    return said._replace(kept=said.kept + 1, skipped=said.skipped + (entry.answers is None))


def _shown(state: State, stream: TextIO) -> State:
    """Draw a state; the page that is kept is the one that is seen."""
    window = _window(stream)
    lines = screen(state, window)
    _write(stream, (CLEAR if _clears() else "\n") + "\n".join(lines) + "\n")
    return replace(state, page=settled_page(state, window))


def _window(stream: TextIO) -> Window:
    try:
        size = os.get_terminal_size(stream.fileno())
    except OSError:
        size = os.terminal_size((80, 24))
    return Window(columns=size.columns or 80, lines=size.lines or 24, encoding=stream.encoding or "ascii")


def _clears() -> bool:
    return os.environ.get("TERM", "dumb") not in {"", "dumb"}


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()
