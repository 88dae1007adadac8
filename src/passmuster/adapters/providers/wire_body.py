"""The body of an answer as it comes: counted, unpacked, and no longer than it may be."""

import zlib

from passmuster.adapters.providers.http1_connection import HttpConnection
from passmuster.adapters.providers.http1_errors import CutOffError
from passmuster.adapters.providers.wire_errors import UnreadableError

PACKED = frozenset({"gzip", "x-gzip", "deflate"})
ACCEPTED = "gzip, deflate"
"""What requests say that they understand: `PACKED`, in the words of the header."""


class Body:
    """The body behind a head that has come.

    Args:
        connection: Where it comes from.
        limit: Bytes, after unpacking, that it may be long.

    Raises:
        UnreadableError: where its head says that it is longer, or packed in another way than was offered.
    """

    __slots__ = ("_connection", "_limit", "_received", "_unpack")

    def __init__(self, connection: HttpConnection, limit: int) -> None:
        self._connection = connection
        self._limit = limit
        self._received = 0
        length = connection.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise self._too_long()
        packing = connection.headers.get("content-encoding", "identity").strip().lower()
        if packing not in PACKED and packing not in {"identity", ""}:
            message = f"the answer is packed as {packing!r}, which was not asked for"
            raise UnreadableError(message)
        self._unpack = Unpacker() if packing in PACKED else None

    async def next(self) -> tuple[float, bytes]:
        """Return the next piece with the time at which it arrived; no bytes are the end.

        Raises:
            UnreadableError: where the answer is too long, or does not unpack.
            HttpError: where it breaks off.
        """
        when, piece = await self._connection.read()
        while self._unpack is not None:
            if not piece:
                self._unpack.end()
                return when, piece
            piece = self._unpack.feed(piece, self._limit - self._received + 1)
            if piece:
                break
            when, piece = await self._connection.read()
        self._received += len(piece)
        if self._received > self._limit:
            raise self._too_long()
        return when, piece

    async def whole(self) -> tuple[float, bytes]:
        """Return all of it with the time at which its last piece arrived.

        Raises:
            UnreadableError: where the answer is too long, or does not unpack.
            HttpError: where it breaks off.
        """
        ended, first = await self.next()
        pieces = [first]
        when, piece = ended, first
        while piece:
            ended = when
            when, piece = await self.next()
            pieces.append(piece)
        return ended, b"".join(pieces)

    def _too_long(self) -> UnreadableError:
        return UnreadableError(f"the answer is longer than {self._limit} bytes")


class Unpacker:
    """Unpacks gzip and deflate, with or without the head that deflate should have, as far as it is told to."""

    __slots__ = ("_begun", "_zlib")

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._begun = False

    def feed(self, piece: bytes, most: int) -> bytes:
        """Return what a piece unpacks to, at most `most` bytes of it.

        Raises:
            UnreadableError: where it is not packed as was said.
        """
        try:
            unpacked = self._zlib.decompress(piece, most)
        except zlib.error as problem:
            if self._begun:
                message = f"the answer does not unpack: {problem}"
                raise UnreadableError(message) from problem
            self._begun = True
            self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
            return self.feed(piece, most)
        self._begun = True
        return unpacked

    def end(self) -> None:
        """Take note of the end.

        Raises:
            CutOffError: where it comes too early.
        """
        if not self._zlib.eof:
            message = "it ended before all of it was unpacked"
            raise CutOffError(message)
