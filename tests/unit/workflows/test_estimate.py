"""What a run will cost is told before it starts, with what it is computed from; what is unknown stays unknown."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count

import pytest

from passmuster.records.candidate import Candidate, Cap, Price, Prompt, candidate_digest
from passmuster.records.case import Case
from passmuster.records.money import token_cost
from passmuster.records.trial import Attempt, Failure, Reply, Source, Trial, TrialKey, Usage
from passmuster.runner.bounds import Bound, worst_cost
from passmuster.runner.plan import Ask, plan
from passmuster.runner.prompt import render
from passmuster.workflows.estimate import SAMPLE, CandidateEstimate, estimate

PRICE = Price(input=2.0, output=8.0)
MODEL = Candidate(
    name="m",
    provider="openai",
    model="m",
    endpoint="https://x.example",
    parameters={"max_tokens": 500},
    price=PRICE,
)
OTHER = replace(MODEL, name="o", model="o")
CASES = [Case(id=str(number), input="x" * (40 + number % 7) + str(number)) for number in range(20)]


def asks(candidate: Candidate, cases: Iterable[Case] = CASES, repeats: int = 1) -> Iterable[Ask]:
    return plan(list(cases), [candidate], repeats)


def of_one(candidate: Candidate, cases: Iterable[Case] = CASES) -> CandidateEstimate:
    return estimate([(candidate, asks(candidate, cases))]).candidates[0]


def trial(*attempts: Attempt, source: Source = "measured") -> Trial:
    return Trial(
        key=TrialKey("c", "d", 0), case_id="1", outcome=Reply(text="x"), attempts=attempts, source=source
    )


def answered(read: int, written: int) -> Trial:
    return trial(Attempt(started=0.0, usage=Usage(input=read, output=written)))


def test_without_any_trial_the_rule_of_four_characters_says_it() -> None:
    found = of_one(MODEL)
    read = sum(-(-len(str(case.input)) // 4) for case in CASES)
    assert found.basis == "rule"
    assert found.trials == found.sampled == 20
    assert found.expected == pytest.approx((read * 2 + 20 * 256 * 8) / 1e6)
    assert found.per_trial == pytest.approx((found.expected or 0) / 20)


@pytest.mark.parametrize(
    ("candidate", "output"),
    [
        (replace(MODEL, parameters={"max_tokens": 5}), 5),
        (replace(MODEL, parameters={"max_completion_tokens": 9000}, reasoning=True), 2048),
        (replace(MODEL, parameters={"max_tokens": "all"}), 256),
        (replace(MODEL, parameters={}), 256),
    ],
)
def test_an_answer_is_never_expected_to_be_longer_than_its_limit(candidate: Candidate, output: int) -> None:
    one = [Case(id="1", input="abcd")]
    assert of_one(candidate, cases=one).expected == pytest.approx((2 + output * 8) / 1e6)


def test_embeddings_are_expected_to_cost_their_input() -> None:
    vectors = replace(MODEL, price=Price(input=2.0, output=None), parameters={"api": "embeddings"})
    assert of_one(vectors, [Case(id="1", input="abcd")]).expected == pytest.approx(2e-6)


def test_the_worst_is_the_sum_of_what_bounds_each_call() -> None:
    found = of_one(MODEL)
    bounds = [worst_cost(MODEL, render(None, case)) for case in CASES]
    assert found.worst == pytest.approx(sum(bound.usd for bound in bounds if isinstance(bound, Bound)))
    assert found.why == max(bound for bound in bounds if isinstance(bound, Bound)).why
    assert (found.expected or 0) < (found.worst or 0)


def test_earlier_trials_of_the_same_candidate_say_it_best_at_the_price_of_today() -> None:
    past = {candidate_digest(MODEL): [answered(100, 10), answered(300, 30)]}
    dearer = replace(MODEL, price=Price(input=4.0, output=16.0))
    for candidate in (MODEL, dearer):
        found = estimate([(candidate, asks(candidate))], past).candidates[0]
        assert found.basis == "own_trials"
        assert found.per_trial == pytest.approx(token_cost(Usage(input=200, output=20), candidate.price))


def test_every_attempt_of_an_earlier_trial_counts_and_a_failed_one_without_usage_is_free() -> None:
    told = Attempt(started=0.0, usage=Usage(input=100, output=10), error="malformed")
    silent = Attempt(started=0.0, error="server_error")
    within = Attempt(started=0.0, within=0, cost=0.5)
    last = Attempt(started=0.0, usage=Usage(input=100, output=10))
    past = {candidate_digest(MODEL): [trial(told, silent, within, last)]}
    found = estimate([(MODEL, asks(MODEL))], past).candidates[0]
    assert found.per_trial == pytest.approx(2 * (200 + 80) / 1e6 + 0.5)


def test_trials_that_say_nothing_of_tokens_or_were_not_measured_are_passed_over() -> None:
    failed = Trial(
        key=TrialKey("c", "d", 0),
        case_id="1",
        outcome=Failure(kind="timeout", message=""),
        attempts=(Attempt(started=0.0, error="timeout"),),
    )
    recorded = replace(answered(10**6, 10**6), source="recorded")
    past = {candidate_digest(MODEL): [failed, recorded]}
    assert estimate([(MODEL, asks(MODEL))], past).candidates[0].basis == "rule"


def test_a_long_history_is_not_read_to_its_end() -> None:
    def endless() -> Iterator[Trial]:
        for number in count():
            assert number < 5_000
            yield answered(100, 10)

    found = estimate([(MODEL, asks(MODEL))], {candidate_digest(MODEL): endless()}).candidates[0]
    assert found.basis == "own_trials"


def test_trials_that_tell_nothing_leave_room_for_those_that_do() -> None:
    cached = [trial(Attempt(started=0.0, usage=Usage(input=1)), source="cached")] * 1_000
    telling = [answered(100, 10)] * 1_000
    past = {candidate_digest(MODEL): [*cached, *telling, *[answered(10**6, 10**6)] * 500]}
    found = estimate([(MODEL, asks(MODEL))], past).candidates[0]
    assert found.basis == "own_trials"
    assert found.per_trial == pytest.approx((100 * 2 + 10 * 8) / 1e6), "the oldest do not count"


def test_a_long_history_from_the_cache_is_not_read_to_its_end() -> None:
    def endless() -> Iterator[Trial]:
        for number in count():
            assert number < 50_000
            yield replace(answered(100, 10), source="cached")

    found = estimate([(MODEL, asks(MODEL))], {candidate_digest(MODEL): endless()}).candidates[0]
    assert found.basis == "rule"


def test_answers_of_others_say_how_long_one_is() -> None:
    past = {candidate_digest(OTHER): [answered(10, 40), answered(10, 60)]}
    found = estimate([(MODEL, asks(MODEL, [Case(id="1", input="abcd")]))], past).candidates[0]
    assert found.basis == "other_trials"
    assert found.expected == pytest.approx((2 + 50 * 8) / 1e6)


@pytest.mark.parametrize(
    "candidate",
    [
        replace(MODEL, provider="replay"),
        replace(MODEL, simulated=True),
        replace(MODEL, kind="baseline"),
        replace(MODEL, price=None, endpoint="http://localhost/v1"),
    ],
)
def test_what_is_not_paid_for_costs_nothing(candidate: Candidate) -> None:
    found = of_one(candidate)
    assert (found.expected, found.worst, found.basis) == (0.0, 0.0, "not_paid")


def test_an_unknown_price_is_unknown_and_so_is_the_sum() -> None:
    unknown = replace(MODEL, name="u", model="u", price=None)
    both = estimate([(MODEL, asks(MODEL)), (unknown, asks(unknown))])
    assert both.candidates[1].expected is None
    assert both.candidates[1].basis == "unknown"
    assert both.candidates[1].worst is None
    assert "price is not known" in both.candidates[1].why
    assert (both.expected, both.worst, both.trials) == (None, None, 40)


def test_a_candidate_that_nothing_bounds_has_an_expected_cost_and_no_worst() -> None:
    found = of_one(replace(MODEL, parameters={}))
    assert found.expected is not None
    assert found.worst is None
    assert "max_tokens" in found.why


def test_what_the_user_vouches_for_is_the_worst_and_not_the_expected() -> None:
    found = of_one(replace(MODEL, parameters={}, cap=Cap(per_call=0.1)))
    assert found.worst == pytest.approx(2.0)
    assert found.expected is not None
    assert found.expected < 0.1


def test_a_large_run_is_told_from_a_sample_that_the_seed_chooses() -> None:
    cases = [Case(id=str(number), input="x" * (number % 100 * 40) + str(number)) for number in range(2_000)]
    lanes = {seed: estimate([(MODEL, asks(MODEL, cases))], seed=seed).candidates[0] for seed in (0, 1)}
    whole = sum(
        bound.usd for case in cases if isinstance(bound := worst_cost(MODEL, render(None, case)), Bound)
    )
    for found in lanes.values():
        assert (found.trials, found.sampled) == (2_000, SAMPLE)
        assert found.worst == pytest.approx(whole, rel=0.15)
    assert lanes[0].worst != lanes[1].worst
    assert estimate([(MODEL, asks(MODEL, cases))]).candidates[0] == lanes[0]


def test_every_repeat_is_paid_for() -> None:
    once = estimate([(MODEL, asks(MODEL))])
    thrice = estimate([(MODEL, asks(MODEL, repeats=3))])
    assert thrice.trials == 60
    assert thrice.expected == pytest.approx(3 * (once.expected or 0))
    assert thrice.worst == pytest.approx(3 * (once.worst or 0))


def test_a_prompt_that_fails_is_not_asked() -> None:
    broken = replace(MODEL, prompt=Prompt(name="p", user="{{ missing }}"))
    found = of_one(broken)
    assert (found.trials, found.expected, found.worst) == (20, 0.0, 0.0)


def test_nothing_to_ask_costs_nothing() -> None:
    found = estimate([(MODEL, [])]).candidates[0]
    assert (found.trials, found.sampled, found.expected, found.worst) == (0, 0, 0.0, 0.0)
    assert found.per_trial is None


def test_tokens_are_those_of_the_rule_or_of_the_candidates_own_trials_with_all_their_calls() -> None:
    read = sum(-(-len(str(case.input)) // 4) for case in CASES)
    found = of_one(MODEL)
    assert found.input_tokens == pytest.approx(read)
    assert found.output_tokens == pytest.approx(20 * 256)
    twice = trial(*(Attempt(started=0.0, usage=Usage(input=100, output=10)) for _ in range(2)))
    own = estimate([(MODEL, asks(MODEL))], {candidate_digest(MODEL): [twice]}).candidates[0]
    assert own.input_tokens == pytest.approx(20 * 200)
    assert own.output_tokens == pytest.approx(20 * 20)


def test_what_production_pays_is_told_where_this_run_pays_nothing() -> None:
    """A recording is replayed for nothing, and its model is paid for by the token."""
    recorded = replace(MODEL, provider="replay", parameters={"recording": "x"})
    found = of_one(recorded)
    assert (found.expected, found.basis, found.input_tokens) == (0.0, "not_paid", None)
    assert found.production == pytest.approx((of_one(MODEL).per_trial or 0), rel=0.01)
    baseline = Candidate(name="b", provider="baseline", kind="baseline")
    assert of_one(baseline).production == 0.0
    assert of_one(replace(MODEL, price=None)).production is None


def test_cases_that_a_template_makes_no_prompt_of_are_told_and_cost_nothing() -> None:
    found = of_one(replace(MODEL, prompt=Prompt(name="p", user="{{ inptu }}")))

    assert found.expected == 0
    assert found.unasked is not None
    assert found.unasked.startswith(
        "20 of 20 cases looked at make no prompt, and fail without a call: p (user):1: "
    )
    assert of_one(MODEL).unasked is None
