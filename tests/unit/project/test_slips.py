"""Every slip is told with its place, the value, and the closest valid name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.errors import ConfigurationError, UsageError
from passmuster.project.load import Project, load_project

Slip = Callable[..., str]
Load = Callable[..., Project]


def test_unknown_key_names_the_closest_one(slip: Slip) -> None:
    message = slip("incumbent:", "incumbant:")
    assert message == ("passmuster.yaml:6:1: the key 'incumbant' is unknown\n  Did you mean 'incumbent'?")


def test_misspelt_required_key_is_one_slip_not_two(slip: Slip) -> None:
    message = slip("task: routing", "tusk: routing")
    assert message.startswith("passmuster.yaml:1:1: the key 'tusk' is unknown")
    assert "missing" not in message


def test_unknown_key_of_a_candidate_is_found_where_it_stands(slip: Slip) -> None:
    message = slip("path: recorded.jsonl", "paht: recorded.jsonl")
    assert message.startswith("passmuster.yaml:11:5: in candidates[2]: the key 'paht' is unknown")
    assert "Did you mean 'path'?" in message


def test_unknown_option_of_a_baseline_names_the_closest_one(slip: Slip) -> None:
    message = slip('text: "yes"', 'txt: "yes"')
    assert message.startswith("passmuster.yaml:8:56: the baseline constant has no option 'txt'")
    assert "Did you mean 'text'?" in message


def test_unknown_metric_and_unknown_metric_option(slip: Slip) -> None:
    assert "passmuster.yaml:3:11: " in slip(
        "[exact_match]\nbars:\n  exact_match", "[exact_mtch]\nbars:\n  exact_mtch"
    )
    message = slip("[exact_match]", "[exact_match: {normalize: []}]")
    assert message.startswith("passmuster.yaml:3:11: ")
    assert "'normalize'" in message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("task: routing", "task: 3", "1:7: task: expected text, found 3"),
        ("corpus: cases.jsonl", "corpus: [a]", "2:9: corpus: expected a mapping (key: value), found ['a']"),
        ("incumbent: always", "incumbent: [always]", "6:12: incumbent: expected text, found ['always']"),
        ("incumbent: always", "repeats: many", "6:10: repeats: expected a whole number, found 'many'"),
        ("incumbent: always", "repeats: 0", "6:10: repeats: 0 must be at least 1"),
        ("incumbent: always", "alpha: 0.7", "6:8: alpha: 0.7 must be below 0.5"),
        ("kind: constant", "kind: constnat", "8:46: candidates[1].kind: 'constnat' is not valid here"),
        ("70 %", "lots", "5:27: the bar on 'exact_match': 'lots' is not a share; write a share (0.05)"),
    ],
)
def test_wrong_type_or_value(slip: Slip, old: str, new: str, told: str) -> None:
    assert slip(old, new).startswith(f"passmuster.yaml:{told}")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("cases.jsonl", "case.jsonl", "2:9: the corpus 'case.jsonl' does not exist"),
        (
            "path: recorded.jsonl",
            "path: recordet.jsonl",
            "11:11: the recording 'recordet.jsonl' does not exist",
        ),
        ("incumbent: always", "prompt: p.j2", "6:9: the prompt 'p.j2' does not exist"),
        ("[exact_match]", "[exact_match, mine.py:score]", "3:24: the file 'mine.py' does not exist"),
        (
            "[exact_match]",
            "[exact_match, json_schema: {schema: s.json}]",
            "3:46: the JSON Schema 's.json' does not exist",
        ),
        (
            "[exact_match]",
            "[exact_match, factual_precision: {labels: l.jsonl}]",
            "3:52: the file of labels 'l.jsonl' does not exist",
        ),
    ],
)
def test_missing_file(slip: Slip, old: str, new: str, told: str) -> None:
    assert slip(old, new).startswith(f"passmuster.yaml:{told}")


def test_missing_file_names_the_closest_one(slip: Slip) -> None:
    assert "Did you mean 'cases.jsonl'?" in slip("cases.jsonl", "case.jsonl")


def test_a_prompt_that_is_written_out_is_told_to_be_put_into_a_file(slip: Slip) -> None:
    told = slip("incumbent: always", 'prompt: "Answer: {{ input }}"')
    assert "A prompt is named by its file" in told
    assert "A prompt is named by its file" not in slip("incumbent: always", "prompt: p.j2")


def test_missing_project_file_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"there is no passmuster\.yaml in this folder\n  .*passmuster init"):
        load_project()
    with pytest.raises(UsageError, match=r"there is no file .*other\.yaml"):
        load_project(tmp_path / "other.yaml")


def test_duplicate_case_id(slip: Slip) -> None:
    twice = '{"id": "a", "input": "x"}\n{"id": "a", "input": "y"}\n'
    message = slip("", "", cases=twice)
    assert message.startswith("cases.jsonl:2")
    assert "'a'" in message


def test_empty_corpus(slip: Slip) -> None:
    assert slip("", "", cases="").startswith("cases.jsonl")


def test_line_that_is_no_json_has_line_and_column(slip: Slip) -> None:
    assert slip("", "", cases='{"id": "a", "input": "x"}\n{"id": "b", oops}\n').startswith("cases.jsonl:2:13")


def test_unknown_provider(slip: Slip) -> None:
    message = slip("provider: replay", "provider: repaly")
    assert message.startswith("passmuster.yaml:10:15: in candidates[2]: the provider 'repaly' is unknown")
    assert "Did you mean 'replay'?" in message


def test_missing_api_key_names_the_variable_and_is_no_matter_for_comparing(project: Load, slip: Slip) -> None:
    openai = "provider: openai\n    model: gpt-4o-mini"
    old = "provider: replay\n    path: recorded.jsonl"
    assert project(old, openai).candidates[1].model == "gpt-4o-mini"
    message = slip(old, openai)
    assert message.startswith("passmuster.yaml:9:5: ")
    assert "OPENAI_API_KEY is not set" in message
    assert "MY_KEY is not set" in slip(old, f"{openai}\n    api_key_env: MY_KEY")


def test_key_is_not_needed_for_an_endpoint_of_ones_own(project: Load) -> None:
    local = "provider: openai\n    model: llama\n    base_url: http://localhost:8000/v1"
    assert len(project("provider: replay\n    path: recorded.jsonl", local).providers()) == 2


def test_bar_on_a_metric_that_does_not_exist(slip: Slip) -> None:
    message = slip("  exact_match: {", "  exact_macth: {")
    assert message.startswith("passmuster.yaml:5:3: there is a bar on 'exact_macth'")
    assert "Did you mean 'exact_match'?" in message


@pytest.mark.parametrize("limits", ["{}", "{at_least: 0.5, at_most: 0.9}"])
def test_bar_needs_exactly_one_limit(slip: Slip, limits: str) -> None:
    message = slip("{at_least: 70 %}", limits)
    assert message.startswith("passmuster.yaml:5:16: the bar on 'exact_match' has ")


def test_bar_in_the_wrong_unit(slip: Slip) -> None:
    message = slip("exact_match: {at_least: 70 %}", "latency_p95: {at_most: 0.02 USD}")
    assert message.startswith("passmuster.yaml:5:26: the bar on 'latency_p95': '0.02 USD' is not a time")


def test_incumbent_that_is_no_candidate(slip: Slip) -> None:
    message = slip("incumbent: always", "incumbent: alwais")
    assert message.startswith("passmuster.yaml:6:12: the incumbent 'alwais' is no candidate")
    assert "Did you mean 'always'?" in message


def test_finalist_that_is_no_candidate(slip: Slip) -> None:
    message = slip("incumbent: always", "finalists: [always, record]")
    assert message.startswith("passmuster.yaml:6:21: the finalist 'record' is no candidate")


def test_success_on_a_metric_that_does_not_exist(slip: Slip) -> None:
    assert slip("incumbent: always", "success: f1").startswith(
        "passmuster.yaml:6:10: the task has no metric 'f1'"
    )


def test_two_candidates_of_one_name(slip: Slip) -> None:
    message = slip("name: recorded", "name: always")
    assert message.startswith(
        "passmuster.yaml:9:11: candidates[2] has the same name as candidates[1]: 'always'"
    )


def test_fitted_baseline_without_train_cases(slip: Slip) -> None:
    message = slip('kind: constant, text: "yes"', "kind: naive_bayes")
    assert message.startswith("passmuster.yaml:2:9: a fitted baseline needs train cases")


def test_shares_of_a_split_must_sum_to_one(slip: Slip) -> None:
    message = slip(
        "corpus: cases.jsonl", "corpus: {path: cases.jsonl, split: {train: 70 %, eval: 20 %, holdout: 20 %}}"
    )
    assert message.startswith("passmuster.yaml:2:36: the shares of a split must sum to 100 %")


def test_review_rule_that_speaks_of_something_unknown(slip: Slip) -> None:
    review = "cost: {review: {when: colour > 3, minutes: 3, hourly: 40 USD}}"
    assert slip("incumbent: always", review).startswith("passmuster.yaml:6:23: ")


def test_all_slips_of_a_file_are_told_at_once(slip: Slip) -> None:
    message = slip("task: routing", "task: 3\nreports: 4\nstore: 5")
    assert message.startswith("passmuster.yaml:1:7")
    assert "Also " in message
    assert "passmuster.yaml:2:10" in message
    assert "passmuster.yaml:3:8" in message


def test_value_from_the_environment_is_never_shown(slip: Slip) -> None:
    message = slip("incumbent: always", "incumbent: ${SECRET}", environment={"SECRET": "hunter2"})
    assert "${SECRET}" in message
    assert "hunter2" not in message
    for key in ("repeats: ${SECRET}", "worth: ${SECRET}", "corpus: ${SECRET}"):
        message = slip("corpus: cases.jsonl", key, environment={"SECRET": "hunter2"})
        assert "hunter2" not in message, key


def test_missing_variable_is_named_with_its_place(slip: Slip) -> None:
    message = slip("incumbent: always", "incumbent: ${WHO}")
    assert message.startswith("passmuster.yaml:6:12: the environment variable WHO is not set")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "passmuster.yaml"
    file.write_bytes(b"task: x\ncorpus: \xff\xfe\n")
    with pytest.raises(ConfigurationError, match=r"passmuster\.yaml:2: the file is no UTF-8 text"):
        load_project(file)


def test_a_refused_entry_does_not_make_its_list_too_short(slip: Slip) -> None:
    recorded = "  - name: recorded\n    provider: replay\n    path: recorded.jsonl\n"
    both = '  - {name: always, provider: baseline, kind: constant, text: "yes"}\n' + recorded
    message = slip(both, recorded.replace("replay", "repaly"))
    assert message.startswith("passmuster.yaml:9:15: in candidates[1]: the provider 'repaly' is unknown")
    assert "at least one" not in message
    assert "candidates: [] must have at least one entry" in slip("candidates:\n" + both, "candidates: []\n")


def test_a_prompt_that_is_no_template_is_told_before_anything_is_asked(slip: Slip) -> None:
    message = slip("task: routing\n", 'task: routing\nprompt: {name: broken, user: "Sort {{ input"}\n')
    assert message.startswith("passmuster.yaml:2:9: the prompt 'broken' cannot be read: broken (user):1: ")
