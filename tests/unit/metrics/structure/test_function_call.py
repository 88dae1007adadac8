"""function_call: the name, and names, types and values of arguments."""

import json
from typing import Any

import pytest

from passmuster.metrics.structure.function_call import FunctionCall
from passmuster.records.case import Case, Conversation, Message, Tool, ToolCall
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

WEATHER = {"name": "weather", "arguments": {"city": "Graz", "days": 3}}
TOOL = Tool(
    name="weather",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "unit": {"enum": ["C", "F"]}},
        "required": ["city"],
    },
)


def case(reference: Any = None, *tools: Tool) -> Case:
    asked = Conversation(messages=(Message(role="user", content="q"),), tools=tools)
    return Case(id="1", input=asked, reference=reference)


def tool_reply(*calls: tuple[str, Any]) -> Reply:
    made = (ToolCall(name=name, arguments=json.dumps(arguments)) for name, arguments in calls)
    return Reply(text="", tool_calls=tuple(made))


def scored(served: Case, reply: Reply, **options: Any) -> Score:
    outcome = FunctionCall(**options).score(served, reply)
    assert isinstance(outcome, Score)
    return outcome


def parts(score: Score) -> tuple[Any, ...]:
    found = score.details["parts"]
    assert isinstance(found, dict)
    return tuple(found.values())


@pytest.mark.parametrize(
    ("name", "arguments", "right"),
    [
        ("weather", {"city": "Graz", "days": 3}, (1, 1, 1, 1, 1)),
        ("forecast", {"city": "Graz", "days": 3}, (1, 0, 0, 0, 0)),
        ("weather", {"city": "Graz"}, (1, 1, 0, 1, 0)),
        ("weather", {"city": "Graz", "days": 3, "unit": "C"}, (1, 1, 0, 1, 1)),
        ("weather", {"city": "Graz", "days": "3"}, (1, 1, 1, 0, 1)),
        ("weather", {"city": "Linz", "days": 3}, (1, 1, 1, 1, 0)),
        ("weather", {"city": "Graz", "days": True}, (1, 1, 1, 0, 0)),
    ],
)
@pytest.mark.parametrize("tools", [(), (TOOL,)])
def test_each_slip_lowers_its_own_part(
    name: str, arguments: dict[str, Any], right: tuple[int, ...], tools: tuple[Tool, ...]
) -> None:
    score = scored(case(WEATHER, *tools), tool_reply((name, arguments)))
    assert parts(score) == right
    assert score.value == float(all(right))


def test_what_is_wrong_is_named_by_function_and_argument() -> None:
    score = scored(case(WEATHER), tool_reply(("weather", {"city": "Linz", "unit": "C"})))
    assert score.details["missing"] == ["weather.days"]
    assert score.details["invented"] == ["weather.unit"]
    assert score.details["wrong"] == ["weather.city", "weather.days"]


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        ({"city": "Wien"}, (1, 1, 1, 1)),
        ({"city": "Wien", "unit": "F"}, (1, 1, 1, 1)),
        ({"days": 3}, (1, 1, 0, 1)),
        ({"city": "Wien", "hours": 3}, (1, 1, 0, 1)),
        ({"city": 3}, (1, 1, 1, 0)),
        ({"city": "Wien", "unit": "K"}, (1, 1, 1, 0)),
    ],
)
def test_without_a_reference_a_call_must_fit_the_tools_of_the_case(
    arguments: dict[str, Any], right: tuple[int, ...]
) -> None:
    assert parts(scored(case(None, TOOL), tool_reply(("weather", arguments)))) == right
    assert scored(case(None, TOOL), tool_reply(("forecast", arguments))).value == 0


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(WEATHER),
        json.dumps([WEATHER]),
        json.dumps({"name": "weather", "parameters": WEATHER["arguments"]}),
        json.dumps({"function": {"name": "weather", "arguments": json.dumps(WEATHER["arguments"])}}),
        json.dumps({"tool_calls": [{"type": "function", "function": WEATHER}]}),
        json.dumps({"calls": [{"name": "weather", "kwargs": WEATHER["arguments"]}]}),
    ],
)
def test_a_call_may_be_written_as_json_in_the_usual_forms(text: str) -> None:
    assert scored(case(WEATHER), Reply(text=text)).value == 1


def test_a_call_in_a_fence_or_with_slips_counts_where_that_is_allowed() -> None:
    text = "```json\n" + json.dumps(WEATHER)[:-1] + ",}\n```"
    assert scored(case(WEATHER), Reply(text=text)).value == 0
    assert scored(case(WEATHER), Reply(text=text), fenced=True).value == 0
    assert scored(case(WEATHER), Reply(text=text), repaired=True).value == 1
    broken = Reply(text="", tool_calls=(ToolCall(name="weather", arguments='{"city": "Graz", "days": 3'),))
    assert scored(case(WEATHER), broken).details["unreadable"] is True
    assert scored(case(WEATHER), broken, repaired=True).value == 1


def test_several_calls_come_in_order_unless_any_order_will_do() -> None:
    rain = {"name": "rain", "arguments": {"city": "Graz"}}
    swapped = tool_reply(("rain", {"city": "Graz"}), ("weather", WEATHER["arguments"]))
    assert scored(case([WEATHER, rain]), swapped).value == 0
    assert scored(case([WEATHER, rain]), swapped, any_order=True).value == 1
    one = scored(case([WEATHER, rain]), tool_reply(("weather", WEATHER["arguments"])))
    assert (one.value, one.details["reason"]) == (0, "1 calls where 2 are right")


def test_two_equal_calls_are_not_met_by_one_right_and_one_wrong() -> None:
    reply = tool_reply(("weather", WEATHER["arguments"]), ("weather", {"city": "Linz", "days": 3}))
    assert scored(case([WEATHER, WEATHER]), reply, any_order=True).value == 0


def test_where_no_call_is_right_any_call_is_wrong() -> None:
    assert scored(case([]), Reply(text="I need the city first.")).value == 1
    wrong = scored(case([]), tool_reply(("weather", {})))
    assert (wrong.value, wrong.details["reason"]) == (0, "a call where none is right")


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "true",
        '"No call."',
        '{"answer": "sunny"}',
        "[1, 2]",
        "[]",
        "```python\nprint({})\n```",
        "[1] says so",
    ],
)
def test_an_answer_that_happens_to_be_json_or_code_is_no_call(text: str) -> None:
    assert scored(case([]), Reply(text=text)).value == 1
    assert scored(case([]), Reply(text=text), fenced=True, repaired=True).value == 1


@pytest.mark.parametrize("text", [json.dumps(WEATHER), '{"name": "weather", "arguments": {', '[{"name": 3}]'])
def test_a_call_that_is_written_or_begun_is_wrong_where_none_is_right(text: str) -> None:
    assert scored(case([]), Reply(text=text)).value == 0


def test_a_tool_may_take_arguments_that_it_does_not_name() -> None:
    open_ended = Tool(
        name="weather",
        parameters={"properties": {"city": {}}, "additionalProperties": {"type": "string"}},
    )
    assert scored(case(None, open_ended), tool_reply(("weather", {"city": "Graz", "unit": "C"}))).value == 1
    wrong = scored(case(None, open_ended), tool_reply(("weather", {"city": "Graz", "unit": 3})))
    assert parts(wrong) == (1, 1, 1, 0)


def test_plain_text_is_no_call() -> None:
    score = scored(case(WEATHER), Reply(text="It will rain."))
    assert (score.value, score.details["reason"]) == (0, "no call")


def test_texts_are_normalised_and_arguments_ignored_where_asked() -> None:
    reply = tool_reply(("weather", {"city": "GRAZ", "days": 9}))
    assert scored(case(WEATHER), reply, normalise=("case",), ignore=("days",)).value == 1
    assert scored(case(WEATHER), reply, normalise=("case",)).value == 0


@pytest.mark.parametrize(
    ("served", "kind"),
    [
        (Case(id="1", input="q"), "no_reference"),
        (case(None), "no_reference"),
        (case("call it"), "wrong_reference"),
        (case({"arguments": {}}), "wrong_reference"),
        (case(None, Tool(name="weather", parameters={"type": "objekt"})), "wrong_tools"),
        (case(None, Tool(name="weather", parameters={"pattern": "(?=a)b"})), "unsupported_pattern"),
    ],
)
def test_what_cannot_be_judged_is_a_failure_and_no_zero(served: Case, kind: str) -> None:
    outcome = FunctionCall().score(served, tool_reply(("weather", {"city": "Graz"})))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == kind
