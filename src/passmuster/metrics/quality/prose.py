"""The prose of a reply in Markdown: its blocks, without code; lists and headings line by line."""

from typing import Literal, NamedTuple, TypeAlias

from passmuster.metrics.instructions.measures import count_bullets, count_numbered, headings

Kind: TypeAlias = Literal["paragraph", "item", "heading"]

_CODE = ("```", "~~~")


class Block(NamedTuple):
    """A paragraph, an item of a list with the lines that go on with it, or a heading."""

    kind: Kind
    text: str


def blocks_of(text: str) -> list[Block]:
    r"""Return the blocks of a text in order; code between fences is left out, rows of tables are paragraphs.

    Example:
        >>> [block.kind for block in blocks_of("# Fees\nIt is\n5 %.\n\n- one\n  more\n- two\n```\nx = 1\n```")]
        ['heading', 'paragraph', 'item', 'item']
    """
    found: list[tuple[Kind, list[str]]] = []
    fence: str | None = None
    open_block = False
    for line in text.splitlines():
        start = line.strip()[:3]
        if start in _CODE and fence in (None, start):
            fence, open_block = (start if fence is None else None), False
            continue
        if fence is not None:
            continue
        if not line.strip():
            open_block = False
            continue
        kind = _kind(line)
        if open_block and kind == "paragraph":
            found[-1][1].append(line.strip())
        else:
            found.append((kind, [line.strip()]))
        open_block = kind != "heading"
    return [Block(kind, "\n".join(lines)) for kind, lines in found]


def _kind(line: str) -> Kind:
    if headings(line):
        return "heading"
    return "item" if count_bullets(line) or count_numbered(line) else "paragraph"
