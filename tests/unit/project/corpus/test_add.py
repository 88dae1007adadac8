"""A failure is added whole: where a part of it cannot be written, the same command can be given again."""

import json
from pathlib import Path

import pytest

from passmuster.errors import CorpusError
from passmuster.project.corpus.add import Mode, add
from passmuster.project.corpus.opening import open_corpus
from passmuster.records.case import Case
from passmuster.records.failure_mode import FailureMode
from passmuster.workflows.corpus.add import Failure

MODE = Mode(name="late", new=FailureMode(name="late", severity="high"))


def test_nothing_is_added_where_the_case_cannot_be_taken_out_of_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    datasets = tmp_path / "eval/datasets"
    datasets.mkdir(parents=True)
    (datasets / "train.csv").write_text("id,input\n1,one\n2,two\n")

    with pytest.raises(CorpusError, match="CSV"):
        add(open_corpus(), [Failure(Case(id="x", input="one"), "here")], MODE, from_train=True)
    assert not (datasets / "pools").exists()
    assert not (tmp_path / "eval/failure_modes.yaml").exists()


def test_a_second_try_adds_what_the_first_could_not_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    datasets = tmp_path / "eval/datasets"
    datasets.mkdir(parents=True)
    (datasets / "train.jsonl").write_text(
        "".join(json.dumps({"id": each, "input": each}) + "\n" for each in "ab")
    )
    (datasets / "pools").write_text("in the way")
    failures = [Failure(Case(id="x", input="a"), "here")]
    with pytest.raises(CorpusError):
        add(open_corpus(), failures, MODE, from_train=True)

    (datasets / "pools").unlink()
    found = add(open_corpus(), failures, Mode(name="late"), from_train=True)
    assert [each.id for each in found.added] == ["x"]
    assert '"id": "a"' not in (datasets / "train.jsonl").read_text()
