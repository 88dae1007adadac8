"""A reader of JSON with the slips that models make: one pass over the text, in time linear in it."""

import re
from dataclasses import dataclass, field
from math import isfinite

from passmuster.metrics.json_text import DEPTH, FENCE
from passmuster.metrics.structure.strings import PAIRS, QUOTED_KEY, SPACE, read_string
from passmuster.records.record import Json

COMMENT = re.compile(r"//[^\n]*+|#[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?")
NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,5})?(?=[\s,\]}#]|/[/*]|\Z)")
ALONE = re.compile(r"[ \t]*+(?:[,\]}#\r\n]|/[/*]|\Z)")
BLANKS = re.compile(r"[ \t]++")
WORD = re.compile(r"-?[A-Za-z]{4,9}")
THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3}){1,9}(?:\.[0-9]{1,300})?(?![^\s\]}/#,])")
KEY = re.compile(r"[^\s:,{}\[\]\"'\u201c\u201d\u2018\u2019`]++")
BARE = re.compile(r"[^,}\]\n]*+")
LITERALS = {
    "true": True,
    "false": False,
    "null": None,
    "True": True,
    "False": False,
    "None": None,
    "NaN": None,
    "undefined": None,
    "Infinity": None,
    "-Infinity": None,
}
OWN_LITERALS = ("true", "false", "null")
CLOSERS = {"{": "}", "[": "]"}


class TooDeepError(ValueError):
    """A value is nested deeper than is read."""


@dataclass(slots=True)
class _Frame:
    """An object or a list that is not closed yet."""

    opened: str
    value: dict[str, Json] | list[Json]
    key: str | None = None
    comma: bool = True

    def put(self, item: Json) -> None:
        if isinstance(self.value, list):
            self.value.append(item)
        elif self.key is not None:
            self.value[self.key] = item
            self.key = None
        self.comma = False


@dataclass(slots=True)
class Reader:
    """Reads values out of a text; `repairs` names what had to be mended.

    Example:
        >>> reader = Reader(text="{'a': [1, 2,")
        >>> reader.read(0), sorted(reader.repairs)
        ({'a': [1, 2]}, ['closing', 'commas', 'quotes'])
    """

    text: str
    repairs: set[str] = field(default_factory=set)
    position: int = 0
    _stack: list[_Frame] = field(default_factory=list)

    def read(self, start: int) -> Json:
        """Return the object or list that begins at `start`; `position` is then behind it.

        Raises:
            TooDeepError: where it is nested deeper than 90 levels.
        """
        self.position = start
        self._stack = []
        self._open(self.text[start])
        root = self._stack[0].value
        while self._stack:
            self._skip()
            char = self.text[self.position : self.position + 1]
            if not char or self.text.startswith(FENCE, self.position):
                self.repairs.add("closing")
                if any(frame.comma and frame.value for frame in self._stack):
                    self.repairs.add("commas")
                break
            self._step(char)
        return root

    def _step(self, char: str) -> None:
        frame = self._stack[-1]
        if char in "}]":
            self._close(char)
        elif char == ",":
            self._comma(frame)
        elif isinstance(frame.value, dict) and frame.key is None:
            self._begin(frame)
            self._key(frame, char)
        else:
            if frame.key is None:
                self._begin(frame)
            self._value(frame, char)

    def _open(self, char: str) -> None:
        if len(self._stack) == DEPTH:
            message = f"nested deeper than {DEPTH} levels"
            raise TooDeepError(message)
        self._stack.append(_Frame(opened=char, value={} if char == "{" else []))
        self.position += 1

    def _close(self, char: str) -> None:
        frame = self._stack[-1]
        fits = CLOSERS[frame.opened] == char
        if fits or any(CLOSERS[each.opened] == char for each in self._stack):
            if frame.key is not None:
                self.repairs.add("literals")
                frame.put(None)
            if frame.comma and frame.value:
                self.repairs.add("commas")
            self._stack.pop()
        if not fits:
            self.repairs.add("closing")
        if fits or not self._stack or not any(CLOSERS[each.opened] == char for each in self._stack):
            self.position += 1

    def _comma(self, frame: _Frame) -> None:
        if frame.key is not None:
            self.repairs.add("literals")
            frame.put(None)
        if frame.comma:
            self.repairs.add("commas")
        frame.comma = True
        self.position += 1

    def _begin(self, frame: _Frame) -> None:
        if not frame.comma:
            self.repairs.add("commas")
        frame.comma = False

    def _key(self, frame: _Frame, char: str) -> None:
        if char in PAIRS:
            key, self.position = read_string(self.text, self.position, self.repairs, key=True)
        else:
            found = KEY.match(self.text, self.position)
            key = found.group() if found else ""
            self.position = found.end() if found else self.position + 1
            self.repairs.add("quotes")
        self._skip()
        if self.text.startswith(":", self.position):
            self.position += 1
            frame.key = key
        else:  # a word that is no member is passed over
            self.repairs.add("surroundings")

    def _value(self, frame: _Frame, char: str) -> None:
        if char in CLOSERS:
            self._open(char)
            frame.put(self._stack[-1].value)
        elif char in PAIRS:
            value, self.position = read_string(
                self.text, self.position, self.repairs, in_list=isinstance(frame.value, list)
            )
            frame.put(value)
        else:
            frame.put(self._scalar(in_object=frame.key is not None))

    def _alone(self, end: int, *, in_object: bool) -> bool:
        """Return whether nothing else belongs to a value that ends there: a comma may be left out before a member."""
        if ALONE.match(self.text, end):
            return True
        blanks = BLANKS.match(self.text, end) if in_object else None
        return blanks is not None and QUOTED_KEY.match(self.text, blanks.end()) is not None

    def _scalar(self, *, in_object: bool) -> Json:
        word = WORD.match(self.text, self.position)
        if word and word.group() in LITERALS and self._alone(word.end(), in_object=in_object):
            self.position = word.end()
            return self._literal(word.group())
        found = THOUSANDS.match(self.text, self.position) if in_object else None
        if found:
            self.repairs.add("literals")
        found = found or NUMBER.match(self.text, self.position)
        if found and (not in_object or self._alone(found.end(), in_object=True)):
            self.position = found.end()
            digits = found.group().replace(",", "")
            return int(digits) if digits.lstrip("-").isdigit() else self._double(digits)
        found = BARE.match(self.text, self.position)
        bare = found.group() if found else ""
        self.position += max(len(bare), 1)
        bare = bare.strip().strip("\"'")
        if bare in LITERALS:
            return self._literal(bare)
        self.repairs.add("quotes")
        return bare

    def _literal(self, word: str) -> Json:
        if word not in OWN_LITERALS:
            self.repairs.add("literals")
        return LITERALS[word]

    def _double(self, digits: str) -> Json:
        """Return a number; one beyond a double stays text."""
        number = float(digits)
        if isfinite(number):
            return number
        self.repairs.add("literals")
        return digits

    def _skip(self) -> None:
        """Pass over white space and comments."""
        while True:
            space = SPACE.match(self.text, self.position)
            self.position = space.end() if space else self.position
            comment = COMMENT.match(self.text, self.position)
            if comment is None:
                return
            self.repairs.add("comments")
            self.position = comment.end()
