"""A difference against a margin: is it worth an LLM, and is a gain shown at all?"""

from passmuster.decide.phrases import points
from passmuster.records.score import Difference
from passmuster.records.worth import Shown, WorthStatus

_VERDICTS = {
    "yes": "worth an LLM",
    "no": "a poor candidate for an LLM",
    "narrow": "narrow, look before you commit",
}


def worth_status(low: float, high: float, margin: float) -> WorthStatus:
    """Return `yes` where the whole interval of a gain is above the margin, `no` where it is below, else `narrow`.

    Example:
        >>> worth_status(0.06, 0.10, 0.05), worth_status(0.01, 0.04, 0.05), worth_status(0.01, 0.09, 0.05)
        ('yes', 'no', 'narrow')
    """
    if low > margin:
        return "yes"
    return "no" if high < margin else "narrow"


def people_status(low: float, high: float, margin: float, *, cheaper: bool | None) -> WorthStatus:
    """Return the same against people, where the margin is what may be lost and the gain is in what it costs.

    `yes` needs a loss above the margin ruled out, and a lower cost per success; `no` is a loss above it that is shown, or a
    higher cost without a gain of the margin.

    Args:
        low: The lower end of the gain.
        high: Its upper end.
        margin: What may be lost.
        cheaper: Whether a success is shown to cost less, or (False) not to; None where neither is.

    Example:
        >>> people_status(-0.03, 0.01, 0.05, cheaper=True), people_status(-0.12, -0.06, 0.05, cheaper=True)
        ('yes', 'no')
        >>> people_status(-0.03, 0.01, 0.05, cheaper=False), people_status(-0.08, 0.01, 0.05, cheaper=True)
        ('no', 'narrow')
    """
    if high < -margin:
        return "no"
    if cheaper is False:
        return worth_status(low, high, margin)
    return "yes" if low > -margin and cheaper else "narrow"


def gain_shown(low: float, high: float) -> Shown:
    """Return what an interval of a gain shows.

    Example:
        >>> gain_shown(0.01, 0.04), gain_shown(-0.02, 0.04), gain_shown(-0.04, -0.01)
        ('gain', 'neither', 'loss')
    """
    if low > 0:
        return "gain"
    return "loss" if high < 0 else "neither"


def oriented(difference: Difference, *, lower_is_better: bool) -> tuple[float, float, float] | None:
    """Return a difference as a gain with its interval, None where a part of it is unknown."""
    value, low, high = difference.value, difference.low, difference.high
    if value is None or low is None or high is None:
        return None
    return (-value, -high, -low) if lower_is_better else (value, low, high)


def worth_sentence(llm: str, rival: str, gain: tuple[float, float, float], margin: float) -> str:
    """Return the answer in a sentence: how much, whether a gain is shown at all, and what follows.

    Example:
        >>> worth_sentence("llm", "regex", (0.03, 0.021, 0.039), 0.05)
        'llm adds +3.0 points over regex (+2.1 to +3.9; margin 5): a gain is shown, and less than the margin: a poor candidate for an LLM.'
        >>> worth_sentence("llm", "regex", (0.02, -0.01, 0.05), 0.02)
        'llm adds +2.0 points over regex (-1.0 to +5.0; margin 2): no gain is shown: narrow, look before you commit.'
    """
    value, low, high = gain
    status, shown = worth_status(low, high, margin), gain_shown(low, high)
    told = {"gain": "a gain is shown", "loss": "a loss is shown", "neither": "no gain is shown"}[shown]
    if shown == "gain":
        told += {
            "yes": ", and more than the margin",
            "no": ", and less than the margin",
            "narrow": ", but not that it reaches the margin",
        }[status]
    elif shown == "neither" and status == "no":
        told += ", and any would be less than the margin"
    return (
        f"{llm} adds {points(value)} points over {rival} ({points(low)} to {points(high)}; margin {margin * 100:.3g}):"
        f" {told}: {_VERDICTS[status]}."
    )


def people_sentence(
    llm: str,
    people: str,
    gain: tuple[float, float, float],
    margin: float,
    cost: tuple[float | None, bool | None],
) -> str:
    """Return the same against people; `cost` is that of a success in theirs, and whether it is shown to be less.

    Example:
        >>> people_sentence("llm", "by hand", (-0.01, -0.03, 0.01), 0.05, (0.02, True))
        'llm differs by -1.0 points from by hand (-3.0 to +1.0; at most 5 may be lost) at 0.02 times the cost a success: worth an LLM.'
    """
    value, low, high = gain
    times, cheaper = cost
    told = "its cost unknown" if times is None else f"at {times:.2g} times the cost a success"
    if times is not None and cheaper is None:
        told += " (neither less nor more is shown)"
    return (
        f"{llm} differs by {points(value)} points from {people} ({points(low)} to {points(high)}; at most"
        f" {margin * 100:.3g} may be lost) {told}: {_VERDICTS[people_status(low, high, margin, cheaper=cheaper)]}."
    )
