"""What people said of replies, looked up by metric, case and reply."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from passmuster.records.case import Case, case_digest
from passmuster.records.rating import Choice, Draw, Rating, reply_digest
from passmuster.records.record import Record
from passmuster.records.score import Score
from passmuster.records.trial import Reply

WORTH = {"first": 1.0, "tie": 0.5, "second": 0.0}
"""What a choice is worth to the reply that was shown first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Record):
    """What people said of one reply: the mean of the `values` of different raters.

    `drawn_for` are the candidates for whom a random draw chose it: a reply that two candidates gave alike may stand for
    those of one and not of the other. `newest` is when the last of them rated it, in seconds since the epoch.
    """

    values: tuple[float, ...]
    raters: tuple[str, ...]
    drawn_for: frozenset[str] = frozenset()
    newest: float | None = None

    @property
    def value(self) -> float:
        """The mean over raters."""
        return sum(self.values) / len(self.values)


class _Key(NamedTuple):
    metric: str
    case: str
    reply: str
    versus: str | None


class RatingBook:
    """Ratings and choices of people by what they are of; those of machines, and looks without an answer, are left out.

    Of several ratings that one rater gave to the same reply, the last one counts.

    Args:
        ratings: In the order in which they came.
        choices: Likewise.
        draws: Which replies a random draw chose, for whom.

    Example:
        >>> reply = Reply(text="yes")
        >>> given = Rating(
        ...     case="7", reply=reply_digest(reply), metric="quality", value=4.0, rater="ana", kind="human"
        ... )
        >>> RatingBook([given]).of("quality", Case(id="7", input="?"), reply).value
        4.0
    """

    def __init__(
        self, ratings: Iterable[Rating] = (), choices: Iterable[Choice] = (), draws: Iterable[Draw] = ()
    ) -> None:
        self._found: dict[_Key, dict[str, tuple[float, Rating | Choice]]] = defaultdict(dict)
        self._looks: dict[tuple[str, str], list[Rating | Choice]] = defaultdict(list)
        self._drawn_for = _drawn_for(draws)
        for rating in ratings:
            if rating.kind == "human" and rating.value is not None:
                key = _Key(rating.metric, rating.case, rating.reply, None)
                self._found[key][rating.rater] = (rating.value, rating)
                self._looks[rating.case, rating.reply].append(rating)
        for choice in choices:
            if choice.kind == "human" and choice.chosen is not None:
                worth = WORTH[choice.chosen]
                one = _Key(choice.metric, choice.case, choice.first, choice.second)
                other = _Key(choice.metric, choice.case, choice.second, choice.first)
                self._found[one][choice.rater] = (worth, choice)
                self._found[other][choice.rater] = (1 - worth, choice)
                for reply in (choice.first, choice.second):
                    self._looks[choice.case, reply].append(choice)

    def __len__(self) -> int:
        """Return how many replies (or pairs, from each side) somebody rated."""
        return len(self._found)

    def metrics(self) -> frozenset[str]:
        """Return the names of the metrics whose question anybody answered."""
        return frozenset(key.metric for key in self._found)

    def newest(self, case: Case, reply: Reply) -> float | None:
        """Return when a person last rated a reply, by whatever question; None where nobody did, or nobody knows when."""
        given = self._looks.get((case.id, reply_digest(reply)), ())
        times = [
            each.time
            for each in given
            if each.time is not None and (each.input is None or each.input == case_digest(case))
        ]
        return max(times, default=None)

    def of(self, metric: str, case: Case, reply: Reply, score: Score | None = None) -> Rated | None:
        """Return what people said of a reply; None where nobody rated it.

        Args:
            metric: The name of the metric.
            case: The case.
            reply: The reply.
            score: What the metric said; one that compares says in its details with which reply (`versus`).
        """
        versus = None if score is None else score.details.get("versus")
        key = _Key(metric, case.id, reply_digest(reply), versus if isinstance(versus, str) else None)
        found = self._found.get(key)
        if not found:
            return None
        of_this = {
            rater: given
            for rater, given in found.items()
            if given[1].input is None or given[1].input == case_digest(case)
        }
        return _rated(of_this, frozenset(self._drawn_for.get(key, ()))) if of_this else None


def _drawn_for(draws: Iterable[Draw]) -> dict[_Key, set[str]]:
    found: dict[_Key, set[str]] = defaultdict(set)
    for draw in draws:
        for item in draw.items:
            found[_Key(draw.metric, item.case, item.reply, item.second)].add(item.candidate)
            if item.second is not None and item.second_by is not None:
                found[_Key(draw.metric, item.case, item.second, item.reply)].add(item.second_by)
    return found


def _rated(found: dict[str, tuple[float, Rating | Choice]], drawn_for: frozenset[str]) -> Rated:
    given: Sequence[Rating | Choice] = [each for _, each in found.values()]
    times = [each.time for each in given if each.time is not None]
    return Rated(
        values=tuple(value for value, _ in found.values()),
        raters=tuple(found),
        drawn_for=drawn_for,
        newest=max(times) if times else None,
    )
