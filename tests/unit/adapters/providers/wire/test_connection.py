"""One connection over a transport of memory: every answer, however it is cut, and what may come after it."""

import asyncio
import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.providers.wire.loopback import Memory, Wired, cut, wired

from passmuster.adapters.providers.wire import connection as wire_connection
from passmuster.adapters.providers.wire.connection import LONGEST_HEAD, MOST_UNREAD, HttpConnection
from passmuster.adapters.providers.wire.transport_errors import (
    CutOffError,
    HttpError,
    InvalidAnswerError,
    LostConnectionError,
)

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = OK + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
Found = tuple[int, dict[str, str], bytes, bool] | tuple[str, bytes]

ANSWERS: dict[str, tuple[bytes, int, bytes, bool]] = {
    "a length": (WHOLE, 200, b"hello", True),
    "a length of nothing": (OK + b"Content-Length: 0\r\n\r\n", 200, b"", True),
    "chunks": (CHUNKED + b"2\r\nhe\r\n3;name=value\r\nllo\r\n0\r\n\r\n", 200, b"hello", True),
    "chunks with trailers": (
        CHUNKED + b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Empty:\r\n\r\n",
        200,
        b"hello",
        True,
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    "no content with a length": (b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", 204, b"", True),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, b"", True),
    "until it closes": (OK + b"\r\nhello", 200, b"hello", False),
    "it will close": (OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", False),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", False),
    "HTTP/1.0 that stays": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
        200,
        b"hello",
        True,
    ),
    "interim answers": (
        INTERIM + b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + WHOLE,
        200,
        b"hello",
        True,
    ),
    "no reason": (b"HTTP/1.1 429\r\nContent-Length: 0\r\n\r\n", 429, b"", True),
}
INVALID: dict[str, bytes] = {
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a length below zero": OK + b"Content-Length: -5\r\n\r\nhello",
    "a length beyond all numbers": OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nhello",
    "a length and chunks": OK
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunks and a length": OK
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "a chunk of no size": CHUNKED + b"5\r\nhello\r\nzz\r\n",
    "a chunk beyond all numbers": CHUNKED + b"5\r\nhello\r\n" + b"f" * 17 + b"\r\n",
    "a chunk that is longer than it says": CHUNKED + b"5\r\nhello!\r\n0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\nxyz",
    "another protocol, unnamed": b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + WHOLE,
    "a preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a frame of HTTP/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
    "a folded header": OK + b"A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
    "no HTTP at all": b"220 mail.example ESMTP\r\n",
}


async def read_all(connection: HttpConnection) -> bytes:
    await connection.begun()
    body = b""
    while piece := (await connection.read())[1]:
        body += piece
    return body


async def found(pieces: list[bytes]) -> Found:
    """Return what is made of pieces after which the other side closes: the answer, or the error and the body so far."""
    wire, body = wired(), b""
    connection = wire.connection
    wire.receive(*pieces)
    kept = connection.reusable
    wire.end()
    try:
        status = await connection.begun()
        while piece := (await connection.read())[1]:
            body += piece
    except HttpError as problem:
        return type(problem).__name__, body
    return status, connection.headers, body, kept


@pytest.mark.parametrize("name", ANSWERS)
async def test_every_form_of_answer_is_read(name: str) -> None:
    answer, *expected = ANSWERS[name]
    status, _, body, kept = await found([answer])  # type: ignore[misc]
    assert [status, body, kept] == expected


@pytest.mark.parametrize("name", INVALID)
async def test_what_is_no_answer_of_http_1_is_refused(name: str) -> None:
    wire = wired()
    wire.receive(INVALID[name])
    assert wire.transport.aborted
    with pytest.raises(InvalidAnswerError):
        await read_all(wire.connection)


@given(
    st.sampled_from([answer for answer, *_ in ANSWERS.values()] + list(INVALID.values())),
    st.lists(st.integers(min_value=0, max_value=200)),
)
def test_where_the_bytes_are_cut_changes_nothing(answer: bytes, places: list[int]) -> None:
    async def compare() -> None:
        assert await found(cut(answer, places)) == await found([answer])

    asyncio.run(compare())


@given(st.sampled_from([WHOLE, CHUNKED + b"5\r\nhello\r\n0\r\n\r\n"]), st.integers(min_value=0))
def test_an_answer_that_stops_anywhere_is_never_taken_for_a_whole_one(answer: bytes, place: int) -> None:
    place %= len(answer)
    kind, *_, body = asyncio.run(found([answer[:place]]))
    assert kind == ("CutOffError" if place else "LostConnectionError")
    assert isinstance(body, bytes)
    assert b"hello".startswith(body)


async def test_headers_of_one_name_are_joined_whatever_their_case_and_their_bytes() -> None:
    wire = wired()
    wire.receive(OK + b"A: 1\r\nX-Empty:\r\na: caf\xc3\xa9\r\nB: \xff\r\nContent-Length: 0\r\n\r\n")
    await wire.connection.begun()
    assert wire.connection.headers == {
        "a": "1, caf\u00c3\u00a9",
        "x-empty": "",
        "b": "\u00ff",
        "content-length": "0",
    }


@pytest.mark.parametrize("interim", [b"HTTP/1.1 100 Continue\r\nA: 1\r\nContent-Length: 9\r\n\r\n", INTERIM])
async def test_nothing_of_an_interim_answer_gets_into_the_real_one(interim: bytes) -> None:
    wire = wired()
    wire.receive(interim)
    assert not wire.connection.status
    wire.receive(WHOLE)
    assert await wire.connection.begun() == 200
    assert wire.connection.headers == {"content-length": "5"}
    assert await read_all(wire.connection) == b"hello"


async def test_trailers_change_no_header_that_was_told_before() -> None:
    wire = wired()
    wire.receive(CHUNKED + b"5\r\nhello\r\n", b"0\r\nTransfer-Encoding-X: a\r\nRetry-After: 9\r\n\r\n")
    assert await read_all(wire.connection) == b"hello"
    assert wire.connection.headers == {"transfer-encoding": "chunked"}


FLOODS = {
    "a header without an end": (OK + b"A: ", b"x" * 1000),
    "a name without an end": (OK, b"x" * 1000),
    "headers without an end": (OK, b"A: b\r\n" * 200),
    "interim answers without an end": (b"", INTERIM * 40),
    "trailers without an end": (CHUNKED + b"5\r\nhello\r\n0\r\n", b"A: b\r\n" * 200),
    "a trailer without an end": (CHUNKED + b"0\r\n", b"x" * 1000),
    "an extension of a chunk without an end": (CHUNKED + b"5;", b"x" * 1000),
}


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_of_what_is_no_body_is_cut_off(name: str) -> None:
    start, more = FLOODS[name]
    wire = wired()
    wire.receive(start, *[more] * (2 * LONGEST_HEAD // len(more)))
    assert wire.transport.aborted
    with pytest.raises(InvalidAnswerError, match=str(LONGEST_HEAD)):
        await read_all(wire.connection)


async def test_an_answer_of_many_small_chunks_is_no_flood() -> None:
    wire, count = wired(), LONGEST_HEAD // 4
    wire.receive(CHUNKED)
    for _ in range(count):
        wire.receive(b"1\r\n", b"x", b"\r\n")
        await wire.connection.read()
    wire.receive(b"0\r\n\r\n")
    assert wire.connection.reusable


@pytest.mark.parametrize("more", [WHOLE, b"H", b"HTTP/1.1 500 No\r\n\r\n", b"junk", b"\x00"])
@pytest.mark.parametrize("answer", [WHOLE, CHUNKED + b"5\r\nhello\r\n0\r\n\r\n"])
@pytest.mark.parametrize("apart", [False, True])
async def test_more_than_was_asked_for_leaves_the_answer_right_and_ends_the_connection(
    answer: bytes, more: bytes, *, apart: bool
) -> None:
    wire = wired()
    wire.receive(*([answer, more] if apart else [answer + more]))
    assert wire.transport.aborted
    assert not wire.connection.reusable
    assert await wire.connection.begun() == 200
    assert await read_all(wire.connection) == b"hello"
    assert wire.connection.headers.get("content-length", "5") == "5"


async def test_an_answer_that_nobody_asked_for_is_not_the_answer_to_the_next_request() -> None:
    wire = wired(asked=False)
    wire.receive(WHOLE)
    assert wire.transport.aborted
    assert not wire.connection.reusable


async def test_nothing_of_one_answer_is_left_for_the_next() -> None:
    wire = wired()
    wire.receive(b"HTTP/1.1 500 No\r\nRetry-After: 9\r\nContent-Length: 5\r\n\r\nhello")
    assert wire.connection.reusable, "even if nobody reads the body"
    wire.connection.send(b"GET / HTTP/1.1\r\n", b"\r\n")
    assert wire.transport.written == b"GET / HTTP/1.1\r\n\r\n"
    assert (wire.connection.status, wire.connection.headers) == (0, {})
    wire.receive(OK + b"Content-Length: 2\r\n\r\nhi")
    assert await wire.connection.begun() == 200
    assert wire.connection.headers == {"content-length": "2"}
    assert await read_all(wire.connection) == b"hi"


async def test_pieces_that_came_before_the_answer_broke_are_given_all_the_same() -> None:
    wire = wired()
    wire.receive(CHUNKED + b"5\r\nhello\r\nzz\r\n")
    assert (await wire.connection.read())[1] == b"hello"
    with pytest.raises(InvalidAnswerError):
        await wire.connection.read()


@pytest.mark.parametrize("below", [False, True])
async def test_a_connection_is_not_used_again_before_all_of_its_request_is_gone(*, below: bool) -> None:
    wire, upper = wired(), Memory()
    if below:
        wire.connection.follow(upper)
    wire.transport.unsent = 1
    wire.receive(WHOLE)
    assert not wire.connection.reusable
    wire.transport.unsent = 0
    assert wire.connection.reusable


async def test_a_body_that_nobody_reads_stops_being_received_and_goes_on_when_it_is_read() -> None:
    wire, piece = wired(), b"x" * 65_536
    wire.receive(OK + b"Content-Length: 10000000\r\n\r\n")
    received = 0
    while wire.transport.reading:
        wire.receive(piece)
        received += len(piece)
    assert received <= MOST_UNREAD + 2 * len(piece)
    await wire.connection.read()
    await wire.connection.read()
    assert wire.transport.reading


async def test_what_has_come_is_read_even_if_the_connection_is_lost_while_it_was_held_back() -> None:
    wire, piece = wired(), b"x" * (MOST_UNREAD + 1)
    wire.receive(OK + b"Content-Length: 10000000\r\n\r\n", piece)
    assert not wire.transport.reading
    wire.end(ConnectionResetError(104, "reset"))
    assert (await wire.connection.read())[1] == piece
    with pytest.raises(CutOffError, match="reset"):
        await wire.connection.read()


async def test_a_connection_that_is_held_back_is_not_used_again_and_waits_for_ever() -> None:
    wire = wired()
    wire.receive(OK + b"Content-Length: %d\r\n\r\n" % (MOST_UNREAD + 6), b"x" * (MOST_UNREAD + 1))
    wire.receive(b"hello")
    assert not wire.connection.reusable, "some transports give one more piece after they were held back"
    assert len(await read_all(wire.connection)) == MOST_UNREAD + 6
    assert wire.connection.reusable


async def test_pieces_and_the_end_have_the_times_at_which_they_arrived() -> None:
    wire = wired()
    wire.receive(CHUNKED)
    for piece in (b"1\r\na\r\n", b"1\r\nb\r\n1\r\nc\r\n", b"0\r\n\r\n"):
        wire.clock.advance(1.0)
        wire.receive(piece)
    wire.clock.advance(50.0)
    read = [await wire.connection.read() for _ in range(3)]
    assert read == [(101.0, b"a"), (102.0, b"bc"), (103.0, b"")]


async def test_the_end_of_an_answer_without_a_length_has_the_time_at_which_it_closed() -> None:
    wire = wired()
    wire.receive(OK + b"\r\na")
    wire.clock.advance(1.0)
    wire.end()
    wire.clock.advance(50.0)
    assert [await wire.connection.read() for _ in range(2)] == [(100.0, b"a"), (101.0, b"")]


async def test_an_answer_that_was_closed_from_this_side_is_no_whole_one() -> None:
    wire = wired()
    wire.receive(OK + b"\r\nhalf of")
    wire.connection.close()
    wire.end()
    assert (await wire.connection.read())[1] == b"half of"
    with pytest.raises(CutOffError, match="this side"):
        await wire.connection.read()


async def test_an_answer_without_a_length_that_is_reset_is_cut_off() -> None:
    wire = wired()
    wire.receive(OK + b"\r\nhalf of")
    wire.end(ConnectionResetError(104, "reset"))
    with pytest.raises(CutOffError, match="reset"):
        await read_all(wire.connection)


def loss(wire: Wired) -> None:
    wire.end(ConnectionResetError(104, "reset"))


def invalid(wire: Wired) -> None:
    wire.receive(b"no HTTP")


@pytest.mark.parametrize("happens", [loss, invalid])
@pytest.mark.parametrize("waiting", [False, True])
async def test_what_goes_wrong_reaches_the_one_who_waits_and_the_one_who_comes_later(
    happens: object, *, waiting: bool
) -> None:
    assert callable(happens)
    wire = wired()
    task = asyncio.create_task(wire.connection.begun())
    if waiting:
        await asyncio.sleep(0)
    happens(wire)
    async with asyncio.timeout(5):
        with pytest.raises(LostConnectionError if happens is loss else InvalidAnswerError):
            await task
        with pytest.raises(LostConnectionError if happens is loss else InvalidAnswerError):
            await wire.connection.read()
    assert not wire.connection.reusable


async def test_a_request_over_a_connection_that_is_gone_is_lost_at_once() -> None:
    wire = wired(asked=False)
    wire.end()
    wire.connection.send(b"GET / HTTP/1.1\r\n", b"\r\n")
    assert not wire.transport.written
    async with asyncio.timeout(5):
        with pytest.raises(LostConnectionError, match="closed"):
            await wire.connection.begun()


async def test_one_who_stops_waiting_is_in_nobodys_way() -> None:
    wire = wired()
    task = asyncio.create_task(wire.connection.begun())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    wire.receive(WHOLE)
    assert await wire.connection.begun() == 200


async def test_a_failed_call_leaves_nothing_to_the_collector_of_garbage() -> None:
    gc.collect()
    gc.disable()
    try:
        wire = wired()
        wire.end(ConnectionResetError(104, "reset"))
        with pytest.raises(LostConnectionError):
            await wire.connection.begun()
        del wire
        assert not [thing for thing in gc.get_objects() if isinstance(thing, wire_connection.HttpConnection)]
    finally:
        gc.enable()
