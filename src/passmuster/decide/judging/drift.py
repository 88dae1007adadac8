"""Drift of a judge: the newest scoring of its anchors against the first one and the last one before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from passmuster.decide.judging.shift import readable_shift, value_shift
from passmuster.decide.phrases import counted
from passmuster.records.judge_drift import AnchorCheck, DriftPoint, DriftStatus, JudgeDrift, Shift
from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray

ALPHA = 0.01
"""The chance that one call raises an alarm about a judge that has not moved."""

PASS_FAIL = (0.0, 1.0)


def judge_drift(
    metric: str, anchors: Sequence[str], checks: Sequence[AnchorCheck], *, binary: bool, alpha: float = ALPHA
) -> JudgeDrift:
    """Return whether a judge moved.

    The newest check is compared with the first one and, where there is one between, with the last one before; whether
    answers can be read is compared with the first. Each of these comparisons gets its part of `alpha`, so that together
    they keep it.

    Args:
        metric: The judge's name.
        anchors: The digests of its anchors of today.
        checks: All checks of these anchors, in the order in which they were made.
        binary: Whether each value is 0 or 1.
        alpha: The chance of a false alarm of a call.

    Example:
        >>> one = AnchorCheck(
        ...     metric="m", set="s", judge="v", time=0.0, low=0.0, high=1.0, first=True, values={"a": 1.0, "b": 1.0}
        ... )
        >>> judge_drift("m", ["a", "b"], [one], binary=True).status
        'unknown'
    """
    own = _since_first(checks)
    if not own:
        return JudgeDrift(
            metric=metric, status="unknown", judge="", models=(), alpha=alpha, anchors=len(anchors)
        )
    first, newest = own[0], own[-1]
    found = JudgeDrift(
        metric=metric,
        status="unknown",
        judge=newest.judge,
        models=newest.models,
        alpha=alpha,
        anchors=len(anchors),
        checks=len(own) - 1,
        date=_date(newest.time),
        low=newest.low,
        high=newest.high,
        unreadable=_unreadable(newest),
        missing=len(set(anchors) - set(newest.values)),
        chance=1 - (1 - alpha) ** (len(own) - 1),
        history=tuple(_point(each, first, anchors, binary=binary) for each in own),
        cost=newest.cost,
    )
    if len(own) == 1:
        return found
    if (first.low, first.high) != (newest.low, newest.high):
        told = f"its scale was {_scale(first)} and is {_scale(newest)}: nothing can be compared"
        return replace(found, changed=changes(first, newest), remarks=(f"{metric}: {told}",))
    return _compared(found, own, anchors, binary=binary)


def changes(before: AnchorCheck, after: AnchorCheck) -> tuple[str, ...]:
    """Return what the judge was and is, where that differs: model, what answered, fingerprint, version.

    Example:
        >>> one = AnchorCheck(metric="m", set="s", judge="v", time=0.0, low=0.0, high=1.0, values={}, answered=("a",))
        >>> changes(one, replace(one, answered=("b",)))
        ('the endpoint answered as a, and answers as b',)
    """
    told = []
    if before.models != after.models:
        told.append(f"the model was {_names(before.models)}, and is {_names(after.models)}")
    elif before.judge != after.judge:
        told.append(f"the question or the parameters changed (version {before.judge} to {after.judge})")
    if before.answered != after.answered:
        told.append(
            f"the endpoint answered as {_names(before.answered)}, and answers as {_names(after.answered)}"
        )
    if before.fingerprints != after.fingerprints:
        told.append(f"the fingerprint was {_names(before.fingerprints)}, and is {_names(after.fingerprints)}")
    return tuple(told)


def _since_first(checks: Sequence[AnchorCheck]) -> Sequence[AnchorCheck]:
    """Return the checks from the one that all are compared with."""
    starts = [place for place, check in enumerate(checks) if check.first]
    return checks[starts[-1] if starts else 0 :]


def _compared(
    found: JudgeDrift, own: Sequence[AnchorCheck], anchors: Sequence[str], *, binary: bool
) -> JudgeDrift:
    first, newest = own[0], own[-1]
    last = own[-2] if len(own) > 2 else None
    limit = found.alpha / (2 if last is None else 3)
    bounds = (newest.low, newest.high)

    def shift(before: AnchorCheck | None) -> Shift | None:
        if before is None or (before.low, before.high) != bounds:
            return None
        pair = (values_of(before, anchors), values_of(newest, anchors))
        return value_shift(*pair, bounds, binary=binary, since=before.time, limit=limit)

    since_first, since_last = shift(first), shift(last)
    readable = readable_shift(
        _readable(first, anchors), _readable(newest, anchors), since=first.time, limit=limit
    )
    shifts = [each for each in (since_first, since_last, readable) if each is not None]
    status: DriftStatus = "steady" if since_first is not None else "unknown"
    if any(each.alarm for each in shifts):
        status = "moved"
    reference = first if last is None or (since_first is not None and since_first.alarm) else last
    changed = changes(reference, newest)
    found = replace(
        found,
        status=status,
        since_first=since_first,
        since_last=since_last,
        readable=readable,
        changed=changed,
    )
    return replace(found, remarks=_remarks(found))


def values_of(check: AnchorCheck, anchors: Sequence[str]) -> FloatArray:
    """Return the value of each anchor, NaN where there is none."""
    given = [check.values.get(name) for name in anchors]
    return np.array([np.nan if each is None else each for each in given], dtype=np.float64)


def _readable(check: AnchorCheck, anchors: Sequence[str]) -> FloatArray:
    told = [float(check.values[name] is not None) if name in check.values else np.nan for name in anchors]
    return np.array(told, dtype=np.float64)


def _unreadable(check: AnchorCheck) -> int:
    return sum(value is None for value in check.values.values())


def _point(check: AnchorCheck, first: AnchorCheck, anchors: Sequence[str], *, binary: bool) -> DriftPoint:
    same = (check.low, check.high) == (first.low, first.high)
    bounds = (check.low, check.high)
    pair = (values_of(first, anchors), values_of(check, anchors))
    shift = value_shift(*pair, bounds, binary=binary) if same and check is not first else None
    missing = len(anchors) - (shift.n if shift else 0)
    estimate = (
        Estimate(value=None, n_missing=missing, method="no data")
        if shift is None
        else Estimate(value=shift.value, low=shift.low, high=shift.high, n=shift.n, n_missing=missing)
    )
    if check is first:
        estimate = Estimate(value=0.0, n=len(check.values), note="what later checks are compared with")
    return DriftPoint(
        time=check.time,
        judge=check.judge,
        answered=check.answered,
        shift=estimate,
        unreadable=_unreadable(check),
        first=check is first,
    )


def _remarks(found: JudgeDrift) -> tuple[str, ...]:
    told = []
    for shift, since in ((found.since_first, "the first check"), (found.since_last, "the last check")):
        if shift is not None and shift.alarm:
            told.append(
                f"{found.metric} moved: {shift.value:+.2f} on {counted(shift.n, 'anchor')} since {since} "
                f"on {_date(shift.since)} ({shift.up} up, {shift.down} down; {shift.method}, {_p(shift.p)})"
            )
    if found.readable is not None and found.readable.alarm:
        told.append(
            f"{found.metric} moved: {found.readable.down} anchors that it answered about on "
            f"{_date(found.readable.since)} have no readable answer now, {found.readable.up} the other way round"
        )
    if found.missing:
        told.append(
            f"{found.metric} gave no answer about {found.missing} of {counted(found.anchors, 'anchor')}"
        )
    told += [f"{found.metric}: {change}" for change in found.changed]
    return tuple(told)


def _p(p: float) -> str:
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}"


def _scale(check: AnchorCheck) -> str:
    return f"{check.low:g} to {check.high:g}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or "nobody that it named"


def _date(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d")
