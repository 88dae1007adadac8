"""A sample of a large log takes no more memory than one of a small log."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.slow.own_peak import PEAK

from passmuster.adapters.ingest.traffic import TrafficWriter

pytestmark = pytest.mark.slow

MEGABYTE = 1_000_000
GROWTH = 40 * MEGABYTE
"""What another log may take more, at most; held whole, the larger one would take some 600 MB more."""
ALLOWED = 500 * MEGABYTE

CHILD = f"""{PEAK}
from passmuster.cli.main import status
code = status(sys.argv[1:])
print(peak(), file=sys.stderr)
sys.exit(code)
"""


def log(folder: Path, megabytes: int) -> int:
    """Write traffic of so many megabytes of lines, and return how many records there are."""
    line = b'{"columns":{"plan":"p%d"},"id":"r%d","input":"%d %s","user":"u%d"}'
    filling = b"words that fill a record up to about a kilobyte of text " * 16
    size = 0
    with TrafficWriter(folder / "traffic" / "log.jsonl.gz") as writer:
        while size < megabytes * MEGABYTE:
            number = writer.count
            made = line % (number % 7 % 4, number, number, filling, number % 9_999)
            writer.write(made)
            size += len(made) + 1
        writer.keep()
        return writer.count


def peak(folder: Path, records: int, *arguments: str) -> int:
    """Return the bytes that a command takes at most over a log, after a look at what it found."""
    verb = ["corpus", *arguments, "--datasets", str(folder), "--json"]
    done = subprocess.run([sys.executable, "-c", CHILD, *verb], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)["traffic"]
    assert (found if isinstance(found, int) else found["n"]) == records
    return int(done.stderr.splitlines()[-1])


def test_memory_is_flat_between_a_small_log_and_one_ten_times_as_large(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    counts = {small: log(small, 20), large: log(large, 200)}
    peaks = {
        folder: peak(folder, count, "sample", "500", "--strata", "plan") for folder, count in counts.items()
    }

    assert peaks[large] < peaks[small] + GROWTH
    assert max(peaks.values()) < ALLOWED


def test_large_records_are_held_within_their_room(tmp_path: Path) -> None:
    count = log_of_documents(tmp_path, records=6_000, words=8_000)

    assert peak(tmp_path, count, "sample", "5000") < ALLOWED


def log_of_documents(folder: Path, records: int, words: int) -> int:
    """Write records of so many words each: held whole, 5,000 of them would take some 400 MB and more to write."""
    filling = b"document " * words
    with TrafficWriter(folder / "traffic" / "log.jsonl.gz") as writer:
        for number in range(records):
            writer.write(b'{"id":"r%d","input":"%d %s"}' % (number, number, filling))
        writer.keep()
        return writer.count
