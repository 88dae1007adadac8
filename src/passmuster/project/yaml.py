"""Safe YAML in which every key and value knows its line and column.

Only plain data comes out: text, numbers, true, false, null, lists and mappings. `no`, `on` and dates stay text;
tags are refused; a key that stands twice is an error. `${VAR}` and `${VAR:-default}` are filled in from the
environment (`$${` writes a literal `${`), and what was filled in is never shown in a message.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from yaml import MappingNode, Node, ScalarNode, SequenceNode
from yaml.composer import Composer
from yaml.error import Mark, MarkedYAMLError, YAMLError
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from passmuster.errors import ConfigurationError, Place

Data: TypeAlias = bool | int | float | str | list["Data"] | dict[str, "Data"] | None
Path: TypeAlias = tuple[str | int, ...]

MAX_NODES = 50_000
"""Nodes after aliases are followed: above it a file is an alias bomb, not a project."""
MAX_DEPTH = 40
"""Levels of nesting."""
MAX_CHARACTERS = 2_000_000

_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_WORDS: Mapping[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_VARIABLE = re.compile(r"\$(?P<escaped>\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data, with the places of all its keys and values.

    `written` holds, for values that were filled in from the environment, the text as the file has it.
    """

    path: str
    data: Data
    keys: Mapping[Path, Place] = field(default_factory=dict)
    values: Mapping[Path, Place] = field(default_factory=dict)
    written: Mapping[Path, str] = field(default_factory=dict)

    def key(self, path: Path) -> Place:
        """Return where the key at the end of `path` stands, else the nearest place above it."""
        return self._nearest(self.keys, path)

    def value(self, path: Path) -> Place:
        """Return where the value at `path` stands, else the nearest place above it."""
        return self._nearest(self.values, path)

    def shown(self, path: Path, value: object) -> str:
        """Return a value for a message: as the file has it, never what the environment filled in."""
        return repr(self.written[path]) if path in self.written else shorten(value)

    def _nearest(self, places: Mapping[Path, Place], path: Path) -> Place:
        if path in places:
            return places[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(self.path, 1, 1))


def shorten(value: object, limit: int = 60) -> str:
    """Return the `repr` of a value for a message, cut to `limit` characters."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


class _PlainResolver(BaseResolver):
    """Gives every scalar the text tag: types are told apart after `${VAR}` has been filled in."""


class _Loader(Reader, Scanner, Parser, Composer, _PlainResolver):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        _PlainResolver.__init__(self)

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it out
        if getattr(event, "tag", None) is not None:
            raise MarkedYAMLError(
                problem=f"the tag {event.tag!r} is not allowed: only plain data is read",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)


def read_yaml(text: str, path: str, environment: Mapping[str, str]) -> Document:
    r"""Read one YAML document.

    Raises:
        ConfigurationError: with file, line and column, for anything that is no plain, bounded YAML, and for a
            variable that is not set.

    Example:
        >>> read_yaml("bars: {f1: {at_least: 0.9}}", "x.yaml", {}).data
        {'bars': {'f1': {'at_least': 0.9}}}
        >>> str(read_yaml("a: 1\nb: no", "x.yaml", {}).value(("b",)))
        'x.yaml:2:4'
    """
    if len(text) > MAX_CHARACTERS:
        raise ConfigurationError(f"the file has more than {MAX_CHARACTERS:,} characters", place=Place(path))
    try:
        node = _Loader(text).get_single_node()
    except ReaderError as error:
        raise _unreadable(text, path, error) from None
    except MarkedYAMLError as error:
        raise ConfigurationError(
            _problem(error), place=_place(path, error.problem_mark or error.context_mark)
        ) from None
    except (YAMLError, ValueError, OverflowError) as error:
        raise ConfigurationError(f"this is no YAML: {error}", place=Place(path)) from None
    except RecursionError:
        raise ConfigurationError(f"nested deeper than {MAX_DEPTH} levels", place=Place(path, 1, 1)) from None
    if node is None:
        return Document(path=path, data=None, values={(): Place(path, 1, 1)})
    return _Construction(path, environment).document(node)


def _problem(error: MarkedYAMLError) -> str:
    told = [part for part in (error.context, error.problem) if part]
    return "this is no YAML: " + ", ".join(told) if error.context else str(error.problem or "this is no YAML")


def _unreadable(text: str, path: str, error: ReaderError) -> ConfigurationError:
    before = text[: error.position] if isinstance(error.position, int) else ""
    place = Place(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
    return ConfigurationError("a character that YAML does not allow", place=place)


def _place(path: str, mark: Mark | None) -> Place:
    return Place(path) if mark is None else Place(path, mark.line + 1, mark.column + 1)


class _Construction:
    """Makes plain data of nodes, noting places on the way."""

    def __init__(self, path: str, environment: Mapping[str, str]) -> None:
        self._path = path
        self._environment = environment
        self._keys: dict[Path, Place] = {}
        self._values: dict[Path, Place] = {}
        self._written: dict[Path, str] = {}
        self._nodes = 0

    def document(self, node: Node) -> Document:
        data = self._any(node, ())
        return Document(
            path=self._path, data=data, keys=self._keys, values=self._values, written=self._written
        )

    def _any(self, node: Node, path: Path) -> Data:
        self._count(node, len(path))
        self._values[path] = self._at(node)
        if isinstance(node, MappingNode):
            return {key: self._any(value, (*path, key)) for key, value in self._entries(node, path).items()}
        if isinstance(node, SequenceNode):
            return [self._any(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _count(self, node: Node, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ConfigurationError(
                f"more than {MAX_NODES:,} values once its aliases are followed", place=self._at(node)
            )
        if depth > MAX_DEPTH:
            raise ConfigurationError(f"nested deeper than {MAX_DEPTH} levels", place=self._at(node))

    def _entries(self, node: MappingNode, path: Path) -> dict[str, Node]:
        own: dict[str, Node] = {}
        merged: dict[str, tuple[Node, Place]] = {}
        for key_node, value in node.value:
            key = self._key(key_node)
            if key == "<<" and key_node.style is None:
                self._merge(value, merged, len(path))
                continue
            if key in own:
                first = self._keys[(*path, key)]
                raise ConfigurationError(
                    f"the key {key!r} stands here a second time; the first is in line {first.line}",
                    place=self._at(key_node),
                )
            own[key] = value
            self._keys[(*path, key)] = self._at(key_node)
        for key, (value, place) in merged.items():
            if key not in own:
                own[key] = value
                self._keys[(*path, key)] = place
        return own

    def _merge(self, node: Node, merged: dict[str, tuple[Node, Place]], depth: int) -> None:
        """Take what `<<` names: one mapping or a list of them, the first to name a key wins."""
        self._count(node, depth)
        if isinstance(node, SequenceNode):
            for item in node.value:
                self._merge(item, merged, depth + 1)
            return
        if not isinstance(node, MappingNode):
            raise ConfigurationError("`<<` takes a mapping, or a list of mappings", place=self._at(node))
        inherited: dict[str, tuple[Node, Place]] = {}
        for key_node, value in node.value:
            key = self._key(key_node)
            if key == "<<" and key_node.style is None:
                self._merge(value, inherited, depth + 1)
            else:
                merged.setdefault(key, (value, self._at(key_node)))
        for key, entry in inherited.items():
            merged.setdefault(key, entry)

    def _key(self, node: Node) -> str:
        if not isinstance(node, ScalarNode):
            raise ConfigurationError("a key must be text", place=self._at(node))
        return self._text(str(node.value), node)

    def _scalar(self, node: Node, path: Path) -> Data:
        written = self._text(str(node.value), node)
        text = self._filled(written, node)
        if text != written or "${" in written:
            self._written[path] = written
        if isinstance(node, ScalarNode) and node.style is not None:
            return text
        return self._typed(text, node, shown=written)

    def _typed(self, text: str, node: Node, shown: str) -> Data:
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text) and len(text) <= 18:
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if number in (float("inf"), float("-inf")) or _INTEGER.fullmatch(text):
                raise ConfigurationError(f"{shorten(shown)} is too large a number", place=self._at(node))
            return number
        return text

    def _filled(self, text: str, node: Node) -> str:
        def value(match: re.Match[str]) -> str:
            if match["escaped"]:
                return "${"
            name, default = match["name"], match["default"]
            found = self._environment.get(name)
            if default is not None:
                return found or default
            if found is None:
                raise ConfigurationError(
                    f"the environment variable {name} is not set",
                    place=self._at(node),
                    hint=f"Set it (export {name}=...), or give a default: ${{{name}:-default}}.",
                )
            return found

        return _VARIABLE.sub(value, text)

    def _text(self, text: str, node: Node) -> str:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ConfigurationError(
                "half of a surrogate pair is no character; write the character itself", place=self._at(node)
            )
        return text

    def _at(self, node: Node) -> Place:
        return _place(self._path, node.start_mark)
