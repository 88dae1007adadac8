"""A run against an endpoint that fails in every way: it ends, nothing is lost, and every attempt is accounted."""

import heapq
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.slow.engine_runs import cases_of, whole_run

from passmuster.adapters.providers.wire.call import Timeouts
from passmuster.adapters.providers.wire.wire import Connection
from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import ConstantLatency, Faults
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.adapters.simulator.truth import Served
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Reply, Trial
from passmuster.runner.retry import RetryPolicy
from passmuster.workflows.run import RunOptions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

TRIALS = 2000
SLOTS = 64
SERVICE = 0.05
PATIENCE = 4.0
"""Seconds after which a call that hangs is given up."""
MIX = Faults(
    rate_limit=0.10,
    retry_after=1.0,
    server_error=0.05,
    reset=0.01,
    hang=0.01,
    hang_seconds=60.0,
    truncated=0.02,
)
"""The faults of the engine's promise: a tenth is told to come back in a second, one in a hundred hangs for a minute."""


def makespan(served: Sequence[Served], slots: int) -> float:
    """Lay each trial's calls, and the waits that it was told, on the slots: what no client could do faster."""
    trials: dict[str, float] = {}
    for call in served:
        assert call.trial is not None
        busy = PATIENCE if call.fault == "hang" else SERVICE if call.status == 200 else 0.0
        waited = MIX.retry_after if call.fault == "rate_limit" else 0.0
        trials[call.trial] = trials.get(call.trial, 0.0) + busy + waited
    free = [0.0] * slots
    for seconds in trials.values():
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)


def test_faults_of_every_kind_lose_nothing_and_every_attempt_is_accounted(tmp_path: Path) -> None:
    model = SimulatedModel(
        name="m", answers=Constant("yes"), latency=ConstantLatency(seconds=SERVICE), faults=MIX
    )
    options = RunOptions(retry=RetryPolicy(attempts=12))
    connection = Connection(timeouts=Timeouts(attempt=PATIENCE))
    with SimulatorThread(Simulator([model], seed=11)) as simulator:
        candidate = Candidate(
            name="m", provider="openai", model="m", endpoint=simulator.base_url, concurrency=SLOTS
        )
        end, trials = whole_run(tmp_path / "s.db", [candidate], cases_of(TRIALS), options, connection)
        stored, served = trials["m"], list(simulator.truth)

    assert (end.status, end.asked, end.failed) == ("complete", TRIALS, 0)
    assert len({trial.key for trial in stored}) == len(stored) == TRIALS
    assert all(isinstance(trial.outcome, Reply) for trial in stored)
    assert accounted(stored) == truth(served)
    wall = end.ended - min(trial.attempts[0].started for trial in stored)
    fastest = makespan(served, SLOTS)
    assert wall <= 1.5 * fastest, f"{len(served)} calls in {wall:.1f} s, where {fastest:.1f} s were needed"


def accounted(stored: Sequence[Trial]) -> Counter[str]:
    """Count the attempts in the store by what happened."""
    kinds = Counter[str]()
    for trial in stored:
        for attempt in trial.attempts:
            kinds[f"{attempt.status or attempt.error}"] += 1
    return kinds


def truth(served: Sequence[Served]) -> Counter[str]:
    """Count what the endpoint did, in the words of a client that gives up a call after some seconds."""
    names = {"hang": "timeout", "reset": "connection"}
    return Counter(names.get(call.fault or "", str(call.status)) for call in served)
