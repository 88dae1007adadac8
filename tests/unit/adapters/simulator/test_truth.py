"""The log of the truth: every request once, with its moments, and what a killed client left behind."""

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest
from aiohttp import ClientSession

from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import LognormalLatency
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.truth import Served, TruthLog, read_truth

TEXT = "the quick brown fox"
CLIENT = """
import sys, threading, urllib.request
def ask():
    body = b'{"model": "m", "messages": [{"role": "user", "content": "Hi"}]}'
    urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/chat/completions", body)).read()
threads = [threading.Thread(target=ask) for _ in range(5)]
[thread.start() for thread in threads]
"""


def steady(seconds: float, text: str = TEXT) -> SimulatedModel:
    latency = LognormalLatency(median=seconds, first_token_share=0.5)
    return SimulatedModel(name="m", answers=Constant(text), latency=latency)


async def ask(simulator: Simulator, *, stream: bool = False, headers: dict[str, str] | None = None) -> bytes:
    body = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}
    url = f"{simulator.base_url}/chat/completions"
    async with ClientSession() as web, web.post(url, json=body, headers=headers) as response:
        return await response.read()


async def opened(simulator: Simulator, number: int) -> None:
    async with asyncio.timeout(20):
        while simulator.open_requests < number:  # noqa: ASYNC110 - a simulator tells nobody that one has begun
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_request_is_logged_with_what_the_client_said_and_when_it_was_answered(
    *, stream: bool
) -> None:
    headers = {"X-Passmuster-Trial": "t1", "X-Passmuster-Attempt": "3", "X-Passmuster-Repeat": "2"}
    async with Simulator([steady(0.1)]) as simulator:
        before = time.time()  # noqa: TID251 - a client compares the log with its own clock
        await ask(simulator, stream=stream, headers=headers)
        after = time.time()  # noqa: TID251
    (served,) = simulator.truth
    assert (served.trial, served.attempt, served.repeat, served.turn) == ("t1", 3, "2", 2)
    assert (served.surface, served.streamed, served.reported) == ("chat.completions", stream, "m")
    assert (served.input_tokens, served.output_tokens, served.complete) == (1, 5, True)
    assert served.first_byte is not None
    assert served.last_byte is not None
    assert served.ended is not None
    assert before - 0.001 <= served.received <= served.first_byte <= served.last_byte <= served.ended
    assert served.ended <= after + 0.001
    assert served.last_byte - served.received >= 0.1
    if stream:
        assert served.first_byte - served.received >= 0.05
        assert served.last_byte - served.first_byte >= 0.04
    else:
        assert served.first_byte == served.last_byte


async def test_requests_that_are_turned_down_are_logged_too() -> None:
    async with Simulator([steady(0.0001)]) as simulator, ClientSession() as web:
        url = f"{simulator.base_url}/chat/completions"
        for body in (b"{", b'{"model": "x", "messages": [{"role": "user", "content": "Hi"}]}'):
            async with web.post(url, data=body) as response:
                await response.read()
    assert [(served.model, served.status) for served in simulator.truth] == [("", 400), ("x", 404)]


async def test_the_file_tells_the_same_as_memory(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    kept = []
    for _ in range(2):
        log = TruthLog(path, begun=True)
        async with Simulator([steady(0.001)], log=log) as simulator:
            await ask(simulator, stream=True)
            await ask(simulator)
        kept += simulator.truth
    assert read_truth(path) == kept
    assert len(read_truth(path)) == 4, "two starts of the simulator, two requests each"
    assert len(path.read_text().splitlines()) == 8, "with a line for each that began"


async def test_nothing_is_kept_in_memory_where_only_the_file_is_wanted(tmp_path: Path) -> None:
    log = TruthLog(tmp_path / "truth.jsonl", keep=False)
    async with Simulator([steady(0.001)], log=log) as simulator:
        await ask(simulator)
    assert simulator.truth == []
    assert (log.begun, log.ended) == (1, 1)
    assert len(read_truth(tmp_path / "truth.jsonl")) == 1


def test_what_was_open_when_the_simulator_died_is_there_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    log = TruthLog(path, begun=True)
    log.open()
    log.begin(Served(model="m", digest="a", status=None, number=1, received=5.0))
    log.begin(Served(model="m", digest="b", status=None, number=2, received=6.0))
    log.begin(Served(model="m", digest="c", status=None, number=3, received=6.5))
    log.note(Served(model="m", digest="c", status=200, number=3, received=6.5, ended=6.9))
    log.note(Served(model="m", digest="b", status=200, number=2, received=6.0, ended=7.0))
    log.close()
    with path.open("a") as file:
        file.write('{"model": "m", "dig')
    assert [(served.digest, served.ended) for served in read_truth(path)] == [
        ("c", 6.9),
        ("b", 7.0),
        ("a", None),
    ]


async def test_a_killed_client_has_left_and_nothing_stays_open() -> None:
    async with Simulator([steady(30.0)]) as simulator:
        client = await asyncio.create_subprocess_exec(sys.executable, "-c", CLIENT, simulator.base_url)
        await opened(simulator, 5)
        client.kill()
        await simulator.idle()
        await client.wait()
    assert [(served.status, served.left, served.complete) for served in simulator.truth] == [
        (499, True, False)
    ] * 5
    assert {served.last_byte for served in simulator.truth} == {None}


async def test_what_the_end_of_the_simulator_cuts_off_is_not_blamed_on_the_client() -> None:
    async with Simulator([steady(30.0)]) as simulator:
        task = asyncio.create_task(ask(simulator))
        await opened(simulator, 1)
    await asyncio.wait([task])
    assert task.exception() is not None
    (served,) = simulator.truth
    assert (served.status, served.left, served.complete) == (None, False, False)


async def test_a_large_answer_is_written_when_the_client_has_taken_it() -> None:
    """The last byte counts when nothing is left to send, not when the answer is ready."""
    async with Simulator([steady(0.001, "long " * 4_000_000)]) as simulator:
        host, port = simulator.base_url.removeprefix("http://").removesuffix("/v1").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=2**16)
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}).encode()
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        await reader.readline()
        await asyncio.sleep(0.05)
        assert simulator.truth == []
        assert simulator.open_requests == 1
        while await reader.read(2**20):
            pass
        await simulator.idle()
        writer.close()
    (served,) = simulator.truth
    assert served.complete
    assert served.last_byte is not None
    assert served.last_byte - served.received >= 0.05
