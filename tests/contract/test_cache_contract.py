"""What every store keeps to as a `Cache`: replies of earlier runs by what was sent."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from passmuster.adapters.store import cached
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import StoreError
from passmuster.records.trial import Attempt, Failure, Reply, Source, Trial, TrialKey, Usage

Opener = Callable[[], AbstractContextManager[SqliteStore]]


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


def test_what_a_run_measured_itself_hides_what_an_earlier_one_had(store: SqliteStore) -> None:
    store.append("one", [trial(candidate="a")])
    store.append("two", [trial(candidate="b")])
    assert store.holds()

    assert store.recall("what was sent", 0, "two") is None
    assert store.recall("what was sent", 0, "three") == trial(candidate="b")


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


def test_what_was_forgotten_stays_forgotten(opener: Opener) -> None:
    with opener() as store:
        store.append("one", [trial(started=5.0), trial(repeat=1, started=9.0)])
    with opener() as store:
        assert store.prune(9.0) == 1
    with opener() as store:
        assert store.recall("what was sent", 0, "two") is None
        assert store.recall("what was sent", 1, "two") is not None
        assert store.prune() == 1
    with opener() as store:
        assert not store.holds()
        store.append("two", [trial("other", repeat=1)])
        assert store.recall("what was sent", 0, "three") is None
        assert store.recall("what was sent", 1, "three") == trial("other", repeat=1)


def test_whatever_was_stored_before_is_held(opener: Opener) -> None:
    with opener() as store:
        assert not store.holds()
        store.append("one", [trial()])
        assert store.holds()
    with opener() as store:
        assert store.holds()


def test_what_another_process_stored_is_found_after_the_next_append(opener: Opener) -> None:
    with opener() as mine, opener() as other:
        assert not mine.holds()
        mine.append("one", [replace(trial("mine"), request="mine")])
        other.append("two", [trial()])
        other.append("two", [replace(trial("b"), request="b")])
        mine.append("one", [replace(trial("more"), request="more")])

        assert mine.recall("what was sent", 0, "one") == trial()
        assert mine.recall("b", 0, "one") is not None
        assert mine.recall("more", 0, "one") is None
        assert other.recall("mine", 0, "two") is not None


def test_what_another_process_stored_is_forgotten_too(opener: Opener) -> None:
    with opener() as mine, opener() as other:
        mine.append("one", [trial()])
        assert mine.holds()
        other.append("two", [trial(repeat=1)])

        assert mine.prune() == 2
        assert other.recall("what was sent", 1, "three") is None


def test_what_could_not_be_stored_changes_nothing(store: SqliteStore) -> None:
    assert not store.holds()
    store.append("one", [trial()])
    with pytest.raises(StoreError):
        store.append("two", [replace(trial(repeat=1), attempts=(Attempt(started=None),))])  # type: ignore[arg-type]  # refused

    assert store.recall("what was sent", 0, "two") == trial()
    store.append("two", [trial("other", repeat=1)])
    assert store.recall("what was sent", 1, "three") == trial("other", repeat=1)


def test_many_trials_are_taken_in_step_by_step(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "STEP", 3)
    store.append("one", [trial(f"c{number}", repeat=number % 7) for number in range(20)])

    assert store.recall("what was sent", 5, "two") == trial("c19", repeat=5)
    assert store.recall("what was sent", 6, "two") == trial("c13", repeat=6)
    assert store.prune() == 7
