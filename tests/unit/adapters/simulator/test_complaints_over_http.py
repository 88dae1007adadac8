"""Real recorded outputs through real HTTP: what comes out is what was published, to the last digit."""

import asyncio
import csv
import gzip
import json
import os
import time
from collections import defaultdict
from pathlib import Path

import pytest

from passmuster.adapters.providers.openai.compatible import Connection, OpenAIProvider
from passmuster.adapters.simulator.answers import Recorded, RecordedReply, prompt_digest
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.server import Simulator
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.trial import Reply, Request
from passmuster.testing import text_request

DATA = Path(os.environ.get("PASSMUSTER_DATA", "no-such-folder")) / "replay_complaints"
MODEL = "gemini-2.0-flash"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="PASSMUSTER_DATA has no replay_complaints"),
]


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def read() -> tuple[list[Request], list[str], Recorded]:
    items = [json.loads(line) for line in (DATA / "items.jsonl").read_text().splitlines()]
    with gzip.open(DATA / "outputs.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    outputs = {row["id"]: row for row in rows if row["candidate"] == MODEL}
    replies: defaultdict[str, list[RecordedReply]] = defaultdict(list)
    requests = []
    for item in items:
        request = text_request(item["input"])
        known = replies[prompt_digest(request.conversation)]
        requests.append(
            Request(
                case=Case(id=item["id"], input=item["input"], reference=item["gold"]),
                conversation=request.conversation,
                repeat=len(known),
            )
        )
        output = outputs[item["id"]]
        known.append(RecordedReply(text=output["output"], seconds=output["latency_s"]))
    return requests, [outputs[item["id"]]["output"] for item in items], Recorded(replies)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_replayed_model_has_its_published_accuracy(*, stream: bool) -> None:
    requests, outputs, answers = read()
    scores = csv.DictReader((DATA / "published_scores.csv").read_text().splitlines())
    published = {row["Model"]: row["Accuracy"] for row in scores}
    candidate = Candidate(
        name=MODEL, provider="openai", model=MODEL, parameters={"stream": stream}, simulated=True
    )
    async with Simulator([SimulatedModel(name=MODEL, answers=answers)], time_scale=0) as simulator:
        provider = OpenAIProvider(
            candidate, "any", WallClock(), connection=Connection(base_url=simulator.base_url)
        )
        limit = asyncio.Semaphore(32)

        async def ask(request: Request) -> tuple[str, float | None]:
            async with limit:
                outcome, attempt, *_ = await provider.ask(request)
            assert isinstance(outcome, Reply), outcome
            return outcome.text, attempt.seconds

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ask(request)) for request in requests]
        await provider.close()
    found = [task.result() for task in tasks]
    assert [text for text, _ in found] == outputs
    right = sum(text == request.case.reference for (text, _), request in zip(found, requests, strict=True))
    assert right / len(requests) == float(published[MODEL]) == 0.758
    seconds = sorted(value for _, value in found if value is not None)
    rows = csv.DictReader((DATA / "candidates.csv").read_text().splitlines())
    listed = {row["candidate"]: row for row in rows}[MODEL]
    for rank, name in ((500, "p50"), (950, "p95"), (990, "p99")):
        assert seconds[rank] == pytest.approx(float(listed[f"latency_{name}_s"]), abs=0.001)
    assert len(simulator.truth) == 1000
