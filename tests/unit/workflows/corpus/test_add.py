"""A failure becomes a regression case, and what it must not do is refused."""

from dataclasses import replace

import pytest

from passmuster.errors import UsageError
from passmuster.records.case import Case
from passmuster.records.failure_mode import FailureMode
from passmuster.records.run import Run
from passmuster.workflows.corpus.add import Additions, Failure, additions, find_mode, find_served

MODE = FailureMode(name="wrong-team")
CASE = Case(
    id="7",
    input="my parcel never came and nobody answers my letters about it",
    reference="delivery",
    stratum="s",
    group="g",
    weight=3.0,
    time=5.0,
    tags=("t",),
)


def add(case: Case, held: dict[str, list[Case]] | None = None, *, from_train: bool = False) -> Additions:
    return additions([Failure(case, "here")], held or {}, MODE, from_train=from_train)


def test_the_case_goes_to_the_pool_with_its_mode_and_without_a_weight() -> None:
    found = add(CASE)
    assert found.pool == (replace(CASE, category="regression", mode="wrong-team", weight=None),)
    assert [each.id for each in found.added] == ["7"]


def test_a_case_that_is_in_eval_stays_there_and_a_copy_is_added() -> None:
    found = add(CASE, {"eval": [CASE]})
    (copy,) = found.pool
    assert (copy.id, copy.parent, found.train) == ("regression-7", "7", None)
    assert [(each.case, each.part, each.similarity) for each in found.added[0].alike] == [("7", "eval", 1.0)]


def test_an_id_that_is_taken_everywhere_gets_a_number() -> None:
    taken = [
        Case(id="7", input="a"),
        Case(id="regression-7", input="b"),
        Case(id="regression-7-2", input="c"),
    ]
    assert add(CASE, {"eval": taken}).pool[0].id == "regression-7-3"


def test_the_same_input_is_not_added_again() -> None:
    pool = list(add(CASE).pool)
    found = add(replace(CASE, id="8"), {"regression": pool})
    assert found.pool == tuple(pool)
    assert (found.added, found.present) == ((), (("8", "7"),))


def test_the_same_input_twice_among_the_failures_is_added_once() -> None:
    found = additions([Failure(CASE, "a"), Failure(replace(CASE, id="8"), "b")], {}, MODE)
    assert len(found.pool) == 1
    assert found.present == (("8", "7"),)


def test_a_case_of_train_is_refused() -> None:
    with pytest.raises(UsageError, match="stands in train, as 't'") as caught:
        add(CASE, {"train": [replace(CASE, id="t")]})
    assert "--take-from-train" in str(caught.value)


def test_a_case_of_train_is_taken_out_of_it_where_that_is_said() -> None:
    other = Case(id="o", input="quite another text")
    found = add(CASE, {"train": [replace(CASE, id="t"), replace(CASE, id="t2"), other]}, from_train=True)
    assert found.train == (other,)
    assert found.taken
    assert [each.id for each in found.added] == ["7"]
    assert found.added[0].warnings == ()


def test_what_is_nearly_the_same_in_train_is_warned_of_and_no_reason_to_refuse() -> None:
    near = replace(CASE, id="t", input=f"{CASE.input} today")
    found = add(CASE, {"train": [near]})
    assert "nearly the same stands in train, as t" in found.added[0].warnings[0]
    assert found.train is None


def test_a_case_without_a_reference_is_added_and_said() -> None:
    assert "no reference" in add(replace(CASE, reference=None)).added[0].warnings[0]


def test_an_unknown_mode_names_the_closest_and_how_to_add_it() -> None:
    with pytest.raises(UsageError) as caught:
        find_mode([MODE, FailureMode(name="too-long")], "wrongteam")
    assert "Did you mean 'wrong-team'?" in str(caught.value)
    assert "--new-mode wrongteam" in str(caught.value)
    assert find_mode([MODE], "wrong-team") is MODE


def test_a_case_of_a_run_is_found_by_its_id_alone() -> None:
    run = Run(id="r", started=0.0, task="t", corpus="c", cases=(("7", "d7", 0),), candidates=())
    assert find_served(run, "7") == "d7"
    with pytest.raises(UsageError, match="has no case 'seven'"):
        find_served(run, "seven")
