"""Keeps stdout for the one JSON object of a verb: what a user's code prints meanwhile goes to stderr."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from contextvars import ContextVar
from typing import TextIO

_results: ContextVar[TextIO | None] = ContextVar("_results", default=None)


def results() -> TextIO | None:
    """Return the stream that results go to; None is stdout as it is."""
    return _results.get()


@contextmanager
def results_apart(*, wanted: bool) -> Iterator[None]:
    """Send to stderr what is printed on stdout, but for what is written to `results()`.

    Metrics and candidates of users print, and so do the processes that they start: the file descriptor turns, too.
    Within another such block nothing changes.

    Example:
        >>> with results_apart(wanted=True):
        ...     print("words")  # on stderr
        ...     print("{}", file=results())
        {}
    """
    stdout: TextIO | None = sys.stdout
    if not wanted or results() is not None or stdout is None:  # it was closed before we began
        yield
        return
    with ExitStack() as stack:
        words = sys.stderr or stack.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123 - no path
        stream = stack.enter_context(_turned(stdout, words)) if _is_ours(stdout, words) else stdout
        token = _results.set(stream)
        stack.callback(_results.reset, token)
        stack.enter_context(redirect_stdout(words))
        yield


def _is_ours(stdout: TextIO, words: TextIO) -> bool:
    """Return whether stdout is that of the process, so that its children write there, and words have a file."""
    if stdout is not sys.__stdout__:
        return False
    try:
        return stdout.fileno() != words.fileno()
    except (OSError, ValueError):
        return False


@contextmanager
def _turned(stdout: TextIO, words: TextIO) -> Iterator[TextIO]:
    """Let the file descriptor of stdout lead where `words` go; gives a stream to where it led."""
    stdout.flush()
    number = stdout.fileno()
    kept = os.dup(number)
    os.dup2(words.fileno(), number)
    try:
        with os.fdopen(kept, "w", encoding=stdout.encoding, errors=stdout.errors, closefd=False) as stream:
            yield stream
    finally:
        stdout.flush()
        os.dup2(kept, number)
        os.close(kept)
