"""A large corpus and its recording are gone through in memory that hardly grows with them."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.slow.own_peak import PEAK

pytestmark = pytest.mark.slow

CASES = 200_000
BYTES_A_CASE = 450
"""Cases that are held take some 1,500 bytes each, with their recorded outputs."""

CHILD = f"""{PEAK}
import asyncio
from pathlib import Path

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.ingest.cases import read_cases
from passmuster.adapters.providers.replay.provider import Recording
from passmuster.corpus.versions.content import Content, corpus_version
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation
from passmuster.records.trial import Request
from passmuster.runner.plan import plan

async def replayed(asks, provider):
    right = 0
    for ask in asks:
        asked = Request(case=ask.case, conversation=Conversation(messages=()), repeat=ask.key.repeat, round=0)
        outcome = (await provider.ask(asked)).outcome
        right += outcome.text == ask.case.reference
    return right

before = peak()
candidate = Candidate(name="m", provider="replay")
content = Content()
cases = read_cases(Path(sys.argv[1]), see=content.add)
corpus = corpus_version(cases, "cases", content=content)
whole = plan(corpus.cases, [candidate])
provider = Recording.read(Path(sys.argv[2])).provider(candidate, MonotonicClock())
right = asyncio.run(replayed(whole, provider))
print(right, sum(first for _, _, first in whole.pools), peak() - before)
"""


def write(folder: Path, ending: str, rows: Iterator[dict[str, object]], name: str) -> Path:
    path = folder / f"{name}{ending}"
    opener = gzip.open if ending.endswith(".gz") else open
    with opener(path, "wt", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row) + "\n")
    return path


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz"])
def test_two_hundred_thousand_cases_are_planned_and_replayed_in_bounded_memory(
    tmp_path: Path, ending: str
) -> None:
    numbers = range(CASES)
    cases = write(
        tmp_path,
        ending,
        ({"id": f"case-{n}", "input": f"What is {n // 2} + 1?", "reference": f"{n}"} for n in numbers),
        "cases",
    )
    outputs = ({"id": f"case-{n}", "output": f"{n}", "latency_s": 0.1} for n in reversed(numbers))
    recorded = write(tmp_path, ending, outputs, "recorded")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, cases, recorded], capture_output=True, text=True, check=True
    )
    right, second, grown = map(int, done.stdout.split())
    assert (right, second) == (CASES, CASES // 2)  # every input stands twice, so every other case asks again
    assert grown < CASES * BYTES_A_CASE
