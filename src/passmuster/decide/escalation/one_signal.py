"""One signal: how well it tells right from wrong, its risk at each coverage, and the threshold that can be certified."""

from dataclasses import dataclass

import numpy as np

from passmuster.decide.escalation.answers import Answers
from passmuster.decide.escalation.intervals import share_interval
from passmuster.decide.escalation.pricing import Escalating
from passmuster.decide.escalation.signals import PROXIES, FloatArray
from passmuster.decide.escalation.words import condition
from passmuster.decide.measured import BoolArray
from passmuster.decide.seed import SEED
from passmuster.records.escalation import (
    PROBABILITIES,
    ReliabilityBin,
    RiskPoint,
    Signal,
    SignalCalibration,
    SignalReport,
)
from passmuster.records.score import Estimate
from passmuster.stats.auroc import Area, auroc, auroc_interval
from passmuster.stats.calibrated import calibration_error, reliability_bins
from passmuster.stats.clusters import Clusters
from passmuster.stats.intervals import LEVEL, wilson
from passmuster.stats.selective import (
    Risk,
    correlation_within,
    coverage_thresholds,
    fixed_sequence,
    labels_to_certify,
    risk_areas,
    risk_of,
)

DELONG = "DeLong's interval on the logit scale"
BRIER = "mean of squared errors, t interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of every signal: whose replies, the target, the level of each, and who gets the others.

    `extra` is what the signal itself costs on each task in US dollars, None where that is unknown.
    """

    answers: Answers
    target: float
    level: float
    to: Escalating
    extra: float | None = 0.0


def known_of(answers: Answers, values: FloatArray) -> BoolArray:
    """Return the cases by which a signal is judged: a reply, a label, and a value."""
    return answers.labelled & answers.replied & ~np.isnan(values)


def signal_report(signal: Signal, values: FloatArray, asked: Asked) -> SignalReport:
    """Return what there is to say of a signal; its sentence is made when all signals are known.

    Args:
        signal: The signal.
        values: Of each case, larger is surer, NaN where it says nothing.
        asked: Whose replies, and what must hold.
    """
    answers = asked.answers
    known = known_of(answers, values)
    own, wrong = values[known], answers.wrong[known]
    weights, groups = answers.weights_of(known), answers.groups_of(known)
    area = auroc(own, 1.0 - wrong, weights, groups) if own.size else None
    areas = risk_areas(own, wrong, weights)
    points = risk_points(signal, values, known, asked)
    certified = (
        points[sum(point.certified for point in points) - 1] if points and points[0].certified else None
    )
    found = _area_estimate(area, own.size, int((answers.labelled & answers.replied & ~known).sum()))
    return SignalReport(
        name=signal.name,
        kind=signal.kind,
        n=int(own.size),
        n_missing=found.n_missing,
        auroc=found,
        aurc=None if areas is None else areas.aurc,
        aurc_best=None if areas is None else areas.aurc_best,
        augrc=None if areas is None else areas.augrc,
        augrc_best=None if areas is None else areas.augrc_best,
        calibration=_calibration(signal, own, 1.0 - wrong, weights, groups),
        points=points,
        threshold=None if certified is None else certified.threshold,
        certified=certified,
        more_labels=None if certified is not None else _more(values, known, asked),
        usable=found.low is not None and found.low > 0.5,
        sentence="",
        proxy=signal.kind in PROXIES,
        note=_note(area, own, wrong),
        of=signal.of,
        reverse=signal.reverse,
    )


def _area_estimate(area: Area | None, n: int, missing: int) -> Estimate:
    if area is None:
        return Estimate(value=None, n=n, n_missing=missing, method=DELONG)
    low, high = auroc_interval(area)
    return Estimate(value=area.value, low=low, high=high, n=n, n_missing=missing, method=DELONG)


def _note(area: Area | None, values: FloatArray, wrong: FloatArray) -> str | None:
    if not values.size:
        return "no labelled reply has it"
    if np.unique(values).size == 1:
        return "it has the same value for every reply"
    if area is None:
        return "every reply is wrong" if wrong.all() else "no reply is wrong"
    return None


def risk_points(signal: Signal, values: FloatArray, known: BoolArray, asked: Asked) -> tuple[RiskPoint, ...]:
    """Return what follows from each threshold of the grid, the strictest first, and how far the fixed sequence got.

    The band is that of all points together: each has its share of the 5 % (Bonferroni).
    """
    answers = asked.answers
    thresholds = coverage_thresholds(values[known], answers.weights_of(known))
    accepted = [known & (values >= threshold) for threshold in thresholds]
    risks = [_risk(answers, each, known) for each in accepted]
    p_values = [risk.p_above(asked.target) for risk in risks]
    reached = fixed_sequence(p_values, asked.level)
    tasks = answers.labelled
    total = answers.weight(tasks)
    level = 1 - (1 - LEVEL) / max(len(thresholds), 1)
    made = []
    for place, (threshold, each, risk, p) in enumerate(
        zip(thresholds, accepted, risks, p_values, strict=True)
    ):
        low, high = risk.interval(level)
        made.append(
            RiskPoint(
                threshold=threshold,
                coverage=answers.weight(each) / total,
                accepted=risk.n,
                errors=risk.errors,
                risk=risk.rate,
                low=low,
                high=high,
                p=p,
                certified=place < reached,
                rule=condition(signal, threshold),
                cost_per_task=asked.to.cost(answers, each, tasks, asked.extra),
                wrong_per_thousand=asked.to.wrong(answers, each, tasks),
            )
        )
    return tuple(made)


def _risk(answers: Answers, accepted: BoolArray, known: BoolArray) -> Risk:
    """Return the risk of accepted replies; groups are as alike as they are among all of the known ones at least."""
    within = correlation_within(answers.wrong[known], answers.groups_of(known))
    return risk_of(answers.wrong[accepted], answers.weights_of(accepted), answers.groups_of(accepted), within)


def _more(values: FloatArray, known: BoolArray, asked: Asked) -> int | None:
    """Return how many more labels would probably certify the strictest threshold; None where no number would."""
    answers = asked.answers
    thresholds = coverage_thresholds(values[known], answers.weights_of(known))
    if not thresholds:
        return None
    strictest = known & (values >= thresholds[0])
    risk = _risk(answers, strictest, known)
    labelled = int(answers.labelled.sum())
    needed = labels_to_certify(risk, labelled, asked.target, asked.level)
    return None if needed is None else max(1, needed - labelled)


def _calibration(
    signal: Signal, values: FloatArray, right: FloatArray, weights: FloatArray | None, groups: Clusters | None
) -> SignalCalibration | None:
    """Return whether values are true chances; None for those that are none."""
    if signal.kind not in PROBABILITIES or signal.reverse or signal.levels or values.size < 2:
        return None
    if values.min() < 0 or values.max() > 1:
        return None
    squares = (values - right) ** 2
    low, high = share_interval(squares, weights, groups)
    bins = reliability_bins(values, right, weights=weights, clusters=groups)
    error = calibration_error(bins, np.random.default_rng(SEED))
    ends = [wilson(rate * size, size) for rate, size in zip(bins.rate, bins.size, strict=True)]
    return SignalCalibration(
        brier=Estimate(
            value=float(np.average(squares, weights=weights)), low=low, high=high, n=values.size, method=BRIER
        ),
        squared_error=error.squared,
        p=error.p,
        ece=error.ece,
        ece_null=error.ece_null,
        ece_null_high=error.ece_null_high,
        bins=tuple(
            ReliabilityBin(confidence=stated, right=rate, low=begin, high=end, n=int(n))
            for stated, rate, (begin, end), n in zip(
                bins.stated.tolist(), bins.rate.tolist(), ends, bins.n.tolist(), strict=True
            )
        ),
    )
