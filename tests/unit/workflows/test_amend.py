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
    found = only_adds(amendment(RUN, [A, B], ["d1", "d2", "d3"], 2))
    assert (found.added, found.cases_added, found.repeats_added) == (("b",), 1, 1)
    assert "with b, cases added: 1, repeats added: 1" in found.words


def test_what_is_left_out_is_said() -> None:
    found = amendment(RUN, [B], ["d1"], 1)
    assert (found.left_out, found.cases_left_out) == (("a",), 1)


def test_a_changed_candidate_would_be_paid_for_again_and_is_refused() -> None:
    changed = replace(A, prompt=Prompt(name="p", user="{{ input }}!"))
    with pytest.raises(UsageError, match="a changed since the run r1"):
        only_adds(amendment(RUN, [changed], ["d1"], 1))


def test_a_new_price_or_name_changes_nothing() -> None:
    same = replace(A, price=Price(input=1.0, output=1.0), concurrency=1)
    assert only_adds(amendment(RUN, [same], ["d1", "d2"], 1)).changed == ()
    assert amendment(RUN, [replace(A, name="renamed")], ["d1", "d2"], 1).added == ()
