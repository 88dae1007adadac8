"""`passmuster escalate`: whose replies, who gets the others, exit codes, and one object as JSON."""

import json
from pathlib import Path

import pytest

import passmuster
from passmuster.cli.main import status
from passmuster.project.escalating import escalate

FILE = """\
task: routing <b>
corpus: cases.jsonl
metrics: [exact_match]
repeats: {repeats}
{more}
candidates:
  - {{name: small, provider: replay, path: replies.jsonl}}
  - {{name: large, provider: replay, path: replies.jsonl, prices: {{input: 1, output: 1}}}}
"""
CASES = 240


def recorded(number: int) -> list[dict[str, object]]:
    """Return replies to a case: of the small one a third is wrong, and its confidence tells most of these."""
    wrong = number % 3 == 0
    answer = "no" if wrong else "yes"
    sure = 0.3 if wrong and number % 60 else 0.8
    small = {"id": str(number), "candidate": "small", "confidence": sure + number / 10000}
    again = "yes" if number % 6 == 0 else answer
    return [
        {**small, "output": answer},
        {**small, "output": again},
        {"id": str(number), "candidate": "large", "output": "yes", "input_tokens": 100, "output_tokens": 10},
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project(tmp_path)
    cases = ({"id": str(n), "input": f"question {n}", "reference": "yes"} for n in range(CASES))
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    rows = (row for n in range(CASES) for row in recorded(n))
    (tmp_path / "replies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def project(folder: Path, more: str = "", repeats: int = 1) -> None:
    (folder / "passmuster.yaml").write_text(FILE.format(more=more, repeats=repeats))


@pytest.fixture
def asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert status(["run", "-q"]) == 0
    capsys.readouterr()
    return folder


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, object]:
    assert status(["escalate", *arguments, "--json"]) == code
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_it_says_what_can_go_out_unseen(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["escalate", "small", "--target", "10 %"]) == 0
    out, err = capsys.readouterr()
    text = " ".join(out.split())
    assert "Replies of small can go out unseen where confidence >= 0." in text
    assert "Report: reports/routing-b--escalation.html" in err
    page = (asked / "reports" / "routing-b--escalation.html").read_text()
    assert "routing &lt;b&gt;" in page
    assert "<b>" not in page


def test_where_nothing_can_be_certified_it_exits_with_3(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked.is_dir()
    found = printed(capsys, "small", "--target", "0.1%", code=3)
    assert found["best"] is None
    assert "No threshold can be certified" in str(found["sentence"])


def test_whose_replies_is_asked_where_the_project_does_not_say(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["escalate"]) == 2
    assert "whose replies?" in capsys.readouterr().err
    project(asked, more="incumbent: small")
    found = printed(capsys, "--target", "10%")
    assert found["candidate"] == "small"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["smal"], "Did you mean 'small'?"),
        (["small", "--to", "larg"], "Did you mean 'large'?"),
        (["small", "--to", "small"], "cannot get the replies that it is itself not sure of"),
        (["small", "--target", "lots"], "no share"),
        (["small", "--delta", "0"], "not above 0 and below 1"),
        (["small", "--json", "--markdown"], "exclude each other"),
    ],
)
def test_a_slip_is_told(
    asked: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert asked.is_dir()
    assert status(["escalate", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_without_trials_it_is_incomplete_and_says_what_to_type(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert folder.is_dir()
    assert status(["escalate", "small"]) == 4
    assert "passmuster run --only small" in capsys.readouterr().err


def test_escalating_to_another_candidate_counts_its_price_and_its_errors(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked.is_dir()
    found = printed(capsys, "small", "--target", "10%", "--to", "large")
    signals = found["signals"]
    assert isinstance(signals, list)
    point = signals[0]["certified"]
    large = (100 + 10) / 1e6
    assert found["to_kind"] == "candidate"
    assert found["cost_per_task"] is None or found["cost_per_task"] == 0
    assert point["wrong_per_thousand"] == pytest.approx(1000 * point["errors"] / CASES)
    assert point["cost_per_task"] is None or point["cost_per_task"] == pytest.approx(
        large * (1 - point["coverage"])
    )


def test_repeats_are_a_signal_and_the_first_is_the_one_that_goes_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(folder, repeats=2, more="escalation: {signals: [self_consistency, confidence]}")
    assert status(["run", "-q"]) in {0, 4}
    capsys.readouterr()
    found = escalate(passmuster.open_project("passmuster.yaml"), "small", target=0.2)
    steady = next(each for each in found.signals if each.kind == "self_consistency")
    assert found.error_rate.value == pytest.approx(80 / 240)
    assert {point.threshold for point in steady.points} == {0.5, 1.0}
    # Every second wrong reply is answered otherwise the next time: what is left is 40 of 200.
    assert (steady.points[0].accepted, steady.points[0].errors) == (200, 40)
    assert any("the first reply of each case" in text for text in found.remarks)


def test_markdown_has_the_same_tables(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked.is_dir()
    assert status(["escalate", "small", "--target", "10%", "--markdown", "-q"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# Which replies can go out unseen? small\n")
    assert "| signal | AUROC (95%) |" in out
    assert "routing \\<b\\>" in out


def test_a_page_that_cannot_be_written_is_told(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (asked / "file").write_text("")
    assert status(["escalate", "small", "--html", "file/page.html"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_agreement_with_itself_is_told_as_such(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(
        asked, "escalation: {signals: {same: {kind: agreement, of: small}, confidence: {kind: confidence}}}"
    )
    found = printed(capsys, "small", "--target", "10%")
    assert found["absent"] == {"same": "it would compare the candidate with itself"}
