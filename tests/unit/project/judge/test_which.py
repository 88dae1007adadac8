"""Judges of a project, its free metrics and imported machines, beside what people said of stored replies."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.cli.main import status
from passmuster.errors import UsageError
from passmuster.project.asking import run
from passmuster.project.judge.which import WhichJudge, compare_judges
from passmuster.project.load import Project, load_project
from passmuster.project.rating.draws import draw_replies
from passmuster.project.rating.replies import stored_replies
from passmuster.project.scoring import score
from passmuster.project.simulation import endpoint_models
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.rating import Choice, Rating, reply_digest
from passmuster.workflows.judge.which import WhichWish

CASES = 60
TASK = """\
task: answers
corpus: {{path: cases.jsonl, use: all}}
metrics:
  - {{name: right, metric: judge, asks: small, rubric: {rubric}}}
  - {{name: dearer, metric: judge, asks: large, rubric: {rubric}}}
  - {{name: rule, metric: contains}}
  - {{name: better, metric: pairwise, asks: large, against: short}}
  - {{name: better_cheaply, metric: pairwise, asks: small, against: short}}
candidates:
  - {{name: long, provider: replay, path: recorded.jsonl, select: long}}
  - {{name: short, provider: replay, path: recorded.jsonl, select: short}}
scorers:
  - {{name: small, provider: openai, model: small, base_url: "{url}", prices: {{input: 0.1, output: 0.4}}}}
  - {{name: large, provider: openai, model: large, base_url: "{url}", prices: {{input: 5, output: 20}}}}
"""
RUBRIC = '{criteria: [{name: right, question: "Is it right?"}], low: 0, high: 1}'
ENDPOINTS = """\
endpoints:
  - {name: small, answers: {kind: judge, truth: truths.jsonl, sensitivity: 0.97, specificity: 0.97}}
  - {name: large, answers: {kind: judge, truth: truths.jsonl}}
"""

Made = Callable[[], Project]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """Return what makes a project whose judges have judged all replies."""
    with ExitStack() as stack:

        def make() -> Project:
            _write(tmp_path, "http://127.0.0.1:1/v1")
            file = tmp_path / "endpoints.yaml"
            file.write_text(ENDPOINTS)
            served = endpoint_models(file, load_project(tmp_path, environment={}), {})
            simulator = Simulator(served.models, served.seed, time_scale=0)
            stack.enter_context(SimulatorThread(simulator))
            _write(tmp_path, simulator.base_url)
            project = load_project(tmp_path, environment={})
            run(project)
            score(project)
            return project

        yield make


def _right(name: str, number: int) -> bool:
    return (number % 3 > 0) == (name == "long")


def _write(folder: Path, url: str) -> None:
    """Write a project in which `long` is right in two cases of three, and `short` in the others."""
    cases, outputs, truths = [], [], []
    for n in range(CASES):
        cases.append({"id": str(n), "input": f"Question {n}?", "reference": "long"})
        for name in ("long", "short"):
            text = f"a {name} reply, number {n}"
            outputs.append({"id": str(n), "candidate": name, "output": text})
            truths.append({"case": str(n), "text": text, "value": int(_right(name, n)), "candidate": name})
    for name, rows in (("cases", cases), ("recorded", outputs), ("truths", truths)):
        (folder / f"{name}.jsonl").write_text(
            "".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8"
        )
    (folder / "passmuster.yaml").write_text(TASK.format(url=url, rubric=RUBRIC), encoding="utf-8")


def rated(
    project: Project, *, kind: str = "human", rater: str = "ana", cost: float | None = None
) -> list[Rating]:
    """Return ratings of all replies that say what is true."""
    return [
        Rating(
            case=each.case.id,
            reply=reply_digest(each.reply),
            metric="right",
            value=float(_right(each.candidate, int(each.case.id))),
            rater=rater,
            kind="human" if kind == "human" else "machine",
            cost=cost,
        )
        for each in stored_replies(project)
    ]


def row(found: Comparison, name: str) -> CandidateReport:
    return next(each for each in found.candidates if each.name == name)


def test_the_cheaper_judge_of_two_that_are_good_enough_is_chosen_and_the_rule_is_not(made: Made) -> None:
    project = made()
    project.ratings.ratings.append(rated(project))
    found, evidence = compare_judges(project, WhichJudge(metric="right"))

    assert {each.name for each in found.candidates} == {"right", "dearer", "rule"}
    assert found.decision.chosen == "right"
    assert row(found, "dearer").metrics["agreement"].value == 1.0
    cheap, dear = (row(found, name).cost.per_task.value for name in ("right", "dearer"))
    assert cheap is not None
    assert dear is not None
    assert 0 < cheap < dear
    assert row(found, "rule").cost.per_task.value == 0.0
    assert row(found, "rule").verdict.status == "fail"
    assert row(found, "right").latency.p50.value is not None
    assert len(evidence) == 2 * CASES


def test_machines_whose_ratings_were_imported_stand_beside_with_their_cost(made: Made) -> None:
    project = made()
    machine = rated(project, kind="machine", rater="gpt-x", cost=0.25)
    unsure = [*machine[:20], *(_without(each) for each in machine[20:25])]
    project.ratings.ratings.append([*rated(project), *unsure])
    found, _ = compare_judges(project, WhichJudge(metric="right", judges=("right", "gpt-x")))

    assert [each.name for each in found.candidates] == ["right", "gpt-x"]
    bought = row(found, "gpt-x")
    assert bought.cost.per_task.value == pytest.approx(0.25)
    assert (bought.metrics["agreement"].n, bought.failures.score_failures) == (20, {"agreement": 5})
    assert bought.n_missing == 2 * CASES - 25


def _without(rating: Rating) -> Rating:
    return replace(rating, value=None)


def test_judges_of_pairs_are_compared_on_choices_whichever_side_was_shown_first(made: Made) -> None:
    project = made()
    replies = {(each.candidate, each.case.id): reply_digest(each.reply) for each in stored_replies(project)}
    choices = []
    for n in range(CASES):
        sides = ("long", "short") if n % 2 else ("short", "long")
        first = _right(sides[0], n)
        choices.append(
            Choice(
                case=str(n),
                first=replies[sides[0], str(n)],
                second=replies[sides[1], str(n)],
                metric="better",
                chosen="first" if first else "second",
                rater="ana",
                kind="human",
            )
        )
    project.ratings.choices.append(choices)
    found, _ = compare_judges(project, WhichJudge(wish=WhichWish(at_least=0.85)))

    assert {each.name for each in found.candidates} == {"better", "better_cheaply"}
    assert row(found, "better").metrics["agreement"].value == 1.0
    assert row(found, "better").metrics["agreement"].n == CASES


def test_ratings_of_a_draw_count_by_what_they_stand_for(made: Made) -> None:
    project = made()
    draw = draw_replies(project, "right", number=30, purpose="calibration", seed=1)
    said = {(each.case, each.reply): each for each in rated(project)}
    project.ratings.ratings.append([said[item.case, item.reply] for item in draw.items])
    found, _ = compare_judges(project, WhichJudge())

    assert found.corpus.cases == 30
    assert found.corpus.effective is not None


def test_a_fresh_draw_of_the_newest_replies_does_not_shrink_what_the_others_stand_for(made: Made) -> None:
    project = made()
    draw = draw_replies(project, "right", number=30, purpose="calibration", seed=1)
    said = {(each.case, each.reply): each for each in rated(project)}
    project.ratings.ratings.append([said[item.case, item.reply] for item in draw.items])
    before, _ = compare_judges(project, WhichJudge())
    few = {name: dict.fromkeys(strata, 1) | {"1": 40} for name, strata in draw.populations.items()}
    project.ratings.draws.append([replace(draw, purpose="fresh", id="later", items=(), populations=few)])

    assert compare_judges(project, WhichJudge())[0].corpus.effective == before.corpus.effective


def test_drawn_pairs_count_by_what_they_stand_for(made: Made) -> None:
    project = made()
    draw = draw_replies(project, "better", number=None, purpose="calibration", seed=1)
    project.ratings.choices.append(
        Choice(
            case=item.case,
            first=item.reply,
            second=item.second or "",
            metric="better",
            chosen="first" if _right(item.candidate, int(item.case)) else "second",
            rater="ana",
            kind="human",
        )
        for item in draw.items
    )
    found, _ = compare_judges(project, WhichJudge())

    assert found.corpus.effective is not None


def test_what_there_is_not_is_named(made: Made) -> None:
    project = made()
    with pytest.raises(UsageError, match="nobody has rated"):
        compare_judges(project, WhichJudge())
    with pytest.raises(UsageError, match="nobody has rated any reply for right"):
        compare_judges(project, WhichJudge(metric="right"))
    project.ratings.ratings.append(rated(project)[:10])
    with pytest.raises(UsageError, match="no judge is called 'sight'"):
        compare_judges(project, WhichJudge(judges=("sight",)))
    with pytest.raises(UsageError, match="no metric 'none'"):
        compare_judges(project, WhichJudge(metric="none"))


def test_the_command_says_which_judge_is_the_cheapest_that_is_good_enough(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    project = made()
    project.ratings.ratings.append(rated(project))
    asked = ["judge", "compare", "--project", str(project.path)]

    assert status(asked) == 0
    told = capsys.readouterr()
    assert "The cheapest judge that is good enough: right" in told.err
    assert (project.reports_dir / "answers-judges.html").is_file()
    assert status([*asked, "--json", "--at-least", "0.9999"]) in {1, 3}
    assert json.loads(capsys.readouterr().out)["decision"]["chosen"] is None
    assert status([*asked, "--markdown"]) == 0
    assert "| right |" in capsys.readouterr().out
