"""Versions and conflicts."""

from dataclasses import replace
from typing import Any

import pytest

from passmuster.corpus.conflicts import find_conflicts
from passmuster.corpus.versions.content import content_digest, corpus_version
from passmuster.records.case import Case, Conversation, Document, Message
from passmuster.records.digest import digest

CASE = Case(id="1", input="x")

CHANGES: list[dict[str, Any]] = [
    {"id": "2"},
    {"input": "y"},
    {"input": {"text": "x"}},
    {"input": Conversation(messages=(Message(role="user", content="x"),))},
    {
        "input": Conversation(
            messages=(Message(role="user", content="x"),), context=(Document(text="x", id="1"),)
        )
    },
    {"reference": ""},
    {"reference": False},
    {"reference": 0},
    {"reference": 0.0},
    {"category": "edge"},
    {"stratum": "x"},
    {"group": "x"},
    {"tags": ("x",)},
]


def test_the_digest_sees_every_field_and_tells_all_changes_apart() -> None:
    states = [CASE, *(replace(CASE, **change) for change in CHANGES)]
    assert len({content_digest([case]) for case in states}) == len(states)


def test_the_digest_sees_how_often_a_case_is_there() -> None:
    assert content_digest([CASE]) != content_digest([CASE, CASE])


@pytest.mark.parametrize("count", [0, 1, 2, 700])
def test_the_digest_is_that_of_the_sorted_digests_of_the_cases(count: int) -> None:
    cases = [replace(CASE, id=str(number)) for number in range(count)]
    assert content_digest(cases) == digest(sorted(digest(case) for case in cases))


def test_the_name_of_a_version_is_that_of_the_first_release() -> None:
    cases = [Case(id="1", input="x"), Case(id="2", input={"a": 1}, reference="y", tags=("t",))]
    assert content_digest(cases) == "ce200d80653f75e8ac00df6f879f8572"


def test_a_version_counts_categories_and_keeps_the_cases_as_they_stand() -> None:
    cases = [CASE, Case(id="0", input="y", category="edge"), Case(id="2", input="z")]
    version = corpus_version(cases, "cases.jsonl", "train", holdout="unsealed")
    assert version.counts == {"edge": 1, "typical": 2}
    assert [case.id for case in version.cases] == ["1", "0", "2"]
    assert (version.splits, version.holdout, version.path) == ({"train": 3}, "unsealed", "cases.jsonl")
    assert corpus_version(cases, "a", "eval", {"eval": 3, "train": 9}).splits == {"eval": 3, "train": 9}


@pytest.mark.parametrize(
    ("first", "second", "count"), [("a", "b", 1), ("a", "a", 0), ("a", None, 0), (1, "1", 1), (["a"], "a", 1)]
)
def test_equal_inputs_conflict_when_their_references_differ(first: Any, second: Any, count: int) -> None:
    cases = [Case(id="2", input="x", reference=second), Case(id="1", input="x", reference=first)]
    assert len(find_conflicts(cases)) == count
    assert len(corpus_version(cases, "a").conflicts) == count


def test_different_inputs_never_conflict() -> None:
    assert (
        find_conflicts([Case(id="1", input="x", reference="a"), Case(id="2", input="y", reference="b")]) == ()
    )


def test_a_conflict_shows_each_case_with_its_reference() -> None:
    (conflict,) = find_conflicts([Case(id=i, input="x", reference={"a": i}) for i in "21"])
    assert conflict.cases == ("1", "2")
    assert conflict.references == ('{"a":"1"}', '{"a":"2"}')
