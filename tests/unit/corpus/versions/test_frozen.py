"""A state has a name of its own, and is found again by it."""

from dataclasses import fields, replace
from typing import Any

import pytest

from passmuster.corpus.versions.content import content_digest
from passmuster.corpus.versions.frozen import Moment, State, find_version, frozen_version, state_digest
from passmuster.errors import UsageError
from passmuster.records.case import Case, CaseCheck, KeyPoint
from passmuster.records.version import FrozenVersion

ONE = Case(id="1", input="Where is my card?", reference="cards", stratum="cards")
TWO = Case(id="2", input="I was charged twice", reference="billing")
MOMENT = Moment(time=5.0, canary="guid")
OTHER_VALUES: dict[str, Any] = {
    "id": "9",
    "input": "x",
    "reference": "y",
    "category": "edge",
    "stratum": "z",
    "group": "g",
    "tags": ("t",),
    "origin": "expert",
    "generator": "m",
    "time": 1.0,
    "weight": 2.0,
    "parent": "p",
    "transform": "t",
    "expect": "refusal",
    "feedback": "down",
    "mode": "m",
    "checks": (CaseCheck(metric="exact_match"),),
    "rubric": "be kind",
    "key_points": (KeyPoint(text="30 days"),),
}


def test_the_name_does_not_see_the_order_of_rows() -> None:
    assert state_digest(State(parts={"eval": [ONE, TWO]})) == state_digest(State(parts={"eval": [TWO, ONE]}))


@pytest.mark.parametrize("field", [each.name for each in fields(Case)])
def test_the_name_sees_every_field_of_every_case(field: str) -> None:
    changed = replace(TWO, **{field: OTHER_VALUES[field]})
    assert state_digest(State(parts={"eval": [ONE, TWO]})) != state_digest(
        State(parts={"eval": [ONE, changed]})
    )


def test_the_name_sees_in_which_part_a_case_stands() -> None:
    names = {
        state_digest(State(parts={"eval": [ONE, TWO]})),
        state_digest(State(parts={"train": [ONE], "eval": [TWO]})),
        state_digest(State(parts={"train": [TWO], "eval": [ONE]})),
        state_digest(State(parts={"eval": [ONE], "edge": [TWO]})),
    }
    assert len(names) == 4


def test_the_name_sees_topics_and_holdout_and_no_part_without_cases() -> None:
    plain = State(parts={"eval": [ONE]})
    assert state_digest(plain) == state_digest(State(parts={"eval": [ONE], "train": []}))
    assert state_digest(plain) != state_digest(replace(plain, topics="t"))
    assert state_digest(replace(plain, topics="t")) != state_digest(replace(plain, holdout="t"))


def test_a_version_lists_every_digest_that_a_report_may_show_of_it() -> None:
    pool = replace(TWO, category="edge")
    found = frozen_version(State(parts={"train": [TWO], "eval": [ONE], "edge": [pool]}), MOMENT)
    assert found.scored == {
        "eval": content_digest([ONE]),
        "train + eval": content_digest([ONE, TWO]),
        "eval + pools": content_digest([ONE, pool]),
        "train + eval + pools": content_digest([ONE, TWO, pool]),
    }


def test_a_version_without_eval_has_nothing_that_a_report_shows() -> None:
    assert frozen_version(State(parts={"train": [ONE]}), MOMENT).scored == {}


def test_a_version_counts_parts_strata_origins_and_categories() -> None:
    made = replace(ONE, id="3", origin="synthetic", category="edge")
    found = frozen_version(State(parts={"eval": [ONE, TWO], "edge": [made]}), MOMENT)
    assert found.parts == {"eval": 2, "edge": 1}
    assert found.strata == {"": 1, "cards": 2}
    assert found.origins == {"production": 2, "synthetic": 1}
    assert found.categories == {"edge": 1, "typical": 2}


def version(name: str, **scored: str) -> FrozenVersion:
    return FrozenVersion(version=name, time=0.0, canary="", scored=scored)


def test_a_version_is_found_by_a_beginning_in_any_case_of_letters() -> None:
    versions = [version("ab12"), version("ac34")]
    assert find_version(versions, "AC").version == "ac34"


def test_a_version_is_found_by_the_digest_that_a_report_shows_and_then_the_newest_is_taken() -> None:
    versions = [version("a", eval="ff1"), version("b", eval="ff1"), version("c", eval="ee")]
    assert find_version(versions, "ff").version == "b"


def test_a_beginning_of_several_digests_names_them_all() -> None:
    with pytest.raises(UsageError, match="begins more than one digest: ab12, ab34"):
        find_version([version("ab12"), version("ab34")], "ab")
    with pytest.raises(UsageError, match="more than one"):
        find_version([version("x", eval="ff1"), version("y", eval="ff2")], "ff")


@pytest.mark.parametrize("name", ["zz", ""])
def test_an_unknown_version_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_version([version("ab12")], name)
    assert "ab12" in str(caught.value)


def test_without_versions_it_says_how_to_make_one() -> None:
    with pytest.raises(UsageError, match="nothing is frozen yet"):
        find_version([], "ab")
