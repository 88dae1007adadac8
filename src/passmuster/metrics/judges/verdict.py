"""Reading what a judge answered, strictly: what is not exactly a verdict says nothing about the reply."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.metrics.endings.reading import read_text
from passmuster.metrics.json_text import FENCE, parse_json
from passmuster.metrics.judges.rubric import Rubric
from passmuster.metrics.metric import shown
from passmuster.metrics.two_steps import SCORER_FAILED
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.record import Json, Record
from passmuster.records.score import ScoreFailure
from passmuster.records.trial import Failure, Outcome

JUDGE_UNREADABLE = "judge_unreadable"
"""The kind of score failure of a judge whose answer is not one verdict of the form that it was asked for."""

JUDGE_REFUSED = "judge_refused"
"""The kind of score failure of a judge that declined to judge."""

JUDGE_OFF_SCALE = "judge_off_scale"
"""The kind of score failure of a judge whose verdict has a value that is not on the scale."""

JUDGE_FAILURES = (JUDGE_UNREADABLE, JUDGE_REFUSED, JUDGE_OFF_SCALE, SCORER_FAILED)
"""All the kinds of score failure that a judge is the reason of."""

SAID = 200
"""Characters of an answer that a message shows."""

_CUT = ("length", "max_tokens")
_FILTERED = ("content_filter", "refusal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Record):
    """What a judge said: a value for each criterion, and why."""

    values: Mapping[str, int] = field(default_factory=dict)
    reasons: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference(Record):
    """Which of two replies a judge said is better: `first`, `second` or `tie`, and why."""

    better: str
    reasons: str | None = None


def read_verdict(outcome: Outcome, rubric: Rubric) -> Verdict | ScoreFailure:
    """Return the verdict that a judge answered with; why there is none otherwise.

    Its answer must be one JSON object (a single code fence around it and white space are tolerated) whose `values`
    has exactly the criteria of the rubric, each with a whole number on the scale. `reasons` may be left out.

    Example:
        >>> from passmuster.metrics.judges.rubric import Criterion
        >>> from passmuster.records.trial import Reply
        >>> rubric = Rubric(criteria=(Criterion(name="tone", question="Is it polite?"),))
        >>> read_verdict(Reply(text='{"reasons": "Rude.", "values": {"tone": 1}}'), rubric).values
        {'tone': 1}
        >>> read_verdict(Reply(text='{"reasons": "Rude.", "values": {"tone": 0}}'), rubric).kind
        'judge_off_scale'
    """
    found = read_object(outcome, "values")
    if isinstance(found, ScoreFailure):
        return found
    given = found["values"]
    if not isinstance(given, dict):
        return _unreadable("`values` is no object", outcome)
    names = [criterion.name for criterion in rubric.criteria]
    wrong = _wrong_names(names, list(given))
    if wrong:
        return _unreadable(wrong, outcome)
    values: dict[str, int] = {}
    for name in names:
        number = given[name]
        if isinstance(number, bool) or not isinstance(number, int | float):
            return _unreadable(f"the value of {name!r} is no number", outcome)
        if number not in rubric.scale:
            message = (
                f"{name!r} is {shown(str(number))}, not a whole number from {rubric.low} to {rubric.high}"
            )
            return _failure(JUDGE_OFF_SCALE, message, outcome)
        values[name] = int(number)
    return Verdict(values=values, reasons=_reasons(found))


def read_preference(outcome: Outcome, *, ties: bool = True) -> Preference | ScoreFailure:
    """Return which of two replies a judge said is better; why there is nothing to be read otherwise.

    Example:
        >>> from passmuster.records.trial import Reply
        >>> read_preference(Reply(text='{"better": "second"}')).better
        'second'
    """
    found = read_object(outcome, "better")
    if isinstance(found, ScoreFailure):
        return found
    said = found["better"]
    if not isinstance(said, str):
        return _unreadable("`better` is no text", outcome)
    allowed = ("first", "second", "tie") if ties else ("first", "second")
    if said not in allowed:
        return _failure(
            JUDGE_OFF_SCALE, f"`better` is {shown(repr(said))}, not one of {', '.join(allowed)}", outcome
        )
    return Preference(better=said, reasons=_reasons(found))


def read_object(outcome: Outcome, key: str) -> Mapping[str, Json] | ScoreFailure:
    """Return the one JSON object that a judge answered with: `key`, and beside it at most `reasons`."""
    if isinstance(outcome, Failure):
        return ScoreFailure(kind=SCORER_FAILED, message=f"{outcome.kind}: {shown(outcome.message)}")
    if outcome.finish_reason in _FILTERED:
        return _failure(JUDGE_REFUSED, f"the judge's endpoint stopped it: {outcome.finish_reason}", outcome)
    found = parse_once(_without_fence(outcome.text.strip()))
    if isinstance(found, Unreadable):
        return _no_json(found.reason, outcome)
    if not isinstance(found, dict):
        return _unreadable("no object", outcome)
    wrong = _wrong_names([key], [name for name in found if name != "reasons"])
    return _unreadable(wrong, outcome) if wrong else found


def parse_once(text: str) -> Json | Unreadable:
    """Return the JSON value of a text in which no object says anything twice.

    Example:
        >>> parse_once('{"a": 5, "a": 1}').reason
        "it says 'a' twice"
    """
    found = parse_json(text)
    if isinstance(found, Unreadable):
        return found
    twice: list[str] = []

    def once(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
        made: dict[str, Json] = {}
        for name, value in pairs:
            if name in made:
                twice.append(name)
            made[name] = value
        return made

    json.loads(text, object_pairs_hook=once)
    return Unreadable(reason=f"it says {shown(repr(twice[0]))} twice") if twice else found


def _without_fence(text: str) -> str:
    """Return what a single code fence around the whole text holds; the text where there is none."""
    opening, _, rest = text.partition("\n")
    named = opening.rstrip().removeprefix(FENCE)
    fenced = opening.startswith(FENCE) and (not named or named.isalnum()) and rest.endswith(FENCE)
    return rest.removesuffix(FENCE) if fenced else text


def _wrong_names(wanted: Sequence[str], given: Sequence[str]) -> str | None:
    missing = [name for name in wanted if name not in given]
    if missing:
        return f"there is no {missing[0]!r}"
    beside = [name for name in given if name not in wanted]
    return f"{shown(repr(beside[0]))} was not asked for" if beside else None


def _reasons(found: Mapping[str, Json]) -> str | None:
    reasons = found.get("reasons")
    if reasons is None:
        return None
    return shown(reasons if isinstance(reasons, str) else json.dumps(reasons, ensure_ascii=False))


def _no_json(reason: str, outcome: Outcome) -> ScoreFailure:
    text = "" if isinstance(outcome, Failure) else outcome.text
    if read_text(text, whole=True).kind == "refusal":
        return _failure(JUDGE_REFUSED, "the judge declined", outcome)
    if not isinstance(outcome, Failure) and outcome.finish_reason in _CUT:
        reason = f"cut off at the judge's limit of tokens; {reason}"
    return _unreadable(reason, outcome)


def _unreadable(reason: str, outcome: Outcome) -> ScoreFailure:
    return _failure(JUDGE_UNREADABLE, f"no verdict: {reason}", outcome)


def _failure(kind: str, message: str, outcome: Outcome) -> ScoreFailure:
    text = "" if isinstance(outcome, Failure) else outcome.text.strip()
    said = f"the judge said: {shown(text[:SAID])}" if text else "the judge said nothing"
    return ScoreFailure(kind=kind, message=f"{message}; {said}")
