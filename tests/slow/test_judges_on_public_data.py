"""Judges of others on the labels of people: who agrees, whom the position decides, and which change raises an alarm."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from passmuster.decide.judging.calibrating.findings import position_findings
from passmuster.records.comparison import CandidateReport, Comparison

pytestmark = [pytest.mark.slow, pytest.mark.data]

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "benchmarks" / "judges.py"
PAGES = ROOT / "docs" / "judge"


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("judges", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def row(found: Comparison, name: str) -> CandidateReport:
    return next(each for each in found.candidates if each.name == name)


def shown(page: str, table: str) -> bool:
    """Return whether a page has every line of a table."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return all(line in text for line in table.splitlines())


def test_six_judges_of_pairs_with_unreadable_verdicts_as_score_failures(
    program: ModuleType, data_folder: Path
) -> None:
    pairs = program.llmbar(data_folder)
    found = program.compared(pairs.bench, pairs.judges, 0.6)

    assert (pairs.rows, pairs.with_verdicts, len(pairs.judges)) == (18_624, 16_110, 6)
    read = {name: row(found, name).metrics["agreement"].n for name in pairs.swapped}
    failed = {name: row(found, name).failures.score_failures["agreement"] for name in pairs.swapped}
    assert sum(read.values()) == 16_110 - 111
    assert sum(read.values()) + sum(failed.values()) == 18_624
    best = row(found, "GPT-4").metrics
    assert best["agreement"].value == pytest.approx(0.7398, abs=1e-3)
    assert best["closeness"].value == pytest.approx(0.8033, abs=1e-3)
    assert best["agreement"].low is not None
    assert best["agreement"].low < 0.73  # by item: a prompt more asks no other item
    assert (found.decision.status, found.decision.chosen) == ("decided", "GPT-4")
    assert shown("compare.md", program.table(found))


def test_whom_the_position_decides_is_named(program: ModuleType, data_folder: Path) -> None:
    found = program.positions(program.llmbar(data_folder))
    places = {
        name: next((each.sentence for each in position_findings(bias) if each.kind == "position"), "")
        for name, bias in found.items()
    }
    assert {name for name, told in places.items() if "the first place" in told} == {
        "ChatGPT",
        "ChatGPT-0301",
        "Falcon",
        "LLaMA2",
        "PaLM2",
    }
    assert "the second place (58 %)" in places["GPT-4"]
    assert found["Falcon"].consistent.value == pytest.approx(0.248, abs=1e-3)
    assert found["GPT-4"].p == pytest.approx(
        0.0064, abs=1e-3
    )  # one by one, prompts of an item would make it 0.0009
    assert shown("compare.md", program.position_table(found))


def test_the_rule_that_costs_nothing_beats_the_model_as_judge_of_refusals(
    program: ModuleType, data_folder: Path
) -> None:
    bench, judges = program.xstest(data_folder)
    strict, mild = (program.compared(bench, judges, at_least) for at_least in (0.8, 0.75))

    model, rule = row(strict, "GPT-4"), row(strict, "string rule")
    assert model.failures.score_failures == {"agreement": 11}
    assert (model.metrics["agreement"].n, rule.metrics["agreement"].n) == (2_239, 2_250)
    assert model.metrics["agreement"].value == pytest.approx(0.803, abs=5e-4)
    assert rule.metrics["agreement"].value == pytest.approx(0.8387, abs=5e-4)
    assert (model.verdict.status, strict.decision.chosen) == ("undecided", "string rule")
    assert (row(mild, "GPT-4").verdict.status, mild.decision.chosen) == ("pass", "string rule")
    assert "string rule is the cheapest of the 2" in mild.decision.reason
    assert "GPT-4 is 3.5 points worse" in mild.decision.reason
    assert shown("compare.md", program.table(strict))


def test_what_is_counted_by_rule_does_not_stand_in_for_people_on_long_answers(
    program: ModuleType, data_folder: Path
) -> None:
    bench, judges = program.alce(data_folder)
    found = program.compared(bench, judges, 0.75)

    assert len(bench.replies) == 800
    assert found.decision.status == "none"
    assert row(found, "automatic correctness").metrics["closeness"].value == pytest.approx(0.518, abs=1e-3)
    assert shown("compare.md", program.table(found))


def test_another_judge_raises_the_alarm_and_the_same_one_a_month_later_does_not(
    program: ModuleType, data_folder: Path
) -> None:
    scores = program.wildbench(data_folder)
    change, n = program.gap(scores, program.OLD, program.NEW)
    again, _ = program.gap(scores, program.NEW, program.SAME)

    assert (n, round(change, 2), round(again, 3)) == (6_133, -0.62, 0.008)
    assert program.alarms(scores, program.OLD, program.NEW) >= 990
    assert program.alarms(scores, program.NEW, program.SAME) <= 50
    text = (PAGES / "drift.md").read_text(encoding="utf-8")
    assert re.search(r"\| another judge \| 6,133 \| -0\.619 \| 999 \|", text)
    assert re.search(r"\| the same judge \| 6,134 \| \+0\.008 \| 0 \|", text)
