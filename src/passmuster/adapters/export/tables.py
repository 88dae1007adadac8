"""Trials and scores as a table: CSV, JSONL, Parquet, DataFrame. One row a trial.

Columns, in this order:
    run, candidate, case_id, repeat   what was asked
    text                              the reply; empty for a failed trial
    failure                           `kind: message`; empty for a reply
    latency_s, first_token_s          seconds from the first attempt to the last byte, and to the first token
    retried_s                         seconds of the latency that went to failed attempts and waits
    input_tokens, output_tokens       over all attempts that report them, calls inside a pipeline included
    cached_tokens, cache_write_tokens input tokens read from and written to the endpoint's cache
    tokens_estimated                  whether any of them was estimated
    cost_usd                          over all attempts whose cost is known
    at_risk_usd                       what it may have cost beyond that: calls whose account never came
    attempts, inner_calls             how many calls it took, and how many a pipeline made inside them
    finish_reason, confidence         as the reply has them
    tool_calls, steps, state          of an agent, as JSON text: what it called, its messages, what it left
    source                            measured, recorded, simulated or cached
    score.<metric>                    one column a metric, empty where it could not be computed
    score_failure.<metric>            why it could not

Nothing known is an empty cell (null), never 0.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from passmuster.errors import MissingExtraError, UsageError
from passmuster.records.digest import canonical
from passmuster.records.record import Json
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Failure, Reply, Trial, TrialKey, Usage

if TYPE_CHECKING:
    import pandas as pd

Cell: TypeAlias = str | int | float | bool | None
TableRow: TypeAlias = Mapping[str, Cell]
Scores: TypeAlias = Mapping[str, Mapping[TrialKey, ScoreOutcome]]
"""Metric -> trial -> outcome."""

COLUMNS = (
    "run",
    "candidate",
    "case_id",
    "repeat",
    "text",
    "failure",
    "latency_s",
    "first_token_s",
    "retried_s",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "tokens_estimated",
    "cost_usd",
    "at_risk_usd",
    "attempts",
    "inner_calls",
    "finish_reason",
    "confidence",
    "tool_calls",
    "steps",
    "state",
    "source",
)
"""The columns of every table, before those of the metrics."""

_COUNTS = (
    "repeat",
    "attempts",
    "inner_calls",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cache_write_tokens",
)
_NUMBERS = ("latency_s", "first_token_s", "retried_s", "cost_usd", "at_risk_usd", "confidence")
_TRIGGERS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def trial_rows(
    trials: Iterable[Trial], scores: Scores, *, run: str, names: Mapping[str, str]
) -> Iterator[TableRow]:
    """Yield one row a trial, each with all columns.

    Args:
        trials: The trials.
        scores: By metric and trial; a trial without an outcome gets empty cells.
        run: The run that they are exported for.
        names: Candidate digest -> name; a candidate that is not named keeps its digest.
    """
    for trial in trials:
        candidate = names.get(trial.key.candidate, trial.key.candidate)
        row: dict[str, Cell] = {"run": run, "candidate": candidate, **_account(trial)}
        for metric, outcomes in scores.items():
            outcome = outcomes.get(trial.key)
            failed = f"{outcome.kind}: {outcome.message}" if isinstance(outcome, ScoreFailure) else None
            row[f"score.{metric}"] = outcome.value if isinstance(outcome, Score) else None
            row[f"score_failure.{metric}"] = failed
        yield row


def write_table(path: Path, rows: Iterable[TableRow]) -> None:
    """Write rows to a `.csv`, `.jsonl` or `.parquet` file, which appears whole or not at all.

    In CSV, text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, tab or
    carriage return, and is no number) gets an apostrophe in front; Parquet and JSONL hold it as it is.

    Raises:
        UsageError: for another kind of file.
        MissingExtraError: for Parquet without the extra `frames`.
    """
    writers: Mapping[str, Callable[[Sequence[TableRow]], bytes]] = {
        ".csv": _csv,
        ".jsonl": _jsonl,
        ".parquet": _parquet,
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise UsageError(
            f"cannot export to {path.name!r}", hint="name the file " + ", ".join(f"*{end}" for end in writers)
        )
    content = writer(list(rows))
    draft = path.with_name(path.name + ".part")
    draft.write_bytes(content)
    draft.replace(path)


def to_frame(rows: Iterable[TableRow]) -> "pd.DataFrame":
    """Return rows as a pandas DataFrame; counts are nullable integers, so that missing stays missing.

    Raises:
        MissingExtraError: without the extra `frames`.
    """
    try:
        import pandas as pd
    except ImportError:
        raise _missing_extra() from None
    table = list(rows)
    frame = pd.DataFrame(table, columns=list(table[0] if table else COLUMNS))
    types = dict.fromkeys(_COUNTS, "Int64") | dict.fromkeys(_NUMBERS, "Float64")
    types |= {"tokens_estimated": "boolean"}
    types |= {name: "Float64" for name in frame.columns if name.startswith("score.")}
    texts = {name: "string" for name in frame.columns if name not in types}
    return frame.astype({name: kind for name, kind in (types | texts).items() if name in frame.columns})


def safe_cell(value: Cell) -> Cell:
    """Return a CSV cell that no spreadsheet runs: text that begins like a formula gets an apostrophe in front.

    Numbers stay numbers, and text that is nothing but a number stays as it is.

    Example:
        >>> safe_cell("=1+1"), safe_cell(-1.5), safe_cell("-1.5"), safe_cell("-1+1")
        ("'=1+1", -1.5, '-1.5', "'-1+1")
    """
    if isinstance(value, str) and value.startswith(_TRIGGERS) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def _account(trial: Trial) -> dict[str, Cell]:
    outcome = trial.outcome
    reply = outcome if isinstance(outcome, Reply) else None
    failure = outcome if isinstance(outcome, Failure) else None
    usages = [attempt.usage for attempt in trial.attempts if attempt.usage is not None]
    calls = len(trial.calls)
    return {
        "case_id": trial.case_id,
        "repeat": trial.key.repeat,
        "text": None if reply is None else reply.text,
        "failure": None if failure is None else f"{failure.kind}: {failure.message}",
        "latency_s": trial.latency,
        "first_token_s": trial.first_token,
        "retried_s": None if trial.latency is None else trial.retried,
        "input_tokens": _total(usages, lambda usage: usage.input),
        "output_tokens": _total(usages, lambda usage: usage.output),
        "cached_tokens": _total(usages, lambda usage: usage.cached),
        "cache_write_tokens": _total(usages, lambda usage: usage.cache_write),
        "tokens_estimated": any(usage.estimated for usage in usages) if usages else None,
        "cost_usd": _sum(attempt.cost for attempt in trial.attempts),
        "at_risk_usd": _sum(attempt.at_risk for attempt in trial.attempts),
        "attempts": calls,
        "inner_calls": len(trial.attempts) - calls,
        "finish_reason": None if reply is None else reply.finish_reason,
        "confidence": None if reply is None else reply.confidence,
        "tool_calls": _json(reply.tool_calls if reply else None),
        "steps": _json(reply.steps if reply else None),
        "state": _json(reply.state if reply else None),
        "source": trial.source,
    }


def _json(value: Json) -> str | None:
    """Return what an agent did as JSON text; None where there is nothing."""
    return None if value in (None, ()) else canonical(value).decode("utf-8", "surrogatepass")


def _total(usages: Iterable[Usage], count: Callable[[Usage], int | None]) -> int | None:
    known = [number for number in map(count, usages) if number is not None]
    return sum(known) if known else None


def _sum(dollars: Iterable[float | None]) -> float | None:
    known = [amount for amount in dollars if amount is not None]
    return sum(known) if known else None


def _csv(rows: Sequence[TableRow]) -> bytes:
    columns = list(rows[0]) if rows else list(COLUMNS)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([safe_cell(name) for name in columns])
    for row in rows:
        writer.writerow([safe_cell(row[name]) for name in columns])
    return _bytes(stream.getvalue())


def _jsonl(rows: Sequence[TableRow]) -> bytes:
    lines = (json.dumps(dict(row), ensure_ascii=False, allow_nan=False) + "\n" for row in rows)
    return _bytes("".join(lines))


def _parquet(rows: Sequence[TableRow]) -> bytes:
    sayable = [{name: _sayable(value) for name, value in row.items()} for row in rows]
    frame = to_frame(sayable)
    stream = io.BytesIO()
    try:
        frame.to_parquet(stream, index=False)
    except ImportError:
        raise _missing_extra() from None
    return stream.getvalue()


def _sayable(value: Cell) -> Cell:
    return _bytes(value).decode() if isinstance(value, str) else value


def _bytes(text: str) -> bytes:
    # Replies may hold half of a surrogate pair, which UTF-8 has no bytes for; it is written as \udxxx.
    return text.encode("utf-8", "backslashreplace")


def _missing_extra() -> MissingExtraError:
    return MissingExtraError(
        "DataFrames and Parquet need pandas and pyarrow", hint="pip install 'passmuster[frames]'"
    )
