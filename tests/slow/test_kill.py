"""SIGKILL at random moments of runs: nothing finished is asked again, and the rows end up the same."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from passmuster.records.candidate import Candidate, candidate_digest

CASES, CANDIDATES = 400, 2

CHILD = f"""
import asyncio, os, sys
from pathlib import Path
import numpy as np
from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import Task
from passmuster.records.trial import Attempt, Exchange, Failure, Reply, Usage
from passmuster.workflows.run import RunPorts, run

folder = Path(sys.argv[1])
log = os.open(folder / "asked.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
clock = MonotonicClock()

class Endpoint:
    source = "measured"
    def __init__(self, name):
        self.name = name
    async def ask(self, request):
        os.write(log, f"{{self.name}} {{request.case.id}} {{request.repeat}}\\n".encode())
        number = int(request.case.id)
        await asyncio.sleep(0.005 + 0.03 * (number % 7) / 7)
        failed = number % 11 == 0
        outcome = Failure(kind="bad_request", message="no") if failed else Reply(text=f"re: {{request.case.input}}")
        usage = None if failed else Usage(input=number, output=1)
        return Exchange(outcome, Attempt(started=clock.now(), seconds=0.01, status=200, usage=usage))
    async def close(self):
        pass

class Silent:
    def planned(self, total, reused): pass
    def reused(self, number): pass
    def finished(self, trial, cost): pass

cases = tuple(Case(id=str(n), input=f"text {{n // 2}}", reference=n) for n in range({CASES}))
candidates = [Candidate(name=f"m{{n}}", provider="openai", model=f"m{{n}}") for n in range({CANDIDATES})]
corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
with SqliteStore(folder / "store.sqlite") as store:
    print("open", flush=True)
    ports = RunPorts(trials=store, runs=store, clock=clock, progress=Silent(), uniform=np.random.default_rng(0))
    providers = {{candidate_digest(each): Endpoint(each.name) for each in candidates}}
    end = asyncio.run(run(Task(name="kill", metrics=()), corpus, candidates, providers, ports))
    print(end.status, flush=True)
"""

NAMES = {
    candidate_digest(Candidate(name="any", provider="openai", model=f"m{number}")): f"m{number}"
    for number in range(CANDIDATES)
}
TRIALS = (
    'SELECT candidate, "case", repeat, take, case_id, kind, text, rest, source FROM trials ORDER BY 1, 2, 3'
)
ATTEMPTS = (
    'SELECT candidate, "case", repeat, number, status, error, message, input_tokens, output_tokens'
    " FROM attempts JOIN trials ON trials.id = trial ORDER BY 1, 2, 3, 4"
)


def start(folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "open\n"
    return child


def finish(folder: Path) -> str:
    out, errors = start(folder).communicate(timeout=60)
    assert errors == ""
    return out.strip()


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    path = folder / "store.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def asked(folder: Path) -> list[str]:
    return [] if not (folder / "asked.log").exists() else (folder / "asked.log").read_text().splitlines()


def stored(folder: Path) -> set[str]:
    found = rows(folder, "SELECT candidate, case_id, repeat FROM trials")
    return {f"{NAMES[str(candidate)]} {case} {repeat}" for candidate, case, repeat in found}


@pytest.mark.slow
def test_a_run_that_is_killed_five_times_asks_nothing_again_that_it_stored(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert finish(whole) == "complete"
    left: list[int] = []
    for moment in np.random.default_rng().uniform(0.05, 0.18, size=5):
        child = start(killed)
        finished, before = stored(killed), len(asked(killed))
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=60)
        assert not finished & set(asked(killed)[before:]), f"killed after {moment:.3f} s"
        left.append(CASES * CANDIDATES - len(stored(killed)))
    finished, before = stored(killed), len(asked(killed))

    assert finish(killed) == "complete"

    assert not finished & set(asked(killed)[before:])
    assert 0 < left[-1] < CASES * CANDIDATES, f"the kills came too early or too late: {left}"
    for sql in (TRIALS, ATTEMPTS):
        assert rows(killed, sql) == rows(whole, sql)
    assert rows(killed, "PRAGMA integrity_check") == [("ok",)]
    assert len(rows(whole, TRIALS)) == CASES * CANDIDATES


@pytest.mark.slow
def test_control_c_stores_what_finished_and_the_same_command_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "interrupted"
    child = start(folder)
    time.sleep(0.2)
    child.send_signal(signal.SIGINT)
    out, errors = child.communicate(timeout=60)
    finished, before = stored(folder), len(asked(folder))

    assert (out.strip(), errors) == ("interrupted", "")
    assert len(finished) == before, "what was in flight had time to end"
    assert rows(folder, "SELECT status FROM run_ends") == [("interrupted",)]
    assert finish(folder) == "complete"
    assert not finished & set(asked(folder)[before:])
