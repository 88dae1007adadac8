"""`passmuster route`: what it prints and writes, and its exit codes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from passmuster.cli.main import status

N = 400
FILE = """\
task: tickets
corpus: {path: cases.jsonl, use: all}
metrics: [exact_match]
incumbent: large
candidates:
  - {name: small, provider: replay, path: recorded.jsonl}
  - {name: large, provider: replay, path: recorded.jsonl}
"""


def recorded() -> list[dict[str, Any]]:
    """Return replies: the small one is right in 60 % and knows where, the large one always is, at 20 times the price."""
    rng = np.random.default_rng(1)
    rows: list[dict[str, Any]] = []
    for number in range(N):
        right = bool(rng.random() < 0.6)
        sure = float(np.clip(0.5 + (0.3 if right else -0.3) + rng.normal(scale=0.08), 0.0, 1.0))
        shared = {"id": str(number)}
        rows.append(
            {
                **shared,
                "candidate": "small",
                "output": "yes" if right else "no",
                "confidence": sure,
                "cost_usd": 0.001,
                "latency_s": 0.2,
            }
        )
        rows.append({**shared, "candidate": "large", "output": "yes", "cost_usd": 0.02, "latency_s": 2.0})
    return rows


def project(folder: Path) -> None:
    """Write the project."""
    (folder / "passmuster.yaml").write_text(FILE)
    cases = (
        {"id": str(n), "input": f"question {n}", "reference": "yes", "stratum": "ab"[n % 2]} for n in range(N)
    )
    (folder / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    (folder / "recorded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in recorded()))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose candidates were asked, for copies."""
    made = tmp_path_factory.mktemp("asked")
    project(made)
    status(["run", "--quiet", "--project", str(made)])
    return made


@pytest.fixture
def asked(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    made = shutil.copytree(stored, tmp_path / "copy")
    monkeypatch.chdir(made)
    capsys.readouterr()
    return made


def test_nothing_asked_yet_is_incomplete(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    assert status(["route"]) == 4
    assert "passmuster run" in capsys.readouterr().err


def test_a_cascade_that_saves_money_is_recommended_and_written(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = status(["route", "--cascade", "small,large", "--python", "routes.py", "--json"])
    captured = capsys.readouterr()
    report = json.loads(captured.out)

    assert code == 0
    assert report["recommended"] == "small -> large"
    cascade = next(row for row in report["routes"] if row["name"] == "small -> large")
    assert cascade["status"] == "cheaper"
    assert cascade["rules"][0]["stages"][0]["signal"] == "confidence"
    assert 0.4 < cascade["rules"][0]["stages"][0]["least"] < 0.7
    assert cascade["cost_ratio"]["high"] < 0.6
    assert cascade["latency_p50"]["value"] < 2.0
    assert cascade["latency_p95"]["value"] == pytest.approx(2.2)
    assert report["slice_by"] == "stratum"
    assert (asked / "reports" / "tickets-routes.html").is_file()
    assert "Report:" in captured.err
    told = subprocess.run(
        [sys.executable, "-c", "import routes; print(routes.route('a', str.upper, lambda *_: 0.99))"],
        cwd=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "SMALL\n"


def test_all_pairs_are_looked_at_where_none_is_named(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked.is_dir()
    assert status(["route"]) == 0
    text = capsys.readouterr().out
    assert "Route: cheap first" in text
    assert "small where confidence >= " in text


def test_where_no_route_gains_it_says_so_and_exits_with_3(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked.is_dir()
    assert status(["route", "--cascade", "small,large", "--signal", "finish_reason", "--markdown"]) == 3
    assert "No route is shown to gain beside large for all." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cascade", "small"], "a cascade has 2 or 3 candidates"),
        (["--cascade", "small,lage"], "there is no candidate 'lage'"),
        (["--signal", "confidens"], "there is no signal 'confidens'"),
        (["--signal", "self_consistency"], "takes further calls"),
        (["--metric", "bleu"], "there is no metric 'bleu'"),
        (["--margin", "0"], "not above 0"),
        (["--margin", "x"], "is no share"),
        (["--slices", "mood"], "is not one of"),
        (["--only", "smal"], "smal"),
        (["--of", "x"], "--of names the route"),
        (["--json", "--markdown"], "exclude each other"),
        (["--cascade", "small,large", "--litellm", "x.yaml"], "LiteLLM cannot ask small"),
        (["--cascade", "small,large", "--python", "x.py", "--of", "y"], "there is no route 'y'"),
    ],
)
def test_a_slip_is_told(asked: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    assert status(["route", *words]) == 2
    assert told in capsys.readouterr().err
    assert not (asked / "x.yaml").exists()


def test_where_none_is_recommended_one_must_be_named_to_be_written(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["route", "--cascade", "small,large", "--signal", "finish_reason", "--python", "x.py"]
    assert status(words) == 2
    assert "no route is recommended" in capsys.readouterr().err
    assert status([*words, "--of", "best single"]) == 3
    assert (asked / "x.py").is_file()


def test_a_route_of_models_is_written_for_litellm(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The trials stored are those of recordings; the candidates are given models after the routes were made."""
    from passmuster.project.load import load_project  # noqa: PLC0415 - only here
    from passmuster.project.routing import route, write_litellm  # noqa: PLC0415 - only here

    report = route(load_project(asked))
    text = FILE.replace("provider: replay, path: recorded.jsonl", "provider: openai, model: m-1")
    (asked / "passmuster.yaml").write_text(text)
    write_litellm(load_project(asked, environment={}), report, report.routes[-1], asked / "proxy.yaml")
    written = (asked / "proxy.yaml").read_text()

    assert 'model: "openai/m-1"' in written
    assert 'api_key: "os.environ/OPENAI_API_KEY"' in written
    assert capsys.readouterr().err == ""
