"""numeric: which number counts, and when it is the right one."""

from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract
from passmuster.metrics.registry import build_metric
from passmuster.metrics.text.numbers import numbers_in
from passmuster.metrics.text.numeric import MOST_CHARACTERS, Numeric
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply


def scored(metric: Numeric, text: str, reference: Any) -> Score:
    outcome = metric.score(Case(id="1", input="q", reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("18", ["18"]),
        ("It costs $1,234.50.", ["1234.50"]),
        ("-$5 or $-5 or \u22125", ["-5", "-5", "-5"]),
        ("1'234 and 1_000 and 1\u202f000", ["1234", "1000", "1000"]),
        ("1.234,56 EUR", ["1234.56"]),
        ("1,2,3", ["1", "2", "3"]),
        ("10-20", ["10", "20"]),
        ("x-5, (5), #18, **7**, 18th", ["5", "5", "18", "7", "18"]),
        ("version 3.5.2 of A7", []),
        ("A77, flight US12 and v1.25", []),
        ("\u7b54\u6848\u662f18\u3002\u6c14\u6e29\u4e3a-5\u5ea6", ["18", "-5"]),
        ("USD12", ["12"]),
        (".5 and 0.5. And 1.5e3", ["0.5", "0.5", "1.5E+3"]),
        ("\u0661\u0662\u066b\u0665 and \uff11\uff12", ["12.5", "12"]),
        ("12:30 on 3/4", ["12", "30", "3", "4"]),
        ("- 5 apples", ["5"]),
        ("nothing", []),
    ],
)
def test_numbers_are_found_as_people_write_them(text: str, found: list[str]) -> None:
    assert [str(number.value) for number in numbers_in(text)] == found


def test_the_last_number_counts_or_the_first() -> None:
    assert scored(Numeric(), "16 - 3 - 4 = 9, so $18", "# 18").value == 1
    assert scored(Numeric(which="first"), "18 dollars for 9 eggs", "# 18").value == 1
    assert scored(Numeric(which="first"), "9 eggs for 18 dollars", "# 18").value == 0


def test_a_wrong_number_says_how_far_off_it_is() -> None:
    outcome = scored(Numeric(), "It is 17.5", [18, 30])

    assert (outcome.value, outcome.answer) == (0, "17.5")
    assert outcome.details == {"reference": "18", "off_by": "-0.5"}


@pytest.mark.parametrize(
    ("options", "text", "value"),
    [
        ({"tolerance": 0.1}, "1.1", 1),
        ({"tolerance": 0.1}, "1.1000001", 0),
        ({"tolerance": 0.1}, "0.9", 1),
        ({"relative": 0.01}, "0.99", 1),
        ({"relative": 0.01}, "0.98", 0),
        ({}, "1.0000000000000000000001", 0),
    ],
)
def test_tolerance_is_exact(options: dict[str, Any], text: str, value: int) -> None:
    assert scored(Numeric(**options), text, 1).value == value


def test_large_whole_numbers_are_not_rounded() -> None:
    assert scored(Numeric(), "12345678901234567891", "12345678901234567890").value == 0


def test_a_unit_multiplies_where_it_is_known() -> None:
    metric = Numeric(units={"km": 1000, "million": 1e6})

    assert scored(metric, "3 km", "3000 m").value == 1
    assert scored(metric, "3 Million", 3_000_000).value == 1
    assert scored(metric, "3 miles", 3).value == 1


def test_percent_is_a_number_or_a_share() -> None:
    assert scored(Numeric(), "50 %", 50).value == 1
    assert scored(Numeric(percent="share"), "50%", 0.5).value == 1
    assert scored(Numeric(percent="share"), "0.5%", 0.5).value == 0


def test_a_decimal_comma_can_be_said() -> None:
    assert scored(Numeric(), "1.200", 1.2).value == 1
    assert scored(Numeric(decimal=","), "1.200", 1200).value == 1


def test_an_answer_without_a_number_is_wrong_and_a_reference_without_one_says_nothing() -> None:
    assert scored(Numeric(), "none", 1).details == {"unreadable": True, "reason": "no number in the answer"}
    outcome = Numeric().score(Case(id="1", input="", reference="many"), Reply(text="1"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "wrong_reference"


def test_the_answer_may_stand_in_json() -> None:
    metric = Numeric(extract=Extract(json_path="$.answer", repaired=True))

    assert scored(metric, 'Sure: {"reasoning": "two\nlines 7", "answer": "18 eggs",}', 18).value == 1


def test_in_a_long_answer_the_end_counts() -> None:
    text = "1 2 " * MOST_CHARACTERS + "and so it is 18"

    assert scored(Numeric(), text, 18).value == 1
    assert scored(Numeric(which="first"), text, 1).value == 1
    assert "50000" in str(scored(Numeric(), text, 18).details["cut"])


@pytest.mark.parametrize("between", ["\n", "\u3001", "|"])
def test_a_long_answer_needs_no_blanks(between: str) -> None:
    text = f"12{between}" * MOST_CHARACTERS

    assert scored(Numeric(), text, 12).value == 1


def test_the_number_in_which_a_long_answer_is_cut_does_not_count() -> None:
    text = "123" + "a" * (MOST_CHARACTERS - 2)

    assert scored(Numeric(), text, 3).details["reason"] == "no number in the answer"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": -1}, "tolerance is -1"),
        ({"relative": "much"}, "option 'relative'"),
        ({"units": {"km/h": 0.28}}, "units: 'km/h' is no word"),
        ({"decimal": ";"}, "option 'decimal'"),
    ],
)
def test_an_option_that_makes_no_sense_is_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        build_metric(MetricSpec(name="n", kind="numeric", options=options))
