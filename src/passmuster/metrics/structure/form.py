"""The form of a reply in a few words: two replies of the same form can be read by the same program."""

import re
from collections.abc import Iterable

from passmuster.metrics.json_text import find_json, parse_json
from passmuster.metrics.structure.repair import repaired
from passmuster.metrics.structure.tables import read_markdown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.record import Json
from passmuster.records.trial import Reply

NAMES = 8
"""Names of fields or functions that a form spells out."""

NAME_LENGTH = 40
LINES = 400
"""Lines of a text that are looked at to tell a list from prose."""

MOSTLY = 0.5
"""From this share of lines on, items make a list."""

JSON_BEGUN = re.compile(r"(?:```[A-Za-z0-9]*\s*+)?[\[{]")
QUOTED_MEMBER = re.compile(r"[{,]\s*+[\"'\u201c]")
"""What tells JSON among words from other braces, such as those of code or formulas."""

OTHER_FENCE = re.compile(r"```(?!(?i:json|jsonc|json5)\b)[A-Za-z]")
ELEMENT = re.compile(r"\s*+<([A-Za-z_][\w.:-]{0,60})[\s/>]")
ELEMENT_END = re.compile(r"</[A-Za-z_][\w.:-]{0,60}>\s*+\Z|/>\s*+\Z")
BULLET = re.compile(r"[-*+\u2022\u2013] +\S")
NUMBERED = re.compile(r"[0-9]{1,3}[.)] +\S")
HEADING = re.compile(r"#{1,6} +\S")
NUMBER = re.compile(r"[-+]?[$\u20ac\u00a3]? ?[0-9][0-9,.' ]{0,40}%?")


def form(reply: Reply) -> str:
    r"""Return the form of a reply: JSON with its fields, XML with its root, a table, a list, a line, ...

    What stands in it does not count, nor the order of fields. JSON is told from JSON in a ``` fence, JSON among
    words, and JSON that needs repair; prose is a word, a line or paragraphs.

    Example:
        >>> form(Reply(text='{"b": 1, "a": 2}')), form(Reply(text='```json\n{"a": 1}\n```'))
        ('JSON {a, b}', 'JSON {a} in a fence')
        >>> form(Reply(text="Yes")), form(Reply(text="It is so.")), form(Reply(text="- one\n- two"))
        ('a word', 'a line', 'a bulleted list')
    """
    if reply.tool_calls:
        return f"calls {_listed(sorted({call.name for call in reply.tool_calls}))}"
    text = reply.text.strip()
    if not text:
        return "empty"
    found = _json(text) if (text[0] in '["`' or "{" in text) and not OTHER_FENCE.match(text) else None
    return found or _markup(text) or _lines(text)


def _json(text: str) -> str | None:
    value = parse_json(text)
    if not isinstance(value, Unreadable):
        return _named(value)
    value = find_json(text)
    if not isinstance(value, Unreadable):
        whole = text.startswith("```") and text.endswith("```")
        return f"{_named(value)} in a fence" + ("" if whole else " among words")
    mended = repaired(text)
    if isinstance(mended, Unreadable):
        return None
    if JSON_BEGUN.match(text) is None and not _meant(text, mended.value):
        return None
    if set(mended.repairs) - {"fence", "surroundings"}:
        return f"broken {_named(mended.value)}"
    fence = " in a fence" if "fence" in mended.repairs else ""
    return f"{_named(mended.value)}{fence} among words"


def _meant(text: str, value: Json) -> bool:
    """Return whether what stands among words is meant as JSON: no citation, interval, placeholder or formula."""
    return isinstance(value, dict) and bool(value) and QUOTED_MEMBER.search(text) is not None


def _named(value: Json) -> str:
    if isinstance(value, dict):
        return f"JSON {{{_listed(sorted(value))}}}"
    if isinstance(value, list):
        inner = {_named(item) if isinstance(item, dict) else "items" for item in value[:LINES]}
        return (
            f"JSON list of {inner.pop() if len(inner) == 1 else 'several kinds'}"
            if inner
            else "JSON list, empty"
        )
    return "JSON text" if isinstance(value, str) else "JSON value"


def _listed(names: Iterable[str]) -> str:
    first = [name[:NAME_LENGTH].encode("utf-8", "replace").decode("utf-8") for name in names]
    return ", ".join(first[:NAMES]) + (", ..." if len(first) > NAMES else "")


def _markup(text: str) -> str | None:
    element = ELEMENT.match(text)
    if element and ELEMENT_END.search(text[-100:]):
        return f"XML <{element[1]}>"
    if text.startswith("```") and text.endswith("```"):
        return "a fenced block"
    if "|" not in text:
        return None
    table = read_markdown(text)
    return None if isinstance(table, Unreadable) else "a table" + (" among words" if table.words else "")


def _lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines()[:LINES]]
    lines = [line for line in lines if line]
    if len(lines) == 1:
        if NUMBER.fullmatch(text):
            return "a number"
        return "a line" if any(letter.isspace() for letter in text) else "a word"
    for pattern, name in ((BULLET, "a bulleted list"), (NUMBERED, "a numbered list")):
        share = sum(pattern.match(line) is not None for line in lines) / len(lines)
        if share > MOSTLY:
            return name if share == 1 else f"{name} among words"
    if any(HEADING.match(line) for line in lines):
        return "sections with headings"
    return "lines or paragraphs"
