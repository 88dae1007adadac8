"""Several `passmuster run` at once on one project: they share the work, and one that dies leaves it to the others."""

import json
import random
import signal
import subprocess
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.served import LONG, Endpoint, is_whole, project, rows, simulator, start, stored, wait_for

from passmuster.ports import LEASE

pytestmark = pytest.mark.slow

CASES = 600
MODEL = "{{name: {name}, answers: {{kind: constant, text: 'yes'}}, latency: {{kind: uniform, low: 0.05, high: 0.3}}}}"
NAMES = ("a", "b")


def shared(folder: Path, endpoint: Endpoint, cases: int = CASES) -> Path:
    asked = f"base_url: '{endpoint.base_url}', concurrency: 24"
    return project(folder, cases, *(f"{{name: {n}, provider: openai, model: {n}, {asked}}}" for n in NAMES))


def ends(processes: list[subprocess.Popen[str]], seconds: float = LONG) -> list[dict[str, Any]]:
    """Wait for all of them, and return how they say that they ended."""
    found = []
    for process in processes:
        out, errors = process.communicate(timeout=seconds)
        assert process.returncode == 0, errors
        found.append(json.loads(out))
    return found


def every_trial_is_stored_once(folder: Path, cases: int = CASES) -> None:
    assert rows(folder, "SELECT count(*), max(take) FROM trials") == [(cases * len(NAMES), 0)]
    assert rows(folder, "SELECT count(*) FROM claims") == [(0,)]
    assert is_whole(folder)


@pytest.mark.parametrize("number", [2, 4])
def test_processes_that_run_at_once_ask_every_trial_once_and_all_end_complete(
    number: int, tmp_path: Path
) -> None:
    with simulator(tmp_path, *(MODEL.format(name=name) for name in NAMES)) as endpoint:
        folder = shared(tmp_path / "project", endpoint)
        found = ends([start(folder, "run", "--json", "--quiet") for _ in range(number)])
        asked = endpoint.trials()

    assert Counter(asked).most_common(1)[0][1] == 1
    assert len(asked) == CASES * len(NAMES)
    every_trial_is_stored_once(folder)
    assert {end["status"] for end in found} == {"complete"}
    assert sum(end["asked"] for end in found) == len(asked)
    assert {end["asked"] + end["reused"] for end in found} == {len(asked)}
    assert all(end["asked"] > len(asked) / number / 4 for end in found), "one did nearly all of the work"


def test_processes_that_make_the_store_together_all_find_it_whole(tmp_path: Path) -> None:
    with simulator(tmp_path, *(MODEL.format(name=name) for name in NAMES)) as endpoint:
        folder = shared(tmp_path / "project", endpoint, cases=3)
        for _ in range(3):
            for file in (folder / ".passmuster").glob("store.db*"):
                file.unlink()
            ends([start(folder, "run", "--json", "--quiet") for _ in range(4)])
            every_trial_is_stored_once(folder, cases=3)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_killed_process_had_begun_the_other_one_finishes(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - moments of a test
    with simulator(tmp_path, *(MODEL.format(name=name) for name in NAMES)) as endpoint:
        folder = shared(tmp_path / "project", endpoint)
        both = [start(folder, "run", "--json", "--quiet") for _ in range(2)]
        wait_for(lambda: endpoint.begun > 0)
        wait_for(lambda: rows(folder, "SELECT count(DISTINCT process) FROM claimants") == [(2,)])
        moment = endpoint.begun + chance.randint(1, CASES // 2)
        wait_for(lambda: endpoint.begun >= moment)
        before = len(stored(folder))
        victim = both.pop(chance.randrange(2))
        victim.send_signal(signal.SIGKILL)
        victim.communicate(timeout=LONG)
        # A run of a few seconds: whoever waits for the lease of the dead is not there by then.
        (end,) = ends(both, seconds=0.8 * LEASE)
        asked = Counter(endpoint.trials())

    assert before < CASES * len(NAMES), "it was killed too late"
    assert rows(folder, "SELECT count(*), max(take) FROM trials") == [(CASES * len(NAMES), 0)]
    assert is_whole(folder)
    assert end["status"] == "complete"
    assert set(asked.values()) <= {1, 2}
    # What the dead one had in flight, and the replies that it could not store any more, are asked again.
    assert sum(times - 1 for times in asked.values()) <= 2 * 24 * len(NAMES)


def billed(endpoint: Endpoint) -> float:
    """Return what the endpoint bills: every answer that it began, whether anybody took it or not."""
    return sum(
        ((served.input_tokens or 0) + (served.output_tokens or 0)) * 1e-3 for served in endpoint.truth()
    )


def asked_so_often(endpoint: Endpoint, number: int, processes: list[subprocess.Popen[str]]) -> bool:
    return endpoint.begun >= number or all(process.poll() is not None for process in processes)


def test_a_budget_holds_for_processes_at_once_and_over_a_kill(tmp_path: Path) -> None:
    budget = 2.0
    with simulator(tmp_path, MODEL.format(name="a")) as endpoint:
        asked = f"base_url: '{endpoint.base_url}', concurrency: 24, prices: {{input: 1000, output: 1000}}"
        # A question has 2 or 3 tokens and its answer 1; nobody can know that before.
        candidate = f"{{name: a, provider: openai, model: a, {asked}, most_per_call: 0.02}}"
        folder = project(tmp_path / "project", CASES, candidate)
        arguments = ("run", "--json", "--quiet", "--budget", str(budget))
        for _ in range(3):
            both = [start(folder, *arguments) for _ in range(2)]
            wait_for(partial(asked_so_often, endpoint, endpoint.begun + 60, both))
            for each in both:
                each.send_signal(signal.SIGKILL)
                each.communicate(timeout=LONG)
        wait_for(lambda: endpoint.open == 0)
        end = start(folder, *arguments)
        out, _ = end.communicate(timeout=LONG)
        spent, told = billed(endpoint), json.loads(out)

    assert end.returncode == 4
    assert "its budget is used up" in told["stopped"]["a"]
    assert 0.2 * budget < spent <= budget
    assert len(stored(folder)) < CASES
