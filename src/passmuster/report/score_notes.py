"""Why a score is what it is, in a few words from what the metric kept."""

from collections.abc import Iterable, Mapping

from passmuster.records.comparison import Answer
from passmuster.records.record import Json
from passmuster.report import figures
from passmuster.report.escape import line

WORDS = 300
"""Characters of one reason."""
LISTED = 5
"""Names of one list that are shown."""
SHOWN = 8
"""Lines, the one that counts the rest included."""

_SAID = ("error", "path", "reason", "outcome", "place", "expected", "found")
_LISTS = ("missing", "missed", "invented", "wrong", "extra", "forbidden", "unsupported", "omitted")


def score_notes(answer: Answer) -> tuple[str, ...]:
    """Return what metrics say of an answer that is not wholly right: parts that are not met, what is missing, first errors.

    Example:
        >>> answer = Answer(
        ...     candidate="a", text="x", failure=None, scores={"checks": 0.0}, details={"checks": {"unmet": ["regex"]}}
        ... )
        >>> score_notes(answer)
        ('checks: not met regex',)
    """
    kept = [(metric, found) for metric, found in answer.details.items() if answer.scores.get(metric) != 1.0]
    said = [f"{metric}: {text}" for metric, found in kept if (text := "; ".join(dict.fromkeys(_of(found))))]
    shared: dict[str, list[str]] = {}
    for metric, message in answer.score_failures.items():
        shared.setdefault(message, []).append(metric)
    said += [f"{_listed(metrics)}: no score, {message}" for message, metrics in shared.items()]
    if len(said) > SHOWN:
        left = len(said) - SHOWN + 1
        said[SHOWN - 1 :] = [f"and {left} more"]
    return tuple(line(" ".join(each.split()), WORDS) for each in said)


def _of(kept: Mapping[str, Json]) -> Iterable[str]:
    parts = kept.get("parts")
    unmet = kept.get("unmet")
    if not isinstance(unmet, list | tuple):
        # An outcome's parts are the outcomes that there are: those that it is not say nothing.
        held = parts if isinstance(parts, Mapping) and "outcome" not in kept else {}
        unmet = [name for name, value in held.items() if isinstance(value, int | float) and value < 1]
    if unmet:
        yield f"not met {_listed(unmet)}"
    for name in _LISTS:
        found = kept.get(name)
        if isinstance(found, list | tuple) and found:
            yield f"{name} {_listed(found)}"
    said: set[str] = set()
    for name in _SAID:
        found = kept.get(name)
        if isinstance(found, str) and found and (name, found) != ("path", "$") and found not in said:
            said.add(found)
            yield f"{name}: {found}"


def _listed(found: list[Json] | tuple[Json, ...] | list[str]) -> str:
    names = [
        each if isinstance(each, str) else figures.number(each) if isinstance(each, float) else str(each)
        for each in found
    ]
    shown = ", ".join(names[:LISTED])
    return shown + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
