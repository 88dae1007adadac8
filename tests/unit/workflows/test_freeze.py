import json
from pathlib import Path

import pytest

from passmuster.errors import UsageError
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.comparison import CandidateFile
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, rows
from passmuster.workflows.freeze import freeze_incumbent, write_candidates

SPEC = MetricSpec(name="accuracy", kind="exact_match")
CASES = tuple(Case(id=str(index), input=str(index), reference="x") for index in range(10))


def _files() -> tuple[CandidateFile, ...]:
    candidates = (Candidate(name="a/b", provider="replay"), Candidate(name="idle", provider="openai"))
    question = Question(
        task=Task(name="t", metrics=(SPEC,)),
        metrics=(build_metric(SPEC),),
        corpus=CorpusVersion(version="v", path="p", split="eval", cases=CASES),
        candidates=candidates,
    )
    trials = [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=Reply(text="x"),
            attempts=(Attempt(started=0.0, seconds=1.0),),
        )
        for ask in plan(CASES, candidates[:1])
    ]
    return rows(question, trials, generated="now")


def test_each_candidate_with_trials_gets_a_file(tmp_path: Path) -> None:
    written = write_candidates(_files(), tmp_path / "reports")
    assert [path.name for path in written] == ["candidate_a-b.json"]
    content = json.loads(written[0].read_text(encoding="utf-8"))
    assert content["candidate"]["metrics"]["accuracy"]["value"] == 1.0
    assert content["corpus"]["version"] == "v"


def test_the_incumbent_is_frozen_under_its_date(tmp_path: Path) -> None:
    path = freeze_incumbent(_files(), "a/b", tmp_path, "20261120")
    assert path.name == "baseline_20261120.json"
    assert json.loads(path.read_text(encoding="utf-8"))["candidate"]["name"] == "a/b"


@pytest.mark.parametrize(("incumbent", "message"), [(None, "no incumbent"), ("idle", "has no trials yet")])
def test_there_must_be_something_to_freeze(tmp_path: Path, incumbent: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        freeze_incumbent(_files(), incumbent, tmp_path, "20261120")
