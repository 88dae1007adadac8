from collections.abc import Mapping
from dataclasses import replace

import pytest

from passmuster.decide.readiness.checklist import checklist
from passmuster.decide.readiness.facts import BaselineFact, CiFact, HoldoutFact, ReadyFacts, RunFact
from passmuster.records.comparison import Comparison
from passmuster.records.failure_mode import FailureMode
from passmuster.records.judged import JudgeReport
from passmuster.records.readiness import ReadyItem
from passmuster.records.task import Bar, CostModel, MetricSpec


def items(facts: ReadyFacts) -> dict[str, ReadyItem]:
    return {item.name: item for item in checklist(facts).items}


def test_a_project_that_has_everything_lacks_only_what_no_verb_can_look_at(ready_facts: ReadyFacts) -> None:
    report = checklist(ready_facts)
    assert {item.name: item.status for item in report.items if item.status != "done"} == {
        "judge calibrated": "not needed",
        "load test": "not available",
        "red team": "not available",
    }
    assert report.candidate == "a"


BASELINE = BaselineFact(path="b.json", candidate="a", digest="d1", age_days=1.0, committed=True)
FIRST = RunFact(id="r0", started=50.0, corpus="v1", rules="other")

SLIPS: Mapping[str, tuple[Mapping[str, object], str, str, str]] = {
    "few labels": ({"labelled": 499}, "labelled cases", "499 are: 1 more", "label export"),
    "few cases": ({"labelled": 10, "scored": 10}, "labelled cases", "490 more", "corpus import LOGS"),
    "few cases of traffic": (
        {"labelled": 10, "scored": 10, "traffic": True},
        "labelled cases",
        "490 more",
        "corpus sample 2205",
    ),
    "old": ({"age_days": 91.0}, "fresh cases", "older than 90 days", "corpus refresh"),
    "undated": ({"age_days": None}, "fresh cases", "do not say when", "corpus import"),
    "no drift": ({"coverage": None}, "fresh cases", "Drift was not", "corpus drift"),
    "no holdout": ({"holdout": None}, "holdout", "There is none", "corpus keys"),
    "plain holdout": ({"holdout": None, "open_holdout": True}, "holdout", "in plain", "corpus keys"),
    "broken seal": (
        {"holdout": HoldoutFact(cases=1, head=None, broken=("chain: line 3",))},
        "holdout",
        "chain: line 3",
        "corpus verify",
    ),
    "holdout used to choose": (
        {"holdout": HoldoutFact(cases=1, head="h", openings=(("a",), ("a", "b")))},
        "holdout",
        "1 opening with several candidates (a and b)",
        "corpus seal",
    ),
    "no modes": ({"modes": ()}, "failure modes", "No way", "--new-mode NAME"),
    "unguarded mode": (
        {"modes": (FailureMode(name="it's late"),), "guarded": {}},
        "failure modes",
        "it's late has none",
        "--mode 'it'\"'\"'s late'",
    ),
    "never frozen": ({"versions": ()}, "set before asked", "never frozen", "corpus freeze"),
    "frozen too late": (
        {"runs": (RunFact(id="r", started=99.0, corpus="v1", rules="x"),), "rules": "x"},
        "set before asked",
        "after the first run",
        "corpus refresh",
    ),
    "bars changed": (
        {"runs": (RunFact(id="r7", started=150.0, corpus="v1", rules="other"),)},
        "set before asked",
        "changed after the first run on these cases (r7)",
        "corpus refresh",
    ),
    "older release": (
        {"runs": (RunFact(id="r", started=150.0, corpus="v1", rules=None),)},
        "set before asked",
        "older release",
        "corpus refresh",
    ),
    "not asked": ({"runs": ()}, "set before asked", "No candidate was asked", "passmuster run"),
    "one file": ({"folder": False}, "set before asked", "one file", "corpus split FILE"),
    "no ci": ({"ci": ()}, "evaluated in CI", "No CI configuration", "passmuster gate"),
    "no baseline": ({"baseline": None}, "baseline", "no baseline file of a", "passmuster baseline"),
    "unreadable baseline": (
        {"baseline": BaselineFact(path="b.json", flaw="it is no JSON")},
        "baseline",
        "b.json: it is no JSON",
        "passmuster baseline",
    ),
    "baseline of another": (
        {"baseline": replace(BASELINE, candidate="b")},
        "baseline",
        "is of b, and a is in production",
        "passmuster baseline",
    ),
    "changed since": (
        {"baseline": replace(BASELINE, digest="d0")},
        "baseline",
        "changed since",
        "passmuster gate",
    ),
    "not committed": (
        {"baseline": replace(BASELINE, committed=False)},
        "baseline",
        "not committed",
        "git add b.json",
    ),
    "no record": ({"records": ()}, "own evaluation", "on no record", "passmuster decide --record"),
    "not from production": (
        {"from_production": 0},
        "own evaluation",
        "come from production",
        "corpus import",
    ),
    "no trials": ({"comparison": None}, "own evaluation", "Nothing was compared", "passmuster run"),
    "no cost": ({"comparison": None}, "cost model", "No cost was measured", "passmuster run"),
    "no scores": ({"comparison": None}, "metrics automated", "no trial is stored", "passmuster run"),
}


@pytest.mark.parametrize("slip", sorted(SLIPS))
def test_what_is_missing_is_named_with_what_would_settle_it(ready_facts: ReadyFacts, slip: str) -> None:
    change, name, finding, fix = SLIPS[slip]
    item = items(replace(ready_facts, **change))[name]  # type: ignore[arg-type]  # a test's shorthand
    assert item.status == "missing"
    assert finding in item.finding
    assert fix in " ".join(item.fix)


@pytest.mark.parametrize(
    ("change", "name", "finding"),
    [
        ({"bars": ()}, "set before asked", "No bar is set"),
        ({"bars": (Bar(metric="latency_p95", at_most=1.0),)}, "metrics automated", "No metric has a bar"),
        ({"incumbent": None}, "baseline", "No incumbent"),
        ({"cost": CostModel(monthly_volume=10)}, "cost model", "No rule says which replies"),
        ({"cost": replace(CostModel(), review=())}, "cost model", "How many tasks a month"),
    ],
)
def test_a_task_that_leaves_something_out_is_told(
    ready_facts: ReadyFacts, change: Mapping[str, object], name: str, finding: str
) -> None:
    task = replace(ready_facts.task, **change)  # type: ignore[arg-type]  # a test's shorthand
    item = items(replace(ready_facts, task=task))[name]
    assert item.status == "missing"
    assert finding in item.finding
    assert item.fix


def test_a_run_on_other_cases_does_not_count_as_the_first(ready_facts: ReadyFacts) -> None:
    earlier = RunFact(id="r0", started=1.0, corpus="v0", rules="other")
    assert items(replace(ready_facts, runs=(earlier, *ready_facts.runs)))["set before asked"].status == "done"


def test_an_unknown_cost_and_recorded_retries_are_told(
    ready_facts: ReadyFacts, comparison: Comparison
) -> None:
    row = comparison.candidates[0]
    unpriced = replace(row, cost=replace(row.cost, per_task=replace(row.cost.per_task, value=None)))
    recorded = replace(row, latency=replace(row.latency, load=replace(row.latency.load, source="recorded")))
    for changed, finding in ((unpriced, "costs is not known"), (recorded, "trials are recordings")):
        facts = replace(ready_facts, comparison=replace(comparison, candidates=(changed,)))
        item = items(facts)["cost model"]
        assert (item.status, finding in item.finding) == ("missing", True)


def test_an_undecided_comparison_names_its_own_next_step(
    ready_facts: ReadyFacts, comparison: Comparison
) -> None:
    for status, finding in (("undecided", "do not decide it yet"), ("none", "No candidate meets")):
        decision = replace(comparison.decision, status=status, chosen=None)  # type: ignore[arg-type]  # as the loop says
        found = replace(comparison, decision=decision)
        assert finding in items(replace(ready_facts, comparison=found))["own evaluation"].finding


@pytest.mark.parametrize(
    ("trust", "role", "status"),
    [
        ("uncalibrated", "verdict", "missing"),
        ("at_its_word", "verdict", "missing"),
        ("calibrated", "verdict", "done"),
        ("uncalibrated", "sanity", "not needed"),
    ],
)
def test_a_judge_of_the_verdict_must_be_calibrated(
    ready_facts: ReadyFacts, trust: str, role: str, status: str
) -> None:
    spec = MetricSpec(name="helpful", kind="judge", role=role)  # type: ignore[arg-type]  # one of two
    judge = JudgeReport(
        metric="helpful",
        asks=("j",),
        models=("m",),
        version="1",
        question="q",
        trust=trust,  # type: ignore[arg-type]
    )
    task = replace(ready_facts.task, metrics=(*ready_facts.task.metrics, spec))
    assert items(replace(ready_facts, task=task, judges=(judge,)))["judge calibrated"].status == status


def test_another_harness_in_ci_counts_and_a_gate_comes_first(ready_facts: ReadyFacts) -> None:
    other = CiFact(path=".gitlab-ci.yml", line=3, tool="promptfoo")
    assert "a gate would also" in items(replace(ready_facts, ci=(other,)))["evaluated in CI"].finding
    both = items(replace(ready_facts, ci=(other, *ready_facts.ci)))["evaluated in CI"]
    assert both.finding == "passmuster gate in .github/workflows/gate.yml:12."


def test_the_age_that_a_bar_names_is_the_limit(ready_facts: ReadyFacts) -> None:
    bar = Bar(metric="corpus_age", at_most=7 * 86_400.0)
    task = replace(ready_facts.task, bars=(*ready_facts.task.bars, bar))
    item = items(replace(ready_facts, task=task))["fresh cases"]
    assert (item.status, "older than 7 days" in item.finding) == ("missing", True)
