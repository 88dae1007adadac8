"""Whatever a program does that is kept alive, it is told, bounded, and started again only so often."""

import asyncio
import os
from pathlib import Path

import pytest
from tests.unit.adapters.providers.command.programs import (
    CANDIDATE,
    alive,
    failure,
    running,
    until,
)

from passmuster.adapters.providers.command.provider import CommandProvider
from passmuster.adapters.providers.command.settings import (
    Command,
)
from passmuster.records.trial import Failure, Reply
from passmuster.testing import FakeClock, text_request


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
