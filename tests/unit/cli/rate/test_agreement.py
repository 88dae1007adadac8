"""`passmuster rate agreement`: what it prints of ratings that were taken in, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.cli.main import status

FILE = """\
task: t
corpus: {path: cases.jsonl, use: all}
metrics:
  - exact_match
  - {name: tone, metric: judge, asks: keeper, rubric: {criteria: {tone: "Is it polite?"}}}
  - {name: quality, metric: judge, asks: keeper, rubric: {criteria: {tone: "Polite?", form: "Tidy?"}}}
candidates:
  - {name: always, provider: baseline, kind: constant, text: yes please}
scorers:
  - {name: keeper, provider: openai, model: m, base_url: "http://127.0.0.1:9"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "passmuster.yaml").write_text(FILE)
    write(tmp_path / "cases.jsonl", [{"id": f"c{n}", "input": f"q{n}", "reference": "x"} for n in range(30)])
    return tmp_path


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def rating(number: int, rater: str, value: float, **more: Any) -> dict[str, Any]:
    row = {"case": f"c{number}", "reply": "r", "metric": "tone", "rater": rater, "kind": "human"}
    return {**row, "value": value, **more}


def choice(number: int, rater: str, chosen: str) -> dict[str, Any]:
    row = {"case": f"c{number}", "first": "a", "second": "b", "metric": "tone", "rater": rater}
    return {**row, "kind": "human", "chosen": chosen}


def ended(folder: Path, *options: str) -> int:
    return status(["rate", "agreement", "--project", str(folder), "--no-color", *options])


def test_it_prints_the_coefficients_the_raters_and_what_to_know(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [rating(n, "ana", 1.0 + n % 5) for n in range(30)]
    rows += [rating(n, "ben", max(1.0, n % 5)) for n in range(30)]
    rows += [rating(0, "ana", 1.0), rating(n := 99, "ana", 2.0, case=f"gone{n}")]
    write(project / "ratings.jsonl", rows)

    assert ended(project) == 0
    out = capsys.readouterr().out
    assert (
        "tone: ratings of 30 replies to 30 cases, 30 of them by two people or more; steps of a scale" in out
    )
    for words in ("raw agreement", "within one step", "Cohen's kappa", "Gwet's AC1", "Krippendorff's alpha"):
        assert words in out
    assert "On the same replies ben rates 0.8 lower than the others." in out
    assert "1 left out: of cases that are not here." in out
    assert "came to the same person again" in out


def test_json_is_one_object_with_every_question(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [rating(n, rater, 3.0 + n % 2) for n in range(8) for rater in ("ana", "ben")]
    rows += [
        rating(n, rater, 2.5, metric="quality", parts={"tone": 2.0, "form": 3.0})
        for n in range(8)
        for rater in ("ana", "ben")
    ]
    rows += [rating(n, rater, float(n), metric="gone") for n in range(4) for rater in ("ana", "ben")]
    write(project / "ratings.jsonl", rows)
    write(project / "choices.jsonl", [choice(n, r, "first") for n in range(4) for r in ("ana", "ben")])

    assert ended(project, "--json") == 0
    found = json.loads(capsys.readouterr().out)["questions"]
    assert [(each["metric"], each["answered"], each["level"]) for each in found] == [
        ("tone", "ratings", "ordinal"),
        ("tone", "choices", "nominal"),
        ("quality", "ratings", "interval"),
        ("gone", "ratings", "ordinal"),
    ]
    assert ended(project, "--json", "--metric", "quality") == 0
    (only,) = json.loads(capsys.readouterr().out)["questions"]
    assert list(only["criteria"]) == ["tone", "form"]


def test_it_ends_with_3_where_nothing_can_be_said_yet(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(project) == 3
    assert "Nobody has rated anything yet" in capsys.readouterr().err
    write(project / "ratings.jsonl", [rating(0, "ana", 3.0)])
    assert ended(project) == 3
    said = capsys.readouterr()
    assert "fewer than two people" in said.out.lower()
    assert "passmuster rate export" in said.err
    assert ended(project, "--metric", "exact_match") == 3


def test_a_metric_that_nobody_knows_is_named_with_the_closest(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(project, "--metric", "tones") == 2
    assert "Did you mean 'tone'?" in capsys.readouterr().err


def test_hostile_names_are_harmless_in_the_terminal(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = "ana\x1b[31m\u202e"
    write(project / "ratings.jsonl", [rating(n, r, 1.0 + n) for n in range(5) for r in (bad, "ben")])
    assert ended(project) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
