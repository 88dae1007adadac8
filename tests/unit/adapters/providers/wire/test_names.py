"""Names of endpoints: one look-up for all that wait, and whichever address answers."""

import asyncio
import gc
import socket
from dataclasses import dataclass, field

import pytest
from tests.unit.adapters.providers.wire.loopback import Server, gone, on_each_loop, route, serving
from yarl import URL

from passmuster.adapters.providers.wire import route as wire_route
from passmuster.adapters.providers.wire.reuse import Connections
from passmuster.adapters.providers.wire.route import Addresses, Route
from passmuster.adapters.providers.wire.transport_errors import ConnectError, ConnectTimeoutError


@dataclass
class Names:
    """Looks names up, once it is told to; counts how often it was asked."""

    found: Addresses = ()
    fails: int = 0
    asked: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def look_up(self, _: URL) -> Addresses:
        self.asked += 1
        await self.told.wait()
        if self.asked <= self.fails:
            raise OSError(-2, "no such name")
        return self.found


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names()
    monkeypatch.setattr(wire_route, "_addresses", made.look_up)
    return made


def address(port: int, host: str = "127.0.0.1") -> Addresses:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    place = (host, port, 0, 0) if ":" in host else (host, port)
    return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)]


async def opened(way: Route) -> None:
    await gone(await way.open())


@on_each_loop
async def test_hundreds_of_calls_at_once_share_one_look_up(names: Names) -> None:
    async with serving(Server().handle) as port:
        names.found = address(port)
        way = route("http://far.invalid")
        tasks = [asyncio.create_task(opened(way)) for _ in range(200)]
        await asyncio.sleep(0)
        names.told.set()
        async with asyncio.timeout(60):
            await asyncio.wait(tasks)
        assert all(task.exception() is None for task in tasks)
        await opened(way)
    assert names.asked == 1


@on_each_loop
async def test_one_call_that_is_cancelled_does_not_cancel_the_look_up_of_the_others(names: Names) -> None:
    async with serving(Server().handle) as port:
        names.found = address(port)
        way = route("http://far.invalid")
        first, second = (asyncio.create_task(opened(way)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        names.told.set()
        await second
    assert first.cancelled()
    assert names.asked == 1


@on_each_loop
async def test_a_look_up_that_failed_is_not_remembered(names: Names) -> None:
    names.told.set()
    names.fails = 1
    async with serving(Server().handle) as port:
        names.found = address(port)
        way = route("http://far.invalid")
        with pytest.raises(ConnectError, match="no such name"):
            await way.open()
        await opened(way)
    assert names.asked == 2


@on_each_loop
async def test_a_look_up_that_fails_after_its_call_was_given_up_disturbs_nobody(names: Names) -> None:
    names.fails = 1
    way = route("http://far.invalid", connect=0.05)
    with pytest.raises(ConnectTimeoutError, match=r"within 0\.05 s"):
        await way.open()
    names.told.set()
    await asyncio.sleep(0.01)
    del way
    gc.collect()


@on_each_loop
async def test_where_connections_are_closed_the_look_up_is_given_up(names: Names) -> None:
    way = route("http://far.invalid", connect=0.05)
    with pytest.raises(ConnectTimeoutError):
        await way.open()
    await Connections(way, streams=False).close()
    await asyncio.sleep(0)
    assert names.asked == 1


@on_each_loop
async def test_a_name_at_whose_addresses_nothing_answers_is_looked_up_again(names: Names) -> None:
    names.told.set()
    async with serving(Server().handle) as port:
        pass
    names.found = address(port)
    way = route("http://far.invalid")
    with pytest.raises(ConnectError, match=r"far\.invalid:80: "):
        await way.open()
    async with serving(Server().handle) as port:
        names.found = address(port)
        await opened(way)
    assert names.asked == 2


@on_each_loop
async def test_addresses_are_looked_up_again_after_a_while(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_route, "NAMES_KEPT", 0.0)
    names.told.set()
    async with serving(Server().handle) as port:
        names.found = address(port)
        way = route("http://far.invalid")
        await opened(way)
        await opened(way)
    assert names.asked == 2


@on_each_loop
@pytest.mark.parametrize("alive", ["127.0.0.1", "::1"])
async def test_one_dead_address_of_a_name_is_passed_over(names: Names, alive: str) -> None:
    names.told.set()
    async with serving(Server().handle, host=alive) as port:
        names.found = [*address(port, "::1"), *address(port, "127.0.0.1")]
        await opened(route("http://localhost"))


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://stra\u00dfe.invalid", "xn--strae-oqa.invalid"),
        ("http://[::1]:8000", "::1"),
        ("http://[fe80::1%25eth0]", "fe80::1%eth0"),
    ],
)
async def test_a_name_is_looked_up_as_dns_has_it(
    monkeypatch: pytest.MonkeyPatch, url: str, asked: str
) -> None:
    seen: list[str] = []

    async def getaddrinfo(host: str, *_: object, **__: object) -> Addresses:
        seen.append(host)
        raise OSError(-2, "no such name")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(ConnectError):
        await route(url).open()
    assert seen == [asked]


@on_each_loop
@pytest.mark.parametrize("host", ["localhost..b", "localhost" * 8])
async def test_a_name_that_is_none_is_a_failure_to_connect(host: str) -> None:
    with pytest.raises(ConnectError, match="no name"):
        await route(f"http://{host}").open()
