"""What can be counted in a text: words, sentences, paragraphs, list items, headings, quotations."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]"
)
"""Letters of scripts that put no blanks between words: Thai, Lao, Burmese, Khmer, kana, Han."""

_END = re.compile(
    r"(?<![.!?\u2026])[.!?\u2026]++[\"'\u2019\u201d)\]*_]*+(?=\s|$)"
    r"|(?<![\u3002\uff01\uff1f])[\u3002\uff01\uff1f]++[\u300d\u300f\u201d]*+|\u0964|\n\s*\n"
)
"""Each run of marks is looked at once, from its beginning: the search is linear on a megabyte of full stops."""

_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "sr",
        "jr",
        "vs",
        "etc",
        "e.g",
        "i.e",
        "no",
        "vol",
        "fig",
        "al",
        "inc",
        "ltd",
        "co",
        "u.s",
        "u.k",
        "a.m",
        "p.m",
        "bzw",
        "z.b",
        "d.h",
        "ca",
        "nr",
    ]
)
_LAST_WORD = re.compile(r"[\w.]+$")
_LOOK_BACK = 20

_BULLET = re.compile(r"[ \t]*[-*+\u2022\u2023\u2013][ \t]+\S")
_NUMBERED = re.compile(r"[ \t]*(?:\(?[0-9]{1,4}[.)]|\(?[A-Za-z][.)])[ \t]+\S")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+\S")
_BOLD_LINE = re.compile(r"[ \t]*(?:\*\*[^*]+\*\*|__[^_]+__):?[ \t]*")
_HIGHLIGHT = re.compile(r"\*\*[^*\n]+\*\*|\*[^*\n]+\*")
_PLACEHOLDER = re.compile(r"\[[^\[\]\n]+\]")
_CODE = re.compile(r"(?m)^[ \t]*```")
_LINK = re.compile(r"https?://[^\s<>()\"]+")

QUOTES = (('"', '"'), ("\u201c", "\u201d"), ("\u00ab", "\u00bb"), ("\u201e", "\u201c"))
"""Opening and closing marks of quotations."""


def count_words(text: str) -> int:
    """Return the number of words; each letter of a script without blanks between words counts as one.

    Example:
        >>> count_words("Don't re-read it: 3.5 times."), count_words("我喜欢")
        (6, 3)
    """
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    spaced = _UNSPACED.sub(" ", text) if unspaced else text
    return unspaced + sum(1 for _ in _WORD.finditer(spaced))


def is_unspaced(letter: str) -> bool:
    """Return whether a letter is of a script that puts no blanks between words."""
    return _UNSPACED.match(letter) is not None


def count_sentences(text: str) -> int:
    """Return the number of sentences: a closing mark before a blank, or an empty line, ends one.

    Abbreviations, initials and the numbers of a list end none.

    Example:
        >>> count_sentences("Dr. J. Smith paid 3.5 %. Why? No idea")
        3
    """
    found, start, spoken = 0, 0, False
    for mark in _END.finditer(text):
        spoken = spoken or _has_word(text[start : mark.start()])
        before = text[max(0, mark.start() - _LOOK_BACK) : mark.start()]
        start = mark.end()
        if spoken and not (mark.group() == "." and _is_abbreviation(before)):
            found, spoken = found + 1, False
    return found + (spoken or _has_word(text[start:]))


def _has_word(text: str) -> bool:
    return any(map(str.isalnum, text))


def _is_abbreviation(before: str) -> bool:
    """Return whether a full stop after this only shortens a word, or numbers an item of a list."""
    last = _LAST_WORD.search(before)
    if last is None:
        return False
    word = last.group()
    initial = len(word) == 1 and word.isupper() and word != "I"
    return word.lower() in _TITLES or initial or before.rpartition("\n")[2].strip().isdigit()


def paragraphs(text: str) -> list[str]:
    r"""Return the paragraphs of a text: what stands between empty lines.

    Example:
        >>> paragraphs("a\nb\n\n \nc")
        ['a\nb', 'c']
    """
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return ["\n".join(lines) for lines in found if lines]


def count_lines(text: str) -> int:
    """Return the number of lines that are not empty."""
    return sum(1 for line in text.splitlines() if line.strip())


def count_bullets(text: str) -> int:
    r"""Return the number of lines that begin with a bullet: - * + or a dot; a rule such as * * * is none.

    Example:
        >>> count_bullets("- a\n* b\n**c**\n1. d\n* * *")
        2
    """
    return sum(1 for line in text.splitlines() if _BULLET.match(line) and not _is_rule(line))


def _is_rule(line: str) -> bool:
    marks = "".join(line.split())
    return len(marks) > 2 and marks[0] in "-*" and not marks.strip(marks[0])


def count_numbered(text: str) -> int:
    r"""Return the number of lines that begin with a number or a letter of a list.

    Example:
        >>> count_numbered("1. a\n2) b\n(c) d\n3.5 is no item")
        3
    """
    return sum(1 for line in text.splitlines() if _NUMBERED.match(line))


def headings(text: str) -> list[str]:
    r"""Return the lines that are headings in Markdown: with #, or all bold.

    Example:
        >>> headings("# One\ntext\n**Two**\n\nThree\n=====")
        ['# One', '**Two**', 'Three']
    """
    found, before = [], ""
    for line in text.splitlines():
        if _HEADING.match(line) or _BOLD_LINE.fullmatch(line):
            found.append(line.strip())
        elif before.strip() and len(line) > 1 and set(line.strip()) == {"="}:
            found.append(before.strip())
        before = line
    return found


def count_highlights(text: str) -> int:
    """Return the number of parts set off by asterisks, *so* or **so**."""
    return sum(1 for found in _HIGHLIGHT.finditer(text) if found.group().strip("* \t"))


def count_placeholders(text: str) -> int:
    """Return the number of placeholders in square brackets, such as [name]."""
    return sum(1 for _ in _PLACEHOLDER.finditer(text))


def count_code_blocks(text: str) -> int:
    """Return the number of blocks between ``` fences; one that is not closed counts."""
    return (sum(1 for _ in _CODE.finditer(text)) + 1) // 2


def count_links(text: str) -> int:
    """Return the number of web addresses."""
    return sum(1 for _ in _LINK.finditer(text))


def count_capital_words(text: str) -> int:
    """Return the number of words of two letters or more that stand in capitals."""
    return sum(1 for found in _WORD.finditer(text) if len(found.group()) > 1 and found.group().isupper())


def quotations(text: str) -> Iterator[str]:
    r"""Yield what stands in quotation marks, kind of mark by kind, then what stands in block quotes.

    Example:
        >>> list(quotations('He said "no". \u201cWhy?\u201d\n> I know.\n> I do.'))
        ['no', 'Why?', 'I know.\nI do.']
    """
    for opening, closing in QUOTES:
        start = text.find(opening)
        while start >= 0:
            end = text.find(closing, start + 1)
            if end < 0:
                break
            yield text[start + 1 : end]
            start = text.find(opening, end + 1)
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith(">"):
            block.append(line.lstrip("> \t"))
        elif block:
            yield "\n".join(block)
            block = []
