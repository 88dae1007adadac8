"""What traffic and a corpus are made of: counted as they stream by, in bounded memory."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from passmuster.corpus.sampling.reservoir import OTHER
from passmuster.corpus.sampling.strata import MISSING, length_band, moment_of
from passmuster.records.case import Case
from passmuster.records.description import Description, Lengths, Part, Parts, Profile, Shift
from passmuster.records.record import Json
from passmuster.records.text import input_text
from passmuster.records.traffic import TrafficRecord
from passmuster.stats.language.detect import language_of, script_of

MOST_NAMES = 5_000
"""Names of a kind that are counted apart; what comes with another one after these counts as `other`."""

SHOWN_SHIFTS = 12
"""Parts that differ most, which a description names."""

_ROOM = 0.02
"""How unlike a corpus may be besides what chance does, before a headline says so."""

_EXACT_WORDS = 1_000
_BANDS = ("1-9", "10-29", "30-99", "100-299", "300-999", "1000+")
_ONE = {
    "strata": "stratum {}",
    "topics": "topic {}",
    "languages": "language {}",
    "lengths": "length {} words",
    "hours": "{} o'clock",
}
_RESPECTS = ("strata", "topics", "languages", "lengths", "hours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """What is counted by name."""

    strata: "Tally"
    languages: "Tally"
    scripts: "Tally"
    topics: "Tally"
    feedback: "Tally"
    models: "Tally"
    origins: "Tally"
    categories: "Tally"
    bands: "Tally"


class Tally:
    """Counts by name, with and without weights; at most `MOST_NAMES` names are kept apart."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.weights: Counter[str] = Counter()

    def add(self, name: str, weight: float | None = None) -> None:
        """Count one more."""
        if name not in self.counts and len(self.counts) >= MOST_NAMES:
            name = OTHER
        self.counts[name] += 1
        if weight is not None:
            self.weights[name] += weight  # type: ignore[assignment]  # a Counter adds fractions as well

    def parts(self, order: Sequence[str] = ()) -> Parts:
        """Return the parts, the largest first, or in a given order."""
        total, weight = self.counts.total(), math.fsum(self.weights.values())
        names = sorted(self.counts, key=lambda name: (-self.counts[name], name))
        return tuple(
            Part(
                name=name,
                count=self.counts[name],
                share=self.counts[name] / total,
                weighted=self.weights[name] / weight if weight else None,
            )
            for name in ([name for name in order if name in self.counts] or names)
        )


class Profiler:
    """Takes in records of traffic or cases, one at a time, and says what they are made of.

    Args:
        stratum: Says where a record belongs; None: nobody has said what makes strata.

    Example:
        >>> profiler = Profiler()
        >>> text = profiler.record(TrafficRecord(id="1", input="Where is my card?", feedback="down"))
        >>> profile = profiler.profile()
        >>> profile.n, profile.languages[0].name, profile.lengths.p50
        (1, 'en', 4)
    """

    def __init__(self, stratum: Callable[[TrafficRecord], str] | None = None) -> None:
        self._stratum = stratum
        self._kinds = Kinds(**{name: Tally() for name in Kinds.__dataclass_fields__})
        self._lengths: Counter[int] = Counter()
        self._words = self._n = self._untimed = self._labelled = self._failed = 0
        self._hours, self._weekdays = [0] * 24, [0] * 7
        self._span: tuple[float, float] | None = None
        self._weight: float | None = None

    def record(self, record: TrafficRecord) -> str:
        """Take a record of traffic into account, and return its text."""
        text = input_text(record.input)
        kinds = self._kinds
        if self._stratum is not None:
            kinds.strata.add(self._stratum(record))
        if record.model is not None:
            kinds.models.add(record.model)
        self._failed += record.error is not None
        self._common(text, record.time, record.feedback, record.reference, None)
        return text

    def case(self, case: Case, stratum: str | None = None) -> str:
        """Take a case into account, in its own stratum unless another is given, and return its text."""
        text = input_text(case.input)
        kinds = self._kinds
        kinds.strata.add(stratum or case.stratum or MISSING, case.weight)
        kinds.origins.add(case.origin, case.weight)
        kinds.categories.add(case.category, case.weight)
        if case.weight is not None:
            self._weight = (self._weight or 0.0) + case.weight
        self._common(text, case.time, case.feedback, case.reference, case.weight)
        return text

    def topic(self, name: str, weight: float | None = None) -> None:
        """Take the topic of one of the texts into account."""
        self._kinds.topics.add(name, weight)

    def _common(
        self, text: str, time: float | None, feedback: str | None, reference: Json, weight: float | None
    ) -> None:
        kinds, words = self._kinds, len(text.split())
        self._n += 1
        self._words += words
        self._lengths[_rounded(words)] += 1
        kinds.bands.add(length_band(text), weight)
        kinds.languages.add(language_of(text), weight)
        kinds.scripts.add(script_of(text), weight)
        if feedback is not None:
            kinds.feedback.add(feedback, weight)
        self._labelled += reference is not None
        moment = moment_of(time)
        if moment is None or time is None:
            self._untimed += 1
            return
        self._hours[moment.hour] += 1
        self._weekdays[moment.weekday()] += 1
        first, last = self._span or (time, time)
        self._span = (min(first, time), max(last, time))

    def profile(self) -> Profile:
        """Return what has been taken in so far."""
        kinds = self._kinds
        named = {name: getattr(kinds, name).parts() for name in Kinds.__dataclass_fields__ if name != "bands"}
        timed = self._n > self._untimed
        return Profile(
            n=self._n,
            lengths=self._measured(),
            hours=tuple(self._hours) if timed else (),
            weekdays=tuple(self._weekdays) if timed else (),
            untimed=self._untimed,
            first=self._span[0] if self._span else None,
            last=self._span[1] if self._span else None,
            labelled=self._labelled,
            failed=self._failed,
            weight=self._weight,
            **named,
        )

    def _measured(self) -> Lengths | None:
        if not self._n:
            return None
        return Lengths(
            least=min(self._lengths),
            p5=_quantile(self._lengths, 0.05),
            p50=_quantile(self._lengths, 0.5),
            p95=_quantile(self._lengths, 0.95),
            most=max(self._lengths),
            mean=self._words / self._n,
            bands=self._kinds.bands.parts(_BANDS),
        )


def _rounded(words: int) -> int:
    """Keep lengths beyond 1,000 words to two digits, so that only so many can differ."""
    if words <= _EXACT_WORDS:
        return words
    step: int = 10 ** (len(str(words)) - 2)
    return words // step * step


def _quantile(counts: Mapping[int, int], share: float) -> int:
    """Return the value of rank floor(share * n) + 1."""
    left = math.floor(share * sum(counts.values())) + 1
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return max(counts, default=0)


def compared(
    traffic: Profile, corpus: Profile, *, strata: bool = True
) -> tuple[dict[str, float], tuple[Shift, ...]]:
    """Return how unlike both are in each respect, and the parts that differ most.

    Cases with weights count for as much as they stand for: that is what a score will be of.

    Args:
        traffic: What production asks.
        corpus: What is scored.
        strata: Whether the strata of both were made by the same rule.

    Example:
        >>> one, other = Profiler(), Profiler()
        >>> text = one.record(TrafficRecord(id="1", input="Where is my card?"))
        >>> text = other.case(Case(id="1", input="Wo ist meine Karte?"))
        >>> unlike, shifts = compared(one.profile(), other.profile())
        >>> unlike["languages"], shifts[0].name
        (1.0, 'de')
    """
    unlike: dict[str, float] = {}
    shifts: list[Shift] = []
    for respect in _RESPECTS:
        if respect == "strata" and not strata:
            continue
        own, its = _shares(traffic, respect), _shares(corpus, respect)
        if not own or not its:
            continue
        gaps = [
            Shift(of=respect, name=name, traffic=own.get(name, 0.0), corpus=its.get(name, 0.0))
            for name in sorted({*own, *its})
        ]
        unlike[respect] = math.fsum(abs(gap.traffic - gap.corpus) for gap in gaps) / 2
        shifts += gaps if respect != "hours" else []
    shifts.sort(key=lambda gap: (-abs(gap.traffic - gap.corpus), gap.of, gap.name))
    return unlike, tuple(gap for gap in shifts[:SHOWN_SHIFTS] if abs(gap.traffic - gap.corpus) >= 0.005)


def _shares(profile: Profile, respect: str) -> dict[str, float]:
    if respect == "hours":
        total = sum(profile.hours)
        return {f"{hour:02}": count / total for hour, count in enumerate(profile.hours)} if total else {}
    parts: Iterable[Part] = getattr(profile, respect) if respect != "lengths" else ()
    if respect == "lengths" and profile.lengths is not None:
        parts = profile.lengths.bands
    return {part.name: part.share if part.weighted is None else part.weighted for part in parts}


def by_chance(shares: Iterable[float], n: float) -> float:
    """Return about how unlike n cases drawn from traffic of these shares are to it, by chance alone.

    The expected total variation distance with a normal distance of each share: sum sqrt(2 p (1 - p) / (pi n)) / 2.

    Example:
        >>> round(by_chance([0.5, 0.5], 100), 3)
        0.04
    """
    return math.fsum(math.sqrt(2 * share * (1 - share) / (math.pi * n)) for share in shares) / 2


def description(
    path: str, traffic: Profile | None, corpus: Profile | None, strata_by: str | None = None
) -> Description:
    """Return both side by side, with what differs; either may be missing.

    Example:
        >>> description("datasets", None, None).headline
        'Nothing to describe'
    """
    if traffic is None or corpus is None or not traffic.n or not corpus.n:
        return Description(
            path=path, traffic=traffic, corpus=corpus, strata_by=strata_by, headline=_alone(traffic, corpus)
        )
    unlike, shifts = compared(traffic, corpus, strata=bool(traffic.strata))
    chance = {respect: by_chance(_shares(traffic, respect).values(), corpus.n) for respect in unlike}
    return Description(
        path=path,
        traffic=traffic,
        corpus=corpus,
        strata_by=strata_by,
        unlike=unlike,
        by_chance=chance,
        shifts=shifts,
        headline=_headline(unlike, chance),
        remarks=tuple(_remarks(traffic, corpus, shifts)),
    )


def _alone(traffic: Profile | None, corpus: Profile | None) -> str:
    if traffic is not None and traffic.n:
        return f"{traffic.n:,} records of traffic, and no cases yet"
    if corpus is not None and corpus.n:
        return f"{corpus.n:,} cases, and no traffic to compare them with"
    return "Nothing to describe"


def _headline(unlike: Mapping[str, float], chance: Mapping[str, float]) -> str:
    far = {name: gap for name, gap in unlike.items() if gap > 2 * chance[name] + _ROOM}
    if not far:
        return "The corpus looks like its traffic"
    worst = max(far, key=lambda name: far[name])
    return f"By {worst}, {far[worst]:.0%} of the corpus lies elsewhere than its traffic"


def _remarks(traffic: Profile, corpus: Profile, shifts: Sequence[Shift]) -> Iterable[str]:
    for gap in shifts[:3]:
        yield f"{_ONE[gap.of].format(gap.name)}: {gap.traffic:.1%} of the traffic, {gap.corpus:.1%} of the corpus"
    for respect in ("strata", "topics"):
        own, its = _shares(traffic, respect), _shares(corpus, respect)
        lost = [name for name in own if not its.get(name)]
        if its and lost:
            share = math.fsum(own[name] for name in lost)
            count = f"{len(lost)} of {len(own)} {respect}"
            yield f"{count}, with {share:.1%} of the traffic, have no case"
    if corpus.labelled < corpus.n:
        yield f"{corpus.n - corpus.labelled:,} of {corpus.n:,} cases have no reference"
