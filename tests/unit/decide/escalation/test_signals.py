"""What signals read of a reply: never more than is there, and nothing that is missing is a 0."""

import math
from collections.abc import Mapping

import pytest

from passmuster.decide.escalation.signals import Readings, signal_values, stated_number
from passmuster.records.escalation import Signal, SignalKind
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Failure, FailureKind, Outcome, Reply, TokenLogprob


def token(text: str, logprob: float, top: Mapping[str, float] | None = None) -> TokenLogprob:
    return TokenLogprob(token=text, logprob=logprob, top=top)


BARE = Reply(text="It is B.")
SURE = Reply(
    text="It is B.",
    confidence=0.9,
    probabilities={"A": 0.2, "B": 0.7, "C": 0.1},
    finish_reason="stop",
    logprobs=(
        token("It is", -0.1, {"It is": -0.1, "No": -2.6, "So": -4.0}),
        token(" B", -0.3),
        token(".", -0.2),
    ),
)
ANSWER: Mapping[str, ScoreOutcome] = {"m": Score(value=1.0, answer="B")}


def value(signal: Signal, outcome: Outcome, scores: Mapping[str, ScoreOutcome] = ANSWER) -> float:
    found = Readings([signal], "m", cases=1, repeats=1)
    found.enter(0, outcome, scores)
    return float(signal_values(signal, found)[0])


def of(kind: SignalKind, **options: object) -> Signal:
    return Signal(name="s", kind=kind, **options)  # type: ignore[arg-type]  # one signal's options


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        (of("confidence"), 0.9),
        (of("probability_margin"), 0.5),
        (of("first_token_margin"), 2.5),
        (of("mean_logprob"), -0.2),
        (of("answer_logprob"), -0.3),
        (of("length"), 8.0),
        (of("length", reverse=True), -8.0),
        (of("finish_reason"), 1.0),
        (of("metric", of="m"), 1.0),
    ],
)
def test_a_signal_is_read_where_it_is_and_missing_where_not(signal: Signal, expected: float) -> None:
    assert value(signal, SURE) == pytest.approx(expected)
    assert math.isnan(value(signal, Failure(kind="timeout", message="")))
    if signal.kind not in {"length", "metric"}:
        assert math.isnan(value(signal, BARE))


def test_a_score_that_failed_is_no_signal() -> None:
    assert math.isnan(value(of("metric", of="m"), SURE, {"m": ScoreFailure(kind="x", message="")}))


def test_an_answer_that_several_tokens_spell_has_the_sum_of_their_log_probabilities() -> None:
    tokens = [("credit", -0.5), ("_rep", -0.25), ("orting", -0.125), ("!", -9.0)]
    reply = Reply(
        text="credit_reporting!", logprobs=tuple(TokenLogprob(token=t, logprob=p) for t, p in tokens)
    )
    assert value(of("answer_logprob"), reply, {"m": Score(value=1, answer="CREDIT_reporting")}) == -0.875
    assert math.isnan(value(of("answer_logprob"), reply, {"m": Score(value=1, answer="mortgage")}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("... Confidence: 85 %", 0.85),
        ("Confidence: 10 %, no: Confidence: 0.7", 0.7),
        ("Confidence: 7/10", 0.7),
        ("Confidence: none", math.nan),
        ("Confidence: 1e999", math.nan),
        ("Confidence: 7/0", math.nan),
        ("", math.nan),
    ],
)
def test_what_a_reply_states_of_itself_is_the_last_that_it_says(text: str, expected: float) -> None:
    signal = of("stated", regex=r"Confidence: ([^\s,]+(?: %)?)")
    assert value(signal, Reply(text=text)) == pytest.approx(expected, nan_ok=True)


def test_what_is_stated_may_be_a_field_or_a_word() -> None:
    assert value(of("stated", json_path="$.sure", scale=10), Reply(text='{"sure": 8}')) == 0.8
    words = of("stated", json_path="$.sure", levels=("low", "medium", "high"))
    assert value(words, Reply(text='{"sure": "High"}')) == 2.0
    assert math.isnan(value(words, Reply(text='{"sure": "very"}')))
    assert math.isnan(value(words, Reply(text='{"sure": 3}')))


@pytest.mark.parametrize("said", [True, None, [], {}, float("nan"), "9" * 400, "\ud800", "1/2/3"])
def test_nothing_that_is_stated_is_too_odd(said: object) -> None:
    assert math.isnan(stated_number(said))


def repeated(*answers: str | FailureKind | None) -> float:
    found = Readings([], "m", cases=1, repeats=len(answers))
    kinds = ("timeout", "not_recorded")
    for place, answer in enumerate(answers):
        if answer in kinds:
            found.enter(place, Failure(kind=answer, message=""), {})  # type: ignore[arg-type]  # one of `kinds`
        elif answer is not None:
            found.enter(place, Reply(text="..."), {"m": Score(value=0.0, answer=answer)})
    return float(signal_values(of("self_consistency"), found)[0])


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("A", "A", "A", "B"), 0.75),
        (("B", "A", "A", "A"), 0.25),
        (("A", "timeout"), 0.5),
        (("A", "not_recorded", "A"), 1.0),
        (("A", "not_recorded"), math.nan),
        (("timeout", "A", "A"), math.nan),
        (("A",), math.nan),
    ],
)
def test_self_consistency_is_the_share_of_repeats_that_answer_as_the_first(
    answers: tuple[str, ...], expected: float
) -> None:
    assert repeated(*answers) == pytest.approx(expected, nan_ok=True)


def test_agreement_is_on_the_answer_that_the_metric_reads_else_on_the_text() -> None:
    own, other = (Readings([], "m", cases=4, repeats=1) for _ in range(2))
    for cell, (mine, theirs) in enumerate([("It is B.", "B"), ("It is A.", "B"), ("Yes  sir", "yes sir")]):
        for found, text in ((own, mine), (other, theirs)):
            read = {"m": Score(value=0.0, answer=text.strip(".")[-1])} if cell < 2 else {}
            found.enter(cell, Reply(text=text), read)
    own.enter(3, Reply(text="x"), {})
    other.enter(3, Failure(kind="timeout", message=""), {})
    signal = of("agreement", of="other")
    assert signal_values(signal, own, {"other": other}).tolist()[:3] == [1.0, 0.0, 1.0]
    assert math.isnan(signal_values(signal, own, {"other": other})[3])
    assert all(math.isnan(each) for each in signal_values(signal, own, {}))


def test_the_first_reply_of_a_cell_stays_and_hostile_ones_are_read_like_others() -> None:
    signal = of("length")
    found = Readings([signal], "m", cases=1, repeats=1)
    found.enter(0, Reply(text="\ud800" * 3), {})
    found.enter(0, Reply(text="later"), {})
    assert found.values("s").tolist() == [3.0]
