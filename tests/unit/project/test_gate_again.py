"""Asking flipped cases again on a project: who is asked, what is kept, and what the gate says then."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.decide.gate.triage import Cases
from passmuster.decide.success import with_success
from passmuster.ports import Provider
from passmuster.project.api import compare, question_of
from passmuster.project.asking import run
from passmuster.project.gate import GateWish, gate
from passmuster.project.gate_again import AgainWish, asks_again, estimate_again, run_again
from passmuster.project.gate_sides import sides_of
from passmuster.project.load import Project, load_project
from passmuster.project.scoring import score
from passmuster.project.simulation import endpoint_models
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.trial import Failure, Request, Usage
from passmuster.testing import FakeProvider, Scripted
from passmuster.workflows.gate import compared

FILE = """\
task: routing
corpus: cases.jsonl
metrics: [exact_match]
incumbent: old
{more}candidates:
  - {{name: old, provider: openai, model: m1, base_url: "http://localhost:9/v1", prices: {{input: 1, output: 1}}}}
  - {{name: new, provider: openai, model: m2, base_url: "http://localhost:9/v1", prices: {{input: 1, output: 1}}}}
"""
NUMBER = 120
Answer = Callable[[int, int], Scripted]
"""Number of the case, and which repeat of it -> what the version answers."""


def always(place: int, round_: int) -> str:
    del place, round_
    return "yes"


@dataclass
class Versions:
    """Two versions behind fake endpoints, and what each was asked."""

    answers: dict[str, Answer]
    asked: list[tuple[str, str, int]] = field(default_factory=list)

    def provider(self, candidate: Candidate) -> Provider:
        answer = self.answers[candidate.model or ""]

        def say(request: Request) -> Scripted:
            self.asked.append((candidate.model or "", request.case.id, request.round))
            return answer(int(request.case.id), request.round)

        return FakeProvider(say, usage=Usage(input=10, output=2))

    def counts(self) -> Counter[str]:
        return Counter(model for model, _, _ in self.asked)


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> Versions:
    """Put fake endpoints behind every candidate of every project."""
    found = Versions({"m1": always, "m2": always})

    def providers(
        project: Project, only: Sequence[str] = (), asked_as: Callable[[Candidate], Candidate] | None = None
    ) -> Mapping[str, Provider]:
        chosen = [
            each if asked_as is None else asked_as(each)
            for each in project.asked
            if not only or each.name in only
        ]
        return {candidate_digest(each): found.provider(each) for each in chosen}

    monkeypatch.setattr(Project, "providers", providers)
    return found


def opened(
    folder: Path, more: str = "", number: int = NUMBER, categories: Mapping[int, str] | None = None
) -> Project:
    folder.mkdir(exist_ok=True)
    rows = [
        {"id": str(place), "input": f"question {place:04}", "reference": "yes"} for place in range(number)
    ]
    for place, category in (categories or {}).items():
        rows[place]["category"] = category
    (folder / "cases.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (folder / "passmuster.yaml").write_text(FILE.format(more=more), encoding="utf-8")
    return load_project(folder, environment={})


def looked_at(project: Project) -> Cases:
    question = question_of(project)
    sides = sides_of(project, "new", "old")
    found = compared(question, sides.old, sides.new, now=project.clock.now())
    return Cases(main=found.main, apart=found.apart)


def both(project: Project) -> tuple[Candidate, Candidate]:
    old, new = project.asked
    return old, new


def wrong_at(places: range, rounds: Callable[[int], bool] = lambda _round: True) -> Answer:
    return lambda place, round_: "no" if place in places and rounds(round_) else "yes"


def test_what_is_always_wrong_now_is_named_and_what_was_luck_is_not(
    tmp_path: Path, versions: Versions
) -> None:
    versions.answers["m2"] = lambda place, round_: (
        "no" if place < 10 or (place < 16 and not round_) else "yes"
    )
    project = opened(tmp_path)
    run(project)
    report = gate(project, "new", against="old")
    assert report.finding == "systematic"
    assert [flip.case for flip in report.flips if flip.regressed] == [str(place) for place in range(10)]
    assert [(flip.old_right, flip.new_right) for flip in report.flips[10:]] == [(3, 3)] * 6
    assert report.floor is not None
    assert (report.floor.cases, report.floor.flip_rate.value) == (100, 0.0)


def test_flips_by_luck_alone_are_noise(tmp_path: Path, versions: Versions) -> None:
    versions.answers["m1"] = wrong_at(range(20, 27), lambda round_: not round_)
    versions.answers["m2"] = wrong_at(range(9), lambda round_: not round_)
    project = opened(tmp_path)
    run(project)
    assert gate(project, "new", against="old").finding == "noise"
    assert gate(project, "new", against="old", wish=GateWish(again=0)).finding == "unknown"


def test_each_flip_is_asked_three_times_of_both_and_the_sample_once_of_the_old_one(
    tmp_path: Path, versions: Versions
) -> None:
    versions.answers["m2"] = wrong_at(range(4))
    project = opened(tmp_path)
    run(project)
    versions.asked.clear()
    asking = asks_again(project, looked_at(project), *both(project), AgainWish(sample=30))
    asked = run_again(project, asking)
    assert asked.complete
    new = sorted(each for each in versions.asked if each[0] == "m2")
    assert new == [("m2", str(place), round_) for place in range(4) for round_ in (1, 2, 3)]
    old = Counter(case for model, case, _ in versions.asked if model == "m1")
    flipped = {str(place) for place in range(4)}
    assert all(old[name] == 3 for name in flipped)
    assert set(old) == flipped | set(asking.twice)
    assert len(asking.twice) == 30
    assert asked.again.new == {str(place): [False] * 3 for place in range(4)}
    assert set(asked.again.old) == flipped
    assert set(asked.again.twice) == set(asking.twice)
    assert asked.again.spend == pytest.approx(len(versions.asked) * 12e-6)


def test_a_comparison_does_not_count_them_and_the_same_gate_asks_nothing_more(
    tmp_path: Path, versions: Versions
) -> None:
    versions.answers["m2"] = wrong_at(range(4))
    project = opened(tmp_path)
    run(project)
    before = compare(project)
    first = gate(project, "new", against="old")
    versions.asked.clear()
    second = gate(project, "new", against="old")
    assert versions.asked == []
    assert (second.flips, second.floor, second.level) == (first.flips, first.floor, first.level)
    after = compare(project)
    assert [each.metrics for each in after.candidates] == [each.metrics for each in before.candidates]
    assert [each.n for each in after.candidates] == [NUMBER, NUMBER]


def test_nothing_is_taken_from_the_cache(tmp_path: Path, versions: Versions) -> None:
    """Another candidate was asked the very same requests before, four times each: a run would take its replies."""
    project = opened(tmp_path, "repeats: 4\n")
    path = tmp_path / "passmuster.yaml"
    same = path.read_text(encoding="utf-8")
    path.write_text(
        same.replace("model: m2", "model: m2, prompt: {name: p, user: '{{input}}'}"), encoding="utf-8"
    )
    run(load_project(tmp_path, environment={}))
    path.write_text(same.replace("repeats: 4\n", ""), encoding="utf-8")
    versions.answers["m2"] = wrong_at(range(3))
    project = load_project(tmp_path, environment={})
    run(project, only=["new"], cache=False)
    versions.asked.clear()
    run_again(project, asks_again(project, looked_at(project), *both(project), AgainWish(sample=0)))
    assert versions.counts()["m2"] == 9


def test_a_budget_ends_it_and_what_is_open_is_told(tmp_path: Path, versions: Versions) -> None:
    versions.answers["m2"] = wrong_at(range(10))
    project = opened(tmp_path)
    run(project)
    asking = asks_again(project, looked_at(project), *both(project), AgainWish(sample=0))
    asked = run_again(project, asking, AgainWish(budget=0.0))
    assert not asked.complete
    assert any("could not be asked for again" in note for note in asked.again.notes)
    assert versions.counts()["m2"] == NUMBER, "nothing was asked beyond the run"
    report = gate(project, "new", against="old", wish=GateWish(budget=0.0))
    assert report.finding != "noise"


def test_the_price_is_told_before_and_nothing_that_is_stored_is_in_it(
    tmp_path: Path, versions: Versions
) -> None:
    versions.answers["m2"] = wrong_at(range(5))
    project = opened(tmp_path)
    run(project)
    versions.asked.clear()
    asking = asks_again(project, looked_at(project), *both(project), AgainWish(sample=20))
    found = estimate_again(project, asking)
    assert versions.asked == []
    assert (
        found.trials == asking.trials == 15 + 15 + len(set(asking.twice) - {str(place) for place in range(5)})
    )
    assert found.expected == pytest.approx(found.trials * 12e-6)
    run_again(project, asking)
    assert estimate_again(project, asking).trials == 0


def test_an_old_version_that_the_project_has_no_more_is_asked_as_it_was(
    tmp_path: Path, versions: Versions
) -> None:
    """Its definition stands in the baseline; a candidate at the same endpoint lends its connection."""
    versions.answers["m2"] = wrong_at(range(3))
    project = opened(tmp_path)
    run(project)
    old, new = both(project)
    cases = looked_at(project)
    text = (tmp_path / "passmuster.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "name: old" not in line and "incumbent" not in line]
    (tmp_path / "passmuster.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    project = load_project(tmp_path, environment={})
    assert [each.name for each in project.asked] == ["new"]
    versions.asked.clear()
    asked = run_again(project, asks_again(project, cases, old, new, AgainWish(sample=0)))
    assert versions.counts() == {"m1": 9, "m2": 9}
    assert asked.again.old == {str(place): [True] * 3 for place in range(3)}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"endpoint": "http://gone/v1"}, "no candidate of the project answers at"),
        ({"provider": "replay"}, "a recording, which has one answer to each case"),
        ({"kind": "baseline"}, "it has one answer to each case"),
    ],
)
def test_a_version_that_cannot_be_asked_is_told_and_not_simulated(
    tmp_path: Path, versions: Versions, change: dict[str, str], told: str
) -> None:
    versions.answers["m2"] = wrong_at(range(3))
    project = opened(tmp_path)
    run(project)
    old, new = both(project)
    versions.asked.clear()
    gone = replace(old, model="m0", **change)  # type: ignore[arg-type]  # fields by name
    asking = asks_again(project, looked_at(project), gone, new)
    asked = run_again(project, asking)
    assert any(told in note for note in asked.again.notes), asked.again.notes
    assert versions.counts() == {"m2": 9}
    assert (asked.again.old, asked.again.twice) == ({}, {})


def test_two_sides_of_one_digest_are_asked_as_what_answers_now_and_only_since_then(
    tmp_path: Path, versions: Versions
) -> None:
    """Same definition, another day: what was said before the change of the endpoint says nothing of it."""
    versions.answers["m2"] = wrong_at(range(2))
    project = opened(tmp_path)
    run(project)
    _, new = both(project)
    cases = looked_at(project)
    run_again(project, asks_again(project, cases, new, new, AgainWish(sample=0)))
    versions.asked.clear()
    later = AgainWish(sample=0, since=project.clock.now() + 1e9)
    asking = asks_again(project, cases, new, new, later)
    assert any("both sides are one version" in note for note in asking.notes)
    asked = run_again(project, asking, later)
    assert {round_ for _, _, round_ in versions.asked} == {4, 5, 6}
    assert asked.again.old == {}


def test_a_version_that_no_longer_answers_is_not_worse(tmp_path: Path, versions: Versions) -> None:
    """A retired model fails every call: its silence must not make flips look as if it had always failed there."""
    versions.answers["m2"] = wrong_at(range(5))
    project = opened(tmp_path)
    run(project)
    versions.answers["m1"] = lambda _place, _round: Failure(
        kind="bad_request", message="the model is retired"
    )
    asked = run_again(project, asks_again(project, looked_at(project), *both(project), AgainWish(sample=0)))
    assert asked.again.old == {}
    assert any("the old version answered only 0 of 15" in note for note in asked.again.notes)


def test_regression_cases_that_fail_are_asked_again_and_block_where_they_last(
    tmp_path: Path, versions: Versions
) -> None:
    categories = {100: "regression", 101: "regression", 102: "regression"}
    versions.answers["m1"] = wrong_at(range(100, 102))
    versions.answers["m2"] = lambda place, round_: (
        "no" if place == 100 or (place == 101 and not round_) else "yes"
    )
    project = opened(tmp_path, categories=categories)
    run(project)
    report = gate(project, "new", against="old")
    (mode,) = report.modes
    assert (mode.level, mode.failed, mode.cases) == ("block", ("100",), 3)
    assert report.level == "block"
    assert report.finding == "systematic"


def test_twins_keep_their_own_answers(tmp_path: Path, versions: Versions) -> None:
    """Cases of equal input share trials by turns: the second one's repeats are not the first one's."""
    project = opened(tmp_path, number=6)
    rows = [{"id": str(place), "input": "the same", "reference": "yes"} for place in range(3)]
    (tmp_path / "cases.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    project = load_project(tmp_path, environment={})
    versions.answers["m2"] = wrong_at(range(1, 2))
    run(project)
    cases = looked_at(project)
    asking = asks_again(project, cases, *both(project), AgainWish(sample=0))
    assert asking.new is not None
    assert [(ask.case.id, ask.round, ask.key.repeat) for ask in asking.asks[asking.new]] == [
        ("1", 1, 4), ("1", 2, 7), ("1", 3, 10)
    ]  # fmt: skip
    assert run_again(project, asking).again.new == {"1": [False] * 3}


def test_nothing_flipped_asks_nothing_but_the_sample(tmp_path: Path, versions: Versions) -> None:
    project = opened(tmp_path, "repeats: 2\n")
    run(project)
    versions.asked.clear()
    task = with_success(project.task, project.metrics())
    assert task.repeats == 2
    asking = asks_again(project, looked_at(project), *both(project))
    assert (asking.trials, asking.notes) == (0, ())
    asked = run_again(project, asking)
    assert (asked.end, versions.asked) == (None, [])
    report = gate(project, "new", against="old")
    assert report.floor is not None
    assert "repeats" in report.floor.source


JUDGED = """\
task: answers
corpus: {{path: cases.jsonl, use: all}}
metrics:
  - {{name: quality, metric: judge, asks: it, rubric: {{criteria: {{right: "Is it right?"}}, low: 0, high: 1}}}}
incumbent: old
candidates:
  - {{name: old, provider: openai, model: m1, base_url: "http://localhost:9/v1"}}
  - {{name: new, provider: openai, model: m2, base_url: "http://localhost:9/v1"}}
scorers:
  - {{name: it, provider: openai, model: judge, base_url: "{url}"}}
"""


def test_a_judge_is_asked_about_fresh_replies_in_between(tmp_path: Path, versions: Versions) -> None:
    """It holds long replies for right; the new version's are short in six cases, each time in other words."""
    said = "a long reply, which is always right, number {} in round {}"
    versions.answers["m1"] = said.format
    versions.answers["m2"] = lambda place, round_: f"no {round_}" if place < 6 else said.format(place, round_)
    opened(tmp_path, number=60)
    file = tmp_path / "endpoints.yaml"
    judge = "{kind: judge, longer: 1, typical: 15}"
    file.write_text(f"endpoints:\n  - {{name: judge, answers: {judge}}}\n", encoding="utf-8")
    path = tmp_path / "passmuster.yaml"
    path.write_text(JUDGED.format(url="http://127.0.0.1:1/v1"), encoding="utf-8")
    served = endpoint_models(file, load_project(tmp_path, environment={}), {})
    with SimulatorThread(Simulator(served.models, served.seed, time_scale=0)) as simulator:
        path.write_text(JUDGED.format(url=simulator.base_url), encoding="utf-8")
        project = load_project(tmp_path, environment={})
        run(project)
        score(project)
        before = len(simulator.truth)
        asking = asks_again(project, looked_at(project), *both(project), AgainWish(sample=10))
        asked = run_again(project, asking)
        assert len(simulator.truth) == before + asking.trials
    assert asked.again.new == {str(place): [False] * 3 for place in range(6)}
    assert asked.again.old == {str(place): [True] * 3 for place in range(6)}
    assert [end.status for end in asked.questions] == ["complete"]
