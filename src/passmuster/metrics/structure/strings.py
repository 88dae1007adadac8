"""Strings as models write them into JSON: other quotes, raw line breaks, wrong escapes, quotes left as they are."""

import re

SPACE = re.compile(r"\s*+")
# straight, then typographic quotes, then the backtick
PAIRS = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "`": "`"}
STOPS = {closing: re.compile(rf"[{closing}\\]") for closing in PAIRS.values()}
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
HEX = re.compile(r"u([0-9a-fA-F]{4})")
CONTROL = re.compile(r"[\x00-\x1f]")
_QUOTED = "|".join(
    rf"{opening}(?:[^{closing}\\\n]|\\.){{0,200}}+(?:{closing}\s*+:|\Z)" for opening, closing in PAIRS.items()
)
QUOTED_KEY = re.compile(_QUOTED)
NEXT_MEMBER = re.compile(rf"\s*+(?:{_QUOTED}|[\w$-]{{1,100}}\s*+:|[}}\]#,]|/[/*]|\Z)")
NEXT_ITEM = re.compile(r"\s*+(?:[\"'\u201c\u2018`{\[\]}0-9#,-]|true|false|null|True|False|None|/[/*]|\Z)")
LINE_START = 80
"""Characters before a quote that are looked at to see whether it begins a line."""


def read_string(
    text: str, start: int, repairs: set[str], *, key: bool = False, in_list: bool = False
) -> tuple[str, int]:
    r"""Return the string that begins with the quote at `start`, and where it ends; note what was mended.

    A quote ends a string where what follows can stand behind one; any other was left unescaped and belongs to it.

    Example:
        >>> repairs = set()
        >>> read_string('"she said "no" twice", "b": 1}', 0, repairs), repairs
        (('she said "no" twice', 21), {'quotes'})
    """
    closing = PAIRS[text[start]]
    if closing != '"':
        repairs.add("quotes")
    parts: list[str] = []
    position = start + 1
    while True:
        stop = STOPS[closing].search(text, position)
        if stop is None:
            return _cut_off(text, position, parts, repairs)
        _keep(parts, text[position : stop.start()], repairs)
        position = stop.end()
        if stop.group() == "\\":
            position = _escape(text, position, parts, repairs)
        elif _closes(text, position, key=key, in_list=in_list):
            return _joined(parts, repairs), position
        elif not key and _begins_member(text, stop.start(), start):
            repairs.add("quotes")
            return _joined(["".join(parts).rstrip(", \t\r\n")], repairs), stop.start()
        else:
            repairs.add("quotes")
            parts.append(stop.group())


def _cut_off(text: str, position: int, parts: list[str], repairs: set[str]) -> tuple[str, int]:
    """Return a string that never ends; brackets at the very end were not meant as a part of it."""
    repairs.add("closing")
    rest = text[position:].rstrip().removesuffix("```").rstrip()
    end = len(rest)
    while end and rest[end - 1] in "}], \t\r\n":
        end -= 1
    kept = rest[:end] if "}" in rest[end:] or "]" in rest[end:] else rest
    _keep(parts, kept, repairs)
    return _joined(parts, repairs), len(text)


def _keep(parts: list[str], piece: str, repairs: set[str]) -> None:
    if CONTROL.search(piece):
        repairs.add("line_breaks")
    parts.append(piece)


def _closes(text: str, position: int, *, key: bool, in_list: bool) -> bool:
    space = SPACE.match(text, position)
    after = space.end() if space else position
    char = text[after : after + 1]
    if not char or text.startswith("```", after):
        return True
    if key:
        return char in ":,}"
    if char in "}]" or text.startswith(("//", "/*"), after):
        return True
    if char == ",":
        return (NEXT_ITEM if in_list else NEXT_MEMBER).match(text, after + 1) is not None
    if in_list:
        return char in PAIRS and "\n" in text[position : min(after, position + LINE_START)]
    return QUOTED_KEY.match(text, after) is not None


def _begins_member(text: str, quote: int, start: int) -> bool:
    """Return whether a quote opens the next member on a line of its own: then the string was not closed."""
    before = text[max(start, quote - LINE_START) : quote]
    return (
        "\n" in before
        and not before.rpartition("\n")[2].strip()
        and QUOTED_KEY.match(text, quote) is not None
    )


def _escape(text: str, position: int, parts: list[str], repairs: set[str]) -> int:
    """Read what follows a backslash; what is no escape of JSON stands for itself, backslash included."""
    char = text[position : position + 1]
    if char in ESCAPES and char:
        parts.append(ESCAPES[char])
        return position + 1
    code = HEX.match(text, position)
    if code is not None:
        parts.append(chr(int(code.group(1), 16)))
        return code.end()
    repairs.add("escapes")
    if char == "'":
        parts.append(char)
        return position + 1
    parts.append("\\")
    return position


def _joined(parts: list[str], repairs: set[str]) -> str:
    """Put the pieces together: surrogate halves become one character, a lone one U+FFFD."""
    whole = "".join(parts)
    if not whole.isascii() and any("\ud800" <= letter <= "\udfff" for letter in whole):
        whole = whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if "\ufffd" in whole:
            repairs.add("escapes")
    return whole
