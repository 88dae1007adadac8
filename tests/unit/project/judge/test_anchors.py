"""Anchors of a project, scored over loopback HTTP by a simulated judge that stays, varies, moves or goes away."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.cli.main import status
from passmuster.errors import CorpusError, IncompleteError, NotAvailableError, UsageError
from passmuster.project.asking import run
from passmuster.project.judge.anchors import check_anchors, draw_anchors
from passmuster.project.judge.drift import DriftWish, anchored, judge_drift_report
from passmuster.project.judge_drift import anchors_of, drift_of
from passmuster.project.judges import find_judge
from passmuster.project.load import Project, load_project
from passmuster.project.scoring import score
from passmuster.project.simulation import endpoint_models
from passmuster.records.rating import Rating, reply_digest

CASES = 40
TASK = """\
task: answers
corpus: {{path: cases.jsonl, use: all}}
metrics:
  - {{name: quality, metric: judge, asks: it, rubric: {rubric}}}
  - {{name: better, metric: pairwise, asks: it, against: short}}
candidates:
  - {{name: long, provider: replay, path: recorded.jsonl, select: long}}
  - {{name: short, provider: replay, path: recorded.jsonl, select: short}}
scorers:
  - {{name: it, provider: openai, model: judge, base_url: "{url}", prices: {{input: 1, output: 1}}}}
"""
MET_OR_NOT = '{criteria: [{name: right, question: "Is it right?"}], low: 0, high: 1}'
GRADED = '{criteria: [{name: good, question: "Is it good?"}], low: 1, high: 5}'

Judged = Callable[..., Project]


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[Judged]:
    """Return what makes a project whose replies were judged by a judge of this kind, which goes on to answer."""
    with ExitStack() as stack:

        def make(answers: str, more: str = "", *, rubric: str = MET_OR_NOT, high: int = 1) -> Project:
            _write(tmp_path, "http://127.0.0.1:1/v1", rubric, high)
            file = tmp_path / "endpoints.yaml"
            file.write_text(f"endpoints:\n  - {{name: judge, answers: {{kind: judge, {answers}}}{more}}}\n")
            served = endpoint_models(file, load_project(tmp_path, environment={}), {})
            simulator = Simulator(served.models, served.seed, time_scale=0)
            stack.enter_context(SimulatorThread(simulator))
            _write(tmp_path, simulator.base_url, rubric, high)
            project = load_project(tmp_path, environment={})
            run(project)
            score(project)
            return project

        yield make


def _write(folder: Path, url: str, rubric: str, high: int) -> None:
    """Write a project in which `long` is right in three cases of four, and `short` in the others."""
    cases, outputs, truths = [], [], []
    for n in range(CASES):
        cases.append({"id": str(n), "input": f"Question {n}?"})
        for name, text, right in (
            ("long", f"a long reply, number {n}", n % 4 > 0),
            ("short", f"short {n}", n % 4 == 0),
        ):
            outputs.append({"id": str(n), "candidate": name, "output": text})
            truths.append(
                {"case": str(n), "text": text, "value": high if right else high // 2, "candidate": name}
            )
    for name, rows in (("cases", cases), ("recorded", outputs), ("truths", truths)):
        (folder / f"{name}.jsonl").write_text(
            "".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8"
        )
    (folder / "passmuster.yaml").write_text(TASK.format(url=url, rubric=rubric), encoding="utf-8")


def silently(answers: str, after: int = 2 * CASES + 2 * CASES) -> str:
    """Return the switch to another judge, after the replies were scored for the first time."""
    return f", switch: {{at_request: {after}, silent: true, answers: {{kind: judge, {answers}}}}}"


def test_a_judge_that_stays_raises_no_alarm_however_often_it_is_asked(judged: Judged) -> None:
    project = judged("truth: truths.jsonl, sensitivity: 0.8, specificity: 0.8")
    judge = find_judge(project, "quality")
    anchors = draw_anchors(project, judge, 50)
    first = check_anchors(project, judge, anchors, first=True)
    second, third = (check_anchors(project, judge, anchors) for _ in range(2))

    assert (first.status, first.checks) == ("unknown", 0)
    assert (second.status, third.status) == ("steady", "steady")
    assert third.checks == 2
    assert third.chance == pytest.approx(1 - 0.99**2)
    assert len(third.history) == 3
    assert third.models == ("judge",)


def test_a_judge_that_was_changed_silently_is_found_at_the_next_check(judged: Judged) -> None:
    project = judged("truth: truths.jsonl", silently("truth: truths.jsonl, sensitivity: 0.5", 4 * CASES + 50))
    judge = find_judge(project, "quality")
    anchors = draw_anchors(project, judge, 50)
    check_anchors(project, judge, anchors, first=True)

    found = check_anchors(project, judge, anchors)

    assert found.status == "moved"
    assert found.since_first is not None
    assert found.since_first.value < -0.1
    assert found.since_first.up == 0
    assert any("quality moved" in text for text in found.remarks)


def test_a_judge_that_grades_lower_is_found(judged: Judged) -> None:
    project = judged(
        "truth: truths.jsonl",
        silently("truth: truths.jsonl, shift: -1", 4 * CASES + 50),
        rubric=GRADED,
        high=4,
    )
    judge = find_judge(project, "quality")
    anchors = draw_anchors(project, judge, 50)
    check_anchors(project, judge, anchors, first=True)

    found = check_anchors(project, judge, anchors)

    assert found.status == "moved"
    assert found.since_first is not None
    assert found.since_first.method == "paired t"
    assert -1 <= found.since_first.value < -0.5


def test_a_judge_that_begins_to_refuse_has_moved(judged: Judged) -> None:
    project = judged("truth: truths.jsonl", silently("truth: truths.jsonl, refusal: 0.6", 4 * CASES + 50))
    judge = find_judge(project, "quality")
    anchors = draw_anchors(project, judge, 50)
    check_anchors(project, judge, anchors, first=True)

    found = check_anchors(project, judge, anchors)

    assert found.status == "moved"
    assert found.readable is not None
    assert found.readable.alarm
    assert found.unreadable > 15


def test_another_model_is_named_and_what_it_says_is_compared_all_the_same(judged: Judged) -> None:
    project = judged("truth: truths.jsonl")
    judge = find_judge(project, "quality")
    check_anchors(project, judge, draw_anchors(project, judge, 50), first=True)
    file = project.path
    file.write_text(file.read_text().replace("{name: it,", "{name: it, parameters: {temperature: 0.5},"))
    other = load_project(file, environment={})

    found = check_anchors(other, find_judge(other, "quality"), anchors_of(other)["quality"])

    assert found.judge != judge.version
    assert any("the question or the parameters changed" in text for text in found.changed)
    assert found.status == "steady"


def test_the_store_may_be_lost_since_anchors_hold_what_is_judged(judged: Judged) -> None:
    project = judged("truth: truths.jsonl")
    for name in ("quality", "better"):
        judge = find_judge(project, name)
        check_anchors(project, judge, draw_anchors(project, judge, 50), first=True)
    for path in project.store_path.parent.glob("*.db*"):
        path.unlink()
    (project.folder / "cases.jsonl").write_text('{"id": "new", "input": "Another one?"}\n')
    later = load_project(project.path, environment={})

    for name in ("quality", "better"):
        found = check_anchors(later, find_judge(later, name), anchors_of(later)[name])
        assert (found.status, found.since_first and found.since_first.n) == ("steady", found.anchors)


def test_anchors_are_those_that_people_rated_first_with_what_they_said(judged: Judged) -> None:
    project = judged("truth: truths.jsonl")
    judge = find_judge(project, "quality")
    known = draw_anchors(project, judge, 10, seed=3)
    assert anchors_of(project) == {}
    rated = [
        Rating(
            case=each.case.id,
            reply=reply_digest(each.reply),
            metric="quality",
            value=1.0,
            rater="ana",
            kind="human",
        )
        for each in known
    ]
    project.ratings.ratings.append(rated)

    found = draw_anchors(project, judge, 10, seed=4)

    assert {each.digest for each in found} == {each.digest for each in known}
    assert all(each.value == 1.0 for each in found)
    check_anchors(project, judge, found, first=True)
    assert anchors_of(project)["quality"] == found


@pytest.mark.parametrize("budget", [0.0, 1e-4])
def test_new_anchors_take_the_place_of_the_old_ones_only_with_a_whole_first_check(
    judged: Judged, budget: float
) -> None:
    project = judged("truth: truths.jsonl")
    wish = DriftWish(metrics=("quality",), anchors=50, fresh=0)
    judge_drift_report(project, wish, anchored(project, wish))
    kept = anchors_of(project)
    other = DriftWish(metrics=("quality",), anchors=60, fresh=0, seed=1, budget=budget)
    due = anchored(project, other)
    assert anchors_of(project) == kept, "somebody may not agree to the cost"
    with pytest.raises(IncompleteError, match="budget is enough"):
        judge_drift_report(project, other, due)
    assert anchors_of(project) == kept
    assert drift_of(project)["quality"].checks == 0
    assert len(project.ratings.checks.read()) == 1


def test_a_check_without_an_answer_about_some_anchors_says_so(
    judged: Judged, capsys: pytest.CaptureFixture[str]
) -> None:
    project = judged("truth: truths.jsonl")
    wish = DriftWish(metrics=("quality",), anchors=50, fresh=0)
    judge_drift_report(project, wish, anchored(project, wish))
    (first,) = project.ratings.checks.read()
    part = dict(list(first.values.items())[:30])
    project.ratings.checks.append([replace(first, values=part, first=False, time=first.time + 1)])
    (found,) = drift_of(project).values()
    assert (found.status, found.missing) == ("steady", 20)
    asked = ["judge", "drift", "--project", str(project.path), "--metric", "quality", "--no-ask"]
    assert status(asked) == 4
    assert "gave no answer about 20 of 50 anchors" in capsys.readouterr().out


def test_what_is_accepted_is_what_later_checks_are_compared_with(judged: Judged) -> None:
    project = judged("truth: truths.jsonl", silently("truth: truths.jsonl, sensitivity: 0.5", 4 * CASES + 50))
    begin = DriftWish(metrics=("quality",), anchors=50, fresh=0)
    wish = DriftWish(metrics=("quality",), fresh=0)
    statuses = [
        judge_drift_report(project, each, anchored(project, each)).judges[0].status
        for each in (begin, wish, DriftWish(metrics=("quality",), fresh=0, accept=True), wish)
    ]
    assert statuses == ["unknown", "moved", "unknown", "steady"]


def test_fresh_replies_wait_for_people_and_their_gap_is_kept_by_draw(judged: Judged) -> None:
    project = judged("truth: truths.jsonl, sensitivity: 0.5")
    wish = DriftWish(metrics=("quality",), anchors=50, fresh=20)
    report = judge_drift_report(project, wish, anchored(project, wish))
    gap = report.judges[0].fresh[0]
    assert (gap.drawn, gap.waiting, gap.gap.value, dict(report.drawn)) == (20, 20, None, {"quality": 20})

    draw = next(each for each in project.ratings.draws.read() if each.id == gap.draw)
    truths = [json.loads(line) for line in (project.folder / "truths.jsonl").read_text().splitlines()]
    said = {(row["case"], row["candidate"]): float(row["value"]) for row in truths}
    project.ratings.ratings.append(
        [
            Rating(
                case=item.case,
                reply=item.reply,
                metric="quality",
                value=said[item.case, item.candidate],
                rater="ana",
                kind="human",
                draw=draw.id,
                time=7.0,
            )
            for item in draw.items[:15]
        ]
    )
    after = judge_drift_report(
        project,
        DriftWish(metrics=("quality",), ask=False),
        anchored(project, DriftWish(metrics=("quality",))),
    )
    found = after.judges[0].fresh[0]

    assert (found.gap.n, found.waiting, found.newest) == (15, 5, 7.0)
    assert found.gap.value is not None
    assert found.gap.value > 0
    assert found.gap.low is not None


def test_a_check_is_told_by_the_command_with_its_exit_code_and_a_page(
    judged: Judged, capsys: pytest.CaptureFixture[str]
) -> None:
    project = judged("truth: truths.jsonl", silently("truth: truths.jsonl, sensitivity: 0.3", 4 * CASES + 50))
    asked = ["judge", "drift", "--project", str(project.path), "--metric", "quality", "--fresh", "0"]

    assert status(asked) == 3
    assert "judge drift --set 60" in capsys.readouterr().err
    assert status([*asked, "--set", "50"]) == 0
    capsys.readouterr()
    assert status([*asked, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["judges"][0]["status"] == "moved"
    assert status([*asked, "--no-ask"]) == 1
    assert "quality: MOVED" in capsys.readouterr().out
    page = (project.reports_dir / "answers-judge-drift.html").read_text(encoding="utf-8")
    assert "quality: MOVED" in page
    assert "<svg" in page


def test_score_has_the_anchors_of_a_judge_scored_again_whenever_it_asks_it_anything(
    judged: Judged, capsys: pytest.CaptureFixture[str]
) -> None:
    project = judged("truth: truths.jsonl", silently("truth: truths.jsonl, sensitivity: 0.3", 4 * CASES + 50))
    wish = DriftWish(metrics=("quality",), anchors=50, fresh=0)
    judge_drift_report(project, wish, anchored(project, wish))
    asked = ["score", "--project", str(project.path)]

    assert status(asked) == 0
    assert len(project.ratings.checks.read()) == 1
    _one_more(project)
    assert status([*asked, "--no-anchors"]) == 0
    assert "anchors of quality" not in capsys.readouterr().err
    _one_more(project)
    assert status([*asked, "--json"]) == 0
    told = capsys.readouterr()
    assert "anchors of quality: MOVED (50 anchors)" in told.err
    assert "quality moved" in told.err
    assert json.loads(told.out)["anchors"][0]["status"] == "moved"
    assert drift_of(project)["quality"].status == "moved"


def _one_more(project: Project) -> None:
    """Add a case with its replies, and have it answered."""
    number = len((project.folder / "cases.jsonl").read_text().splitlines())
    with (project.folder / "cases.jsonl").open("a") as cases:
        cases.write(json.dumps({"id": f"more {number}", "input": f"Question more {number}?"}) + "\n")
    with (project.folder / "recorded.jsonl").open("a") as outputs:
        for name in ("long", "short"):
            row = {"id": f"more {number}", "candidate": name, "output": f"a {name} one more {number}"}
            outputs.write(json.dumps(row) + "\n")
    run(load_project(project.path, environment={}))


def test_where_nothing_is_judged_there_are_no_anchors(judged: Judged) -> None:
    project = judged("malformed: 1")
    with pytest.raises(IncompleteError, match="a verdict on 0 of the stored replies"):
        draw_anchors(project, find_judge(project, "quality"), 50)
    with pytest.raises(UsageError, match="at least 2"):
        draw_anchors(project, find_judge(project, "quality"), 1)
    with pytest.raises(NotAvailableError, match="no anchors"):
        anchored(project, DriftWish())
    assert drift_of(project) == {}


def test_a_broken_line_of_the_anchors_is_named(judged: Judged) -> None:
    project = judged("truth: truths.jsonl")
    project.ratings.anchors.path.write_text('{"set": 1}\n')
    with pytest.raises(CorpusError, match=r"anchors\.jsonl:1"):
        drift_of(project)
