"""citations."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.extraction.citation_exists import MOST_CITATIONS, CitationExists
from passmuster.metrics.extraction.citations import Citations
from passmuster.metrics.extraction.rules import FieldRule
from passmuster.metrics.extraction.within import holds
from passmuster.metrics.metric import Metric
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case, Conversation, Document, Message
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

ROOT = Path(__file__).parents[4]
CONTRACT = "4 Payment\n4.1 The fee is EUR 1,200.\n4.2 It is due on 5 May 2026.\n5 Notice\n5.1 Two months.\n"
CLAUSES = r"(?m)^([0-9]+(?:[.][0-9]+)*)\s"


def scored(metric: Citations, answer: Any, reference: Any = None, given: Any = CONTRACT) -> Score:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    outcome = metric.score(Case(id="1", input=given, reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


def counts(score: Score) -> Any:
    return score.details["counts"]["citations"]  # type: ignore[index]


def test_what_is_cited_is_held_against_what_the_reference_cites() -> None:
    metric = Citations(field="clauses", pattern=CLAUSES)
    score = scored(metric, {"clauses": ["4.1", "5.1", "7.3"]}, {"clauses": ["4.1", "4.2"]})
    assert counts(score) == [1, 3, 2]
    assert score.value == pytest.approx(2 / 5)
    assert (score.details["invented"], score.details["missed"]) == (["7.3"], ["4.2"])


def test_swapping_answer_and_reference_swaps_precision_and_recall() -> None:
    metric = Citations(field="c", pattern=CLAUSES)
    one, other = {"c": ["4.1", "4.2", "5.1"]}, {"c": ["4.2"]}
    assert counts(scored(metric, one, other)) == [1, 3, 1]
    assert counts(scored(metric, other, one)) == [1, 1, 3]


def test_each_claimed_value_must_be_held_by_one_of_the_citations_for_it() -> None:
    options = {"field": "clause", "pattern": CLAUSES, "claims": {"fee": "money", "due": "date"}}
    metric = build_metric(MetricSpec(name="c", kind="citations", options=options))
    assert isinstance(metric, Citations)
    right = {"fee": "1200 EUR", "due": "2026-05-05", "clause": ["4"]}
    assert counts(scored(metric, right)) == [1, 1, 1]
    shared = scored(metric, {**right, "clause": ["4.1", "4.2"]})
    assert (counts(shared), shared.details["unsupported"]) == ([1, 1, 1], [])
    both = {**right, "clause": ["4.1", "4.2"]}
    assert scored(metric, both, both).value == 1
    wrong = scored(metric, {**both, "fee": "1300 EUR"}, both)
    assert (counts(wrong), wrong.details["unsupported"]) == (
        [0, 2, 2],
        ["4.1, 4.2: fee 1300 EUR", "4.1: due 2026-05-05"],
    )
    assert scored(metric, {"fee": "1300 EUR", "clause": "4.1"}, {"clause": "4.1"}).value == 0
    # what is invented holds nothing
    assert scored(metric, {**right, "clause": ["4.1", "7"]}, both).details["unsupported"] == [
        "4.1: due 2026-05-05"
    ]


def test_a_citation_that_holds_none_of_the_values_is_unsupported() -> None:
    metric = Citations(field="clause", pattern=CLAUSES, claims={"fee": "money", "due": "date"})
    answer = {"fee": "1200 EUR", "due": "2026-05-05", "clause": ["4", "5.1"]}
    alone = scored(metric, answer)
    assert (counts(alone), alone.details["unsupported"]) == ([0, 1, 1], ["5.1: fee 1200 EUR, due 2026-05-05"])
    other = scored(metric, answer, {"clause": "4"})
    assert (counts(other), other.details["unsupported"]) == ([1, 2, 1], ["5.1: fee 1200 EUR, due 2026-05-05"])
    # the reference knows better why it is cited
    same = scored(metric, answer, answer)
    assert (same.value, same.details["unsupported"]) == (1, [])


def test_each_value_of_a_list_may_stand_in_another_citation() -> None:
    metric = Citations(field="clause", pattern=CLAUSES, claims={"says": "list"})
    answer = {"says": ["two months", "the fee"], "clause": ["4.1", "5.1"]}
    assert counts(scored(metric, answer)) == [1, 1, 1]
    wrong = scored(metric, {**answer, "says": ["two months", "a year", "the fee"]})
    assert (counts(wrong), wrong.details["unsupported"]) == ([0, 1, 1], ["4.1, 5.1: says a year"])


def test_without_a_reference_claims_without_a_good_citation_lower_recall() -> None:
    metric = Citations(field="clause", items="$[*]", claims={"says": "string"}, pattern=CLAUSES)
    answer = [
        {"says": "two months", "clause": "5.1"},
        {"says": "the fee is", "clause": "9"},
        {"says": "due on 5 May", "clause": None},
    ]
    score = scored(metric, answer)
    assert (counts(score), score.details["invented"]) == ([1, 2, 3], ["9"])
    # a place that does not hold one claim may hold another
    answer = [{"says": "one year", "clause": "5.1"}, {"says": "two months", "clause": "5.1"}]
    assert counts(scored(metric, answer)) == [1, 2, 2]
    # one bad citation beside a good one makes the claim unsound
    assert counts(scored(metric, [{"says": "two months", "clause": ["5.1", "9"]}])) == [0, 1, 1]


def test_citations_are_read_out_of_plain_text_and_the_reference_may_list_them() -> None:
    given = Conversation(
        messages=(Message(role="user", content="?"),),
        context=(Document(text="a", id="1"), Document(text="b", id="2")),
    )
    metric = Citations(cited=r"\[(\d+)\]")
    score = scored(metric, "So [1], and so [3].", ["1", "2"], given)
    assert (counts(score), score.details["invented"]) == ([1, 2, 2], ["3"])
    assert counts(scored(metric, "So [1].", "as in [1] and [2]", given)) == [1, 1, 2]


def test_a_quotation_must_stand_in_the_input_whatever_its_spaces() -> None:
    metric = Citations(field="quote", cites="quote", claims={"fee": "money"})
    reference = {"quote": "The fee is EUR 1,200."}
    assert scored(metric, {"quote": "the fee  is\nEUR 1,200", "fee": 1200}, reference).value == 1
    wrong = scored(metric, {"quote": "The fee is EUR 1,300.", "fee": 1300}, reference)
    assert (wrong.value, wrong.details["invented"]) == (0, ["The fee is EUR 1,300."])


@pytest.mark.parametrize(
    ("cited", "value"),
    [
        ([14, 31], 1),
        ("14-31", 1),
        ({"start": 14, "end": 31}, 1),
        ([18, 34], 1),
        ([31, 40], 0),
        ([14, 999], 0),
    ],
)
def test_a_span_must_lie_in_the_input_and_share_half_with_the_reference(cited: Any, value: int) -> None:
    score = scored(Citations(field="at", cites="span"), {"at": cited}, {"at": [14, 31]})
    assert score.value == value
    assert bool(score.details["invented"]) is ("999" in str(cited))


def test_a_place_holds_the_places_below_it() -> None:
    metric = Citations(field="c", pattern=CLAUSES, claims={"v": "string"})
    assert scored(metric, {"c": "4", "v": "5 May"}, {"c": "4"}).value == 1
    assert scored(metric, {"c": "4", "v": "Two months"}, {"c": "4"}).value == 0
    given = "4 Fees\n40 Notice\n40.1 Two months\n"
    assert scored(metric, {"c": "4", "v": "Two months"}, {"c": "4"}, given).value == 0
    assert scored(metric, {"c": "40", "v": "Two months"}, {"c": "40"}, given).value == 1


def test_citing_nothing_is_right_where_the_reference_cites_nothing() -> None:
    metric = Citations(field="c", pattern=CLAUSES)
    assert scored(metric, {"c": None}, {"c": None}).value == 1
    assert scored(metric, {"c": "4.1"}, {"c": None}).value == 0
    assert scored(metric, {"c": []}, {"c": "4.1"}).value == 0


@pytest.mark.parametrize("reply", ["", "clause 4.1", "[1]"])
def test_a_reply_that_cannot_be_read_cites_nothing(reply: str) -> None:
    score = scored(Citations(field="c", pattern=CLAUSES), reply, {"c": "4.1"})
    assert (score.value, counts(score), score.details["unreadable"]) == (0, [0, 0, 1], True)


def test_hundreds_of_citations_are_an_attack_and_cannot_be_read() -> None:
    cited = [str(number) for number in range(MOST_CITATIONS + 1)]
    score = scored(Citations(field="c"), {"c": cited}, {"c": "4.1"})
    assert score.details["unreadable"] is True


@pytest.mark.parametrize(
    ("reference", "kind"), [(None, "no_reference"), ({"x": 1}, "no_reference"), (3, "wrong_reference")]
)
def test_without_claims_the_reference_must_cite(reference: Any, kind: str) -> None:
    outcome = Citations(field="c").score(Case(id="1", input="", reference=reference), Reply(text="{}"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == kind


def test_it_must_be_told_where_an_answer_cites() -> None:
    with pytest.raises(ConfigurationError, match="where an answer cites"):
        Citations()
    with pytest.raises(ConfigurationError, match="for JSON answers"):
        Citations(cited="x", claims={"a": "string"})


@pytest.mark.parametrize(
    ("text", "value", "kind", "found"),
    [
        ("It costs EUR 1,200.50 a year.", "1200.5 EUR", "money", True),
        ("It costs USD 1,200.50 a year.", "1200.5 EUR", "money", False),
        ("It costs 1.5 million euros.", "EUR 1500000", "money", True),
        ("In 2026, 12 of them.", 12, "number", True),
        ("In 2026, 112 of them.", 12, "number", False),
        ("by 4.1 only", 4, "number", False),
        ("until May 5, 2026 or so", "2026-05-05", "date", True),
        ("until 05.05.2026.", "2026-05-05", "date", True),
        ("until May 2026", "2026-05-05", "date", False),
        ("The Cattle Act", "cattle  act", "string", True),
        ("The Cattle Act", "cat", "string", False),
        ("cattle, then a cat", "cat", "string", True),
        ("", "cat", "string", False),
        ("TOTAL 500", "EUR 500", "money", True),
        ("FEE 500", "EUR 500", "money", True),
        ("TOTAL USD 500", "EUR 500", "money", False),
        ("In 2025 300 people came.", 300, "number", True),
        ("3 100.00 300.00 USD", "USD 300", "money", True),
        ("3 100.00 300.00 USD", "EUR 300", "money", False),
        ("It is 1 200.", 200, "number", False),
        ("due on 5 May\n2026", "2026-05-05", "date", True),
        ("\u6211\u4f4f\u5728\u5317\u4eac\u5e02", "\u5317\u4eac", "string", True),
    ],
)
def test_a_value_is_found_in_any_spelling(text: str, value: Any, kind: Any, *, found: bool) -> None:
    assert holds(text, value, FieldRule(kind=kind)) is found


def planted() -> ModuleType:
    """Load the script of the example."""
    spec = importlib.util.spec_from_file_location("planted", ROOT / "examples/contracts/planted.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["planted"] = module
    spec.loader.exec_module(module)
    return module


def test_every_planted_citation_is_found_and_nothing_else() -> None:
    path = ROOT / "src/passmuster/project/templates/demo/eval/datasets/eval.jsonl"
    cases = {row["id"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    pattern = r"(?m)^(?:contract: )?(\S+) "
    metrics: list[Metric] = [
        Citations(field="clause", pattern=pattern, claims={"party": "string"}),
        CitationExists(field="clause", pattern=pattern),
    ]
    told: dict[str, set[str]] = {}
    for row in planted().planted(list(cases.values())):
        raw = cases[row["id"]]
        case = Case(id=raw["id"], input=raw["input"], reference=raw["reference"])
        scores = [metric.score(case, Reply(text=row["output"])) for metric in metrics]
        assert all(isinstance(score, Score) for score in scores)
        details = [score.details for score in scores if isinstance(score, Score)]
        assert details[0]["invented"] == details[1]["invented"]
        kind = (
            "invented"
            if details[0]["invented"]
            else "unreadable"
            if details[0].get("unreadable")
            else ("unsupported" if details[0]["unsupported"] else "sound")
        )
        told.setdefault(row["planted"], set()).add(kind)
    assert told.pop("correct") == {"sound"}
    assert told.pop("wrong_value") == {"unsupported"}
    assert told.pop("invented_citation") == {"invented"}
    assert {kind for kinds in told.values() for kind in kinds} == {"unreadable"}


def test_each_value_of_a_list_or_an_object_must_be_held() -> None:
    money = FieldRule(kind="nested", fields={"fee": "money", "due": "date"})
    assert holds(CONTRACT, ["two months", "notice"], FieldRule(kind="list", of="string"))
    assert holds(CONTRACT, "notice", FieldRule(kind="list", of="string"))
    assert not holds(CONTRACT, ["two months", "a year"], FieldRule(kind="list", of="string"))
    assert holds(CONTRACT, {"fee": "1200 EUR", "due": "2026-05-05"}, money)
    assert not holds(CONTRACT, {"fee": "1200 EUR", "due": "2026-05-06"}, money)


def test_claims_that_hold_very_much_are_an_attack() -> None:
    metric = Citations(field="clause", pattern=CLAUSES, claims={"fee": "list"})
    answer = json.dumps({"fee": ["x"] * 30_000, "clause": "4"})
    score = scored(metric, answer, given=CONTRACT + "word " * 300)
    assert score.details.get("unreadable") is None
    score = scored(metric, answer.replace('"4"', '"5.1"'), given=CONTRACT + "word " * 300)
    assert score.details["unreadable"] is True


def test_a_similarity_is_refused_where_words_are_searched_for() -> None:
    with pytest.raises(ConfigurationError, match="fee has a similarity"):
        Citations(field="c", claims={"fee": FieldRule(kind="string", similarity=0.9)})


@pytest.mark.parametrize(
    ("quote", "value"), [("e", 0), ("due on", 0), ("on 5 May", 1), ("It is due on 5 May 2026.", 1)]
)
def test_a_letter_quotes_nothing(quote: str, value: int) -> None:
    metric = Citations(field="q", cites="quote")
    assert scored(metric, {"q": quote}, {"q": "It is due on 5 May 2026"}).value == value
