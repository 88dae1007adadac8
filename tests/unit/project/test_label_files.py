"""Labels of replies stand in a file of their own, one reply a line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.errors import ConfigurationError
from passmuster.project.load import load_project

TEXT = """\
task: notes
corpus: cases.jsonl
metrics:
  - factual_precision: {labels: labels.jsonl}
  - {name: left out, metric: omission_rate, labels: labels.jsonl}
candidates:
  - {name: always, provider: baseline, kind: constant, text: "yes"}
"""
ROW = {"case": "1", "reply": "yes", "claims": [{"text": "yes", "supported": True}]}

Write = Callable[..., Path]


def test_a_file_of_labels_is_read_line_by_line_for_every_metric_that_takes_one(write: Write) -> None:
    folder = write(TEXT, **{"labels.jsonl": f"{json.dumps(ROW)}\n\n"})
    metrics = load_project(folder, environment={}).task.metrics
    assert [metric.options["labels"] for metric in metrics] == [[ROW], [ROW]]


def test_a_line_that_is_no_json_is_named_with_its_number(write: Write) -> None:
    folder = write(TEXT, **{"labels.jsonl": f"{json.dumps(ROW)}\n{{oops\n"})
    with pytest.raises(
        ConfigurationError, match=r"line 2 of the labels 'labels\.jsonl' is no JSON"
    ) as caught:
        load_project(folder, environment={})
    assert caught.value.hint is not None
    assert '"claims"' in caught.value.hint
