"""The lines of a file of any size and any state: bounded, counted, and with the digest of what was read."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

from passmuster.errors import CorpusError, Place

LONGEST = 16 << 20
"""Bytes of a line; of a longer one only the beginning is kept, to show."""

BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_GZIP = b"\x1f\x8b"
_OTHER_PACKERS = {
    b"\x28\xb5\x2f\xfd": "zstd -d",
    b"BZh": "bunzip2",
    b"\xfd7zXZ": "unxz",
    b"PK\x03\x04": "unzip",
}
_BLOCK = 1 << 18
_SHOWN = 1_000


class Line(NamedTuple):
    """A line with its end, and its number from 1; `whole` is false where it was longer than is read."""

    number: int
    raw: bytes
    whole: bool = True


class Counted(io.RawIOBase):
    """A file that counts and digests what is read of it."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("rb", buffering=0)
        self._hash = hashlib.sha256()
        self.done = 0
        """Bytes read so far."""

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a wider type has no length
        """Read into a buffer and return how many bytes."""
        count = self._stream.readinto(buffer) or 0
        self._hash.update(buffer[:count])
        self.done += count
        return count

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()

    @property
    def digest(self) -> str:
        """SHA-256 of what was read: 64 hexadecimal digits."""
        return self._hash.hexdigest()


class Lines:
    r"""The lines of a file, packed by gzip or not, whatever they end in: `\n`, `\r\n` or `\r`.

    Use it in a `with` block; go through it once.

    Args:
        path: The file.
        longest: Bytes of a line.

    Raises:
        CorpusError: where it cannot be opened; while it is read, where a packed file is broken.
    """

    def __init__(self, path: Path, longest: int = LONGEST) -> None:
        self._path = path
        self._longest = longest
        try:
            self._counted = Counted(path)
            self.size = path.stat().st_size
        except OSError as error:
            raise unreadable(path, error) from None
        buffered = io.BufferedReader(self._counted, _BLOCK)
        beginning = buffered.peek(8)[:8]
        for mark, unpack in _OTHER_PACKERS.items():
            if beginning.startswith(mark):
                self._counted.close()
                raise CorpusError(
                    "this file is packed in a way that is not read",
                    place=Place(str(path)),
                    hint=f"Unpack it: {unpack}",
                )
        self._stream = gzip.GzipFile(fileobj=buffered) if beginning.startswith(_GZIP) else buffered
        self._number = 0
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._counted.close()

    @property
    def done(self) -> int:
        """Bytes of the file that were read so far, packed as they are."""
        return self._counted.done

    @property
    def digest(self) -> str:
        """SHA-256 of the file, as far as it was read: 64 hexadecimal digits."""
        return self._counted.digest

    def __iter__(self) -> Iterator[Line]:
        try:
            for block in self._blocks():
                yield from block
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            cut = isinstance(error, EOFError)
            raise CorpusError(
                "the packed file ends too early: it was cut off"
                if cut
                else f"the packed file is broken: {error}",
                place=Place(str(self._path), self._number + 1),
                hint="Copy it again; nothing of it was imported.",
            ) from None
        except OSError as error:
            raise unreadable(self._path, error) from None

    def _blocks(self) -> Iterator[list[Line]]:
        rest, too_long = b"", False
        while block := self._stream.read(_BLOCK):
            if not self._begun:
                self._begun = True
                block = self._without_mark(block)
            parts = (rest + block).splitlines(keepends=True)
            # A line that ends in a carriage return may end in a line feed as well, which is in the next block.
            rest = b"" if not parts or parts[-1].endswith(b"\n") else parts.pop()
            if too_long and parts:
                too_long = False
                del parts[0]
            if too_long:
                rest = b"\r" if rest.endswith(b"\r") else b""
            lines = [self._line(part) for part in parts]
            if len(rest) > self._longest:
                lines.append(self._line(rest))
                rest, too_long = b"", True
            yield lines
        if rest and not too_long:
            yield [self._line(rest)]

    def _line(self, raw: bytes) -> Line:
        self._number += 1
        return (
            Line(self._number, raw)
            if len(raw) <= self._longest
            else Line(self._number, raw[:_SHOWN], whole=False)
        )

    def _without_mark(self, block: bytes) -> bytes:
        if block.startswith(_UTF16):
            raise CorpusError(
                "the file is in UTF-16, not in UTF-8",
                place=Place(str(self._path), 1),
                hint="Save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8",
            )
        return block.removeprefix(BOM)


def unreadable(path: Path, error: OSError) -> CorpusError:
    """Return what to raise where a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return CorpusError("there is no such file", place=Place(str(path)))
    return CorpusError(f"the file cannot be read: {error.strerror or error}", place=Place(str(path)))


def decoded(raw: bytes) -> str:
    r"""Return a line as text.

    Raises:
        ValueError: says which byte at which column is not UTF-8, or that there is a NUL byte.

    Example:
        >>> decoded(b"a\xff")
        Traceback (most recent call last):
        ValueError: not UTF-8: byte 0xff at column 2
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode(errors="replace")) + 1
        message = f"not UTF-8: byte {raw[error.start]:#04x} at column {column}"
        raise ValueError(message) from None
    if "\0" in text:
        message = f"a NUL byte at column {text.index(chr(0)) + 1}"
        raise ValueError(message)
    return text
