"""A model's labels are of the kind that references are, and are written once."""

import json
from pathlib import Path

import pytest

from passmuster.project.asking import Silent
from passmuster.project.corpus.label import read_log
from passmuster.project.corpus.label_model import ModelWish, label_by_model, plan_labels
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.workflows.corpus.label import Wanted

PROJECT = """\
task: grades
corpus: eval/datasets
metrics: [exact_match]
candidates:
  - {name: four, provider: python, function: "answers.py:four", prices: {input: 0, output: 0}}
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    (tmp_path / "passmuster.yaml").write_text(PROJECT)
    (tmp_path / "answers.py").write_text('def four(request):\n    return "4"\n')
    datasets = tmp_path / "eval/datasets"
    datasets.mkdir(parents=True)
    rows = [{"id": "1", "input": "one", "reference": 4}, {"id": "2", "input": "two", "reference": 5}]
    rows.append({"id": "3", "input": "three"})
    (datasets / "eval.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return open_corpus(tmp_path)


def test_a_label_of_a_model_is_what_references_are_and_is_written_once(corpus: Corpus) -> None:
    for again in (False, True):
        wish = ModelWish(candidate="four", wanted=Wanted(ids=("3",)), again=again)
        found = label_by_model(corpus, plan_labels(corpus, wish), Silent())
        assert [label.value for label in found.labels] == [4]
    (label,) = read_log(corpus)
    assert (label.case, label.value, label.kind, label.annotator) == ("3", 4, "machine", "four")
