import json
from pathlib import Path

import pytest

from passmuster.errors import UsageError
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.comparison import CandidateFile
from passmuster.records.corpus import CorpusVersion
from passmuster.records.reference import REFERENCE_VERSION, Reference
from passmuster.records.task import MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, rows
from passmuster.workflows.freeze import baseline_name, write_candidates, write_reference
from passmuster.workflows.frozen_trials import frozen_trials

SPEC = MetricSpec(name="accuracy", kind="exact_match")
CASES = tuple(Case(id=str(index), input=str(index), reference="x") for index in range(10))
ASKED, IDLE = Candidate(name="a/b", provider="replay"), Candidate(name="idle", provider="openai")
QUESTION = Question(
    task=Task(name="t", metrics=(SPEC,)),
    metrics=(build_metric(SPEC),),
    corpus=CorpusVersion(version="v", path="p", split="eval", cases=CASES),
    candidates=(ASKED, IDLE),
)
TRIALS = [
    Trial(
        key=ask.key,
        case_id=ask.case.id,
        outcome=Reply(text="x"),
        attempts=(Attempt(started=0.0, seconds=1.0),),
    )
    for ask in plan(CASES, [ASKED])
]


def _files() -> tuple[CandidateFile, ...]:
    return rows(QUESTION, TRIALS, generated="now")


def _reference(candidate: Candidate) -> Reference:
    file = next(each for each in _files() if each.candidate.name == candidate.name)
    return Reference(
        schema_version=REFERENCE_VERSION,
        task="t",
        generated="now",
        passmuster="0",
        digest=candidate_digest(candidate),
        definition=candidate,
        repeats=1,
        corpus=file.corpus,
        metrics=file.metrics,
        candidate=file.candidate,
        scored_by=(),
        trials=tuple(frozen_trials(QUESTION, candidate, TRIALS)),
    )


def test_each_candidate_with_trials_gets_a_file(tmp_path: Path) -> None:
    written = write_candidates(_files(), tmp_path / "reports")
    assert [path.name for path in written] == ["candidate_a-b.json"]
    content = json.loads(written[0].read_text(encoding="utf-8"))
    assert content["candidate"]["metrics"]["accuracy"]["value"] == 1.0
    assert content["corpus"]["version"] == "v"


def test_a_reference_holds_the_figures_and_a_row_for_every_trial(tmp_path: Path) -> None:
    path = write_reference(_reference(ASKED), tmp_path / baseline_name("20261120"))

    content = json.loads(path.read_text(encoding="utf-8"))
    assert path.name == "baseline_20261120.json"
    assert content["candidate"]["name"] == "a/b"
    assert [trial["scores"]["accuracy"] for trial in content["trials"]] == [1] * 10


def test_who_was_never_asked_is_not_frozen(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no trials yet"):
        write_reference(_reference(IDLE), tmp_path / "baseline_20261120.json")
    assert not list(tmp_path.iterdir())
