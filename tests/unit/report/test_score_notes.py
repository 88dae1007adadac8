"""Why an answer got its scores, in a few words."""

from collections.abc import Mapping

from passmuster.records.comparison import Answer
from passmuster.records.record import Json
from passmuster.report.score_notes import SHOWN, WORDS, score_notes


def reasons(
    details: Mapping[str, Mapping[str, Json]], failures: Mapping[str, str], score: float = 0.0
) -> tuple[str, ...]:
    answer = Answer(
        candidate="a",
        text="x",
        failure=None,
        scores=dict.fromkeys(details, score),
        details=details,
        score_failures=failures,
    )
    return score_notes(answer)


def test_parts_that_are_not_met_are_named() -> None:
    found = reasons({"checks": {"parts": {"contains": 0, "regex": 1, "contains 2": 0.5}}}, {})
    assert found == ("checks: not met contains, contains 2",)


def test_lists_and_first_errors_are_named_with_what_is_left_out() -> None:
    kept = {"missing": ["date"], "invented": [f"f{n}" for n in range(7)], "reason": "not JSON", "path": "$"}
    assert reasons({"fields": kept}, {}) == (
        "fields: missing date; invented f0, f1, f2, f3, f4 and 2 more; reason: not JSON",
    )


def test_checks_that_are_not_met_are_those_that_the_metric_names() -> None:
    kept: dict[str, Json] = {"parts": {"polite": 0, "regex": 0}, "unmet": ["regex"]}
    assert reasons({"checks": kept}, {}) == ("checks: not met regex",)


def test_nothing_is_said_of_a_metric_with_full_marks() -> None:
    assert reasons({"graceful_failure": {"expected": "refusal"}}, {}, score=1.0) == ()


def test_the_same_words_are_not_said_twice() -> None:
    assert reasons({"json_schema": {"error": "not JSON", "reason": "not JSON"}}, {}) == (
        "json_schema: error: not JSON",
    )


def test_a_metric_without_a_score_says_why() -> None:
    assert reasons({}, {"mine": "error: ZeroDivisionError"}) == ("mine: no score, error: ZeroDivisionError",)


def test_a_score_that_kept_nothing_bad_says_nothing() -> None:
    assert reasons({"exact_match": {"reference": "a", "parts": {"x": 1}}}, {}) == ()


def test_hostile_details_stay_short_and_harmless() -> None:
    found = reasons({f"m{n}": {"reason": "\x1b[2J" + "x" * 10_000} for n in range(50)}, {})
    assert len(found) == SHOWN
    assert all(len(each) <= WORDS + 40 and "\x1b" not in each for each in found)


def test_metrics_without_a_score_for_the_same_reason_are_named_together() -> None:
    why = "no_reference: case 'c1' has no reference to compare with"
    assert reasons({}, {"rouge": why, "chrf": why, "mine": "error: ValueError"}) == (
        "rouge, chrf: no score, " + why,
        "mine: no score, error: ValueError",
    )


def test_a_reason_is_told_whole_however_many_metrics_share_it() -> None:
    why = "no_reference: case 'c1' has no reference to compare with"
    (said,) = reasons({}, {f"a_metric_of_some_length_{n}": why for n in range(30)})
    assert said.endswith("and 25 more: no score, " + why)


def test_reasons_that_are_left_out_are_counted() -> None:
    found = reasons({f"m{n}": {"reason": "not JSON"} for n in range(SHOWN + 3)}, {})
    assert found[-1] == "and 4 more"


def test_an_outcome_says_more_than_the_outcomes_that_it_is_not() -> None:
    kept: dict[str, Json] = {"outcome": "timeout", "parts": {"passed": 0, "wrong": 0, "timeout": 1}}
    assert reasons({"python_tests": kept}, {}) == ("python_tests: outcome: timeout",)


def test_a_traceback_is_told_in_one_line_without_signs_of_line_breaks() -> None:
    why = "error: mine.py, line 7, in score\n    return 1 / 0\nZeroDivisionError: division by zero"
    assert reasons({}, {"mine": why}) == (
        "mine: no score, error: mine.py, line 7, in score return 1 / 0 ZeroDivisionError: division by zero",
    )


def test_what_was_answered_for_what_is_said_in_words() -> None:
    wrong: Json = [{"field": "due", "answer": "5 May", "reference": "2026-05-05", "why": "no date"}]
    assert reasons({"field_f1": {"wrong": wrong}}, {}) == (
        "field_f1: wrong due '5 May' for '2026-05-05' (no date)",
    )


def test_points_are_named_also_where_one_is_the_worst_score() -> None:
    omitted: Json = [{"point": "No pets", "words": 0.0}]
    assert reasons({"omission_rate": {"omitted": omitted}}, {}, score=1.0) == (
        "omission_rate: omitted 'No pets'",
    )


def test_an_unsupported_claim_stands_with_its_place_and_the_words_of_the_source() -> None:
    wrong: Json = [
        {
            "claim": "It froze.",
            "verdict": "contradicted",
            "line": 2,
            "start": 20,
            "end": 29,
            "source": "9 degrees",
        },
        {
            "claim": "It hailed.",
            "verdict": "not in the source",
            "line": 3,
            "start": 30,
            "end": 40,
            "source": None,
        },
    ]
    assert reasons({"claims": {"unsupported": wrong}}, {}) == (
        "claims: contradicted ('9 degrees'): 'It froze.', line 2, characters 20 to 29",
        "claims: not in the source: 'It hailed.', line 3, characters 30 to 40",
    )


def test_of_many_claims_the_first_are_told_and_the_others_counted() -> None:
    wrong: Json = [{"claim": f"{n}.", "verdict": "contradicted", "line": 1} for n in range(9)]
    assert reasons({"claims": {"unsupported": wrong}}, {})[-1] == "claims: and 4 more claims"
