"""Stopping early on 14 real models and 1,000 real complaints: the decision is that of the full run, for a part of its calls."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from passmuster.decide.early import views
from passmuster.decide.early.bars_rule import BarsRule
from passmuster.decide.early.views import Expense, View, bar_view
from passmuster.decide.success import success_rule
from passmuster.decide.verdicts import Contender
from passmuster.project.asking import run
from passmuster.project.judge_reports import judge_reports
from passmuster.project.load import Project, load_project
from passmuster.records.candidate import candidate_digest
from passmuster.records.stopped import Stop, Until
from passmuster.records.task import Success
from passmuster.runner.plan import plan
from passmuster.stats.ratio import ratio_interval
from passmuster.stats.sequential.looks import looks
from passmuster.workflows.cells import Cells
from passmuster.workflows.compare import matrix_of
from passmuster.workflows.estimate import usual_price
from passmuster.workflows.laying import Laying, Question

COMMAND = Path(sys.executable).parent / "passmuster"
EXAMPLE = Path(__file__).parents[2] / "examples/complaints"
ORDERS = 200
BLOCK = 20

pytestmark = [pytest.mark.data, pytest.mark.slow]


class Full(NamedTuple):
    """All trials of all models, with the tests of their bars and what a trial is expected to cost."""

    project: Project
    contenders: list[Contender]
    prices: dict[str, float | None]
    success: Success


class Came(NamedTuple):
    """What one order came to."""

    chosen: tuple[str, ...]
    trials: int
    stops: dict[str, Stop]


def opened(folder: Path) -> Project:
    """Copy the example, without a store that may lie there, and open it."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".*"))
    return load_project(folder / "whole.yaml")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Full:
    """Run all of it once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSMUSTER_DATA", str(data_folder))
        project = opened(tmp_path_factory.mktemp("full") / "complaints")
        run(project)
    question = Question(
        task=project.task,
        metrics=project.metrics(),
        corpus=project.corpus(),
        candidates=project.candidates,
        judges=judge_reports(project),
    )
    laying = Laying(question, Cells(question.corpus.cases, 1))
    with project.store() as store:
        for trial in store.trials([candidate_digest(each) for each in question.candidates]):
            laying.enter(trial)
    main = laying.main([each.name for each in question.candidates])
    contenders = matrix_of(question, main).contenders("2026-01-01T00:00:00Z")
    whole = plan(question.corpus.cases, question.candidates)
    prices = {each.name: usual_price(each, whole.of(candidate_digest(each))) for each in question.candidates}
    return Full(project, contenders, prices, success_rule(question.task))


def decided(full: Full, rule: BarsRule, seed: int) -> Came:
    """Go through the looks of one order, as the run does, over trials that are there already."""
    names = [each.name for each in full.contenders]
    item = {each.name: each for each in full.contenders}
    order = [np.array(block) for block in looks(range(1000), seed, BLOCK)]
    sums = {name: np.zeros((len(item[name].tests), 3)) for name in names}
    money = {
        name: (item[name].measured.costs(), item[name].measured.successes(full.success)) for name in names
    }
    standing = {
        name: View(name=name, cases=0, total=1000, bars=(), expense=Expense(expected=full.prices[name]))
        for name in names
    }
    done = dict.fromkeys(names, 0)
    stops: dict[str, Stop] = {}
    while asked := rule.next_asked([view for name, view in standing.items() if name not in stops]):
        for name in asked:
            block = order[done[name]]
            done[name] += 1
            for place, test in enumerate(item[name].tests):
                own = test.columns[block][:, list(test.places or ())]
                sums[name][place] += own.sum(axis=0)
            seen = np.concatenate(order[: done[name]])
            cost, success = (column[seen] for column in money[name])
            low, high = ratio_interval(cost, success) or (None, None)
            basis = 1 if item[name].measured.basis == "lower_bound" else 0
            value = float(cost.sum() / success.sum()) if success.sum() else None
            standing[name] = View(
                name=name,
                cases=len(seen),
                total=1000,
                bars=tuple(map(bar_view, item[name].tests, sums[name])),
                expense=Expense(rank=basis, value=value, low=low, high=high, expected=full.prices[name]),
            )
        found = rule.stops(list(standing.values()))
        stops.update({stop.candidate: stop for stop in found if stop.candidate not in stops})
    return Came(rule.chosen(list(standing.values())), BLOCK * sum(done.values()), stops)


def rule_of(full: Full, seed: int = 0) -> BarsRule:
    names = tuple(each.name for each in full.contenders)
    until = Until(aim="bars", seed=seed, block=BLOCK, family=names, level=0.05 / len(names))
    return BarsRule(until=until)


def decision_of_all(full: Full) -> str:
    """Return the decision of the full run under the same correction: the cheapest of those that pass."""
    level = 0.05 / len(full.contenders)
    passed = [each for each in full.contenders if max(test.observed()[0] for test in each.tests) <= level]

    def price(each: Contender) -> float:
        return float(each.measured.costs().sum() / each.measured.successes(full.success).sum())

    assert passed, "the full run decides nothing: there is nothing to compare with"
    return min(passed, key=price).name


def shares(full: Full, orders: int) -> tuple[float, float]:
    """Return in which share of the orders the decision is that of the full run, and which share of the calls is saved."""
    wanted = decision_of_all(full)
    came = [decided(full, rule_of(full), seed) for seed in range(orders)]
    agree = np.mean([each.chosen == (wanted,) for each in came])
    return float(agree), float(1 - np.mean([each.trials for each in came]) / 14_000)


def test_it_comes_to_the_decision_of_the_full_run_in_nearly_every_order_for_a_part_of_the_calls(
    full: Full,
) -> None:
    agree, saved = shares(full, ORDERS)

    assert agree >= 0.95  # 195 of the 200 orders
    assert saved >= 0.85  # 88.3%


def test_to_drop_whoever_lies_below_a_bar_at_a_look_loses_the_decision(
    full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    def below(good: float, known: float, _total: float, bar: float, _level: float) -> bool:
        return known >= 60 and good / known < bar

    monkeypatch.setattr(views, "hopeless", below)

    assert shares(full, ORDERS // 5)[0] < 0.95


@pytest.mark.parametrize("seed", [0, 3])
def test_the_installed_command_goes_the_same_way_and_compare_decides_the_same(
    full: Full, tmp_path: Path, data_folder: Path, seed: int
) -> None:
    expected = decided(full, rule_of(full), seed)
    shutil.copytree(EXAMPLE, tmp_path / "complaints", ignore=shutil.ignore_patterns(".*"))
    project = ["--project", str(tmp_path / "complaints/whole.yaml"), "--json"]

    end = json.loads(told(["run", "--until-decided", "--seed", str(seed), *project], data_folder))
    comparison = json.loads(told(["compare", *project], data_folder))

    early = end["early"]
    assert end["status"] == "complete"
    assert (early["trials"], early["finished"]) == (expected.trials, True)
    assert {stop["candidate"]: (stop["reason"], stop["cases"]) for stop in early["stops"]} == {
        name: (stop.reason, stop.cases) for name, stop in expected.stops.items()
    }
    assert tuple(early["chosen"]) == expected.chosen
    assert (comparison["decision"]["status"], comparison["decision"]["chosen"]) == (
        "decided",
        decision_of_all(full),
    )
    assert comparison["stopped"] == early


def told(arguments: list[str], data_folder: Path) -> str:
    """Return what the installed command prints on stdout, which has to end well."""
    environment = {**os.environ, "PASSMUSTER_DATA": str(data_folder)}
    ended = subprocess.run(
        [COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
