"""Judges over real HTTP: the installed command asks simulated judges, and shows what they said and what could not be read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.served import Endpoint, passmuster, simulator

pytestmark = pytest.mark.slow

CASES = 40
RIGHT = {"good": range(32), "weak": range(0, CASES, 2)}
"""Which cases each candidate gets right."""

PROJECT = """\
task: tickets
corpus: cases.jsonl
metrics:
  - {{name: right, metric: judge, asks: honest, rubric: correctness}}
  - {{name: panel, metric: judge, asks: [honest, second, careless], rubric: correctness}}
  - {{name: careless, metric: judge, asks: careless, rubric: correctness}}
  - {{name: duel, metric: pairwise, asks: hasty, against: weak}}
candidates:
  - {{name: good, provider: replay, path: good.jsonl}}
  - {{name: weak, provider: replay, path: weak.jsonl}}
scorers:
  - {{name: honest, provider: openai, model: honest, base_url: "{url}", prices: {{input: 1, output: 2}}}}
  - {{name: second, provider: openai, model: second, base_url: "{url}"}}
  - {{name: careless, provider: openai, model: careless, base_url: "{url}"}}
  - {{name: hasty, provider: openai, model: hasty, base_url: "{url}"}}
"""
JUDGES = (
    "{name: honest, answers: {kind: judge}}",
    "{name: second, answers: {kind: judge}}",
    "{name: careless, answers: {kind: judge, malformed: 0.3, refusal: 0.1, off_scale: 0.1}}",
    "{name: hasty, answers: {kind: judge, first: 1}}",
)


def answer(name: str, number: int) -> str:
    return f"It is {number}." if number in RIGHT[name] else f"It is {number}, {name} says wrongly."


def write(folder: Path) -> None:
    rows = [{"id": str(n), "input": f"What is {n}?", "reference": f"It is {n}."} for n in range(CASES)]
    (folder / "cases.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    for name in RIGHT:
        said = [{"id": str(n), "output": answer(name, n)} for n in range(CASES)]
        text = "".join(f"{json.dumps(row)}\n" for row in said)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Endpoint]]:
    """Run a project and score it once; the judges stay there."""
    folder = tmp_path_factory.mktemp("judged")
    write(folder)
    with simulator(folder, *JUDGES) as endpoint:
        (folder / "passmuster.yaml").write_text(PROJECT.format(url=endpoint.base_url), encoding="utf-8")
        for verb in (["run"], ["score", "--yes"]):
            done = passmuster(folder, *verb, OPENAI_API_KEY="any")
            assert done.returncode == 0, done.stderr
        yield folder, endpoint


def scored(folder: Path, *arguments: str) -> dict[str, Any]:
    done = passmuster(folder, "score", "--yes", "--json", *arguments, OPENAI_API_KEY="any")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def of(report: dict[str, Any], candidate: str, metric: str) -> dict[str, Any]:
    found = next(each for each in report["candidates"] if each["name"] == candidate)
    summary: dict[str, Any] = next(each for each in found["metrics"] if each["metric"] == metric)
    return summary


def lines(folder: Path, metric: str) -> list[tuple[str, str, dict[str, Any]]]:
    scored(folder, "--out", "scores.jsonl")
    text = (folder / "scores.jsonl").read_text(encoding="utf-8")
    rows = map(json.loads, text.splitlines())
    return [(row["candidate"], row["case_id"], row["scores"][metric]) for row in rows]


def test_an_honest_judge_says_what_is_true(judged: tuple[Path, Endpoint]) -> None:
    folder, _ = judged
    found = scored(folder)

    for name, right in RIGHT.items():
        assert of(found, name, "right")["mean"] == len(right) / CASES


def test_what_cannot_be_read_is_counted_by_kind_and_is_neither_a_pass_nor_a_zero(
    judged: tuple[Path, Endpoint],
) -> None:
    folder, _ = judged
    rows = lines(folder, "careless")
    failed = [score["failure"] for _, _, score in rows if "failure" in score]

    assert set(failed) == {"judge_unreadable", "judge_refused", "judge_off_scale"}
    assert len(failed) > CASES / 2
    for name, case, score in rows:
        assert "failure" in score or score["value"] == float(int(case) in RIGHT[name])


def test_a_panel_does_without_a_judge_that_cannot_be_read(judged: tuple[Path, Endpoint]) -> None:
    folder, _ = judged
    rows = lines(folder, "panel")

    assert all(score["value"] == float(int(case) in RIGHT[name]) for name, case, score in rows)
    assert any("unread" in score["details"] for _, _, score in rows)


def test_a_judge_that_prefers_whatever_is_first_finds_nobody_better_and_is_found(
    judged: tuple[Path, Endpoint],
) -> None:
    folder, endpoint = judged
    rows = lines(folder, "duel")
    asked = [score for _, _, score in rows if "equal" not in score["details"]]

    assert {score["value"] for _, _, score in rows} == {0.5}
    assert asked
    assert all(score["details"]["swapped"] == "first" for score in asked)
    assert len(endpoint.trials("hasty")) == 2 * len(asked)


def test_nothing_is_asked_twice(judged: tuple[Path, Endpoint]) -> None:
    folder, endpoint = judged
    before = endpoint.begun
    scored(folder)

    assert endpoint.begun == before


def test_what_a_comparison_says_of_a_judge_is_marked_and_has_its_cost(judged: tuple[Path, Endpoint]) -> None:
    folder, _ = judged
    done = passmuster(folder, "compare", "--json")
    judge = next(each for each in json.loads(done.stdout)["judges"] if each["metric"] == "right")

    assert judge["asks"] == ["honest"]
    assert judge["trust"] == "uncalibrated"
    assert judge["spend"] > 0
