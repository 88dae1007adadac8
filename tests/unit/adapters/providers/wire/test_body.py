"""The body of an answer: packed in any of the ways that were offered, in any pieces, and never too long."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.providers.wire.loopback import Wired, cut, wired

from passmuster.adapters.providers.wire.body import ACCEPTED, PACKED, Body
from passmuster.adapters.providers.wire.errors import UnreadableError
from passmuster.adapters.providers.wire.transport_errors import CutOffError

TEXT = b'{"answer": "caf\xc3\xa9"}' * 20
LIMIT = 10_000


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-zlib.MAX_WBITS)


PACKINGS: dict[str, tuple[bytes, bytes]] = {
    "gzip": (b"gzip", gzip.compress(TEXT, mtime=0)),
    "gzip by its old name": (b"x-gzip", gzip.compress(TEXT, mtime=0)),
    "gzip in capitals": (b" GZIP ", gzip.compress(TEXT, mtime=0)),
    "gzip of several members": (
        b"gzip",
        gzip.compress(TEXT[:7], mtime=0) + gzip.compress(b"", mtime=0) + gzip.compress(TEXT[7:], mtime=0),
    ),
    "gzip with something behind it": (b"gzip", gzip.compress(TEXT, mtime=0) + b"\x00\x00\x1f\x8b junk"),
    "gzip with half a member's name behind it": (b"gzip", gzip.compress(TEXT, mtime=0) + b"\x1f"),
    "deflate": (b"deflate", zlib.compress(TEXT)),
    "deflate without a head": (b"deflate", raw_deflate(TEXT)),
    "not packed": (b"identity", TEXT),
}


def answered(packing: bytes, *pieces: bytes, length: int | None = None) -> Wired:
    """Return a connection over which an answer has come whole, in chunks or with a length."""
    wire = wired()
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: " + packing + b"\r\n"
    if length is None:
        chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece]
        wire.receive(head + b"Transfer-Encoding: chunked\r\n\r\n", *chunks, b"0\r\n\r\n")
    else:
        wire.receive(head + b"Content-Length: %d\r\n\r\n" % length, *pieces)
    return wire


async def unpacked(packing: bytes, *pieces: bytes, limit: int = LIMIT) -> bytes:
    return (await Body(answered(packing, *pieces).connection, limit).whole())[1]


@given(st.sampled_from(list(PACKINGS)), st.lists(st.integers(min_value=0, max_value=300)))
def test_every_packing_is_undone_wherever_its_bytes_are_cut(name: str, places: list[int]) -> None:
    packing, data = PACKINGS[name]
    assert asyncio.run(unpacked(packing, *cut(data, places))) == TEXT


@pytest.mark.parametrize("name", PACKINGS)
async def test_every_packing_is_undone_byte_by_byte(name: str) -> None:
    packing, data = PACKINGS[name]
    assert await unpacked(packing, *(data[place : place + 1] for place in range(len(data)))) == TEXT


def test_requests_offer_what_is_undone() -> None:
    assert {name.strip() for name in ACCEPTED.split(",")} <= PACKED


@pytest.mark.parametrize("packing", sorted(PACKED))
async def test_an_empty_body_needs_no_unpacking(packing: str) -> None:
    assert await unpacked(packing.encode()) == b""


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate])
async def test_a_body_that_stops_anywhere_before_its_end_is_cut_off(pack: Callable[[bytes], bytes]) -> None:
    data = pack(TEXT)
    for place in range(1, len(data)):
        with pytest.raises(CutOffError, match="unpacked"):
            await unpacked(b"gzip", data[:place])


async def test_a_second_member_that_stops_before_its_end_is_cut_off() -> None:
    with pytest.raises(CutOffError):
        await unpacked(b"gzip", gzip.compress(TEXT, mtime=0) + gzip.compress(TEXT, mtime=0)[:-9])


@pytest.mark.parametrize("data", [b"<html>not packed at all</html>", b"\xff" * 50])
async def test_a_body_that_is_not_packed_as_it_says_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError, match="does not unpack"):
        await unpacked(b"gzip", data)


async def test_a_body_that_was_changed_on_the_way_is_refused() -> None:
    data = bytearray(gzip.compress(TEXT, mtime=0))
    data[-6] ^= 0xFF  # its checksum
    with pytest.raises(UnreadableError, match="does not unpack"):
        await unpacked(b"gzip", bytes(data))


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "compress"])
async def test_a_packing_that_nobody_offered_is_named(packing: str) -> None:
    with pytest.raises(UnreadableError, match=packing) as refused:
        await unpacked(packing.encode(), b"whatever")
    assert "was not asked for" in str(refused.value)


@pytest.mark.parametrize("packing", ["gzip", "identity"])
async def test_a_body_may_be_exactly_as_long_as_the_limit(packing: str) -> None:
    data = gzip.compress(TEXT, 0, mtime=0) if packing == "gzip" else TEXT
    assert await unpacked(packing.encode(), *cut(data, [100, 200]), limit=len(TEXT)) == TEXT
    with pytest.raises(UnreadableError, match=f"longer than {len(TEXT) - 1} bytes"):
        await unpacked(packing.encode(), *cut(data, [100, 200]), limit=len(TEXT) - 1)


async def test_a_length_over_the_limit_is_refused_before_anything_comes() -> None:
    wire = answered(b"identity", length=LIMIT + 1)
    with pytest.raises(UnreadableError, match="longer than"):
        Body(wire.connection, LIMIT)
    assert Body(answered(b"identity", length=LIMIT).connection, LIMIT)


@pytest.mark.parametrize("members", [1, 3])
async def test_a_small_body_that_unpacks_to_a_huge_one_needs_no_memory_for_it(members: int) -> None:
    bomb = gzip.compress(b" " * 30_000_000, mtime=0)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableError, match="longer than"):
            await unpacked(b"gzip", gzip.compress(b"a", mtime=0) * (members - 1) + bomb)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


async def test_what_comes_behind_the_end_of_a_packed_body_is_not_kept() -> None:
    wire, junk = wired(), b"\x00" * 65_536
    wire.receive(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    body = Body(wire.connection, LIMIT)
    wire.receive(gzip.compress(TEXT, mtime=0))
    assert (await body.next())[1] == TEXT
    reading = asyncio.create_task(body.next())
    await asyncio.sleep(0)
    tracemalloc.start()
    try:
        for _ in range(200):
            wire.receive(junk)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000, "13 MB came"
    finally:
        tracemalloc.stop()
    wire.end()
    assert (await reading)[1] == b""


async def test_a_packed_stream_is_unpacked_piece_by_piece_with_the_time_of_each() -> None:
    wire, packer = wired(), zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    wire.receive(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    body = Body(wire.connection, LIMIT)
    for word in (b"one ", b"two "):
        wire.clock.advance(1.0)
        wire.receive(packer.compress(word) + packer.flush(zlib.Z_SYNC_FLUSH))
    wire.clock.advance(1.0)
    wire.receive(packer.flush())
    wire.end()
    assert [await body.next() for _ in range(3)] == [(101.0, b"one "), (102.0, b"two "), (103.0, b"")]


async def test_a_whole_body_ended_when_its_last_piece_arrived() -> None:
    wire = wired()
    wire.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"a")
    wire.clock.advance(3.0)
    wire.receive(b"b")
    wire.clock.advance(50.0)
    assert await Body(wire.connection, LIMIT).whole() == (103.0, b"ab")
