"""xml: required tags in well-formed XML, safely."""

from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.structure.xml_tags import XmlTags
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply

CASE = Case(id="1", input="q")


def scored(text: str, *required: str, **options: Any) -> Score:
    outcome = XmlTags(required=required, **options).score(CASE, Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


@pytest.mark.parametrize(
    ("text", "required", "value"),
    [
        ("<r><answer>4</answer></r>", ["answer"], 1),
        ("<r><answer>4</answer></r>", ["r/answer"], 1),
        ("<r><q><answer>4</answer></q></r>", ["q/answer"], 1),
        ("<r><q><answer>4</answer></q></r>", ["r/answer"], 0),
        ("<r><answers>4</answers></r>", ["answer"], 0),
        ("<r><Answer>4</Answer></r>", ["answer"], 0),
        ("<r><answer> \n</answer></r>", ["answer"], 0),
        ("<r><answer/><answer>4</answer></r>", ["answer"], 1),
        ("<r><answer><b>4</b></answer></r>", ["answer"], 1),
        ("<r><answer>4</r>", ["answer"], 0),
        ("<r><answer>4 & 5</answer></r>", ["answer"], 0),
        ("<r><answer>4 &amp; 5</answer></r>", ["answer"], 1),
        ("<answer>4</answer><source>x</source>", ["answer"], 0),
        ("Sure: <answer>4</answer>", ["answer"], 0),
        ('<?xml version="1.0"?>\n<answer>4</answer>', ["answer"], 1),
        ("4", [], 0),
        ("", [], 0),
    ],
)
def test_every_required_tag_must_be_there_with_text_in_it(text: str, required: list[str], value: int) -> None:
    assert scored(text, *required).value == value


def test_what_is_missing_and_what_is_empty_is_named() -> None:
    score = scored("<r><a>1</a><b/></r>", "a", "b", "c")
    assert score.details["parts"] == {"well_formed": 1, "<a>": 1, "<b>": 0, "<c>": 0}
    assert (score.details["missing"], score.details["empty"]) == (["c"], ["b"])
    assert scored("<r><b/></r>", "b", empty=True).value == 1


def test_the_order_counts_where_it_is_asked_for() -> None:
    text = "<r><b>1</b><a>2</a></r>"
    assert scored(text, "a", "b").value == 1
    assert scored(text, "a", "b", in_order=True).value == 0
    assert scored(text, "b", "a", in_order=True).value == 1


def test_the_outermost_tag_must_be_the_root() -> None:
    assert scored("<r>1</r>", root="r").value == 1
    wrong = scored("<s><r>1</r></s>", root="r")
    assert (wrong.value, wrong.details["roots"]) == (0, ["s"])


def test_elements_among_words_are_read_where_that_is_allowed() -> None:
    text = "First <thinking>so</thinking> then\n<answer>4</answer>."
    assert scored(text, "thinking", "answer").value == 0
    assert scored(text, "thinking", "answer", among_words=True).value == 1
    assert scored("no tags", among_words=True).value == 0
    assert scored("</passmuster><passmuster>", among_words=True).value == 0


def test_a_fence_is_refused_unless_it_is_allowed() -> None:
    text = "```xml\n<a>1</a>\n```"
    assert scored(text, "a").value == 0
    assert scored(text, "a", fenced=True).value == 1


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>1</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        "<a>" * 1001 + "1" + "</a>" * 1001,
    ],
)
def test_entities_are_not_expanded_and_nothing_is_fetched(text: str) -> None:
    score = scored(text, "a")
    assert (score.value, score.details["unreadable"]) == (0, True)
    assert "declaration" in str(score.details["reason"]) or "deeper" in str(score.details["reason"])


@pytest.mark.parametrize("tag", ["", "<a>", "a b", "/a", "a//b"])
def test_what_is_no_tag_is_a_configuration_error(tag: str) -> None:
    with pytest.raises(ConfigurationError, match="is no tag"):
        XmlTags(required=(tag,))


@pytest.mark.parametrize("root", ["", "<r>", "r/a"])
def test_a_root_that_is_no_tag_is_a_configuration_error(root: str) -> None:
    with pytest.raises(ConfigurationError, match="is no tag"):
        XmlTags(root=root)
