"""Where nothing is asked again, or less: what the gate says, and what it leaves unspent."""

from pathlib import Path

import pytest
from tests.unit.project.test_gate_again import Versions, both, looked_at, opened, versions, wrong_at

from passmuster.project.asking import run
from passmuster.project.gate import GateWish, gate
from passmuster.project.gate_again import AgainWish, asks_again, run_again
from passmuster.project.load import load_project
from passmuster.project.references import definition_of, reference_of
from passmuster.records.trial import Failure

__all__ = ["versions"]  # a fixture


def test_a_version_that_fails_nearly_everything_is_not_asked_six_times_more(
    tmp_path: Path, versions: Versions
) -> None:
    """A prompt that the endpoint refuses: 120 flips would be 720 further calls that tell nothing."""
    versions.answers["m2"] = lambda _place, _round: Failure(kind="bad_request", message="no such model")
    project = opened(tmp_path)
    run(project)
    versions.asked.clear()
    report = gate(project, "new", against="old")
    assert versions.asked == []
    assert report.level == "block"
    assert any("answered only 0% of what it was asked" in note for note in report.notes)


def test_the_noise_floor_is_asked_of_as_many_cases_as_are_wanted(tmp_path: Path, versions: Versions) -> None:
    project = opened(tmp_path)
    run(project)
    versions.asked.clear()
    assert gate(project, "new", against="old", wish=GateWish(floor=0)).floor is None
    assert versions.asked == []
    report = gate(project, "new", against="old", wish=GateWish(floor=25))
    assert report.floor is not None
    assert (report.floor.cases, len(versions.asked)) == (25, 25)


def test_what_is_for_the_noise_floor_alone_is_told(tmp_path: Path, versions: Versions) -> None:
    versions.answers["m2"] = wrong_at(range(4))
    project = opened(tmp_path)
    run(project)
    asking = asks_again(project, looked_at(project), *both(project), AgainWish(sample=30))
    assert asking.for_floor == asking.trials - 4 * 3 * 2


def test_without_a_flip_nothing_is_said_to_have_been_asked_again(tmp_path: Path, versions: Versions) -> None:
    project = opened(tmp_path)
    run(project)
    notes = gate(project, "new", against="old").notes
    assert any("no result changed" in note for note in notes)
    assert not any("0 " in note and "worse for good" in note for note in notes)
    _, new = both(project)
    assert asks_again(project, looked_at(project), new, new).notes == ()


def test_replies_of_a_metric_that_runs_programs_are_not_asked_for(tmp_path: Path, versions: Versions) -> None:
    """Nobody would run them: the calls would be paid for nothing, and the flips stay open."""
    versions.answers["m2"] = wrong_at(range(4))
    project = opened(tmp_path)
    run(project)
    cases = looked_at(project)
    path = tmp_path / "passmuster.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[exact_match]", "[{metric: python_tests, name: exact_match}]"), encoding="utf-8"
    )
    versions.asked.clear()
    project = load_project(tmp_path, environment={})
    asking = asks_again(project, cases, *both(project))
    assert asking.trials == 0
    assert any("exact_match runs programs" in note for note in asking.notes)
    assert run_again(project, asking).again.notes == asking.notes


@pytest.mark.parametrize(
    ("today", "endpoint"),
    [("http://localhost:9/v1/", "http://localhost:9/v1"), ("http://other:9/v1", None)],
)
def test_an_endpoint_from_the_environment_is_filled_in_again(
    tmp_path: Path, versions: Versions, today: str, endpoint: str | None
) -> None:
    """The file holds `${URL}`: the old version is the same one only where that has its value of then."""
    opened(tmp_path)
    path = tmp_path / "passmuster.yaml"
    text = path.read_text(encoding="utf-8").replace("http://localhost:9/v1", "${URL}")
    path.write_text(text, encoding="utf-8")
    project = load_project(tmp_path, environment={"URL": "http://localhost:9/v1/"})
    run(project)
    reference = reference_of(project, "old")
    assert reference.definition.endpoint == "${URL}"
    assert not reference.is_whole
    found = definition_of(load_project(tmp_path, environment={"URL": today}), reference)
    assert (None if found is None else found.endpoint) == endpoint
