"""What drawing a sample costs: rows per second and peak memory, over logs of different size.

It writes imported traffic of so many megabytes, unpacked, and draws cases from it with `passmuster corpus sample`, each
in a process of its own:

    python benchmarks/sampling.py                     200 and 2,000 MB
    python benchmarks/sampling.py --megabytes 50 --strata "columns['plan'] ~ '/' ~ language"

Memory should be the same for all sizes. With --json FILE each measurement is kept as a line of JSON.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from passmuster.adapters.ingest.traffic import TrafficWriter, traffic_line
from passmuster.records.traffic import TrafficRecord

MEGABYTE = 1_000_000
PLANS = ("free", "team", "business", "enterprise")
SHARES = (70, 20, 8, 2)
"""How many of a hundred records are of each plan."""

_TEXT = (
    "order parcel invoice refund card account password delivery address payment late broken missing wrong charge "
    "subscription cancel change update phone number email status delay support agent please help need want where when "
    "how why cannot never again still today yesterday week month first last new old price total amount"
)
WORDS = tuple(_TEXT.split())


class Measured(NamedTuple):
    """One sample, as it was measured."""

    megabytes: int
    records: int
    cases: int
    seconds: float
    rows_per_second: float
    peak_mb: float


def records(chance: random.Random, text_words: tuple[int, int] = (20, 120)) -> Iterator[TrafficRecord]:
    """Yield records as a log of a service has them, without end."""
    number = 0
    while True:
        number += 1
        words = " ".join(chance.choices(WORDS, k=chance.randint(*text_words)))
        yield TrafficRecord(
            id=f"req-{number:09}",
            input=f"{words}, ticket {number}",
            output=" ".join(chance.choices(WORDS, k=30)),
            time=1.7e9 + number * 0.5,
            model="small-model",
            seconds=chance.lognormvariate(0, 0.5),
            user=f"user-{chance.randrange(100_000)}",
            feedback=chance.choice((None, None, None, "up", "down")),
            columns={"plan": chance.choices(PLANS, SHARES)[0], "region": chance.choice("abcdefgh")},
        )


def write(path: Path, megabytes: int, seed: int = 7) -> int:
    """Write traffic of so many megabytes of lines, and return how many records there are."""
    size = 0
    with TrafficWriter(path) as writer:
        for record in records(random.Random(seed)):  # noqa: S311 - no secret
            line = traffic_line(record)
            writer.write(line)
            size += len(line) + 1
            if size >= megabytes * MEGABYTE:
                break
        writer.keep()
        return writer.count


def measure(folder: Path, megabytes: int, cases: int, strata: str) -> Measured:
    """Draw cases from traffic of so many megabytes, in a process of its own."""
    corpus = folder / str(megabytes)
    count = write(corpus / "traffic" / "log.jsonl.gz", megabytes)
    verb = ["corpus", "sample", str(cases), "--strata", strata, "--datasets", str(corpus), "--json"]
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", CHILD, *verb], capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    seconds = time.perf_counter() - began
    found, peak = json.loads(done.stdout), float(done.stderr.splitlines()[-1])
    if (found["traffic"], found["cases"]) != (count, cases):
        sys.exit(f"{found['traffic']} records and {found['cases']} cases, not {count} and {cases}")
    return Measured(megabytes, count, cases, round(seconds, 1), round(count / seconds), round(peak, 1))


CHILD = """
import resource, sys
from passmuster.cli.main import status
code = status(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(peak / 1e6, file=sys.stderr)
sys.exit(code)
"""
"""The command, and what the process that ran it took at most."""


def main() -> None:
    """Measure samples over logs of each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, nargs="+", default=[200, 2000], help="of lines, unpacked")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--strata", default="plan", help="a column, a field or an expression")
    parser.add_argument("--json", type=Path, help="append each measurement to this file")
    options = parser.parse_args()
    print(f"{'MB of lines':>12} {'records':>10} {'seconds':>8} {'records/s':>10} {'peak MB':>8}")
    for megabytes in options.megabytes:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(Path(folder), megabytes, options.cases, options.strata)
        print(
            f"{found.megabytes:12,} {found.records:10,} {found.seconds:8.1f} {found.rows_per_second:10,.0f} {found.peak_mb:8.0f}"
        )
        if options.json is not None:
            with options.json.open("a", encoding="utf-8") as kept:
                kept.write(json.dumps(found._asdict()) + "\n")


if __name__ == "__main__":
    main()
