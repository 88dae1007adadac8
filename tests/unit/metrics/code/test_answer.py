import pytest

from passmuster.metrics.code.answer import Block, code_blocks, read_code
from passmuster.metrics.unreadable import Unreadable

PYTHON = ("python", "py")


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("no fence", []),
        ("```\na\n```", [("", "a")]),
        ("```Python\na\n```", [("python", "a")]),
        ("```python title=x\na\n```", [("python", "a")]),
        ("~~~py\na\n~~~", [("py", "a")]),
        ("````\n```\na\n```\n````", [("", "```\na\n```")]),
        ("  ```\n  a\n    b\n  ```", [("", "a\n  b")]),
        ("```py\na\n``` and so on", [("py", "a\n``` and so on")]),
        ("```py\ncut off", [("py", "cut off")]),
        ("say `a` or ```b``` now", []),
        ("```a```", []),
        ("```py\r\na\r\n```\r\n", [("py", "a\r")]),
    ],
)
def test_a_fence_holds_what_stands_between_its_lines(text: str, blocks: list[tuple[str, str]]) -> None:
    assert code_blocks(text) == [Block(*each) for each in blocks]


def test_code_is_looked_for_in_its_own_language_first_then_in_none_then_in_any() -> None:
    shell, bare, code = "```sh\ns\n```\n", "```\nb\n```\n", "```py\nc\n```\n"
    assert read_code(shell + bare + code, PYTHON) == "c"
    assert read_code(shell + bare, PYTHON) == "b"
    assert read_code(shell, PYTHON) == "s"
    assert read_code("just\n", PYTHON) == "just"
    assert read_code("```\nb\n```\n```C\nc\n```\n", ("C",)) == "c"


def test_which_of_several_blocks_is_code_is_an_option() -> None:
    text = "```py\na\n```\nor\n```py\nb\n```"
    assert [read_code(text, PYTHON, which) for which in ("first", "last", "all")] == ["a", "b", "a\n\nb"]


@pytest.mark.parametrize("text", ["", "  \n", "```py\n```", "```py\n  \n```\n"])
def test_a_reply_without_code_is_unreadable(text: str) -> None:
    assert isinstance(read_code(text, PYTHON), Unreadable)


def test_indentation_of_bare_code_is_kept() -> None:
    assert read_code("    return a + b\n", PYTHON) == "    return a + b"
