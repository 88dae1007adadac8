"""A judge, calibrated: agreement with people, corrected figures, worth, biases and noise, and what is to be said of it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from passmuster.decide.judging.calibrating.corrections import (
    by_candidate,
    calibrated_candidate,
    calibrated_differences,
)
from passmuster.decide.judging.calibrating.findings import (
    agreement_findings,
    family_findings,
    favour_findings,
    length_findings,
    noise_findings,
    padding_findings,
    position_findings,
)
from passmuster.decide.judging.calibrating.leanings import candidate_leanings, family_leaning, length_leaning
from passmuster.decide.judging.calibrating.people import agreement
from passmuster.decide.judging.calibrating.positions import position_bias
from passmuster.decide.judging.calibrating.rows import JudgedReply, Unit, beside, judged
from passmuster.decide.judging.calibrating.steadiness import Padded, Twice, padding_shift, steadiness
from passmuster.decide.judging.calibrating.verdicts import failures_of, verdict_findings
from passmuster.decide.judging.calibrating.worths import worths
from passmuster.records.calibration import Calibration, JudgeFinding, Worth
from passmuster.records.record import Record

GRAVITY = {"fault": 0, "caution": 1, "note": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements(Record):
    """All that was gathered of a judge: judged replies, questions asked `again`, and replies `padded` by the probe."""

    rows: tuple[JudgedReply, ...]
    again: tuple[Twice, ...] = ()
    padded: tuple[Padded, ...] = ()


def calibrated(known: Calibration, found: Judgements, unit: Unit, *, seed: int = 0) -> Calibration:
    """Return a calibration with all that these judgements tell.

    Args:
        known: What is known beforehand: the judge, how many ratings wait, how many are planned for a candidate.
        found: The judgements.
        unit: The unit of the judge.
        seed: Of the bootstrap.
    """
    rated = beside(found.rows)
    candidates = [calibrated_candidate(name, rows, unit) for name, rows in by_candidate(found.rows).items()]
    told = replace(
        known,
        judged=len(judged(found.rows)),
        failures=failures_of(found.rows),
        labels=len(rated),
        raters=rated.raters,
        candidates=tuple(each for each in candidates if each is not None),
        differences=calibrated_differences(found.rows, unit),
        agreement=agreement(rated, unit, seed=seed),
        position=position_bias(
            [swapped for row in found.rows for swapped in row.swapped],
            [row.group for row in found.rows for _ in row.swapped],
        ),
        length=length_leaning(rated, unit),
        self_preference=family_leaning(rated, unit),
        favours=candidate_leanings(rated, unit),
        steadiness=steadiness(found.again),
        padding=padding_shift(found.padded, unit),
    )
    findings = sorted(_findings(told, found, unit), key=lambda finding: GRAVITY[finding.severity])
    return replace(told, findings=tuple(findings), worths=_worths(told))


def _findings(told: Calibration, found: Judgements, unit: Unit) -> Iterator[JudgeFinding]:
    yield from verdict_findings(found.rows, unit)
    yield from position_findings(told.position)
    yield from length_findings(told.length)
    yield from padding_findings(told.padding, unit)
    kin = list(family_findings(told.self_preference))
    yield from kin
    yield from favour_findings(told.favours, tuple(told.akin) if kin else ())
    yield from noise_findings(told.steadiness, unit)
    yield from agreement_findings(told.agreement)


def _worths(told: Calibration) -> tuple[Worth, ...]:
    """Return what the judge is worth for a candidate: by its correlation where that is known, else by assumed ones.

    A candidate's figure gains by what the judge tells of its own replies from one another. That it tells candidates
    apart, which raises the correlation over all of them, narrows no interval.
    """
    if not told.candidates:
        return ()
    total = round(sum(each.judged for each in told.candidates) / len(told.candidates))
    own = [
        (max(0.0, each.correlation) ** 2, each.labels)
        for each in told.candidates
        if each.correlation is not None
    ]
    labels = sum(number for _, number in own)
    known = (math.sqrt(sum(square * number for square, number in own) / labels),) if labels else ()
    return worths(min(told.planned, total), total, known)
