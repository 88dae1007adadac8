"""`judge calibrate` through real HTTP: every kind of bad judge is found and named, and honest ones are not accused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.judged_project import calibrate, calibrated, judged, rate, rated_by_people, write_project
from tests.e2e.served import passmuster, rows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ONE = 'metric: judge, rubric: {criteria: {right: "Is it right?"}, low: 0, high: 1}'
TWO = 'metric: pairwise, against: beta, rubric: {criteria: {use: "Which is of more use?"}}'
HONEST = "sensitivity: 0.92, specificity: 0.88"
# How a simulated judge errs follows from its name, and which replies are drawn from a fixed seed: about one honest judge in
# fifty is accused by chance (tests/slow/test_judge_leaning_simulations.py), and these two are not such ones.
JUDGES = {
    "fair": (ONE, HONEST),
    "malformed": (ONE, "malformed: 0.2, refusal: 0.15, off_scale: 0.1"),
    "long": (ONE, "longer: 1, typical: 60"),
    "gpt-4o": (ONE, f"{HONEST}, favours: alpha, favour: 0.8"),
    "moody": (ONE, "sensitivity: 0.7, specificity: 0.7, unsteady: 1"),
    "quality": (ONE, HONEST),
    "probed": (ONE, HONEST),
    "pair": (TWO, ""),
    "ties": (TWO, "ties: 1"),
    "first": (TWO, "first: 0.5"),
    "longer": (TWO, "longer: 1"),
}
PROBES = ("--again", "40", "--probe", "padding", "--yes")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Have all the judges judge one project."""
    folder = tmp_path_factory.mktemp("judges")
    with judged(folder, JUDGES):
        yield folder


def kinds(found: dict[str, Any], severity: str = "fault") -> set[str]:
    return {finding["kind"] for finding in found["findings"] if finding["severity"] == severity}


@pytest.mark.parametrize(
    ("metric", "faults"),
    [
        ("malformed", {"unreadable", "refused", "off_scale"}),
        ("long", {"length", "padding"}),
        ("gpt-4o", {"self_preference"}),
        ("ties", {"always_ties"}),
        ("first", {"position"}),
        ("longer", {"length", "padding"}),
    ],
)
def test_a_bad_judge_is_found_and_what_is_wrong_with_it_is_named(
    folder: Path, metric: str, faults: set[str]
) -> None:
    code, found = calibrated(folder, metric, 60, *PROBES)
    assert kinds(found) == faults
    assert code == 1


@pytest.mark.parametrize("metric", ["fair", "pair"])
def test_an_honest_judge_is_not_accused(folder: Path, metric: str) -> None:
    code, found = calibrated(folder, metric, 60, *PROBES)
    assert (code, found["status"], found["findings"]) == (0, "calibrated", [])
    assert found["steadiness"]["same"]["value"] == 1.0
    for each in found["candidates"]:
        assert each["corrected"]["low"] <= each["raw"]["value"] <= each["corrected"]["high"]


def test_a_judge_that_changes_its_mind_is_said_to_be_noisy(folder: Path) -> None:
    _, found = calibrated(folder, "moody", 20, "--again", "80", "--yes")
    assert kinds(found) == set()
    assert "noise" in kinds(found, "caution")


def test_a_favoured_candidate_is_set_right_by_people(folder: Path) -> None:
    _, found = calibrated(folder, "gpt-4o", 60)
    alpha = next(each for each in found["candidates"] if each["candidate"] == "alpha")
    assert alpha["corrected"]["high"] < alpha["raw"]["value"]
    assert "gpt-4o" in found["akin"]["alpha"]
    assert set(found["akin"]) == {"alpha"}


def test_replies_are_drawn_first_people_rate_them_and_then_there_are_figures(folder: Path) -> None:
    code, found = calibrate(folder, "quality")
    assert (code, found["status"], found["waiting"]) == (3, "ratings_missing", 40)
    assert [each["corrected"] for each in found["candidates"]] == [None, None]
    assert [each["correlation"] for each in found["worths"]] == [0.3, 0.5, 0.7, 0.9]

    again, same = calibrate(folder, "quality", "--labels", "50")
    assert (again, same["waiting"]) == (3, 40), "nothing more is drawn while the pilot waits"
    assert rate(folder, "quality") == 40

    code, found = calibrate(folder, "quality")
    assert (code, found["status"], found["labels"], found["waiting"]) == (0, "calibrated", 40, 0)
    code, more = calibrate(folder, "quality", "--labels", "50")
    assert (code, more["waiting"]) == (3, 60)
    rate(folder, "quality")
    code, found = calibrate(folder, "quality", "--labels", "50")
    assert (code, found["labels"], found["agreement"]["raters"]) == (0, 100, 1)
    assert found["judge"]
    assert found["models"] == ["quality"]
    assert found["date"]


def test_probes_are_trials_that_are_asked_once_and_within_a_budget(folder: Path) -> None:
    def probed(*more: str) -> tuple[int, int | None]:
        code, found = calibrate(folder, "probed", "--no-draw", *more)
        return code, found["steadiness"] and found["steadiness"]["n"]

    before = len(rows(folder, "SELECT 1 FROM trials"))
    assert probed("--again", "25", "--budget", "0.000001") == (4, None)
    assert probed("--again", "25", "--yes") == (3, 25)
    assert len(rows(folder, "SELECT 1 FROM trials")) == before + 25
    assert probed("--again", "30", "--yes") == (3, 30)
    assert len(rows(folder, "SELECT 1 FROM trials")) == before + 30, "none is asked a third time"


def test_the_figures_are_those_of_the_comparison(folder: Path) -> None:
    _, found = calibrated(folder, "fair", 60)
    done = passmuster(folder, "compare", "--json")
    compared = {each["name"]: each["judged"]["fair"] for each in json.loads(done.stdout)["candidates"]}
    for each in found["candidates"]:
        same = compared[each["candidate"]]["corrected"]
        for key in ("value", "low", "high"):
            assert each["corrected"][key] == pytest.approx(same[key], abs=1e-12)


def test_it_is_said_what_to_do_where_nothing_is_judged_or_nobody_judges(tmp_path: Path) -> None:
    write_project(tmp_path, "http://127.0.0.1:1/v1", {"quality": ONE})
    assert passmuster(tmp_path, "run", "--quiet").returncode == 0
    done = passmuster(tmp_path, "judge", "calibrate")
    assert done.returncode == 4
    assert "quality has judged no reply yet" in done.stderr
    assert "passmuster score" in done.stderr
    done = passmuster(tmp_path, "judge", "calibrate", "--metric", "qualty")
    assert done.returncode == 2
    assert "quality" in done.stderr


def test_terminal_markdown_and_page_say_the_same_and_escape_what_came_from_others(folder: Path) -> None:
    rated_by_people(folder, "first", 60)
    shown = passmuster(
        folder, "judge", "calibrate", "--metric", "first", "--labels", "60", "--html", "page.html"
    )
    assert shown.returncode == 1
    assert "FAULT position: of" in shown.stdout
    assert "Next: passmuster compare" in shown.stderr
    written = passmuster(folder, "judge", "calibrate", "--metric", "first", "--labels", "60", "--markdown")
    assert "**FAULT** position: of" in written.stdout
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert "went to the first place (100 %)" in page
    assert "<script" not in page
    assert page.count("<svg") > 2
