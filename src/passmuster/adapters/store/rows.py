"""Records to rows and back."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any

from passmuster.adapters.store.batches import Row
from passmuster.adapters.store.build import build
from passmuster.adapters.store.columns import (
    count_column,
    from_column,
    from_json_column,
    json_column,
    to_column,
)
from passmuster.records.candidate import Candidate, Example, Prompt
from passmuster.records.case import Case, Conversation, Input
from passmuster.records.digest import plain
from passmuster.records.program import Execution
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Attempt, Failure, Outcome, Reply, Trial, TrialKey, Usage

_RUN = frozenset({"id", "started", "task", "corpus", "cases", "candidates", "repeats", "budget"})
_SAID = frozenset({"finish_reason", "model", "fingerprint"})
_UNUSUAL = [each for each in fields(Reply) if each.name not in {"text", *_SAID}]
_NOTHING_UNUSUAL = tuple(each.default for each in _UNUSUAL)
_unusual = attrgetter(*(each.name for each in _UNUSUAL))
_SHORT = 200
_END = frozenset({"run", "ended", "status", "asked", "reused", "failed", "spend", "stopped"})


def trial_row(trial: Trial, run: str) -> Row:
    """Return the values of `INSERT_TRIALS`; `run` is text for a column."""
    outcome = trial.outcome
    kind: str
    if isinstance(outcome, Failure):
        kind, text, rest = outcome.kind, outcome.message, None
    else:
        kind, text, rest = "reply", outcome.text, _rest_column(outcome)
    return (
        *trial.key,
        to_column(trial.case_id),
        kind,
        to_column(text),
        rest,
        trial.source,
        None if trial.request is None else to_column(trial.request),
        run,
    )


def attempt_row(trial: int, number: int, attempt: Attempt) -> Row:
    """Return the values of `INSERT_ATTEMPTS`, or of `INSERT_USUAL_ATTEMPTS` where the attempt needs no more.

    `trial` is the id of the trial's row, `number` counts its attempts from 0.
    """
    usage = attempt.usage
    usual = (
        trial,
        number,
        attempt.started,
        attempt.seconds,
        attempt.first_token,
        attempt.status,
        attempt.cost,
        attempt.in_flight,
        *(_NO_USAGE if usage is None else _usage_columns(usage)),
    )
    counted = usage is not None and (usage.cache_write is not None or usage.other is not None)
    if counted or _rare(attempt) != _NOTHING_RARE:
        return (*usual, *_rare_columns(attempt))
    return usual


_rare = attrgetter("error", "message", "retry_after", "gaps", "within", "model", "at_risk")
_NOTHING_RARE = (None,) * 7
_NO_USAGE = (None,) * 5
USUAL = 8 + len(_NO_USAGE)
"""Values of an attempt for `INSERT_USUAL_ATTEMPTS`."""


def _usage_columns(usage: Usage) -> Row:
    return (
        usage.estimated,
        count_column(usage.input),
        count_column(usage.output),
        count_column(usage.cached),
        count_column(usage.reasoning),
    )


def _rare_columns(attempt: Attempt) -> Row:
    usage = attempt.usage
    return (
        None if usage is None else count_column(usage.cache_write),
        None if usage is None or usage.other is None else json_column(usage.other),
        attempt.error,
        None if attempt.message is None else to_column(attempt.message),
        attempt.retry_after,
        None if attempt.gaps is None else struct.pack(f"<{len(attempt.gaps)}d", *attempt.gaps),
        attempt.within,
        None if attempt.model is None else to_column(attempt.model),
        attempt.at_risk,
    )


def read_trial(rows: Sequence[Row]) -> Trial:
    """Return the trial of the rows of `SELECT_TRIALS` that have one id: one row an attempt."""
    _, case, candidate, repeat, case_id, kind, text, rest, source, request = rows[0][:10]
    return Trial(
        key=TrialKey(case, candidate, repeat),
        case_id=from_column(case_id),
        outcome=_outcome(kind, from_column(text), rest),
        attempts=tuple([_attempt(*row[11:]) for row in rows if row[10] is not None]),
        source=source,
        request=None if request is None else from_column(request),
    )


def case_column(case: Case) -> str:
    """Return a case as JSON text; the form of its input is said, not guessed."""
    return json_column({**_object(plain(case)), "form": _form(case.input)})


def read_case(stored: str) -> Case:
    """Return the case of a JSON column."""
    data = _object(from_json_column(stored))
    return build(Case, data, input=_input(data.pop("form"), data.pop("input")))


def _form(given: Input) -> str:
    return {str: "text", Conversation: "conversation"}.get(type(given), "fields")


def _input(form: str | None, stored: Any) -> Input:
    found: Input = build(Conversation, stored) if form == "conversation" else stored
    return found


def _candidate_data(candidate: Candidate) -> Any:
    """Return a candidate as JSON data; the form of each example's input is said, not guessed."""
    data = plain(candidate)
    if candidate.prompt is None or not candidate.prompt.examples:
        return data
    examples = [{**_object(plain(each)), "form": _form(each.input)} for each in candidate.prompt.examples]
    return {**_object(data), "prompt": {**_object(plain(candidate.prompt)), "examples": examples}}


def _read_candidate(stored: Any) -> Candidate:
    data = _object(stored)
    prompt = data.get("prompt")
    if prompt is None or not prompt.get("examples"):
        return build(Candidate, data)
    examples = tuple(
        Example(input=_input(each.get("form"), each["input"]), answer=each["answer"])
        for each in prompt["examples"]
    )
    rest = {name: value for name, value in prompt.items() if name != "examples"}
    others = {name: value for name, value in data.items() if name != "prompt"}
    return build(Candidate, others, prompt=build(Prompt, rest, examples=examples))


def execution_column(execution: Execution) -> str:
    """Return how a program ended as JSON text."""
    return json_column(execution)


def read_execution(stored: str) -> Execution:
    """Return how a program ended from a JSON column."""
    return build(Execution, from_json_column(stored))


def run_row(run: Run) -> Row:
    """Return the values of `INSERT_RUN`."""
    return (
        to_column(run.id),
        run.started,
        to_column(run.task),
        to_column(run.corpus),
        run.repeats,
        json_column([_candidate_data(each) for each in run.candidates]),
        run.budget,
        _more_column(run, _RUN),
    )


def read_run(row: Row, cases: Sequence[tuple[str, str, int]]) -> Run:
    """Return the run of a row as `run_row` makes it."""
    name, started, task, corpus, repeats, candidates, budget, more = row
    return build(
        Run,
        _read_more(more),
        id=from_column(name),
        started=started,
        task=from_column(task),
        corpus=from_column(corpus),
        cases=cases,
        candidates=tuple(_read_candidate(each) for each in _items(from_json_column(candidates))),
        repeats=repeats,
        budget=budget,
    )


def end_row(end: RunEnd) -> Row:
    """Return the values of a run's end, without the run."""
    return (
        end.ended,
        end.status,
        end.asked,
        end.reused,
        end.failed,
        end.spend,
        json_column(end.stopped),
        _more_column(end, _END),
    )


def read_end(run: str, row: Row) -> RunEnd:
    """Return the end of a run from a row as `end_row` makes it."""
    ended, status, asked, reused, failed, spend, stopped, more = row
    return build(
        RunEnd,
        _read_more(more),
        run=run,
        ended=ended,
        status=status,
        asked=asked,
        reused=reused,
        failed=failed,
        spend=spend,
        stopped=_object(from_json_column(stopped)),
    )


def _more_column(record: Run | RunEnd, apart: Iterable[str]) -> str:
    """Return the fields that have no column of their own; the cases of a run may be a million."""
    return json_column(
        {each.name: getattr(record, each.name) for each in fields(record) if each.name not in apart}
    )


def _read_more(stored: str | None) -> Mapping[str, Any]:
    return {} if stored is None else _object(from_json_column(stored))


def _rest_column(reply: Reply) -> str | None:
    if _unusual(reply) == _NOTHING_UNUSUAL:
        finish_reason, model, fingerprint = reply.finish_reason, reply.model, reply.fingerprint
        # Endpoints say the same of themselves again and again; what is long is not kept in memory.
        is_short = len(f"{finish_reason}{model}{fingerprint}") < _SHORT
        return (_said_column if is_short else _said_column.__wrapped__)(finish_reason, model, fingerprint)
    others = {name: value for name, value in _object(plain(reply)).items() if name != "text"}
    return json_column(others) if others else None


@lru_cache(maxsize=256)
def _said_column(finish_reason: str | None, model: str | None, fingerprint: str | None) -> str | None:
    said = {"finish_reason": finish_reason, "model": model, "fingerprint": fingerprint}
    found = {name: value for name, value in said.items() if value is not None}
    return json_column(found) if found else None


def _outcome(kind: Any, text: str, rest: str | None) -> Outcome:
    if kind != "reply":
        return Failure(kind=kind, message=text)
    if rest is None:
        return Reply(text=text)
    said = _said(rest) if len(rest) < _SHORT else None
    if said is not None:
        return Reply(text=text, **said)
    return build(Reply, _object(from_json_column(rest)), text=text)


@lru_cache(maxsize=256)
def _said(rest: str) -> Mapping[str, Any] | None:
    others = _object(from_json_column(rest))
    return others if others.keys() <= _SAID else None


def _attempt(*row: Any) -> Attempt:
    # Called for every attempt that is read back: a comparison of 50,000 trials waits for it.
    (
        started,
        seconds,
        first_token,
        status,
        error,
        message,
        retry_after,
        cost,
        in_flight,
        gaps,
        within,
        model,
        at_risk,
        estimated,
        *counts,
    ) = row
    return Attempt(
        started=started,
        seconds=seconds,
        first_token=first_token,
        status=status,
        error=error,
        message=message and from_column(message),
        retry_after=retry_after,
        usage=None if estimated is None else _usage(estimated, counts),
        cost=cost,
        in_flight=in_flight,
        gaps=None if gaps is None else struct.unpack(f"<{len(gaps) // 8}d", gaps),
        within=within,
        model=model and from_column(model),
        at_risk=at_risk,
    )


def _usage(estimated: int, counts: Sequence[Any]) -> Usage:
    given, made, cached, reasoning, cache_write, other = counts
    return Usage(
        input=given,
        output=made,
        cached=cached,
        reasoning=reasoning,
        estimated=bool(estimated),
        cache_write=cache_write,
        other=None if other is None else _object(from_json_column(other)),
    )


def _items(data: object) -> list[Any]:
    if not isinstance(data, list):
        message = f"expected a JSON array, found {type(data).__name__}"
        raise TypeError(message)
    return data


def _object(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        message = f"expected a JSON object, found {type(data).__name__}"
        raise TypeError(message)
    return data
