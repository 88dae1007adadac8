"""`score`: the task's metrics on all stored trials, in parts that any number of processes can share."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import fsum
from typing import NamedTuple, TypeAlias

from passmuster.metrics.metric import Metric
from passmuster.records.case import Case
from passmuster.records.digest import plain
from passmuster.records.score import Score, ScoreOutcome
from passmuster.records.scored import CandidateScores, ScoreSummary
from passmuster.records.trial import Failure, Outcome, TrialKey
from passmuster.workflows.scoring import scores_of

PART = 400
"""Trials that one process scores at a time."""

UNWRITABLE = (TypeError, ValueError, RecursionError)
"""What details that are no JSON data raise when they are written."""

Place: TypeAlias = tuple[int, int, int]
"""Where a trial stands in the order of everything: the number of its candidate, of its case, and its repeat."""


class ToScore(NamedTuple):
    """A stored trial with its case, and where it stands; `candidate` is a name."""

    place: Place
    candidate: str
    key: TrialKey
    case: Case
    outcome: Outcome


class Marked(NamedTuple):
    """What was made of a trial: its line for the file, and of each metric the value or the kind of score failure.

    There are no marks where the trial ended without a reply.
    """

    place: Place
    line: bytes
    marks: tuple[float | str, ...]


Spread: TypeAlias = Callable[[Iterable[Sequence[ToScore]]], Iterator[Sequence[Marked]]]
"""Scores parts, here or in other processes, and gives them back in any order."""


def parts(trials: Iterable[ToScore], size: int = PART) -> Iterator[list[ToScore]]:
    """Yield the trials in lists of `size`, the last one shorter.

    Example:
        >>> [len(part) for part in parts([], 2)]
        []
    """
    rest = iter(trials)
    while part := list(islice(rest, size)):
        yield part


def score_part(metrics: Sequence[Metric], part: Sequence[ToScore], *, lines: bool) -> list[Marked]:
    """Score some trials.

    Args:
        metrics: The metrics; those of two steps are settled.
        part: The trials.
        lines: Whether their lines are made.
    """
    marked = []
    for each in part:
        scores = scores_of(metrics, each.case, each.outcome)
        line = _line(each, metrics, scores) if lines else b""
        marks = tuple(_mark(scores[metric.name]) for metric in metrics) if scores else ()
        marked.append(Marked(each.place, line, marks))
    return marked


def in_order(marked: Iterable[Sequence[Marked]]) -> list[Marked]:
    """Return all that was marked as it stands in the corpus, in whatever order it came."""
    return sorted((each for part in marked for each in part), key=lambda each: each.place)


def summaries(
    marked: Sequence[Marked], names: Sequence[str], metrics: Sequence[Metric]
) -> tuple[CandidateScores, ...]:
    """Return what each candidate (name) got; `marked` is in order."""
    own: list[list[Marked]] = [[] for _ in names]
    for each in marked:
        own[each.place[0]].append(each)
    return tuple(_candidate(name, found, metrics) for name, found in zip(names, own, strict=True))


def _candidate(name: str, marked: Sequence[Marked], metrics: Sequence[Metric]) -> CandidateScores:
    replied = [each.marks for each in marked if each.marks]
    found = []
    for place, metric in enumerate(metrics):
        column = [marks[place] for marks in replied]
        values = [mark for mark in column if isinstance(mark, float)]
        kinds = Counter(mark for mark in column if isinstance(mark, str))
        found.append(
            ScoreSummary(
                metric=metric.name,
                # The sum is exact before it is rounded, so no order of the trials changes it.
                mean=fsum(values) / len(values) if values else None,
                n=len(values),
                failures=dict(sorted(kinds.items())),
            )
        )
    return CandidateScores(
        name=name, trials=len(marked), failed=len(marked) - len(replied), metrics=tuple(found)
    )


def _mark(outcome: ScoreOutcome) -> float | str:
    return float(outcome.value) if isinstance(outcome, Score) else outcome.kind


def _line(each: ToScore, metrics: Sequence[Metric], scores: Mapping[str, ScoreOutcome]) -> bytes:
    row: dict[str, object] = {
        "candidate": each.candidate,
        "case_id": each.case.id,
        "repeat": each.place[2],
        "case": each.key.case,
    }
    if isinstance(each.outcome, Failure):
        row["failure"] = each.outcome.kind
    versions = {metric.name: metric.version for metric in metrics}
    row["scores"] = {name: {"version": versions[name], **_told(score)} for name, score in scores.items()}
    try:
        return _json(row)
    except UNWRITABLE:
        told = {name: {"version": versions[name], **_told_safely(score)} for name, score in scores.items()}
        return _json({**row, "scores": told})


def _told(outcome: ScoreOutcome) -> dict[str, object]:
    if not isinstance(outcome, Score):
        return {"failure": outcome.kind, "message": outcome.message}
    told: dict[str, object] = {"value": float(outcome.value)}
    if outcome.answer is not None:
        told["answer"] = outcome.answer
    if outcome.details:
        told["details"] = outcome.details
    return told


def _told_safely(outcome: ScoreOutcome) -> dict[str, object]:
    """Return a score as JSON data; a user's metric may have put anything into its details."""
    told = _told(outcome)
    if "details" in told:
        try:
            told["details"] = plain(told["details"])
            _json(told["details"])
        except UNWRITABLE:
            told["details"] = {"unwritable": True}
    return told


def _json(value: object) -> bytes:
    # A reply may hold half of a surrogate pair, which UTF-8 has no bytes for; it is written as \udxxx.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"
