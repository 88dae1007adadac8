"""Writes an answer to the wire, each piece at its moment, spoilt where the call is to go wrong."""

import asyncio
import socket
import struct
from collections.abc import Iterator

from aiohttp import web

from passmuster.adapters.simulator.call import Call
from passmuster.adapters.simulator.surface import Answer

TOGETHER = 0.0002
"""Seconds: pieces that are due sooner than this after one another are sent together."""
POLL = 0.001
"""Seconds between two looks at what is not sent yet: only answers too large for the kernel's buffer wait."""
KEPT = 0.6
"""The share of an answer that is sent where it is to end too early."""
BROKEN = b'data: {"id":"chatcmpl-sim","object":"chat.compl\n\n'


class Delivery:
    """Answers one call; moments are the loop's, `scale` is real seconds per simulated second."""

    def __init__(self, request: web.Request, call: Call, scale: float, headers: dict[str, str]) -> None:
        self._request = request
        self._call = call
        self._scale = scale
        self._headers = headers
        self._loop = asyncio.get_running_loop()
        self._response = web.StreamResponse()
        self._ready: list[bytes] = []
        self._due: list[float] = []

    async def error(self, status: int, body: bytes) -> web.StreamResponse:
        """Answer with an error at once."""
        self._call.status = status
        return await self._send(web.Response(status=status, body=body, headers=self._headers))

    async def reset(self) -> web.StreamResponse:
        """Break the connection: the client sees it reset, whatever it was waiting for."""
        transport = self._request.transport
        if transport is not None:
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        return web.Response(status=500)

    async def whole(self, answer: Answer) -> web.StreamResponse:
        """Answer in one piece, when the last token is due."""
        call = self._call
        body = call.surface.whole(answer)
        due = call.received + call.times.seconds * self._scale
        await self._until(due)
        call.status = 200
        self._headers["Content-Type"] = "application/json"
        if call.fault in {"truncated", "malformed_stream"}:
            body = body[: int(len(body) * KEPT)]
        if call.fault not in {"cut", "drip"}:
            response = await self._send(web.Response(body=body, headers=self._headers))
            call.late = max(0.0, self._loop.time() - due)
            return response
        await self._prepare(web.StreamResponse(headers=self._headers | {"Content-Length": str(len(body))}))
        return await self._write_spoilt(body)

    async def stream(self, answer: Answer) -> web.StreamResponse:
        """Answer token by token, each when it is due."""
        call = self._call
        call.status = 200
        kind = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
        await self._prepare(web.StreamResponse(headers=self._headers | kind))
        opening = call.surface.opening(answer)
        if call.fault == "drip":
            await self._until(call.received + call.times.first_token * self._scale)
            pieces = b"".join(
                call.surface.piece(answer, token, index) for index, token in enumerate(answer.tokens)
            )
            await self._drip(opening + pieces + call.surface.closing(answer))
            return await self._close()
        self._ready.append(opening)
        for due, piece in zip(self._moments(len(answer.tokens)), self._pieces(answer), strict=False):
            if due > self._loop.time() + (TOGETHER if self._due else 0.0):
                await self._flush()
                await self._until(due)
            self._ready.append(piece)
            self._due.append(due)
        await self._flush()
        if call.fault == "cut":
            return await self._hang_up()
        end = call.received + call.times.seconds * self._scale
        await self._until(end)
        if call.fault != "truncated":
            await self._response.write(call.surface.closing(answer))
        call.late = max(call.late, self._loop.time() - end)
        return await self._close()

    def _moments(self, number: int) -> Iterator[float]:
        """Yield when each token is due."""
        times = self._call.times
        due = self._call.received + times.first_token * self._scale
        if times.gaps is None:
            gap = (times.seconds - times.first_token) * self._scale / max(1, number)
            yield from (due + gap * index for index in range(number))
            return
        yield due
        for gap in times.gaps:
            due += gap * self._scale
            yield due

    def _pieces(self, answer: Answer) -> Iterator[bytes]:
        """Yield the events of the tokens: fewer, or broken ones, where the call goes wrong."""
        surface, fault = self._call.surface, self._call.fault
        middle = int(len(answer.tokens) * KEPT)
        for index, token in enumerate(answer.tokens):
            piece = surface.piece(answer, token, index)
            if index != middle or fault not in {"truncated", "cut", "malformed_stream"}:
                yield piece
            elif fault == "malformed_stream":
                yield BROKEN + piece
            else:
                yield piece[: len(piece) // 2]
                return

    async def _flush(self) -> None:
        if not self._ready:
            return
        if ready := b"".join(self._ready):
            await self._response.write(ready)
        if self._due:
            now, call = self._loop.time(), self._call
            if call.first_byte is None:
                call.first_byte = now
            call.late = max(call.late, now - self._due[0])
            call.pieces.extend([now] * len(self._due))
        self._ready.clear()
        self._due.clear()

    async def _send(self, response: web.Response) -> web.StreamResponse:
        await self._prepare(response)
        await self._close()
        self._call.first_byte = self._call.last_byte
        return response

    async def _write_spoilt(self, body: bytes) -> web.StreamResponse:
        if self._call.fault == "drip":
            await self._drip(body)
            return await self._close()
        self._call.first_byte = self._loop.time()
        await self._response.write(body[: int(len(body) * KEPT)])
        return await self._hang_up()

    async def _drip(self, body: bytes) -> None:
        gap = self._call.drip * self._scale
        due = self._loop.time()
        for at in range(len(body)):
            await self._until(due + at * gap)
            await self._response.write(body[at : at + 1])
            if self._call.first_byte is None:
                self._call.first_byte = self._loop.time()

    async def _prepare(self, response: web.StreamResponse) -> None:
        self._response = response
        await response.prepare(self._request)

    async def _close(self) -> web.StreamResponse:
        await self._response.write_eof()
        await self._handed_over()
        self._call.last_byte = self._loop.time()
        self._call.complete = self._call.fault not in {"truncated", "malformed_stream"}
        return self._response

    async def _hang_up(self) -> web.StreamResponse:
        """Close the connection in the middle of the message, after all that was written."""
        await self._handed_over()
        if self._request.transport is not None:
            self._request.transport.close()
        return self._response

    async def _handed_over(self) -> None:
        """Wait until nothing is left in this process: what the kernel has, the client can get."""
        transport = self._request.transport
        while transport is not None and transport.get_write_buffer_size():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(POLL)

    async def _until(self, moment: float) -> None:
        wait = moment - self._loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
