"""Times as the endpoint itself wrote them down, request by request, at 200 requests a second."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.slow.engine_runs import cases_of

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.providers.openai.compatible import OpenAIProvider
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Reply, Trial
from passmuster.runner.engine import Desk, Lane, Sink, Tally, run_trials
from passmuster.runner.making import Asking
from passmuster.runner.plan import plan
from passmuster.runner.schedule import OpenLoop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

COMMAND = Path(sys.executable).parent / "passmuster"
RATE = 200.0
REQUESTS = 1600
TRIES = 3
"""Another program on the machine can only make the error larger, so the best of three runs is judged."""
ENDPOINTS = """\
seed: 5
endpoints:
  - name: m
    answers: {kind: constant, text: "one two three four five six seven eight nine ten eleven twelve"}
    latency:
      kind: paced
      first_token: {kind: lognormal, median: 0.08, sigma: 0.6}
      gap: {kind: lognormal, median: 0.01, sigma: 0.5}
"""


def measured(base_url: str) -> tuple[Tally, list[Trial]]:
    """Ask at given moments, whatever is still in flight."""
    candidate = Candidate(
        name="m", provider="openai", model="m", endpoint=base_url, parameters={"stream": True}
    )
    gaps = random.Random(2)  # noqa: S311 - arrivals
    arrivals = [0.0]
    while len(arrivals) < REQUESTS:
        arrivals.append(arrivals[-1] + gaps.expovariate(RATE))
    stored: list[Trial] = []

    async def go() -> Tally:
        clock = MonotonicClock()
        provider = OpenAIProvider(candidate, "key", clock)
        sink = Sink(append=lambda trials: None, stored=lambda trial, cost: stored.append(trial))
        desk = Desk(sink=sink, clock=clock, uniform=gaps)
        lane = Lane(
            asking=Asking(candidate=candidate, provider=provider),
            asks=plan(cases_of(REQUESTS), [candidate]),
            schedule=OpenLoop(arrivals, clock),
            ahead=REQUESTS,
        )
        try:
            return await run_trials([lane], desk)
        finally:
            await provider.close()

    return asyncio.run(go()), stored


def truths(path: Path) -> dict[str, tuple[float, float]]:
    """Return the seconds to the first token and to the last byte, by case, as the endpoint wrote them down."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("complete"):
            found[row["trial"]] = (row["first_byte"] - row["received"], row["last_byte"] - row["received"])
    return found


def quantile_errors(measured_: Sequence[float], true: Sequence[float]) -> list[float]:
    """Return the error of p50, p95 and p99, as a share of what is allowed: 2 ms, or 1% where that is more."""
    errors = []
    for p in (0.5, 0.95, 0.99):
        ours, theirs = (np.sort(values)[int(p * len(values))] for values in (measured_, true))
        errors.append(abs(ours - theirs) / max(0.002, 0.01 * theirs))
    return errors


def once(folder: Path) -> float:
    """Return the largest error of one run, as a share of what is allowed."""
    (folder / "endpoints.yaml").write_text(ENDPOINTS, encoding="utf-8")
    log = folder / "truth.jsonl"
    server = subprocess.Popen(
        [COMMAND, "simulate", "--endpoints", "endpoints.yaml", "--port", "0", "--truth", log, "--json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with server:
        assert server.stdout is not None
        text = ""
        while not text.rstrip().endswith("}"):
            line = server.stdout.readline()
            assert line, "the simulator ended before it said where it listens"
            text += line
        tally, stored = measured(json.loads(text)["base_url"])
        server.terminate()
    true = truths(log)
    assert tally.asked == REQUESTS
    assert all(isinstance(trial.outcome, Reply) for trial in stored)
    pairs = [(trial.first_token, trial.latency, *true[trial.case_id]) for trial in stored]
    first, whole, true_first, true_whole = (list(column) for column in zip(*pairs, strict=True))
    own = np.abs(np.array(whole, dtype=float) - np.array(true_whole, dtype=float))
    by_request = float(np.median(own)) / 0.002
    return max(*quantile_errors(first, true_first), *quantile_errors(whole, true_whole), by_request)


def test_first_token_and_end_to_end_agree_with_what_the_endpoint_wrote_down(tmp_path: Path) -> None:
    errors = []
    for number in range(TRIES):
        folder = tmp_path / str(number)
        folder.mkdir()
        errors.append(once(folder))
        if errors[-1] <= 1.0:
            break
    assert min(errors) <= 1.0, f"largest error as a share of the allowed 2 ms or 1%: {errors}"
