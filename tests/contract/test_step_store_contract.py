"""What every store keeps to of what lies between the two steps of a metric."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.records.program import Execution
from passmuster.records.trial import Attempt, Failure, Outcome, Reply, Trial, TrialKey

Opener = Callable[[], AbstractContextManager[SqliteStore]]

KEY = TrialKey("c" * 32, "d" * 32, 0)


def trial(outcome: Outcome, key: TrialKey = KEY) -> Trial:
    attempts = (Attempt(started=1.0, seconds=0.5), Attempt(started=2.0, seconds=0.5))
    return Trial(key=key, case_id="1", outcome=outcome, attempts=attempts)


def test_an_answer_is_found_by_the_key_of_its_trial(store: SqliteStore) -> None:
    store.append("run", [trial(Reply(text="[1,2]")), trial(Reply(text="x"), TrialKey("c" * 32, "e" * 32, 0))])

    assert store.answer(KEY) == Reply(text="[1,2]")
    assert store.answer(TrialKey("c" * 32, "d" * 32, 1)) is None


def test_of_an_answer_that_was_asked_again_the_newest_is_found(store: SqliteStore) -> None:
    store.append("first", [trial(Failure(kind="timeout", message="late"))])
    store.append("second", [trial(Reply(text="there"))])

    assert store.answer(KEY) == Reply(text="there")


def test_how_a_program_ended_comes_back_and_the_newest_run_is_read(opener: Opener) -> None:
    first = Execution(status="timeout", stdout="a\x00\ud800", stderr="e")
    with opener() as store:
        store.keep_executions({"p1": first, "p2": Execution(status="exited", exit_code=3)}, "plain")
    with opener() as store:
        assert store.execution("p1") == first
        assert store.execution("p2") == Execution(status="exited", exit_code=3)
        assert store.execution("p3") is None
        store.keep_executions({"p1": Execution(status="exited", exit_code=0)}, "bubblewrap")
    with opener() as store:
        assert store.execution("p1") == Execution(status="exited", exit_code=0)


def test_nothing_to_keep_is_kept(store: SqliteStore) -> None:
    store.keep_executions({}, "plain")

    assert store.execution("") is None
