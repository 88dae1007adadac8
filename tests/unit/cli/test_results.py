"""With --json, stdout holds the one object and nothing else, whatever a user's code prints."""

import io
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from passmuster.cli.main import status
from passmuster.cli.options import Printing
from passmuster.cli.results import results_apart

COMMAND = Path(sys.executable).parent / "passmuster"
FILE = """\
task: t
corpus: {path: cases.jsonl, use: all}
metrics: [{name: loud, metric: "own.py:loud"}]
candidates:
  - {name: talker, provider: python, function: "own.py:answer"}
"""
OWN = """\
import os

print("PRINTED when loaded")


def loud(case, reply):
    print("PRINTED by the metric")
    os.system("echo PRINTED by a child of the metric")
    return 1.0


def answer(messages):
    print("PRINTED by the candidate")
    return "yes"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "passmuster.yaml").write_text(FILE, encoding="utf-8")
    rows = [json.dumps({"id": str(n), "input": f"question {n}", "reference": "yes"}) for n in range(6)]
    (tmp_path / "cases.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    return tmp_path


def ended(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def test_what_a_metric_or_a_candidate_prints_goes_to_stderr_where_json_is_asked_for(folder: Path) -> None:
    ran = ended(folder, "run", "--json")
    scored = ended(folder, "score", "--json", "--jobs", "2")
    compared = ended(folder, "compare", "--json")

    assert json.loads(ran.stdout)["asked"] == 6
    assert "PRINTED by the candidate" in ran.stderr
    assert json.loads(scored.stdout)["candidates"][0]["name"] == "talker"
    assert json.loads(compared.stdout)["candidates"][0]["name"] == "talker"
    for done in (scored, compared):
        assert "PRINTED when loaded" in done.stderr
        assert "PRINTED by the metric" in done.stderr
        assert "PRINTED by a child of the metric" in done.stderr


def test_what_a_metric_prints_stays_on_stdout_where_no_json_is_asked_for(folder: Path) -> None:
    assert ended(folder, "run", "--quiet").returncode == 0

    assert "PRINTED by the metric" in ended(folder, "compare").stdout


def test_it_holds_where_the_verb_is_called_in_python(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    before = sys.stdout

    assert status(["run", "--json"]) == 0

    printed = capsys.readouterr()
    assert json.loads(printed.out)["asked"] == 6
    assert "PRINTED by the candidate" in printed.err
    assert sys.stdout is before


def test_a_verb_within_a_verb_prints_its_object_on_stdout_too(capsys: pytest.CaptureFixture[str]) -> None:
    printing = Printing(json=True, quiet=True, color=False)
    with results_apart(wanted=True), results_apart(wanted=True):
        click.echo("words")
        printing.emit({"a": 1})

    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"a": 1}
    assert printed.err == "words\n"


def test_without_a_stderr_what_is_printed_is_lost_and_the_object_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with results_apart(wanted=True):
        click.echo("words")
        Printing(json=True, quiet=True, color=False).emit({"a": 1})

    assert json.loads(capsys.readouterr().out) == {"a": 1}


def test_a_stream_that_is_no_file_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.StringIO()
    monkeypatch.setattr(sys, "stdout", given)
    with results_apart(wanted=True):
        click.echo("words")
        Printing(json=True, quiet=True, color=False).emit({"a": 1})

    assert json.loads(given.getvalue()) == {"a": 1}
    assert not given.closed
