"""citation_exists."""

from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.extraction.citation_exists import MOST_CITATIONS, CitationExists, occurs
from passmuster.records.case import Case, Conversation, Document, Message
from passmuster.records.score import Score
from passmuster.records.trial import Reply

CONTRACT = "1 Parties\n4.1 Payment is due in 30 days, see 9.9.\n4.2.1 Late payment costs 5%.\n"
CLAUSES = r"(?m)^([0-9]+(?:[.][0-9]+)*)\s"


def scored(metric: CitationExists, text: str, reference: Any = None, given: Any = CONTRACT) -> Score:
    outcome = metric.score(Case(id="1", input=given, reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


@pytest.mark.parametrize(
    ("text", "citation", "found"),
    [
        ("see 4.2.", "4.2", True),
        ("(4.2)", "4.2", True),
        ("4.2", "4.2", True),
        ("14.2", "4.2", False),
        ("4.25", "4.2", False),
        ("4.2.1", "4.2", False),
        ("1.4.2", "4.2", False),
        ("4.2.1 and 4.2", "4.2", True),
        ("4x2", "4.2", False),
        ("clause 4(a) says", "4(a)", True),
        ("Ärger", "rger", False),
        ("anything", "", False),
        ("a" * 300, "a" * 300, False),
    ],
)
def test_a_citation_occurs_only_as_a_whole_word(text: str, citation: str, *, found: bool) -> None:
    assert occurs(citation, text) is found


def test_a_cited_clause_that_is_not_in_the_input_is_invented() -> None:
    metric = CitationExists(field="clause")
    assert scored(metric, '{"clause": "4.1"}').value == 1
    wrong = scored(metric, '{"clause": ["4.1", "7.3", 12]}')
    assert (wrong.value, wrong.details["invented"]) == (0, ["7.3", "12"])


def test_with_a_pattern_only_what_it_lists_can_be_cited() -> None:
    assert scored(CitationExists(field="c"), '{"c": "9.9"}').value == 1
    assert scored(CitationExists(field="c", pattern=CLAUSES), '{"c": "9.9"}').value == 0
    assert scored(CitationExists(field="c", pattern=CLAUSES), '{"c": "4.2.1."}').value == 1


def test_citations_are_read_by_json_path_or_out_of_text() -> None:
    reply = '{"found": [{"ref": "4.1"}, {"ref": "8"}]}'
    assert scored(CitationExists(field="$.found[*].ref"), reply).details["invented"] == ["8"]
    text = scored(CitationExists(cited=r"[Cc]lause ([0-9.]+)"), "By clause 4.1 and clause 8.")
    assert (text.details["cited"], text.details["invented"]) == (["4.1", "8"], ["8"])
    both = CitationExists(field="clause", cited="([0-9.]+)")
    assert scored(both, '{"clause": "Clause 4.1"}').value == 1


@pytest.mark.parametrize(("reference", "value"), [({"clause": "4.1"}, 0), ({"clause": None}, 1), (None, 1)])
def test_citing_nothing_is_wrong_only_where_the_reference_cites(reference: Any, value: int) -> None:
    metric = CitationExists(field="clause")
    assert scored(metric, '{"clause": null}', reference).value == value
    assert scored(metric, "{}", reference).value == value


def test_a_reply_that_is_not_of_the_promised_form_is_wrong() -> None:
    for reply in ("clause 4.1", "[1]", ""):
        score = scored(CitationExists(field="clause"), reply)
        assert (score.value, score.details["unreadable"]) == (0, True)


def test_documents_of_the_context_can_be_cited_by_text_and_by_id() -> None:
    given = Conversation(
        system="Rules: R7.",
        messages=(Message(role="user", content="?"),),
        context=(Document(text="4.1 is here", id="doc-3"),),
    )
    metric = CitationExists(field="c")
    for citation, value in (("doc-3", 1), ("4.1", 1), ("R7", 1), ("doc-4", 0)):
        assert scored(metric, f'{{"c": "{citation}"}}', given=given).value == value


def test_hundreds_of_citations_are_an_attack_and_wrong() -> None:
    cited = ", ".join(f'"{number}"' for number in range(MOST_CITATIONS + 1))
    assert scored(CitationExists(field="c"), f'{{"c": [{cited}]}}').details["unreadable"] is True


def test_it_must_be_told_where_an_answer_cites() -> None:
    with pytest.raises(ConfigurationError, match="where an answer cites"):
        CitationExists()


def test_a_citation_needs_no_blanks_in_scripts_that_set_none() -> None:
    assert occurs("4.1", "\u6839\u636e\u7b2c4.1\u6761\u4ed8\u6b3e")
    assert not occurs("4.1", "\u7b2c14.1\u6761")
    assert not occurs("4.1", "\u7b2c4.1.2\u6761")
