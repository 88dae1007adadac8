"""Costs worked by hand, to the cent: every part alone, all of them together, and what nobody knows."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from passmuster.decide.costs.report import cost_report, prices_of, stated_costs
from passmuster.decide.measured import Layout, Measured
from passmuster.decide.pricing.review import ReviewRules
from passmuster.decide.pricing.trial import trial_cost
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate, Infrastructure, ManualProcess, Price, Upkeep
from passmuster.records.case import Case
from passmuster.records.costs import CostReport
from passmuster.records.judged import JudgeReport
from passmuster.records.outcomes import Turn
from passmuster.records.score import Estimate, Score
from passmuster.records.task import CostModel, ProductionCall, Review, Success
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey, Usage

RIGHT = Success(metric="accuracy")
LLM = Candidate(name="a", provider="openai", model="m", price=Price(input=2.0, output=8.0))
TWO_DOLLARS = Review(when="confidence < 0.5", minutes=3, hourly=40)


def trial(
    *attempts: Attempt, right: bool = True, confidence: float | None = 0.9, failed: bool = False
) -> tuple[Trial, float | None]:
    outcome = Failure(kind="timeout", message="") if failed else Reply(text="x", confidence=confidence)
    made = Trial(key=TrialKey("c", "d", 0), case_id="1", outcome=outcome, attempts=attempts or (call(),))
    return made, None if failed else float(right)


def call(tokens: int = 1_000, output: int = 100, seconds: float = 1.0, **usage: int) -> Attempt:
    told = Usage(input=tokens, output=output, **usage)  # type: ignore[arg-type]  # counts only
    return Attempt(started=0.0, seconds=seconds, usage=told, in_flight=4)


def measured(
    trials: Sequence[tuple[Trial, float | None]],
    candidate: Candidate = LLM,
    model: CostModel | None = None,
    *,
    turns: Sequence[Turn | None] = (),
    judges: tuple[JudgeReport, ...] = (),
    repeats: int = 1,
) -> Measured:
    model = model or CostModel()
    rules = ReviewRules(model.review) if model.review else None
    layout = Layout(cases=len(trials) // repeats, repeats=repeats, binary={"accuracy": True})
    sheet = Sheet(candidate, layout, prices=prices_of(candidate, model, judges, rules))
    for place, (each, score) in enumerate(trials):
        turn: Turn | None = "correct" if score == 1.0 else "silent_failure" if score == 0.0 else None
        if turns:
            turn = turns[place]
        scores = {} if score is None else {"accuracy": Score(value=score)}
        sheet.enter(place, each, scores, trial_cost(candidate, Case(id="1", input="x"), each, rules), turn)
    return sheet.measured()


def report(
    trials: Sequence[tuple[Trial, float | None]],
    candidate: Candidate = LLM,
    model: CostModel | None = None,
    *,
    turns: Sequence[Turn | None] = (),
    judges: tuple[JudgeReport, ...] = (),
    repeats: int = 1,
) -> CostReport:
    found = measured(trials, candidate, model, turns=turns, judges=judges, repeats=repeats)
    return cost_report(found, RIGHT, model or CostModel())


def value(found: Estimate | None) -> float:
    assert found is not None
    assert found.value is not None
    return found.value


def test_of_two_models_the_one_with_more_reviews_costs_four_times_as_much_a_success() -> None:
    cent = replace(LLM, price=Price(input=10.0, output=0.0))
    model = CostModel(review=(TWO_DOLLARS,))
    found = []
    for quality, reviewed in ((92, 40), (72, 8)):
        trials = [
            trial(call(1_000, 0), right=place < quality, confidence=0.1 if place % 100 < reviewed else 0.9)
            for place in range(100)
        ]
        found.append(report(trials, cent, model))
    assert [round(value(each.per_success), 4) for each in found] == [0.8804, 0.2361]
    assert [each.reviewed for each in found] == [0.4, 0.08]
    assert value(found[0].components["review"]) == pytest.approx(0.80)


def test_failed_tasks_are_paid_for_by_those_that_succeed() -> None:
    def of(right: int, failed: int, cents: int) -> float:
        candidate = replace(LLM, price=Price(input=10.0, output=0.0))
        trials = [
            trial(call(cents * 1_000, 0), right=place < right, failed=place >= 1000 - failed)
            for place in range(1000)
        ]
        return value(report(trials, candidate).per_success)

    dear = of(810, 100, 3)
    cheap = of(846, 10, 1)
    assert (round(dear, 4), round(cheap, 4)) == (0.0370, 0.0118)


def test_a_million_tasks_a_month_cost_what_one_costs_a_million_times() -> None:
    model = CostModel(monthly_volume=1_000_000, silent_failure=0.1333)
    found = []
    for right, cents in ((90, 3), (75, 1)):
        candidate = replace(LLM, price=Price(input=10.0, output=0.0))
        trials = [trial(call(cents * 1_000, 0), right=place < right) for place in range(100)]
        without = report(trials, candidate, replace(model, silent_failure=None))
        found.append((value(without.per_month), value(report(trials, candidate, model).per_month)))
    assert [round(month, 2) for month, _ in found] == [30_000.0, 10_000.0]
    # At $0.1333 for a wrong answer both come to the same: (0.03 - 0.01) / (0.25 - 0.10) = 0.13333...
    assert found[0][1] - found[1][1] == pytest.approx(5.0, abs=1e-6)


def test_tokens_are_told_apart_and_each_is_paid_for_once() -> None:
    price = Price(input=3.0, cached=0.3, output=15.0, reasoning=20.0)
    found = report([trial(call(10_000, 1_000, cached=4_000, reasoning=600))] * 4, replace(LLM, price=price))
    parts = {name: round(value(each), 6) for name, each in found.token_parts.items()}
    assert parts == {"input": 0.018, "cached": 0.0012, "output": 0.006, "reasoning": 0.012, "other": 0.0}
    assert value(found.per_task) == pytest.approx(0.0372)
    assert sum(parts.values()) == pytest.approx(value(found.components["tokens"]))


def test_reasoning_without_a_price_of_its_own_is_paid_as_output_and_shown_apart_all_the_same() -> None:
    found = report([trial(call(0, 1_000, reasoning=900))] * 3)
    assert value(found.token_parts["reasoning"]) == pytest.approx(0.0072)
    assert value(found.token_parts["output"]) == pytest.approx(0.0008)


def test_a_recorded_sum_has_no_parts_and_they_are_not_zero() -> None:
    recorded = Attempt(started=0.0, seconds=1.0, cost=0.02)
    found = report([trial(recorded)] * 3, replace(LLM, price=None))
    assert value(found.components["tokens"]) == pytest.approx(0.02)
    assert found.token_parts == {}


def test_retries_are_a_part_of_the_tokens_and_not_added_to_them() -> None:
    # 1,000 in and 100 out are $0.0028; one task of four needed a second attempt.
    twice = trial(replace(call(), error="malformed"), replace(call(), started=2.0))
    found = report([twice, trial(), trial(), trial()])
    assert value(found.per_task) == pytest.approx(0.0028 * 5 / 4)
    assert value(found.retries) == pytest.approx(0.0028 / 4)
    assert value(found.components["tokens"]) == value(found.per_task)


def test_a_machine_costs_its_hour_over_the_tasks_that_it_really_does() -> None:
    machine = Infrastructure(hourly=2.10, tasks_per_hour=700, utilisation=0.5)
    own = replace(LLM, price=None, infrastructure=machine)
    assert value(report([trial()] * 5, own).components["infrastructure"]) == pytest.approx(0.006)
    found = report([trial()] * 5, own, CostModel(monthly_volume=100_000))
    assert value(found.components["infrastructure"]) == pytest.approx(0.01533)
    # 100,000 a month are 136.99 an hour; at half its rate a machine does 350: one is enough, for 730 hours.
    assert (found.machines, round(value(found.per_month), 2)) == (1, 1533.0)


def test_machines_come_whole_and_as_many_as_the_busiest_hour_takes() -> None:
    own = replace(LLM, price=None, infrastructure=Infrastructure(hourly=2.0, tasks_per_hour=1000, machines=2))
    for volume, peak, machines in (
        (73_000, None, 2),
        (1_460_000, None, 2),
        (1_460_001, None, 3),
        (73_000, 5_500.0, 6),
    ):
        found = report([trial()] * 3, own, CostModel(monthly_volume=volume, peak=peak))
        assert found.machines == machines
        assert value(found.per_month) == pytest.approx(machines * 2.0 * 730)


def test_where_no_rate_is_stated_the_one_of_the_run_is_taken_and_marked() -> None:
    # Four calls in flight, two seconds each: 2 a second, 7,200 an hour of two machines.
    own = replace(LLM, price=None, infrastructure=Infrastructure(hourly=3.6, machines=2, utilisation=0.5))
    found = report([trial(call(seconds=each)) for each in (1.0, 2.0, 3.0)], own)
    assert found.infrastructure is not None
    assert found.infrastructure.measured
    assert found.infrastructure.in_flight == 4.0
    assert value(found.infrastructure.tasks_per_hour) == pytest.approx(3_600)
    assert value(found.components["infrastructure"]) == pytest.approx(3.6 * 2 / (7_200 * 0.5))
    low, high = found.infrastructure.tasks_per_hour.low, found.infrastructure.tasks_per_hour.high
    assert low is not None
    assert high is not None
    assert low < 3_600 < high


def test_where_no_rate_was_measured_either_the_cost_is_unknown_and_says_so() -> None:
    own = replace(LLM, price=None, infrastructure=Infrastructure(hourly=3.6))
    bare = Attempt(started=0.0, seconds=1.0)
    found = report([trial(bare)] * 3, own, CostModel(monthly_volume=10))
    assert found.per_task.value is None
    assert found.per_month is not None
    assert found.per_month.value is None
    assert value(found.components["tokens"]) == 0.0
    assert found.note == "tasks an hour of its machines are neither stated nor measured"


def test_guards_and_judges_are_paid_for_by_the_share_of_tasks_that_ask_them() -> None:
    calls = (
        ProductionCall(name="guard", usd=0.0002),
        ProductionCall(name="judge", scorer="judge-model", share=0.05),
    )
    judge = JudgeReport(
        metric="good",
        asks=("judge-model",),
        models=("j",),
        version="v",
        question="q",
        costs={"judge-model": 0.01},
    )
    found = report([trial()] * 4, LLM, CostModel(calls=calls), judges=(judge,))
    assert {name: value(each) for name, each in found.calls.items()} == {"guard": 0.0002, "judge": 0.0005}
    assert value(found.components["calls"]) == pytest.approx(0.0007)
    assert value(found.per_task) == pytest.approx(0.0028 + 0.0007)
    baseline = report([trial()] * 4, replace(LLM, kind="baseline"), CostModel(calls=calls), judges=(judge,))
    assert value(baseline.per_task) == 0.0


def test_a_call_whose_price_nobody_knows_makes_the_whole_unknown() -> None:
    found = report([trial()] * 4, LLM, CostModel(calls=(ProductionCall(name="judge", scorer="j"),)))
    assert found.per_task.value is None
    assert found.per_success.value is None
    assert value(found.components["tokens"]) == pytest.approx(0.0028)
    assert found.note == "the cost of a call to judge is unknown"


def test_no_interval_reaches_beyond_what_events_can_cost() -> None:
    every = report([trial(confidence=0.1)] * 20, LLM, CostModel(review=(TWO_DOLLARS,)))
    assert every.components["review"].high == pytest.approx(2.0)
    assert every.per_task.high == pytest.approx(2.0028)


def test_several_reviews_of_one_reply_are_each_paid_for() -> None:
    expert = Review(when="failure == 'timeout' or confidence < 0.2", minutes=10, hourly=90)
    model = CostModel(review=(TWO_DOLLARS, expert))
    trials = [trial(confidence=0.1), trial(confidence=0.4), trial(), trial()]
    found = report(trials, LLM, model)
    assert value(found.components["review"]) == pytest.approx((17.0 + 2.0) / 4)
    assert found.reviewed == 0.5


def test_a_wrong_answer_costs_its_loss_unless_a_person_looks_at_it() -> None:
    model = CostModel(silent_failure=0.50, review=(TWO_DOLLARS,))
    trials = [trial(right=False), trial(right=False, confidence=0.1), *[trial()] * 8]
    found = report(trials, LLM, model)
    assert value(found.components["silent_failure"]) == pytest.approx(0.05)
    assert value(found.components["review"]) == pytest.approx(0.20)
    assert value(found.per_task) == pytest.approx(0.0028 + 0.25)


def test_replies_that_nobody_could_judge_leave_a_loss_between_two_bounds() -> None:
    turned: dict[Turn, int] = {"correct": 70, "silent_failure": 10, "unknown": 20}
    turns = [turn for turn, count in turned.items() for _ in range(count)]
    trials = [trial(right=place < 70) for place in range(100)]
    model = CostModel(silent_failure=1.0)
    found = report(trials, LLM, model, turns=turns).components["silent_failure"]
    judged = report(trials[:80], LLM, model, turns=turns[:80]).components["silent_failure"]
    assert value(found) == pytest.approx(0.125)  # ten of the eighty that were judged
    assert found.low is not None
    assert found.high is not None
    assert judged.low is not None
    assert judged.high is not None
    assert found.low < 0.10 - 0.03
    assert found.high > 0.30 + 0.03  # all twenty of them wrong
    assert found.high > judged.high
    nobody = report(trials, LLM, model, turns=["unknown"] * 100)
    assert nobody.per_task.value is None
    assert nobody.note == "no reply could be judged, so what wrong answers cost is unknown"


def test_upkeep_is_shared_by_the_tasks_of_the_month() -> None:
    """A fine-tuned model that is cheap by the token is not the cheapest for that."""
    tuned = replace(LLM, upkeep=Upkeep(monthly=100, once=2_400, months=12, hours=4, hourly=75))
    found = report([trial()] * 4, tuned, CostModel(monthly_volume=100_000))
    assert found.upkeep == 600.0
    assert value(found.components["upkeep"]) == pytest.approx(0.006)
    assert value(found.per_task) == pytest.approx(0.0028 + 0.006)
    assert value(found.per_month) == pytest.approx(280 + 600)


def test_without_a_volume_upkeep_is_in_no_cost_of_a_task() -> None:
    tuned = replace(LLM, upkeep=Upkeep(monthly=100))
    found = report([trial()] * 4, tuned)
    assert (found.upkeep, found.per_month) == (100.0, None)
    assert value(found.per_task) == pytest.approx(0.0028)


def test_at_a_stated_volume_idle_hours_of_a_machine_are_paid_for() -> None:
    """By its rate a task takes a tenth of a cent; of a machine that stands idle it takes all."""
    own = replace(LLM, price=None, infrastructure=Infrastructure(hourly=1.0, tasks_per_hour=1000.0))
    rare = report([trial()] * 4, own, CostModel(monthly_volume=730))
    busy = report([trial()] * 4, own, CostModel(monthly_volume=730_000))
    assert value(report([trial()] * 4, own).per_task) == pytest.approx(0.001)
    assert [value(each.per_task) for each in (rare, busy)] == pytest.approx([1.0, 0.001])
    assert [value(each.per_month) for each in (rare, busy)] == pytest.approx([730.0, 730.0])


@pytest.fixture
def everything() -> CostReport:
    """Return the cost of ten tasks with every component."""
    candidate = replace(
        LLM,
        price=Price(input=2.0, output=8.0, cached=0.5, source="our contract", date="2026-11-01"),
        infrastructure=Infrastructure(hourly=1.0, tasks_per_hour=1_000, utilisation=0.5),
        upkeep=Upkeep(monthly=50.0),
    )
    model = CostModel(
        review=(TWO_DOLLARS,),
        monthly_volume=1_000_000,
        calls=(ProductionCall(name="guard", usd=0.001),),
        silent_failure=0.4,
    )
    one = call(10_000, 1_000, cached=2_000)  # 0.016 + 0.001 + 0.008 = 0.025
    trials = [
        *[trial(one)] * 7,
        trial(replace(one, error="malformed"), replace(one, started=3.0)),  # 0.050, of which 0.025 a retry
        trial(one, right=False),  # + 0.4
        trial(one, right=False, confidence=0.1),  # + 2.0
    ]
    return report(trials, candidate, model)


def test_everything_at_once_adds_up_to_the_cent(everything: CostReport) -> None:
    assert {name: round(value(each), 9) for name, each in everything.components.items()} == {
        "tokens": 0.0275,
        "infrastructure": 0.00219,
        "calls": 0.001,
        "review": 0.2,
        "labour": 0.0,
        "silent_failure": 0.04,
        "upkeep": 0.00005,
    }
    assert value(everything.per_task) == pytest.approx(0.27074)
    assert value(everything.per_success) == pytest.approx(2.7074 / 8)
    assert value(everything.retries) == pytest.approx(0.0025)
    # A million tasks are 1,369.9 an hour, at 500 of a machine three of them: 2,190; 268,500 that grow, and 50.
    assert everything.machines == 3
    assert round(value(everything.per_month), 2) == 268_500 + 2_190 + 50
    assert value(everything.per_task) * 1_000_000 == pytest.approx(value(everything.per_month))
    assert (everything.price_source, everything.price_date) == ("our contract", "2026-11-01")


def test_every_figure_has_an_interval_around_it(everything: CostReport) -> None:
    figures = (everything.per_task, everything.per_success, everything.per_month, everything.retries)
    for each in (*figures, *everything.components.values(), *everything.token_parts.values()):
        assert each is not None
        assert each.low is not None
        assert each.high is not None
        assert each.low <= value(each) + 1e-12
        assert value(each) <= each.high + 1e-12


def test_repeats_of_a_case_are_one_case() -> None:
    found = report(
        [trial(call(1_000, 0)), trial(call(3_000, 0)), trial(call(5_000, 0)), trial(call(7_000, 0))],
        repeats=2,
    )
    assert found.per_task.n == 2
    assert value(found.per_task) == pytest.approx(0.008)


def test_the_work_of_people_is_what_is_stated_and_so_are_their_errors() -> None:
    person = Candidate(
        name="manual",
        provider="baseline",
        kind="manual",
        manual=ManualProcess(minutes=2, hourly=30, error_rate=0.04),
    )
    empty = Sheet(person, Layout(cases=3, repeats=1, binary={"accuracy": True})).measured()
    found = stated_costs(empty, CostModel(silent_failure=5.0, monthly_volume=1_000))
    assert value(found.per_task) == pytest.approx(1.0 + 0.2)
    assert value(found.per_success) == pytest.approx(1.25)
    assert value(found.per_month) == pytest.approx(1_200)
    silent = replace(person, manual=ManualProcess(minutes=2, hourly=30))
    unknown = stated_costs(Sheet(silent, empty.layout).measured(), CostModel(silent_failure=5.0))
    assert unknown.per_task.value is None
    assert value(unknown.components["labour"]) == pytest.approx(1.0)
