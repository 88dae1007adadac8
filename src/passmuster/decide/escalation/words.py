"""What the signals say, in sentences: what may go out unseen, what is missing for that, and which signal is no use."""

from collections.abc import Sequence
from dataclasses import replace

from passmuster.records.escalation import EscalationReport, RiskPoint, Signal, SignalReport
from passmuster.records.score import Estimate


def percent(value: float) -> str:
    """Write a share in percent.

    Example:
        >>> percent(0.05), percent(0.432), percent(0.004), percent(1.0)
        ('5 %', '43 %', '0.4 %', '100 %')
    """
    digits = 0 if value in (0.0, 1.0) or 0.0995 <= value < 0.995 else 1
    return f"{value * 100:.{digits}f}".removesuffix(".0") + " %"


def value_text(value: float) -> str:
    """Write a threshold with as many digits as it takes: more of them close to 1.

    Example:
        >>> value_text(0.9312345), value_text(1.0), value_text(-0.00012), value_text(0.99999864)
        ('0.9312', '1', '-0.00012', '0.9999986')
    """
    room = min(abs(value), abs(1 - value)) / 10
    texts = (f"{value:.{digits}g}" for digits in range(4, 17))
    return next((text for text in texts if abs(float(text) - value) <= room), f"{value:.17g}")


def condition(signal: Signal, threshold: float) -> str:
    """Write when a reply is accepted.

    Example:
        >>> condition(Signal(name="length", kind="length", reverse=True), -120.0)
        'length <= 120'
        >>> condition(Signal(name="same", kind="agreement", of="gpt-4o"), 1.0)
        'gpt-4o answers the same'
    """
    if signal.kind == "agreement" and threshold == 1.0:
        return f"{signal.of} answers the same"
    if signal.kind in ("agreement", "finish_reason") and threshold == 0.0:
        return "every reply"
    if signal.kind == "finish_reason" and threshold == 1.0:
        return "the reply ended of itself"
    limit, sign = (-threshold, "<=") if signal.reverse else (threshold, ">=")
    return f"{signal.name} {sign} {value_text(limit)}"


def area_text(area: Estimate) -> str:
    """Write an AUROC with its interval."""
    if area.value is None:
        return "AUROC unknown"
    return f"AUROC {area.value:.2f} [{area.low:.2f}, {area.high:.2f}]"


def with_sentences(signals: Sequence[SignalReport], target: float) -> tuple[SignalReport, ...]:
    """Return the signals with what there is to say of each; one that is no use names the best that is."""
    leader = leading_of(signals)
    return tuple(replace(each, sentence=_sentence(each, leader, target)) for each in signals)


def leading_of(signals: Sequence[SignalReport]) -> SignalReport | None:
    """Return the usable signal with the largest AUROC; None where none is usable."""
    usable = [each for each in signals if each.usable]
    return max(usable, key=lambda each: each.auroc.value or 0.0, default=None)


def best_of(signals: Sequence[SignalReport]) -> SignalReport | None:
    """Return the signal whose certified threshold costs least a task, or where costs are unknown accepts most.

    Of equal ones it is a usable one, then the one with the larger AUROC. Any may be chosen: they share the chance of
    an error.
    """
    found = [(each, each.certified) for each in signals if each.certified is not None]
    priced = all(point.cost_per_task is not None for _, point in found)

    def rank(pair: tuple[SignalReport, RiskPoint]) -> tuple[float, bool, float]:
        signal, point = pair
        gain = -(point.cost_per_task or 0.0) if priced else round(point.coverage, 9)
        return gain, signal.usable, signal.auroc.value or 0.0

    return max(found, key=rank)[0] if found else None


def _sentence(signal: SignalReport, leader: SignalReport | None, target: float) -> str:
    if signal.n == 0:
        return f"{signal.name} is unusable: no labelled reply has it."
    if not signal.usable and signal.auroc.value is not None:
        return _unusable(signal, leader)
    known = signal.auroc.value is not None or signal.note is None
    return (
        f"{signal.name}: {area_text(signal.auroc) if known else signal.note}; {_threshold(signal, target)}."
    )


def _unusable(signal: SignalReport, leader: SignalReport | None) -> str:
    area = signal.auroc
    if area.high is not None and area.high < 0.5:
        why = "it points the wrong way: wrong replies have the larger values"
    elif signal.note is not None:
        why = signal.note
    else:
        why = "it is not shown to tell right replies from wrong ones better than chance"
    if leader is None:
        instead = "no other signal does it either"
    else:
        instead = f"{leader.name} is the best other one ({area_text(leader.auroc)})"
    return f"{signal.name} is unusable: {why} ({area_text(area)}); {instead}."


def _threshold(signal: SignalReport, target: float) -> str:
    point = signal.certified
    if point is not None:
        return f"{percent(point.coverage)} of the tasks can go out unseen ({point.rule})"
    if signal.more_labels is not None:
        return (
            f"no threshold can be certified: {signal.more_labels:,} more labels, at the share of errors seen"
        )
    if not signal.points:
        return "no threshold can be certified"
    first = signal.points[0]
    return (
        f"no threshold can be certified: even of the surest {percent(first.coverage)} of the tasks "
        f"{percent(first.risk)} are wrong, more than {percent(target)} may be"
    )


def conclusion(report: EscalationReport, best: SignalReport | None) -> str:
    """Return the report's own sentence: what to accept, or what is missing for that."""
    if best is not None and best.certified is not None:
        return _accepted(report, best.certified)
    if not report.signals:
        return (
            f"No threshold can be certified: the replies of {report.candidate} have no signal of confidence. "
            "Ask for log-probabilities, for several repeats, or name what its replies state of themselves."
        )
    promising = [each for each in report.signals if each.more_labels is not None]
    promising = [each for each in promising if each.usable] or promising
    if promising:
        signal = min(promising, key=lambda each: each.more_labels or 0)
        return (
            f"No threshold can be certified for a risk of at most {percent(report.target)}: "
            f"{signal.more_labels:,} more labels (with {signal.name}, at the share of errors seen). "
            "Until then every reply is one to escalate."
        )
    return (
        f"No threshold can be certified for a risk of at most {percent(report.target)}, and more labels are "
        "not the remedy: no signal tells right from wrong well enough. Every reply is one to escalate."
    )


def _accepted(report: EscalationReport, point: RiskPoint) -> str:
    chance = percent(report.delta)
    keeps = f"(that this does not hold has a chance of {chance} at most)"
    if point.coverage >= 1.0 - 1e-12:
        return (
            f"No reply of {report.candidate} needs to be escalated: at most {percent(report.target)} of them are "
            f"wrong {keeps}."
        )
    where = "a person" if report.to is None else report.to
    return (
        f"Replies of {report.candidate} can go out unseen where {point.rule}: "
        f"{percent(point.coverage)} of the tasks, of which at most {percent(report.target)} are wrong {keeps}. "
        f"The other {percent(1 - point.coverage)} go to {where}."
    )
