"""Scoring stored trials on a project: scorers over loopback HTTP, programs in a sandbox that tells what it ran."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.errors import ConfigurationError, IncompleteError, UsageError
from passmuster.project.api import compare, trials_frame
from passmuster.project.asking import run
from passmuster.project.load import Project, load_project
from passmuster.project.scoring import ScoreWish, estimate_questions, missing_steps, score
from passmuster.records.program import Execution, Program
from passmuster.records.scored import ScoreReport

TASK = """\
task: closeness
corpus: {{path: cases.jsonl, use: all}}
metrics: {metrics}
repeats: {repeats}
candidates:
  - {{name: one, provider: replay, path: recorded.jsonl}}
  - {{name: other, provider: baseline, kind: constant, text: "yes"}}
scorers:
  - {{name: embedder, provider: openai, model: embed, api: embeddings, base_url: "{url}", prices: {{input: 0.02, output: 0}}}}
"""
ANSWERS = ["yes", "maybe", "yes", "no way"]
METRICS = "[exact_match, {name: close, metric: semantic_similarity, asks: embedder}]"
OWN = '''\
from dataclasses import dataclass

from passmuster.records.program import Program
from passmuster.records.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """1 where the reply's program ends well."""

    name: str = "runs"
    version = 1
    direction = "higher"
    bounds = (0.0, 1.0)
    binary = True
    summary = "mean"

    def program(self, case, reply):
        return Program(files={"a.py": reply.text}, command=("python", "a.py"))

    def read(self, case, reply, execution):
        return Score(value=float(execution.exit_code == 0))

    def score(self, case, reply):
        raise NotImplementedError
'''

Make = Callable[..., Project]


class Sandbox:
    """Ends well for programs that say yes."""

    name = "fake"

    def __init__(self) -> None:
        self.ran: list[str] = []

    def run(self, program: Program) -> Execution:
        text = program.files["a.py"]
        self.ran.append(text)
        return Execution(status="exited", exit_code=int(text != "yes"))

    def stop(self) -> None:
        raise NotImplementedError


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    model = SimulatedModel(name="embed", answers=Constant("unused"))
    with SimulatorThread(Simulator([model], time_scale=0.0)) as served:
        yield served


@pytest.fixture
def make(tmp_path: Path, simulator: Simulator) -> Make:
    """Write a project whose candidates have answered, and open it; called again, it changes the file."""

    def written(metrics: str = METRICS, references: str = "yes", repeats: int = 1, cases: int = 4) -> Project:
        rows = [{"id": str(n), "input": f"question {n}", "reference": references} for n in range(cases)]
        outputs = [
            {"id": str(n), "output": ANSWERS[(n + r) % 4], "repeat": r}
            for n in range(cases)
            for r in range(repeats)
        ]
        (tmp_path / "cases.jsonl").write_text(
            "".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8"
        )
        (tmp_path / "recorded.jsonl").write_text(
            "".join(f"{json.dumps(row)}\n" for row in outputs), encoding="utf-8"
        )
        (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
        text = TASK.format(metrics=metrics, url=simulator.base_url, repeats=repeats)
        (tmp_path / "passmuster.yaml").write_text(text, encoding="utf-8")
        project = load_project(tmp_path, environment={})
        run(project)
        return project

    return written


def summary(report: ScoreReport, metric: str, candidate: str = "one") -> Any:
    found = next(each for each in report.candidates if each.name == candidate)
    return next(each for each in found.metrics if each.metric == metric)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_text_is_embedded_once_over_all_candidates_and_cases(make: Make, simulator: Simulator) -> None:
    report = score(make())

    texts = [served for served in simulator.truth if served.model == "embed"]
    assert len(texts) == len({"yes", "maybe", "no way"})
    assert summary(report, "close", "other").mean == 1.0
    assert summary(report, "close").n == 4
    assert summary(report, "exact_match").mean == 0.5
    assert report.not_scored == 0
    assert [(end.status, end.asked) for end in report.asked] == [("complete", 3)]


def test_the_same_again_asks_nothing(make: Make, simulator: Simulator) -> None:
    project = make()
    first = score(project)
    asked = len(simulator.truth)

    again = score(project)

    assert len(simulator.truth) == asked
    assert again == replace(first, asked=())


def test_another_reference_asks_about_that_reference_alone(make: Make, simulator: Simulator) -> None:
    score(make())
    asked = len(simulator.truth)

    score(make(references="surely"))

    assert len(simulator.truth) == asked + 1


def test_a_comparison_and_a_table_read_what_was_scored(make: Make) -> None:
    project = make()
    before = compare(project)
    assert [each.metrics["close"].value for each in before.candidates] == [None, None]

    score(project)

    after = compare(project)
    assert after.candidates[1].metrics["close"].value == 1.0
    assert after.candidates[0].metrics["close"].n == 4
    frame = trials_frame(project)
    assert frame["score.close"].notna().all()


def test_questions_are_ordinary_trials_that_are_priced_and_bounded_by_the_budget(make: Make) -> None:
    project = make()
    missing = missing_steps(project, ScoreWish())
    expected = estimate_questions(project, missing)
    assert expected.trials == 3
    assert expected.expected is not None
    assert expected.expected > 0

    report = score(project, ScoreWish(budget=0.0))

    assert report.asked[0].status == "incomplete"
    assert report.not_scored == 8
    assert summary(report, "close").failures == {"not_scored": 4}
    assert summary(report, "exact_match").n == 4


def test_what_was_asked_before_it_stopped_is_not_asked_again(make: Make, simulator: Simulator) -> None:
    project = make()
    score(project, ScoreWish(limit=1))
    asked = len(simulator.truth)

    score(project)

    assert asked < len(simulator.truth) == 3


def test_an_unknown_scorer_is_told_with_the_closest_one(make: Make) -> None:
    with pytest.raises(ConfigurationError, match="there is no scorer 'embeder'") as caught:
        make("[exact_match, {name: close, metric: semantic_similarity, asks: embeder}]").metrics()
    assert caught.value.place is not None
    assert "embedder" in str(caught.value.hint)


def test_a_scorer_has_no_prompt(make: Make, tmp_path: Path) -> None:
    make()
    text = (tmp_path / "passmuster.yaml").read_text(encoding="utf-8")
    wrong = text.replace("api: embeddings,", 'api: embeddings, prompt: {user: "{{ input }}"},')
    (tmp_path / "passmuster.yaml").write_text(wrong, encoding="utf-8")

    with pytest.raises(ConfigurationError, match="the scorer 'embedder' has a prompt"):
        load_project(tmp_path, environment={})


def test_programs_are_run_once_each_and_only_in_a_sandbox(make: Make) -> None:
    project = make("[exact_match, {name: runs, metric: 'own.py:Runs'}]")
    sandbox = Sandbox()

    without = score(project)
    assert summary(without, "runs").failures == {"not_scored": 4}
    assert missing_steps(project, ScoreWish()).running == ("runs",)

    report = score(project, ScoreWish(jobs=2), sandbox=sandbox)

    assert sorted(sandbox.ran) == ["maybe", "no way", "yes"]
    assert (report.ran, summary(report, "runs").mean, summary(report, "runs", "other").mean) == (3, 0.5, 1.0)
    assert score(project, sandbox=sandbox).ran == 0
    assert compare(project).candidates[0].metrics["runs"].value == 0.5


def test_every_score_is_written_in_the_order_of_candidates_cases_and_repeats(
    make: Make, tmp_path: Path
) -> None:
    out = tmp_path / "scores.jsonl"

    score(make(repeats=2), ScoreWish(out=out))

    rows = lines(out)
    order = [(row["candidate"], row["case_id"], row["repeat"]) for row in rows]
    assert order == [(name, str(n), r) for name in ("one", "other") for n in range(4) for r in range(2)]
    assert rows[0]["scores"]["exact_match"] == {"version": 1, "value": 1.0, "answer": "yes"}
    assert set(rows[0]["scores"]["close"]) == {"version", "value", "answer", "details"}


def test_only_some_metrics_candidates_and_cases_are_scored_where_they_are_named(
    make: Make, tmp_path: Path, simulator: Simulator
) -> None:
    out = tmp_path / "scores.jsonl"

    report = score(make(), ScoreWish(metrics=("exact_match",), only=("other",), limit=3, out=out))

    assert len(simulator.truth) == 0
    assert [each.name for each in report.metrics] == ["exact_match"]
    assert [(each.name, each.trials) for each in report.candidates] == [("other", 3)]
    assert [set(row["scores"]) for row in lines(out)] == [{"exact_match"}] * 3


def test_many_processes_write_the_bytes_that_one_writes(make: Make, tmp_path: Path) -> None:
    project = make(repeats=2, cases=1300)
    one, many = tmp_path / "one.jsonl", tmp_path / "many.jsonl"

    first = score(project, ScoreWish(out=one))
    second = score(project, ScoreWish(out=many, jobs=3))

    assert one.read_bytes() == many.read_bytes()
    assert len(lines(one)) == 2 * 2 * 1300
    assert replace(second, path=None) == replace(first, path=None, asked=())


def test_trials_that_were_stored_in_another_order_give_the_same_bytes(make: Make, tmp_path: Path) -> None:
    def scored(*order: str) -> bytes:
        project = make(repeats=2)
        text = project.path.read_text(encoding="utf-8")
        project.path.write_text(f"{text}store: {order[0]}.db\n", encoding="utf-8")
        project = load_project(tmp_path, environment={})
        for name in order:
            run(project, only=[name], limit=2)
        run(project)
        out = tmp_path / "scores.jsonl"
        score(project, ScoreWish(out=out))
        return out.read_bytes()

    assert scored("one", "other") == scored("other", "one")


def test_slips_are_told(make: Make) -> None:
    project = make()

    with pytest.raises(UsageError, match="no metric 'exact'") as caught:
        score(project, ScoreWish(metrics=("exact",)))
    assert "exact_match" in str(caught.value.hint)
    with pytest.raises(UsageError, match="no candidate is called 'on'"):
        score(project, ScoreWish(only=("on",)))
    with pytest.raises(UsageError, match="at least one process"):
        score(project, ScoreWish(jobs=0))


def test_without_trials_there_is_nothing_to_score(make: Make) -> None:
    project = make()
    project.store_path.unlink()

    with pytest.raises(IncompleteError, match="no trials"):
        score(project)


def test_a_file_that_cannot_be_written_is_told(make: Make, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")

    with pytest.raises(UsageError, match="cannot be written"):
        score(make("[exact_match]"), ScoreWish(out=tmp_path / "taken" / "scores.jsonl"))
