"""`corpus describe`: traffic and corpus side by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from passmuster.corpus.overview.describe import Profiler, description
from passmuster.corpus.sampling.reservoir import Reservoir
from passmuster.corpus.sampling.strata import MISSING
from passmuster.corpus.sampling.topics import FITTED_ON, LOOKED_AT, TopicSpace
from passmuster.records.case import Case
from passmuster.records.description import Description
from passmuster.records.traffic import TrafficRecord

SEED = 0
"""What draws the texts whose topics are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """What there is to describe: traffic, which is gone through once, and the cases that estimate production."""

    path: str
    traffic: Iterable[TrafficRecord] | None = None
    cases: Sequence[Case] = ()
    splits: Mapping[str, int] = field(default_factory=dict)
    pools: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What makes strata: its words, and what says where a record belongs.

    With `chosen` somebody has just asked for it: it then parts the cases, too, where it can.
    """

    by: str | None = None
    of: Callable[[TrafficRecord], str] | None = None
    chosen: bool = False


def describe(
    bodies: Bodies, rule: Rule, topics: Callable[[Sequence[str]], TopicSpace | None] | None = None
) -> Description:
    """Say what traffic and corpus are made of, and where they differ.

    Args:
        bodies: The traffic and the cases.
        rule: What makes strata.
        topics: Returns the topics to place texts among, given a uniform sample of at most 5,000 texts of the
            traffic (of the cases where there is none); None where there are none to be found.

    Example:
        >>> found = describe(Bodies(path="datasets", cases=[Case(id="1", input="Hello!")]), Rule())
        >>> found.corpus.n, found.traffic
        (1, None)
    """
    of_traffic, texts = Profiler(rule.of), Reservoir[str](FITTED_ON, np.random.default_rng(SEED))
    for record in bodies.traffic or ():
        texts.offer(of_traffic.record(record)[:LOOKED_AT])
    of_cases, own = Profiler(), list[str]()
    for case in bodies.cases:
        own.append(of_cases.case(case, _stratum(case, rule))[:LOOKED_AT])
    sampled = [text for _, text in texts.held]
    space = None if topics is None else topics(sampled or own)
    if space is not None:
        for name in _topics(space, sampled):
            of_traffic.topic(name)
        for case, name in zip(bodies.cases, _topics(space, own), strict=True):
            of_cases.topic(name, case.weight)
    found = description(
        bodies.path,
        of_traffic.profile() if bodies.traffic is not None else None,
        of_cases.profile() if bodies.cases else None,
        rule.by,
    )
    return replace(
        found,
        topics_from=len(sampled) if space is not None else 0,
        sources=bodies.sources,
        splits=bodies.splits,
        pools=bodies.pools,
    )


def _topics(space: TopicSpace, texts: Sequence[str]) -> list[str]:
    return [space.names[place] for place in space.place(texts)[0].tolist()] if texts else []


def _stratum(case: Case, rule: Rule) -> str | None:
    """Return the stratum of a case: its own, or that of a rule that was just asked for and knows the case."""
    if rule.of is None or (case.stratum is not None and not rule.chosen):
        return case.stratum
    found = rule.of(
        TrafficRecord(
            id=case.id,
            input=case.input,
            time=case.time,
            tags=case.tags,
            feedback=case.feedback,
            reference=case.reference,
        )
    )
    return case.stratum or found if found == MISSING else found
