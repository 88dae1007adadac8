"""Why a score is what it is, in a few words from what the metric kept."""

from collections.abc import Iterable, Mapping
from typing import TypeGuard

from passmuster.records.comparison import Answer
from passmuster.records.record import Json
from passmuster.report import figures
from passmuster.report.escape import line
from passmuster.report.judge_notes import is_judged, judge_notes

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
    # of what is omitted less is better, and 1 is the worst that there is
    kept = [
        (m, found)
        for m, found in answer.details.items()
        if answer.scores.get(m) != 1.0 or found.get("omitted") or is_judged(found)
    ]
    judged = [(metric, found) for metric, found in kept if is_judged(found)]
    kept = [each for each in kept if each not in judged]
    said = [f"{metric}: {text}" for metric, found in kept if (text := "; ".join(dict.fromkeys(_of(found))))]
    said += [f"{metric}: {text}" for metric, found in judged for text in judge_notes(found)]
    said += [f"{metric}: {text}" for metric, found in kept for text in _claims(found)]
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
        if isinstance(found, list | tuple) and found and not _is_claim(found[0]):
            yield f"{name} {_listed(found)}"
    said: set[str] = set()
    for name in _SAID:
        found = kept.get(name)
        if isinstance(found, str) and found and (name, found) != ("path", "$") and found not in said:
            said.add(found)
            yield f"{name}: {found}"


def _claims(kept: Mapping[str, Json]) -> Iterable[str]:
    """Yield the claims of a reply that nothing bears out, each with its place and what the source says."""
    found = kept.get("unsupported")
    claims = [each for each in found if _is_claim(each)] if isinstance(found, list | tuple) else []
    for each in claims[:LISTED]:
        where = f"line {each.get('line')}, characters {each.get('start')} to {each.get('end')}"
        source = f" ({each['source']!r})" if each.get("source") else ""
        yield f"{each['verdict']}{source}: {each['claim']!r}, {where}"
    if len(claims) > LISTED:
        yield f"and {len(claims) - LISTED} more claims"


def _is_claim(each: Json) -> TypeGuard[Mapping[str, Json]]:
    return isinstance(each, Mapping) and "claim" in each and "verdict" in each


def _listed(found: list[Json] | tuple[Json, ...] | list[str]) -> str:
    shown = ", ".join(map(_word, found[:LISTED]))
    return shown + (f" and {len(found) - LISTED} more" if len(found) > LISTED else "")


def _word(each: Json) -> str:
    """Return one item of a list in words: what was answered for what, or the point that is left out."""
    if isinstance(each, Mapping) and "answer" in each and "reference" in each:
        where = f"{each['field']} " if "field" in each else ""
        why = f" ({each['why']})" if "why" in each else ""
        return f"{where}{each['answer']!r} for {each['reference']!r}{why}"
    if isinstance(each, Mapping) and "point" in each:
        return repr(each["point"])
    return figures.number(each) if isinstance(each, float) else str(each)
