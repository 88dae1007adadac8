"""`corpus check`: what the corpus can show, and what to collect or label next."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from passmuster.corpus.conflicts import find_conflicts
from passmuster.corpus.overview.ladder import (
    BAR,
    DISCORDANCE,
    MAJOR,
    PER_STRATUM,
    effective_size,
    ladder,
    rung,
)
from passmuster.corpus.overview.to_do import Facts, to_do
from passmuster.corpus.populations import populations
from passmuster.records.case import Case, case_digest
from passmuster.records.description import Part, Parts, Readiness, StratumState
from passmuster.records.record import Record
from passmuster.records.text import input_text


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOrder(Record):
    """What a corpus is to come to: cases in all and of each major stratum, and what the ladder assumes.

    `discordance` is the share of cases that exactly one of two candidates gets right, `bar` a bar that is typical.
    """

    target: int = 500
    per_stratum: int = PER_STRATUM
    discordance: float = DISCORDANCE
    bar: float = BAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What lies in the folder of a corpus.

    `scored` are the cases of eval, `train` those that are learned from, `waiting` those not split yet; where nothing is
    split, these are looked at as what will be scored. `overlap` counts cases of eval that share a run of words with each source. `holdout`
    counts the sealed cases by stratum.
    """

    path: str
    scored: Sequence[Case]
    train: Sequence[Case] = ()
    waiting: Sequence[Case] = ()
    pools: Mapping[str, Sequence[Case]] = field(default_factory=dict)
    holdout: Literal["none", "unsealed", "sealed"] = "none"
    sealed: int = 0
    overlap: Mapping[str, int] = field(default_factory=dict)
    proposals: int = 0
    frozen: bool = False
    traffic: bool = False
    now: float = 0.0


def check(
    held: Held, order: CheckOrder, near_duplicates: Callable[[Sequence[str]], Sequence[int]]
) -> Readiness:
    """Say what a corpus can show, and what to do next.

    Args:
        held: What lies in its folder.
        order: What it is to come to.
        near_duplicates: Returns the near-duplicate group of each text.

    Example:
        >>> cases = [Case(id=str(n), input=f"question {n}", reference="a") for n in range(120)]
        >>> found = check(Held(path="datasets", scored=cases), CheckOrder(), lambda texts: range(len(texts)))
        >>> found.n, [rung.reached for rung in found.ladder]
        (120, [True, False, False, False])
    """
    scored = held.scored if held.scored or held.train else held.waiting
    main = _main(scored)
    effective = effective_size(main)
    labelled = sum(case.reference is not None for case in main)
    leaks, duplicates = _hanging(held, near_duplicates)
    facts = Facts(
        n=len(main),
        effective=effective,
        labelled=labelled,
        target=order.target,
        ladder=ladder(effective, order.discordance, order.bar),
        strata=_strata(main, order.per_stratum),
        leaks=leaks,
        duplicates=duplicates,
        conflicts=len(find_conflicts(scored)),
        **_standing(held, scored, main),
    )
    every = [*held.scored, *held.train, *held.waiting]
    return Readiness(
        path=held.path,
        n=facts.n,
        effective=effective,
        labelled=labelled,
        ladder=facts.ladder,
        now=rung(int(effective), "now", order.discordance, order.bar, reached=True) if main else None,
        strata=tuple(facts.strata),
        origins=_parts(Counter(case.origin for case in every)),
        categories=_parts(Counter(case.category for case in [*every, *_pooled(held)])),
        splits=_splits(held),
        holdout=held.holdout,
        overlap=held.overlap,
        tasks=to_do(facts),
    )


def _main(scored: Sequence[Case]) -> list[Case]:
    """Return the cases that carry the figures: those that estimate production, where there are any."""
    parted = populations(scored) if scored else None
    return [] if parted is None else [scored[position] for position in parted.main.positions]


def _standing(held: Held, scored: Sequence[Case], main: Sequence[Case]) -> dict[str, Any]:
    """Return what is known of a corpus without looking at how its cases hang together."""
    times = [case.time for case in [*main, *held.train] if case.time is not None]
    return {
        "waiting": len(held.waiting),
        "overlap": held.overlap,
        "holdout": held.holdout,
        "pools": {name: len(cases) for name, cases in held.pools.items()},
        "proposals": held.proposals,
        "synthetic": sum(case.origin == "synthetic" for case in scored),
        "outside": sum(case.origin != "production" and case.category == "typical" for case in scored),
        "stratified": any(case.stratum is not None for case in main),
        "frozen": held.frozen,
        "newest": max(times, default=None),
        "now": held.now,
        "traffic": held.traffic,
    }


def _pooled(held: Held) -> list[Case]:
    return [case for cases in held.pools.values() for case in cases]


def _splits(held: Held) -> dict[str, int]:
    counts = {"train": len(held.train), "eval": len(held.scored), "not split yet": len(held.waiting)}
    return {name: count for name, count in {**counts, "holdout (sealed)": held.sealed}.items() if count}


def _parts(counts: Mapping[str, int]) -> Parts:
    total = sum(counts.values())
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(Part(name=name, count=counts[name], share=counts[name] / total) for name in ordered)


def _strata(cases: Sequence[Case], wanted: int) -> tuple[StratumState, ...]:
    """Return the strata, the largest part of the traffic first; only major ones should have so many cases."""
    counts, labelled = Counter[str](), Counter[str]()
    weights: defaultdict[str, float] = defaultdict(float)
    for case in cases:
        if case.stratum is not None:
            counts[case.stratum] += 1
            labelled[case.stratum] += case.reference is not None
            weights[case.stratum] += 1.0 if case.weight is None else case.weight
    total = sum(weights.values())
    found = [
        StratumState(
            name=name,
            cases=counts[name],
            labelled=labelled[name],
            share=weights[name] / total,
            wanted=wanted if weights[name] / total >= MAJOR else 0,
        )
        for name in counts
    ]
    return tuple(sorted(found, key=lambda each: (-each.share, each.name)))


def _hanging(
    held: Held, near_duplicates: Callable[[Sequence[str]], Sequence[int]]
) -> tuple[list[tuple[str, str]], int]:
    """Return the pairs of an eval and a train case that hang together, and how many eval cases are near-duplicates."""
    cases = [*held.train, *held.scored]
    groups = near_duplicates([input_text(case.input) for case in cases])
    learned: dict[tuple[str, object], str] = {}
    pairs: list[tuple[str, str]] = []
    for position, (case, group) in enumerate(zip(cases, groups, strict=True)):
        keys: list[tuple[str, object]] = [("near", group), ("input", case_digest(case))]
        if case.group is not None:
            keys.append(("group", case.group))
        if position < len(held.train):
            for key in keys:
                learned.setdefault(key, case.id)
            continue
        twin = next((learned[key] for key in keys if key in learned), None)
        if twin is not None:
            pairs.append((case.id, twin))
    sizes = Counter(groups[len(held.train) :])
    return pairs, sum(size - 1 for size in sizes.values())
