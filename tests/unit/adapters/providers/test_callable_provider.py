"""A function is asked as any model is: whatever it does is an outcome, and nothing that it does holds up a run."""

import asyncio
import functools
import json
import threading
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.providers.callable_provider import (
    CallableProvider,
    FunctionLimits,
    function_identity,
    source_digest,
)
from passmuster.adapters.providers.callable_request import FunctionRequest
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case, Conversation, Document, Image, Message, Text, Tool, ToolCall
from passmuster.records.trial import Exchange, Failure, Reply, Request, Usage
from passmuster.testing import FakeClock, check_exchange, text_request

CANDIDATE = Candidate(
    name="mine", provider="python", model="m", parameters={"style": "short", "source": "d1"}
)
LONG = 30.0
"""Seconds that no test waits for."""


def made(function: Callable[..., object], timeout: float = LONG, **limits: Any) -> CallableProvider:
    return CallableProvider(CANDIDATE, function, FakeClock(), timeout, limits=FunctionLimits(**limits))


async def ask(function: Callable[..., object], request: Request | None = None, **settings: Any) -> Exchange:
    provider = made(function, **settings)
    try:
        exchange = await provider.ask(request or text_request("Hello"))
    finally:
        await provider.close()
    check_exchange(exchange)
    return exchange


async def failure(function: Callable[..., object], **settings: Any) -> Failure:
    outcome = (await ask(function, **settings)).outcome
    assert isinstance(outcome, Failure), outcome
    return outcome


async def seen(request: Request) -> FunctionRequest:
    given: list[FunctionRequest] = []

    def note(asked: FunctionRequest) -> str:
        given.append(asked)
        return "ok"

    await ask(note, request)
    return given[0]


async def until(held: Callable[[], object]) -> None:
    while not held():  # noqa: ASYNC110 - threads set it
        await asyncio.sleep(0)


class TestWhatAFunctionIsGiven:
    async def test_a_text_case_is_its_text_and_the_rendered_messages(self) -> None:
        talk = Conversation(messages=(Message(role="user", content="Answer: Hi"),), system="Be kind.")

        asked = await seen(Request(case=Case(id="1", input="Hi"), conversation=talk, repeat=2))

        assert asked.input == "Hi"
        assert asked.fields == {}
        assert asked.messages == [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Answer: Hi"},
        ]
        assert (asked.repeat, asked.model) == (2, "m")

    async def test_fields_are_a_copy_that_the_function_may_change(self) -> None:
        case = Case(id="1", input={"title": "T", "tags": ["a"]})

        def spoil(asked: FunctionRequest) -> str:
            asked.fields["tags"].append("b")
            asked.parameters["style"] = "long"
            return str(asked.fields["title"])

        exchange = await ask(spoil, Request(case=case, conversation=Conversation(messages=())))

        assert exchange.outcome == Reply(text="T")
        assert case.input == {"title": "T", "tags": ["a"]}
        assert CANDIDATE.parameters["style"] == "short"

    async def test_parameters_are_told_and_the_identity_is_not(self) -> None:
        assert (await seen(text_request("Hi"))).parameters == {"style": "short"}

    async def test_neither_the_id_nor_the_reference_of_a_case_is_told(self) -> None:
        case = Case(id="secret-id", input="Hi", reference="gold", stratum="north")

        asked = await seen(Request(case=case, conversation=Conversation(messages=())))

        assert not any(word in repr(asked) for word in ("secret-id", "gold", "north"))

    async def test_a_conversation_with_tool_results_arrives_whole(self) -> None:
        call = ToolCall(name="weather", arguments='{"city": "Bern"}', id="call_7")
        talk = Conversation(
            messages=(
                Message(role="user", content="Rain in Bern?"),
                Message(role="assistant", tool_calls=(call, ToolCall(name="clock", arguments="{}"))),
                Message(role="tool", content="no", tool_call_id="call_7"),
                Message(role="user", content=(Text(text="Sure?"), Image(url="https://a.example/b.png"))),
            ),
            tools=(Tool(name="weather", description="d", parameters={"type": "object"}),),
            context=(Document(text="Bern is dry.", title="Climate"),),
        )

        asked = await seen(Request(case=Case(id="1", input=talk), conversation=talk))

        assert asked.input == "Sure?"
        assert asked.messages[1]["content"] is None
        assert asked.messages[1]["tool_calls"] == [
            {
                "id": "call_7",
                "type": "function",
                "function": {"name": "weather", "arguments": '{"city": "Bern"}'},
            },
            {"id": "call_1", "type": "function", "function": {"name": "clock", "arguments": "{}"}},
        ]
        assert asked.messages[2] == {"role": "tool", "content": "no", "tool_call_id": "call_7"}
        assert asked.messages[3]["content"][1] == {
            "type": "image_url",
            "image_url": {"url": "https://a.example/b.png"},
        }
        assert asked.tools[0]["function"]["parameters"] == {"type": "object"}
        assert asked.context == [{"text": "Bern is dry.", "id": None, "title": "Climate"}]

    async def test_an_image_without_content_is_a_failure_of_the_prompt(self) -> None:
        talk = Conversation(messages=(Message(role="user", content=(Image(),)),))

        exchange = await ask(lambda _: "ok", Request(case=Case(id="1", input=talk), conversation=talk))

        assert isinstance(exchange.outcome, Failure)
        assert exchange.outcome.kind == "prompt"

    async def test_a_thread_sees_the_context_of_its_call(self) -> None:
        variable: ContextVar[str] = ContextVar("variable", default="outside")
        variable.set("inside")

        assert (await ask(lambda _: variable.get())).outcome == Reply(text="inside")


class TestHowAFunctionIsCalled:
    async def test_plain_async_and_callable_objects_all_answer(self) -> None:
        async def later(asked: FunctionRequest, end: str = "!") -> str:
            await asyncio.sleep(0)
            return f"{asked.input}{end}"

        class Agent:
            async def __call__(self, asked: FunctionRequest) -> str:
                return await later(asked)

        functions: list[Callable[..., object]] = [
            lambda asked: asked.input + "!",
            later,
            functools.partial(later, end="!"),
            lambda asked: later(asked),  # noqa: PLW0108 - a plain function that hands on a coroutine
            Agent(),
        ]
        for function in functions:
            assert (await ask(function)).outcome == Reply(text="Hello!")

    async def test_a_plain_function_does_not_stop_the_event_loop(self) -> None:
        inside, let_go = threading.Event(), threading.Event()

        def wait(_: FunctionRequest) -> str:
            inside.set()
            return "ok" if let_go.wait(LONG) else "nobody let go"

        provider = made(wait)
        asking = asyncio.ensure_future(provider.ask(text_request("Hi")))
        await until(inside.is_set)
        let_go.set()

        assert (await asking).outcome == Reply(text="ok")
        await provider.close()

    async def test_no_more_threads_run_at_once_than_allowed_and_they_are_kept(self) -> None:
        names, running, most = set(), [0], [0]
        lock, enough = threading.Lock(), threading.Barrier(3)

        def count(_: FunctionRequest) -> str:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
                names.add(threading.current_thread().ident)
            enough.wait(LONG)
            with lock:
                running[0] -= 1
            return "ok"

        provider = made(count, threads=3)
        for _ in range(2):
            await asyncio.wait([asyncio.ensure_future(provider.ask(text_request("Hi"))) for _ in range(6)])
        await provider.close()

        assert most == [3]
        assert len(names) <= 6

    async def test_waiting_for_a_thread_is_no_time_of_the_function(self) -> None:
        clock = FakeClock(auto=False)

        def work(_: FunctionRequest) -> str:
            clock.advance(2.0)
            return "ok"

        provider = CallableProvider(CANDIDATE, work, clock, limits=FunctionLimits(threads=1))
        tasks = [asyncio.ensure_future(provider.ask(text_request("Hi"))) for _ in range(3)]
        await asyncio.wait(tasks)
        await provider.close()

        assert [task.result().attempt.seconds for task in tasks] == [2.0, 2.0, 2.0]


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
        reply = Reply(text="yes", confidence=0.5, tool_calls=(ToolCall(name="a", arguments="{}"),))
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
        ],
    )
    async def test_anything_else_is_malformed_and_says_why(self, answer: object, told: str) -> None:
        outcome = await failure(lambda _: answer)

        assert outcome.kind == "malformed"
        assert told in outcome.message

    async def test_text_that_a_store_cannot_hold_is_made_whole(self) -> None:
        assert (await ask(lambda _: "a\ud800b")).outcome == Reply(text="a\ufffdb")

    async def test_a_part_of_the_tokens_is_never_more_than_all_of_them(self) -> None:
        usage = {"input": 5, "cached": 9, "output": 1, "reasoning": 4}

        attempt = (await ask(lambda _: {"text": "a", "usage": usage})).attempt

        assert attempt.usage == Usage(input=5, cached=5, output=1, reasoning=1)


class TestWhatGoesWrong:
    async def test_an_exception_is_told_with_its_type_and_its_line(self) -> None:
        def broken(_: FunctionRequest) -> str:
            return str(int("seven"))

        outcome = await failure(broken)
        line = broken.__code__.co_firstlineno + 1

        assert outcome.kind == "internal"
        assert outcome.message.startswith(f"test_callable_provider.py:{line}: ValueError: invalid literal")

    async def test_the_line_is_one_of_the_functions_own_file(self) -> None:
        def broken(_: FunctionRequest) -> str:
            return json.dumps({"a": object()})

        line = broken.__code__.co_firstlineno + 1

        assert (await failure(broken)).message.startswith(
            f"test_callable_provider.py:{line}: TypeError: Object"
        )

    @pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, asyncio.CancelledError, TimeoutError])
    async def test_not_even_an_exit_gets_out_of_a_function(self, kind: type[BaseException]) -> None:
        def plain(_: FunctionRequest) -> str:
            raise kind

        async def later(_: FunctionRequest) -> str:
            raise kind

        for function in (plain, later):
            outcome = await failure(function)
            assert outcome.kind == "internal"
            assert kind.__name__ in outcome.message

    async def test_an_exception_that_cannot_be_shown_is_told_by_its_type(self) -> None:
        class OddError(Exception):
            def __str__(self) -> str:
                raise ValueError

        def broken(_: FunctionRequest) -> str:
            raise OddError

        assert "OddError" in (await failure(broken)).message

    async def test_a_key_in_a_message_or_a_reply_is_taken_out(self) -> None:
        def broken(_: FunctionRequest) -> str:
            message = "wrong key my-very-secret-key"
            raise ValueError(message)

        told = await failure(broken, secrets=("my-very-secret-key",))
        said = await ask(lambda _: "my-very-secret-key", secrets=("my-very-secret-key",))

        assert "secret" not in told.message
        assert said.outcome == Reply(text="[redacted]")

    async def test_an_async_function_that_takes_too_long_is_cancelled(self) -> None:
        cancelled = []

        async def slow(_: FunctionRequest) -> str:
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                cancelled.append(True)
                raise
            return "late"

        outcome = await failure(slow, timeout=0.01)

        assert (outcome.kind, outcome.message) == ("timeout", "no answer within 0.01 s")
        assert cancelled == [True]

    async def test_threads_that_are_left_behind_are_bounded(self) -> None:
        let_go = threading.Event()
        started = []

        def hang(_: FunctionRequest) -> str:
            started.append(True)
            let_go.wait(LONG)
            return "late"

        provider = made(hang, timeout=0.01, threads=1, abandoned=2)
        kinds = [(await provider.ask(text_request("Hi"))).attempt.error for _ in range(4)]
        left = provider.abandoned
        let_go.set()
        await until(lambda: not provider.abandoned)
        again = await provider.ask(text_request("Hi"))
        await provider.close()

        assert kinds == ["timeout", "timeout", "internal", "internal"]
        assert left == 2
        assert len(started) == 3
        assert again.outcome == Reply(text="late")

    async def test_a_cancelled_call_leaves_its_thread_and_the_next_one_gets_its_own_answer(self) -> None:
        inside, let_go = threading.Event(), threading.Event()

        def first_hangs(asked: FunctionRequest) -> str:
            if asked.input == "hang":
                inside.set()
                let_go.wait(LONG)
            return str(asked.input)

        provider = made(first_hangs, threads=1)
        asking = asyncio.ensure_future(provider.ask(text_request("hang")))
        await until(inside.is_set)
        asking.cancel()
        await asyncio.wait([asking])
        other = await provider.ask(text_request("next"))
        let_go.set()
        await provider.close()

        assert asking.cancelled()
        assert other.outcome == Reply(text="next")

    async def test_an_async_function_that_ignores_its_cancellation_holds_nobody_up(self) -> None:
        let_go = asyncio.Event()

        async def stubborn(_: FunctionRequest) -> str:
            while not let_go.is_set():
                try:
                    await let_go.wait()
                except asyncio.CancelledError:
                    continue
            return "late"

        provider = made(stubborn, timeout=0.01)
        exchange = await provider.ask(text_request("Hi"))
        let_go.set()
        await provider.close()

        assert exchange.attempt.error == "timeout"


class TestIdentity:
    def test_a_changed_file_is_another_identity_wherever_it_lies(self, tmp_path: Path) -> None:
        one, other, extra = (tmp_path / name for name in ("a.py", "b.py", "c.py"))
        one.write_text("x = 1\n")
        other.write_text("x = 1\n")
        extra.write_text("")

        assert source_digest(one) == source_digest(other)
        assert source_digest(one) != source_digest(one, extra)
        other.write_text("x = 2\n")
        assert source_digest(one) != source_digest(other)

    def test_the_boundary_between_two_files_counts(self, tmp_path: Path) -> None:
        names = ("a", "b", "c", "d")
        for name, text in zip(names, ("12", "3", "1", "23"), strict=True):
            (tmp_path / name).write_text(text)
        a, b, c, d = (tmp_path / name for name in names)

        assert source_digest(a, b) != source_digest(c, d)

    def test_it_stands_beside_the_parameters(self, tmp_path: Path) -> None:
        file = tmp_path / "a.py"
        file.write_text("x = 1\n")

        identity = function_identity("a.py:answer", [file], {"style": "short"})

        assert identity == {"style": "short", "function": "a.py:answer", "source": source_digest(file)}

    def test_a_parameter_of_its_name_or_a_missing_file_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="'source' is taken"):
            function_identity("a.py:answer", [], {"source": "x"})
        with pytest.raises(ConfigurationError, match="cannot be read"):
            source_digest(tmp_path / "none.py")
