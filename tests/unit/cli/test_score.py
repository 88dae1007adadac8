"""`passmuster score`: what it prints, when it asks, and what it refuses."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.cli import score as verb
from passmuster.cli.main import status
from passmuster.records.program import Execution, Program

FILE = """\
task: t
corpus: {{path: cases.jsonl, use: all}}
metrics: [exact_match{metrics}]
candidates:
  - {{name: always, provider: baseline, kind: constant, text: "print(1)"}}
scorers:
  - {{name: embedder, provider: openai, model: embed, api: embeddings, base_url: "{url}", prices: {{input: {price}, output: 0}}}}
"""
CLOSE = ", {name: close, metric: semantic_similarity, asks: embedder}"
RUNS = ", {name: runs, metric: 'own.py:Runs'}"
OWN = """\
from passmuster.records.program import Program
from passmuster.records.score import Score


class Runs:
    version, direction, bounds, binary, summary = 1, "higher", (0.0, 1.0), True, "mean"

    def program(self, case, reply):
        return Program(files={"a.py": reply.text}, command=("python", "a.py"))

    def read(self, case, reply, execution):
        return Score(value=float(execution.exit_code == 0))

    def score(self, case, reply):
        raise NotImplementedError
"""


class Sandbox:
    name = "fake"

    def run(self, program: Program) -> Execution:
        return Execution(status="exited", exit_code=0)

    def stop(self) -> None:
        raise NotImplementedError


@pytest.fixture
def url() -> Iterator[str]:
    model = SimulatedModel(name="embed", answers=Constant("unused"))
    with SimulatorThread(Simulator([model], time_scale=0.0)) as served:
        yield served.base_url


def project(folder: Path, monkeypatch: pytest.MonkeyPatch, metrics: str = "", **more: object) -> None:
    values = {"metrics": metrics, "url": "http://127.0.0.1:9/v1", "price": 0.02, **more}
    (folder / "passmuster.yaml").write_text(FILE.format(**values), encoding="utf-8")
    (folder / "cases.jsonl").write_text(
        '{"id": "1", "input": "x", "reference": "print(1)"}\n', encoding="utf-8"
    )
    (folder / "own.py").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(folder)
    assert status(["run", "--quiet"]) == 0


def test_a_row_a_candidate_and_a_column_a_metric_with_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, monkeypatch)

    assert status(["score", "--out", "scores.jsonl"]) == 0

    printed = capsys.readouterr()
    assert "exact_match v1" in printed.out
    assert [line.split() for line in printed.out.splitlines() if "always" in line] == [
        ["always", "1", "0", "1.000"]
    ]
    assert "Scores: scores.jsonl" in printed.err
    assert len((tmp_path / "scores.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_a_run_says_that_its_replies_are_to_be_scored_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, monkeypatch)
    assert status(["run"]) == 0
    assert "Next: passmuster compare" in capsys.readouterr().err

    project(tmp_path, monkeypatch, CLOSE)
    assert status(["run"]) == 0
    assert "Next: passmuster score" in capsys.readouterr().err


def test_json_is_the_whole_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, monkeypatch)
    capsys.readouterr()

    assert status(["score", "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["metrics"] == [
        {"name": "exact_match", "kind": "exact_match", "version": 1, "options": {}, "judge": None}
    ]
    assert report["candidates"][0]["metrics"] == [
        {"metric": "exact_match", "mean": 1.0, "n": 1, "failures": {}}
    ]
    assert report["not_scored"] == 0


def test_scorers_are_asked_after_their_cost_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    project(tmp_path, monkeypatch, CLOSE, url=url)

    assert status(["score"]) == 0

    told = capsys.readouterr().err
    assert "1 questions to scorers: about $" in told
    assert "scorers: 1 asked, 0 reused, 0 failed" in told
    assert status(["score"]) == 0
    assert "questions" not in capsys.readouterr().err


def test_much_is_not_spent_where_nobody_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    project(tmp_path, monkeypatch, CLOSE, url=url, price=10_000_000)

    assert status(["score"]) == 2
    assert "ask_above" in capsys.readouterr().err
    assert status(["score", "--yes"]) == 0


def test_a_budget_that_is_too_small_leaves_scores_out_and_exits_with_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    project(tmp_path, monkeypatch, CLOSE, url=url)

    assert status(["score", "--budget", "0"]) == 4

    printed = capsys.readouterr()
    assert "always: close not scored in 1: not_scored" in printed.out
    assert "to go on: passmuster score" in printed.err


def test_what_scorers_failed_on_is_told_until_it_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, monkeypatch, CLOSE)
    file = tmp_path / "passmuster.yaml"
    *above, _ = file.read_text(encoding="utf-8").splitlines()
    scorer = '  - {name: embedder, provider: python, function: "embed.py:embed"}'
    file.write_text("\n".join([*above, scorer]), encoding="utf-8")
    (tmp_path / "embed.py").write_text("def embed(text):\n    raise ValueError\n", encoding="utf-8")
    capsys.readouterr()
    for _ in range(2):
        assert status(["score", "--yes"]) == 0
        assert "to ask them again: passmuster score --retry-failures" in capsys.readouterr().err

    (tmp_path / "embed.py").write_text("def embed(text):\n    return '[1, 2]'\n", encoding="utf-8")
    assert status(["score", "--yes", "--retry-failures"]) == 0
    assert "--retry-failures" not in capsys.readouterr().err


def test_programs_are_run_only_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, monkeypatch, RUNS)
    chosen: list[object] = []

    def opened(_: object, choice: object, __: object) -> Sandbox:
        chosen.append(choice)
        return Sandbox()

    monkeypatch.setattr("passmuster.project.sandbox.open_sandbox", opened)

    assert status(["score"]) == 2
    refused = capsys.readouterr().err
    assert "runs: 1 program that models wrote would be run" in refused
    assert "--allow-exec" in refused
    assert status(["score", "--metric", "exact_match"]) == 0
    assert chosen == []

    assert status(["score", "--allow-exec", "--sandbox", "podman"]) == 0
    assert chosen == ["podman"]
    assert "1 program run" in capsys.readouterr().err
    assert status(["score"]) == 0


def test_a_sandbox_that_there_is_not_is_refused_where_no_program_has_to_be_run_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, monkeypatch)
    capsys.readouterr()

    for allowed in ([], ["--allow-exec"]):
        assert status(["score", "--sandbox", "foo", *allowed]) == 2
        refused = capsys.readouterr()
        assert not refused.out
        assert "'--sandbox': 'foo' is not one of" in refused.err
        assert all(
            f"'{kind}'" in refused.err for kind in ("auto", "namespaces", "bubblewrap", "podman", "plain")
        )

    assert status(["score", "--sandbox", "plain"]) == 0


def test_before_a_run_there_is_nothing_to_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, monkeypatch)
    (tmp_path / ".passmuster" / "store.db").unlink()

    assert status(["score"]) == 4
    assert "passmuster run" in capsys.readouterr().err


def test_it_scores_on_the_cores_that_it_may_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verb._cores() >= 1

    monkeypatch.delattr("os.sched_getaffinity", raising=False)

    assert verb._cores() >= 1
