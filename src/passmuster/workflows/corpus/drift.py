"""`corpus drift`: whether today's traffic still looks like the corpus, and what that does to the stored scores."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from passmuster.corpus.drift.report import (
    SCHEMA_VERSION,
    Drift,
    Observed,
    SideReport,
    TestName,
    clusters_of,
)
from passmuster.corpus.drift.shares import MixShift, mix_shift
from passmuster.corpus.drift.texts import Reading, TextShift, text_shift, thinned
from passmuster.corpus.drift.verdict import (
    FEWEST,
    TESTS,
    Level,
    controlled,
    mix_test,
    status_of,
    summary,
    text_tests,
)
from passmuster.corpus.populations import populations
from passmuster.corpus.sampling.reservoir import MOST_STRATA, OTHER, Reservoir
from passmuster.corpus.sampling.strata import MISSING, StratumRule
from passmuster.corpus.sampling.topics import NO_TOPIC, TopicSpace
from passmuster.errors import UsageError
from passmuster.records.case import Case
from passmuster.records.text import input_text
from passmuster.records.traffic import TrafficRecord

By: TypeAlias = Literal["strata", "topics"]
"""What is compared between corpus and traffic: strata by a rule, or frozen topics of the texts."""

MOST = 20_000
"""Records of traffic that are compared, at most: a uniform sample of all."""

MOST_TEXTS = 1_000
"""Texts of each side that are compared word by word, at most: the work grows with the square of their number."""

FitTopics: TypeAlias = Callable[[Sequence[str]], TopicSpace]
"""Finds topics in texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftOptions:
    """What is looked at: traffic from `since` to `until` (seconds since the epoch), and when a change counts.

    `rule` makes strata of traffic, `by` says which cells are compared (None: strata where there is a rule).
    """

    level: Level = field(default_factory=Level)
    rule: str | None = None
    by: By | None = None
    since: float | None = None
    until: float | None = None
    most: int = MOST
    most_texts: int = MOST_TEXTS
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPorts:
    """What reads texts, the frozen topics (None: there are none), and what finds some."""

    reading: Reading
    topics: TopicSpace | None
    fit_topics: FitTopics


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Both sides as they were compared: the cases that estimate production, and today's records, with their cells."""

    cases: tuple[Case, ...]
    corpus: tuple[Observed, ...]
    traffic: tuple[Observed, ...]
    seen: int
    times: tuple[float, ...]
    by: By | None
    notes: tuple[str, ...] = ()


def watched(
    cases: Sequence[Case], records: Iterable[TrafficRecord], options: DriftOptions, ports: DriftPorts
) -> Watched:
    """Bring both sides into one form; the traffic is gone through once, and a sample of it is held.

    Raises:
        UsageError: where there are no cases, no records in the time that is asked for, or a rule speaks of a column
            that no record has.
    """
    parted = populations(cases)
    chosen = tuple(cases[place] for place in parted.main.positions)
    if not chosen:
        raise UsageError("the corpus has no cases", hint="Get some: passmuster corpus sample N")
    held, seen = _held(records, options)
    if not held:
        raise UsageError(
            "there is no traffic to compare with", hint="Import some: passmuster corpus import LOGS.jsonl"
        )
    notes = []
    if parted.basis != "production":
        notes.append(f"No case comes from production: the {parted.main.name} cases stand in for it.")
    if seen > len(held):
        notes.append(f"{len(held):,} of {seen:,} records were compared, drawn by the seed.")
    corpus = tuple(_of_case(case) for case in chosen)
    traffic = tuple(_of_record(record) for record in held)
    by, own, other = _cells(corpus, traffic, held, options, ports)
    if by == "topics" and options.rule is not None and options.by is None:
        notes.append("The cases have no strata, so topics of the texts were compared.")
    if by == "topics" and ports.topics is None:
        notes.append("The corpus has no frozen topics: they were found in both sides together, for now.")
    return Watched(
        cases=chosen,
        corpus=own,
        traffic=other,
        seen=seen,
        times=tuple(record.time for record in held if record.time is not None),
        by=by,
        notes=tuple(notes),
    )


def _held(records: Iterable[TrafficRecord], options: DriftOptions) -> tuple[list[TrafficRecord], int]:
    reservoir = Reservoir[TrafficRecord](options.most, np.random.default_rng([options.seed, 0]))
    for record in records:
        if _within(record.time, options):
            reservoir.offer(record)
    return [record for _, record in sorted(reservoir.held, key=lambda item: item[0])], reservoir.seen


def _within(time: float | None, options: DriftOptions) -> bool:
    if options.since is None and options.until is None:
        return True
    if time is None:
        return False
    return (options.since is None or time >= options.since) and (
        options.until is None or time < options.until
    )


def _of_case(case: Case) -> Observed:
    return Observed(
        id=case.id,
        text=input_text(case.input),
        cluster=case.group,
        weight=case.weight,
        drawn_by=case.stratum,
    )


def _of_record(record: TrafficRecord) -> Observed:
    return Observed(id=record.id, text=input_text(record.input), cluster=record.user or record.session)


def _cells(
    corpus: tuple[Observed, ...],
    traffic: tuple[Observed, ...],
    records: Sequence[TrafficRecord],
    options: DriftOptions,
    ports: DriftPorts,
) -> tuple[By | None, tuple[Observed, ...], tuple[Observed, ...]]:
    """Say where each text belongs, by strata or by topics; by nothing where neither can be had."""
    has_strata = any(each.drawn_by is not None for each in corpus)
    if options.by != "topics" and options.rule is not None and has_strata:
        rule = StratumRule(options.rule)
        cells = [rule(record) for record in records]
        rule.check_seen()
        own = [each.drawn_by or MISSING for each in corpus]
        return "strata", _placed(corpus, own), _placed(traffic, _as_sampled(cells, set(own)))
    if options.by == "strata":
        raise UsageError(
            "the cases have no strata"
            if options.rule is not None
            else "nothing says what strata are made of",
            hint="Name a column or an expression: --strata RULE. Or compare topics: --by topics",
        )
    texts = [[each.text for each in side] for side in (corpus, traffic)]
    space = ports.topics
    if space is None:
        try:
            space = ports.fit_topics([*texts[0], *texts[1]])
        except UsageError:
            return None, corpus, traffic
    named = [[space.names[place] for place in space.place(side)[0].tolist()] for side in texts]
    return "topics", _placed(corpus, named[0]), _placed(traffic, named[1])


def _as_sampled(cells: Sequence[str], known: Collection[str]) -> Sequence[str]:
    """Call strata without a case `other` where the sample did so, because there were more than are kept apart."""
    if OTHER not in known or len(known) < MOST_STRATA // 2:
        return cells
    return [cell if cell in known else OTHER for cell in cells]


def _placed(side: Sequence[Observed], cells: Sequence[str]) -> tuple[Observed, ...]:
    return tuple(replace(each, cell=cell) for each, cell in zip(side, cells, strict=True))


def drift(found: Watched, options: DriftOptions, ports: DriftPorts) -> Drift:
    """Test whether the traffic looks like the corpus: its mix, its words, new topics, length and language.

    All tests together find drift where there is none with a chance of at most alpha (Holm 1979).
    """
    few = min(len(found.corpus), len(found.traffic)) < FEWEST
    note = f"fewer than {FEWEST} cases on one side" if few else None
    mix = _mix(found, options)
    rng = np.random.default_rng([options.seed, 2])
    own = thinned(found.corpus, options.most_texts, rng)
    today = thinned(found.traffic, options.most_texts, rng)
    scant = min(len(own), len(today)) < FEWEST
    texts = None if few or scant else text_shift(own, today, ports.reading, rng)
    name: TestName = "topics" if found.by is None else found.by
    tests = controlled(
        (
            mix_test(name, mix, note or "no strata, and no topics in these texts", options.level),
            *text_tests(texts, note or "too few cases, weighted", options.level),
        ),
        options.level,
    )
    status = status_of(tests, None if mix is None else mix.smallest, mixed=mix is not None)
    lines = summary(status, tests, mix, texts, by=found.by, level=options.level)
    if few:
        lines = (f"{len(found.corpus)} cases and {len(found.traffic)} records: too few to tell.",)
    sizes = (None, None) if mix is None else (mix.corpus_size, mix.traffic_size)
    report = Drift(
        schema_version=SCHEMA_VERSION,
        status=status,
        summary=lines,
        corpus=_side(found.corpus, len(found.corpus), len(own), sizes[0], _times(found.cases)),
        traffic=_side(found.traffic, found.seen, len(today), sizes[1], found.times),
        by=found.by,
        moved=None if mix is None else mix.moved,
        smallest=None if mix is None else mix.smallest,
        tests=tests,
        cells=() if mix is None else mix.cells,
        notes=found.notes,
    )
    return report if texts is None else _with_texts(report, texts)


def _mix(found: Watched, options: DriftOptions) -> MixShift | None:
    """Return the shift of the mix, None where there is none to be had.

    Texts without a known word are left out of topics: the vocabulary was made of texts that are in the corpus too, so
    fewer of the corpus's lack its words than of any others. What is in new words shows among the new texts.
    """
    own, today = ([each for each in side if each.cell != NO_TOPIC] for side in (found.corpus, found.traffic))
    if found.by is None or min(len(own), len(today)) < FEWEST:
        return None
    rng = np.random.default_rng([options.seed, 1])
    # What Holm asks of the smallest of the p-values.
    alpha = options.level.alpha / TESTS
    return mix_shift(own, today, rng, alpha=alpha, open_ended=found.by == "strata")


def _with_texts(report: Drift, texts: TextShift) -> Drift:
    return replace(
        report,
        languages=texts.languages,
        length=texts.length,
        new=texts.new,
        words=texts.words,
        examples=texts.examples,
    )


def _times(cases: Sequence[Case]) -> tuple[float, ...]:
    return tuple(case.time for case in cases if case.time is not None)


def _side(
    side: Sequence[Observed], seen: int, texts: int, effective: float | None, times: Sequence[float]
) -> SideReport:
    keys = clusters_of(side)
    return SideReport(
        seen=seen,
        used=len(side),
        texts=texts,
        groups=None if keys is None else len(set(keys)),
        effective=effective,
        oldest=min(times, default=None),
        newest=max(times, default=None),
    )
