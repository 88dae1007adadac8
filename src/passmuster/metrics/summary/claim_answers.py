"""What a model answered about claims and points, read strictly: what is not of the promised form is a score failure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from passmuster.metrics.judges.verdict import JUDGE_UNREADABLE, SAID, read_object
from passmuster.metrics.metric import shown
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json
from passmuster.records.score import ScoreFailure
from passmuster.records.trial import Outcome, Reply

SUPPORTED, CONTRADICTED, MISSING = "supported", "contradicted", "not in the source"
VERDICTS = (SUPPORTED, CONTRADICTED, MISSING)


class Said(NamedTuple):
    """A claim as a model lists it: the words of the reply that make it, and the claim in a sentence."""

    quote: str
    claim: str


class Checked(NamedTuple):
    """What a model says of a claim: its verdict, and the words of the source that decide it."""

    verdict: str
    quote: str | None
    reason: str


class Made(NamedTuple):
    """Whether a point is made, and the words that make it."""

    made: bool
    quote: str | None


def read_claims(outcome: Outcome, most: int) -> list[Said] | ScoreFailure:
    """Return the claims that were listed, at most so many.

    Example:
        >>> from passmuster.records.trial import Reply
        >>> read_claims(Reply(text='{"claims": [{"quote": "It froze", "claim": "It froze."}]}'), 9)
        [Said(quote='It froze', claim='It froze.')]
        >>> read_claims(Reply(text="It froze."), 9).kind
        'judge_unreadable'
    """
    rows = _rows(outcome, "claims", {"quote", "claim"})
    if isinstance(rows, ScoreFailure):
        return rows
    if len(rows) > most:
        return _unreadable(f"{len(rows):,} claims of one piece of text, and at most {most} are read", outcome)
    found = [
        Said(quote, claim)
        for row in rows
        if (quote := _text(row["quote"])) and (claim := _text(row["claim"]))
    ]
    return (
        found if len(found) == len(rows) else _unreadable("a quote or a claim is no text, or empty", outcome)
    )


def read_checks(outcome: Outcome, number: int) -> list[Checked] | ScoreFailure:
    """Return the verdict of each of so many claims, in their order.

    Example:
        >>> from passmuster.records.trial import Reply
        >>> row = '{"number": 1, "reason": "Line 2.", "quote": "It rained", "verdict": "contradicted"}'
        >>> read_checks(Reply(text='{"claims": [' + row + ']}'), 1)[0].verdict
        'contradicted'
        >>> read_checks(Reply(text='{"claims": [' + row + ']}'), 2).message  # doctest: +ELLIPSIS
        'the answer has the numbers 1, and was asked for 1 to 2; the judge said: ...'
    """
    rows = _in_order(outcome, "claims", {"number", "reason", "quote", "verdict"}, number)
    if isinstance(rows, ScoreFailure):
        return rows
    for row in rows:
        if row["verdict"] not in VERDICTS:
            return _unreadable(
                f"the verdict {shown(repr(row['verdict'])[:80])} is none of {', '.join(VERDICTS)}", outcome
            )
    return [
        Checked(verdict=str(row["verdict"]), quote=_text(row["quote"]), reason=_text(row["reason"]) or "")
        for row in rows
    ]


def read_points(outcome: Outcome, number: int) -> list[Made] | ScoreFailure:
    """Return of each of so many points whether it is made, in their order."""
    rows = _in_order(outcome, "points", {"number", "quote", "made"}, number)
    if isinstance(rows, ScoreFailure):
        return rows
    for row in rows:
        if not isinstance(row["made"], bool):
            return _unreadable(f"`made` is {shown(repr(row['made'])[:80])}, not true or false", outcome)
    return [Made(made=row["made"] is True, quote=_text(row["quote"])) for row in rows]


def _in_order(
    outcome: Outcome, name: str, keys: set[str], number: int
) -> Sequence[Mapping[str, Json]] | ScoreFailure:
    """Return the rows by their numbers, which must be 1 to `number`, each once."""
    rows = _rows(outcome, name, keys)
    if isinstance(rows, ScoreFailure):
        return rows
    by_number = {row["number"]: row for row in rows if type(row["number"]) is int}
    wanted = range(1, number + 1)
    if len(rows) != number or set(by_number) != set(wanted):
        told = ", ".join(shown(str(row["number"])[:20]) for row in rows[:10]) or "none"
        return _unreadable(f"the answer has the numbers {told}, and was asked for 1 to {number}", outcome)
    return [by_number[each] for each in wanted]


def _rows(outcome: Outcome, name: str, keys: set[str]) -> Sequence[Mapping[str, Json]] | ScoreFailure:
    """Return the rows of the list `name` in the one object that an answer must be."""
    found = read_object(outcome, name)
    if isinstance(found, ScoreFailure):
        return found
    rows = found[name]
    if not isinstance(rows, list):
        return _unreadable(f"`{name}` is {kind_of(rows)}, not a list", outcome)
    for row in rows:
        if not isinstance(row, dict) or set(row) != keys:
            told = ", ".join(sorted(keys))
            return _unreadable(f"an entry of `{name}` is {_told(row)}, not an object of {told}", outcome)
    return rows


def _text(value: Json) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _told(row: Json) -> str:
    return f"an object of {shown(', '.join(map(str, row))[:80])}" if isinstance(row, dict) else kind_of(row)


def _unreadable(reason: str, outcome: Outcome) -> ScoreFailure:
    text = outcome.text.strip() if isinstance(outcome, Reply) else ""
    return ScoreFailure(kind=JUDGE_UNREADABLE, message=f"{reason}; the judge said: {shown(text[:SAID])}")
