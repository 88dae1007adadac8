"""Fifty kills of one run of the installed command: what each of them loses, held against the truth of the endpoint."""

import logging
import random
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.served import Endpoint, is_whole, project, rows, run, simulator, start, stored, wait_for

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.simulator.truth import Served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TRIALS = 5_000
KILLS = 50
IN_FLIGHT = 64
SERVICE = (0.15, 0.25)
"""Seconds of an answer."""
FURTHEST = 220
"""Requests of a life after which it is killed at the latest: fifty lives must not reach the end."""
RECENT = 0.1
"""Seconds that a finished reply may take to be durable."""
MODEL = (
    "{name: m, answers: {kind: constant, text: 'yes'},"
    f" latency: {{kind: uniform, low: {SERVICE[0]}, high: {SERVICE[1]}}}}}"
)


class Starvation:
    """How long the threads of a process had to wait for a processor: time in which they could store nothing."""

    def __init__(self, process: int, now: Callable[[], float]) -> None:
        self._tasks = Path(f"/proc/{process}/task")
        self._now = now
        self._seen: deque[tuple[float, float]] = deque(maxlen=1000)

    def look(self) -> float:
        """Return the seconds so far; 0.0 where the system does not tell."""
        waited = 0.0
        for path in self._tasks.glob("*/schedstat"):
            try:
                waited += int(path.read_text().split()[1]) / 1e9
            except (OSError, IndexError):
                continue
        self._seen.append((self._now(), waited))
        return waited

    def lately(self, seconds: float) -> float:
        """Return the seconds of waiting within the last seconds."""
        waited = self.look()
        since = self._now() - seconds
        return waited - max((before for moment, before in self._seen if moment <= since), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """A life of the run and its end: what was asked, and what was stored before and after.

    `starved` is for how many seconds before the end the machine had no processor for it.
    """

    at: float
    starved: float
    asked: Sequence[Served]
    before: frozenset[str]
    after: frozenset[str]

    @property
    def trials(self) -> list[str]:
        return [str(served.trial) for served in self.asked]

    @property
    def lost(self) -> set[str]:
        """What has to be asked again."""
        return set(self.trials) - self.after

    @property
    def unfinished(self) -> int:
        """How many requests the endpoint had not finished writing."""
        return sum(served.last_byte is None or served.last_byte > self.at for served in self.asked)

    @property
    def recent(self) -> int:
        """How many replies it had finished a moment ago."""
        ends = [served.last_byte for served in self.asked if served.last_byte is not None]
        return sum(self.at - RECENT - self.starved < end <= self.at for end in ends)

    @property
    def slowest(self) -> float:
        """How many seconds before the kill the oldest reply that was lost had been written."""
        ends = [served.last_byte for served in self.asked if str(served.trial) in self.lost]
        return max((self.at - end for end in ends if end is not None), default=0.0)


def killed(folder: Path, endpoint: Endpoint, chance: random.Random, now: Callable[[], float]) -> Kill:
    """Start the run, kill it at a random moment, and look at what it leaves."""
    asked, before = endpoint.begun, frozenset(stored(folder))
    moment = asked + chance.randint(1, FURTHEST)
    child = start(folder, "run", "--quiet")
    starvation = Starvation(child.pid, now)
    wait_for(lambda: starvation.look() >= 0 and endpoint.begun >= moment)
    time.sleep(chance.uniform(0, SERVICE[1]))
    starved = starvation.lately(2 * RECENT)
    at = now()
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=60)
    wait_for(lambda: endpoint.open == 0)
    truth, after = endpoint.truth()[asked:], frozenset(stored(folder))
    return Kill(at=at, starved=starved, asked=truth, before=before, after=after)


def test_fifty_kills_lose_what_was_in_flight_and_the_last_tenth_of_a_second(tmp_path: Path) -> None:
    chance = random.Random(20261121)  # noqa: S311 - moments of a test
    now = MonotonicClock().now
    with simulator(tmp_path, MODEL) as endpoint:
        asked = f"base_url: '{endpoint.base_url}', concurrency: {IN_FLIGHT}"
        folder = project(tmp_path / "project", TRIALS, f"{{name: m, provider: openai, model: m, {asked}}}")
        kills = [killed(folder, endpoint, chance, now) for _ in range(KILLS)]
        end = run(folder)
        total = endpoint.begun

    again = [len(kill.lost) for kill in kills]
    allowed = [kill.unfinished + kill.recent for kill in kills]
    slowest = [round(max(kill.slowest for kill in kills), 3), round(max(kill.starved for kill in kills), 3)]
    figures = list(zip(again, allowed, strict=True))
    logging.getLogger(__name__).info(
        "asked again, of: %s; oldest lost reply, and starved, s: %s", figures, slowest
    )
    assert all(number <= most for number, most in figures), (figures, slowest)
    assert sum(bool(kill.recent) for kill in kills) > KILLS / 4, "hardly any reply had just been written"
    # Nothing that was stored is asked again, whatever was killed when.
    assert total == TRIALS + sum(again)
    assert all(not kill.before & set(kill.trials) and kill.before <= kill.after for kill in kills)
    kept = kills[-1].after
    assert KILLS < len(kept) < TRIALS, "the kills came too early or too late"
    assert (end["status"], end["asked"], end["reused"]) == ("complete", TRIALS - len(kept), len(kept))
    assert rows(folder, "SELECT count(*), count(DISTINCT case_id), max(take) FROM trials") == [
        (TRIALS, TRIALS, 0)
    ]
    assert rows(folder, "SELECT count(*) FROM attempts") == [(TRIALS,)]
    assert rows(folder, "SELECT DISTINCT kind, text FROM trials") == [("reply", "yes")]
    assert is_whole(folder)
    comes_first(kills)


def comes_first(kills: Sequence[Kill]) -> None:
    """Check that what the dead had claimed is asked at once: nobody waits for their leases."""
    known: set[str] = set()
    looked_at = 0
    for kill in kills:
        left = known - kill.before
        if left and len(kill.asked) >= len(left) + IN_FLIGHT:
            looked_at += 1
            assert left <= set(kill.trials)
        known |= set(kill.trials)
    assert looked_at > KILLS / 5
