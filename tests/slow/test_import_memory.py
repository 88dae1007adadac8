"""An import holds no more of a large log than of a small one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.slow.own_peak import PEAK

pytestmark = pytest.mark.slow

SMALL, LARGE = 10_000, 80_000
"""Rows, of 500 bytes each."""
ALLOWED = 24
"""MiB that the larger log may take more: 16 bytes a record to find doubled ids, and what the allocator keeps."""

MEASURE = f"""{PEAK}
from passmuster.cli.main import status
code = status(["corpus", "import", sys.argv[1], "--quiet", "--json"])
print(peak(), file=sys.stderr)
sys.exit(code)
"""


def log(path: Path, rows: int) -> None:
    """Write a log with users, sessions, times, feedback and some rows that are there twice."""
    with path.open("w") as stream:
        for n in range(rows):
            row = {
                "id": n - n % 100 // 99,  # the last of each hundred has the id of the one before
                "time": 1_740_830_400 + n,
                "user": f"u{n % 977}",
                "question": f"question {n} " + "word " * 60,
                "answer": f"answer {n % 13} " * 8,
                "rating": n % 5 + 1 if n % 20 == 0 else None,
            }
            stream.write(json.dumps(row) + "\n")


def peak(folder: Path, source: Path) -> float:
    """Return the MiB that an import takes at most, with its interpreter."""
    found = subprocess.run(
        [sys.executable, "-c", MEASURE, source],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    return int(found.stderr.split()[-1]) / (1 << 20)


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_memory_does_not_grow_with_the_log(ending: str, tmp_path: Path) -> None:
    found = {}
    for rows in (SMALL, LARGE):
        source = tmp_path / f"log-{rows}.jsonl"
        log(source, rows)
        if ending == ".csv":
            source = as_csv(source)
        found[rows] = peak(tmp_path, source)
    assert found[LARGE] < found[SMALL] + ALLOWED
    assert found[LARGE] < 500


def as_csv(source: Path) -> Path:
    """Write the questions and answers of a log as CSV."""
    target = source.with_suffix(".csv")
    with source.open() as lines, target.open("w") as stream:
        stream.write("id,question,answer\n")
        for line in lines:
            row = json.loads(line)
            stream.write(f'{row["id"]},"{row["question"]}","{row["answer"]}"\n')
    return target


def test_an_open_quote_does_not_take_all_that_follows_into_memory(tmp_path: Path) -> None:
    """A naive reader of CSV takes the rest of the file for one cell."""
    source = tmp_path / "log.csv"
    with source.open("w") as stream:
        stream.write("id,question\n")
        stream.write('0,"never closed\n')
        stream.writelines(f"{n},question {n} of some length {'word ' * 40}\n" for n in range(1, LARGE))
    assert peak(tmp_path, source) < 200
