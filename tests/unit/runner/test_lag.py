"""The program's own delay, and whom it may have moved."""

import asyncio
import contextlib
import time
from array import array

from passmuster.records.run import Lag
from passmuster.runner.engine import Tally
from passmuster.runner.lag import LagMeter, rank


async def test_a_blocked_loop_is_seen() -> None:
    meter = LagMeter(interval=0.002)
    watching = asyncio.create_task(meter.watch())
    await asyncio.sleep(0.02)
    time.sleep(0.1)  # noqa: ASYNC251 - what must be seen
    await asyncio.sleep(0.02)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    lag = meter.lag()
    assert lag is not None
    assert lag.longest >= 0.09
    assert lag.p50 <= lag.p99 <= lag.longest


async def test_before_the_first_look_nothing_is_known() -> None:
    assert LagMeter().lag() is None


async def test_its_memory_is_bounded() -> None:
    meter = LagMeter(interval=0.0, most=64)
    watching = asyncio.create_task(meter.watch())
    for _ in range(1000):
        await asyncio.sleep(0)
    watching.cancel()
    assert len(meter._late) < 64


def test_the_rank_of_a_quantile_is_floor_pn_plus_one() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (rank(values, 0.5), rank(values, 0.99), rank(values, 0.995)) == (51.0, 100.0, 100.0)


def test_who_is_fast_is_distorted_before_who_is_slow() -> None:
    tally = Tally(
        lag=Lag(p50=0.001, p99=0.03, longest=0.1),
        latencies={"fast": array("d", [0.1] * 50), "slow": array("d", [0.1] * 50 + [2.0])},
    )
    assert tally.distorted == ("fast",)
    assert Tally(latencies={"fast": array("d", [0.1])}).distorted == ()
