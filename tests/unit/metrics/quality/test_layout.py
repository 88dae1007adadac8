import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.quality.layout import Layout
from passmuster.metrics.quality.prose import blocks_of
from passmuster.records.case import Case
from passmuster.records.trial import Reply

CASE = Case(id="1", input="")
GOOD = "# Answer\nPay in May.\n\n## Why\n- It is due.\n- It costs more later."


def unmet(text: str, metric: Layout | None = None) -> object:
    return (metric or Layout()).score(CASE, Reply(text=text)).details["unmet"]


def test_a_reply_that_is_laid_out_well_meets_every_demand() -> None:
    score = Layout().score(CASE, Reply(text=GOOD))
    assert (score.value, score.details["unmet"]) == (1.0, [])
    counts = [score.details[name] for name in ("paragraphs", "items", "headings", "longest paragraph")]
    assert counts == [1, 2, 2, 4]


def test_a_long_paragraph_and_a_wall_of_text_are_named() -> None:
    assert unmet("word " * 100) == []
    assert unmet("word " * 130) == ["short paragraphs"]
    assert unmet("word " * 160) == ["short paragraphs", "long text divided"]
    assert unmet("\n\n".join(["word " * 80] * 2)) == []


def test_a_long_item_is_a_long_paragraph_and_a_list_of_short_ones_is_none() -> None:
    assert unmet("\n".join(["- word " + "word " * 20] * 10)) == []
    assert unmet("- one\n- " + "word " * 130) == ["short paragraphs"]


def test_too_many_items_are_named() -> None:
    assert unmet("\n".join(["- item"] * 20)) == []
    assert unmet("\n".join(["1. item"] * 21)) == ["lists in bounds"]


@pytest.mark.parametrize(
    ("text", "in_order"),
    [
        ("# a\n## b\n### c\n# d", True),
        ("## a\n### b", True),
        ("# a\n### b", False),
        ("#### a", True),
        ("plain", True),
    ],
)
def test_no_level_of_headings_is_left_out(text: str, *, in_order: bool) -> None:
    assert (unmet(text) == []) == in_order


def test_lists_and_headings_may_be_wished_for_or_not() -> None:
    wished = Layout(lists="some", headings="some")
    assert unmet(GOOD, wished) == []
    assert unmet("Pay in May.", wished) == ["has a list", "has a heading"]
    plain = Layout(lists="none", headings="none")
    assert unmet("Pay in May.", plain) == []
    assert unmet(GOOD, plain) == ["has no list", "has no heading"]


def test_an_empty_reply_meets_no_demand() -> None:
    assert Layout().score(CASE, Reply(text=" \n")).value == 0.0


def test_limits_that_cannot_be_are_refused() -> None:
    for options in ({"longest_paragraph": 0}, {"divided_from": -1}, {"most_items": 0}):
        with pytest.raises(ConfigurationError):
            Layout(**options)  # type: ignore[arg-type]


def test_blocks_are_paragraphs_items_with_what_goes_on_and_headings_without_code() -> None:
    text = "One\ngoes on.\nTwo: \n\n1. a\n   more\n2. b\n\n**Head**\nText\n~~~\n# no\n```\n~~~\nEnd"
    assert [(block.kind, block.text) for block in blocks_of(text)] == [
        ("paragraph", "One\ngoes on.\nTwo:"),
        ("item", "1. a\nmore"),
        ("item", "2. b"),
        ("heading", "**Head**"),
        ("paragraph", "Text"),
        ("paragraph", "End"),
    ]


def test_code_that_is_not_closed_runs_to_the_end() -> None:
    assert [block.text for block in blocks_of("a\n```python\nb\n\nc")] == ["a"]
