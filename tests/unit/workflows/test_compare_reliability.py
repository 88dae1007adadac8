"""A comparison says what a candidate meets every time, over repeats, prompts and the variants of a case."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passmuster.corpus.versions.content import corpus_version
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Prompt
from passmuster.records.case import Case
from passmuster.records.reliability import ReliabilityReport
from passmuster.records.score import Estimate
from passmuster.records.task import MetricSpec, Task
from passmuster.records.trial import Attempt, Failure, Outcome, Reply, Trial
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare

SPECS = (MetricSpec(name="accuracy", kind="exact_match"), MetricSpec(name="near", kind="edit_similarity"))
ONE = (Candidate(name="a", provider="openai", model="a"),)
PROMPTS = tuple(
    Candidate(
        name=f"a {name}", provider="openai", model="a", prompt=Prompt(name=name, user=name + "{{input}}")
    )
    for name in ("long", "short")
)
CASES = [Case(id=f"{n}", input=f"text {n}", reference="yes") for n in range(4)]
VARIANTS = [
    *CASES[:3],
    Case(id="0p", input="words 0", reference="yes", parent="0", origin="synthetic", category="edge"),
    Case(id="0q", input="words 00", reference="yes", parent="0", origin="synthetic"),
    Case(id="1p", input="words 1", reference="yes", parent="1"),
]
NEVER = "never asked"
FAILED = Failure(kind="timeout", message="too slow")


def compared(
    cases: Sequence[Case],
    candidates: Sequence[Candidate],
    answers: Callable[[str, str, int], str | None],
    repeats: int = 1,
) -> tuple[ReliabilityReport, ...]:
    """Compare candidates whose text is given by case, candidate and repeat; None is a failure, NEVER was not asked."""
    task = Task(name="t", metrics=SPECS, repeats=repeats)
    corpus = corpus_version(cases, "cases.jsonl")
    metrics = tuple(build_metric(spec) for spec in task.metrics)
    question = Question(task=task, metrics=metrics, corpus=corpus, candidates=tuple(candidates))
    trials = []
    for ask in plan(corpus.cases, tuple(candidates), repeats):
        text = answers(ask.case.id, ask.candidate.name, ask.key.repeat)
        if text == NEVER:
            continue
        outcome: Outcome = FAILED if text is None else Reply(text=text)
        error = None if text is not None else FAILED.kind
        attempt = Attempt(started=1.0, seconds=0.25, error=error)
        trials.append(Trial(key=ask.key, case_id=ask.case.id, outcome=outcome, attempts=(attempt,)))
    return compare(question, iter(trials), lambda _cases: trials, generated="now")[0].reliability


def value(figure: Estimate | None) -> float:
    assert figure is not None
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= figure.value <= figure.high
    return figure.value


def test_where_nothing_is_asked_twice_nothing_is_said() -> None:
    assert compared(CASES, ONE, lambda *_: "yes") == ()


def test_an_average_hides_what_every_repeat_shows() -> None:
    (same,) = compared(CASES, ONE, lambda case, *_: "yes" if case < "2" else "no", repeats=4)
    (turns,) = compared(CASES, ONE, lambda case, _, n: "yes" if n % 2 == int(case) % 2 else "no", repeats=4)

    assert (same.single, turns.single) == (0.5, 0.5)
    assert (value(same.repeats), value(turns.repeats)) == (0.5, 0.0)


def test_single_trials_stand_for_as_much_of_traffic_as_their_cases_do() -> None:
    cases = [replace(case, weight=7.0 if case.id == "0" else 1.0) for case in CASES]
    (found,) = compared(cases, ONE, lambda case, *_: "yes" if case == "0" else "no", repeats=2)
    assert [found.single, value(found.repeats)] == pytest.approx([0.7, 0.7])


def test_only_pass_or_fail_metrics_are_met() -> None:
    assert {each.metric for each in compared(CASES, ONE, lambda *_: "yes", repeats=2)} == {"accuracy"}


def test_a_trial_without_a_reply_meets_nothing() -> None:
    (found,) = compared(CASES, ONE, lambda case, _, n: None if case == "0" and n else "yes", repeats=2)
    assert (found.single, value(found.repeats)) == (7 / 8, 0.75)


def test_every_prompt_variant_of_a_model_must_meet_a_case() -> None:
    found = compared(CASES, PROMPTS, lambda case, who, _: "no" if who == "a long" and case == "0" else "yes")
    assert [value(each.prompts) for each in found] == [0.75, 0.75]
    assert [each.single for each in found] == [0.75, 1.0]
    assert [each.repeats for each in found] == [None, None]


@pytest.mark.parametrize(("wrong", "met"), [("0p", 0.5), ("0q", 0.5), ("1", 0.5), ("2", 1.0)])
def test_every_variant_of_a_case_must_be_met_wherever_it_is_measured(wrong: str, met: float) -> None:
    (found,) = compared(VARIANTS, ONE, lambda case, *_: "no" if case == wrong else "yes")
    assert found.variants is not None
    assert (value(found.variants), found.variants.n) == (met, 2)
    assert found.single == pytest.approx(1.0 if wrong == "2" else 0.8)


def test_a_family_of_which_one_case_alone_is_known_is_missing() -> None:
    (found,) = compared(VARIANTS, ONE, lambda case, *_: NEVER if case == "1p" else "yes")
    assert found.variants is not None
    assert (found.variants.n, found.variants.n_missing) == (1, 1)


def test_variants_of_grouped_cases_are_clustered() -> None:
    grouped = [Case(id=c.id, input=c.input, reference="yes", parent=c.parent, group="g") for c in VARIANTS]
    (found,) = compared(grouped, ONE, lambda case, *_: "no" if case == "1" else "yes")
    assert found.variants is not None
    assert "clustered" in found.variants.method


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["yes", "no", None]), min_size=36, max_size=36))
def test_the_shares_are_those_of_counting_one_by_one(drawn: list[str | None]) -> None:
    names, who = [case.id for case in VARIANTS], [each.name for each in PROMPTS]
    table = {
        (case, name, repeat): drawn[(i * 2 + j) * 3 + repeat]
        for i, case in enumerate(names)
        for j, name in enumerate(who)
        for repeat in range(3)
    }
    found = compared(VARIANTS, PROMPTS, lambda *key: table[key], repeats=3)

    def held(case: str, name: str) -> bool:
        return all(table[case, name, repeat] == "yes" for repeat in range(3))

    families = (["0", "0p", "0q"], ["1", "1p"])
    main = ["0", "1", "2", "1p"]
    for each in found:
        own = [case for family in families for case in family]
        single = [table[case, each.candidate, repeat] == "yes" for case in own for repeat in range(3)]
        assert math.isclose(each.single, sum(single) / len(single))
        assert value(each.repeats) == pytest.approx(sum(held(c, each.candidate) for c in main) / 4)
        assert value(each.prompts) == pytest.approx(sum(all(held(c, n) for n in who) for c in main) / 4)
        assert value(each.variants) == sum(all(held(c, each.candidate) for c in f) for f in families) / 2
