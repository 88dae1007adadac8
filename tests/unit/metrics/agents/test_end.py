"""steps, end_state, gave_up and escalated: how far an agent went, what it left, and how it stopped."""

import tracemalloc
from typing import Any

import pytest
from tests.unit.metrics.agents.agent import call, did, failed, scored

from passmuster.metrics.agents.end_state import MOST_UNORDERED, MOST_VALUES, EndState
from passmuster.metrics.agents.steps import Steps
from passmuster.metrics.agents.stopping import Escalated, GaveUp
from passmuster.records.case import Message
from passmuster.records.trial import Reply

LEFT = {"orders": {"A7": "cancelled", "A8": "open"}, "log": ["a", "b"], "total": 2}


def left(state: Any) -> Reply:
    return Reply(text="Done.", state=state)


class TestSteps:
    def test_calls_turns_and_messages_are_counted(self) -> None:
        reply = Reply(
            text="Done.",
            steps=(
                Message(role="user", content="Book."),
                Message(role="assistant", tool_calls=(call("find"), call("book"))),
                Message(role="tool", content="ok"),
                Message(role="assistant", content="Done."),
            ),
        )
        counts = [scored(Steps(count=count), reply).value for count in ("calls", "turns", "messages")]
        assert counts == [2, 2, 4]

    def test_every_call_counts_also_the_last_one_and_the_two_thousandth(self) -> None:
        steps = (Message(role="assistant", tool_calls=(call("find"),)),)

        assert scored(Steps(), Reply(text="", steps=steps, tool_calls=(call("book"),))).value == 2
        assert scored(Steps(), Reply(text="", steps=steps, tool_calls=(call("find"),))).value == 1
        assert scored(Steps(), Reply(text="", tool_calls=(call("find"),) * 2000)).value == 2000

    def test_what_nobody_kept_is_not_zero(self) -> None:
        assert scored(Steps(), Reply(text="", tool_calls=(call("find"),))).value == 1
        assert failed(Steps(count="turns"), Reply(text="")) == "no_steps"

    def test_fewer_is_better_and_there_is_no_most(self) -> None:
        assert (Steps.direction, Steps.bounds) == ("lower", (0, float("inf")))


class TestEndState:
    def test_what_the_reference_names_must_be_so_and_all_else_is_free(self) -> None:
        assert scored(EndState(), left(LEFT), {"orders": {"A7": "cancelled"}}).value == 1
        assert scored(EndState(), left(LEFT), {"state": LEFT, "calls": []}).value == 1

    def test_what_is_wrong_and_what_is_missing_is_named_by_its_path(self) -> None:
        reference = {"orders": {"A7": "open", "A9": "open"}, "log": ["a", "c"], "total": 2.0}
        outcome = scored(EndState(), left(LEFT), reference)

        assert outcome.value == 0.4
        assert outcome.details["wrong"] == [
            {"path": "orders.A7", "answer": "cancelled", "reference": "open"},
            {"path": "log[1]", "answer": "b", "reference": "c"},
        ]
        assert outcome.details["missing"] == ["orders.A9"]

    def test_what_should_not_be_there_counts_where_that_is_asked(self) -> None:
        outcome = scored(EndState(others=False, ignore=("log",)), left(LEFT), {"orders": LEFT["orders"]})

        assert outcome.value == pytest.approx(2 / 3)
        assert outcome.details["invented"] == ["total"]

    def test_a_list_may_stand_in_any_order(self) -> None:
        assert scored(EndState(), left(LEFT), {"log": ["b", "a"]}).value == 0
        assert scored(EndState(any_order=("log",)), left(LEFT), {"log": ["b", "a"]}).value == 1

    def test_a_long_list_in_any_order_is_refused_rather_than_compared_each_with_each(self) -> None:
        long = list(range(MOST_UNORDERED + 1))

        assert failed(EndState(any_order=("a",)), left({"a": long[::-1]}), {"a": long}) == "wrong_reference"
        assert scored(EndState(any_order=("a",)), left({"a": long}), {"a": [1]}).details["unreadable"] is True
        assert scored(EndState(any_order=("a",)), left({"a": long[1:]}), {"a": long[:0:-1]}).value == 1

    @pytest.mark.parametrize(
        ("state", "reference"),
        [
            ({"a.b": 1}, {"a": {"b": 1}}),
            ({"a[0]": 1}, {"a": [1]}),
            (1, {"": 1}),
            ({"a": {"0": 1}}, {"a": [1]}),
        ],
    )
    def test_a_dot_in_a_name_makes_no_path(self, state: Any, reference: Any) -> None:
        assert scored(EndState(), left(state), reference).value == 0
        assert scored(EndState(), left(reference), reference).value == 1

    def test_names_with_dots_can_be_left_out(self) -> None:
        state = {"a.b@c.org": {"seen": 1, "name": "A"}, "log": [{"at": 1}, {"at": 2}]}
        changed = {"a.b@c.org": {"seen": 2, "name": "A"}, "log": [{"at": 3}, {"at": 2}]}

        assert scored(EndState(ignore=("a.b@c.org.seen", "log[0].at")), left(changed), state).value == 1

    def test_long_names_do_not_fill_the_memory(self) -> None:
        state: Any = {"values": list(range(MOST_VALUES // 2))}
        for _ in range(60):
            state = {"n" * 10_000: state}
        tracemalloc.start()
        try:
            assert scored(EndState(ignore=("log",), others=False), left(state), {"a": 1}).value == 0
            assert tracemalloc.get_traced_memory()[1] < 100_000_000
        finally:
            tracemalloc.stop()

    def test_a_list_that_is_too_long_is_not_looked_into(self) -> None:
        tracemalloc.start()
        try:
            assert scored(EndState(), left({"a": [0] * 1_000_000}), {"a": 1}).details["unreadable"] is True
            assert tracemalloc.get_traced_memory()[1] < 30_000_000
        finally:
            tracemalloc.stop()

    def test_an_empty_list_is_a_value(self) -> None:
        assert scored(EndState(), left({"a": []}), {"a": []}).value == 1
        assert scored(EndState(), left({"a": [1]}), {"a": []}).value == 0

    def test_a_reply_that_does_not_say_what_it_left_is_wrong(self) -> None:
        assert scored(EndState(), left(None), {"a": 1}).details["unreadable"] is True
        assert failed(EndState(), left({"a": 1})) == "no_reference"

    def test_no_state_hangs_or_breaks_it(self) -> None:
        deep: Any = "end"
        for _ in range(100_000):
            deep = [deep]
        assert failed(EndState(), left(deep), deep) == "wrong_reference"
        assert scored(EndState(), left(deep), [1]).details["unreadable"] is True
        assert scored(EndState(any_order=("",)), left(deep), deep).value in (0, 1)
        assert scored(EndState(), left(list(range(MOST_VALUES + 1))), [1]).details["unreadable"] is True
        assert failed(EndState(), left(1), list(range(MOST_VALUES + 1))) == "wrong_reference"


class TestGaveUp:
    @pytest.mark.parametrize(
        ("reply", "value"),
        [
            (Reply(text="Booked.", finish_reason="stop"), 0),
            (Reply(text="Booked", finish_reason="max_steps"), 1),
            (Reply(text="Booked", finish_reason="LENGTH"), 1),
            (Reply(text=" "), 1),
            (did(call("find"), "[]", text=""), 1),
            (Reply(text="", tool_calls=(call("find"),), finish_reason="tool_calls"), 0),
            (did(call("transfer_to_human_agents"), "ok", text=""), 0),
            (Reply(text="I was unable to complete this task after several attempts, so I am giving up."), 1),
        ],
    )
    def test_giving_up_is_told_by_the_way_it_ends(self, reply: Reply, value: int) -> None:
        assert scored(GaveUp(), reply).value == value


class TestEscalated:
    HANDED = did(call("transfer_to_human_agents", summary="angry"))

    def test_handing_over_is_right_where_it_is_expected(self) -> None:
        assert scored(Escalated(), self.HANDED, expect="escalation").value == 1
        assert scored(Escalated(), did(call("book")), expect="escalation").value == 0

    def test_handing_over_is_wrong_where_it_is_not(self) -> None:
        outcome = scored(Escalated(), self.HANDED)

        assert outcome.value == 0
        assert outcome.details == {
            "escalated": True,
            "expected": False,
            "by": "tool transfer_to_human_agents",
        }
        assert scored(Escalated(), did(call("book"))).value == 1

    def test_a_reference_that_asks_for_the_tool_expects_it(self) -> None:
        assert scored(Escalated(), self.HANDED, ["transfer_to_human_agents"]).value == 1
        assert scored(Escalated(), did(), ["transfer_to_human_agents"]).value == 0

    @pytest.mark.parametrize(
        "name", ["transfer_to_personal_account", "recall_person", "update_contact_person"]
    )
    def test_a_tool_that_deals_with_persons_does_not_hand_over(self, name: str) -> None:
        assert scored(Escalated(), did(call(name))).details["escalated"] is False

    @pytest.mark.parametrize("name", ["transferToHuman", "hand-off", "escalate_ticket", "transfer_to_agent"])
    def test_tools_that_hand_over_are_known_however_they_are_written(self, name: str) -> None:
        assert scored(Escalated(), did(call(name)), expect="escalation").value == 1

    def test_a_reference_of_words_asks_for_no_tool(self) -> None:
        assert scored(Escalated(), did(), "The matter was escalated in May.").details["expected"] is False

    def test_words_hand_over_too(self) -> None:
        reply = Reply(text="I will connect you with a human agent who can help you.")

        assert str(scored(Escalated(), reply, expect="escalation").details["by"]).startswith("words: ")

    def test_tools_may_have_names_of_their_own(self) -> None:
        reply = did(call("page_oncall"))

        assert scored(Escalated(tools=("page_oncall",)), reply, expect="escalation").value == 1
        assert scored(Escalated(), reply, expect="escalation").value == 0
