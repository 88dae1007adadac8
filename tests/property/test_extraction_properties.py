"""What holds for any answer of the metrics of what was read out of a text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property.test_metric_properties import ANY_TEXT, JSON, REFERENCES, REPLIES, SCALARS, law

from passmuster.metrics.extraction.citations import Citations
from passmuster.metrics.extraction.dates import read_date
from passmuster.metrics.extraction.entity_f1 import EntityF1
from passmuster.metrics.extraction.field_f1 import FieldF1
from passmuster.metrics.extraction.money import read_money, read_number
from passmuster.metrics.extraction.rules import FieldRule
from passmuster.metrics.extraction.span_f1 import SpanF1
from passmuster.metrics.extraction.values import difference
from passmuster.metrics.extraction.within import holds
from passmuster.metrics.metric import Metric
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

LINE = FieldRule(kind="nested", fields={"a": FieldRule(kind="string", similarity=0.5), "b": "money"})
RULES: dict[str, Any] = {
    "a": FieldRule(kind="string", normalise=("case", "accents", "punctuation", "articles", "space")),
    "b": FieldRule(kind="number", relative=0.1),
    "c": FieldRule(kind="money", tolerance=1.0, decimal=","),
    "d": FieldRule(kind="date", first="day"),
    "l": FieldRule(kind="list", of=LINE),
    "o": FieldRule(kind="list", in_order=True),
    "n": LINE,
}
METRICS: list[Metric] = [
    FieldF1(fields=RULES),
    FieldF1(),
    EntityF1(),
    EntityF1(mode="partial", by="text", normalise=("case",), distinct=True),
    EntityF1(mode="type", by="span", labels=("a",), scheme="strict"),
    SpanF1(),
    SpanF1(unit="token"),
    SpanF1(unit="span"),
    Citations(field="a"),
    Citations(field="a", items="$..*", claims={"b": "money", "c": "date"}, pattern=r"(\w)"),
    Citations(cited=r"(\w+)", cites="quote"),
    Citations(field="a", cites="span", claims={"b": "string"}),
]

VALUES = SCALARS | st.sampled_from(
    ["5 May 2026", "2026-05-05", "1.200", "1,200.50", "€5", "5 USD", "5,00", "", " ", "a b", "A"]
)
LINES = st.lists(st.fixed_dictionaries({}, optional={"a": VALUES, "b": VALUES}) | VALUES, max_size=4)
OBJECTS = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys("abcd", VALUES | st.none()), "l": LINES, "o": LINES | VALUES, "n": JSON}
)
WORDS = st.text("ab ", min_size=1, max_size=5).filter(str.strip)
ENTITIES = st.dictionaries(st.sampled_from("abc"), st.lists(WORDS, max_size=4), max_size=3)
SPANS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 5), st.sampled_from("ab")).map(
        lambda span: [span[0], span[0] + span[1], span[2]]
    ),
    max_size=5,
)


def score_of(metric: Metric, answer: Any, reference: Any) -> Score:
    outcome = metric.score(Case(id="1", input="", reference=reference), Reply(text=json.dumps(answer)))
    assert isinstance(outcome, Score)
    return outcome


def sums(score: Score) -> list[float]:
    counts: Any = score.details["counts"]
    return [sum(triple[place] for triple in counts.values()) for place in range(3)]


@pytest.mark.parametrize("number", range(len(METRICS)))
@law
@given(REPLIES | OBJECTS.map(json.dumps), ANY_TEXT, REFERENCES | OBJECTS)
def test_any_reply_scores_between_0_and_1_or_fails_as_a_value(
    number: int, reply: str, given_input: str, reference: Any
) -> None:
    metric = METRICS[number]
    outcome = metric.score(Case(id="1", input=given_input, reference=reference), Reply(text=reply))
    if isinstance(outcome, Score):
        right, answered, expected = sums(outcome)
        assert 0 <= outcome.value <= 1
        assert 0 <= right <= min(answered, expected)
        whole = answered + expected
        assert outcome.value == (
            2 * right / whole if whole else 0 if outcome.details.get("unreadable") else 1
        )
        assert json.dumps(outcome.details).encode("utf-8")
    else:
        assert isinstance(outcome, ScoreFailure)


@law
@given(OBJECTS)
def test_the_reference_itself_has_every_field_right(reference: dict[str, Any]) -> None:
    for metric in (FieldF1(fields=RULES), FieldF1()):
        score = score_of(metric, reference, reference)
        assert score.value == 1
        assert score.details["wrong"] == score.details["missed"] == score.details["invented"] == []


@st.composite
def cited_claims(draw: st.DrawFn) -> tuple[list[dict[str, Any]], str]:
    """Draw claims that cite one to three clauses each, and a contract where each value stands in one of those."""
    clauses: dict[int, list[str]] = {number: [] for number in range(1, 6)}
    claims = []
    for _ in range(draw(st.integers(1, 3))):
        cited = draw(st.lists(st.sampled_from(sorted(clauses)), min_size=1, max_size=3, unique=True))
        claim: dict[str, Any] = draw(st.fixed_dictionaries({}, optional={
            "fee": st.integers(1, 9999).map("EUR {}".format),
            "due": st.dates().map(str),
            "says": st.lists(WORDS, min_size=1, max_size=3),
        }))  # fmt: skip
        for value in [
            each for item in claim.values() for each in (item if isinstance(item, list) else [item])
        ]:
            clauses[draw(st.sampled_from(cited))].append(f"so: {value};")
        claims.append({**claim, "clause": [str(number) for number in cited]})
    return claims, "\n".join(f"{number} Clause {' '.join(held)}" for number, held in clauses.items())


@law
@given(cited_claims())
def test_an_answer_that_cites_as_its_reference_does_is_right_however_many_places_share_what_it_claims(
    drawn: tuple[list[dict[str, Any]], str],
) -> None:
    claims, contract = drawn
    for items, answer in (("$[*]", claims), (None, claims[0])):
        metric = Citations(
            field="clause",
            items=items,
            pattern=r"(?m)^([0-9]+) ",
            claims={"fee": "money", "due": "date", "says": "list"},
        )
        case = Case(id="1", input=contract, reference=answer)
        score = metric.score(case, Reply(text=json.dumps(answer)))
        assert isinstance(score, Score)
        assert score.value == 1
        assert score.details["invented"] == score.details["unsupported"] == score.details["missed"] == []


@law
@given(OBJECTS, OBJECTS)
def test_swapping_answer_and_reference_swaps_precision_and_recall_of_fields(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    metric = FieldF1(fields=RULES)
    right, answered, expected = sums(score_of(metric, one, other))
    assert sums(score_of(metric, other, one)) == [right, expected, answered]


@pytest.mark.parametrize("mode", ["exact", "partial", "type"])
@law
@given(st.tuples(ENTITIES, ENTITIES) | st.tuples(SPANS, SPANS))
def test_swapping_answer_and_reference_swaps_precision_and_recall_of_entities(
    mode: Any, pair: tuple[Any, Any]
) -> None:
    metric = EntityF1(mode=mode, by="span" if isinstance(pair[0], list) else "text")
    assert score_of(metric, pair[0], pair[0]).value == 1
    right, answered, expected = sums(score_of(metric, pair[0], pair[1]))
    assert sums(score_of(metric, pair[1], pair[0])) == [right, expected, answered]


@law
@given(st.tuples(ENTITIES, ENTITIES) | st.tuples(SPANS, SPANS))
def test_exact_is_at_most_partial_and_that_at_most_type(pair: tuple[Any, Any]) -> None:
    by: Any = "span" if isinstance(pair[0], list) else "text"
    exact, partial, kind = (
        score_of(EntityF1(mode=mode, by=by), *pair).value for mode in ("exact", "partial", "type")
    )
    assert exact <= partial <= kind


@law
@given(
    VALUES,
    VALUES,
    st.sampled_from([*RULES.values()]).filter(lambda rule: rule.kind not in {"list", "nested"}),
)
def test_comparing_two_values_does_not_depend_on_which_comes_first(
    one: Any, other: Any, rule: FieldRule
) -> None:
    assert difference(rule, one, one) is None
    assert (difference(rule, one, other) is None) == (difference(rule, other, one) is None)


@law
@given(ANY_TEXT, ANY_TEXT)
def test_no_text_is_too_strange_to_be_read_as_a_value(one: str, other: str) -> None:
    read_date(one)
    read_number(one)
    read_money(one)
    for rule in RULES.values():
        assert holds(one, other, rule) in {True, False}


@law
@given(st.dates())
def test_a_date_is_read_however_it_is_written(day: Any) -> None:
    written = [f"{day.year:04}-{day.month:02}-{day.day:02}", f"{day.day:02}.{day.month:02}.{day.year:04}"]
    name = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December"][day.month - 1]  # fmt: skip
    written += [
        f"{day.day} {name} {day.year:04}",
        f"{name[:3]}. {day.day}, {day.year:04}",
        f"{day.day}th of {name} {day.year:04}",
    ]
    for text in written:
        assert read_date(text) == day
        assert holds(f"It is due on {text}.", str(day), FieldRule(kind="date"))


@law
@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_a_number_is_read_with_any_signs_between_its_thousands(number: Any) -> None:
    english = f"{number:,}"
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (str(number), english, german, english.replace(",", " "), english.replace(",", "'")):
        assert read_number(text) == number
        assert holds(f"It costs {text} in all.", str(number), FieldRule(kind="number"))
