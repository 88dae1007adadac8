"""Untrusted text made harmless to look at: control characters shown, long text cut with a note."""

import unicodedata

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that change a terminal or a line without being seen: controls, formats, separators."""

_KEPT_IN_BLOCKS = frozenset("\n\t")
_JOINERS = frozenset("\u200c\u200d")  # emoji and several scripts are wrong without them


def visible(text: str, *, block: bool = False) -> str:
    r"""Return `text` with every control, bidirectional override and lone surrogate written out.

    Args:
        text: What came from a model, a corpus or a log.
        block: Keep line ends and tabs, for text that is shown as a block; else it becomes one line.

    Example:
        >>> print(visible("a\x1b[31mred\u202e\nb"))
        a\x1b[31mred\u202e\nb
    """
    if text.isascii() and text.isprintable():
        return text
    kept = _KEPT_IN_BLOCKS if block else frozenset()
    if block:
        text = text.replace("\r\n", "\n")
    return "".join(char if char in kept else _shown(char) for char in text)


def _shown(char: str) -> str:
    if char in _JOINERS or unicodedata.category(char) not in HIDDEN_CATEGORIES:
        return char
    return char.encode("ascii", "backslashreplace").decode("ascii") if ord(char) > 0x7F else _ascii(char)


def _ascii(char: str) -> str:
    return {"\n": r"\n", "\r": r"\r", "\t": r"\t"}.get(char, f"\\x{ord(char):02x}")


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, with a note of how many were left out.

    Example:
        >>> cut("abcdefgh", 3)
        'abc... (5 more characters)'
    """
    if len(text) <= limit:
        return text
    return f"{text[:limit]}... ({len(text) - limit:,} more characters)"


def line(text: str, limit: int) -> str:
    """Return `text` as one harmless line of at most about `limit` characters."""
    return visible(cut(text, limit))


def label(text: str, limit: int = 32) -> str:
    """Return a name for a narrow place: one harmless line, its end replaced by an ellipsis where too long.

    Example:
        >>> label("a-very-long-name", 8)
        'a-very-…'
    """
    shown = visible(text[: limit * 2])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
