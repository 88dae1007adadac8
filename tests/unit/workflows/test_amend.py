"""What a run adds to an earlier one."""

from dataclasses import replace

import pytest

from passmuster.errors import UsageError
from passmuster.records.candidate import Candidate, Price, Prompt
from passmuster.records.run import Run
from passmuster.workflows.amend import amendment, only_adds

A = Candidate(name="a", provider="openai", model="a")
B = Candidate(name="b", provider="openai", model="b")
RUN = Run(id="r1", started=1.0, task="t", corpus="v", cases=(("1", "d1", 0), ("2", "d2", 0)), candidates=(A,))


def test_candidates_cases_and_repeats_are_added() -> None:
    found = only_adds(amendment([RUN], [A, B], ["d1", "d2", "d3"], 2))
    assert (found.added, found.cases_added, found.repeats_added) == (("b",), 1, 1)
    assert "with b, cases added: 1, repeats added: 1" in found.words


def test_what_is_left_out_is_said() -> None:
    found = amendment([RUN], [B], ["d1"], 1)
    assert (found.left_out, found.cases_left_out) == (("a",), 1)


def test_a_changed_candidate_would_be_paid_for_again_and_is_refused() -> None:
    changed = replace(A, prompt=Prompt(name="p", user="{{ input }}!"))
    with pytest.raises(UsageError, match="a changed since the run r1"):
        only_adds(amendment([RUN], [changed], ["d1"], 1))


def test_a_new_price_or_name_changes_nothing() -> None:
    same = replace(A, price=Price(input=1.0, output=1.0), concurrency=1)
    assert only_adds(amendment([RUN], [same], ["d1", "d2"], 1)).changed == {}
    assert amendment([RUN], [replace(A, name="renamed")], ["d1", "d2"], 1).added == ()


CHANGED = replace(A, model="another")
ONLY_B = replace(RUN, id="r2", candidates=(B,), cases=RUN.cases[:1])


def test_a_candidate_that_the_last_run_left_out_is_compared_with_the_run_that_asked_it() -> None:
    with pytest.raises(UsageError, match="a changed since the run r1"):
        only_adds(amendment([ONLY_B, RUN], [CHANGED, B], ["d1"], 1))


def test_what_an_earlier_run_had_is_not_added_again() -> None:
    found = only_adds(amendment([ONLY_B, RUN], [A, B], ["d1", "d2"], 1))
    assert (found.added, found.left_out, found.cases_added, found.cases_left_out) == ((), (), 0, 0)
    assert found.run == "r2"


def test_each_candidate_is_compared_with_the_newest_run_that_asked_it() -> None:
    newest = replace(RUN, id="r3", candidates=(CHANGED,))
    assert amendment([newest, ONLY_B, RUN], [CHANGED], ["d1"], 1).changed == {}
    assert amendment([newest, RUN], [replace(A, model="third")], ["d1"], 1).changed == {"a": "r3"}


def test_a_candidate_that_is_changed_back_is_asked_nothing_again() -> None:
    newest = replace(RUN, id="r3", candidates=(CHANGED,))
    assert only_adds(amendment([newest, RUN], [A], ["d1", "d2"], 1)).changed == {}
