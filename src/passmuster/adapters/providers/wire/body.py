"""The body of an answer as it comes: counted, unpacked, and no longer than it may be."""

import zlib

from passmuster.adapters.providers.wire.connection import HttpConnection
from passmuster.adapters.providers.wire.errors import UnreadableError
from passmuster.adapters.providers.wire.transport_errors import CutOffError

PACKED = frozenset({"gzip", "x-gzip", "deflate"})
ACCEPTED = "gzip, deflate"
"""What requests say that they understand: `PACKED`, in the words of the header."""
GZIP = b"\x1f\x8b"
"""How each member of a gzip begins."""


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
        come = self._connection.whole() if self._unpack is None else None
        if come is not None:
            if len(come[1]) > self._limit:
                raise self._too_long()
            return come
        pieces = []
        ended, piece = await self.next()
        when = ended
        while piece:
            pieces.append(piece)
            ended = when
            when, piece = await self.next()
        return ended, b"".join(pieces)

    def _too_long(self) -> UnreadableError:
        return UnreadableError(f"the answer is longer than {self._limit} bytes")


class Unpacker:
    """Unpacks gzip and deflate, with or without the head that deflate should have, as far as it is told to.

    Gzip may come in several members, one behind the other (RFC 1952, section 2.2). Anything else behind the
    end is passed over.
    """

    __slots__ = ("_ended", "_over", "_start", "_within", "_zlib")

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj()
        self._start = b""
        self._within = self._ended = self._over = False

    def feed(self, piece: bytes, most: int) -> bytes:
        """Return what a piece unpacks to, at most `most` bytes of it, of which there must be one.

        Raises:
            UnreadableError: where it is not packed as was said.
        """
        rest, unpacked = self._start + piece, [b""]
        self._start = b""
        while rest and most > 0 and not self._over:
            if not self._within and not self._begins(rest):
                break
            try:
                unpacked.append(self._zlib.decompress(rest, most))
            except zlib.error as problem:
                message = f"the answer does not unpack: {problem}"
                raise UnreadableError(message) from problem
            most -= len(unpacked[-1])
            self._within = not self._zlib.eof
            self._ended = self._zlib.eof
            rest = self._zlib.unused_data
        return b"".join(unpacked)

    def end(self) -> None:
        """Take note of the end; where nothing came at all, there was nothing to unpack.

        Raises:
            CutOffError: where it comes too early.
        """
        if self._within or (self._start and not self._ended):
            message = "it ended before all of it was unpacked"
            raise CutOffError(message)

    def _begins(self, rest: bytes) -> bool:
        """Return whether something packed begins here; the first two bytes tell, and they may come one by one."""
        if len(rest) < 2:
            self._start = rest
            return False
        if rest.startswith(GZIP):
            bits = zlib.MAX_WBITS | 16
        elif self._ended:
            self._over = True
            return False
        else:
            headed = rest[0] & 15 == zlib.DEFLATED and int.from_bytes(rest[:2], "big") % 31 == 0
            bits = zlib.MAX_WBITS if headed else -zlib.MAX_WBITS
        self._zlib = zlib.decompressobj(bits)
        return True
