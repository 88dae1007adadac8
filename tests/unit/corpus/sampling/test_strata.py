"""Strata by column, field or expression."""

from typing import Any

import pytest

from passmuster.corpus.sampling.strata import FIELDS, NAME_LENGTH, StratumRule, length_band, moment_of
from passmuster.errors import UsageError
from passmuster.records.case import Conversation, Message
from passmuster.records.traffic import TrafficRecord
from passmuster.records.trial import Usage

NOON = 1_700_049_600.0  # 2023-11-15 12:00 UTC, a Wednesday


def record(**fields: Any) -> TrafficRecord:
    return TrafficRecord(**{"id": "1", "input": "Where is my card?", **fields})


def strata(rule: str, *records: TrafficRecord) -> list[str]:
    found = StratumRule(rule)
    return [found(each) for each in records]


def test_a_column_makes_strata_whatever_it_is_called() -> None:
    assert strata("plan", record(columns={"plan": "gold"}), record(columns={})) == ["gold", "missing"]
    assert strata("issue type", record(columns={"issue type": "late"})) == ["late"]
    assert strata("meta.plan", record(columns={"meta.plan": 3})) == ["3"]
    assert strata("error-code", record(columns={"error-code": 404})) == ["404"]


def test_a_column_wins_over_what_is_known_of_every_record() -> None:
    assert strata("language", record(columns={"language": "tlh"}), record()) == ["tlh", "en"]


@pytest.mark.parametrize(
    ("field", "fields", "stratum"),
    [
        ("feedback", {"feedback": "up"}, "up"),
        ("hour", {"time": NOON}, "12"),
        ("weekday", {"time": NOON}, "Wednesday"),
        ("part_of_day", {"time": NOON}, "afternoon"),
        ("month", {"time": NOON}, "2023-11"),
        ("month", {"time": 1e300}, "missing"),
        ("hour", {}, "missing"),
        ("failed", {"error": "boom"}, "yes"),
        ("tags", {"tags": ("a", "b")}, "a, b"),
        ("tags", {}, "missing"),
        ("tokens_in", {"usage": Usage(input=7)}, "7"),
        ("turns", {"input": Conversation(messages=(Message(role="user"), Message(role="user")))}, "2"),
        ("length_band", {"input": "word " * 50}, "30-99"),
        ("reference", {"reference": ["x"]}, "x"),
    ],
)
def test_what_is_known_of_every_record_makes_strata(field: str, fields: dict[str, Any], stratum: str) -> None:
    assert strata(field, record(**fields)) == [stratum]


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_can_be_asked_of_a_bare_record(field: str) -> None:
    assert strata(field, record()) != [""]


def test_an_expression_that_is_true_or_false_makes_two_strata() -> None:
    found = strata("seconds > 2", record(seconds=3.0), record(seconds=1.0), record())
    assert found == ["seconds > 2", "not seconds > 2", "missing"]


def test_an_expression_may_join_and_choose() -> None:
    assert strata("columns['a b'] ~ '/' ~ feedback", record(columns={"a b": 1}, feedback="up")) == ["1/up"]
    assert strata("'vip' if 'vip' in tags else 'rest'", record(tags=("vip",)), record()) == ["vip", "rest"]


def test_a_name_of_a_stratum_is_one_short_line() -> None:
    assert strata("c", record(columns={"c": "a\n b" + "x" * 500})) == ["a b" + "x" * (NAME_LENGTH - 3)]
    assert strata("c", record(columns={"c": " \n"})) == ["missing"]


def test_a_column_that_no_record_has_is_an_error_with_the_closest_one() -> None:
    rule = StratumRule("regoin ~ plan")
    rule(record(columns={"region": "north", "plan": "x"}))
    with pytest.raises(UsageError, match=r"no record has 'regoin'\n.*Did you mean 'region'.*region"):
        rule.check_seen()
    rule(record(columns={"regoin": "north"}))
    rule.check_seen()


def test_what_is_neither_column_nor_expression_is_an_error() -> None:
    rule = StratumRule("issue type")
    rule(record(columns={"issue": "late"}))
    with pytest.raises(UsageError, match="'issue type' is no column, and no expression either"):
        rule.check_seen()
    with pytest.raises(UsageError, match="empty"):
        StratumRule("  ")


@pytest.mark.parametrize(
    "rule",
    [
        "().__class__.__bases__[0].__subclasses__()",
        "text.__class__.__mro__",
        "cycler.__init__.__globals__.os",
    ],
)
def test_an_expression_does_not_reach_python(rule: str) -> None:
    assert strata(rule, record()) == ["missing"]


def test_moments_and_lengths_have_bounds() -> None:
    assert [moment_of(time) for time in (None, float("nan"), float("inf"), 1e20)] == [None] * 4
    assert [length_band("w " * n) for n in (0, 9, 10, 29, 30, 999, 1000)] == [
        *("1-9", "1-9", "10-29", "10-29", "30-99", "300-999", "1000+")
    ]
