"""`claims` over loopback HTTP: two rounds of questions, each asked once, and what `show` and the report say of them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from passmuster.adapters.simulator.answers import Question, RecordedReply
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.cli.main import status
from passmuster.metrics.judges.prompt import sections_of
from passmuster.records.record import Json

PROJECT = """\
task: news
corpus: {{path: cases.jsonl, use: all}}
metrics:
  - {{name: facts, metric: claims, asks: [lister, checker]}}
  - {{name: left out, metric: claims, asks: lister, figure: omission}}
candidates:
  - {{name: recorded, provider: replay, path: recorded.jsonl}}
scorers:
  - {{name: lister, provider: openai, model: honest, base_url: "{url}", prices: {{input: 1, output: 1}}}}
  - {{name: checker, provider: openai, model: {model}, base_url: "{url}", prices: {{input: 1, output: 1}}}}
"""
SOURCE = "It rained all day in Bonn.\nTwo bridges were closed."
REPLIES = {
    "good": "It rained all day in Bonn. Two bridges were closed.",
    "bad": "It rained all day in Bonn.\n\nIt **froze** at night.\x1b[31m",
}


class Reader:
    """A model that lists sentences, and believes those that stand in the source word for word."""

    def answer(self, question: Question) -> RecordedReply:
        """Return claims, their verdicts or the points that are made."""
        given = sections_of(str(question.conversation.messages[0].content))
        if "CLAIMS" in given:
            verdicts = [self._verdict(text, given["SOURCE"]) for text in items(given["CLAIMS"])]
            return said(
                "claims", [{"number": n, "reason": "read", **each} for n, each in enumerate(verdicts, 1)]
            )
        if "POINTS" in given:
            made = [text in given["TEXT"] for text in items(given["POINTS"])]
            return said(
                "points", [{"number": n, "quote": None, "made": each} for n, each in enumerate(made, 1)]
            )
        parts = [
            part.strip() for part in given["TEXT"].replace("\n", " ").split(".") if part.strip(" \x1b[31m")
        ]
        return said("claims", [{"quote": part.replace("*", ""), "claim": f"{part}."} for part in parts])

    def _verdict(self, claim: str, source: str) -> dict[str, str | None]:
        if claim in source.replace("\n", " "):
            return {"quote": claim, "verdict": "supported"}
        return {"quote": None, "verdict": "not in the source"}


class Prose:
    """A model that does not keep to the form."""

    def answer(self, question: Question) -> RecordedReply:
        """Return no verdict."""
        del question
        return RecordedReply(text="All claims are supported!")


def items(listed: str) -> list[str]:
    return [json.loads(line.partition(". ")[2]) for line in listed.splitlines()]


def said(name: str, rows: list[dict[str, Json]]) -> RecordedReply:
    return RecordedReply(text=json.dumps({name: rows}))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    models = [SimulatedModel(name="honest", answers=Reader()), SimulatedModel(name="prose", answers=Prose())]
    with SimulatorThread(Simulator(models, time_scale=0.0)) as served:
        yield served


def project(folder: Path, url: str, model: str = "honest") -> list[str]:
    points = [{"text": "It rained all day in Bonn"}, {"text": "Two bridges were closed"}]
    cases = [{"id": name, "input": SOURCE, "key_points": points} for name in REPLIES]
    for case in cases:
        case["input"] = f"{case['id']}\n{SOURCE}"
    recorded = [{"id": name, "output": text} for name, text in REPLIES.items()]
    for name, rows in (("cases", cases), ("recorded", recorded)):
        (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (folder / "passmuster.yaml").write_text(PROJECT.format(url=url, model=model))
    return ["--project", str(folder)]


def test_claims_are_listed_and_checked_once_and_stand_in_show_and_report_with_their_places(
    tmp_path: Path, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    here = project(tmp_path, simulator.base_url)
    assert status(["run", *here]) == 0
    assert status(["score", *here, "--yes"]) == 0
    # each reply: one list, one check, one question about points
    assert len(simulator.truth) == 6
    assert status(["score", *here, "--yes"]) == 0
    assert len(simulator.truth) == 6
    capsys.readouterr()

    assert status(["compare", *here, "--json"]) == 3, "there are no bars"
    (candidate,) = json.loads(capsys.readouterr().out)["candidates"]
    assert candidate["metrics"]["facts"]["value"] == pytest.approx((1 + 1 / 2) / 2)
    assert candidate["metrics"]["left out"]["value"] == pytest.approx((0 + 1 / 2) / 2)
    assert candidate["metrics"]["facts"]["note"] == "uncalibrated judge", (
        "nobody has checked the model's word"
    )
    assert candidate["judged"]["facts"]["trust"] == "uncalibrated"

    assert status(["show", "latest", "bad", *here]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "facts: not in the source: 'It **froze** at night.', line 3, characters 28 to 49" in shown
    assert "left out: not met every point made; omitted 'Two bridges were closed'" in shown
    assert "\x1b" not in shown

    (report,) = (tmp_path / "reports").glob("*.html")
    assert "characters 28 to 49" in report.read_text(encoding="utf-8")


def test_what_a_judge_cost_here_is_what_it_would_cost_for_a_share_of_the_tasks(
    tmp_path: Path, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    here = project(tmp_path, simulator.base_url, "prose")
    path = tmp_path / "passmuster.yaml"
    calls = "cost: {calls: [{name: looks, scorer: checker, share: 50 %}, {name: lists, scorer: lister}]}\n"
    priced = path.read_text().replace("recorded.jsonl}", "recorded.jsonl, prices: {input: 1, output: 1}}")
    path.write_text(priced + calls)
    assert status(["run", *here]) == 0
    assert status(["score", *here, "--yes"]) == 0
    capsys.readouterr()
    status(["compare", *here, "--json"])
    found = json.loads(capsys.readouterr().out)
    asked = {name: usd for judge in found["judges"] for name, usd in judge["costs"].items()}
    assert asked.keys() == {"lister", "checker"}
    assert asked["lister"] != asked["checker"], "each has a cost of its own, not that of the metric"
    paid = {name: each["value"] for name, each in found["candidates"][0]["cost"]["calls"].items()}
    assert paid == pytest.approx({"looks": asked["checker"] / 2, "lists": asked["lister"]})


def test_a_checker_that_does_not_keep_to_the_form_gives_no_score_at_all(
    tmp_path: Path, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    here = project(tmp_path, simulator.base_url, "prose")
    assert status(["run", *here]) == 0
    assert status(["score", *here, "--yes"]) == 0
    capsys.readouterr()
    assert status(["compare", *here, "--json"]) == 3, "there are no bars"
    (candidate,) = json.loads(capsys.readouterr().out)["candidates"]
    assert candidate["metrics"]["facts"]["value"] is None
    assert candidate["metrics"]["facts"]["n_missing"] == 2
    assert candidate["metrics"]["left out"]["n"] == 2
