"""A person decides: who and when is kept, accepted cases go where they belong, nothing goes by itself."""

import pytest

from passmuster.errors import UsageError
from passmuster.records.case import Case
from passmuster.records.proposal import Proposal, Reason
from passmuster.workflows.corpus.review import Decider, arrivals, check_ids, decide, waiting

JO = Decider(by="jo", time=5.0)


def proposal(name: str, **changed: object) -> Proposal:
    fields: dict[str, object] = {"category": "edge", "input": f"input of {name}"}
    fields |= {key: changed.pop(key) for key in ("category", "input", "expect") if key in changed}
    values: dict[str, object] = {
        "reasons": (Reason(kind="length", words="long"),),
        "source": "mine",
    } | changed
    return Proposal(case=Case(id=name, **fields), **values)  # type: ignore[arg-type]  # fields by name


def test_a_decision_is_kept_with_who_and_when_and_all_else_waits() -> None:
    first, second, third = decide(
        [proposal("1"), proposal("2"), proposal("3")], {"1": "accepted", "2": "dropped"}, JO
    )

    assert (first.status, first.by, first.time) == ("accepted", "jo", 5.0)
    assert (second.status, second.by) == ("dropped", "jo")
    assert (third.status, third.by) == ("proposed", None)


def test_how_accepted_ones_should_end_can_be_changed_and_dropped_ones_stay() -> None:
    found = decide(
        [proposal("1", expect="answer"), proposal("2", expect="answer")],
        {"1": "accepted", "2": "dropped"},
        JO,
        "refusal",
    )

    assert [each.case.expect for each in found] == ["refusal", "answer"]


def test_an_id_that_does_not_wait_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no proposal '11'"):
        check_ids([proposal("1")], ["11"])
    with pytest.raises(UsageError, match="was dropped already by jo"):
        check_ids([proposal("1", status="dropped", by="jo")], ["1"])


def test_what_waits_can_be_narrowed_to_a_source_or_a_reason() -> None:
    found = [
        proposal("1"),
        proposal("2", source="stress", reasons=(Reason(kind="empty", words="nothing"),)),
        proposal("3", status="dropped"),
    ]

    assert [each.case.id for each in waiting(found)] == ["1", "2"]
    assert [each.case.id for each in waiting(found, ["stress"])] == ["2"]
    assert [each.case.id for each in waiting(found, ["length"])] == ["1"]
    with pytest.raises(UsageError, match="'lenght'"):
        waiting(found, ["lenght"])


def test_accepted_cases_go_to_their_pool_and_those_of_train_cases_to_train() -> None:
    found, already = arrivals(
        [
            proposal("1"),
            proposal("2", category="adversarial", split="eval"),
            proposal("3", category="adversarial", split="train"),
            proposal("4", category="typical"),
        ],
        [],
    )

    assert {place: [case.id for case in cases] for place, cases in found.items()} == {
        "edge": ["1", "4"],
        "adversarial": ["2"],
        "train": ["3"],
    }
    assert [case.category for case in found["edge"]] == ["edge", "edge"]
    assert already == ()


def test_an_input_that_the_corpus_has_is_not_added_again_and_an_id_that_it_has_gets_a_number() -> None:
    held = [Case(id="1", input="known"), Case(id="2", input="other")]

    found, already = arrivals(
        [proposal("9", input="known"), proposal("2"), proposal("8", input="input of 2")], held
    )

    assert already == ("9", "8")
    assert [case.id for case in found["edge"]] == ["2-2"]
