"""What people said of replies, looked up by metric, case and reply."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

from passmuster.decide.judging.strata import owner
from passmuster.records.case import Case, case_digest
from passmuster.records.rating import Choice, Draw, Drawn, Rating, reply_digest
from passmuster.records.record import Record
from passmuster.records.score import Score
from passmuster.records.trial import Reply

WORTH = {"first": 1.0, "tie": 0.5, "second": 0.0}
"""What a choice is worth to the reply that was shown first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Record):
    """What people said of one reply: the mean of the `values` of different raters.

    `drawn_for` are the candidates for whom a random draw chose it, with how many of their replies it stands for: one
    that two candidates gave alike may stand for those of one and not of the other. `newest` is when the last of them rated it, in seconds since the epoch.
    """

    values: tuple[float, ...]
    raters: tuple[str, ...]
    drawn_for: Mapping[str, float] = field(default_factory=dict)
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


_Sides: TypeAlias = tuple[tuple[_Key, str], ...]
"""What was drawn, from either side of a pair, and whose it is."""


class RatingBook:
    """Ratings and choices of people by what they are of; those of machines, and looks without an answer, are left out.

    Of several ratings that one rater gave to the same reply, the last one counts.

    Args:
        ratings: In the order in which they came.
        choices: Likewise.
        draws: Which replies a random draw chose, for whom.
        same: The metrics that ask people the same question as another one, with its name: what people said of one counts for
            both.

    Example:
        >>> reply = Reply(text="yes")
        >>> given = Rating(
        ...     case="7", reply=reply_digest(reply), metric="quality", value=4.0, rater="ana", kind="human"
        ... )
        >>> RatingBook([given]).of("quality", Case(id="7", input="?"), reply).value
        4.0
    """

    def __init__(
        self,
        ratings: Iterable[Rating] = (),
        choices: Iterable[Choice] = (),
        draws: Iterable[Draw] = (),
        same: Mapping[str, str] | None = None,
    ) -> None:
        self._same = same or {}
        self._found: dict[_Key, dict[str, tuple[float, Rating | Choice]]] = defaultdict(dict)
        self._looks: dict[tuple[str, str], list[Rating | Choice]] = defaultdict(list)
        for rating in ratings:
            if rating.kind == "human" and rating.value is not None:
                key = _Key(self._question(rating.metric), rating.case, rating.reply, None)
                self._found[key][rating.rater] = (rating.value, rating)
                self._looks[rating.case, rating.reply].append(rating)
        for choice in choices:
            if choice.kind == "human" and choice.chosen is not None:
                worth = WORTH[choice.chosen]
                asked = self._question(choice.metric)
                one = _Key(asked, choice.case, choice.first, choice.second)
                other = _Key(asked, choice.case, choice.second, choice.first)
                self._found[one][choice.rater] = (worth, choice)
                self._found[other][choice.rater] = (1 - worth, choice)
                for reply in (choice.first, choice.second):
                    self._looks[choice.case, reply].append(choice)
        of_question = (replace(draw, metric=self._question(draw.metric)) for draw in draws)
        self._drawn_for = _drawn_for(of_question, self._found)

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
        asked = self._question(metric)
        key = _Key(asked, case.id, reply_digest(reply), versus if isinstance(versus, str) else None)
        found = self._found.get(key)
        if not found:
            return None
        of_this = {
            rater: given
            for rater, given in found.items()
            if given[1].input is None or given[1].input == case_digest(case)
        }
        return _rated(of_this, self._drawn_for.get(key, {})) if of_this else None

    def _question(self, metric: str) -> str:
        return self._same.get(metric, metric)


def _drawn_for(draws: Iterable[Draw], rated: Container[_Key]) -> dict[_Key, dict[str, float]]:
    """Return for whom each reply was drawn, and how many of their replies it stands for.

    Those of a stratum stand for so many as it has by rated ones. Each version of a judge made other strata: what was drawn
    by one is a sample of its own, and samples count by how many of theirs are rated.
    """
    samples: dict[tuple[str, str | None, str], _Sample] = defaultdict(_Sample)
    for draw in draws:
        own = {
            whose: samples[draw.metric, draw.judge, whose] for whose in {owner(item) for item in draw.items}
        }
        for whose, sample in own.items():
            for name, size in draw.populations.get(whose, {}).items():
                sample.sizes[name] = max(size, sample.sizes.get(name, 0))
        for item in draw.items:
            own[owner(item)].strata[_sides(draw.metric, item)] = item.stratum
    found: dict[_Key, dict[str, float]] = defaultdict(dict)
    for sample in samples.values():
        for sides, weight in sample.stands_for(rated):
            for key, candidate in sides:
                found[key].setdefault(candidate, weight)
    return found


def _sides(metric: str, item: Drawn) -> _Sides:
    one = (_Key(metric, item.case, item.reply, item.second), item.candidate)
    if item.second is None or item.second_by is None:
        return (one,)
    return one, (_Key(metric, item.case, item.second, item.reply), item.second_by)


@dataclass(slots=True)
class _Sample:
    """What was drawn of one owner by one version of a judge: the stratum of each look, and how many replies strata have."""

    strata: dict[_Sides, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def stands_for(self, rated: Container[_Key]) -> Iterator[tuple[_Sides, float]]:
        """Yield how many replies each rated look stands for, by how many all of them do on average."""
        known = {
            sides: stratum for sides, stratum in self.strata.items() if any(key in rated for key, _ in sides)
        }
        counts = Counter(known.values())
        total = sum(self.sizes.get(name, count) for name, count in counts.items())
        for sides, name in known.items():
            yield sides, self.sizes.get(name, counts[name]) / counts[name] * len(known) / total


def _rated(found: dict[str, tuple[float, Rating | Choice]], drawn_for: Mapping[str, float]) -> Rated:
    given: Sequence[Rating | Choice] = [each for _, each in found.values()]
    times = [each.time for each in given if each.time is not None]
    return Rated(
        values=tuple(value for value, _ in found.values()),
        raters=tuple(found),
        drawn_for=drawn_for,
        newest=max(times) if times else None,
    )
