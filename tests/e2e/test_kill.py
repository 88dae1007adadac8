"""SIGKILL at five random moments of a run of the installed command, each time started again."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from passmuster.adapters.simulator.models import build_model
from passmuster.adapters.simulator.profiles import ConstantAnswer, EndpointProfile, LognormalLatency
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).parent / "passmuster"
CASES = 300
IN_FLIGHT = 8
TIMES = ("latency", "generated", "load")


@pytest.fixture
def endpoint() -> Iterator[Simulator]:
    profile = EndpointProfile(
        name="steady", answers=ConstantAnswer(text="yes"), latency=LognormalLatency(median=0.05, sigma=0.3)
    )
    with SimulatorThread(Simulator([build_model(profile, references={}, recordings={})], seed=3)) as running:
        yield running


def _project(folder: Path, base_url: str) -> Path:
    folder.mkdir()
    cases = [
        {"id": str(n), "input": f"question {n}", "reference": "yes" if n % 3 else "no"} for n in range(CASES)
    ]
    (folder / "cases.jsonl").write_text("".join(f"{json.dumps(case)}\n" for case in cases), encoding="utf-8")
    (folder / "passmuster.yaml").write_text(
        "task: kill\ncorpus: cases.jsonl\nmetrics: [exact_match]\nbars: {exact_match: {at_least: 60 %}}\n"
        f'candidates:\n  - {{name: steady, provider: openai, model: steady, base_url: "{base_url}",'
        f" concurrency: {IN_FLIGHT}, prices: {{input: 1 USD, output: 2 USD}}}}\n",
        encoding="utf-8",
    )
    return folder


def _start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [COMMAND, "run", "--quiet"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _result(folder: Path) -> str:
    printed = subprocess.run(
        [COMMAND, "compare", "--json"], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    return json.dumps(_without_times(json.loads(printed.stdout)), indent=1)


def _without_times(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_times(item) for key, item in value.items() if key not in TIMES}
    if isinstance(value, list):
        return [_without_times(item) for item in value if not _tells_of_lag(item)]
    return value


def _tells_of_lag(value: object) -> bool:
    """Say whether this is the warning that a busy machine adds: it is a time, in words."""
    return isinstance(value, str) and "passmuster's own lag" in value


def test_after_five_kills_nothing_finished_is_asked_again_and_the_result_is_the_same(
    endpoint: Simulator, tmp_path: Path
) -> None:
    whole = _project(tmp_path / "whole", endpoint.base_url)
    assert _start(whole).wait(timeout=100) == 0
    assert len(endpoint.truth) == CASES

    killed = _project(tmp_path / "killed", endpoint.base_url)
    chance = random.Random(20261120)  # noqa: S311 - moments of a test
    lost = 0
    for _ in range(5):
        asked, stored = len(endpoint.truth), _stored(killed)
        moment = asked + chance.randint(1, 45)
        run = _start(killed)
        _wait_for(partial(_asked_more_than, endpoint, moment))
        run.send_signal(signal.SIGKILL)
        run.wait(timeout=10)
        time.sleep(0.5)  # the endpoint notes a request when it is over
        lost += len(endpoint.truth) - asked - (_stored(killed) - stored)
    assert 0 < _stored(killed) < CASES, "no kill came in the middle of the run"
    assert _start(killed).wait(timeout=100) == 0

    # What was asked again is what was not stored at a kill, and nothing else.
    assert len(endpoint.truth) - CASES == CASES + lost
    assert _result(killed) == _result(whole)


def _asked_more_than(endpoint: Simulator, number: int) -> bool:
    return len(endpoint.truth) > number


def _wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end, "nothing was asked for 30 seconds"
        time.sleep(0.002)


def _stored(folder: Path) -> int:
    file = folder / ".passmuster" / "store.db"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM trials").fetchone()[0])
