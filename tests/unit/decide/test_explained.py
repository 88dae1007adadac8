"""A verdict in a sentence that needs no table: every figure in it is one of its checks."""

from dataclasses import replace
from typing import Literal

import pytest

from passmuster.decide.explained import explained
from passmuster.records.comparison import Check, CheckStatus, VerdictReport, VerdictStatus

QUALITY = Check(
    metric="exact_match",
    bar="exact_match >= 0.70",
    limit=0.7,
    direction="at_least",
    value=0.762,
    status="meets",
    p=0.001,
    p_misses=1.0,
    more_cases=None,
    method="exact binomial test",
)


def check(
    metric: str,
    value: float | None,
    limit: float,
    status: CheckStatus,
    direction: Literal["at_least", "at_most"] = "at_most",
) -> Check:
    sign = ">=" if direction == "at_least" else "<="
    bar = f"{metric} {sign} {limit:g}"
    return replace(
        QUALITY, metric=metric, bar=bar, limit=limit, direction=direction, value=value, status=status
    )


def verdict(status: VerdictStatus, reason: str = "for a reason") -> VerdictReport:
    return VerdictReport(status=status, p=0.5, adjusted_p=0.5, reason=reason)


def test_a_pass_says_what_was_seen_of_every_bar() -> None:
    said = explained(
        "a", verdict("pass"), [QUALITY, check("latency_p95", 0.8, 1.5, "meets")], {"exact_match"}
    )

    assert said.startswith(
        "a passes: exact_match holds in 76.2 % of the cases, and at least 70 % is asked for;"
        " 95 of 100 replies come within 0.8 s, and 1.5 s is the limit."
    )


def test_a_fail_names_what_is_missed_and_nothing_else() -> None:
    said = explained("a", verdict("fail"), [QUALITY, check("cost_per_success", 0.02, 0.01, "misses")])

    assert said == "a fails: a success costs $0.02, and $0.01 is the limit."


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"more_cases": 370}, "about 370 more cases would settle it"),
        ({"more_cases": 785_898}, "that is too close to tell"),
        ({"more_ratings": 20}, "20 more replies rated by people would settle it"),
        ({}, "that is too close to tell"),
        ({"p": None, "note": "no times recorded"}, "cannot be tested: no times recorded"),
    ],
)
def test_an_open_verdict_says_what_would_settle_it(changed: dict[str, object], told: str) -> None:
    pending = replace(QUALITY, status="undecided", **changed)  # type: ignore[arg-type]  # parts of a record

    assert told in explained("a", verdict("undecided"), [pending])


@pytest.mark.parametrize(
    ("metric", "value", "told"),
    [
        ("latency_p50", 0.4, "half of the replies come within 0.4 s"),
        ("first_token_p95", 0.4, "95 of 100 replies begin within 0.4 s"),
        ("latency_p99", 4.0, "99 of 100 replies come within 4 s"),
        ("failure_rate", 0.005, "0.5 % of the calls end without a reply"),
        ("silent_failure_rate", 0.03, "3 % of the replies are wrong without anything that shows it"),
        ("cost_per_month", 1200.0, "a month costs $1,200"),
        ("words", 3.25, "words is 3.25, and at most 1.00 is asked for"),
    ],
)
def test_each_bar_has_words_of_its_own(metric: str, value: float, told: str) -> None:
    assert told in explained("a", verdict("fail"), [check(metric, value, 1.0, "misses")])


def test_a_bar_on_a_slice_says_so() -> None:
    edge = replace(QUALITY, slice="edge", status="misses", value=0.5)

    said = explained("a", verdict("fail"), [edge], {"exact_match"})

    assert said == (
        "a fails: of edge alone, exact_match holds in 50 % of the cases, and at least 70 % is asked for."
    )


@pytest.mark.parametrize(
    ("metric", "value", "limit", "told"),
    [
        ("exact_match", -0.031, -0.02, "differs from the incumbent's by -0.031, and at least -0.020"),
        ("cost_per_success", 1.5, 1.2, "is 1.50 times the incumbent's, and 1.2 times or more is asked"),
    ],
)
def test_a_bar_against_the_incumbent_is_told_as_one(
    metric: str, value: float, limit: float, told: str
) -> None:
    against = replace(QUALITY, metric=metric, value=value, limit=limit, versus="incumbent", status="misses")

    assert told in explained("a", verdict("fail"), [against])


def test_a_verdict_without_open_checks_keeps_its_reason() -> None:
    said = explained("a", verdict("undecided", "is not among the finalists"), [QUALITY])

    assert said == "a is undecided: it is not among the finalists."
