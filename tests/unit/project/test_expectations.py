"""What is expected of candidates is read as bars are."""

from pathlib import Path

import pytest

from passmuster.errors import ConfigurationError
from passmuster.project.load import load_project

CASES = '{"id": "1", "input": "x", "reference": "yes"}\n'


def written(folder: Path, expected: str, provider: str = "openai, model: m") -> Path:
    (folder / "cases.jsonl").write_text(CASES)
    (folder / "passmuster.yaml").write_text(
        "task: t\ncorpus: {path: cases.jsonl, use: all}\nmetrics: [accuracy]\ncandidates:\n"
        f"  - {{name: m, provider: {provider}, prices: unknown,\n     expected: {expected}}}\n"
    )
    return folder


def test_figures_are_read_in_their_units(tmp_path: Path) -> None:
    stated = "{accuracy: 74 %, latency_p95: 1100 ms, failure_rate: 1 %, cost_per_task: 0.2 cents}"
    candidate = load_project(written(tmp_path, stated), environment={}).candidates[0]
    assert candidate.expected == {
        "accuracy": 0.74,
        "latency_p95": 1.1,
        "failure_rate": 0.01,
        "cost_per_task": 0.002,
    }


def test_a_baseline_takes_them_too(tmp_path: Path) -> None:
    folder = written(tmp_path, "{accuracy: 0.5}")
    text = (folder / "passmuster.yaml").read_text()
    text = text.replace("openai, model: m, prices: unknown,", "baseline, kind: constant, text: 'yes',")
    (folder / "passmuster.yaml").write_text(text)
    assert load_project(folder, environment={}).candidates[0].expected == {"accuracy": 0.5}


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("{acuracy: 0.7}", "'acuracy' cannot be expected: the task has no such metric"),
        ("{corpus_age: 3 d}", "'corpus_age' cannot be expected"),
        ("{latency_p95: fast}", "expected 'latency_p95': fast is not a time"),
        ("{failure_rate: 3}", "expected 'failure_rate': 3 is no share of the trials"),
    ],
)
def test_a_slip_has_its_place(tmp_path: Path, stated: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_project(written(tmp_path, stated), environment={}).candidates  # noqa: B018 - it is built there
    assert told in str(error.value).replace("'fast'", "fast")
    assert "passmuster.yaml:6:" in str(error.value)
