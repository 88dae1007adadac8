"""Calibrating a judge of a project, over loopback HTTP: what is gathered, drawn and probed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.cli.main import status
from passmuster.errors import IncompleteError, UsageError
from passmuster.project.asking import Silent, run
from passmuster.project.judge.calibrate import CalibrateWish, Calibrating
from passmuster.project.judge.gathering import gathered
from passmuster.project.judges import find_judge
from passmuster.project.load import Project, load_project
from passmuster.project.scoring import score
from passmuster.project.simulation import endpoint_models
from passmuster.records.rating import Rating, reply_digest
from passmuster.records.trial import Reply

CASES = 30
TASK = """\
task: answers
corpus: {{path: cases.jsonl, use: all}}
metrics:
  - {{name: quality, metric: judge, asks: it, rubric: {{criteria: {{right: "Is it right?"}}, low: 0, high: 1}}}}
  - {{name: better, metric: pairwise, asks: it, against: short}}
  - {{name: panel, metric: pairwise, asks: [it, other], against: short}}
candidates:
  - {{name: long, provider: replay, path: recorded.jsonl}}
  - {{name: short, provider: replay, path: recorded.jsonl}}
scorers:
  - {{name: it, provider: openai, model: judge, base_url: "{url}"}}
  - {{name: other, provider: openai, model: judge, base_url: "{url}", parameters: {{seed: 2}}}}
"""


def write(folder: Path, url: str, cases: Sequence[dict[str, object]]) -> None:
    outputs = [
        {
            "id": case["id"],
            "candidate": name,
            "output": f"{name} reply {case['id']}{' and more' * 9 * (name == 'long')}",
        }
        for case in cases
        for name in ("long", "short")
    ]
    truths = [
        {"case": row["id"], "text": row["output"], "value": int(int(str(row["id"])) % 3 > 0)}
        for row in outputs
    ]
    for name, rows in (("cases", cases), ("recorded", outputs), ("truths", truths)):
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (folder / "passmuster.yaml").write_text(TASK.format(url=url), encoding="utf-8")


@contextmanager
def judged(folder: Path, answers: str = "", cases: Sequence[dict[str, object]] = ()) -> Iterator[Project]:
    """Serve a judge that knows the truth, and have every reply judged."""
    cases = cases or [{"id": str(n), "input": f"Question {n}?"} for n in range(CASES)]
    write(folder, "http://127.0.0.1:1/v1", cases)
    file = folder / "endpoints.yaml"
    file.write_text(
        f"endpoints:\n  - {{name: judge, answers: {{kind: judge, truth: truths.jsonl{answers}}}}}\n"
    )
    served = endpoint_models(file, load_project(folder, environment={}), {})
    with SimulatorThread(Simulator(served.models, served.seed, time_scale=0)) as simulator:
        write(folder, simulator.base_url, cases)
        project = load_project(folder, environment={})
        run(project)
        score(project)
        yield project


def wish(**more: object) -> CalibrateWish:
    return CalibrateWish(metric="quality", **more)  # type: ignore[arg-type]


def test_rows_hold_what_judge_and_people_said_and_what_they_were_drawn_from(tmp_path: Path) -> None:
    with judged(tmp_path) as project:
        text = "short reply 3"
        said = Rating(
            case="3",
            reply=reply_digest(Reply(text=text)),
            metric="quality",
            value=1.0,
            rater="ana",
            kind="human",
            time=9.0,
        )
        project.ratings.ratings.append([said])
        found = gathered(project, find_judge(project, "quality"))
        assert len(found.rows) == 2 * CASES
        (rated,) = [row for row in found.rows if row.human is not None]
        assert (rated.candidate, rated.case, rated.value, rated.human) == ("short", "3", 0.0, 1.0)
        assert (rated.drawn, rated.raters, rated.newest) == (False, frozenset({"ana"}), 9.0)
        assert (rated.length, rated.stratum, rated.group) == (len(text), "fail", "case 3")


def test_a_comparison_leaves_the_other_side_out_and_tells_its_length_and_each_judges_orders(
    tmp_path: Path,
) -> None:
    with judged(tmp_path, ", first: 1") as project:
        one = gathered(project, find_judge(project, "better"))
        assert {row.candidate for row in one.rows} == {"long"}
        assert {row.swapped for row in one.rows} == {("first",)}
        assert all(row.other_length is not None and row.length > 2 * row.other_length for row in one.rows)
        several = gathered(project, find_judge(project, "panel"))
        assert {row.swapped for row in several.rows} == {("first", "first")}
        assert several.unit.pairwise


def test_cases_that_carry_no_figure_are_left_out_and_groups_belong_together(tmp_path: Path) -> None:
    cases: list[dict[str, object]] = [
        {"id": str(n), "input": f"Question {n}?", "group": f"g{n % 4}"} for n in range(12)
    ]
    cases += [{"id": str(n), "input": f"Question {n}?", "category": "edge"} for n in range(12, 20)]
    with judged(tmp_path, cases=cases) as project:
        rows = gathered(project, find_judge(project, "quality")).rows
        assert len(rows) == 24
        assert {row.group for row in rows} == {f"group g{n}" for n in range(4)}


def test_the_pilot_is_drawn_once_and_nothing_more_while_it_waits(tmp_path: Path) -> None:
    with judged(tmp_path) as project:
        first = Calibrating(project, wish(labels=25))
        drawn = first.draw()
        assert drawn is not None
        assert len(drawn.items) == 40
        assert len({item.stratum for item in drawn.items}) == 2
        again = Calibrating(project, wish(labels=25))
        assert again.draw() is None
        assert again.result().status == "ratings_missing"


def test_what_is_drawn_after_the_pilot_fills_up_to_the_labels_and_then_stops(tmp_path: Path) -> None:
    with judged(tmp_path) as project:
        for expected in (40, 10, None):
            drawn = Calibrating(project, wish(labels=25)).draw()
            assert (None if drawn is None else len(drawn.items)) == expected
            if drawn is not None:
                project.ratings.ratings.append(
                    Rating(
                        case=item.case,
                        reply=item.reply,
                        metric="quality",
                        value=float(int(item.case) % 3 > 0),
                        rater="ana",
                        kind="human",
                        draw=drawn.id,
                    )
                    for item in drawn.items
                )
        found = Calibrating(project, wish(labels=25)).result()
        assert (found.status, found.labels) == ("calibrated", 50)
        assert found.findings == ()


def test_where_people_could_not_say_anything_of_the_pilot_others_are_drawn(tmp_path: Path) -> None:
    with judged(tmp_path) as project:
        pilot = Calibrating(project, wish()).draw()
        assert pilot is not None
        project.ratings.ratings.append(
            Rating(
                case=item.case,
                reply=item.reply,
                metric="quality",
                value=None,
                rater="ana",
                kind="human",
                draw=pilot.id,
            )
            for item in pilot.items
        )
        assert Calibrating(project, wish()).waiting() == 0
        more = Calibrating(project, wish()).draw()
        assert more is not None
        assert {item.reply for item in more.items}.isdisjoint({item.reply for item in pilot.items})


@pytest.mark.parametrize("share", ["malformed", "refusal", "off_scale"])
def test_a_judge_of_which_no_verdict_can_be_read_is_named_and_nobody_is_asked_to_rate(
    tmp_path: Path, share: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with judged(tmp_path, f", {share}: 1") as project:
        asked = ["judge", "calibrate", "--project", str(project.path), "--metric", "quality"]
        assert status(asked) == 1
        told = capsys.readouterr()
        assert "FAULT 60 of 60 answers of the judge" in told.out
        assert "No answer of quality is a verdict" in told.err
        assert project.ratings.draws.read() == []


def test_nothing_is_drawn_where_nobody_wants_it(tmp_path: Path) -> None:
    with judged(tmp_path) as project:
        assert Calibrating(project, wish(draw=False)).draw() is None
        assert project.ratings.draws.read() == []


def test_probes_ask_what_is_open_and_nothing_twice(tmp_path: Path) -> None:
    with judged(tmp_path, ", unsteady: 1, sensitivity: 0.5, specificity: 0.5") as project:
        wanted = wish(again=20, padding=10)
        calibrating = Calibrating(project, wanted)
        open_ = calibrating.open()
        assert (len(open_), [len(cases) for cases in open_.again.values()]) == (30, [20])
        assert calibrating.estimate(open_).trials == 30
        (again, padding) = calibrating.ask(open_, Silent())
        assert (again.asked, padding.asked) == (20, 10)
        assert len(Calibrating(project, wanted).open()) == 0
        steady = Calibrating(project, wanted).result().steadiness
        assert steady is not None
        assert steady.n == 20
        assert steady.same.value is not None
        assert steady.same.value < 1.0


def test_a_padded_reply_that_the_judge_cannot_read_is_counted_apart(tmp_path: Path) -> None:
    # The judge knows nothing of restated replies, and says so in prose.
    with judged(tmp_path) as project:
        calibrating = Calibrating(project, wish(padding=10))
        calibrating.ask(calibrating.open(), Silent())
        assert Calibrating(project, wish(padding=10)).result().padding is None


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with judged(tmp_path) as project:
        with pytest.raises(UsageError, match="tell nothing") as few:
            Calibrating(project, wish(labels=5))
        assert few.value.hint is not None
        assert "20 or more" in few.value.hint
        with pytest.raises(UsageError, match="several judges"):
            Calibrating(project, CalibrateWish())
    unjudged = tmp_path / "new"
    unjudged.mkdir()
    write(unjudged, "http://127.0.0.1:1/v1", [{"id": "1", "input": "?"}])
    project = load_project(unjudged, environment={})
    with pytest.raises(IncompleteError, match="no replies are stored"):
        Calibrating(project, wish())
    run(project)
    with pytest.raises(IncompleteError, match="has judged no reply yet"):
        Calibrating(project, wish())
