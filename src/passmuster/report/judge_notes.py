"""What a judge said of a reply, in a few words from what its metric kept."""

from collections.abc import Iterable, Mapping

from passmuster.records.record import Json
from passmuster.report import figures

REASONS = 3
"""Reasons that are shown, one a judge or an order."""

_SWAPPED = {
    "first": "a tie, for in both orders it leaned to the one shown first",
    "second": "a tie, for in both orders it leaned to the one shown second",
}


def is_judged(kept: Mapping[str, Json]) -> bool:
    """Return whether what a metric kept of a score is what a judge said.

    Example:
        >>> is_judged({"criteria": {"tone": 4.0}}), is_judged({"parts": {"tone": 1.0}})
        (True, False)
    """
    return isinstance(kept.get("criteria"), Mapping) or isinstance(kept.get("versus"), str)


def judge_notes(kept: Mapping[str, Json]) -> Iterable[str]:
    """Yield what a judge, or each of a panel, said: values, whether the order mattered, reasons.

    Example:
        >>> list(judge_notes({"criteria": {"tone": 4.0, "form": 5.0}, "reasons": "Kind and neat."}))
        ['tone 4, form 5', 'said: Kind and neat.']
    """
    criteria = kept.get("criteria")
    if isinstance(criteria, Mapping) and len(criteria) > 1:
        yield _values(criteria)
    swapped = kept.get("swapped")
    if isinstance(swapped, str) and swapped in _SWAPPED:
        yield _SWAPPED[swapped]
    if kept.get("equal"):
        yield "a tie, for both replies are the same"
    yield from _panel(kept)
    reasons = kept.get("reasons")
    said = reasons if isinstance(reasons, list | tuple) else [reasons]
    for each in [each for each in said if isinstance(each, str) and each][:REASONS]:
        yield f"said: {each}"


def _panel(kept: Mapping[str, Json]) -> Iterable[str]:
    panel, unread, agreement = kept.get("panel"), kept.get("unread"), kept.get("agreement")
    if isinstance(panel, Mapping) and panel:
        told = (
            f" (of pairs of judges {figures.percent(agreement)} agree)"
            if isinstance(agreement, float)
            else ""
        )
        yield f"{_values(panel)}{told}"
    if isinstance(unread, Mapping):
        for name, why in unread.items():
            yield f"{name} could not be read: {why}"


def _values(given: Mapping[str, Json]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in given.items() if isinstance(value, int | float))
