"""The usual repairs read real replies as the library json_repair does."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import json_repair
import pytest

from passmuster.metrics.json_text import find_json
from passmuster.metrics.structure.repair import repaired
from passmuster.metrics.unreadable import Unreadable

pytestmark = [pytest.mark.slow, pytest.mark.data]


def has_answer(value: Any) -> bool:
    return isinstance(value, dict) and {"reasoning", "answer"} <= value.keys()


def test_both_read_the_same_answers_out_of_replies_that_are_no_json(data_folder: Path) -> None:
    counts: Counter[str] = Counter()
    content = gzip.decompress((data_folder / "replay_gsm" / "outputs.jsonl.gz").read_bytes())
    for line in content.splitlines():
        text = json.loads(line)["output"]
        if not isinstance(find_json(text), Unreadable):
            continue
        own, other = repaired(text), json_repair.repair_json(text, return_objects=True)
        value: Any = None if isinstance(own, Unreadable) else own.value
        counts["broken"] += 1
        counts["own"] += has_answer(value)
        counts["other"] += has_answer(other)
        if has_answer(value) and isinstance(other, dict) and has_answer(other):
            counts["both"] += 1
            counts["same answer"] += str(value["answer"]) == str(other["answer"])
    assert counts == {"broken": 8362, "own": 8285, "other": 8238, "both": 8233, "same answer": 8228}
