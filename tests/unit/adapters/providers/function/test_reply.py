"""What a function returns is read strictly: what is not said is unknown, and a slip is told."""

import math
from collections.abc import Mapping

import pytest
from tests.unit.adapters.providers.function.functions import ask, failure

from passmuster.records.case import ToolCall
from passmuster.records.trial import Failure, Reply, TokenLogprob, Usage


def logprob(token: str, value: float, top: Mapping[str, float] | None = None) -> TokenLogprob:
    return TokenLogprob(token=token, logprob=value, top=top)


class TestWhatAFunctionReturns:
    async def test_a_mapping_says_what_the_call_used_and_cost(self) -> None:
        answer = {
            "text": "yes",
            "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
            "cost": 0.25,
            "confidence": 0.5,
            "probabilities": {"yes": 0.5, "no": 0.5},
            "tool_calls": [{"name": "a", "arguments": {"b": 1}}, {"id": "x", "function": {"name": "c"}}],
            "finish_reason": "stop",
            "model": "m-1",
        }

        exchange = await ask(lambda _: answer)

        assert exchange.attempt.usage == Usage(input=10, output=2)
        assert exchange.attempt.cost == 0.25
        assert exchange.outcome == Reply(
            text="yes",
            confidence=0.5,
            probabilities={"yes": 0.5, "no": 0.5},
            tool_calls=(
                ToolCall(name="a", arguments='{"b": 1}'),
                ToolCall(name="c", arguments="{}", id="x"),
            ),
            finish_reason="stop",
            model="m-1",
        )

    async def test_what_is_not_said_is_unknown(self) -> None:
        attempt = (await ask(lambda _: {"text": "yes"})).attempt

        assert (attempt.usage, attempt.cost, attempt.first_token) == (None, None, None)

    async def test_records_are_taken_as_they_are(self) -> None:
        logprobs = (logprob("yes", -0.5, {"yes": -0.5, "no": -1.0}),)
        calls = (ToolCall(name="a", arguments="{}"),)
        reply = Reply(text="yes", confidence=0.5, tool_calls=calls, logprobs=logprobs)
        told = Failure(kind="rate_limit", message="slow down")

        assert (await ask(lambda _: reply)).outcome == reply
        assert (await ask(lambda _: told)).outcome == told
        assert (await ask(lambda _: {"error": "slow down", "kind": "rate_limit"})).outcome == told

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            (None, "NoneType"),
            (b"bytes", "bytes"),
            (3, "int"),
            ({}, "no `text`; it has: nothing"),
            ({"invoice": 7}, "no key 'invoice'"),
            ({"text": 7}, "text is a int"),
            ({"text": "a", "confidence": 1.5}, "from 0 to 1"),
            ({"text": "a", "confidence": float("nan")}, "confidence is 'nan'"),
            ({"text": "a", "confidence": True}, "confidence"),
            ({"text": "a", "cost": -1}, "cost is '-1'"),
            ({"text": "a", "cost": 10**400}, "cost"),
            ({"text": "a", "usage": {"input": -1}}, "usage.input"),
            ({"text": "a", "usage": {"input": 1.5}}, "usage.input"),
            ({"text": "a", "usage": {"tokens": 3}}, "'tokens'"),
            ({"text": "a", "usage": [1]}, "usage is a list"),
            ({"text": "a", "tool_calls": "b"}, "tool_calls is a str"),
            ({"text": "a", "tool_calls": [{"name": None}]}, "name of a tool call"),
            ({"text": "a", "probabilities": {"b": 2}}, "probability of 'b'"),
            ({"error": "x", "kind": "odd"}, "'odd'"),
            (Reply(text=None), "no `text`"),  # type: ignore[arg-type]  # as careless code makes it
            (Reply(text="a", confidence=7.0), "confidence is '7.0'"),
            (Reply(text="a", logprobs="b"), "logprobs is a str"),  # type: ignore[arg-type]  # the same
            (Reply(text="a", logprobs=({"token": "b"},)), "holds a dict"),  # type: ignore[arg-type]  # the same
            (Reply(text="a", logprobs=(logprob("b", math.nan),)), "a logprob is 'nan'"),
            (Reply(text="a", logprobs=(logprob("b", -1.0, {"c": 0.5}),)), "'0.5'"),
        ],
    )
    async def test_anything_else_is_malformed_and_says_why(self, answer: object, told: str) -> None:
        outcome = await failure(lambda _: answer)

        assert outcome.kind == "malformed"
        assert told in outcome.message

    async def test_text_that_a_store_cannot_hold_is_made_whole(self) -> None:
        assert (await ask(lambda _: "a\ud800b")).outcome == Reply(text="a\ufffdb")
        split = Reply(text="a", logprobs=(logprob("\ud800", 0.0),))
        whole = Reply(text="a", logprobs=(logprob("\ufffd", 0.0),))
        assert (await ask(lambda _: split)).outcome == whole

    async def test_a_part_of_the_tokens_is_never_more_than_all_of_them(self) -> None:
        usage = {"input": 5, "cached": 9, "output": 1, "reasoning": 4}

        attempt = (await ask(lambda _: {"text": "a", "usage": usage})).attempt

        assert attempt.usage == Usage(input=5, cached=5, output=1, reasoning=1)
