"""What a project file becomes: task, candidates, corpus, providers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.errors import CorpusError
from passmuster.project.candidates import is_reasoning
from passmuster.project.load import Project, load_project
from passmuster.records.candidate import candidate_digest
from passmuster.records.task import Bar

Load = Callable[..., Project]
Write = Callable[..., Path]
REPLAY = "provider: replay\n    path: recorded.jsonl"
OPENAI = "provider: openai\n    model: gpt-4o"


def case(number: int, label: str) -> str:
    return (
        json.dumps({"id": str(number), "input": f"text number {number} {label}", "reference": label}) + "\n"
    )


def test_a_list_of_prompts_gives_each_llm_once_per_prompt_and_leaves_baselines_alone(
    project: Load, tmp_path: Path
) -> None:
    prompts = (
        "prompts:\n  - {name: short, user: '{{ input }}'}\n  - {name: long, user: 'Please: {{ input }}'}\n"
    )
    opened = project(REPLAY, OPENAI)
    text = (tmp_path / "passmuster.yaml").read_text(encoding="utf-8")
    (tmp_path / "passmuster.yaml").write_text(prompts + text, encoding="utf-8")
    opened = load_project(tmp_path, environment={})
    assert [each.name for each in opened.candidates] == ["always", "recorded/short", "recorded/long"]
    assert len({candidate_digest(each) for each in opened.candidates}) == 3


def test_bars_and_margin_are_in_the_unit_of_the_metric(project: Load) -> None:
    bars = "exact_match: {at_least: 70 %}\n  latency_p95: {at_most: 800 ms}\n  cost_per_success: {at_most: $0.01}"
    task = project("exact_match: {at_least: 70 %}", f"{bars}\nworth: 3 points").task
    assert task.bars == (
        Bar(metric="exact_match", at_least=0.7),
        Bar(metric="latency_p95", at_most=0.8),
        Bar(metric="cost_per_success", at_most=0.01),
    )
    assert task.margin == 0.03


def test_prices_change_no_identity_and_prompts_do(project: Load) -> None:
    def digest(extra: str) -> str:
        return candidate_digest(project(REPLAY, f"{OPENAI}\n{extra}").candidates[1])

    plain = digest("")
    assert digest("    prices: {input: 1 USD, output: 2 USD}") == plain
    assert digest("    concurrency: 2\n    timeout: 5 s\n    simulated: true") == plain
    assert digest("    prompt: {user: 'x {{ input }}'}") != plain
    assert digest("    parameters: {temperature: 0}") != plain
    assert digest("    base_url: https://example.org/v1") != plain


def test_the_content_of_a_recording_is_identity_and_its_place_is_not(project: Load, tmp_path: Path) -> None:
    before = candidate_digest(project().candidates[1])
    (tmp_path / "moved.jsonl").write_bytes((tmp_path / "recorded.jsonl").read_bytes())
    assert candidate_digest(project("recorded.jsonl", "moved.jsonl").candidates[1]) == before
    (tmp_path / "moved.jsonl").write_text('{"id": "1", "output": "no"}\n', encoding="utf-8")
    assert candidate_digest(project("recorded.jsonl", "moved.jsonl").candidates[1]) != before


@pytest.mark.parametrize("name", ["o1", "o3-mini", "gpt-5-mini", "openai/o4-mini", "deepseek-r1", "qwen3-thinking", "deepseek-reasoner"])  # fmt: skip
def test_reasoning_models_are_known_by_name(name: str) -> None:
    assert is_reasoning(name)


@pytest.mark.parametrize("name", ["gpt-4o", "claude-3-7-sonnet", "gemini-2.0-flash", "llama-3.1-8b", "mistral-nemo1", None])  # fmt: skip
def test_other_models_are_not(name: str | None) -> None:
    assert not is_reasoning(name)


def test_holdout_cases_are_given_to_nobody(write: Write) -> None:
    cases = "".join(case(n, "yes" if n % 2 else "no") for n in range(100))
    folder = write(cases=cases)
    file = folder / "passmuster.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "corpus: cases.jsonl", "corpus: {path: cases.jsonl, split: {}}"
    )
    file.write_text(text, encoding="utf-8")
    opened = load_project(folder, environment={})
    corpus = opened.corpus()
    assert corpus.holdout == "unsealed"
    assert corpus.splits == {"train": 70, "eval": 20, "holdout": 10}
    assert len(corpus.cases) == 20
    file.write_text(text.replace("split: {}", "split: {}, use: all"), encoding="utf-8")
    assert len(load_project(folder, environment={}).corpus().cases) == 90


def test_the_holdout_file_of_a_folder_is_never_opened(write: Write) -> None:
    folder = write()
    (folder / "data").mkdir()
    for name, numbers in {"train": range(10), "eval": range(10, 20)}.items():
        (folder / "data" / f"{name}.jsonl").write_text(
            "".join(case(n, "yes") for n in numbers), encoding="utf-8"
        )
    (folder / "data" / "holdout.jsonl").write_text("not even JSON", encoding="utf-8")
    file = folder / "passmuster.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("cases.jsonl", "data"), encoding="utf-8")
    corpus = load_project(folder, environment={}).corpus()
    assert (corpus.holdout, corpus.splits) == ("unsealed", {"train": 10, "eval": 10})


def test_a_folder_can_be_scored_whole(write: Write) -> None:
    folder = write()
    (folder / "data").mkdir()
    for name, numbers in {"train": range(10), "eval": range(10, 30)}.items():
        (folder / "data" / f"{name}.jsonl").write_text(
            "".join(case(n, "yes") for n in numbers), encoding="utf-8"
        )
    file = folder / "passmuster.yaml"
    text = file.read_text(encoding="utf-8")
    whole = text.replace("corpus: cases.jsonl", "corpus: {path: data, use: all}")
    file.write_text(whole, encoding="utf-8")
    corpus = load_project(folder, environment={}).corpus()
    parts = [(folder / "data" / f"{name}.jsonl").read_text(encoding="utf-8") for name in ("train", "eval")]
    (folder / "cases.jsonl").write_text("".join(parts), encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    same = load_project(folder, environment={}).corpus()
    assert (corpus.version, corpus.cases) == (same.version, same.cases)
    assert corpus.splits == {"train": 10, "eval": 20}


def test_a_case_that_is_learned_from_is_not_scored(write: Write) -> None:
    folder = write()
    (folder / "data").mkdir()
    for name in ("train", "eval"):
        (folder / "data" / f"{name}.jsonl").write_text(case(1, "yes"), encoding="utf-8")
    file = folder / "passmuster.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("cases.jsonl", "data"), encoding="utf-8")
    with pytest.raises(CorpusError, match="same input as a train case"):
        load_project(folder, environment={}).corpus()


def test_reports_lie_in_eval_where_there_is_one(project: Load, tmp_path: Path) -> None:
    assert project().reports_dir == tmp_path / "reports"
    (tmp_path / "eval").mkdir()
    assert project().reports_dir == tmp_path / "eval/reports"
    assert project("task: routing", "task: routing\nreports: out").reports_dir == tmp_path / "out"


def test_a_function_of_the_project_folder_is_a_metric(project: Load, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "def short(case, reply) -> bool:\n    return len(reply.text) < 3\n", encoding="utf-8"
    )
    metric = project("[exact_match]", "[exact_match, mine.py:short]").metrics()[1]
    assert (metric.name, metric.binary) == ("short", True)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def sort(case, reply): ...", "mine.py has no function 'short'\n  Did you mean 'sort'?"),
        ("x = 1\nraise OSError('no')", "mine.py:2 cannot be loaded: OSError: no"),
        ("def short(", "mine.py:1 cannot be loaded: SyntaxError"),
    ],
)
def test_a_function_that_cannot_be_loaded_is_told_with_its_line(
    slip: Callable[..., str], code: str, told: str
) -> None:
    message = slip("[exact_match]", "[exact_match, mine.py:short]", **{"mine.py": code})
    assert message.startswith(f"passmuster.yaml:3:24: {told}")


def test_python_outside_the_project_folder_is_not_loaded(slip: Callable[..., str]) -> None:
    message = slip("[exact_match]", "[exact_match, ../mine.py:short]")
    assert "lies outside the project folder" in message
