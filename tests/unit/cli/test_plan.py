"""`passmuster plan`, and the one line of `init` and `run`: before a call, with figures stated, and after a pilot."""

import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.cli.main import status

CANDIDATE = "{name: NAME, provider: openai, model: NAME, base_url: 'http://127.0.0.1:9/v1', prices: {input: 1, output: 2}EXPECTED}"
GOOD = {"a": 0.90, "b": 0.76, "c": 0.74, "d": 0.72, "e": 0.5}


@pytest.fixture(name="starter")
def _starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Make the starter project, and return what `init` said."""
    assert status(["init", str(tmp_path / "p")]) == 0
    monkeypatch.chdir(tmp_path / "p")
    return capsys.readouterr().err


def written(folder: Path, expected: dict[str, str], cases: int = 200, more: str = "") -> None:
    rows = "".join(
        json.dumps({"id": str(index), "input": f"case {index}", "reference": "yes"}) + "\n"
        for index in range(cases)
    )
    (folder / "cases.jsonl").write_text(rows)
    listed = "\n".join(
        "  - "
        + CANDIDATE.replace("NAME", name).replace("EXPECTED", f", expected: {stated}" if stated else "")
        for name, stated in expected.items()
    )
    (folder / "passmuster.yaml").write_text(
        "task: t\ncorpus: {path: cases.jsonl, use: all}\nmetrics: [accuracy]\n"
        f"bars: {{accuracy: {{at_least: 0.70}}, latency_p95: {{at_most: 2 s}}}}\n{more}candidates:\n{listed}\n"
    )


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert status(["plan", "--json", *arguments]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture(name="stated")
def _stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, {name: f"{{accuracy: {rate}, latency_p95: 1 s}}" for name, rate in GOOD.items()})
    monkeypatch.chdir(tmp_path)


def test_init_ends_with_the_chance_before_anything_is_asked_and_makes_no_store(starter: str) -> None:
    assert (
        "Chance of a decision with these 125 cases, by the bar on exact_match: 2% if the best is 2 points"
        in starter
    )
    assert not Path(".passmuster").exists()


@pytest.mark.usefixtures("starter")
def test_before_any_call_a_plan_tells_what_the_cases_can_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["plan"]) == 0
    told = capsys.readouterr().out
    assert "if the best candidate is 5.0 points above" in told
    assert "exact_match >= 0.95" in told
    assert "as is usual" in told
    assert "`expected:` in the project file" in told


@pytest.mark.usefixtures("starter")
def test_a_pilot_is_read_from_the_store_and_what_is_asked_already_is_not_asked_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status(["run", "--limit", "60", "--quiet"]) == 0
    found = planned(capsys)
    known = {row["name"]: (row["known"], row["stored"]) for row in found["candidates"]}
    assert known["small-model"] == ("pilot", known["small-model"][1])
    assert known["small-model"][1] >= 20
    assert "by-hand" not in known
    assert found["trials"] == 5 * 140
    assert 0 < found["chance"]["decided"] < 1
    assert found["chance"]["family"] == 5
    assert found["discordance"]["known"] == "pilot"
    assert {row["candidate"] for row in found["needs"]} == set(known)


@pytest.mark.usefixtures("starter")
def test_a_finished_run_is_as_likely_as_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["run", "--quiet"]) == 0
    assert status(["compare", "--json", "--quiet"]) == 0
    decision = json.loads(capsys.readouterr().out)["decision"]
    found = planned(capsys)
    assert found["trials"] == 0
    assert found["chance"]["decided"] == float(decision["status"] == "decided")
    assert found["chance"]["chosen"] == [{"name": decision["chosen"], "share": 1.0}]


@pytest.mark.usefixtures("stated")
def test_stated_figures_give_a_chance_and_name_who_should_be_finalist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = planned(capsys)
    assert found["chance"]["decided"] > 0.99
    assert found["chance"]["chosen"][0]["name"] == "a"
    assert found["with_finalists"]["finalists"] == ["a", "b", "c"]
    assert found["unknown"] == []
    assert found["headroom"] == []
    assert (found["cases"], found["corpus_cases"], found["trials"]) == (200, 200, 1000)
    assert all(row["input_tokens"] and row["output_tokens"] for row in found["candidates"])


@pytest.mark.usefixtures("stated")
def test_fewer_cases_are_less_likely_to_decide_and_finalists_can_be_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = planned(capsys, "--cases", "90", "--finalist", "a", "--finalist", "e")
    assert (few["cases"], few["corpus_cases"]) == (90, 200)
    assert few["chance"]["decided"] < planned(capsys)["chance"]["decided"]
    assert few["with_finalists"]["finalists"] == ["a", "e"]
    assert few["with_finalists"]["decided"] > few["chance"]["decided"]


@pytest.mark.usefixtures("stated")
def test_an_unknown_finalist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["plan", "--finalist", "aa"]) == 2
    assert "no candidate is called 'aa'" in capsys.readouterr().err


def test_finalists_of_the_file_are_the_family(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = {name: f"{{accuracy: {rate}, latency_p95: 1 s}}" for name, rate in GOOD.items()}
    written(tmp_path, expected, more="finalists: [b, c]\n")
    monkeypatch.chdir(tmp_path)
    found = planned(capsys)
    assert found["chance"]["family"] == 2
    assert {each["name"] for each in found["chance"]["chosen"]} <= {"b", "c"}
    assert found["with_finalists"] is None


def test_of_whom_nothing_is_known_it_is_said_and_what_is_not_stated_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, {"a": "{accuracy: 0.8}", "b": "", "c": ""})
    monkeypatch.chdir(tmp_path)
    found = planned(capsys)
    assert (found["unknown"], found["assumed"]) == (["b", "c"], ["latency_p95 <= 2 s"])
    assert found["chance"]["family"] == 3
    assert any("Nothing is known of b and c" in text for text in found["advice"])


def test_without_bars_there_is_no_chance_and_still_a_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, {"a": "{accuracy: 0.8}"})
    text = (tmp_path / "passmuster.yaml").read_text()
    (tmp_path / "passmuster.yaml").write_text(
        "".join(text.splitlines(keepends=True)[:3] + text.splitlines(keepends=True)[4:])
    )
    monkeypatch.chdir(tmp_path)
    found = planned(capsys)
    assert (found["chance"], found["bars"], found["advice"]) == (None, [], [])
    assert status(["plan"]) == 0


@pytest.mark.usefixtures("stated")
def test_a_run_that_costs_tells_the_chance_first_and_a_quiet_one_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status(["run", "--estimate"]) == 0
    told = capsys.readouterr().err
    assert "Chance of a decision with these 200 cases: 100%" in told
    assert status(["run", "--estimate", "--limit", "30"]) == 0
    assert "Chance of a decision with these 30 cases: " in capsys.readouterr().err
    assert status(["run", "--estimate", "--quiet"]) == 0
    assert "Chance" not in capsys.readouterr().err


RECORDED = "task: t\ncorpus: {path: cases.jsonl, use: all}\nmetrics: [accuracy]\nincumbent: a\nbars:\n  accuracy: {at_least: 0.6, slices: {\"category == 'edge'\": 0.5}}\n  failure_rate: {versus: incumbent, margin: 10 points}\ncandidates:\n"


def recorded(folder: Path, names: str, cases: int = 120) -> None:
    """Write recorded candidates that differ, on cases of which every fifth is an edge case."""
    rows = [
        {"id": str(n), "input": f"case {n}", "reference": "yes", "category": "typical" if n % 5 else "edge"}
        for n in range(cases)
    ]
    said = [
        {"id": str(n), "candidate": name, "output": "yes" if (7 * n + place) % 10 < 8 + place % 2 else "no"}
        for place, name in enumerate(names)
        for n in range(cases)
    ]
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "said.jsonl").write_text("".join(json.dumps(row) + "\n" for row in said))
    listed = "".join(f"  - {{name: {name}, provider: replay, path: said.jsonl}}\n" for name in names)
    (folder / "passmuster.yaml").write_text(RECORDED + listed)


def test_cases_that_are_measured_apart_are_drawn_from_a_pilot_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path, "abcde")
    monkeypatch.chdir(tmp_path)
    assert status(["run", "--limit", "60", "--quiet"]) == 0
    found = planned(capsys)
    assert found["corpus_cases"] == 96
    assert found["assumed"] == []
    assert found["chance"]["decided"] > 0.8
    assert {each["name"]: each["share"] for each in found["chance"]["passing"]}.get("e", 0.0) < 0.5
    assert {row["known"] for row in found["candidates"]} == {"pilot"}


def test_what_a_pilot_did_not_ask_yet_is_taken_to_be_met_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path, "ab")
    monkeypatch.chdir(tmp_path)
    assert status(["run", "--limit", "60", "--only", "b", "--quiet"]) == 0
    found = planned(capsys)
    assert found["assumed"] == ["failure_rate <= incumbent + 0.10"]
    assert {each["name"]: each["share"] for each in found["chance"]["passing"]}["b"] > 0.5


def test_the_cases_of_each_slice_say_what_its_bar_can_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path, "abcd", cases=30)
    monkeypatch.chdir(tmp_path)
    found = planned(capsys)
    shown = {row["bar"]: (row["cases"], row["among_all"] is None) for row in found["bars"]}
    assert shown == {"accuracy >= 0.60": (24, False), "accuracy >= 0.50 on category == 'edge'": (6, True)}
    assert any("on category == 'edge' cannot be shown with 6 cases" in text for text in found["advice"])
    assert status(["plan", "--cases", "240"]) == 0
    assert " 60 " in capsys.readouterr().out


def test_who_is_chosen_by_weight_is_not_told_by_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = {name: f"{{accuracy: {rate}, latency_p95: 1 s}}" for name, rate in GOOD.items()}
    written(tmp_path, expected, more="weights: {accuracy: 1}\nchoose: weights\n")
    monkeypatch.chdir(tmp_path)
    found = planned(capsys)
    assert found["chance"]["decided"] > 0.99
    assert (found["chance"]["chosen"], found["with_finalists"]["chosen"]) == ([], [])


def test_cases_that_stand_for_more_of_the_traffic_make_a_stated_chance_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, {"a": "{accuracy: 0.78, latency_p95: 1 s}"})
    monkeypatch.chdir(tmp_path)
    plain = planned(capsys)["chance"]["decided"]
    rows = [json.loads(row) for row in (tmp_path / "cases.jsonl").read_text().splitlines()]
    rows = [{**row, "weight": 20 if place % 10 == 0 else 1} for place, row in enumerate(rows)]
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    weighted = planned(capsys)
    assert weighted["effective"] < 50
    assert weighted["chance"]["decided"] < plain - 0.2
