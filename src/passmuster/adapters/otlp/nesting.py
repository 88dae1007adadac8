"""Calls inside calls: the same call of a model, seen by two instrumentations."""

from collections.abc import Iterable, Mapping


def wrappers(calls: Iterable[str], parents: Mapping[str, str]) -> set[str]:
    """Return the calls that have another call inside.

    Args:
        calls: The names of spans that are calls of a model.
        parents: The name of each span's parent, by the span's; empty where it has none.

    Example:
        >>> wrappers(["a", "c"], {"a": "", "b": "a", "c": "b"})
        {'a'}
    """
    known = frozenset(calls)
    return ancestors(known, parents) & known


def ancestors(calls: Iterable[str], parents: Mapping[str, str]) -> set[str]:
    """Return all spans that these have above them, each looked at once.

    Example:
        >>> sorted(ancestors(["c"], {"a": "", "b": "a", "c": "b"}))
        ['a', 'b']
    """
    found: set[str] = set()
    for name in calls:
        above = parents.get(name, "")
        while above and above != name and above not in found:
            found.add(above)
            above = parents.get(above, "")
    return found
