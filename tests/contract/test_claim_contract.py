"""What every store keeps to as a `ClaimStore`: who makes which trial."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.ports import LEASE, Claim
from passmuster.records.trial import Attempt, Failure, Reply, Source, Trial, TrialKey

Opener = Callable[[], AbstractContextManager[SqliteStore]]

NOW = 1_700_000_000.0
KEYS = [TrialKey(f"case {number}", "candidate", 0) for number in range(4)]
WANTED = [Claim(key, 0.25) for key in KEYS]

WORKER = """
import sys
from pathlib import Path
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.ports import Claim
from passmuster.records.trial import TrialKey

run, first, last, at_a_time, reserved = sys.argv[2], *map(int, sys.argv[3:6]), float(sys.argv[6])
wanted = [Claim(TrialKey(f"case {n}", "candidate", 0), reserved) for n in range(first, last)]
with SqliteStore(Path(sys.argv[1])) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for start in range(0, len(wanted), at_a_time):
        batch = wanted[start:start + at_a_time]
        for claim, answer in zip(batch, store.claim(run, batch, 1_700_000_000.0)):
            print(claim.key.case, answer)
    print("end", flush=True)
    sys.stdin.readline()
"""


def made(key: TrialKey, outcome: Reply | Failure | None = None, source: Source = "measured") -> Trial:
    attempts = (Attempt(started=1.0, cost=0.5), Attempt(started=2.0, at_risk=0.125))
    return Trial(key=key, case_id="1", outcome=outcome or Reply(text="x"), attempts=attempts, source=source)


FAILURE = Failure(kind="timeout", message="late")


class Worker:
    """Another process that claims cases `first` to `last` for a run and stays alive until it is told to end."""

    def __init__(self, path: Path, run: str, *numbers: float) -> None:
        command = [sys.executable, "-c", WORKER, str(path), run, *map(str, numbers)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def tell(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")

    def hear(self, until: str) -> list[str]:
        assert self.process.stdout is not None
        return [line.strip() for line in iter(self.process.stdout.readline, until + "\n")]


@contextmanager
def worker(path: Path, run: str, *numbers: float) -> Iterator[Worker]:
    working = Worker(path, run, *numbers)
    with working.process:
        try:
            working.hear("ready")
            yield working
        finally:
            working.process.kill()


@pytest.fixture
def path(store: SqliteStore) -> Path:
    return store._path


def test_what_nobody_has_is_granted_and_then_taken_for_others(store: SqliteStore) -> None:
    assert store.claim("one", WANTED[:2], NOW) == ["granted", "granted"]
    assert store.claim("two", WANTED[:3], NOW) == ["taken", "taken", "granted"]


def test_a_run_may_claim_again_what_it_has(store: SqliteStore) -> None:
    store.claim("one", WANTED, NOW)

    assert store.claim("one", [WANTED[0], WANTED[0]], NOW) == ["granted", "granted"]
    assert store.claim("one", [], NOW) == []


def test_what_is_stored_is_done_for_everybody(store: SqliteStore) -> None:
    store.append("one", [made(KEYS[0]), made(KEYS[1], FAILURE)])

    assert store.claim("one", WANTED[:3], NOW) == ["done", "done", "granted"]
    assert store.claim("two", WANTED[:2], NOW) == ["done", "done"]


def test_a_failure_may_be_made_again_where_failures_do_not_count(store: SqliteStore) -> None:
    store.append("one", [made(KEYS[0]), made(KEYS[1], FAILURE)])

    assert store.claim("two", WANTED[:2], NOW, failures=False) == ["done", "granted"]
    assert store.claim("three", WANTED[:2], NOW, failures=False) == ["done", "taken"]


def test_another_repeat_case_or_candidate_is_another_trial(store: SqliteStore) -> None:
    store.claim("one", [Claim(TrialKey("a", "b", 0))], NOW)
    others = [TrialKey("a", "b", 1), TrialKey("x", "b", 0), TrialKey("a", "x", 0)]

    assert store.claim("two", [Claim(key) for key in others], NOW) == ["granted"] * 3


def test_storing_a_trial_ends_the_claim_of_its_run_only(store: SqliteStore) -> None:
    store.claim("one", WANTED[:2], NOW)
    store.append("two", [made(KEYS[0], FAILURE)])
    assert store.claim("three", WANTED[:1], NOW, failures=False) == ["taken"]

    store.append("one", [made(KEYS[0], FAILURE)])
    assert store.claim("three", WANTED[:2], NOW, failures=False) == ["granted", "taken"]


def test_what_another_run_stored_first_stays_at_risk_for_the_one_that_was_late(store: SqliteStore) -> None:
    store.claim("late", WANTED[:1], NOW)
    store.claim("first", WANTED[:1], NOW + LEASE)
    store.append("first", [made(KEYS[0])])
    store.append("late", [made(KEYS[0])])
    store.release("late")

    assert len(list(store.trials(["candidate"]))) == 1
    assert store.spent(["first"]) == (0.5, 0.125)
    assert store.spent(["late"]) == (0.0, 0.25)


def test_a_trial_is_stored_whoever_has_claimed_it(store: SqliteStore) -> None:
    store.claim("one", WANTED, NOW)
    store.append("two", [made(key) for key in KEYS])

    assert store.done(["candidate"]) == set(KEYS)


def test_a_claim_ends_with_its_lease(store: SqliteStore) -> None:
    store.claim("one", WANTED[:1], NOW)

    assert store.claim("two", WANTED[:1], NOW + LEASE - 1) == ["taken"]
    assert store.claim("two", WANTED[:1], NOW + LEASE) == ["granted"]


def test_a_renewed_claim_lasts_longer(store: SqliteStore) -> None:
    store.claim("one", WANTED[:1], NOW)
    store.claim("two", WANTED[1:2], NOW)
    store.renew("one", NOW + 30)

    assert store.claim("three", WANTED[:2], NOW + LEASE + 29) == ["taken", "granted"]


def test_what_a_living_process_claimed_is_taken_though_its_lease_looks_over(
    store: SqliteStore, path: Path
) -> None:
    # The machine slept for an hour after it began, and the clock of its run stood still.
    with worker(path, "asleep", 0, 2, 2, 0.25) as other:
        other.tell()
        assert other.hear("end") == ["case 0 granted", "case 1 granted"]
        assert store.claim("two", WANTED[:3], NOW + 3600) == ["taken", "taken", "granted"]


def test_what_a_process_that_cannot_be_seen_claimed_is_taken_until_its_lease_is_over(
    store: SqliteStore, path: Path
) -> None:
    store.claim("elsewhere", WANTED[:1], NOW)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE claimants SET process = 'another-machine 1 2'")

    assert store.claim("two", WANTED[:1], NOW + LEASE - 1) == ["taken"]
    assert store.claim("two", WANTED[:1], NOW + LEASE) == ["granted"]


def test_what_is_released_may_be_made_by_others(store: SqliteStore) -> None:
    store.claim("one", WANTED, NOW)
    store.release("one", KEYS[:1])
    assert store.claim("two", WANTED[:2], NOW) == ["granted", "taken"]

    store.release("one", KEYS[1:])
    assert store.claim("three", WANTED, NOW) == ["taken", "granted", "granted", "granted"]
    assert store.spent(["one"]) == (0.0, 0.0)


def test_a_run_that_is_over_holds_nothing_and_what_it_reserved_is_at_risk(store: SqliteStore) -> None:
    store.claim("one", [*WANTED[:2], Claim(KEYS[2]), Claim(KEYS[3], 0.0)], NOW)
    store.claim("two", [Claim(TrialKey("another", "candidate", 0), 1.0)], NOW)
    store.release("one")

    assert store.claim("three", WANTED, NOW) == ["granted"] * 4
    assert store.spent(["one"]) == (0.0, 0.5)
    assert store.spent(["two", "three"]) == (0.0, 0.0)


def test_a_run_is_alive_while_its_process_is_and_not_for_what_it_left_at_risk(
    store: SqliteStore, path: Path
) -> None:
    store.claim("here", WANTED[:1], NOW)
    store.claim("over", WANTED[1:2], NOW)
    store.release("over")
    with worker(path, "killed", 2, 4, 1, 0.25) as other:
        other.tell()
        other.hear("end")
        assert store.alive(["here", "over", "killed", "unknown"], NOW) == {"here", "killed"}
    assert store.alive(["here", "over", "killed"], NOW) == {"here"}


def test_a_process_that_cannot_be_seen_is_alive_until_its_lease_is_over(
    store: SqliteStore, path: Path
) -> None:
    store.claim("elsewhere", WANTED[:1], NOW)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE claimants SET process = 'another-machine 1 2'")

    assert store.alive(["elsewhere"], NOW + LEASE - 1) == {"elsewhere"}
    assert store.alive(["elsewhere"], NOW + LEASE) == set()
    assert store.spent(["elsewhere"]) == (0.0, 0.25)


def test_money_is_that_of_measured_calls_of_the_runs_asked_for(store: SqliteStore) -> None:
    store.append("one", [made(KEYS[0]), made(KEYS[1], FAILURE)])
    store.append("two", [made(KEYS[2])])
    store.append("three", [made(KEYS[3], source="cached")])

    assert store.spent(["one"]) == (1.0, 0.25)
    assert store.spent(["one", "two", "three", "unknown"]) == (1.5, 0.375)
    assert store.spent([]) == (0.0, 0.0)


def test_money_of_a_take_that_was_made_again_counts_too(store: SqliteStore) -> None:
    store.append("one", [made(KEYS[0], FAILURE)])
    store.append("one", [made(KEYS[0])])

    assert store.spent(["one"]) == (1.0, 0.25)


def test_money_is_told_apart_by_candidate(store: SqliteStore) -> None:
    store.append("one", [made(KEYS[0]), made(TrialKey("case 0", "other", 0))])

    assert store.spent(["one"], "other") == (0.5, 0.125)
    assert store.spent(["one"]) == (1.0, 0.25)


def test_what_the_living_have_reserved_is_not_at_risk(store: SqliteStore) -> None:
    store.claim("one", WANTED, NOW)

    assert store.spent(["one"]) == (0.0, 0.0)


def test_the_claims_of_a_killed_process_are_granted_at_once_and_stay_at_risk(
    store: SqliteStore, path: Path
) -> None:
    with worker(path, "killed", 0, 2, 1, 0.25) as other:
        other.tell()
        assert other.hear("end") == ["case 0 granted", "case 1 granted"]
        assert store.claim("two", WANTED[:3], NOW) == ["taken", "taken", "granted"]
        assert store.spent(["killed"]) == (0.0, 0.0)

        other.process.kill()
        # Not waited for yet: a dead child that is still listed is dead nevertheless.
        deadline = time.monotonic() + 30
        while "taken" in (answers := store.claim("two", WANTED[:2], NOW)) and time.monotonic() < deadline:
            time.sleep(0.01)

    assert answers == ["granted", "granted"]
    assert store.claim("three", WANTED[:2], NOW) == ["taken", "taken"]
    store.append("two", [made(KEYS[0])])
    assert store.spent(["killed"]) == (0.0, 0.5)
    assert store.spent(["killed", "two"]) == (0.5, 0.625)
    assert store.spent(["killed"], "other") == (0.0, 0.0)


def test_of_a_dead_process_only_what_it_reserved_is_kept(store: SqliteStore, path: Path) -> None:
    for run, reserved in (("paying", 0.25), ("free", 0.0)):
        with worker(path, run, 0, 2, 2, reserved) as other:
            other.tell()
            other.hear("end")
    store.claim("two", [Claim(KEYS[2])], NOW)
    store.release("two")

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT run, process FROM claimants").fetchall() == [("paying", "")]
        assert connection.execute("SELECT count(*) FROM claims").fetchall() == [(2,)]
    assert store.spent(["paying"]) == (0.0, 0.5)


def test_of_several_processes_exactly_one_is_granted_each_trial(store: SqliteStore, path: Path) -> None:
    number = 600
    with (
        worker(path, "a", 0, number, 7, 0) as a,
        worker(path, "b", 0, number, 64, 0) as b,
        worker(path, "c", 0, number, 1, 0) as c,
    ):
        workers = [a, b, c]
        for each in workers:
            each.tell()
        heard = [each.hear("end") for each in workers]
        granted = [line.removesuffix(" granted") for lines in heard for line in lines if "granted" in line]

        assert sorted(granted) == sorted(f"case {each}" for each in range(number))
        assert [len(lines) for lines in heard] == [number] * 3
        assert set(store.claim("d", WANTED, NOW)) == {"taken"}
