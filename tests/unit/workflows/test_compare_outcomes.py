"""How candidates fail, from trials to the report."""

import importlib.util
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from passmuster.adapters.simulator.answers import REFUSAL, Constant, Rule, prompt_digest
from passmuster.adapters.simulator.answers import Question as Asked
from passmuster.adapters.simulator.profiles import RuleAnswers
from passmuster.corpus.stress.table import TRANSFORMS, material_of, stress
from passmuster.corpus.versions.content import corpus_version
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case, Conversation, Message
from passmuster.records.comparison import CaseEvidence, Comparison
from passmuster.records.outcomes import OutcomeReport
from passmuster.records.record import Json
from passmuster.records.task import Bar, MetricSpec, Success, Task
from passmuster.records.trial import Attempt, Failure, Outcome, Reply, Trial
from passmuster.report.markdown import render_markdown
from passmuster.report.terminal import render_terminal
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare

ACCURACY = MetricSpec(name="accuracy", kind="exact_match")
TASK = Task(name="t", metrics=(ACCURACY,))
ONE = Candidate(name="one", provider="openai", model="m")
EXAMPLE = Path(__file__).parents[3] / "examples" / "contracts"


def compared(
    cases: Sequence[Case], answer: Callable[[Case], Outcome], task: Task = TASK
) -> tuple[Comparison, list[CaseEvidence]]:
    corpus = corpus_version(cases, "cases.jsonl")
    metrics = tuple(build_metric(spec) for spec in task.metrics)
    question = Question(task=task, metrics=metrics, corpus=corpus, candidates=(ONE,))
    trials = [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=answer(ask.case),
            attempts=(Attempt(started=1.0, seconds=0.25),),
        )
        for ask in plan(corpus.cases, (ONE,), task.repeats)
    ]
    found, evidence = compare(question, iter(trials), lambda _: trials, generated="1970-01-01T00:00:00Z")
    return found, list(evidence)


def outcomes(comparison: Comparison) -> OutcomeReport:
    found = comparison.candidates[0].outcomes
    assert found is not None
    return found


MIXED: dict[str, Outcome] = {
    "right": Reply(text="yes"),
    "wrong": Reply(text="no"),
    "refused": Reply(text=REFUSAL),
    "nothing": Reply(text=""),
    "broken": Failure(kind="timeout", message="too slow"),
}


def mixed(times: int = 10) -> list[Case]:
    return [
        Case(id=f"{name}{n}", input=f"{name} {n}", reference="yes") for name in MIXED for n in range(times)
    ]


def test_every_share_is_there_with_its_interval() -> None:
    found = outcomes(compared(mixed(), lambda case: MIXED[case.id.rstrip("0123456789")])[0])

    assert found.correct.value == pytest.approx(0.2)
    assert found.silent.value == pytest.approx(0.2)
    assert found.loud.value == pytest.approx(0.6)
    assert {kind: share.value for kind, share in found.kinds.items()} == {
        "failed": 0.2,
        "refusal": 0.2,
        "empty": 0.2,
    }
    assert found.silent.low is not None
    assert 0.1 < found.silent.low < 0.2
    assert found.refusals is not None
    assert (found.refusals.value, found.refusals.n) == (0.2, 50)
    assert found.severity is None


def test_severities_of_the_project_make_a_mean() -> None:
    task = Task(
        name="t", metrics=(ACCURACY,), severity={"silent_failure": 5, "loud_failure": 1, "refusal": 2}
    )
    found = outcomes(compared(mixed(), lambda case: MIXED[case.id.rstrip("0123456789")], task)[0])

    assert found.severity is not None
    assert found.severity.value == pytest.approx((0 + 5 + 2 + 1 + 1) / 5)


def test_bars_look_at_them() -> None:
    bars = (
        Bar(metric="silent_failure_rate", at_most=0.5),
        Bar(metric="refusal_rate", at_most=0.05),
        Bar(metric="loud_failure_rate", at_most=0.6),
    )
    task = Task(name="t", metrics=(ACCURACY,), bars=bars)
    found, _ = compared(mixed(40), lambda case: MIXED[case.id.rstrip("0123456789")], task)
    checks = {check.metric: check for check in found.candidates[0].checks}

    assert checks["silent_failure_rate"].status == "meets"
    assert checks["refusal_rate"].status == "misses"
    assert checks["loud_failure_rate"].status == "undecided"
    assert checks["refusal_rate"].value == pytest.approx(0.2)


def test_what_cannot_be_judged_has_a_share_of_its_own_beside_what_is_loud_anyway() -> None:
    cases = [*mixed(5), *(Case(id=f"open{n}", input=f"open {n}") for n in range(5))]
    found = outcomes(
        compared(cases, lambda case: MIXED.get(case.id.rstrip("0123456789"), Reply(text="ah")))[0]
    )

    assert (found.unknown, found.correct.n, found.correct.n_missing) == (5, 30, 0)
    assert found.unjudged is not None
    shares = (found.correct.value, found.silent.value, found.loud.value, found.unjudged.value)
    assert shares == pytest.approx((5 / 30, 5 / 30, 15 / 30, 5 / 30))


def test_where_no_answer_is_expected_the_ending_decides_what_a_success_is() -> None:
    cases = [Case(id=f"{n}", input=f"{n}", expect="refusal") for n in range(20)]
    refusing, evidence = compared(cases, lambda _: Reply(text=REFUSAL))
    answering, _ = compared(cases, lambda _: Reply(text="Sure, here it is."))

    assert outcomes(refusing).correct.value == 1
    assert outcomes(refusing).refusals is None
    assert outcomes(answering).silent.value == 1
    assert all(case.right == ("one",) for case in evidence)
    assert {case.answers[0].turn for case in evidence} == {"correct"}


def test_the_evidence_the_terminal_and_markdown_name_them() -> None:
    found, evidence = compared(mixed(), lambda case: MIXED[case.id.rstrip("0123456789")])
    console = Console(width=120, record=True)
    render_terminal(found, console)

    assert {case.id: case.answers[0].turn for case in evidence}["wrong1"] == "silent_failure"
    assert "silently wrong in 20 %, loudly in 60 %" in " ".join(console.export_text().split())
    assert "## How it fails" in render_markdown(found)


STRESS = [TRANSFORMS[name] for name in ("cut_off", "empty", "field_removed", "conflicting_requirements")]
LONG = "limit_110_end"


def stress_cases() -> list[Case]:
    parents = [
        Case(
            id=f"p{n}",
            input={"ask": f"Please refund order {n}, it came broken.", "order": str(n)},
            reference="refund",
        )
        for n in range(8)
    ]
    transforms = [*STRESS, *(each for each in TRANSFORMS.values() if each.expect == "escalation")]
    made = stress(parents, transforms, material_of(parents, limit=200), seed=3)
    return [each.case for each in made if each.case is not None]


def simulated(text: str) -> Callable[[Case], Outcome]:
    source = Constant(text)

    def answer(case: Case) -> Outcome:
        conversation = Conversation(messages=(Message(role="user", content=str(case.input)),))
        reply = source.answer(
            Asked(model="m", seed=0, digest=prompt_digest(conversation), turn=0, conversation=conversation)
        )
        assert reply is not None
        return Reply(text=reply.text, finish_reason=reply.finish_reason)

    return answer


def test_a_model_that_answers_stress_cases_confidently_fails_silently_and_one_that_hands_over_does_not() -> (
    None
):
    cases = stress_cases()
    expected = [case.expect for case in cases]
    assert {"clarification", "escalation"} <= set(expected)
    metric = MetricSpec(name="graceful", kind="graceful_failure")
    task = Task(name="t", metrics=(metric,), success=Success(metric="graceful"))

    confident, _ = compared(cases, simulated("The refund of 20 EUR has been approved."), task)
    escalating, _ = compared(cases, simulated("I'll transfer you to a human agent."), task)

    assert outcomes(confident).silent.value == 1
    assert confident.candidates[0].metrics["graceful"].value == 0
    assert outcomes(escalating).silent.value == 0
    graceful = expected.count("escalation") / len(expected)
    assert outcomes(escalating).correct.value == pytest.approx(graceful)
    assert outcomes(escalating).loud.value == pytest.approx(1 - graceful)


def contracts() -> list[Case]:
    sys.path.insert(0, str(EXAMPLE))
    try:
        spec = importlib.util.spec_from_file_location("contracts_generate", EXAMPLE / "generate.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(EXAMPLE))
    rows = module.cases()["eval"]
    return [
        Case(id=row["id"], input=row["input"], reference=row["reference"])
        for row in rows
        if row["category"] == "typical"
    ]


def planted_turn(text: str, reference: object) -> str:
    """Return what was planted: a refusal, something that is no JSON, an invented citation, or the truth."""
    if text == REFUSAL:
        return "refusal"
    body = text.partition("```json\n")[2].partition("\n```")[0] or text
    try:
        return "correct" if json.loads(body) == reference else "silent_failure"
    except ValueError:
        return "malformed"


def test_with_planted_invented_citations_each_class_is_exact() -> None:
    cases = contracts()
    asked = {
        case.id: Conversation(messages=(Message(role="user", content=str(case.input)),)) for case in cases
    }
    profile = RuleAnswers(citation="clause", invented_citation=0.2, malformed=0.1, refusal=0.1)
    source = Rule({prompt_digest(asked[case.id]): case.reference for case in cases}, profile)
    planted: dict[str, str] = {}

    def answer(case: Case) -> Outcome:
        conversation = asked[case.id]
        reply = source.answer(
            Asked(model="m", seed=1, digest=prompt_digest(conversation), turn=0, conversation=conversation)
        )
        assert reply is not None
        planted[case.id] = reply.text
        return Reply(text=reply.text, finish_reason="stop")

    fields = MetricSpec(name="fields", kind="fields")
    cited = MetricSpec(name="cited", kind="citation_exists", options={"field": "clause"})
    task = Task(name="t", metrics=(fields, cited))
    comparison, evidence = compared(cases, answer, task)

    found = outcomes(comparison)
    turns = {case.id: case.answers[0].turn for case in evidence}
    exists = {case.id: case.answers[0].scores["cited"] for case in evidence}
    assert found.unknown == 0
    references = {case.id: case.reference for case in cases}
    truth = {name: planted_turn(text, references[name]) for name, text in planted.items()}
    assert turns == truth
    assert set(truth.values()) == {"correct", "silent_failure", "refusal", "malformed"}
    silent = [name for name, turn in turns.items() if turn == "silent_failure"]
    assert len(silent) > 30
    assert all(exists[name] == 0 for name in silent)


@pytest.mark.parametrize(
    ("options", "text", "correct"),
    [
        ({"accept": {"refusal": ["refusal", "escalation"]}}, "I'll transfer you to a human agent.", 1.0),
        ({"patterns": {"refusal": ["^NO WAY"]}}, "NO WAY", 1.0),
        ({}, "NO WAY", 0.0),
    ],
)
def test_what_graceful_failure_accepts_is_correct(
    options: dict[str, Json], text: str, correct: float
) -> None:
    cases = [Case(id=f"{n}", input=f"{n}", expect="refusal") for n in range(5)]
    task = Task(name="t", metrics=(MetricSpec(name="g", kind="graceful_failure", options=options),))
    found, _ = compared(cases, lambda _: Reply(text=text), task)
    assert found.candidates[0].metrics["g"].value == correct
    assert outcomes(found).correct.value == correct
