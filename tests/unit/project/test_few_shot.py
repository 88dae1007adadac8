"""Few-shot cases of a project come from its train split, and never from what is scored."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.errors import ConfigurationError
from passmuster.project.asking import run
from passmuster.project.load import Project, load_project
from passmuster.project.pasted import refuse_pasted
from passmuster.records.candidate import candidate_digest

Write = Callable[..., Path]

FILE = """\
task: routing
corpus: corpus
metrics: [exact_match]
prompts:
  - {name: plain, structure: plain}
  - {name: shots, few_shot: %s}
candidates:
  - {name: small, provider: openai, model: gpt-4o-mini, parameters: {temperature: 0, top_p: 1}}
"""
TRAIN = [
    {
        "id": f"t{n}",
        "input": f"train question {n} about {'money' * (n % 3)}",
        "reference": "ab"[n % 2],
        "stratum": "xy"[n % 2],
    }
    for n in range(8)
]
EVAL = [{"id": f"e{n}", "input": f"scored question {n}", "reference": "a"} for n in range(3)]


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Project]:
    def make(few_shot: str = "3", train: object = None, scored: object = None, text: str = FILE) -> Project:
        (tmp_path / "corpus").mkdir(exist_ok=True)
        for name, rows in (("train", TRAIN if train is None else train), ("eval", scored or EVAL)):
            content = "".join(json.dumps(row) + "\n" for row in rows)  # type: ignore[attr-defined]
            (tmp_path / "corpus" / f"{name}.jsonl").write_text(content)
        (tmp_path / "passmuster.yaml").write_text(text % few_shot if "%s" in text else text)
        return load_project(tmp_path, environment={"OPENAI_API_KEY": "key"})

    return make


def refused(act: Callable[[], object]) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        act()
    assert caught.value.exit_code == 2
    return caught.value


def shown(project: Project) -> list[tuple[object, str]]:
    prompt = project.candidates[1].prompt
    assert prompt is not None
    return [(example.input, example.answer) for example in prompt.examples]


def test_cases_are_drawn_from_train_with_their_answers(load: Callable[..., Project]) -> None:
    project = load("{k: 4, seed: 2, by: stratum}")

    known = {(row["input"], row["reference"]) for row in TRAIN}
    assert len(set(shown(project))) == 4
    assert set(shown(project)) <= known
    assert sorted(answer for _, answer in shown(project)) == ["a", "a", "b", "b"]
    assert [candidate.name for candidate in project.candidates] == ["small/plain", "small/shots"]
    assert [candidate.base for candidate in project.candidates] == ["small", "small"]


def test_the_seed_the_number_and_the_content_of_the_cases_are_part_of_the_identity(
    load: Callable[..., Project],
) -> None:
    def digest(few_shot: str, train: object = None) -> str:
        return candidate_digest(load(few_shot, train).candidates[1])

    first = digest("3")
    relabelled = [{**row, "reference": "c"} for row in TRAIN]
    assert digest("{k: 3, seed: 0}") == first == digest("3", TRAIN[::-1])
    assert len({first, digest("4"), digest("{k: 3, seed: 1}"), digest("3", relabelled)}) == 4


def test_cases_are_named_in_an_order(load: Callable[..., Project]) -> None:
    assert shown(load("[t5, t2]")) == [(TRAIN[5]["input"], "b"), (TRAIN[2]["input"], "a")]


@pytest.mark.parametrize(
    ("few_shot", "message"),
    [
        ("[t1, e1]", "the case 'e1' is one of eval: a prompt that shows it gives its answer away"),
        ("[t1, t2, t1]", "the case 't1' is shown twice"),
        ("[t1, t99]", "train has no case 't99'"),
        ("9", "few_shot asks for 9 cases, and train has 8 that may be shown"),
        ("{seed: 1}", "few_shot says either how many cases (`k`) or which (`cases`)"),
        ("{k: 1, cases: [t1]}", "few_shot says either how many cases (`k`) or which (`cases`)"),
    ],
)
def test_a_wrong_wish_is_refused_with_its_place(
    load: Callable[..., Project], few_shot: str, message: str
) -> None:
    error = refused(lambda: load(few_shot).candidates)

    assert error.message == message
    assert str(error.place).partition("passmuster.yaml:")[2].startswith("6:")


def test_a_named_case_that_gives_a_scored_one_away_is_refused(load: Callable[..., Project]) -> None:
    train = [{**row, "group": f"user {n}"} for n, row in enumerate(TRAIN)]
    scored = [{**EVAL[0], "group": "user 4"}, *EVAL[1:]]

    error = refused(lambda: load("[t1, t4]", train, scored).candidates)

    assert error.message.startswith("the case 't4' in a prompt gives away 'e0', which is scored")
    assert str(error.place).endswith(":6:34")
    assert len(shown(load("7", train, scored))) == 7
    assert (train[4]["input"], "a") not in shown(load("7", train, scored))


def test_without_a_train_split_nothing_is_shown(load: Callable[..., Project]) -> None:
    text = FILE.replace("corpus: corpus", "corpus: {path: corpus, use: all}")

    assert "this corpus has none" in refused(lambda: load("1", text=text).candidates).message


def test_an_open_holdout_is_no_source_either(tmp_path: Path) -> None:
    rows = [{"id": f"c{n}", "input": f"question {n} of many", "reference": "a"} for n in range(40)]
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    start = FILE.replace(
        "corpus: corpus", "corpus: {path: cases.jsonl, split: {train: 0.5, eval: 0.25, holdout: 0.25}}"
    )
    (tmp_path / "passmuster.yaml").write_text(start % "2")
    project = load_project(tmp_path, environment={})
    aside = {case.id for case in project.held_back()} - {case.id for case in project.corpus().cases}
    (tmp_path / "passmuster.yaml").write_text(start % f"[{min(aside)}]")

    error = refused(lambda: load_project(tmp_path, environment={}).candidates)

    assert (
        error.message
        == f"the case {min(aside)!r} is one of holdout: a prompt that shows it gives its answer away"
    )


def test_a_candidate_is_shown_only_what_it_may_receive(load: Callable[..., Project]) -> None:
    closed = FILE.replace("parameters:", "egress: {strata: [x], personal_data: false}, parameters:")
    train = [*TRAIN, {"id": "mail", "input": "plain text", "reference": "jo@example.com", "stratum": "x"}]

    assert {answer for _, answer in shown(load("4", train, text=closed))} == {"a"}
    assert "train has 4" in refused(lambda: load("5", train, text=closed).candidates).message
    assert "may not be sent" in refused(lambda: load("[mail]", train, text=closed).candidates).message


def test_parameters_of_a_variant_go_over_those_of_the_candidate(load: Callable[..., Project]) -> None:
    text = FILE.replace("few_shot: %s", "parameters: {temperature: 1}")
    plain, hot = load(text=text).candidates

    assert plain.parameters == {"temperature": 0, "top_p": 1}
    assert hot.parameters == {"temperature": 1, "top_p": 1}
    assert candidate_digest(plain) != candidate_digest(hot)


def test_a_recording_takes_no_parameters(write: Write) -> None:
    text = """\
task: routing
corpus: cases.jsonl
metrics: [exact_match]
candidates:
  - {name: a, provider: replay, path: recorded.jsonl, prompt: {name: hot, parameters: {temperature: 1}}}
"""
    error = refused(lambda: load_project(write(text), environment={}))

    assert error.message == "the recorded candidate 'a' has `parameters` in a prompt: it was asked before"


@pytest.mark.parametrize("part", ["system", "user", "format"])
def test_a_scored_case_in_the_text_of_a_prompt_is_refused_before_a_run(
    load: Callable[..., Project], part: str
) -> None:
    pasted = FILE.replace("few_shot: %s", f'{part}: "Sort it.\\nInput: scored question 2\\nAnswer: a"')
    project = load(text=pasted)

    error = refused(lambda: run(project))

    assert error.message == "the prompt 'shots' holds the case 'e2', which is scored: 'scored question 2'"
    assert str(error.place).partition("passmuster.yaml:")[2].startswith("6:")
    refuse_pasted(load(text=pasted.replace("scored question 2", "another question")))


@pytest.mark.parametrize(
    ("said", "owner", "at"),
    [
        ('parameters: {instructions: {shown: [one, "Input: scored question 2"]}}', "prompt 'shots'", "6:"),
        ("structure: xml", "candidate 'own'", "9:"),
    ],
    ids=["parameters of a prompt", "body of a request"],
)
def test_a_scored_case_in_what_else_a_model_is_told_is_refused(
    load: Callable[..., Project], said: str, owner: str, at: str
) -> None:
    body = "{messages: '{{ messages }}', note: 'scored question 1'}"
    own = (
        f"  - {{name: own, provider: http, url: 'http://localhost/x', reply: {{text: $.a}}, body: {body}}}\n"
    )
    text = FILE.replace("few_shot: %s", said) + (own if "candidate" in owner else "")

    error = refused(lambda: refuse_pasted(load(text=text)))

    assert error.message.startswith(f"the {owner} holds the case 'e")
    assert str(error.place).partition("passmuster.yaml:")[2].startswith(at)
