"""What is said of a candidate that was stopped, and of a run that asked until it was decided."""

from passmuster.decide.phrases import counted, listed, points
from passmuster.records.stopped import Stop, Stopped


def stop_words(stop: Stop, within: float | None = None) -> str:
    """Return why a candidate was asked no more, as the rest of a sentence that begins with its name.

    Example:
        >>> stop_words(Stop(candidate="a", reason="hopeless", cases=60, of=1000, bar="accuracy >= 0.70"))
        'was stopped after 60 of 1,000 cases: it could hardly have been shown to meet accuracy >= 0.70 any more'
        >>> stop_words(Stop(candidate="a", reason="not_needed", cases=0, of=1000, by="b"))
        'was not asked: b costs less and has passed'
    """
    after = f"after {stop.cases:,} of {counted(stop.of, 'case')}"
    if stop.reason == "not_needed" and not stop.cases:
        return f"was not asked: {stop.by} costs less and has passed"
    near = "" if within is None else f" by {points(within).lstrip('+')} points or more"
    return {
        "hopeless": f"was stopped {after}: it could hardly have been shown to meet {stop.bar} any more",
        "untestable": f"was stopped {after}: {stop.bar} cannot be tested",
        "passed": f"has passed {after}: no answer to the rest could change that",
        "not_needed": f"was stopped {after}: {stop.by} costs less and has passed",
        "dropped": f"was dropped from the race {after}: it is shown not to be the best ({stop.by} led)",
        "best": f"is the best: {after} every other candidate was dropped from the race",
        "tied": f"was stopped {after}: {stop.by or 'none of those that are left'} is not worse{near}",
    }[stop.reason]


def run_words(stopped: Stopped) -> str:
    """Return in a sentence how a run went that asked until it was decided."""
    saved = 1 - stopped.trials / stopped.full if stopped.full else 0.0
    made = f"{stopped.trials:,} of the {counted(stopped.full, 'trial')} of a full run were made ({saved:.0%} saved)"
    if not stopped.finished:
        return f"The run that asks until it is decided has not ended: {made}. To go on: passmuster run --until-decided."
    return f"Asked until it was decided: {made}, in {counted(stopped.looks, 'look')}."


def race_words(stopped: Stopped, metric: str) -> str | None:
    """Return what a race for the best came to; None where it was no race, or is not over."""
    if stopped.until.aim != "best" or not stopped.finished:
        return None
    first, *others = stopped.chosen or ("",)
    if not stopped.chosen:
        return (
            f"No candidate is shown to be the best in {metric}: the cases do not tell the rest of them apart."
        )
    if not others:
        return f"{first} is the best in {metric}: every other candidate is shown not to be."
    within = points(stopped.until.within or 0.0).lstrip("+")
    return (
        f"{first} leads in {metric}, and is not worse than {listed(others)} by {within} points or more:"
        " a difference that was said not to matter."
    )
