"""Cases are drawn from traffic with what is known of them, and never twice."""

import pytest

from passmuster.errors import UsageError
from passmuster.records.case import Case, Conversation, Document, Message
from passmuster.records.traffic import TrafficRecord
from passmuster.workflows.corpus.sample import Draft, SampleOrder, case_of, record_size, sample


def traffic(count: int) -> list[TrafficRecord]:
    return [
        TrafficRecord(id=f"r{number}", input=f"question {number}", columns={"s": "ab"[number % 4 == 0]})
        for number in range(count)
    ]


def stratum(record: TrafficRecord) -> str:
    return str(record.columns["s"])


def weights(draft: Draft) -> dict[str, float | None]:
    return {each.name: each.weight for each in draft.strata}


def test_a_case_has_what_its_record_knows_but_not_what_production_answered() -> None:
    record = TrafficRecord(
        id="7",
        input="Where is it?",
        output="Over there.",
        time=5.0,
        user="jo@example.com",
        session="s1",
        tags=("web",),
        feedback="down",
        reference="there",
    )
    found = case_of(record)
    assert found == Case(
        id="7",
        input="Where is it?",
        reference="there",
        group=found.group,
        tags=("web",),
        time=5.0,
        feedback="down",
    )
    assert found.group is not None
    assert "jo" not in found.group


@pytest.mark.parametrize(
    ("group", "same_user", "same_session", "same_column"),
    [
        ("auto", True, False, False),
        ("user", True, False, False),
        ("session", False, True, False),
        ("team", False, False, True),
        ("none", True, True, True),
    ],
)
def test_what_keeps_cases_together_can_be_chosen(
    group: str, *, same_user: bool, same_session: bool, same_column: bool
) -> None:
    def of(user: str, session: str, team: str) -> str | None:
        return case_of(
            TrafficRecord(id="1", input="x", user=user, session=session, columns={"team": team}), group=group
        ).group

    first = of("u", "s", "t")
    assert (of("u", "x", "x") == first, of("x", "s", "x") == first, of("x", "x", "t") == first) == (
        same_user,
        same_session,
        same_column,
    )


def test_without_a_user_the_session_keeps_cases_together() -> None:
    one, other = (case_of(TrafficRecord(id=name, input="x", session="s")) for name in "12")
    assert one.group == other.group is not None
    assert case_of(TrafficRecord(id="3", input="x")).group is None


def test_parts_are_proportional_and_weights_add_up_to_the_traffic() -> None:
    draft = sample(traffic(400), SampleOrder(size=40, minimum=1), stratum=stratum)
    assert weights(draft) == {"a": 10.0, "b": 10.0}
    assert sum(case.weight or 0 for case in draft.cases) == 400
    assert {case.stratum for case in draft.cases} == {"a", "b"}


def test_without_a_rule_cases_have_no_stratum() -> None:
    draft = sample(traffic(10), SampleOrder(size=5))
    assert {case.stratum for case in draft.cases} == {None}
    assert [each.name for each in draft.strata] == ["all"]


def test_known_records_are_not_drawn_again_and_both_samples_are_one() -> None:
    first = sample(traffic(400), SampleOrder(size=40, seed=1), stratum=stratum)
    known = {case.id for case in first.cases}
    second = sample(traffic(400), SampleOrder(size=60, seed=1), stratum=stratum, known=known)
    assert not known & {case.id for case in second.cases}
    assert second.weights.keys() == known
    total = sum(second.weights.values()) + sum(case.weight or 0 for case in second.cases)
    assert total == pytest.approx(400)


def test_cases_that_are_looked_at_apart_are_not_drawn_either() -> None:
    draft = sample(traffic(10), SampleOrder(size=10), apart={"r3", "r4"})
    assert {case.id for case in draft.cases} == {f"r{n}" for n in (0, 1, 2, 5, 6, 7, 8, 9)}


def test_one_stratum_can_be_drawn_from_alone() -> None:
    draft = sample(traffic(400), SampleOrder(size=10, only=("b",)), stratum=stratum)
    assert {case.stratum for case in draft.cases} == {"b"}
    assert draft.cases[0].weight == 10.0
    with pytest.raises(UsageError, match="no record of the traffic is in stratum 'z'"):
        sample(traffic(40), SampleOrder(size=10, only=("z",)), stratum=stratum)


def test_records_of_one_id_get_ids_of_their_own() -> None:
    records = [TrafficRecord(id="x", input=str(number)) for number in range(3)]
    records.append(TrafficRecord(id="x-2", input="3"))
    names = [case.id for case in sample(records, SampleOrder(size=4)).cases]
    assert len(set(names)) == 4
    assert names[0] == "x"


def test_more_than_there_is_gives_all_of_it() -> None:
    draft = sample(traffic(5), SampleOrder(size=50))
    assert [case.id for case in draft.cases] == [f"r{n}" for n in range(5)]
    assert {case.weight for case in draft.cases} == {1.0}


def test_no_traffic_and_nothing_new_are_told() -> None:
    with pytest.raises(UsageError, match="no traffic"):
        sample([], SampleOrder(size=5))
    with pytest.raises(UsageError, match="all 3 records of the traffic are cases already"):
        sample(traffic(3), SampleOrder(size=5), known={"r0", "r1", "r2"})


def test_a_size_that_does_not_cover_the_strata_is_refused() -> None:
    records = [TrafficRecord(id=str(n), input="x", columns={"s": str(n)}) for n in range(9)]
    with pytest.raises(UsageError, match="5 cases are too few for 9 strata"):
        sample(records, SampleOrder(size=5), stratum=stratum)


def test_the_size_of_a_record_grows_with_its_texts() -> None:
    plain = record_size(TrafficRecord(id="1", input="x" * 1_000))
    turn = Conversation(
        messages=(Message(role="user", content="x" * 500),), context=(Document(text="x" * 500),)
    )
    assert record_size(TrafficRecord(id="1", input="")) < 1_000 < plain
    assert record_size(TrafficRecord(id="1", input=turn)) == plain
    assert record_size(TrafficRecord(id="1", input={"a": "x" * 1_000})) == plain


def test_a_column_that_keeps_nothing_together_is_told() -> None:
    with pytest.raises(UsageError, match=r"nothing called 'team' keeps records together(.|\n)*a column: s"):
        sample(traffic(9), SampleOrder(size=5, group="team"))


def _taken(draft: Draft, before: dict[str, float]) -> dict[str, float]:
    """Return the weights of all cases once a draft is written."""
    return {**before, **draft.weights, **{case.id: case.weight or 0.0 for case in draft.cases}}


def test_a_second_sample_knows_the_cases_of_strata_that_are_not_kept_apart() -> None:
    records = [
        TrafficRecord(id=f"r{number}", input=f"question {number}", columns={"s": f"s{number % 300}"})
        for number in range(3000)
    ]
    first = sample(records, SampleOrder(size=600, minimum=1), stratum=stratum)
    weights_first = _taken(first, {})
    assert sum(weights_first.values()) == pytest.approx(3000)

    second = sample(records, SampleOrder(size=600, minimum=1), stratum=stratum, known=set(weights_first))
    every = _taken(second, weights_first)
    assert sum(every.values()) == pytest.approx(3000)
    assert len(every) == 1200
    others = {every[case.id] for case in (*first.cases, *second.cases) if case.stratum == "other"}
    assert len(others) == 1


def test_records_of_one_id_are_one_case_and_all_stand_in_its_weight() -> None:
    records = [*traffic(200), *traffic(200)]  # one log, imported under two names
    first = sample(records, SampleOrder(size=40, minimum=1), stratum=stratum)
    before = _taken(first, {})
    assert len(before) == 40
    assert sum(before.values()) == pytest.approx(400)

    second = sample(records, SampleOrder(size=40, minimum=1), stratum=stratum, known=set(before))
    every = _taken(second, before)
    assert len(every) == 80
    assert sum(every.values()) == pytest.approx(400)
    assert {each.name: each.before for each in second.strata} == {
        name: sum(case.stratum == name for case in first.cases) for name in "ab"
    }
