"""Why a score is what it is, in a few words from what the metric kept."""

from collections.abc import Iterable, Mapping

from passmuster.records.record import Json
from passmuster.report import figures
from passmuster.report.escape import line

WORDS = 160
"""Characters of one reason."""
LISTED = 5
"""Names of one list that are shown."""
SHOWN = 8

_SAID = ("error", "path", "reason", "outcome", "place", "expected", "found")
_LISTS = ("unmet", "missing", "missed", "invented", "wrong", "extra", "forbidden", "unsupported", "omitted")


def reasons(details: Mapping[str, Mapping[str, Json]], failures: Mapping[str, str]) -> tuple[str, ...]:
    """Return what metrics say of one answer: parts that are not met, what is missing or invented, first errors.

    Args:
        details: Of each metric with a score.
        failures: Of each metric without one: kind and message.

    Example:
        >>> reasons({"checks": {"parts": {"contains": 0, "regex": 1}}}, {})
        ('checks: not met contains',)
    """
    said = [f"{metric}: {text}" for metric, kept in details.items() if (text := "; ".join(_of(kept)))]
    said += [f"{metric}: no score, {message}" for metric, message in failures.items()]
    return tuple(line(each, WORDS) for each in said[:SHOWN])


def _of(kept: Mapping[str, Json]) -> Iterable[str]:
    parts = kept.get("parts")
    if isinstance(parts, Mapping):
        unmet = [name for name, value in parts.items() if isinstance(value, int | float) and value < 1]
        if unmet:
            yield f"not met {_listed(unmet)}"
    for name in _LISTS:
        found = kept.get(name)
        if isinstance(found, list | tuple) and found and not (name == "unmet" and isinstance(parts, Mapping)):
            yield f"{name} {_listed(found)}"
    for name in _SAID:
        found = kept.get(name)
        if isinstance(found, str) and found and (name, found) != ("path", "$"):
            yield f"{name}: {found}"


def _listed(found: list[Json] | tuple[Json, ...] | list[str]) -> str:
    names = [
        each if isinstance(each, str) else figures.number(each) if isinstance(each, float) else str(each)
        for each in found
    ]
    shown = ", ".join(names[:LISTED])
    return shown + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
