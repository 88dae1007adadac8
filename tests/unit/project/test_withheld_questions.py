"""What may not be sent to a scorer is not asked, is told, and keeps nothing else from being asked."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from passmuster.project.asking import run
from passmuster.project.load import Project, load_project
from passmuster.project.scoring import ScoreWish, missing_steps, score
from passmuster.records.score import ScoreFailure
from passmuster.records.trial import Reply

TASK = """\
task: closeness
corpus: {path: cases.jsonl, use: all}
metrics: [{name: close, metric: semantic_similarity, asks: embedder}]
candidates:
  - {name: one, provider: baseline, kind: constant, text: "yes"}
scorers:
  - {name: embedder, provider: python, function: "embed.py:embed", egress: {strata: [public]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "passmuster.yaml").write_text(TASK, encoding="utf-8")
    (tmp_path / "embed.py").write_text(
        "def embed(asked):\n    return f'[{len(asked.input)}, 1]'\n", encoding="utf-8"
    )
    return tmp_path


def opened(folder: Path, references: Mapping[str, str]) -> Project:
    """Return the project with a case in each of these strata, all of which have been answered with yes."""
    rows = [
        {"id": stratum, "input": f"question {stratum}", "reference": reference, "stratum": stratum}
        for stratum, reference in references.items()
    ]
    (folder / "cases.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    project = load_project(folder / "passmuster.yaml")
    run(project)
    return project


def test_a_text_that_may_be_sent_for_one_case_is_asked_though_another_case_has_it_too(folder: Path) -> None:
    project = opened(folder, {"private": "yes", "public": "yes"})
    report = score(project)
    assert (report.not_scored, report.remark) == (0, None)
    assert not report.candidates[0].metrics[0].failures


def test_what_may_not_be_sent_is_told(folder: Path) -> None:
    project = opened(folder, {"private": "a secret", "public": "yes"})
    assert missing_steps(project, ScoreWish()).withheld == {"embedder": 1}
    report = score(project)
    # It never will be scored, so nothing is left to do: it is a failure of its own.
    assert report.not_scored == 0
    assert report.candidates[0].metrics[0].failures == {"withheld": 1}
    assert report.remark == "1 question may not be sent to embedder: its egress rules forbid it"
    again = score(project)
    assert again.asked == ()
    assert again.remark == report.remark


def test_what_a_scorer_was_sent_before_its_rules_is_read(folder: Path) -> None:
    (folder / "passmuster.yaml").write_text(TASK.replace("[public]", "[public, private]"), encoding="utf-8")
    score(opened(folder, {"private": "a secret", "public": "yes"}))
    (folder / "passmuster.yaml").write_text(TASK, encoding="utf-8")
    report = score(load_project(folder / "passmuster.yaml"))
    assert (report.not_scored, report.remark) == (0, None)
    assert not report.candidates[0].metrics[0].failures


def test_a_judge_that_may_not_be_asked_is_told_from_one_that_was_not_asked_yet(folder: Path) -> None:
    project = opened(folder, {"private": "a secret", "public": "yes"})
    (metric,) = project.metrics()
    private, public = project.corpus().cases
    kinds = [
        outcome.kind
        for each in (private, public)
        if isinstance(outcome := metric.score(each, Reply(text="yes")), ScoreFailure)
    ]
    assert kinds == ["withheld", "not_scored"]
