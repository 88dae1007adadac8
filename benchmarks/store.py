"""What the store costs a trial: claims, appending, and reading back, in microseconds.

Run it with `python benchmarks/store.py`; another number of trials may follow.
"""

import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.ports import Claim
from passmuster.records.trial import Attempt, Reply, Trial, TrialKey, Usage

GROUP = 100
CANDIDATE = hashlib.sha256(b"candidate").hexdigest()[:32]


def made(number: int) -> Trial:
    """Return a trial as an endpoint with usage and a fingerprint leads to it."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    usage = Usage(input=123, output=5, cached=0)
    attempt = Attempt(started=1.7e9 + number, seconds=0.2, status=200, usage=usage, cost=1e-5, in_flight=64)
    return Trial(
        key=TrialKey(digest[:32], CANDIDATE, 0),
        case_id=f"case-{number}",
        outcome=Reply(text="a label", finish_reason="stop", model="m-1", fingerprint="fp"),
        attempts=(attempt,),
        request=digest[32:],
    )


class Stopwatch:
    """Adds up what a step takes, by the clock and of the processor."""

    def __init__(self) -> None:
        self.seconds = self.busy = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure the block."""
        began, used = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - began
        self.busy += time.process_time() - used

    def show(self, what: str, number: int) -> None:
        """Print the sums for each of so many trials."""
        seconds, busy = self.seconds / number * 1e6, self.busy / number * 1e6
        print(f"{what:10}{seconds:6.1f} us a trial, {busy:6.1f} of them busy")


def main() -> None:
    """Measure one store in a folder of its own, with groups as a run makes them."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    trials = [made(each) for each in range(number)]
    claim, append, read = Stopwatch(), Stopwatch(), Stopwatch()
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "store.sqlite") as store:
        for start in range(0, number, GROUP):
            group = trials[start : start + GROUP]
            with claim.running():
                store.claim("run", [Claim(trial.key, 0.01) for trial in group], 0.0)
            with append.running():
                store.append("run", group)
        with read.running():
            found = sum(1 for _ in store.trials([CANDIDATE]))
    claim.show("claim", number)
    append.show("append", number)
    read.show("read back", found)


if __name__ == "__main__":
    main()
