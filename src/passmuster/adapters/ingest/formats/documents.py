"""Values of files that are no list of lines: JSON documents, one after another or in one list."""

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from passmuster.adapters.ingest.formats.format import Value
from passmuster.errors import CorpusError, Place
from passmuster.records.record import Json

LARGEST = 1 << 28
"""Characters of one value; a larger one is refused, since it would have to be held."""
_CHUNK = 1 << 16
_BLANK = " \t\r\n\ufeff"
_NEAR = 16
"""An error of syntax this near to the end of what was read may be the end alone."""


def json_values(path: Path) -> Iterator[Value]:
    """Yield the members of a JSON list, or the JSON values that stand one after another, of a `.json(.gz)` file.

    Only one value at a time is held. NaN and infinities, which some exports write, are read as null.

    Raises:
        CorpusError: where the file cannot be read, is no JSON, or holds a value of more than 256 million
            characters.
    """
    try:
        with _opened(path) as stream:
            yield from _Values(stream, path)
    except FileNotFoundError:
        raise CorpusError("there is no such file", place=Place(str(path))) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CorpusError(f"the compressed file is broken: {error}", place=Place(str(path))) from None
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"not UTF-8: {error.reason}", place=Place(str(path)), hint="save the file as UTF-8"
        ) from None
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        raise CorpusError(message, place=Place(str(path))) from None


def _opened(path: Path) -> BufferedIOBase:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


class _Values:
    """Goes through the values of a stream; iterate over it once."""

    def __init__(self, stream: BufferedIOBase, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._parse = json.JSONDecoder(parse_constant=lambda _: None).raw_decode
        self._text = ""
        self._at = 0
        self._line = 1
        self._over = False

    def __iter__(self) -> Iterator[Value]:
        first = self._next_sign()
        if first == "[":
            self._at += 1
            yield from self._members()
            return
        number = 0
        while self._next_sign():
            yield Value(f"value {number + 1}" if number else "", self._value())
            number += 1

    def _members(self) -> Iterator[Value]:
        number = 0
        sign = self._next_sign()
        while sign != "]":
            yield Value(f"[{number}]", self._value())
            number += 1
            sign = self._next_sign()
            if sign not in {",", "]"} or not sign:
                raise self._wrong("expected a comma or the end of the list")
            if sign == ",":
                self._at += 1
                self._next_sign()
        self._at += 1
        if self._next_sign():
            raise self._wrong("there is more after the end of the list")

    def _next_sign(self) -> str:
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def _value(self) -> Json:
        while True:
            try:
                value, end = self._parse(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos > len(self._text) - _NEAR
                if self._over or not cut:
                    self._at = min(error.pos, len(self._text))
                    raise self._wrong(error.msg) from None
            except (ValueError, RecursionError) as error:
                raise self._wrong(str(error)) from None
            else:
                # A number at the end of what was read may go on in what was not.
                if self._over or isinstance(value, dict | list) or len(self._text) - end > _NEAR:
                    self._at = end
                    return value
            self._more()

    def _more(self) -> bool:
        """Read on, twice as much as before where one value takes long, and let go of what was used."""
        if self._over:
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :]
        self._at = 0
        if len(self._text) > LARGEST:
            raise self._wrong(f"a value of more than {LARGEST} characters")
        raw = self._stream.read(max(_CHUNK, len(self._text)))
        self._over = not raw
        self._text += self._decode.decode(raw, self._over)
        return bool(raw)

    def _wrong(self, message: str) -> CorpusError:
        before = self._text[: self._at]
        line = self._line + before.count("\n")
        return CorpusError(f"not valid JSON: {message}", place=Place(str(self._path), line))
