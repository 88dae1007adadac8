"""`eval/failure_modes.yaml`: a list that people write, and that is only ever added to here, as text."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import get_args

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.files.lines import write_lines
from passmuster.errors import CorpusError, Place
from passmuster.records.failure_mode import FailureMode, Severity

FILE_NAME = "failure_modes.yaml"
LARGEST = 1 << 20
"""Bytes of a file; nobody writes a larger one by hand."""

_FIELDS = tuple(field.name for field in fields(FailureMode))
_SEVERITIES: Mapping[str, Severity] = {name: name for name in get_args(Severity)}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_HEAD = (
    "# The ways in which this task is known to go wrong. A regression case names one of them as its `mode`.",
    "# severity: low, medium, high or critical. first_seen: a date. link: an incident or a ticket.",
)


class FailureModes:
    """The failure modes of a project.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def modes(self) -> tuple[FailureMode, ...]:
        """Return all modes in the order of the file; none where there is no file.

        Raises:
            CorpusError: for a slip, with line and column.
        """
        return _modes(self.path, self._text())

    def add(self, mode: FailureMode) -> None:
        """Write a mode behind the others; whatever else the file holds, comments too, stays as it is.

        Raises:
            CorpusError: where the name is taken, or the file is of a form that cannot be added to.
        """
        before = self._text()
        known = _modes(self.path, before)
        if mode.name in [each.name for each in known]:
            raise CorpusError(f"the failure mode {mode.name!r} is there already", place=Place(str(self.path)))
        lines = before.rstrip().split("\n") if before.strip() else list(_HEAD)
        entry = _entry(mode, _indent(before))
        after = [*lines, *entry]
        if _reads_as(self.path, "\n".join(after) + "\n") != (*known, mode):
            raise CorpusError(
                "the file is of a form that nothing can be added to",
                place=Place(str(self.path)),
                hint="Write the list one mode after another, or add by hand:\n" + "\n".join(entry),
            )
        write_lines(self.path, after)

    def _text(self) -> str:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise _wrong(self.path, f"the file cannot be read: {error.strerror or error}") from None
        if len(content) > LARGEST:
            raise _wrong(self.path, f"the file has {len(content)} bytes, which is no list of failure modes")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _wrong(self.path, "the file is no UTF-8 text") from None


def _reads_as(path: Path, text: str) -> tuple[FailureMode, ...] | None:
    try:
        return _modes(path, text)
    except CorpusError:
        return None


def _entry(mode: FailureMode, indent: int) -> list[str]:
    values = {name: getattr(mode, name) for name in _FIELDS}
    lines = [f"{name}: {_scalar(value)}" for name, value in values.items() if value]
    return [" " * indent + ("- " if not number else "  ") + line for number, line in enumerate(lines)]


def _scalar(value: str) -> str:
    """Return a text as YAML: plain where nothing in it has a meaning, else in the quotes of JSON."""
    plain = _PLAIN.fullmatch(value) is not None and value.lower() not in _WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)


def _indent(text: str) -> int:
    found = _list_node(Path(), text) if text.strip() else None
    return 0 if found is None or not found.value else int(found.start_mark.column)


def _list_node(path: Path, text: str) -> SequenceNode | None:
    try:
        root: Node | None = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or error
        raise _wrong(path, f"not valid YAML: {what}", None if mark is None else mark.line + 1) from None
    if isinstance(root, MappingNode) and len(root.value) == 1 and root.value[0][0].value == "modes":
        root = root.value[0][1]
    if root is None or (isinstance(root, ScalarNode) and not root.value):
        return None
    if not isinstance(root, SequenceNode):
        raise _wrong(path, "expected a list of failure modes", root.start_mark.line + 1)
    return root


def _modes(path: Path, text: str) -> tuple[FailureMode, ...]:
    root = _list_node(path, text)
    found: dict[str, FailureMode] = {}
    for node in () if root is None else root.value:
        mode = _mode(path, node)
        if mode.name in found:
            raise _wrong(path, f"the failure mode {mode.name!r} stands twice", node.start_mark.line + 1)
        found[mode.name] = mode
    return tuple(found.values())


def _mode(path: Path, node: Node) -> FailureMode:
    line = node.start_mark.line + 1
    if not isinstance(node, MappingNode):
        raise _wrong(path, "expected a failure mode with its `name`", line)
    values = _values(path, node)
    if "name" not in values:
        raise _wrong(path, "the failure mode has no name", line)
    severity = _SEVERITIES.get(values.get("severity", "medium"))
    if severity is None:
        raise _wrong(path, f"{values['severity']!r} is no severity", line, _valid(tuple(_SEVERITIES)))
    return FailureMode(
        name=values["name"],
        description=values.get("description", ""),
        severity=severity,
        first_seen=values.get("first_seen"),
        link=values.get("link"),
    )


def _values(path: Path, node: MappingNode) -> dict[str, str]:
    values: dict[str, str] = {}
    seen: set[str] = set()
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            raise _wrong(path, "the name of a field is text", at)
        if key.value not in _FIELDS:
            raise _wrong(path, f"a failure mode has no {key.value!r}", at, did_you_mean(key.value, _FIELDS))
        if not isinstance(value, ScalarNode):
            raise _wrong(path, f"{key.value}: expected text", at)
        if key.value in seen:
            raise _wrong(path, f"{key.value} stands twice", at)
        seen.add(key.value)
        if value.value and not (value.style is None and value.value in {"null", "~"}):
            values[key.value] = value.value
    return values


def _valid(names: Sequence[str]) -> str:
    return "valid are: " + ", ".join(names)


def _wrong(path: Path, message: str, line: int | None = None, hint: str | None = None) -> CorpusError:
    return CorpusError(message, place=Place(str(path), line), hint=hint)
