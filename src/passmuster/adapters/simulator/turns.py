"""Who gets which recording: every request the next one, and one that was never delivered goes out again."""

import heapq
from collections import defaultdict


class Turns:
    """Counts the answers per model and conversation.

    Example:
        >>> turns = Turns()
        >>> turns.take("a"), turns.take("a"), turns.give_back("a", 0), turns.take("a")
        (0, 1, None, 0)
    """

    def __init__(self) -> None:
        self._next: defaultdict[object, int] = defaultdict(int)
        self._returned: defaultdict[object, list[int]] = defaultdict(list)

    def take(self, key: object) -> int:
        """Return the lowest turn of this key that nobody has."""
        if self._returned.get(key):
            return heapq.heappop(self._returned[key])
        turn = self._next[key]
        self._next[key] = turn + 1
        return turn

    def give_back(self, key: object, turn: int) -> None:
        """Take back a turn whose answer was not delivered."""
        heapq.heappush(self._returned[key], turn)
