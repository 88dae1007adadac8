"""What is shown of a route, and in which words."""

from collections.abc import Sequence

from passmuster.records.routing import RouteReport, RouteStatus

_FOR_ALL = "Which candidate to take for all: passmuster compare."

LUCK = 0.005
"""Optimism from which it is told."""


def status_of(row: RouteReport, better: float | None, saves: float | None, alpha: float) -> RouteStatus:
    """Return what is shown of a route.

    Args:
        row: The route.
        better: The p-value that it is not better than the best single candidate, corrected.
        saves: That it is not cheaper, or worse by the margin, corrected.
        alpha: The level.
    """
    if better is not None and better <= alpha:
        return "gain"
    if saves is not None and saves <= alpha:
        return "cheaper"
    return "worse" if row.gain.high is not None and row.gain.high < 0 else "no_gain"


def misses(row: RouteReport) -> tuple[str, ...]:
    """Return the bars that a route is shown to miss."""
    return tuple(check.bar for check in row.checks if check.status == "misses")


def sentence_of(row: RouteReport, best: RouteReport, margin: float) -> str:
    """Return what is shown of a route beside the best single candidate, in a sentence."""
    rival, gap = _rival(best), _gap(row)
    said = {
        "gain": f"better than {rival}: {gap}{_price(row)}",
        "cheaper": f"cheaper than {rival}{_price(row, of=False)}, and not worse by more than {100 * margin:g} points: {gap}",
        "no_gain": f"no gain shown beside {rival}: {gap}{_price(row)}",
        "worse": f"worse than {rival}: {gap}{_price(row)}",
    }[row.status]
    if row.changed == 0 and row.kind == "slices":
        said = f"as {rival}: nothing else was shown to be better"
    missed = misses(row)
    end = f"; it misses {', '.join(missed)}" if missed and row.status in {"gain", "cheaper"} else ""
    return said[:1].upper() + said[1:] + end + "." + _luck(row)


def _rival(best: RouteReport) -> str:
    """Return what routes are held against: a candidate by name only where it was the best one on all parts of the cases."""
    name = best.rules[-1].stages[0].candidate
    return f"{name} for all" if len(best.asked) == 1 else f"one candidate for all (mostly {_most(best)})"


def _most(best: RouteReport) -> str:
    return max(best.asked, key=lambda name: best.asked[name])


def _gap(row: RouteReport) -> str:
    value, low, high = row.gain.value, row.gain.low, row.gain.high
    if value is None or low is None or high is None:
        return "unknown"
    shown = (round(100 * each, 1) + 0.0 for each in (value, low, high))  # no minus before a zero
    return "{:+.1f} points ({:+.1f} to {:+.1f})".format(*shown)


def _price(row: RouteReport, *, of: bool = True) -> str:
    ratio = row.cost_ratio
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return ""
    return f"{', at' if of else ' at'} {ratio.value:.2g} x its cost ({ratio.low:.2g} to {ratio.high:.2g})"


def _luck(row: RouteReport) -> str:
    """Return how much of what a route seemed to gain was luck in choosing, where that is a point or more."""
    seems = row.seen_gain is not None and row.seen_gain > 0
    if not seems or row.optimism is None or row.seen_gain is None or row.optimism < LUCK:
        return ""
    all_of_it = row.optimism >= row.seen_gain
    how_much = "all of that is" if all_of_it else f"{100 * row.optimism:.1f} of them are"
    return f" On the cases that it was chosen on it seems to gain {100 * row.seen_gain:.1f} points: {how_much} luck in choosing."


def recommended(routes: Sequence[RouteReport]) -> RouteReport | None:
    """Return the route that is recommended: one that is shown to gain and misses no bar; None where there is none.

    Of those that are better the one that gains most, else of those that are cheaper the cheapest.
    """
    good = [row for row in routes if not misses(row)]
    better = [row for row in good if row.status == "gain"]
    if better:
        return max(better, key=lambda row: row.gain.value or 0.0)
    cheaper = [row for row in good if row.status == "cheaper"]
    return min(cheaper, key=lambda row: row.cost_ratio.value or 0.0) if cheaper else None


def summary(chosen: RouteReport | None, routes: Sequence[RouteReport], best: RouteReport) -> str:
    """Return what to do, in a sentence."""
    if chosen is not None:
        return f"Route: {chosen.name}. {chosen.sentence}"
    if not routes:
        return f"There is nothing to route by: give cases strata or tags, or name a cascade. {_FOR_ALL}"
    missed = {row.name: misses(row) for row in routes if row.status in {"gain", "cheaper"}}
    if missed:
        said = "; ".join(f"{name} would gain, but misses {', '.join(bars)}" for name, bars in missed.items())
        return f"No route is recommended: {said}. {_FOR_ALL}"
    closest = max(routes, key=lambda row: row.gain.value if row.gain.value is not None else -1.0)
    near = f"The nearest, {closest.name}: {_gap(closest)}{_price(closest)}."
    return f"No route is shown to gain beside {_rival(best)}. {near} {_FOR_ALL}"
