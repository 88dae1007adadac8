"""Times: the distributions that they are drawn from, and what each draw depends on."""

import asyncio
import json
import math
import statistics
import time

import pytest
from aiohttp import ClientSession

from passmuster.adapters.simulator.answers import Constant, Question, RecordedReply
from passmuster.adapters.simulator.loop import exact_loop, run_exactly
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import (
    ConstantLatency,
    ConstantSeconds,
    GammaLatency,
    GammaSeconds,
    Latency,
    LognormalLatency,
    LognormalSeconds,
    PacedLatency,
    Tail,
    UniformLatency,
    UniformSeconds,
)
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.timing import Timing, timing
from passmuster.adapters.simulator.truth import TruthLog
from passmuster.records.case import Conversation

REPLY = RecordedReply(text="x" * 400)


def question(number: int, attempt: int = 1, again: int = 0, seed: int = 3) -> Question:
    return Question(
        model="m",
        seed=seed,
        digest=f"digest {number}",
        turn=0,
        conversation=Conversation(messages=()),
        attempt=attempt,
        again=again,
    )


def many(latency: Latency, number: int = 20_000) -> list[float]:
    return sorted(timing(latency, question(n), REPLY).seconds for n in range(number))


def test_a_constant_is_one() -> None:
    assert timing(ConstantLatency(seconds=0.2, first_token_share=0.25), question(1), REPLY) == Timing(
        0.05, 0.2
    )


def test_lognormal_has_its_median_and_sigma() -> None:
    found = many(LognormalLatency(median=2.0, sigma=0.5))
    logarithms = [math.log(seconds) for seconds in found]
    assert statistics.mean(logarithms) == pytest.approx(math.log(2), abs=0.015)
    assert statistics.stdev(logarithms) == pytest.approx(0.5, abs=0.01)


def test_gamma_has_its_mean_and_shape_and_an_exponential_is_one_of_shape_1() -> None:
    found = many(GammaLatency(mean=2.0, shape=4.0))
    assert statistics.mean(found) == pytest.approx(2.0, rel=0.02)
    assert statistics.stdev(found) == pytest.approx(1.0, rel=0.03)
    found = many(GammaLatency(mean=2.0, kind="exponential"))
    assert found[10_000] == pytest.approx(2.0 * math.log(2), rel=0.04)
    with pytest.raises(ValueError, match="no shape"):
        GammaSeconds(mean=1.0, shape=2.0, kind="exponential")


def test_uniform_fills_its_range() -> None:
    found = many(UniformLatency(low=1.0, high=3.0))
    assert [found[0], found[10_000], found[-1]] == pytest.approx([1, 2, 3], abs=0.03)
    with pytest.raises(ValueError, match="must not be below"):
        UniformSeconds(low=2.0, high=1.0)


@pytest.mark.parametrize("kind", [LognormalLatency(median=0.1), GammaLatency(mean=0.1, shape=50.0)])
def test_a_tail_takes_its_share_longer(kind: LognormalLatency | GammaLatency) -> None:
    tail = Tail(probability=0.05, seconds=10.0)
    latency: Latency = (
        LognormalLatency(median=kind.median, tail=tail)
        if isinstance(kind, LognormalLatency)
        else GammaLatency(mean=kind.mean, shape=kind.shape, tail=tail)
    )
    assert sum(seconds > 10 for seconds in many(latency)) == pytest.approx(1000, abs=150)


def test_tokens_per_second_pace_the_answer_after_its_first_token() -> None:
    latency = PacedLatency(first_token=ConstantSeconds(seconds=0.5), tokens_per_second=50.0)
    found = timing(latency, question(1), REPLY)
    assert found.gaps == (0.02,) * 99
    assert found.first_token == 0.5
    assert found.seconds == pytest.approx(0.5 + 99 * 0.02)
    assert timing(latency, question(1), RecordedReply(text="")) == Timing(0.5, 0.5, ())


@pytest.mark.parametrize(
    ("gap", "mean", "spread"),
    [
        (ConstantSeconds(seconds=0.02), 0.02, 0.0),
        (UniformSeconds(low=0.01, high=0.03), 0.02, 0.02 / 12**0.5),
        (GammaSeconds(mean=0.02, shape=4.0), 0.02, 0.01),
        (LognormalSeconds(median=0.02, sigma=0.5), 0.02 * math.exp(0.125), 0.0121),
        (LognormalSeconds(median=0.02, tail=Tail(probability=0.1, seconds=0.1)), 0.03, 0.03),
        (GammaSeconds(mean=0.02, shape=400.0, tail=Tail(probability=0.1, seconds=0.1)), 0.03, 0.03),
    ],
)
def test_each_gap_is_drawn(
    gap: ConstantSeconds | UniformSeconds | GammaSeconds | LognormalSeconds, mean: float, spread: float
) -> None:
    latency = PacedLatency(first_token=LognormalSeconds(median=0.5, sigma=0.2), gap=gap)
    found = timing(latency, question(1), RecordedReply(text="x" * 80_000))
    assert found.gaps is not None
    assert len(found.gaps) == 19_999
    assert statistics.mean(found.gaps) == pytest.approx(mean, rel=0.03)
    assert statistics.pstdev(found.gaps) == pytest.approx(spread, rel=0.05, abs=1e-9)
    assert found.seconds == pytest.approx(found.first_token + sum(found.gaps))
    assert 0.2 < found.first_token < 1.2


def test_a_pace_is_said_once() -> None:
    first = ConstantSeconds(seconds=0.5)
    for gap, rate in ((None, None), (first, 1.0)):
        with pytest.raises(ValueError, match="either gap or tokens_per_second"):
            PacedLatency(first_token=first, gap=gap, tokens_per_second=rate)


@pytest.mark.parametrize(
    "latency",
    [
        LognormalLatency(median=1.0, sigma=0.5),
        GammaLatency(mean=1.0),
        UniformLatency(low=0.0, high=1.0),
        PacedLatency(first_token=GammaSeconds(mean=1.0), gap=LognormalSeconds(median=1.0, sigma=1.0)),
    ],
)
def test_a_draw_belongs_to_seed_prompt_attempt_and_its_repetition(latency: Latency) -> None:
    first = timing(latency, question(1), REPLY)
    assert timing(latency, question(1), REPLY) == first
    others = [question(2), question(1, attempt=2), question(1, again=1), question(1, seed=4)]
    others += [question(1, again=2), question(1, attempt=2, again=1)]
    found = {timing(latency, other, REPLY) for other in others}
    assert len(found | {first}) == 7


async def test_a_stream_is_written_piece_by_piece_none_before_its_time() -> None:
    latency = PacedLatency(
        first_token=ConstantSeconds(seconds=0.05), gap=LognormalSeconds(median=0.004, sigma=0.8)
    )
    model = SimulatedModel(name="m", answers=Constant("x" * 80), latency=latency)
    async with Simulator([model], seed=5, log=TruthLog(pieces=True)) as simulator, ClientSession() as web:
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
        async with web.post(f"{simulator.base_url}/chat/completions", json=body) as response:
            events = [line async for line in response.content if line.startswith(b"data: {")]
    texts = [json.loads(event[6:])["choices"][0]["delta"].get("content") for event in events]
    assert texts == ["", *["xxxx"] * 20, None]
    (served,) = simulator.truth
    asked = Question(model="m", seed=5, digest=served.digest, turn=0, conversation=Conversation(messages=()))
    truth = timing(latency, asked, RecordedReply(text="x" * 80))
    assert truth.gaps is not None
    due, written = served.received + truth.first_token, served.pieces
    assert len(written) == 20
    for moment, gap in zip(written, (*truth.gaps, 0.0), strict=True):
        assert moment >= due - 0.00025
        due += gap
    assert served.first_byte == written[0]
    assert served.last_byte is not None
    assert served.last_byte >= served.received + truth.seconds
    assert served.late >= max(0.0, written[0] - served.received - truth.first_token - 1e-6)


def test_the_exact_loop_wakes_within_a_millisecond() -> None:
    async def shortest() -> float:
        waits = []
        for _ in range(100):
            began = time.monotonic()
            await asyncio.sleep(0.0002)
            waits.append(time.monotonic() - began)
        return min(waits)

    loop = exact_loop()
    try:
        assert 0.0002 <= loop.run_until_complete(shortest()) < 0.00099, (
            "the usual loop never takes less than 1 ms"
        )
    finally:
        loop.close()


def test_the_exact_loop_raises_what_its_coroutine_does() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("planned")

    with pytest.raises(ValueError, match="planned"):
        run_exactly(fails())
