"""A comparison says whether replies keep their form, also on cases that its other figures leave out."""

from collections.abc import Callable, Sequence

from passmuster.corpus.versions.content import corpus_version
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Prompt
from passmuster.records.case import Case
from passmuster.records.consistency import ConsistencyReport
from passmuster.records.task import MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare

TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),))
ONE = (Candidate(name="a", provider="openai", model="a"),)
VARIANTS = tuple(
    Candidate(
        name=f"a {name}", provider="openai", model="a", prompt=Prompt(name=name, user=f"{name} {{{{input}}}}")
    )
    for name in ("long", "short")
)


def compared(
    cases: Sequence[Case],
    candidates: Sequence[Candidate],
    text: Callable[[str, str, int], str],
    repeats: int = 1,
) -> tuple[ConsistencyReport, ...]:
    """Compare candidates whose text is given by case, candidate and repeat."""
    task = Task(name="t", metrics=TASK.metrics, repeats=repeats)
    corpus = corpus_version(cases, "cases.jsonl")
    metrics = tuple(build_metric(spec) for spec in task.metrics)
    question = Question(task=task, metrics=metrics, corpus=corpus, candidates=tuple(candidates))
    trials = [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=Reply(text=text(ask.case.id, ask.candidate.name, ask.key.repeat)),
            attempts=(Attempt(started=1.0, seconds=0.25),),
        )
        for ask in plan(corpus.cases, tuple(candidates), repeats)
    ]
    return compare(question, iter(trials), lambda _cases: trials, generated="now")[0].consistency


CASES = [Case(id=f"{n}", input=f"text {n}", reference="yes") for n in range(4)]


def test_without_repeats_variants_and_paraphrases_nothing_is_said() -> None:
    assert compared(CASES, ONE, lambda *_: "yes") == ()


def test_repeats_that_differ_in_words_alone_have_the_same_form() -> None:
    (found,) = compared(CASES, ONE, lambda case, _who, repeat: f"word{case}{repeat}", repeats=3)
    assert found.repeats is not None
    assert (found.repeats.value, found.forms) == (1.0, {"a word": 12})


def test_a_repeat_in_a_fence_is_of_another_form() -> None:
    (found,) = compared(
        CASES, ONE, lambda case, _who, repeat: "```\n1\n```" if repeat and case == "0" else "1", repeats=2
    )
    assert found.repeats is not None
    assert found.repeats.value == 0.75


def test_prompt_variants_of_a_model_are_held_against_each_other() -> None:
    found = compared(
        CASES, VARIANTS, lambda case, who, _: "It is so." if who == "a long" and case == "0" else "so"
    )
    assert [each.prompts and each.prompts.value for each in found] == [0.75, 0.75]


def test_paraphrases_count_although_they_are_measured_apart() -> None:
    made = [
        Case(id=f"{n}p", input=f"other words {n}", parent=f"{n}", origin="synthetic", category="adversarial",
             transform="paraphrase", expect="answer")
        for n in range(2)
    ]  # fmt: skip
    (found,) = compared([*CASES, *made], ONE, lambda case, *_: "It is so." if case == "0p" else "so")
    assert found.paraphrases is not None
    assert (found.paraphrases.value, found.paraphrases.n) == (0.5, 2)
    assert found.replies == 4
