"""A function is asked as any model is: whatever it does is an outcome, and nothing that it does holds up a run."""

import asyncio
import functools
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.adapters.providers.function.functions import CANDIDATE, LONG, ask, failure, made, until

from passmuster.adapters.providers.function.provider import (
    CallableProvider,
    FunctionLimits,
    function_identity,
    source_digest,
)
from passmuster.adapters.providers.function.request import FunctionRequest
from passmuster.errors import ConfigurationError
from passmuster.records.trial import Reply
from passmuster.testing import FakeClock, text_request


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

    def test_a_thread_that_outlives_its_event_loop_ends(self) -> None:
        inside, let_go = threading.Event(), threading.Event()
        threads: list[threading.Thread] = []

        def wait(_: FunctionRequest) -> str:
            threads.append(threading.current_thread())
            inside.set()
            return str(let_go.wait(LONG))

        async def give_up() -> None:
            asking = asyncio.ensure_future(made(wait).ask(text_request("Hi")))
            await until(inside.is_set)
            asking.cancel()
            await asyncio.wait([asking])

        asyncio.run(give_up())
        let_go.set()
        threads[0].join(LONG)

        assert not threads[0].is_alive()

    def test_parameters_that_are_no_data_are_told_before_the_run(self) -> None:
        candidate = replace(CANDIDATE, parameters={"style": object()})

        with pytest.raises(ConfigurationError, match="'mine': parameters"):
            CallableProvider(candidate, str, FakeClock())

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


class TestWhatGoesWrong:
    async def test_an_exception_is_told_with_its_type_and_its_line(self) -> None:
        def broken(_: FunctionRequest) -> str:
            return str(int("seven"))

        outcome = await failure(broken)
        line = broken.__code__.co_firstlineno + 1

        assert outcome.kind == "internal"
        assert outcome.message.startswith(f"test_provider.py:{line}: ValueError: invalid literal")

    async def test_the_line_is_one_of_the_functions_own_file(self) -> None:
        def broken(_: FunctionRequest) -> str:
            return json.dumps({"a": object()})

        line = broken.__code__.co_firstlineno + 1

        assert (await failure(broken)).message.startswith(f"test_provider.py:{line}: TypeError: Object")

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
