# ruff: noqa: RUF001 - marks and letters of other scripts are what is counted
"""What is counted in a text."""

from collections.abc import Callable

import pytest

from passmuster.metrics.instructions import measures
from passmuster.metrics.instructions.loose import loose_variants
from passmuster.metrics.instructions.preamble import preamble_of


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("...", 0),
        ("one, two - three", 3),
        ("don't re-read it", 3),
        ("3.5 million", 3),
        ("我喜欢 tea", 4),
        ("สวัสดี", 6),
        ("привет мир", 2),
    ],
)
def test_words(text: str, count: int) -> None:
    assert measures.count_words(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("no mark", 1),
        ("One. Two! Three?", 3),
        ("Really?! Yes...", 2),
        ('He said "no." Then he left.', 2),
        ("Dr. J. Smith vs. Mr. Jones, e.g. here.", 1),
        ("It is 3.5 % of 10.000 at passmuster.io today.", 1),
        ("1. First item.\n2. Second item.", 2),
        ("A title\n\nOne sentence.", 2),
        ("第一句。第二句！", 2),
        ("यह है। वह है।", 2),
        ("???", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert measures.count_sentences(text) == count


@pytest.mark.parametrize(
    ("count", "text", "number"),
    [
        (measures.count_bullets, "- a\n* b\n+ c\n• d\n– e\n-f\n**g**\n  - h", 6),
        (measures.count_bullets, "- - -\n* * *\n  -  -  -  -\n- -\n* - *\n+ + +", 3),
        (measures.count_numbered, "1. a\n2) b\n(3) c\na) d\n10. e\n3.5 f\nA. g", 6),
        (lambda text: len(measures.headings(text)), "# a\n###### b\n#c\n**d**\n**e** f\ng\n===\n__h__:", 5),
        (measures.count_highlights, "*a* **b** ** ** * c\n* d* e *f\ng*", 3),
        (measures.count_placeholders, "[name], [your address] [] [a\nb]", 2),
        (measures.count_code_blocks, "```py\nx\n```\n\n```\ny", 2),
        (measures.count_links, "see https://a.b/c and (http://d.e) or a.b", 2),
        (measures.count_capital_words, "NASA and the EU: I say A or ÉTÉ", 3),
        (measures.count_lines, "a\n\n \nb\n", 2),
        (lambda text: len(measures.paragraphs(text)), "\n\na\nb\n\n\n \nc\n\n", 2),
    ],
)
def test_parts_of_a_text(count: Callable[[str], int], text: str, number: int) -> None:
    assert count(text) == number


def test_quotations_of_every_kind_of_mark_and_of_blocks() -> None:
    text = '"a b" “c d” «e f» „g h“ "open\n> i\n> j\n\n> k'
    assert list(measures.quotations(text)) == ["a b", "c d", "e f", "g h", "i\nj", "k"]


@pytest.mark.parametrize(
    "line",
    [
        "Sure! Here is your list:",
        "Sure, here's the poem you asked for.",
        "Certainly! ",
        "Of course.",
        "Here are three ideas:",
        "**Here is the summary:**",
        "I'd be happy to help.",
        "I’ve written the email below.",
        "As an AI language model, I cannot",
        "Thank you for your question.",
        "Natürlich! Hier ist der Text:",
        "Hier ist die Liste:",
        "Voici la liste :",
        "¡Claro!".lstrip("¡"),
        "Por supuesto, aquí está:",
        "Certo!",
        "Com certeza!",
        "Natuurlijk, hier is de lijst:",
    ],
)
def test_a_line_that_only_announces_is_a_preamble(line: str) -> None:
    assert preamble_of(f"\n {line}\nthe answer") == line.rstrip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dear Sir,",
        "Surely the best is to wait.",
        "Sure signs of spring are few.",
        "Certain costs apply.",
        "Here lies a man.",
        "This is a letter of complaint.",
        "Clarity matters.",
        "Hier wohnt Anna.",
        "Voici venir le printemps",
        "Of course you can return it within 30 days.",
        '{"answer": 1}',
    ],
)
def test_a_line_that_answers_is_none(text: str) -> None:
    assert preamble_of(text) is None


def test_the_loose_reading_drops_first_line_last_line_and_asterisks() -> None:
    assert loose_variants("a\n*b*\nc") == (
        "a\n*b*\nc",
        "*b*\nc",
        "a\n*b*",
        "*b*",
        "a\nb\nc",
        "b\nc",
        "a\nb",
        "b",
    )
    assert loose_variants("a") == ("a",)
    assert loose_variants("") == ()
