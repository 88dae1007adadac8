"""instructions: what an answer must be, strictly and loosely."""

from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.instructions.checking import occurrences
from passmuster.metrics.instructions.instructions import Instructions
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case, CaseCheck, Conversation, Document, Message
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

CASE = Case(id="1", input="The fee is 20 euros. It is due “within 14 days” of the invoice.")


def metric(**options: Any) -> Instructions:
    made = build_metric(MetricSpec(name="follows", kind="instructions", options=options))
    assert isinstance(made, Instructions)
    return made


def scored(text: str, case: Case = CASE, **options: Any) -> Score:
    outcome = metric(**options).score(case, Reply(text=text))
    assert isinstance(outcome, Score), outcome
    return outcome


def refused(**options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        metric(**options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "good", "bad", "why"),
    [
        ({"length": {"words": {"at_most": 2}}}, "two words", "three words now", "3 words, at most 2 wanted"),
        ({"length": {"words": {"at_least": 2}}}, "two words", "one", "1 word, at least 2 wanted"),
        ({"length": {"characters": {"at_most": 3}}}, " abc\n", "abcd", "4 characters, at most 3 wanted"),
        ({"length": {"sentences": {"at_most": 1}}}, "One.", "One. Two.", "2 sentences, at most 1 wanted"),
        ({"length": {"paragraphs": {"at_least": 2}}}, "a\n\nb", "a\nb", "1 paragraph, at least 2 wanted"),
        ({"length": {"lines": {"at_most": 1}}}, "a\n", "a\nb", "2 lines, at most 1 wanted"),
        (
            {"count": {"items": {"at_least": 2, "at_most": 2}}},
            "- a\n1. b",
            "- a",
            "1 item, at least 2 wanted",
        ),
        ({"count": {"bullets": {"at_most": 1}}}, "- a", "- a\n- b", "2 bullets, at most 1 wanted"),
        ({"count": {"headings": {"at_least": 1}}}, "# a", "a", "0 headings, at least 1 wanted"),
        ({"count": {"capital_words": {"at_most": 0}}}, "eu", "EU", "1 capital word, at most 0 wanted"),
        ({"language": "de"}, "Das ist nicht die Karte", "This is not the card", "the language is en"),
        ({"casing": "lower"}, "abc é1", "abC", "a capital letter: 'C'"),
        ({"casing": "upper"}, "ABC É1", "ABc", "a small letter: 'c'"),
        ({"casing": "title"}, "The End of the World", "The end", None),
        ({"casing": "title"}, "The World", "The world", "a word without a capital: 'world'"),
        ({"contains": ["fee"]}, "a fee.", "coffee", "it lacks 'fee'"),
        ({"contains": ["fee"], "whole_words": False}, "coffee", "tea", "it lacks 'fee'"),
        ({"contains": [{"text": "a", "at_least": 2}]}, "a b a", "a b", "1 time 'a', at least 2 wanted"),
        ({"contains": [{"text": "a", "at_most": 1}]}, "a b", "a a", "2 times 'a', at most 1 wanted"),
        ({"contains": ["FEE"], "normalise": ["case"]}, "Fee", "tea", "it lacks 'FEE'"),
        ({"excludes": ["rock"]}, "rocket", "a rock!", "it has 'rock'"),
        ({"matches": ["^[0-9]{4}$"]}, "2026", "26", "nothing matches ^[0-9]{4}$"),
        ({"excludes_matches": ["(?i)sorry"]}, "yes", "Sorry", "something matches (?i)sorry"),
        ({"starts_with": ["Dear", "Hello"]}, "Hello Ann", "Hi Ann", "it starts with 'Hi Ann'"),
        ({"ends_with": ["Regards"]}, "x\nRegards\n", "Regards x", "it ends with 'Regards x'"),
        ({"only_json": True}, ' {"a": 1}\n', 'Here: {"a": 1}', "not JSON: Expecting value at character 0"),
        ({"no_preamble": True}, "- a", "Sure! Here you go:\n- a", "it begins with 'Sure! Here you go:'"),
    ],
)
def test_each_constraint_takes_one_answer_and_says_why_it_refuses_another(
    options: dict[str, Any], good: str, bad: str, why: str | None
) -> None:
    assert scored(good, **options).value == 1
    if why is not None:
        score = scored(bad, **options)
        assert score.value == 0
        assert list(score.details["failed"].values()) == [why]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# Summary\nx\n## 2. Risks\ny", None),
        ("**Summary:** x\nRisks: y", None),
        ("1. Summary\n2. Risks", None),
        ("# Risks\n# Summary", "no section 'Risks' in its place"),
        ("# Summary\nThere are Risks", "no section 'Risks'"),
    ],
)
def test_sections_stand_in_order(text: str, why: str | None) -> None:
    failed: Any = scored(text, sections=["Summary", "Risks"]).details["failed"]
    assert failed.get("sections") == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('It says "The fee is 20 euros."', None),
        ('> It is due\n> "within 14 days" of the invoice', None),
        ("It is „within  14\ndays“.", None),
        ('It says "The fee is 30 euros".', "not in the source: 'The fee is 30 euros'"),
        ('The "fee" is due', "0 quotations of the source, at least 1 wanted"),
        ("no quotation", "0 quotations of the source, at least 1 wanted"),
    ],
)
def test_quotations_must_stand_word_for_word_in_the_source(text: str, why: str | None) -> None:
    failed: Any = scored(text, quoted={}).details["failed"]
    assert failed.get("quoted") == why


def test_the_source_may_be_one_field_or_the_context() -> None:
    fields = Case(id="1", input={"law": "no dogs allowed here", "question": "are cats allowed too"})
    assert scored('"no dogs allowed"', fields, quoted={"field": "law"}).value == 1
    assert scored('"are cats allowed"', fields, quoted={"field": "law"}).value == 0
    talk = Conversation(
        messages=(Message(role="user", content="Q?"),), context=(Document(text="no dogs allowed"),)
    )
    assert scored('"no dogs allowed"', Case(id="1", input=talk), quoted={}).value == 1


def test_the_value_is_one_only_where_every_constraint_is_met() -> None:
    options: dict[str, Any] = {"casing": "lower", "excludes": ["fee"], "length": {"words": {"at_most": 3}}}
    score = scored("No fee at all", **options)
    assert score.value == 0
    assert score.details["parts"] == {
        "length.words": 0,
        "casing": 0,
        "excludes": 0,
        "(share met)": 0.0,
        "(all met, loose)": 0,
        "(share met, loose)": 0.0,
    }
    assert scored("no charge", **options).value == 1
    assert scored("No charge", **options).details["parts"]["(share met)"] == pytest.approx(2 / 3)  # type: ignore[index]


def test_the_loose_reading_takes_what_stands_between_first_and_last_line() -> None:
    text = 'Here you are:\n```json\n{"a": 1}\n```'
    assert scored('```json\n{"a": 1}\n```', only_json=True).details["loose"] == {"only_json": True}
    assert scored('```json\n{"a": 1}\n```', only_json=True).value == 0
    assert scored('```json\n{"a": 1}\n```', only_json=True, reading="loose").value == 1
    assert scored(text, only_json=True, reading="loose").value == 0
    assert scored("*abc*", starts_with=["abc"], reading="loose").value == 1


def test_each_constraint_may_be_met_by_another_variant() -> None:
    score = scored("Title\nabc\nThe End", casing="lower", starts_with=["Title"], reading="loose")
    assert score.value == 1


def test_an_empty_reply_meets_nothing_not_even_what_it_must_not_say() -> None:
    for text in ("", " \n"):
        assert scored(text, excludes=["fee"]).details["failed"] == {"excludes": "the reply is empty"}
        assert scored(text, excludes=["fee"], reading="loose").value == 0


def check(**options: Any) -> CaseCheck:
    return CaseCheck(metric="instructions", **options)


def test_the_checks_of_a_case_take_the_place_of_the_tasks_constraints() -> None:
    case = Case(
        id="1", input="", checks=(check(options={"casing": "upper"}), CaseCheck(metric="exact_match"))
    )
    score = scored("ABC", case, casing="lower")
    assert (score.value, score.details["strict"]) == (1, {"casing": True})
    other = Case(id="2", input="", checks=(CaseCheck(metric="exact_match"),))
    assert scored("ABC", other, casing="lower").value == 0


def test_two_checks_of_one_kind_must_both_be_met() -> None:
    case = Case(
        id="1", input="", checks=(check(options={"contains": ["a"]}), check(options={"contains": ["b"]}))
    )
    assert [scored(text, case).value for text in ("a", "b", "a b")] == [0, 0, 1]


def test_a_check_with_a_name_is_one_constraint_and_may_be_negated() -> None:
    case = Case(
        id="1",
        input="",
        checks=(
            check(name="polite", options={"starts_with": ["Dear"], "ends_with": ["Regards"]}),
            check(negate=True, options={"language": "de"}),
            check(name="polite", options={"excludes": ["you fool"]}),
        ),
    )
    score = scored("Dear Ann, this is the way. Regards", case)
    assert score.details["strict"] == {"polite": True, "not language": True, "polite (2)": True}
    german = scored("Dear Ann, das ist nicht der Weg für mich. Regards", case)
    assert german.details["failed"] == {"not language": "it is met, and should not be"}


def test_a_case_about_which_nothing_is_said_says_nothing_about_the_candidate() -> None:
    outcome = metric().score(CASE, Reply(text="a"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "not_applicable"


@pytest.mark.parametrize("options", [{"casing": "odd"}, {"casting": "lower"}, {"matches": ["("]}])
def test_a_wrong_check_of_a_case_is_a_failure_that_names_the_case(options: dict[str, Any]) -> None:
    outcome = metric().score(Case(id="c7", input="", checks=(check(options=options),)), Reply(text="a"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "wrong_check"
    assert "case 'c7'" in outcome.message


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"length": {"words": {}}}, "needs at_least or at_most"),
        ({"length": {"words": {"at_least": 3, "at_most": 2}}}, "no count lies between 3 and 2"),
        ({"length": {"words": 3}}, "length.words"),
        ({"length": {"word": {"at_least": 3}}}, "length takes words, characters"),
        ({"count": {"items": {"at_least": -1}}}, "no count lies between"),
        ({"language": "german"}, "the language 'german' is not known"),
        ({"matches": ["(?=a)"]}, "no look-around"),
        ({"contains": [""]}, "an empty text"),
        ({"excludes": [" "]}, "an empty text"),
        ({"quoted": {"words": 0}}, "words 1 or more"),
        ({"language": "DE-at"}, "did you mean 'de'?"),
        ({"excludes": ["!!!"], "normalise": ["punctuation"]}, "leaves nothing of '!!!'"),
        ({"contains": ["the"], "normalise": ["case", "articles"]}, "leaves nothing of 'the'"),
        ({"contains": [{"text": "-"}], "normalise": ["punctuation"]}, "leaves nothing of '-'"),
        ({"reading": "lax"}, "'strict' or 'loose'"),
    ],
)
def test_a_wrong_option_is_told(options: dict[str, Any], told: str) -> None:
    assert told in refused(**options)


@pytest.mark.parametrize(
    ("wanted", "text", "count"),
    [
        ("a", "aaa", 0),
        ("aa", "aaaa", 0),
        ("a b", "a b a b", 2),
        ("C++", "C++ C+++", 2),
        ("", "abc", 0),
        ("ab", "ab abab xab ab", 2),
    ],
)
def test_whole_words_are_counted_without_overlap(wanted: str, text: str, count: int) -> None:
    assert occurrences(wanted, text, whole=True) == count


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("Step 1: Plan", "## Step 1: Plan"),
        ("Step 1: Plan", "2. **Step 1: Plan**"),
        ("2024 results", "## 2024 results"),
        ("2024 results", "1) 2024 results: good"),
        ("1. Summary", "1. Summary"),
        ("Summary", "1.2 Summary: all is well"),
    ],
)
def test_a_section_may_have_a_number_or_a_colon_of_its_own(section: str, line: str) -> None:
    assert scored(f"{line}\nand so on", sections=[section]).value == 1
    assert scored("Some other line\nand so on", sections=[section]).value == 0


@pytest.mark.parametrize("quoted", ["he fee is 20", "The fee is 20 euro", "within 14 day"])
def test_a_quotation_does_not_end_inside_a_word_of_the_source(quoted: str) -> None:
    assert scored(f'It says "{quoted}".', quoted={"at_least": 1}).value == 0


def test_a_quotation_may_stand_anywhere_in_the_source() -> None:
    case = Case(id="1", input="The fees are high. Pay the fee now.")
    assert scored('"the fee now"', case, quoted={}).value == 1
    again = Case(id="1", input="a the fee nowhere, the fee now")
    assert scored('"the fee now"', again, quoted={}).value == 1


def test_a_case_without_the_field_to_quote_from_says_nothing_about_the_candidate() -> None:
    case = Case(id="7", input={"text": "The fee is 20 euros."})
    outcome = metric(quoted={"field": "source"}).score(case, Reply(text='"The fee is 20"'))
    assert isinstance(outcome, ScoreFailure)
    assert (outcome.kind, outcome.message) == ("wrong_check", "case '7': the input has no field 'source'")


@pytest.mark.parametrize("check", [{}, {"name": "nothing"}, {"negate": True}])
def test_a_check_that_asks_for_nothing_is_a_failure(check: dict[str, Any]) -> None:
    case = Case(id="1", input="", checks=(CaseCheck(metric="instructions", options={}, **check),))
    outcome = metric(casing="lower").score(case, Reply(text="a"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "wrong_check"
