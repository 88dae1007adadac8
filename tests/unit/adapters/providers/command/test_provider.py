"""A program is asked as any model is: however it ends, hangs or babbles, it is told, bounded and gone at the end."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from tests.unit.adapters.providers.command.programs import (
    CANDIDATE,
    LONG,
    LOOP,
    alive,
    ask,
    command,
    failure,
    running,
    until,
)

from passmuster.adapters.providers.command.provider import CommandProvider
from passmuster.adapters.providers.command.settings import (
    Command,
)
from passmuster.adapters.providers.pipeline.link import Link, linked
from passmuster.records.case import Case, Conversation, Message, Tool, ToolCall
from passmuster.records.trial import Failure, Reply, Request, Usage
from passmuster.testing import FakeClock, text_request


class TestKeptAlive:
    async def test_one_program_answers_many_requests(self, tmp_path: Path) -> None:
        async with running(tmp_path, "say(text=f\"{os.getpid()} {asked['input']}\")") as provider:
            said = [(await provider.ask(text_request(text))).outcome for text in ("a", "b", "c")]

        texts = [reply.text.split() for reply in said if isinstance(reply, Reply)]
        assert [text[1] for text in texts] == ["a", "b", "c"]
        assert len({text[0] for text in texts}) == 1

    async def test_it_is_told_what_a_function_is_told(self, tmp_path: Path) -> None:
        case = Case(id="secret-id", input={"title": "T"}, reference="gold")
        talk = Conversation(messages=(Message(role="user", content="title: T"),))
        link = Link(base_url="http://127.0.0.1:1/t/x/v1", traceparent="00-a-b-01")

        async with running(tmp_path, "say(text=line)") as provider:
            with linked(link):
                said = (await provider.ask(Request(case=case, conversation=talk, repeat=3))).outcome

        assert isinstance(said, Reply)
        assert json.loads(said.text) == {
            "id": "1",
            "input": {"title": "T"},
            "messages": [{"role": "user", "content": "title: T"}],
            "fields": {"title": "T"},
            "parameters": {"style": "short"},
            "model": "m",
            "repeat": 3,
            "base_url": "http://127.0.0.1:1/t/x/v1",
            "traceparent": "00-a-b-01",
        }

    async def test_a_conversation_with_tool_results_arrives_whole_and_a_tool_call_comes_back(
        self, tmp_path: Path
    ) -> None:
        call = ToolCall(name="weather", arguments='{"city": "Bern"}', id="call_7")
        talk = Conversation(
            messages=(
                Message(role="user", content="Rain in Bern?"),
                Message(role="assistant", tool_calls=(call,)),
                Message(role="tool", content="no", tool_call_id="call_7"),
            ),
            tools=(Tool(name="weather", parameters={"type": "object"}),),
        )
        body = """
        _, called, result = asked["messages"]
        assert result == {"role": "tool", "content": "no", "tool_call_id": called["tool_calls"][0]["id"]}
        assert asked["tools"][0]["function"]["name"] == "weather"
        say(tool_calls=called["tool_calls"])
        """

        exchange = await ask(tmp_path, body, Request(case=Case(id="1", input=talk), conversation=talk))

        assert exchange.outcome == Reply(text="", tool_calls=(call,))

    async def test_it_says_what_the_call_used_and_cost(self, tmp_path: Path) -> None:
        exchange = await ask(tmp_path, 'say(text="yes", usage={"input": 3, "output": 1}, cost=0.5)')

        assert exchange.attempt.usage == Usage(input=3, output=1)
        assert exchange.attempt.cost == 0.5

    async def test_a_failure_that_it_reports_itself_keeps_its_kind(self, tmp_path: Path) -> None:
        told = await failure(tmp_path, 'say(error="slow down", kind="rate_limit")')

        assert told == Failure(kind="rate_limit", message="slow down")

    async def test_answers_find_their_requests_in_whatever_order_they_come(self, tmp_path: Path) -> None:
        body = """
        held = globals().setdefault("held", [])
        held.append(asked)
        if len(held) == 4:
            for other in reversed(held):
                print(json.dumps({"id": other["id"], "text": other["input"]}), flush=True)
        """
        async with running(tmp_path, body, in_flight=4) as provider:
            tasks = [asyncio.ensure_future(provider.ask(text_request(text))) for text in "abcd"]
            await asyncio.wait(tasks)

        assert [task.result().outcome for task in tasks] == [Reply(text=text) for text in "abcd"]

    async def test_as_many_programs_run_as_allowed_and_no_more(self, tmp_path: Path) -> None:
        async with running(tmp_path, "time.sleep(0.02); say(text=str(os.getpid()))", processes=2) as provider:
            tasks = [asyncio.ensure_future(provider.ask(text_request("a"))) for _ in range(8)]
            await asyncio.wait(tasks)

        assert len({task.result().outcome for task in tasks}) == 2

    async def test_those_that_wait_for_a_program_to_start_do_not_all_wait_for_the_same_one(
        self, tmp_path: Path
    ) -> None:
        async with running(tmp_path, "say(text=str(os.getpid()))", processes=3) as provider:
            tasks = [asyncio.ensure_future(provider.ask(text_request("a"))) for _ in range(3)]
            await asyncio.wait(tasks)

        assert len({task.result().outcome for task in tasks}) == 3

    async def test_all_are_ended_even_where_nobody_waits_for_that(self, tmp_path: Path) -> None:
        provider = CommandProvider(
            CANDIDATE, command(tmp_path, "say(text=str(os.getpid()))", processes=2), FakeClock(), LONG
        )
        tasks = [asyncio.ensure_future(provider.ask(text_request("a"))) for _ in range(2)]
        await asyncio.wait(tasks)
        processes = [int(said.text) for task in tasks if isinstance(said := task.result().outcome, Reply)]
        assert all(alive(process) for process in processes)
        closing = asyncio.ensure_future(provider.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])

        await until(lambda: not any(alive(process) for process in processes))
        assert len(set(processes)) == 2
        await provider.close()  # the loop must hear of their end before it ends itself

    async def test_a_program_that_loads_first_is_asked_when_it_is_ready(self, tmp_path: Path) -> None:
        folder = tmp_path
        made = command(folder, 'say(text="ok")', ready=True)
        (folder / "program.py").write_text(
            "print('{\"ready\": true}', flush=True)\n" + LOOP + "    say(text='ok')"
        )
        provider = CommandProvider(CANDIDATE, made, FakeClock())

        assert (await provider.ask(text_request("a"))).outcome == Reply(text="ok")
        await provider.close()

    async def test_one_that_is_never_ready_is_a_time_out(self, tmp_path: Path) -> None:
        told = await failure(tmp_path, "pass", ready=True, start_timeout=0.05)

        assert told.kind == "timeout"
        assert '{"ready": true}' in told.message


class TestTheEnd:
    async def test_its_children_end_with_it(self, tmp_path: Path) -> None:
        body = """
        import subprocess
        child = subprocess.Popen(["sleep", "60"])
        say(text=str(child.pid))
        """
        async with running(tmp_path, body) as provider:
            said = (await provider.ask(text_request("a"))).outcome
        assert isinstance(said, Reply)

        await until(lambda: not alive(int(said.text)))

    async def test_a_child_that_holds_the_output_open_holds_nobody_up(self, tmp_path: Path) -> None:
        body = """
        import subprocess
        child = subprocess.Popen(["sleep", "60"])
        print(json.dumps({"text": str(child.pid)}), flush=True)
        """
        exchange = await ask(tmp_path, body, keep_alive=False)
        assert isinstance(exchange.outcome, Reply)

        child = int(exchange.outcome.text)
        await until(lambda: not alive(child))

    async def test_who_waits_when_it_is_closed_is_told(self, tmp_path: Path) -> None:
        async with running(tmp_path, 'open("pid", "w").close(); time.sleep(60)') as provider:
            asking = asyncio.ensure_future(provider.ask(text_request("a")))
            await until((tmp_path / "pid").exists)
            await provider.close()

        assert (await asking).outcome == Failure(kind="internal", message="the provider was closed")

    async def test_who_waits_for_its_start_is_told_as_well(self, tmp_path: Path) -> None:
        async with running(tmp_path, "pass", ready=True) as provider:
            asking = asyncio.ensure_future(provider.ask(text_request("a")))
            await asyncio.sleep(0)
            await provider.close()

        assert (await asking).outcome == Failure(kind="internal", message="the provider was closed")


class TestAProcessForEachRequest:
    async def test_its_output_is_the_answer(self, tmp_path: Path) -> None:
        body = 'print(json.dumps({"text": asked["input"] + "!", "cost": 0.5}, indent=1))'

        exchange = await ask(tmp_path, body, keep_alive=False)

        assert exchange.outcome == Reply(text="Hello!")
        assert exchange.attempt.cost == 0.5

    async def test_its_output_may_be_plain_text(self, tmp_path: Path) -> None:
        exchange = await ask(tmp_path, 'print("{} two\\nlines")', keep_alive=False, answer="text")

        assert exchange.outcome == Reply(text="{} two\nlines")

    async def test_one_that_never_reads_its_input_may_answer(self, tmp_path: Path) -> None:
        made = Command(
            words=("echo", "yes"),
            folder=tmp_path,
            keep_alive=False,
            answer="text",
            environment=dict(os.environ),
        )
        provider = CommandProvider(CANDIDATE, made, FakeClock())

        exchange = await provider.ask(text_request("long " * 100_000))
        await provider.close()

        assert exchange.outcome == Reply(text="yes")

    async def test_it_is_told_of_its_trial_in_its_environment(self, tmp_path: Path) -> None:
        body = 'print(json.dumps({"text": os.environ["OPENAI_BASE_URL"]}))'
        async with running(tmp_path, body, keep_alive=False) as provider:
            with linked(Link(variables={"OPENAI_BASE_URL": "http://127.0.0.1:1/t/x/v1"})):
                exchange = await provider.ask(text_request("a"))

        assert exchange.outcome == Reply(text="http://127.0.0.1:1/t/x/v1")

    async def test_an_exit_code_is_a_failure_whatever_it_wrote(self, tmp_path: Path) -> None:
        body = 'print(json.dumps({"text": "yes"})); sys.exit("no such model")'

        told = await failure(tmp_path, body, keep_alive=False)

        assert told.message == "the program ended with exit code 1; stderr: no such model"

    @pytest.mark.parametrize(
        ("body", "kind", "told"),
        [
            ('print("yes")', "malformed", "no JSON object: 'yes'"),
            ("pass", "malformed", "no JSON object: ''"),
            ('[print("x" * 1000) for _ in range(3000)]', "malformed", "more than 1000000 bytes"),
            ('print("x" * 3_000_000, end="")', "malformed", "longer than 1000000 bytes"),
            ("time.sleep(60)", "timeout", "no answer within 0.5 s"),
        ],
    )
    async def test_whatever_else_it_does_is_a_failure(
        self, tmp_path: Path, body: str, kind: str, told: str
    ) -> None:
        limit = 0.5 if kind == "timeout" else LONG

        outcome = await failure(tmp_path, body, keep_alive=False, longest=1_000_000, timeout=limit)

        assert outcome.kind == kind
        assert told in outcome.message

    async def test_no_more_run_at_once_than_allowed(self, tmp_path: Path) -> None:
        body = """
        held = os.open("lock", os.O_CREAT | os.O_EXCL)
        time.sleep(0.02)
        os.unlink("lock")
        print(json.dumps({"text": "alone"}))
        """
        async with running(tmp_path, body, keep_alive=False, processes=1) as provider:
            tasks = [asyncio.ensure_future(provider.ask(text_request("a"))) for _ in range(4)]
            await asyncio.wait(tasks)

        assert [task.result().outcome for task in tasks] == [Reply(text="alone")] * 4
