"""A program is asked as any model is: however it ends, hangs or babbles, it is told, bounded and gone at the end."""

import asyncio
import json
import os
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.providers.command_provider import CommandProvider
from passmuster.adapters.providers.command_settings import (
    Command,
    command_environment,
    command_files,
    command_identity,
)
from passmuster.adapters.providers.pipeline_link import Link, linked
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case, Conversation, Message, Tool, ToolCall
from passmuster.records.trial import Exchange, Failure, Reply, Request, Usage
from passmuster.testing import FakeClock, check_exchange, text_request

CANDIDATE = Candidate(name="mine", provider="command", model="m", parameters={"style": "short", "files": {}})
LONG = 30.0
"""Seconds that no test waits for."""
LOOP = """
import json, os, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    def say(**answer):
        print(json.dumps({"id": asked["id"], **answer}), flush=True)
"""
ONCE = """
import json, os, sys, time
asked = json.loads(sys.stdin.read())
"""


def command(folder: Path, body: str, **settings: Any) -> Command:
    kept = settings.get("keep_alive", True)
    text = LOOP + textwrap.indent(textwrap.dedent(body), "    ") if kept else ONCE + textwrap.dedent(body)
    (folder / "program.py").write_text(text)
    settings.setdefault("environment", dict(os.environ))
    return Command(words=(sys.executable, "-S", "program.py"), folder=folder, **settings)


@asynccontextmanager
async def running(
    folder: Path,
    body: str,
    timeout: float = LONG,  # noqa: ASYNC109 - it is the provider's own that is tested
    **settings: Any,
) -> AsyncIterator[CommandProvider]:
    provider = CommandProvider(CANDIDATE, command(folder, body, **settings), FakeClock(), timeout)
    try:
        yield provider
    finally:
        await provider.close()


async def ask(folder: Path, body: str, request: Request | None = None, **settings: Any) -> Exchange:
    async with running(folder, body, **settings) as provider:
        exchange = await provider.ask(request or text_request("Hello"))
    check_exchange(exchange)
    return exchange


async def failure(folder: Path, body: str, **settings: Any) -> Failure:
    outcome = (await ask(folder, body, **settings)).outcome
    assert isinstance(outcome, Failure), outcome
    return outcome


async def until(held: Callable[[], object]) -> None:
    while not held():  # noqa: ASYNC110 - a process changes it
        await asyncio.sleep(0.005)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


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


class TestWhatGoesWrong:
    async def test_one_that_ends_quotes_its_last_words(self, tmp_path: Path) -> None:
        body = 'print("first\\nlast words", file=sys.stderr); sys.exit(3)'

        told = await failure(tmp_path, body)

        assert told == Failure(
            kind="connection", message="the program ended with exit code 3; stderr: first | last words"
        )

    async def test_one_that_is_killed_names_the_signal(self, tmp_path: Path) -> None:
        assert "SIGKILL" in (await failure(tmp_path, "os.kill(os.getpid(), 9)")).message

    async def test_a_key_on_its_stderr_is_taken_out_even_where_the_quote_would_cut_it(
        self, tmp_path: Path
    ) -> None:
        key = "my-very-secret-key-0123456789"
        body = f'print("{key}" + "x" * 150, file=sys.stderr); print("sk-" + "a" * 300, file=sys.stderr); sys.exit(1)'

        told = await failure(tmp_path, body, secrets=(key,))

        assert key[-9:] not in told.message
        assert "aaa" not in told.message
        assert "[redacted]" in told.message

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ('print("loading ...", flush=True)', "no JSON object: 'loading ...'"),
            ('print("[1]", flush=True)', "no JSON object: '[1]'"),
            ('print("[" * 100_000, flush=True)', "no JSON object: '[["),
            ('print(json.dumps({"text": "yes"}), flush=True)', "no answer to a request"),
            ('print(json.dumps({"id": "99", "text": "yes"}), flush=True)', "no answer to a request"),
            ('sys.stdout.buffer.write(b"\\xff\\x00\\n"); sys.stdout.flush()', "no JSON object"),
        ],
    )
    async def test_one_that_babbles_is_told_what_stdout_is_for(
        self, tmp_path: Path, body: str, told: str
    ) -> None:
        outcome = await failure(tmp_path, body)

        assert outcome.kind == "malformed"
        assert told in outcome.message
        assert "stdout is for answers" in outcome.message

    async def test_an_answer_of_a_wrong_form_fails_this_request_only(self, tmp_path: Path) -> None:
        body = 'say(**({"text": 7} if asked["input"] == "a" else {"text": str(os.getpid())}))'
        async with running(tmp_path, body) as provider:
            said = [(await provider.ask(text_request(text))).outcome for text in "bab"]

        assert isinstance(said[1], Failure)
        assert said[1].kind == "malformed"
        assert said[0] == said[2]

    @pytest.mark.parametrize("line", ['"x" * 1000', '"x" * 1000 + "\\n"'])
    async def test_a_flood_is_cut_off(self, tmp_path: Path, line: str) -> None:
        body = f"""
        for _ in range(100_000):
            sys.stdout.write({line})
        """
        told = await failure(tmp_path, body, longest=1_000_000)

        assert told.kind == "malformed"

    async def test_one_that_hangs_is_ended_and_started_again(self, tmp_path: Path) -> None:
        body = """
        if asked["input"] == "hang":
            open("pid", "w").write(str(os.getpid()))
            time.sleep(60)
        say(text=str(os.getpid()))
        """
        async with running(tmp_path, body, timeout=2.0) as provider:
            first = await provider.ask(text_request("a"))
            hung = await provider.ask(text_request("hang"))
            again = await provider.ask(text_request("a"))

        assert hung.attempt.error == "timeout"
        assert isinstance(first.outcome, Reply)
        assert isinstance(again.outcome, Reply)
        assert first.outcome.text != again.outcome.text
        assert not alive(int((tmp_path / "pid").read_text()))

    async def test_a_late_answer_is_nobody_elses_and_ends_no_program_that_goes_on(
        self, tmp_path: Path
    ) -> None:
        body = """
        if asked["input"] == "late":
            held = asked["id"]
            open(held, "w").close()
        else:
            print(json.dumps({"id": held, "text": "late"}), flush=True)
            say(text="mine " + str(os.getpid()))
        """
        said = []
        async with running(tmp_path, body, in_flight=2) as provider:
            for key in ("1", "3", "5"):
                late = asyncio.ensure_future(provider.ask(text_request("late")))
                await until((tmp_path / key).exists)
                late.cancel()
                await asyncio.wait([late])
                said.append((await provider.ask(text_request("next"))).outcome)

        assert isinstance(said[0], Reply)
        assert said[0].text.startswith("mine ")
        assert said == [said[0]] * 3

    async def test_a_cancelled_request_ends_the_program_that_is_at_it(self, tmp_path: Path) -> None:
        body = """
        open("pid", "w").write(str(os.getpid()))
        time.sleep(60 if asked["input"] == "hang" else 0)
        say(text="ok")
        """
        async with running(tmp_path, body) as provider:
            asking = asyncio.ensure_future(provider.ask(text_request("hang")))
            await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
            hung = int((tmp_path / "pid").read_text())
            asking.cancel()
            await asyncio.wait([asking])
            after = await provider.ask(text_request("a"))

        assert asking.cancelled()
        assert after.outcome == Reply(text="ok")
        assert not alive(hung)

    async def test_it_is_not_started_for_ever(self, tmp_path: Path) -> None:
        body = 'open("starts", "a").write("x"); sys.exit(1)'
        async with running(tmp_path, body, restarts=2) as provider:
            told = [(await provider.ask(text_request("a"))).outcome for _ in range(6)]

        assert (tmp_path / "starts").read_text() == "xxx"
        assert isinstance(told[-1], Failure)
        assert told[-1].kind == "connection"
        assert told[-1].message.startswith("the program failed 3 times in a row and is not started again: ")

    async def test_an_answer_in_between_begins_the_count_anew(self, tmp_path: Path) -> None:
        body = 'sys.exit(1) if asked["input"] == "die" else say(text="ok")'
        async with running(tmp_path, body, restarts=1) as provider:
            words = ("ok", "die", "ok", "die", "ok", "die", "die", "ok")
            said = [(await provider.ask(text_request(word))).attempt.error for word in words]

        assert said == [None, "connection"] * 3 + ["connection", "internal"]

    async def test_one_that_is_asked_in_vain_to_start_says_why(self, tmp_path: Path) -> None:
        (tmp_path / "program").write_text("#!/no/such/interpreter\n")
        (tmp_path / "program").chmod(0o755)
        made = Command(words=("./program",), folder=tmp_path, environment=dict(os.environ))
        provider = CommandProvider(CANDIDATE, made, FakeClock())

        told = (await provider.ask(text_request("a"))).outcome
        await provider.close()

        assert isinstance(told, Failure)
        assert told.kind == "connection"
        assert "'./program' cannot be started" in told.message


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


class TestSettings:
    def test_our_secrets_are_passed_on_only_by_name(self) -> None:
        ours = {"PATH": "/bin", "OPENAI_API_KEY": "k", "OTHER_KEY": "o"}

        seen = command_environment(ours, withheld=["OPENAI_API_KEY", "OTHER_KEY"], named=["OTHER_KEY"])

        assert seen == {"PATH": "/bin", "OTHER_KEY": "o", "PYTHONUNBUFFERED": "1"}

    @pytest.mark.parametrize(
        ("words", "settings", "told"),
        [
            ((), {}, "the command is empty"),
            (("no-such-program",), {}, "no program 'no-such-program'"),
            (("./missing.sh",), {}, "no program './missing.sh'"),
            (("sh", "a\0b"), {}, "NUL"),
            (("sh",), {"answer": "text"}, "JSON lines"),
        ],
    )
    def test_a_command_that_cannot_work_is_told_before_the_run(
        self, tmp_path: Path, words: tuple[str, ...], settings: dict[str, Any], told: str
    ) -> None:
        made = Command(words=words, folder=tmp_path, environment=dict(os.environ), **settings)

        with pytest.raises(ConfigurationError, match=told):
            CommandProvider(CANDIDATE, made, FakeClock())

    def test_the_files_of_the_project_that_it_names_are_its_identity(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside.py"
        outside.write_text("x")
        folder = tmp_path / "project"
        (folder / "eval").mkdir(parents=True)
        run, conf = folder / "eval" / "run.py", folder / "conf.yaml"
        run.write_text("x = 1")
        conf.write_text("a: 1")
        words = ["python", "eval/run.py", "--config=conf.yaml", "../outside.py", "missing.py", "eval", ""]

        assert command_files(words, folder) == [run, conf]
        before = command_identity(words, folder, {"style": "short"})
        run.write_text("x = 2")
        after = command_identity(words, folder, {"style": "short"})

        assert before["command"] == words
        assert before["style"] == "short"
        assert isinstance(before["files"], dict)
        assert isinstance(after["files"], dict)
        assert list(before["files"]) == ["eval/run.py", "conf.yaml"]
        assert before["files"]["conf.yaml"] == after["files"]["conf.yaml"]
        assert before["files"]["eval/run.py"] != after["files"]["eval/run.py"]

    def test_a_parameter_of_its_name_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="'files' is taken"):
            command_identity(["sh"], tmp_path, {"files": 1})
