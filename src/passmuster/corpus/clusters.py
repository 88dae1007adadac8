"""Uniting things that belong together."""

from collections.abc import Iterator


class Clusters:
    """A union-find over the numbers below `size`.

    Example:
        >>> clusters = Clusters(3)
        >>> clusters.unite(0, 2)
        >>> clusters.numbers()
        [0, 1, 0]
    """

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, item: int) -> int:
        """Return the member that stands for the cluster of `item`."""
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def unite(self, first: int, second: int) -> None:
        """Make one cluster of the clusters of both."""
        one, other = self.root(first), self.root(second)
        self._parent[max(one, other)] = min(one, other)

    def numbers(self) -> list[int]:
        """Return the cluster number of each item, counted from 0 in order of first appearance."""
        known: dict[int, int] = {}
        return [known.setdefault(self.root(item), len(known)) for item in range(len(self._parent))]

    def members(self) -> Iterator[list[int]]:
        """Yield the items of each cluster, in order of first appearance."""
        found: dict[int, list[int]] = {}
        for item, number in enumerate(self.numbers()):
            found.setdefault(number, []).append(item)
        yield from found.values()
