import hypothesis.strategies as st
import pytest
from hypothesis import given

from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.runner.plan import plan, pools

WORDS = Candidate(name="words", provider="baseline")
OTHER = Candidate(name="other", provider="openai", model="m")


@st.composite
def some_cases(draw: st.DrawFn) -> list[Case]:
    inputs = draw(st.lists(st.sampled_from(["a", "b", "c"]), max_size=12))
    return [Case(id=f"case-{number}", input=text) for number, text in enumerate(inputs)]


@given(some_cases(), st.integers(1, 4))
def test_every_trial_of_a_plan_has_a_key_of_its_own(cases: list[Case], repeats: int) -> None:
    keys = [ask.key for ask in plan(cases, [WORDS, OTHER], repeats)]

    assert len(keys) == len(set(keys)) == len(cases) * 2 * repeats


@given(some_cases(), st.integers(1, 3))
def test_more_repeats_keep_the_trials_of_fewer(cases: list[Case], repeats: int) -> None:
    fewer = {ask.key for ask in plan(cases, [WORDS], repeats)}
    more = {ask.key for ask in plan(cases, [WORDS], repeats + 1)}

    assert fewer <= more


@given(some_cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_changes_no_key(cases: list[Case], random: object) -> None:
    shuffled = list(cases)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random

    first = {(ask.case.id, ask.key) for ask in plan(cases, [WORDS], 2)}
    second = {(ask.case.id, ask.key) for ask in plan(shuffled, [WORDS], 2)}

    assert first == second


def test_cases_with_equal_input_take_turns_by_id() -> None:
    cases = [Case(id="z", input="same"), Case(id="a", input="same"), Case(id="m", input="other")]

    placed = {name: first for name, _, first in pools(cases)}
    repeats = {(ask.case.id, ask.key.repeat) for ask in plan(cases, [WORDS], 2)}

    assert placed == {"a": 0, "z": 1, "m": 0}
    assert repeats == {("a", 0), ("a", 2), ("z", 1), ("z", 3), ("m", 0), ("m", 1)}


def test_candidates_that_differ_only_in_name_are_asked_once() -> None:
    twin = Candidate(name="twin", provider="baseline", concurrency=2)

    planned = plan([Case(id="1", input="a")], [WORDS, twin])

    assert [ask.key.candidate for ask in planned] == [candidate_digest(WORDS)]
    assert len(planned) == 1


def test_a_key_names_case_candidate_and_repeat() -> None:
    case = Case(id="1", input="a")

    (ask,) = plan([case], [OTHER])

    assert ask.key == (case_digest(case), candidate_digest(OTHER), 0)


def test_a_plan_without_repeats_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one repeat, got 0"):
        plan([], [WORDS], 0)
