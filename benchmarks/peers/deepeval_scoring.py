"""The benchmark's scoring for deepeval: its metrics that ask no model over all rows, in one process."""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from deepeval.metrics import ExactMatchMetric, JsonCorrectnessMetric
from deepeval.test_case import LLMTestCase
from pydantic import BaseModel, ConfigDict


class Invoice(BaseModel):
    """What the JSON Schema of the others says: deepeval takes a model of pydantic."""

    model_config = ConfigDict(extra="forbid", strict=True)
    vendor: str
    date: str
    total: float
    currency: str
    paid: bool
    items: list[str]


rows = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["rows"]
texts = [LLMTestCase(input=r["id"], actual_output=r["text"], expected_output=r["reference"]) for r in rows]
objects = [LLMTestCase(input=r["id"], actual_output=r["json"]) for r in rows]
found = {}
for job, metric, cases in (
    ("exact match", ExactMatchMetric(), texts),
    (
        "JSON Schema",
        JsonCorrectnessMetric(expected_schema=Invoice, include_reason=False, async_mode=False),
        objects,
    ),
):
    begun = time.process_time()
    values = [metric.measure(case, _show_indicator=False) for case in cases]
    found[job] = {"seconds": time.process_time() - begun, "mean": sum(values) / len(values)}
print(json.dumps({"version": version("deepeval"), "jobs": found}))
