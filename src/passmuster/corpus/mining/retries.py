"""Calls that a user made again with the same words: the first answer did not do."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from passmuster.records.case import Conversation, Image
from passmuster.records.text import input_text
from passmuster.records.traffic import TrafficRecord

WITHIN = 600.0
"""Seconds in which the same words are a retry."""
MOST_WAITING = 2_000
MOST_CHARACTERS = 8_000_000
"""Calls, and characters of what was asked and answered, that are held to look back on."""


class Retries:
    """Marks calls that were made again: the same words in the same session (or by the same user) soon after.

    A call gets the feedback `retried` where it has none. Records come out in the order in which they came in,
    some thousands of them later.
    """

    def __init__(self) -> None:
        self.count = 0
        """Calls that were made again, whatever feedback they have."""

    def marked(self, records: Iterable[TrafficRecord]) -> Iterator[TrafficRecord]:
        """Yield the records, those that were retried marked.

        Example:
            >>> asked = [TrafficRecord(id=str(n), input="Where is it?", session="s", time=3e8 + n) for n in (0, 9)]
            >>> [record.feedback for record in Retries().marked(asked)]
            ['retried', None]
        """
        waiting: deque[tuple[int, int, list[TrafficRecord]]] = deque()
        latest: dict[int, list[TrafficRecord]] = {}
        held = 0
        for record in records:
            who = record.session or record.user
            if who is None and not waiting:
                yield record
                continue
            held_here = [record]
            key = 0
            if who is not None:
                text = input_text(record.input)
                key = hash((who, " ".join(text.casefold().split())))
                self._look_back(latest.get(key), record)
                latest[key] = held_here
            size = _size(record)
            held += size
            waiting.append((key, size, held_here))
            while len(waiting) > MOST_WAITING or held > MOST_CHARACTERS:
                old_key, old_size, old = waiting.popleft()
                held -= old_size
                if latest.get(old_key) is old:
                    del latest[old_key]
                yield old[0]
        for _, _, old in waiting:
            yield old[0]

    def _look_back(self, before: list[TrafficRecord] | None, record: TrafficRecord) -> None:
        if before is None or not _soon(before[0].time, record.time) or before[0].id == record.id:
            return
        self.count += 1
        if before[0].feedback is None:
            before[0] = replace(before[0], feedback="retried")


def _soon(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return 0 <= second - first <= WITHIN


def _size(record: TrafficRecord) -> int:
    asked = record.input
    size = len(asked if isinstance(asked, str) else input_text(asked, instructions=True))
    if isinstance(asked, Conversation):  # its text has a digest in the place of an image
        several = (message.content for message in asked.messages if isinstance(message.content, tuple))
        size += sum(len(part.data or "") for parts in several for part in parts if isinstance(part, Image))
    if record.reference is not None:
        size += len(str(record.reference))
    return size + len(record.output or "") + sum(len(call.arguments) for call in record.tool_calls)
