"""What every store keeps to as a `Cache`: replies of earlier runs by what was sent."""

from dataclasses import replace

import pytest

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.records.trial import Attempt, Failure, Reply, Source, Trial, TrialKey, Usage


def trial(case: str = "c", candidate: str = "d", repeat: int = 0, started: float = 5.0) -> Trial:
    return Trial(
        key=TrialKey(case, candidate, repeat),
        case_id=case,
        outcome=Reply(text=f"{case} {candidate} {repeat}", model="m"),
        attempts=(
            Attempt(started=started - 1, seconds=0.5, status=429, error="rate_limit"),
            Attempt(started=started, seconds=0.5, usage=Usage(input=3), cost=0.25, gaps=(0.1, 0.2)),
        ),
        request="what was sent",
    )


def test_a_reply_of_another_run_is_found_as_it_was_stored(store: SqliteStore) -> None:
    store.append("one", [trial()])

    assert store.recall("what was sent", 0, "two") == trial()


def test_a_run_does_not_find_its_own_replies(store: SqliteStore) -> None:
    store.append("one", [trial()])

    assert store.recall("what was sent", 0, "one") is None


def test_another_request_or_repeat_is_not_found(store: SqliteStore) -> None:
    store.append("one", [trial(), trial(repeat=2)])

    assert store.recall("something else", 0, "two") is None
    assert store.recall("what was sent", 1, "two") is None
    assert store.recall("what was sent", 2, "two") == trial(repeat=2)


@pytest.mark.parametrize("source", ["recorded", "simulated", "cached"])
def test_only_what_was_measured_is_kept(store: SqliteStore, source: Source) -> None:
    store.append("one", [replace(trial(), source=source)])

    assert store.recall("what was sent", 0, "two") is None


def test_failures_and_trials_without_request_are_not_kept(store: SqliteStore) -> None:
    failed = replace(trial("a"), outcome=Failure(kind="timeout", message="late"))
    store.append("one", [failed, replace(trial("b"), request=None)])

    assert store.recall("what was sent", 0, "two") is None
    assert store.prune() == 0


def test_a_reply_after_a_failure_is_kept(store: SqliteStore) -> None:
    store.append("one", [replace(trial(), outcome=Failure(kind="timeout", message="late"))])
    store.append("two", [trial()])

    assert store.recall("what was sent", 0, "three") == trial()


def test_of_several_candidates_the_newest_reply_wins(store: SqliteStore) -> None:
    store.append("one", [trial(candidate="a"), trial(candidate="b")])
    store.append("two", [trial(candidate="c")])

    assert store.recall("what was sent", 0, "three") == trial(candidate="c")


def test_a_trial_that_was_not_stored_is_not_kept(store: SqliteStore) -> None:
    store.append("one", [trial(started=5.0)])
    store.append("two", [trial(started=9.0)])

    assert store.recall("what was sent", 0, "three") == trial(started=5.0)


def test_what_was_asked_before_a_time_is_forgotten_and_the_trials_stay(store: SqliteStore) -> None:
    store.append("one", [trial(started=5.0), trial(repeat=1, started=9.0)])

    assert store.prune(9.0) == 1
    assert store.recall("what was sent", 0, "two") is None
    assert store.recall("what was sent", 1, "two") is not None
    assert store.prune() == 1
    assert store.prune() == 0
    assert len(list(store.trials(["d"]))) == 2


def test_what_was_forgotten_may_be_kept_again(store: SqliteStore) -> None:
    store.append("one", [trial()])
    store.prune()
    store.append("two", [trial("other")])

    assert store.recall("what was sent", 0, "three") == trial("other")
