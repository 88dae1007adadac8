"""Server-sent events, as far as language-model endpoints use them: the data of each event."""


class EventParser:
    r"""Cuts a stream of bytes into the data of its events, wherever the network cut it.

    Lines end with LF or CRLF; comments and fields other than `data` are passed over.

    Example:
        >>> parser = EventParser()
        >>> parser.feed(b'data: {"a"'), parser.feed(b": 1}\n\n: ping\n\n")
        ([], [b'{"a": 1}'])
    """

    __slots__ = ("_data", "_rest")

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes and return the data of the events that they complete."""
        self._rest.append(chunk)
        if b"\n" not in chunk:
            return []
        *lines, rest = b"".join(self._rest).split(b"\n")
        self._rest = [rest] if rest else []
        return [event for line in lines if (event := self._line(line)) is not None]

    def finish(self) -> list[bytes]:
        """Return the data of a last event that no blank line closed: some servers end like that."""
        rest = b"".join(self._rest)
        self._rest = []
        events = [self._line(rest), self._line(b"")]
        return [event for event in events if event is not None]

    def _line(self, line: bytes) -> bytes | None:
        line = line.removesuffix(b"\r")
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line and self._data:
            event = b"\n".join(self._data)
            self._data = []
            return event
        return None
