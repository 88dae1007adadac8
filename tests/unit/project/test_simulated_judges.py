"""Simulated judges over loopback HTTP: a project's judges ask them, and the scores show what they were told to be."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.errors import ConfigurationError
from passmuster.project.api import compare
from passmuster.project.asking import run
from passmuster.project.load import load_project
from passmuster.project.scoring import score
from passmuster.project.simulation import endpoint_models
from passmuster.records.comparison import Comparison

CASES = 12
TASK = """\
task: answers
corpus: {{path: cases.jsonl, use: all}}
metrics:
  - {{name: quality, metric: judge, asks: it, rubric: {{criteria: {{right: "Is it right?"}}, low: 0, high: 1}}}}
  - {{name: better, metric: pairwise, asks: it, against: short}}
candidates:
  - {{name: long, provider: replay, path: recorded.jsonl, select: long}}
  - {{name: short, provider: replay, path: recorded.jsonl, select: short}}
scorers:
  - {{name: it, provider: openai, model: judge, base_url: "{url}"}}
"""


def project_file(folder: Path, url: str) -> None:
    """Write a project in which `long` is right in nine cases of twelve and `short` in the other three."""
    cases, outputs, truths = [], [], []
    for n in range(CASES):
        cases.append({"id": str(n), "input": f"Question {n}?"})
        for name, text, right in (
            ("long", f"a long reply, number {n}", n < 9),
            ("short", f"short {n}", n >= 9),
        ):
            outputs.append({"id": str(n), "candidate": name, "output": text})
            truths.append({"case": str(n), "text": text, "value": int(right), "candidate": name})
    for name, rows in (("cases", cases), ("recorded", outputs), ("truths", truths)):
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (folder / "passmuster.yaml").write_text(TASK.format(url=url), encoding="utf-8")


def judged(folder: Path, answers: str, more: str = "") -> tuple[Comparison, int]:
    """Return what a judge of this kind says of the project's replies, and how often it was asked."""
    project_file(folder, "http://127.0.0.1:1/v1")
    file = folder / "endpoints.yaml"
    file.write_text(f"endpoints:\n  - {{name: judge, answers: {{kind: judge, {answers}}}{more}}}\n")
    served = endpoint_models(file, load_project(folder, environment={}), {})
    with SimulatorThread(Simulator(served.models, served.seed, time_scale=0)) as simulator:
        project_file(folder, simulator.base_url)
        project = load_project(folder, environment={})
        run(project)
        score(project)
        return compare(project), len(simulator.truth)


def values(found: Comparison, metric: str) -> Mapping[str, float | None]:
    return {each.name: each.metrics[metric].value for each in found.candidates}


def test_an_honest_judge_tells_what_is_true_and_each_pair_is_asked_in_both_orders(tmp_path: Path) -> None:
    found, asked = judged(tmp_path, "truth: truths.jsonl")
    assert values(found, "quality") == {"long": 0.75, "short": 0.25}
    assert values(found, "better")["long"] == 0.75
    assert asked == 2 * CASES + 2 * CASES


@pytest.mark.parametrize(
    ("answers", "quality", "better"),
    [
        ("longer: 1, typical: 15", {"long": 1.0, "short": 0.0}, 1.0),
        ("truth: truths.jsonl, ties: 1", {"long": 0.75, "short": 0.25}, 0.5),
        ("truth: truths.jsonl, first: 1", {"long": 0.75, "short": 0.25}, 0.5),
        ("truth: truths.jsonl, favours: short", {"long": 0.75, "short": 1.0}, 0.0),
        ("truth: truths.jsonl, malformed: 1", {"long": None, "short": None}, None),
        ("truth: truths.jsonl, sensitivity: 0, specificity: 0", {"long": 0.25, "short": 0.75}, 0.25),
    ],
)
def test_a_judge_of_a_kind_is_seen_in_the_scores(
    tmp_path: Path, answers: str, quality: Mapping[str, float | None], better: float | None
) -> None:
    found, _ = judged(tmp_path, answers)
    assert values(found, "quality") == quality
    assert values(found, "better")["long"] == better


def test_a_judge_that_changes_silently_judges_otherwise_from_then_on(tmp_path: Path) -> None:
    changed = (
        "switch: {at_request: 1, silent: true, answers: {kind: judge, truth: truths.jsonl, sensitivity: 0}}"
    )
    found, _ = judged(tmp_path, "truth: truths.jsonl", f", {changed}")
    assert values(found, "quality") == {"long": 0.0, "short": 0.0}


def test_a_file_of_truths_that_is_not_there_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"the file of truths 'none\.jsonl' does not exist"
    ) as caught:
        judged(tmp_path, "truth: none.jsonl")
    assert str(caught.value.place).endswith("endpoints.yaml:2:49")


def test_a_file_of_truths_that_is_broken_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text('{"text": "a", "value": 1}\n{"text": \n')
    with pytest.raises(ConfigurationError) as caught:
        judged(tmp_path, "truth: broken.jsonl")
    assert "broken.jsonl:2" in str(caught.value.place)


def test_judges_need_no_project(tmp_path: Path) -> None:
    (tmp_path / "endpoints.yaml").write_text(
        "endpoints:\n  - {name: judge, answers: {kind: judge, longer: 1}}\n"
    )
    assert endpoint_models(tmp_path / "endpoints.yaml", None, {}).names == ["judge"]
