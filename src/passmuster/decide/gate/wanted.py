"""Which cases are asked again, how often, and of which version."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from passmuster.corpus.sample import first_cases
from passmuster.decide.gate.flips import Flips, flips, result
from passmuster.decide.gate.triage import Cases
from passmuster.decide.measured import Measured
from passmuster.decide.success import success_rule
from passmuster.records.task import Success, Task

SAMPLE = 100
"""Cases that tell the noise of the old version, where it was asked once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked again, in this order: id of the case -> how often, for each version.

    `twice` are cases drawn beforehand, whatever was said of them; the old version is asked each of them once more.
    """

    old: Mapping[str, int] = field(default_factory=dict)
    new: Mapping[str, int] = field(default_factory=dict)
    twice: tuple[str, ...] = ()


def wanted(task: Task, cases: Cases, *, times: int = 3, sample: int = SAMPLE) -> Wanted:
    """Return what has to be asked again: every case that flipped, regression cases that failed, and a sample.

    Cases that got better are asked like those that got worse: luck makes both, and only both together tell. There is no
    sample where the store has repeats of the old version.

    Args:
        task: Its success rule is settled.
        cases: What both versions said.
        times: How often each is asked again.
        sample: Cases that tell the noise, at most; 0 is none.
    """
    rule = success_rule(task)
    found = [flips(part.old, part.new, rule) for part in cases.parts]
    flipped = [*_ids(cases, found, worse=True), *_ids(cases, found, worse=False)]
    failed = _failed_regressions(cases, rule)
    old = dict.fromkeys(flipped, times)
    return Wanted(
        old=old,
        new=dict.fromkeys((*flipped, *failed), times),
        twice=_sample(cases, rule, sample),
    )


def _ids(cases: Cases, found: list[Flips], *, worse: bool) -> list[str]:
    return [
        part.cases[place].id
        for part, own in zip(cases.parts, found, strict=True)
        for place in np.flatnonzero(own.worse if worse else own.fixed).tolist()
    ]


def _failed_regressions(cases: Cases, rule: Success) -> list[str]:
    """Return the regression cases that were asked and are not right."""
    names = []
    for part in cases.parts:
        stored, asked = result(part.new, rule), part.new.present > 0
        names += [
            case.id
            for place, case in enumerate(part.cases)
            if case.category == "regression" and asked[place] and stored[place] != 1.0
        ]
    return names


def _sample(cases: Cases, rule: Success, size: int) -> tuple[str, ...]:
    main = cases.main
    if size < 1 or not len(main.cases) or _repeated(main.old, rule):
        return ()
    known = ~np.isnan(main.old.succeeded(rule)[:, 0])
    places = {case.id: place for place, case in enumerate(main.cases)}
    drawn = first_cases(main.cases, min(size, len(main.cases)))
    return tuple(case.id for case in drawn if known[places[case.id]])


def _repeated(old: Measured, rule: Success) -> bool:
    return bool(((~np.isnan(old.succeeded(rule))).sum(axis=1) > 1).any())
