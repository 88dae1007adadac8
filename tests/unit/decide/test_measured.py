"""What enters which figure: sources, retries, calls inside a pipeline, cases that are withheld, repeats."""

import numpy as np
import pytest

from passmuster.decide.costs.report import cost_report
from passmuster.decide.estimates import failure_report, latency_report
from passmuster.decide.measured import Layout, Measured
from passmuster.decide.pricing.trial import trial_cost
from passmuster.decide.rates import metric_difference, metric_estimate
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate, Price
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.task import CostModel, Success
from passmuster.records.trial import Attempt, Failure, Outcome, Reply, Source, Trial, TrialKey, Usage

CANDIDATE = Candidate(name="a", provider="openai", model="a", price=Price(input=1.0, output=1.0))
CASE = Case(id="1", input="x")
USAGE = Usage(input=600_000, output=400_000)
YES = Reply(text="yes")


def trial(
    seconds: float, source: Source = "measured", *, outcome: Outcome = YES, attempts: tuple[Attempt, ...] = ()
) -> Trial:
    made = attempts or (Attempt(started=0.0, seconds=seconds, usage=USAGE, in_flight=1),)
    return Trial(key=TrialKey("d", "a", 0), case_id="1", outcome=outcome, attempts=made, source=source)


def laid_out(*trials: Trial | None, repeats: int = 1, withheld: list[bool] | None = None) -> Measured:
    layout = Layout(cases=len(trials) // repeats, repeats=repeats, binary={"accuracy": repeats == 1})
    held = None if withheld is None else np.array(withheld)
    sheet = Sheet(CANDIDATE, layout, withheld=held)
    for cell, each in enumerate(trials):
        if each is not None:
            scores = {"accuracy": Score(value=1.0)} if isinstance(each.outcome, Reply) else {}
            sheet.enter(cell, each, scores, trial_cost(CANDIDATE, CASE, each, None))
    return sheet.measured()


def test_replies_from_the_cache_stay_out_of_the_times_but_not_out_of_the_cost() -> None:
    loaded = Attempt(started=0.0, seconds=9.0, usage=USAGE, in_flight=50, gaps=(7.0,))
    fresh = Attempt(started=0.0, seconds=1.0, usage=USAGE, in_flight=2, gaps=(0.5, 0.5))
    measured = laid_out(
        *[trial(1.0, attempts=(fresh,))] * 60, *[trial(9.0, "cached", attempts=(loaded,))] * 40
    )
    report = latency_report(measured)
    assert (report.p50.value, report.p95.value, report.p95.n, report.p95.n_missing) == (1.0, 1.0, 60, 40)
    assert (report.load.source, report.load.mean_in_flight, report.load.max_in_flight) == ("measured", 2.0, 2)
    assert (report.replies, report.cached) == (100, 40)
    assert report.gaps is not None
    assert report.gaps.n == 120
    cost = cost_report(measured, Success(metric="accuracy"), CostModel())
    assert (cost.per_task.value, cost.per_task.n) == (1.0, 100)
    assert measured.over(5.0)[:60].tolist() == [0.0] * 60
    assert np.isnan(measured.over(5.0)[60:]).all()


def test_where_all_replies_are_from_the_cache_their_times_are_those_of_the_original_calls() -> None:
    report = latency_report(
        laid_out(*[trial(9.0, "cached")] * 70, trial(1.0, outcome=Failure(kind="timeout", message="")))
    )
    assert (report.p95.value, report.load.source, report.cached) == (9.0, "cached", 70)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ("rrrssc", "recorded"),
        ("rssscc", "simulated"),
        ("rrsscc", "simulated"),
        ("mrrrrr", "measured"),
        ("cccccr", "recorded"),
    ],
)
def test_two_kinds_of_times_never_enter_one_figure(sources: str, expected: Source) -> None:
    names: dict[str, Source] = {"m": "measured", "r": "recorded", "s": "simulated", "c": "cached"}
    measured = laid_out(*(trial(float(place), names[letter]) for place, letter in enumerate(sources)))
    known = [float(place) for place, letter in enumerate(sources) if names[letter] == expected]
    seconds = measured.latencies()
    assert measured.source == expected
    assert seconds[~np.isnan(seconds)].tolist() == known


def test_retries_are_shown_beside_the_latency_that_they_are_part_of() -> None:
    failed = Attempt(started=10.0, seconds=0.5, error="rate_limit")
    good = Attempt(started=13.0, seconds=1.0, first_token=0.25, usage=USAGE)
    gone = trial(0.0, outcome=Failure(kind="timeout", message=""), attempts=(failed, failed))
    report = latency_report(laid_out(trial(0.0, attempts=(failed, good)), trial(2.0), trial(2.0), gone))
    assert report.retries is not None
    assert (report.retries.share, report.retries.attempts, report.retries.seconds) == (0.5, 1.5, 1.0)
    measured = laid_out(trial(0.0, attempts=(failed, good)))
    assert (measured.latencies().tolist(), measured.first_tokens().tolist()) == ([4.0], [3.25])


def test_calls_inside_a_pipeline_count_in_tokens_and_cost_and_not_in_the_times() -> None:
    outer = Attempt(started=10.0, seconds=3.0, in_flight=1, usage=None, cost=None, gaps=None)
    inner = Attempt(started=11.0, seconds=1.0, in_flight=9, within=0, usage=USAGE, gaps=(0.5,))
    measured = laid_out(trial(0.0, attempts=(outer, inner, inner)))
    report = latency_report(measured)
    assert measured.latencies().tolist() == [3.0]
    assert report.retries is not None
    assert (report.retries.share, report.retries.attempts, report.gaps) == (0.0, 1.0, None)
    assert report.load.max_in_flight == 1
    assert failure_report(measured, ("accuracy",)).retried == 0
    cost = cost_report(measured, Success(metric="accuracy"), CostModel())
    assert (cost.input_tokens, cost.output_tokens) == (1_200_000.0, 800_000.0)


def test_the_gaps_of_a_stream_that_broke_off_are_not_those_of_a_reply() -> None:
    broken = Attempt(started=0.0, seconds=1.0, error="connection", gaps=(9.0,))
    good = Attempt(started=2.0, seconds=1.0, gaps=(0.25,))
    gone = trial(0.0, outcome=Failure(kind="connection", message=""), attempts=(broken,))
    gaps = latency_report(laid_out(gone, trial(0.0, attempts=(broken, good)))).gaps
    assert gaps is not None
    assert gaps.n == 1
    assert gaps.p99 == pytest.approx(0.25, rel=0.0006)


def test_what_may_have_been_billed_beyond_the_account_is_summed_up() -> None:
    lost = Attempt(started=0.0, error="timeout", at_risk=0.25)
    failed = trial(0.0, outcome=Failure(kind="timeout", message=""), attempts=(lost, lost))
    assert cost_report(laid_out(failed, trial(1.0)), Success(metric="accuracy"), CostModel()).at_risk == 0.5


def test_cases_that_are_withheld_are_neither_failed_nor_missing() -> None:
    failed = trial(0.0, outcome=Failure(kind="timeout", message=""))
    measured = laid_out(trial(1.0), None, trial(1.0), failed, withheld=[False, False, True, True])
    assert (measured.n_withheld, int(measured.present.sum())) == (2, 1)
    estimate = metric_estimate(measured, "accuracy")
    assert (estimate.value, estimate.n, estimate.n_missing) == (1.0, 1, 1)
    assert failure_report(measured, ("accuracy",)).kinds == {}
    report = latency_report(measured)
    assert (report.p50.n, report.p50.n_missing) == (1, 1)
    cost = cost_report(measured, Success(metric="accuracy"), CostModel())
    assert (cost.per_task.n, cost.per_task.n_missing) == (1, 1)
    other = laid_out(*[trial(1.0)] * 4, withheld=[False, False, False, True])
    for gap in (
        metric_difference(measured, other, "accuracy"),
        metric_difference(other, measured, "accuracy"),
    ):
        assert (gap.n, gap.n_missing) == (1, 1)


def test_the_first_trial_of_a_cell_stays() -> None:
    sheet = Sheet(CANDIDATE, Layout(cases=1, repeats=1, binary={"accuracy": True}))
    for each in (trial(1.0), trial(2.0, outcome=Failure(kind="timeout", message=""))):
        sheet.enter(0, each, {}, trial_cost(CANDIDATE, CASE, each, None))
    measured = sheet.measured()
    assert (measured.latencies().tolist(), measured.account.asked, measured.account.kinds) == ([1.0], 1, {})


def test_repeats_of_a_case_are_one_figure_and_its_time_is_that_of_the_first_reply() -> None:
    failed = trial(0.0, outcome=Failure(kind="timeout", message=""))
    gone = trial(0.0, outcome=Failure(kind="not_recorded", message=""))
    measured = laid_out(failed, trial(2.0), trial(9.0), gone, gone, None, repeats=3)
    assert measured.failed[:1].tolist() == [pytest.approx(1 / 3)]
    assert measured.latencies()[:1].tolist() == [2.0]
    assert measured.over(5.0)[:1].tolist() == [pytest.approx(2 / 3)]
    assert measured.successes(Success(metric="accuracy"))[:1].tolist() == [pytest.approx(2 / 3)]
    assert measured.present.tolist() == [1.0, 0.0]
    assert np.isnan(measured.failed[1])
