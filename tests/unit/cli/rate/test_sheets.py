"""`passmuster rate draw`, `queue`, `export` and `import` as they are typed."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from passmuster.cli.main import status

PROJECT = """\
task: t
corpus: {path: cases.jsonl, use: all}
metrics: [exact_match]
candidates:
  - {name: one, provider: replay, path: one.jsonl}
  - {name: other, provider: replay, path: other.jsonl}
"""
FORBIDDEN = "\x1b]0;owned\x07"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passmuster.yaml").write_text(PROJECT, encoding="utf-8")
    rows = [{"id": f"c{n}", "input": f"{n}?", "reference": "yes"} for n in range(30)]
    (tmp_path / "cases.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    for name in ("one", "other"):
        outputs = [{"id": f"c{n}", "output": f"{name} {n}"} for n in range(30)]
        (tmp_path / f"{name}.jsonl").write_text(
            "".join(f"{json.dumps(row)}\n" for row in outputs), encoding="utf-8"
        )
    assert status(["run", "-q"]) == 0
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], arguments: Sequence[str], code: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert status(["rate", *arguments]) == code
    found = capsys.readouterr()
    return found.out, found.err


@pytest.mark.usefixtures("folder")
def test_from_a_draw_to_ratings(capsys: pytest.CaptureFixture[str]) -> None:
    _, drawn = said(capsys, ["draw", "--replies", "10"])
    out, _ = said(capsys, ["queue"])
    _, exported = said(capsys, ["export", "s.csv", "--rater", "ana"])
    _, blank = said(capsys, ["import", "s.csv"])

    assert "10 replies" in drawn
    assert "10 wait" in out
    assert "11 rows" in exported
    assert "s.rubric.txt" in exported
    assert "0 ratings and 0 choices taken in" in blank
    assert "11 rows say nothing yet" in blank


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "arguments",
    [["draw", "--pairs", "5"], ["queue"], ["queue", "--rater", "ana"], ["draw", "--fresh", "--replies", "3"]],
)
def test_json_is_one_object(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    out, _ = said(capsys, [*arguments, "--json"])

    assert isinstance(json.loads(out), dict)


@pytest.mark.usefixtures("folder")
def test_import_and_export_print_one_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, ["draw", "--pairs", "5"])
    out, _ = said(capsys, ["export", "p", "--rater", "ana", "--rater", "ben", "--json"])
    assert json.loads(out)["items"] == 5
    rows = "case,first_by,second_by,winner\nc1,one,other,tie\n"
    Path("w.csv").write_text(rows, encoding="utf-8")
    out, _ = said(capsys, ["import", "w.csv", "--by", "ana", "--metric", "exact_match", "--json"])
    assert json.loads(out)["choices"][0]["chosen"] == "tie"


@pytest.mark.usefixtures("folder")
def test_what_waits_for_nobody_is_not_available_yet(capsys: pytest.CaptureFixture[str]) -> None:
    _, told = said(capsys, ["export", "s.csv"], 3)
    assert "nothing waits to be rated" in told
    _, told = said(capsys, ["queue"])
    assert "Nothing was drawn yet" in told


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["draw", "--pairs", "5", "--replies", "5"], "single replies or of pairs"),
        (["draw", "--metric", "exact"], "no metric 'exact'"),
        (["import", "no.csv", "--by", "ana"], "there is no such file"),
        (["import", "no.csv", "--column", "value"], "names no column"),
        (["queue", "--metric", "x"], "no metric 'x'"),
    ],
)
def test_slips_are_told(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    _, told = said(capsys, arguments, 2)

    assert words in told


@pytest.mark.usefixtures("folder")
def test_a_hostile_name_does_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"case": FORBIDDEN, "candidate": "one", "value": 1}
    Path("r.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    _, told = said(capsys, ["import", "r.jsonl", "--by", "ana"], 2)
    _, left = said(capsys, ["import", "r.jsonl", "--by", "ana", "--leave-out"])

    assert "\x1b" not in told + left
    assert "owned" in left
