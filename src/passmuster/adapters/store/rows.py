"""Records to rows and back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from passmuster.adapters.store.columns import (
    count_column,
    from_column,
    from_json_column,
    json_column,
    to_column,
)
from passmuster.records.candidate import Candidate, Infrastructure, ManualProcess, Price, Prompt
from passmuster.records.case import (
    Case,
    Conversation,
    Document,
    Image,
    Message,
    Part,
    Text,
    Tool,
    ToolCall,
)
from passmuster.records.digest import plain
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Attempt, Failure, Outcome, Reply, TokenLogprob, Trial, TrialKey, Usage

R = TypeVar("R")
Row = tuple[Any, ...]


def trial_row(run: str, trial: Trial) -> Row:
    """Return the values of `INSERT_TRIAL`."""
    outcome = trial.outcome
    kind: str
    if isinstance(outcome, Failure):
        kind, text, rest = outcome.kind, outcome.message, None
    else:
        kind, text = "reply", outcome.text
        others = {name: value for name, value in _fields(outcome).items() if name != "text"}
        rest = json_column(others) if others else None
    return (
        *trial.key,
        to_column(run),
        to_column(trial.case_id),
        kind,
        to_column(text),
        rest,
        trial.source,
    )


def attempt_rows(trial: int, attempts: Sequence[Attempt]) -> Iterator[Row]:
    """Yield the values of `INSERT_ATTEMPT` for the attempts of the trial with this row id."""
    for number, attempt in enumerate(attempts):
        usage = attempt.usage or Usage()
        yield (
            trial,
            number,
            attempt.started,
            attempt.seconds,
            attempt.first_token,
            attempt.status,
            attempt.error,
            None if attempt.message is None else to_column(attempt.message),
            attempt.retry_after,
            count_column(usage.input),
            count_column(usage.output),
            count_column(usage.cached),
            count_column(usage.reasoning),
            None if attempt.usage is None else usage.estimated,
            attempt.cost,
            attempt.in_flight,
        )


def read_trial(row: Row, attempts: Sequence[Row]) -> Trial:
    """Return the trial of a row, without its id and run, and the rows of its attempts."""
    case, candidate, repeat, case_id, kind, text, rest, source = row
    return Trial(
        key=TrialKey(case, candidate, repeat),
        case_id=from_column(case_id),
        outcome=_outcome(kind, from_column(text), rest),
        attempts=tuple(_attempt(attempt) for attempt in attempts),
        source=source,
    )


def case_column(case: Case) -> str:
    """Return a case as JSON text; the form of its input is said, not guessed."""
    form = {str: "text", Conversation: "conversation"}.get(type(case.input), "fields")
    return json_column({**_fields(case), "form": form})


def read_case(stored: str) -> Case:
    """Return the case of a JSON column."""
    data = _object(from_json_column(stored))
    form = data.pop("form")
    if form == "conversation":
        data["input"] = _conversation(data["input"])
    return _build(Case, data, tags=tuple)


def run_row(run: Run) -> Row:
    """Return name, start, task, corpus, repeats and candidates of a run."""
    return (
        to_column(run.id),
        run.started,
        to_column(run.task),
        to_column(run.corpus),
        run.repeats,
        json_column(run.candidates),
    )


def read_run(row: Row, cases: tuple[tuple[str, str, int], ...]) -> Run:
    """Return the run of a row as `run_row` makes it."""
    name, started, task, corpus, repeats, candidates = row
    return Run(
        id=from_column(name),
        started=started,
        task=from_column(task),
        corpus=from_column(corpus),
        cases=cases,
        candidates=_many(_candidate)(from_json_column(candidates)),
        repeats=repeats,
    )


def end_row(end: RunEnd) -> Row:
    """Return the values of a run's end, without the run."""
    return (end.ended, end.status, end.asked, end.reused, end.failed, end.spend, json_column(end.stopped))


def read_end(run: str, row: Row) -> RunEnd:
    """Return the end of a run from a row as `end_row` makes it."""
    ended, status, asked, reused, failed, spend, stopped = row
    return RunEnd(
        run=run,
        ended=ended,
        status=status,
        asked=asked,
        reused=reused,
        failed=failed,
        spend=spend,
        stopped=_object(from_json_column(stopped)),
    )


def _outcome(kind: Any, text: str, rest: str | None) -> Outcome:
    if kind != "reply":
        return Failure(kind=kind, message=text)
    others = {} if rest is None else _object(from_json_column(rest))
    return _build(
        Reply,
        {"text": text, **others},
        tool_calls=_many(_tool_call),
        logprobs=_many(lambda data: _build(TokenLogprob, data)),
    )


def _attempt(row: Row) -> Attempt:
    estimated = row[13]
    usage = None
    if estimated is not None:
        usage = Usage(
            input=row[9], output=row[10], cached=row[11], reasoning=row[12], estimated=bool(estimated)
        )
    return Attempt(
        started=row[2],
        seconds=row[3],
        first_token=row[4],
        status=row[5],
        error=row[6],
        message=None if row[7] is None else from_column(row[7]),
        retry_after=row[8],
        usage=usage,
        cost=row[14],
        in_flight=row[15],
    )


def _candidate(data: Any) -> Candidate:
    return _build(
        Candidate,
        data,
        prompt=lambda part: _build(Prompt, part),
        price=lambda part: _build(Price, part),
        infrastructure=lambda part: _build(Infrastructure, part),
        manual=lambda part: _build(ManualProcess, part),
    )


def _conversation(data: Any) -> Conversation:
    return _build(
        Conversation,
        data,
        messages=_many(_message),
        tools=_many(lambda part: _build(Tool, part)),
        context=_many(lambda part: _build(Document, part)),
    )


def _message(data: Any) -> Message:
    return _build(Message, data, content=_content, tool_calls=_many(_tool_call))


def _content(data: Any) -> str | tuple[Part, ...]:
    return data if isinstance(data, str) else _many(_part)(data)


def _part(data: Any) -> Part:
    return _build(Text, data) if "text" in data else _build(Image, data)


def _tool_call(data: Any) -> ToolCall:
    return _build(ToolCall, data)


def _many(make: Callable[[Any], R]) -> Callable[[Any], tuple[R, ...]]:
    return lambda items: tuple(make(item) for item in items)


def _build(record: Callable[..., R], data: Mapping[str, Any], **make: Callable[[Any], Any]) -> R:
    return record(
        **{
            name: make[name](value) if name in make and value is not None else value
            for name, value in data.items()
        }
    )


def _fields(record: object) -> dict[str, Any]:
    return _object(plain(record))


def _object(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        message = f"expected a JSON object, found {type(data).__name__}"
        raise TypeError(message)
    return data
