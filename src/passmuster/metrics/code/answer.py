"""The code in a reply: what stands in its fences, or all of it."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from passmuster.metrics.unreadable import Unreadable

Which: TypeAlias = Literal["first", "last", "all"]

FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*([A-Za-z0-9_+#.-]*)[^`\n]*")


class Block(NamedTuple):
    """What stands in a fence, and the language that it is said to be."""

    language: str
    text: str


def code_blocks(text: str) -> list[Block]:
    r"""Return what stands in the fences of a text; one that is never closed goes to the end.

    Example:
        >>> code_blocks("So:\n```python\nx = 1\n```\nor\n~~~\nx = 2")
        [Block(language='python', text='x = 1'), Block(language='', text='x = 2')]
    """
    blocks: list[Block] = []
    lines: list[str] | None = None
    indent, closing, language = "", "", ""
    for line in text.split("\n"):
        bare = line.strip()
        if lines is None:
            opening = FENCE.fullmatch(line.rstrip())
            if opening is not None:
                lines, indent = [], opening[1]
                closing, language = opening[2], opening[3].casefold()
        elif bare.startswith(closing) and not bare.strip(closing[0]):
            blocks.append(Block(language, "\n".join(lines)))
            lines = None
        else:
            lines.append(line.removeprefix(indent))
    if lines is not None:
        blocks.append(Block(language, "\n".join(lines)))
    return blocks


def read_code(text: str, languages: Sequence[str], which: Which = "first") -> str | Unreadable:
    r"""Return the code of an answer: of the fences in one of `languages`, else of those that name none, else of any.

    Without a fence all of the reply is taken for code.

    Example:
        >>> read_code("Run `pip` first:\n```sh\npip\n```\n```py\nx = 1\n```", ("python", "py"))
        'x = 1'
    """
    blocks = [block for block in code_blocks(text) if block.text.strip()]
    if not blocks:
        bare = text.strip("\n")
        return bare if bare.strip() and not code_blocks(text) else Unreadable(reason="there is no code in it")
    wanted = {language.casefold() for language in languages}
    fitting = [block for block in blocks if block.language in wanted]
    fitting = fitting or [block for block in blocks if not block.language] or blocks
    if which == "all":
        return "\n\n".join(block.text for block in fitting)
    return fitting[0 if which == "first" else -1].text
