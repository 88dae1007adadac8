"""Programs are run many at a time, and what has ended is stored."""

import threading
from collections.abc import Mapping

import pytest

from passmuster.records.program import Execution, Program
from passmuster.records.trial import Outcome, TrialKey
from passmuster.workflows.executing import Executed, execute, left_to_run

ENDED = Execution(status="exited", exit_code=0)


class Memory:
    """A store of steps."""

    def __init__(self, **executions: Execution) -> None:
        self.executions = executions
        self.sandboxes: set[str] = set()

    def answer(self, key: TrialKey) -> Outcome | None:
        raise NotImplementedError

    def execution(self, program: str) -> Execution | None:
        return self.executions.get(program)

    def keep_executions(self, executions: Mapping[str, Execution], sandbox: str) -> None:
        self.executions.update(executions)
        self.sandboxes.add(sandbox)


class Sandbox:
    """A sandbox whose programs say themselves how they end."""

    name = "fake"

    def __init__(self, together: int = 1) -> None:
        self._gate = threading.Barrier(together)
        self.ran: list[str] = []
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True

    def run(self, program: Program) -> Execution:
        self._gate.wait(10)
        self.ran.append(program.stdin)
        if program.stdin == "raise":
            raise OSError(program.stdin)
        if program.stdin == "refused":
            return Execution(status="not_started", stderr="no namespaces here")
        return Execution(status="exited", exit_code=int(program.stdin))


def programs(*inputs: str) -> dict[str, Program]:
    return {f"p{place}": Program(files={}, command=("x",), stdin=each) for place, each in enumerate(inputs)}


def test_every_program_is_run_and_stored_under_its_digest() -> None:
    store = Memory()

    done = execute(programs(*map(str, range(25))), Sandbox(), store, jobs=3)

    assert done == Executed(ran=25)
    assert {key: each.exit_code for key, each in store.executions.items()} == {f"p{n}": n for n in range(25)}
    assert store.sandboxes == {"fake"}


def test_so_many_run_at_a_time() -> None:
    assert execute(programs(*["0"] * 8), Sandbox(together=4), Memory(), jobs=4).ran == 8


def test_what_could_not_be_started_is_not_stored_and_told() -> None:
    store = Memory()

    done = execute(programs("0", "refused", "refused"), Sandbox(), store, jobs=1)

    assert done == Executed(ran=1, not_started=2, reason="no namespaces here")
    assert set(store.executions) == {"p0"}


def test_what_ended_before_a_crash_is_kept() -> None:
    store = Memory()

    sandbox = Sandbox()
    with pytest.raises(OSError, match="raise"):
        execute(programs("0", "1", "2", "raise", *"4567"), sandbox, store, jobs=1)

    assert {"p0", "p1", "p2"} <= set(store.executions)
    assert sandbox.stopped  # or who leaves waits for what still runs


def test_nothing_to_run_is_fine() -> None:
    assert execute({}, Sandbox(), Memory(), jobs=2) == Executed()


def test_only_what_the_store_has_no_run_of_is_left_to_run() -> None:
    late = Execution(status="timeout")
    store = Memory(p0=ENDED, p1=late)

    assert set(left_to_run(programs("0", "1", "2"), store)) == {"p2"}
    assert set(left_to_run(programs("0", "1", "2"), store, again=True)) == {"p1", "p2"}
