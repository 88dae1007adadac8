"""Langfuse: exports to files (a row an observation), and what its API and its pages give out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from passmuster.adapters.ingest.formats.chats import answer_of, input_of
from passmuster.adapters.ingest.formats.feedback import Shown, feedback
from passmuster.adapters.ingest.formats.fields import (
    as_object,
    columns,
    decoded,
    first,
    label,
    moment,
    number,
    objects,
    tags,
)
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried, Value
from passmuster.adapters.ingest.formats.joined import Joined, Row, rows_below, rows_of
from passmuster.adapters.ingest.formats.token_counts import bucket_usage
from passmuster.adapters.ingest.tabular import Bad
from passmuster.records.record import Json
from passmuster.records.traffic import TrafficRecord

SCORES, TRACE = "scores", "trace"
"""Under what the scores of a row and its trace are put, where they stand in other files."""
_OBSERVED = frozenset({"trace_id", "traceId"})
_TIMED = frozenset({"start_time", "startTime"})
_KEPT = (
    *(
        "environment",
        "name",
        "trace_name",
        "traceName",
        "version",
        "release",
        "level",
        "promptName",
        "prompt_name",
    ),
    *("promptVersion", "prompt_version", "trace_id", "traceId"),
)
_OF_TRACES = frozenset({"release", "bookmarked", "public", "projectId", "project_id", "htmlPath"})
"""Columns of traces that logs of other tools do not have: with the usual ones alone it may be anything."""
_NO_CALL = "it is no call of a model"


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        names = value.keys()
        if (
            not names.isdisjoint(_OBSERVED)
            and not names.isdisjoint(_TIMED)
            and "type" in value
            and "input" in value
        ):
            return "its rows are observations (`type`, `trace_id`, `start_time`)"
        if isinstance(value.get("observations"), list) and {"id", "timestamp"} <= names:
            return "its values are traces with `observations`"
        if {"id", "timestamp", "input", "output"} <= names and not names.isdisjoint(_OF_TRACES):
            return "its rows are traces (`timestamp`, `input`, `output`, `release`)"
    return None


def _read(value: Json) -> Iterator[Found]:
    held = as_object(value)
    if isinstance(held.get("data"), list) and "input" not in held:  # a page of the API
        for index, item in enumerate(objects(held["data"])):
            yield from _each(item, ("data", index))
        return
    if _is_score(held):
        message = "this is a score without its observation: give the folder that holds both, not one file"
        raise MappingError(message)
    observations = objects(decoded(held.get("observations")))
    calls = [item for item in observations if _is_call(item)]
    if calls:
        scores = objects(decoded(held.get(SCORES)))
        for index, item in enumerate(calls):
            own = [each for each in scores if _score_of(each, item)]
            yield from _each({**item, TRACE: held, SCORES: own}, ("observations", index))
    elif _is_trace(held) or _is_call(held):
        yield from _record(held)
    else:
        kind = label(held.get("type")) or "another kind"
        yield NotCarried(f"observations of the type {kind}", _NO_CALL, label(held.get("id")) or "")


def _each(item: dict[str, Json], steps: tuple[str, int]) -> Iterator[Found]:
    try:
        yield from list(_read(item))
    except MappingError as error:
        yield MappingError(error.message, (*steps, *error.steps))


def _is_call(held: Mapping[str, Json]) -> bool:
    return str(held.get("type", "")).upper() == "GENERATION"


def _is_trace(held: Mapping[str, Json]) -> bool:
    return "timestamp" in held and "type" not in held


def _is_score(held: Mapping[str, Json]) -> bool:
    return "value" in held and not held.keys().isdisjoint({"data_type", "dataType"}) and "input" not in held


def _score_of(score: Mapping[str, Json], observation: Mapping[str, Json]) -> bool:
    """Return whether a score of a trace counts for one of its observations: its own, and those of the whole trace."""
    of = first(score, "observation_id", "observationId")
    return of is None or of == observation.get("id")


def _record(held: dict[str, Json]) -> Iterator[Found]:
    name = label(held.get("id"))
    if name is None:
        message = "the observation has no id"
        raise MappingError(message, ("id",))
    notes: list[NotCarried] = []
    trace = held.get(TRACE)
    trace = trace if isinstance(trace, dict) else {}
    given = decoded(held.get("input"))
    if given in (None, "", {}, []):
        message = (
            "the observation does not hold what was asked (exports leave it out unless its fields are chosen)"
        )
        raise MappingError(message, ("input",))
    shown = feedback(_shown(held))
    started = moment(first(held, "start_time", "startTime", "timestamp"), ("start_time",))
    seconds = _seconds(held, started)
    answer = answer_of(held.get("output"), ("output",), notes)
    yield TrafficRecord(
        id=name,
        input=input_of(given, ("input",), notes),
        output=answer.text,
        tool_calls=answer.calls,
        time=started,
        model=label(first(held, "provided_model_name", "providedModelName", "model", "internalModel")),
        usage=bucket_usage(first(held, "usage_details", "usageDetails", "usage")),
        cost=_cost(held),
        first_token=_first_token(held, started, seconds),
        seconds=seconds,
        error=_error(held),
        user=label(first(held, "user_id", "userId") or first(trace, "user_id", "userId")),
        session=label(first(held, "session_id", "sessionId") or first(trace, "session_id", "sessionId")),
        tags=tags(first(held, "tags", "trace_tags", "traceTags") or trace.get("tags")),
        feedback=shown.word,
        columns=_columns(held, trace, shown.raw),
    )
    yield from (note._replace(where=name) for note in notes)


def _seconds(held: Mapping[str, Json], started: float | None) -> float | None:
    ended = moment(first(held, "end_time", "endTime"), ("end_time",))
    if started is not None and ended is not None and ended >= started:
        return round(ended - started, 6)
    return number(held.get("latency"))


def _first_token(held: Mapping[str, Json], started: float | None, seconds: float | None) -> float | None:
    begun = moment(first(held, "completion_start_time", "completionStartTime"), ("completion_start_time",))
    found = None if begun is None or started is None else round(begun - started, 6)
    if found is None:
        found = number(first(held, "time_to_first_token", "timeToFirstToken"))
    return found if found is not None and found >= 0 and (seconds is None or found <= seconds) else None


def _cost(held: Mapping[str, Json]) -> float | None:
    total = number(first(held, "total_cost", "totalCost", "calculatedTotalCost"))
    details = decoded(first(held, "cost_details", "costDetails"))
    if total is None and isinstance(details, dict):
        total = number(details.get("total"))
        parts = [found for value in details.values() if (found := number(value)) is not None]
        total = sum(parts) if total is None and parts else total
    return total or None  # 0 is what stands there for a model without a price


def _error(held: Mapping[str, Json]) -> str | None:
    if str(held.get("level", "")).upper() != "ERROR":
        return None
    return label(first(held, "status_message", "statusMessage")) or "error"


def _shown(held: Mapping[str, Json]) -> Iterator[Shown]:
    for score in objects(decoded(held.get(SCORES))):
        kind = label(first(score, "data_type", "dataType")) or ""
        value = score.get("value")
        said = label(first(score, "string_value", "stringValue"))
        if kind.upper() == "BOOLEAN" and number(value) is not None:
            value, said = bool(number(value)), None
        elif kind.upper() in {"CATEGORICAL", "TEXT"} and said is not None:
            value = None
        machine = str(score.get("source", "")).upper() == "EVAL"
        yield Shown(label(score.get("name")) or "", value, said, machine)


def _columns(held: Mapping[str, Json], trace: Mapping[str, Json], raw: str | None) -> dict[str, Json]:
    metadata = [decoded(each.get("metadata")) for each in (held, trace)]
    named = {"trace_name": trace.get("name"), "trace_id": trace.get("id")}
    return columns(
        ("", {"feedback": raw}),
        ("", {name: held[name] for name in _KEPT if name in held}),
        ("", named),
        *(("metadata.", each) for each in metadata if isinstance(each, dict)),
    )


def _rows(path: Path) -> Iterator[Value | Bad]:
    """Yield the observations of a folder of exports, each with its scores and its trace.

    A file is read as it is. Scores and traces lie in a temporary file meanwhile, so that a folder may be larger
    than the memory.
    """
    if not path.is_dir():
        yield from (row if isinstance(row, Bad) else Value(*row) for row in rows_of(path))
        return
    with Joined() as joined:
        yield from _held(path, joined)
        found = False
        for row in rows_below(path, ("observations_v2", "observations")):
            found = True
            yield row if isinstance(row, Bad) else Value(row.where, _completed(row.value, joined))
        for row in () if found else rows_below(path, ("traces",)):
            if isinstance(row, Row):  # those that are none were told before
                scores = joined.get("score in", label(row.value.get("id")) or "")
                yield Value(row.where, {**row.value, SCORES: scores})


def _held(path: Path, joined: Joined) -> Iterator[Bad]:
    """Keep scores and traces for what they belong to; yield the lines that are neither."""
    for row in rows_below(path, ("scores",)):
        if isinstance(row, Bad):
            yield row
            continue
        of = label(first(row.value, "observation_id", "observationId"))
        trace = label(first(row.value, "trace_id", "traceId"))
        joined.put("score of" if of else "score in", of or trace or row.where, row.value)
    for row in rows_below(path, ("traces",)):
        if isinstance(row, Bad):
            yield row
            continue
        slim = {name: value for name, value in row.value.items() if name not in {"input", "output"}}
        joined.put("trace", label(row.value.get("id")) or row.where, slim)


def _completed(row: dict[str, Json], joined: Joined) -> dict[str, Json]:
    trace = label(first(row, "trace_id", "traceId")) or ""
    scores = [*joined.get("score of", label(row.get("id")) or ""), *joined.get("score in", trace)]
    about = joined.get("trace", trace)
    return {**row, SCORES: scores, **({TRACE: about[0]} if about else {})}


def _recognise_folder(path: Path) -> str | None:
    names = sorted(entry.name for entry in path.iterdir() if entry.is_dir())
    found = [name for name in names if name in {"observations_v2", "observations", "traces"}]
    return f"it holds {', '.join(f'{name}/' for name in found)}" if found else None


LANGFUSE = Format(
    name="langfuse",
    title="Langfuse observations or traces",
    kind="traffic",
    suffixes=(".jsonl", ".csv", ".json", "/"),
    recognise=_recognise,
    read=_read,
    rows=_rows,
    recognise_folder=_recognise_folder,
)
"""Give the folder of a scheduled export to have scores and traces joined to their observations."""
