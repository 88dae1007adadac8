"""`passmuster rate form` and `corpus label form` at a terminal: blind, saved after each answer, resumed."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.served import passmuster
from tests.e2e.terminal import Terminal, terminal

from passmuster.records.rating import reply_digest
from passmuster.records.trial import Reply

pytestmark = pytest.mark.slow

CASES = 6
TASK = """\
task: animals
corpus: {path: cases.jsonl, use: all}
metrics:
  - {name: fine, metric: judge, asks: keeper, rubric: {criteria: {right: "Is it right?", tone: "Is it polite?"}}}
candidates:
  - {name: zebrafish, provider: replay, path: replies.jsonl, select: zebrafish}
  - {name: yakherd, provider: replay, path: replies.jsonl, select: yakherd}
scorers:
  - {name: keeper, provider: python, function: keeper.py:judge}
"""
KEEPER = """\
import json


def judge(request):
    return json.dumps({"values": {"tone": 4, "right": 3}})
"""
NAMES = ("zebrafish", "yakherd")


def save(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def lines(path: Path) -> list[dict[str, Any]]:
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )


def reply(name: str, n: int) -> str:
    return f"Reply of kind {NAMES.index(name)} to {n}: 漢字 \x1b[2J ü"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project whose replies are stored and judged."""
    folder = tmp_path_factory.mktemp("judged")
    save(folder / "cases.jsonl", [{"id": f"c{n}", "input": f"Question {n}?"} for n in range(CASES)])
    replies = [
        {"id": f"c{n}", "candidate": name, "output": reply(name, n)} for n in range(CASES) for name in NAMES
    ]
    save(folder / "replies.jsonl", replies)
    (folder / "keeper.py").write_text(KEEPER, encoding="utf-8")
    (folder / "passmuster.yaml").write_text(TASK, encoding="utf-8")
    for verb in (["run", "--yes"], ["score", "--yes"]):
        done = passmuster(folder, *verb)
        assert done.returncode == 0, done.stderr
    return folder


Draw = Callable[..., Path]


@pytest.fixture
def draw(judged: Path) -> Draw:
    """Draw what is to be rated, anew."""

    def drawn(*options: str) -> Path:
        for name in ("ratings", "choices", "draws"):
            (judged / f"{name}.jsonl").unlink(missing_ok=True)
        done = passmuster(judged, "rate", "draw", *options)
        assert done.returncode == 0, done.stderr
        return judged

    return drawn


def rate(terminal: Terminal, place: int, of: int, *keys: str) -> str:
    """Answer the card at a place once all of it is shown, and return that."""
    shown = terminal.wait(rf"(?s)^{place} of {of}\b.*q quit\n")
    terminal.press(*keys)
    return shown


def test_each_answer_is_in_the_file_before_the_next_card_and_a_killed_form_goes_on(draw: Draw) -> None:
    folder = draw("--replies", "8")
    form = ("rate", "form", "--rater", "ana", "--repeat", "0")
    with terminal(folder, *form) as first:
        rate(first, 1, 8, "4", "5")
        rate(first, 2, 8, "s")
        first.wait(r"^3 of 8\b")
        assert len(lines(folder / "ratings.jsonl")) == 2
        first.press("2")
        first.wait("right: 2")
        first.kill()
    with terminal(folder, *form) as second:
        for place in range(1, 7):
            rate(second, place, 6, "1", "1")
        assert second.end() == 0
        assert "6 answered. Nothing waits any more." in second.output
        assert "Next: passmuster judge calibrate" in second.output
    found = lines(folder / "ratings.jsonl")
    assert len({(row["case"], row["reply"]) for row in found}) == len(found) == 8
    assert [row["value"] for row in found] == [4.5, None, *[1.0] * 6]
    assert found[0]["parts"] == {"right": 4.0, "tone": 5.0}
    assert {(row["rater"], row["kind"], row["source"]) for row in found} == {("ana", "human", "form")}
    assert all(row["seconds"] >= 0 and row["draw"] for row in found)
    again = passmuster(folder, *form)
    assert (again.returncode, "nothing waits to be rated by ana" in again.stderr) == (3, True)


def test_nothing_on_the_screen_says_whose_a_reply_is_or_moves_the_cursor(draw: Draw) -> None:
    folder = draw("--replies", "6")
    with terminal(folder, "rate", "form", "--rater", "ana", "--repeat", "0") as form:
        seen = [rate(form, place, 6, "3", "3") for place in range(1, 7)]
        assert form.end() == 0
    assert all(r"漢字 \x1b[2J ü" in shown for shown in seen)
    assert not any(name in form.output for name in (*NAMES, "keeper"))
    assert "\x1b[2J ü" not in form.output
    rated = {row["reply"] for row in lines(folder / "ratings.jsonl")}
    texts = {reply_digest(Reply(text=reply(name, n))) for name in NAMES for n in range(CASES)}
    assert rated <= texts


def test_a_choice_is_of_the_side_on_which_the_reply_was_shown(draw: Draw) -> None:
    folder = draw("--pairs", "6")
    keys = ["a", "b", "t", "s", "a", "b"]
    with terminal(folder, "rate", "form", "--rater", "ana", "--repeat", "0") as form:
        seen = [rate(form, place, 6, key) for place, key in enumerate(keys, start=1)]
        assert form.end() == 0
    found = lines(folder / "choices.jsonl")
    assert [row.get("chosen") for row in found] == ["first", "second", "tie", None, "first", "second"]
    digests = {reply_digest(Reply(text=reply(name, n))): (name, n) for name in NAMES for n in range(CASES)}
    for shown, row in zip(seen, found, strict=True):
        (first_by, n), (second_by, _) = digests[row["first"]], digests[row["second"]]
        assert (first_by, second_by) == (row["first_by"], row["second_by"])
        a, b = (shown.index(f"Reply of kind {NAMES.index(name)} to {n}") for name in (first_by, second_by))
        assert shown.index("-- Reply A --") < a < shown.index("-- Reply B --") < b


def test_what_is_set_right_takes_the_place_of_what_was_said(draw: Draw) -> None:
    folder = draw("--replies", "2")
    with terminal(folder, "rate", "form", "--rater", "ana") as form:
        rate(form, 1, 2, "1", "1")
        rate(form, 2, 2, "u")
        form.wait("Answer this one again")
        rate(form, 1, 2, "n", *"slip", "\r", "5", "5")
        rate(form, 2, 2, "q")
        assert form.end() == 0
        assert "1 answered; 1 set right. 1 still wait." in form.output
    one, other = lines(folder / "ratings.jsonl")
    assert (one["reply"], one["value"], other["value"]) == (other["reply"], 1.0, 5.0)
    assert (other["note"], other["source"]) == ("slip", "form, set right")


@pytest.mark.parametrize(
    "more",
    [
        {"columns": 30, "lines": 10},
        {"TERM": "dumb"},
        {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_a_narrow_a_plain_and_an_old_terminal_do(draw: Draw, more: dict[str, Any]) -> None:
    folder = draw("--replies", "2")
    with terminal(folder, "rate", "form", "--rater", "ana", **more) as form:
        form.wait(r"1 of 2\b")
        form.press(" ", "-", "4", "4")
        form.wait(r"2 of 2\b")
        form.press("4", "4")
        assert form.end() == 0
        if "PYTHONIOENCODING" in more:
            assert form.output.isascii()
    assert len(lines(folder / "ratings.jsonl")) == 2


def test_an_interrupt_ends_the_form_and_leaves_the_terminal_as_it_was(draw: Draw) -> None:
    folder = draw("--replies", "2")
    with terminal(folder, "rate", "form", "--rater", "ana") as form:
        rate(form, 1, 2, "4", "4")
        form.wait(r"^2 of 2\b")
        form.process.send_signal(signal.SIGINT)
        assert form.end() == 130
    assert len(lines(folder / "ratings.jsonl")) == 1


def test_json_is_one_object_apart_from_the_screen(draw: Draw, tmp_path: Path) -> None:
    folder = draw("--replies", "2")
    file = os.open(tmp_path / "out", os.O_CREAT | os.O_WRONLY)
    with terminal(folder, "rate", "form", "--rater", "ana", "--json", stdout=file) as form:
        rate(form, 1, 2, "4", "4")
        rate(form, 2, 2, "\x04")
        assert form.end() == 0
    os.close(file)
    assert json.loads((tmp_path / "out").read_text()) == {
        "rater": "ana",
        "kept": 1,
        "skipped": 0,
        "set_right": 0,
        "finished": False,
        "waiting": 1,
    }


def test_without_a_terminal_the_sheets_are_named_and_nothing_is_written(draw: Draw) -> None:
    folder = draw("--replies", "2")
    done = passmuster(folder, "rate", "form", "--rater", "ana")
    assert done.returncode == 2
    assert "the form needs a terminal" in done.stderr
    assert "passmuster rate export OUT --rater NAME" in done.stderr
    assert not (folder / "ratings.jsonl").exists()


def test_the_name_of_a_machine_is_refused(draw: Draw) -> None:
    done = passmuster(draw("--replies", "2"), "rate", "form", "--rater", "yakherd")
    assert done.returncode == 2
    assert "'yakherd' is the name of a machine" in done.stderr


def test_cases_are_labelled_with_keys_or_by_typing_and_nobody_sees_the_reference(tmp_path: Path) -> None:
    datasets = tmp_path / "eval" / "datasets"
    datasets.mkdir(parents=True)
    known = [
        {"id": f"k{n}", "input": f"Old {n}", "reference": ["billing", "refund"][n % 2]} for n in range(4)
    ]
    save(datasets / "train.jsonl", known)
    save(datasets / "eval.jsonl", [{"id": f"n{n}", "input": f"New question {n}"} for n in range(4)])
    form = ("corpus", "label", "form", "--annotator", "ana", "--split", "eval")
    with terminal(tmp_path, *form) as screen:
        shown = rate(screen, 1, 4, "2")
        assert "1  billing" in shown
        assert "2  refund" in shown
        rate(screen, 2, 4, "/", *"neither", "\r")
        rate(screen, 3, 4, "q")
        assert screen.end() == 0
        assert "2 answered. 2 still wait." in screen.output
    with terminal(tmp_path, *form) as screen:
        rate(screen, 1, 2, "s")
        rate(screen, 2, 2, "1")
        assert screen.end() == 0
    found = lines(datasets / "labels.jsonl")
    assert [row.get("value") for row in found] == ["refund", "neither", None, "billing"]
    assert len({row["case"] for row in found}) == 4
    assert {(row["annotator"], row["kind"], row["source"]) for row in found} == {("ana", "human", "form")}
    done = passmuster(tmp_path, *form)
    assert done.returncode == 3
    assert "no case is left for ana to label" in done.stderr
