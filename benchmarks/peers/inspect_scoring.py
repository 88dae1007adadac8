"""The benchmark's scoring for inspect-ai: its deterministic scorers over all rows, in one process."""

import asyncio
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Target, exact, f1
from inspect_ai.solver import TaskState

rows = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["rows"]
pairs = [
    (
        TaskState(
            model="mock/model",
            sample_id=row["id"],
            epoch=1,
            input=row["id"],
            messages=[],
            output=ModelOutput.from_content("mock/model", row["text"]),
        ),
        Target(row["reference"]),
    )
    for row in rows
]


async def run() -> dict[str, dict[str, float]]:
    """Score everything with each scorer."""
    found = {}
    for job, scorer, share in (
        ("exact match", exact(), lambda value: float(value == "C")),
        ("token F1", f1(), float),
    ):
        begun = time.process_time()
        scores = [await scorer(state, target) for state, target in pairs]
        seconds = time.process_time() - begun
        found[job] = {"seconds": seconds, "mean": sum(share(each.value) for each in scores) / len(scores)}
    return found


print(json.dumps({"version": version("inspect-ai"), "jobs": asyncio.run(run())}))
