"""Few replies that take many times as long as most are named in the reason."""

from collections.abc import Callable

import pytest

from passmuster.decide.long_tail import Tail, long_tail
from passmuster.decide.matrix import Matrix
from passmuster.decide.measured import Measured
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison, LatencyReport, Load
from passmuster.records.corpus import CorpusVersion
from passmuster.records.score import Estimate
from passmuster.records.task import Bar, MetricSpec, Task

MakeMeasured = Callable[..., Measured]
SPEC = MetricSpec(name="accuracy", kind="exact_match")
TAIL = "its tail is long: half of its replies come within 0.4 s, but one in 100 takes 4 s or more (10 times as long)"
BRIEF = "long tail: p50 0.4 s, p99 4 s (10 times)"


def _compare(measured: Measured, *bars: Bar) -> Comparison:
    cases = tuple(Case(id=str(place), input=str(place), reference="x") for place in range(measured.cases))
    corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
    task = Task(name="t", metrics=(SPEC,), bars=bars)
    return Matrix(task, [build_metric(SPEC)], corpus, [measured]).comparison("2026-11-20T00:00:00Z")


def _with_a_tail(make_measured: MakeMeasured) -> Measured:
    return make_measured("a", [1.0] * 1000, seconds=[0.4] * 970 + [4.0] * 30)


def test_a_verdict_that_fails_by_the_tail_names_it(make_measured: MakeMeasured) -> None:
    """p50 400 ms, p99 4,000 ms: the mean, half a second, would pass."""
    found = _compare(_with_a_tail(make_measured), Bar(metric="latency_p99", at_most=1.0))
    assert found.candidates[0].verdict.status == "fail"
    assert found.candidates[0].verdict.reason == f"misses latency_p99 <= 1 s (4 s); {BRIEF}"
    assert found.candidates[0].verdict.sentence.endswith(f", and 1 s is the limit. I{TAIL[1:]}.")
    assert BRIEF in found.decision.reason


def test_a_candidate_that_is_chosen_in_spite_of_it_is_named_with_its_tail(
    make_measured: MakeMeasured,
) -> None:
    found = _compare(_with_a_tail(make_measured), Bar(metric="latency_p50", at_most=0.5))
    assert found.candidates[0].verdict.reason == f"meets every bar; {BRIEF}"
    assert found.decision.chosen == "a"
    assert found.decision.reason.endswith(f"Mind {TAIL}.")


@pytest.mark.parametrize(
    "seconds",
    [
        [0.4] * 1000,
        [0.4] * 600 + [1.5] * 400,  # four times
        [0.001] * 970 + [0.3] * 30,  # nobody waits for that
        [0.4] * 999 + [40.0],  # one in a thousand is no p99
    ],
)
def test_no_tail_is_seen_where_there_is_none(make_measured: MakeMeasured, seconds: list[float]) -> None:
    found = _compare(make_measured("a", [1.0] * 1000, seconds=seconds), Bar(metric="accuracy", at_least=0.5))
    assert found.candidates[0].verdict.reason == "meets every bar"


def test_few_replies_tell_of_the_slowest_twentieth(make_measured: MakeMeasured) -> None:
    found = _compare(
        make_measured("a", [1.0] * 150, seconds=[0.4] * 125 + [4.0] * 25),
        Bar(metric="accuracy", at_least=0.5),
    )
    assert "long tail: p50 0.4 s, p95 4 s (10 times)" in found.candidates[0].verdict.reason


def test_a_tail_that_may_be_chance_is_none() -> None:
    def estimate(value: float, low: float) -> Estimate:
        return Estimate(value=value, low=low, high=value)

    load = Load(source="measured", mean_in_flight=None, max_in_flight=None)
    middle = estimate(0.4, 0.4)

    def told(low: float) -> Tail | None:
        times = LatencyReport(
            p50=middle,
            p95=middle,
            p99=estimate(4.0, low),
            first_token_p50=None,
            first_token_p95=None,
            load=load,
        )
        return long_tail(times)

    assert told(0.6) is None
    assert told(2.0) == Tail(middle=0.4, slow=4.0, one_in=100)
