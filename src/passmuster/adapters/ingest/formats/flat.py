"""Lists and objects that were written as flat names, such as `llm.input_messages.0.message.role`."""

from collections.abc import Mapping

from passmuster.records.record import Json

DEEPEST = 24
"""Levels of a name; what is written under a longer one is left out."""


def nested(said: Mapping[str, Json], prefix: str) -> Json:
    """Return what stands under a name and under all names below it; None where there is nothing.

    Numbers in names are places in a list. Gaps in it are closed.

    Example:
        >>> nested({"m.0.role": "user", "m.0.content": "Hi", "m.1.role": "tool"}, "m")
        [{'role': 'user', 'content': 'Hi'}, {'role': 'tool'}]
    """
    if said.get(prefix) is not None:
        return said[prefix]
    below = prefix + "."
    tree: dict[str, object] = {}
    for name, value in said.items():
        steps = name[len(below) :].split(".") if name.startswith(below) else []
        if 0 < len(steps) <= DEEPEST:
            _put(tree, steps, value)
    return _closed(tree) if tree else None


def _put(tree: dict[str, object], steps: list[str], value: Json) -> None:
    for step in steps[:-1]:
        inner = tree.get(step)
        if not isinstance(inner, _Branch):
            inner = tree[step] = _Branch()
        tree = inner
    tree.setdefault(steps[-1], value)


class _Branch(dict[str, object]):
    """A level that names made, apart from an object that came as a value."""


def _closed(tree: dict[str, object]) -> Json:
    closed = {name: _closed(value) if isinstance(value, _Branch) else value for name, value in tree.items()}
    if all(name.isdecimal() and len(name) <= 9 for name in closed):
        return [closed[name] for name in sorted(closed, key=int)]
    return closed
