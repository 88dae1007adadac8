"""An endpoint that lets 600 requests a minute through: they are used, and hardly one is refused."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.slow.engine_runs import cases_of, whole_run

from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import ConstantLatency, RateLimits
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.adapters.simulator.truth import Served
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Reply

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

PER_SECOND = 10
BURST = 20
CASES = 320
SETTLED = 10.0
"""Seconds after which hardly a request may be refused any more."""


def candidate(simulator: Simulator, name: str) -> Candidate:
    return Candidate(name=name, provider="openai", model=name, endpoint=simulator.base_url, concurrency=16)


def models(*, headers: bool) -> list[SimulatedModel]:
    limits = RateLimits(requests_per_minute=60 * PER_SECOND, burst=BURST, headers=headers)
    answers, latency = Constant("yes"), ConstantLatency(seconds=0.05)
    return [
        SimulatedModel(name="limited", answers=answers, latency=latency, limits=limits),
        SimulatedModel(name="open", answers=answers, latency=latency),
    ]


def of(served: Sequence[Served], model: str) -> list[Served]:
    return sorted((call for call in served if call.model == model), key=lambda call: call.received)


def span(calls: Sequence[Served]) -> float:
    return max(call.ended or 0.0 for call in calls) - calls[0].received


@pytest.mark.parametrize("headers", [True, False], ids=["it says so", "it only refuses"])
def test_the_allowed_rate_is_used_hardly_anything_is_refused_and_others_are_not_slowed(
    tmp_path: Path, *, headers: bool
) -> None:
    with SimulatorThread(Simulator(models(headers=headers), seed=3)) as simulator:
        alone = candidate(simulator, "open")
        whole_run(tmp_path / "alone.db", [alone], cases_of(CASES))
        undisturbed = span(of(simulator.truth, "open"))
        simulator.truth.clear()
        both = [candidate(simulator, "limited"), alone]
        end, trials = whole_run(tmp_path / "both.db", both, cases_of(CASES))
        served = list(simulator.truth)

    assert end.status == "complete"
    assert all(isinstance(trial.outcome, Reply) for own in trials.values() for trial in own)
    limited = of(served, "limited")
    let_through = sum(call.status == 200 for call in limited)
    allowed = BURST + PER_SECOND * span(limited)
    assert let_through >= 0.95 * min(allowed, CASES + PER_SECOND), (let_through, allowed)
    late = [call for call in limited if call.received >= limited[0].received + SETTLED]
    refused = sum(call.status == 429 for call in late) / len(late)
    assert refused < 0.02, f"{refused:.1%} of {len(late)}"
    together = span(of(served, "open"))
    assert together <= 1.5 * undisturbed, (
        f"{together:.2f} s beside the limited one, {undisturbed:.2f} s alone"
    )
