"""What candidates declare and a task requires, as a project file says it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.errors import ConfigurationError, UsageError
from passmuster.project.asking import check, estimate, run
from passmuster.project.load import Project, load_project
from passmuster.project.names import asked_candidates, barred_candidates
from passmuster.records.candidate import Attribute, candidate_digest
from passmuster.records.record import Json
from passmuster.records.task import Requirement

Write = Callable[..., Path]
FILE = """\
task: routing
corpus: cases.jsonl
metrics: [exact_match]
purpose: Sends tickets to teams.
owner: support
requires: REQUIRES
candidates:
  - {name: always, provider: baseline, kind: constant, text: "yes", attributes: ATTRIBUTES}
  - {name: never, provider: baseline, kind: constant, text: "no", attributes: {region: us}}
"""


@pytest.fixture
def load(write: Write) -> Callable[..., Project]:
    def make(attributes: str = "{region: eu}", requires: str = "{region: [eu, ch]}") -> Project:
        text = FILE.replace("ATTRIBUTES", attributes).replace("REQUIRES", requires)
        return load_project(write(text), environment={})

    return make


def test_purpose_and_owner_belong_to_the_task(load: Callable[..., Project]) -> None:
    task = load().task
    assert (task.purpose, task.owner) == ("Sends tickets to teams.", "support")


@pytest.mark.parametrize(
    ("written", "name", "value"),
    [
        ("{region: eu}", "region", "eu"),
        ("{region: [eu, ch]}", "region", ["eu", "ch"]),
        ("{training_on_inputs: false}", "training_on_inputs", False),
        ("{data_retention: 30 d}", "data_retention", 30 * 86400.0),
        ("{data_retention: none}", "data_retention", 0.0),
        ("{data_retention: 0}", "data_retention", 0.0),
        ("{end_of_life: 2027-06-01}", "end_of_life", "2027-06-01"),
        ("{end_of_life: none}", "end_of_life", "none"),
        ("{context: 128000}", "context", 128000),
        ("{certificates: [SOC 2, ISO 27001]}", "certificates", ["SOC 2", "ISO 27001"]),
    ],
)
def test_a_value_alone_is_a_declaration(
    load: Callable[..., Project], written: str, name: str, value: Json
) -> None:
    attribute = load(written).candidates[0].attributes[name]
    found = list(attribute.value) if isinstance(attribute.value, tuple) else attribute.value
    assert found == value


def test_a_declaration_may_say_where_and_when_it_was_read(load: Callable[..., Project]) -> None:
    found = load("{region: {value: eu, source: contract 7, date: 2026-09-14}}").candidates[0].attributes
    assert found == {"region": Attribute(value="eu", source="contract 7", date="2026-09-14")}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{regoin: eu}", "Did you mean 'region'?"),
        ("{training_on_inputs: no}", "Write true or false."),
        ("{region: 7}", "Write a text, or a list of texts."),
        ("{end_of_life: next year}", "Write it as 2027-06-01."),
        ("{data_retention: a while}", "is not a time"),
        ("{region: {value: eu, date: yesterday}}", "the date of region is no day"),
        ("{region: {source: contract}}", "the key 'value' is missing"),
        ("{region: }", "has no value"),
        ("{region: ' '}", "has no value"),
        ("{region: []}", "has no value"),
        ("{certificates: [SOC 2, null]}", "has no value"),
        ("{certificates: [[SOC 2]]}", "a list in a list"),
        ("{'': eu}", "has no name"),
        ("eu", "expected a mapping"),
    ],
)
def test_a_slip_in_a_declaration_is_told_with_its_place(
    load: Callable[..., Project], written: str, told: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(written)
    assert told in str(error.value)
    assert "passmuster.yaml:8:" in str(error.value)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{region: eu}", Requirement(attribute="region", one_of=("eu",))),
        ("{self_hosted: true}", Requirement(attribute="self_hosted", one_of=(True,))),
        ("{end_of_life: {after: 2027-06-01}}", Requirement(attribute="end_of_life", after="2027-06-01")),
        ("{data_retention: {at_most: 30 d}}", Requirement(attribute="data_retention", at_most=2592000.0)),
        ("{seats: {at_most: 5}}", Requirement(attribute="seats", at_most=5.0)),
    ],
)
def test_a_requirement_has_three_forms(
    load: Callable[..., Project], written: str, expected: Requirement
) -> None:
    assert load(requires=written).task.requires == (expected,)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{region: []}", "asks for nothing"),
        ("{region: {one_of: [eu], after: 2027-01-01}}", "asks for both one_of and after"),
        ("{end_of_life: 2027-06-01}", "Write {after: 2027-06-01}."),
        ("{data_retention: 30 d}", "Write {at_most: 30 d}."),
        ("{end_of_life: {after: soon}}", "is no day: 'soon'"),
        ("{seats: {at_most: true}}", "expected"),
        ("{regions: [eu]}", "Did you mean 'region'?"),
        ("{region: [eu, [ch]]}", "a list in a list"),
        ("{region: {after: 2027-01-01}}", "Write [eu, ch]."),
        ("{region: {at_most: 5}}", "Write [eu, ch]."),
        ("{self_hosted: {at_most: 0}}", "Write true or false."),
        ("{data_retention: {after: 2027-01-01}}", "Write {at_most: 30 d}."),
        ("{end_of_life: {at_most: 30 d}}", "Write {after: 2027-06-01}."),
        ("{log_days: {at_most: 30 d}}", "a time is for data_retention only"),
    ],
)
def test_a_slip_in_a_requirement_is_told_with_its_place(
    load: Callable[..., Project], written: str, told: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(requires=written)
    assert told in str(error.value)
    assert "passmuster.yaml:6:" in str(error.value)


def test_what_is_declared_is_no_part_of_how_a_candidate_is_asked(load: Callable[..., Project]) -> None:
    assert candidate_digest(load("{region: eu}").candidates[0]) == candidate_digest(load("{}").candidates[0])


def test_who_misses_a_requirement_is_not_asked(load: Callable[..., Project]) -> None:
    project = load()
    assert barred_candidates(project) == {"never": ("region is eu or ch (us is declared)",)}
    assert [each.name for each in asked_candidates(project)] == ["always"]
    assert estimate(project).trials == 6
    assert [each.candidate for each in check(project)] == ["always"]
    end = run(project)
    assert (end.asked, end.status) == (6, "complete")


def test_it_is_asked_all_the_same_where_that_is_wished(load: Callable[..., Project]) -> None:
    project = load()
    assert estimate(project, everybody=True).trials == 12
    assert run(project, everybody=True).asked == 12


def test_who_does_not_declare_is_asked_like_the_others(load: Callable[..., Project]) -> None:
    assert [each.name for each in asked_candidates(load("{}"))] == ["always"]


def test_where_nobody_is_left_to_ask_that_is_an_error_which_says_why(load: Callable[..., Project]) -> None:
    with pytest.raises(UsageError, match="never misses region is eu or ch"):
        asked_candidates(load(), ["never"])


def test_a_recorded_system_may_be_called_a_baseline(write: Write) -> None:
    text = "task: t\ncorpus: cases.jsonl\nmetrics: [exact_match]\ncandidates:\n  - {name: old, provider: replay, path: recorded.jsonl, baseline: true}\n"
    (old,) = load_project(write(text), environment={}).candidates
    assert old.kind == "baseline"
