"""Running the programs that metrics want run, many at a time; what has ended is stored while others run."""

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice

from passmuster.ports import Sandbox, StepStore
from passmuster.records.program import Execution, Program
from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed(Record):
    """How many programs were run, and how many the sandbox could not start, with what it said of one of them."""

    ran: int = 0
    not_started: int = 0
    reason: str = ""


def left_to_run(
    programs: Mapping[str, Program], store: StepStore, *, again: bool = False
) -> dict[str, Program]:
    """Return the programs (by digest) that the store has no run of.

    Args:
        programs: Those that metrics want run.
        store: Where runs are kept.
        again: Whether those that ran out of time count as not run: the machine may have been busy.
    """
    left = {}
    for key, program in programs.items():
        found = store.execution(key)
        if found is None or (again and found.status == "timeout"):
            left[key] = program
    return left


def execute(programs: Mapping[str, Program], sandbox: Sandbox, store: StepStore, jobs: int) -> Executed:
    """Run these programs, `jobs` at a time, and store how each ended as soon as it has.

    One that could not be started is not stored: that says nothing about it.
    """
    rest = iter(programs.items())
    ran, not_started, reason = 0, 0, ""
    with ThreadPoolExecutor(max_workers=jobs) as threads:
        try:
            open_ = {threads.submit(sandbox.run, program): key for key, program in islice(rest, 2 * jobs)}
            while open_:
                ended = wait(open_, return_when=FIRST_COMPLETED).done
                found = {open_.pop(each): each.result() for each in ended}
                started = {key: each for key, each in found.items() if each.status != "not_started"}
                store.keep_executions(started, sandbox.name)
                ran += len(started)
                not_started += len(found) - len(started)
                reason = reason or _reason(found)
                for key, program in islice(rest, len(ended)):
                    open_[threads.submit(sandbox.run, program)] = key
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            # or whoever leaves would wait until the last of them has used up its time
            sandbox.stop()
            raise
    return Executed(ran=ran, not_started=not_started, reason=reason)


def _reason(found: Mapping[str, Execution]) -> str:
    return next((each.stderr for each in found.values() if each.status == "not_started" and each.stderr), "")
