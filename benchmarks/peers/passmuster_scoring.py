"""The benchmark's scoring for passmuster: each metric over all rows, in one process."""

import json
import sys
import time
from pathlib import Path

import passmuster
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
rows, schema, fields = given["rows"], given["schema"], given["fields"]
texts = [(Case(id=r["id"], input=r["id"], reference=r["reference"]), Reply(text=r["text"])) for r in rows]
objects = [(Case(id=r["id"], input=r["id"], reference=r["object"]), Reply(text=r["json"])) for r in rows]
found = {}
for job, kind, options, pairs in (
    ("exact match", "exact_match", {}, texts),
    ("token F1", "token_f1", {}, texts),
    ("JSON Schema", "json_schema", {"schema": schema}, objects),
    ("field F1", "field_f1", {"fields": fields}, objects),
):
    metric = build_metric(MetricSpec(name=kind, kind=kind, options=options))
    begun = time.process_time()
    values = [metric.score(case, reply).value for case, reply in pairs]
    found[job] = {"seconds": time.process_time() - begun, "mean": sum(values) / len(values)}
print(json.dumps({"version": passmuster.__version__, "jobs": found}))
