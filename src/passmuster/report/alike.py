"""What is said alike of several candidates, said once."""

from collections.abc import Iterable

LEAST = 3


def said_once(said: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return (name, words) with the same words of three or more put together, at the place of the first of them.

    Example:
        >>> said_once([("a", "was not asked: d costs less"), ("b", "misses it"), ("c", "misses it")])
        (('a', 'was not asked: d costs less'), ('b', 'misses it'), ('c', 'misses it'))
        >>> said_once([("a", "was not asked"), ("b", "was not asked"), ("c", "was not asked")])
        (('3 candidates', 'not asked (a, b, c)'),)
    """
    pairs = tuple(said)
    groups: dict[str, list[str]] = {}
    for name, words in pairs:
        groups.setdefault(words, []).append(name)
    made = []
    for name, words in pairs:
        names = groups[words]
        if len(names) < LEAST:
            made.append((name, words))
        elif name == names[0]:
            made.append((f"{len(names):,} candidates", f"{words.removeprefix('was ')} ({', '.join(names)})"))
    return tuple(made)
