"""Stress as a verb: which parents, what is known already, and what cannot be made."""

from dataclasses import replace

import pytest

from passmuster.errors import UsageError
from passmuster.records.case import Case
from passmuster.workflows.corpus.stress import StressOrder, propose_stress

CASES = [
    Case(id=str(n), input=f"please tell me what card number {n} costs a year in Norway", reference=str(n % 3))
    for n in range(20)
]


def test_each_transform_takes_so_many_parents_and_the_same_seed_the_same_ones() -> None:
    order = StressOrder(parents=4, limit=500, seed=3)
    found = propose_stress(CASES, order, ())

    assert {each.made for each in found.transforms} == {4}
    assert len(found.proposals) == 4 * 24
    turned = propose_stress(CASES[::-1], order, ())
    assert {p.case.id for p in found.proposals} == {p.case.id for p in turned.proposals}
    other = propose_stress(CASES, replace(order, seed=4), ())
    assert {p.case.parent for p in found.proposals[:4]} != {p.case.parent for p in other.proposals[:4]}


def test_a_proposal_says_what_was_changed_of_which_case_by_which_seed() -> None:
    proposal = propose_stress(CASES, StressOrder(transforms=("cut_off",), seed=3), (), "train").proposals[0]

    assert proposal.reasons[0].kind == "cut_off"
    assert f"(of case {proposal.case.parent}, seed 3)" in proposal.reasons[0].words
    assert (proposal.source, proposal.status, proposal.split) == ("stress", "proposed", "train")


def test_what_was_proposed_before_is_not_proposed_again() -> None:
    first = propose_stress(CASES, StressOrder(transforms=("empty",)), ())
    known = {proposal.case.id for proposal in first.proposals}

    again = propose_stress(CASES, StressOrder(transforms=("empty",)), known)
    more = propose_stress(CASES, StressOrder(transforms=("empty",), parents=5), known)

    assert (again.proposals, again.transforms[0].known) == ((), 3)
    assert len(more.proposals) == 2


def test_parents_to_which_a_transform_does_not_apply_are_passed_over() -> None:
    cases = [Case(id=f"digits {n}", input=f"{n} 42 17?") for n in range(5)] + [CASES[0]]

    found = propose_stress(cases, StressOrder(transforms=("look_alikes",), parents=1), ())

    assert found.proposals[0].case.parent == "0"
    none = propose_stress(cases[:5], StressOrder(transforms=("look_alikes",)), ()).transforms[0]
    assert (none.made, none.unfit) == (0, 5)


def test_without_a_limit_contexts_are_not_filled_and_it_is_said() -> None:
    found = propose_stress(CASES, StressOrder(), ())

    assert {each.name.split("_")[0] for each in found.transforms if each.note} == {"limit"}
    assert not any("limit" in (proposal.case.transform or "") for proposal in found.proposals)


def test_cases_that_were_made_are_no_parents_unless_they_are_named() -> None:
    made = replace(CASES[0], id="0~empty~0", parent="0", transform="empty", origin="synthetic")

    found = propose_stress([made], StressOrder(transforms=("cut_off",)), ())
    named = propose_stress([made], StressOrder(transforms=("cut_off",), cases=("0~empty~0",)), ())

    assert found.proposals == ()
    assert len(named.proposals) == 1


def test_no_cases_and_an_unknown_case_are_told() -> None:
    with pytest.raises(UsageError, match="no cases"):
        propose_stress([], StressOrder(), ())
    with pytest.raises(UsageError, match="no case '99'"):
        propose_stress(CASES, StressOrder(cases=("99",)), ())
