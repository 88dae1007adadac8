"""Signals of confidence on public recordings of real models: what they are worth, and what they certify.

`pytest tests/slow/test_escalation_on_public_data.py -s` prints the figures of docs/escalate.md.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import passmuster
from passmuster.cli.main import status
from passmuster.project.escalating import escalate
from passmuster.records.escalation import EscalationReport, SignalReport

pytestmark = [pytest.mark.slow, pytest.mark.data]

COMPLAINTS = """\
task: complaints
corpus: {{path: "{folder}/items.jsonl", columns: {{reference: gold}}{corpus}}}
prompt: prompt.j2
metrics: [accuracy]
cost: {{review: {{when: failed, minutes: 3, hourly: 40 USD}}}}
candidates:
  - {{name: gpt-4o-mini, provider: replay, path: "{folder}/outputs.jsonl.gz", prices: {{input: 0.15, output: 0.6}}}}
  - {{name: claude-3-7-sonnet, provider: replay, path: "{folder}/outputs.jsonl.gz", prices: {{input: 3, output: 15}}}}
"""


def show(figures: str) -> None:
    """Print what was measured."""
    print(figures)  # noqa: T201 - the docs say that -s shows them


def rows(path: Path) -> Iterator[dict[str, Any]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from map(json.loads, content.splitlines())


def report(folder: Path, candidate: str, **wish: Any) -> EscalationReport:
    found = escalate(passmuster.open_project(folder / "passmuster.yaml"), candidate, **wish)
    show(found.sentence)
    for each in found.signals:
        show(f"  {each.sentence} Labelled replies: {each.n}.")
    return found


def signal(found: EscalationReport, name: str) -> SignalReport:
    return next(each for each in found.signals if each.name == name)


def asked(folder: Path, project: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "prompt.j2").write_text("Which product? {{ input }}")
    (folder / "passmuster.yaml").write_text(project)
    assert status(["run", "--project", str(folder), "-q"]) == 0
    capsys.readouterr()


def written(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_naive_bayes_knows_which_complaints_it_can_sort(
    tmp_path: Path, data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fitted on 400 complaints, asked 600: at most 15 % wrong among those that no person looks at."""
    split = ", split: {train: 0.4, eval: 0.6, holdout: 0.0, seed: 1}"
    project = COMPLAINTS.format(folder=data_folder / "replay_complaints", corpus=split)
    asked(tmp_path, project + "  - {name: bayes, provider: baseline, kind: naive_bayes}\n", capsys)
    found = report(tmp_path, "bayes", target=0.15)
    own = signal(found, "confidence")

    assert found.cases == 600
    assert own.auroc.value == pytest.approx(0.73, abs=0.03)
    assert own.certified is not None
    assert 0.2 < own.certified.coverage < 0.5
    assert own.certified.risk < 0.15
    assert own.calibration is not None
    assert own.calibration.p < 0.01  # naive Bayes is far too sure of itself, and ranks well all the same
    assert "probability_margin" in found.absent
    cascade = report(tmp_path, "bayes", target=0.15, to="claude-3-7-sonnet")
    point = signal(cascade, "confidence").certified
    assert point is not None
    whole = cascade.signals[0].points[-1]
    assert point.wrong_per_thousand is not None
    assert whole.wrong_per_thousand is not None
    assert point.wrong_per_thousand < whole.wrong_per_thousand


def test_two_models_that_agree_are_surer_than_either(
    tmp_path: Path, data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """gpt-4o-mini and claude-3-7-sonnet on all 1,000 complaints."""
    project = COMPLAINTS.format(folder=data_folder / "replay_complaints", corpus=", use: all")
    key = "escalation: {signals: {same: {kind: agreement, of: claude-3-7-sonnet}, length: {}}}\n"
    asked(tmp_path, project + key.replace("{}", "{kind: length}"), capsys)
    found = report(tmp_path, "gpt-4o-mini", target=0.25)
    same, length = signal(found, "same"), signal(found, "length")

    assert found.error_rate.value == pytest.approx(0.309, abs=0.02)
    assert same.usable
    assert same.certified is not None
    assert same.certified.risk < (found.error_rate.value or 0.0)
    assert length.proxy
    assert length.auroc.value is not None
    assert same.auroc.value is not None
    assert length.auroc.value < same.auroc.value
    assert report(tmp_path, "gpt-4o-mini", target=0.01).best is None


def test_a_judge_that_says_the_same_however_it_is_asked_is_right_more_often(
    tmp_path: Path, data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GPT-4 on LLMBar's 419 pairs, asked in three ways and in both orders: six repeats of one question."""
    folder = data_folder / "judge_llmbar"
    ways = ("Vanilla", "CoT", "Rating")
    items = {row["id"]: row for row in rows(folder / "items.jsonl.gz")}
    said: dict[str, dict[str, Mapping[str, str]]] = defaultdict(dict)
    for row in rows(folder / "verdicts.jsonl.gz"):
        if row["judge"] == "GPT-4" and row["prompting"] in ways and row.get("verdicts"):
            said[row["id"]][row["prompting"]] = row["verdicts"]
    whole = [name for name, found in said.items() if len(found) == len(ways)]
    written(
        tmp_path / "cases.jsonl",
        ({"id": name, "input": name, "reference": str(items[name]["label"])} for name in whole),
    )
    written(
        tmp_path / "replies.jsonl",
        (
            {"id": name, "output": str(said[name][way][order])}
            for name in whole
            for way in ways
            for order in ("swap = False", "swap = True")
        ),
    )
    project = "task: llmbar\ncorpus: {path: cases.jsonl, use: all}\nmetrics: [exact_match]\nrepeats: 6\n"
    asked(
        tmp_path, project + "candidates:\n  - {name: gpt-4, provider: replay, path: replies.jsonl}\n", capsys
    )
    found = report(tmp_path, "gpt-4", target=0.15)
    own = signal(found, "self_consistency")

    assert found.cases == len(whole) == 419
    assert own.usable
    assert own.certified is not None
    assert own.certified.risk < (found.error_rate.value or 0.0)


def test_questions_on_which_another_model_agrees_are_answered_better(
    tmp_path: Path, data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two models on 1,001 questions of MMLU-Pro; the letters that the authors read out of their replies."""
    folder = data_folder / "replay_mmlupro"
    pair = ("Meta-Llama-3_1-70B-Instruct", "Qwen1.5-72B-Chat")
    items = list(rows(folder / "items.jsonl.gz"))
    gold = next(key for key in ("gold", "answer") if key in items[0])
    written(
        tmp_path / "cases.jsonl",
        ({"id": str(row["id"]), "input": row["question"], "reference": str(row[gold])} for row in items),
    )
    written(
        tmp_path / "replies.jsonl",
        (
            {"id": str(row["id"]), "candidate": row["candidate"], "output": row["published_pred"] or "none"}
            for row in rows(folder / "outputs.jsonl.gz")
            if row["candidate"] in pair
        ),
    )
    project = "task: mmlu\ncorpus: {path: cases.jsonl, use: all}\nmetrics: [exact_match]\n"
    project += f"incumbent: {pair[1]}\ncandidates:\n"
    project += "".join(f"  - {{name: {name}, provider: replay, path: replies.jsonl}}\n" for name in pair)
    asked(tmp_path, project, capsys)
    found = report(tmp_path, pair[0], target=0.25)
    (same,) = found.signals

    assert same.name == f"agreement with {pair[1]}"
    assert same.usable
    assert same.certified is not None
    assert 0.3 < same.certified.coverage < 0.8
    assert same.certified.risk < 0.25 < (found.error_rate.value or 0.0)
