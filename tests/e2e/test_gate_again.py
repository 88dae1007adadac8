"""`passmuster gate` while it asks flipped cases again: killed, interrupted, and given again."""

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from tests.e2e.scripted import Answer, Scripted, reply, scripted
from tests.e2e.served import passmuster, project, rows, run, start, wait_for

pytestmark = pytest.mark.slow

CASES, WRONG = 60, 12


class Slow:
    """Answers at once while a project is run, and slowly while a gate asks; counts what each version was asked."""

    def __init__(self) -> None:
        self.wait = 0.0
        self.asked: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def answer(self, body: dict[str, Any]) -> Answer:
        question, model = str(body["messages"][-1]["content"]), str(body["model"])
        with self._lock:
            self.asked[model, question] += 1
        time.sleep(self.wait)
        is_wrong = model == "new" and int(question.rsplit(maxsplit=1)[-1]) < WRONG
        return reply("no" if is_wrong else "yes")


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def endpoint(slow: Slow) -> Iterator[Scripted]:
    with scripted(slow.answer) as serving:
        yield serving


def _asked_whole(folder: Path, endpoint: Scripted) -> Path:
    """Write a project of two versions, and ask both everything once."""
    where = f"base_url: '{endpoint.base_url}', concurrency: 2"
    made = project(
        folder,
        CASES,
        f"{{name: old, provider: openai, model: old, {where}}}",
        f"{{name: new, provider: openai, model: new, {where}}}",
        more="incumbent: old\n",
    )
    run(made)
    return made


def _fresh(folder: Path) -> int:
    ((number,),) = rows(folder, "SELECT count(*) FROM trials WHERE repeat > 0")
    return int(number)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_gate_that_dies_while_it_asks_again_goes_on_where_it_was(
    how: signal.Signals, slow: Slow, endpoint: Scripted, tmp_path: Path
) -> None:
    folder = _asked_whole(tmp_path, endpoint)
    slow.asked.clear()
    slow.wait = 0.15
    child = start(folder, "gate", "new", "--against", "old", "--json")
    wait_for(lambda: _fresh(folder) > 6)
    child.send_signal(how)
    _, errors = child.communicate(timeout=60)
    assert "Traceback" not in errors
    if how == signal.SIGINT:
        assert child.returncode == 130, errors
    kept, before = _fresh(folder), sum(slow.asked.values())
    slow.wait = 0.0
    done = passmuster(folder, "gate", "new", "--against", "old", "--json")
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert done.returncode == 1, done.stderr
    assert report["finding"] == "systematic"
    assert [flip["case"] for flip in report["flips"] if flip["regressed"]] == [
        f"{n:05}" for n in range(WRONG)
    ]
    whole = _fresh(folder)
    assert whole == 3 * WRONG * 2 + CASES - WRONG, (
        "each flip three times of both, the others of the old one once"
    )
    again = sum(slow.asked.values()) - before
    assert again == whole - kept, "nothing that was stored was asked again"
    assert sum(slow.asked.values()) - whole <= 4, (
        "only what was in flight was asked twice: two calls of each version"
    )
    assert passmuster(folder, "gate", "new", "--against", "old", "--json").returncode == 1
    assert sum(slow.asked.values()) == before + again
