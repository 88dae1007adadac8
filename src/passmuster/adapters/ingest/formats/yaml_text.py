"""YAML of other tools, read safely: no objects are made of it, and its aliases cannot grow beyond what is written."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from passmuster.adapters.ingest.formats.format import Value
from passmuster.errors import CorpusError, Place
from passmuster.records.record import Json

LARGEST = 1 << 25
"""Bytes of a file; a larger one takes minutes, and is no file that a person wrote."""
MOST_VALUES = 2_000_000
"""Values of a file with its aliases followed: a few lines of aliases can stand for billions."""
MOST_MERGED, MOST_FIELDS = 50, 10_000
"""Mappings that are merged into one, and fields of a mapping."""
_MERGE = "tag:yaml.org,2002:merge"
_PLAIN: tuple[tuple[str, str, str], ...] = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("merge", r"<<", "<"),
)
"""What plain words are, as in YAML 1.2: `no` and `on` are texts, and so are dates, `12:30` and `0123`."""


class _Loader(yaml.SafeLoader):
    """Plain words are what they are in YAML 1.2, and merged mappings cannot double without end."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._seen: set[int] = set()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Put what is merged into a mapping in its place."""
        if id(node) not in self._seen:  # a mapping that was merged already may hold a key twice
            self._seen.add(id(node))
            _refuse_twins(node)
        for key, value in node.value:
            several = key.tag == _MERGE and isinstance(value, yaml.SequenceNode)
            if several and len(value.value) > MOST_MERGED:
                raise yaml.constructor.ConstructorError(
                    None, None, "too many mappings are merged", key.start_mark
                )
        super().flatten_mapping(node)
        if len(node.value) > MOST_FIELDS:
            raise yaml.constructor.ConstructorError(
                None, None, "a mapping of too many fields", node.start_mark
            )


def _refuse_twins(node: yaml.MappingNode) -> None:
    names: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
            if key.value in names:
                message = f"the key {key.value[:60]!r} stands twice in one mapping"
                raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
            names.add(key.value)


_Loader.yaml_implicit_resolvers = {}
for _kind, _pattern, _signs in _PLAIN:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}",
        re.compile(f"(?:{_pattern})$"),
        ["" if sign == "\0" else sign for sign in _signs],
    )


def yaml_values(path: Path) -> Iterator[Value]:
    """Yield the members of a YAML list, or the documents of a YAML file.

    Raises:
        CorpusError: where the file cannot be read, is no YAML, or its aliases stand for too much.
    """
    documents = _documents(path)
    if len(documents) == 1 and isinstance(documents[0], list):
        yield from (Value(f"[{index}]", member) for index, member in enumerate(documents[0]))
        return
    for number, document in enumerate(documents):
        if document is not None:
            yield Value(f"document {number + 1}" if number else "", document)


def _documents(path: Path) -> list[Json]:
    text = _text(path)
    try:
        documents = list(yaml.load_all(text, _Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Place(str(path), *((mark.line + 1, mark.column + 1) if mark else ()))
        raise CorpusError(f"not valid YAML: {error.problem}", place=place) from None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise CorpusError(f"not valid YAML: {str(error)[:200]}", place=Place(str(path))) from None
    left = MOST_VALUES
    for document in documents:
        left -= _size(document, left, ())
        if left < 0:
            raise CorpusError(
                f"the aliases of the file stand for more than {MOST_VALUES:,} values",
                place=Place(str(path)),
                hint="write out what is meant, in several files",
            )
    return [_plain(document) for document in documents]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise CorpusError(
                f"a YAML file of more than {LARGEST >> 20} MB",
                place=Place(str(path)),
                hint="give its tests as JSONL or CSV",
            )
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise CorpusError("there is no such file", place=Place(str(path))) from None
    except UnicodeDecodeError as error:
        message = f"not UTF-8: byte {error.object[error.start]:#04x}"
        raise CorpusError(message, place=Place(str(path)), hint="save the file as UTF-8") from None
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        raise CorpusError(message, place=Place(str(path))) from None


def _size(value: object, left: int, above: tuple[int, ...]) -> int:
    """Return how many values this is with its aliases followed; more than `left` where it is too many, or has no end."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) in above or len(above) > 100:
        return left + 1
    size, way = 1, (*above, id(value))
    for member in value.values() if isinstance(value, dict) else value:
        size += _size(member, left - size, way)
        if size > left:
            break
    return size


def _plain(value: Json) -> Json:
    """Return a value as JSON has it: the names of fields are texts."""
    if isinstance(value, dict):
        return {name if isinstance(name, str) else str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)
