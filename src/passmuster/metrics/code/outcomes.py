"""What became of code that was run, as a score."""

import json
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias, get_args

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import shown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.program import Execution, Limits
from passmuster.records.record import Json
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome

CodeOutcome: TypeAlias = Literal[
    "passed",
    "wrong",
    "error",
    "syntax_error",
    "timeout",
    "memory",
    "output",
    "refused",
    "ended_early",
    "crashed",
    "no_code",
]
"""How code ended: its result was right or not; it raised; it is no code; it passed a limit; the sandbox refused
what it wanted; it ended before its tests had; the process was killed by a signal; there was none.
"""

NOT_RUN = "not_run"
"""The kind of score failure where the sandbox could not run a program: it says nothing about the candidate."""

MOST: Limits = Limits(
    seconds=600.0, memory=64 * 1024**3, processes=4096, file_bytes=16 * 1024**3, output_bytes=100_000_000
)
"""The highest limits that can be set."""


def code_score(
    outcome: CodeOutcome, code: str | None, reason: str = "", details: Mapping[str, Json] | None = None
) -> Score:
    """Return 1 for code that passed and 0 for any other, with the outcome as a share of its own.

    Example:
        >>> code_score("timeout", "while True: pass", "it ran for more than 10 s").details["outcome"]
        'timeout'
    """
    parts = {name: float(name == outcome) for name in get_args(CodeOutcome)}
    if outcome not in parts:
        message = f"there is no outcome {outcome!r}"
        raise ValueError(message)
    said = {"reason": shown(reason)} if reason else {}
    answer = None if code is None else shown(code)
    return Score(
        value=parts["passed"],
        answer=answer,
        details={"outcome": outcome, **said, **(details or {}), "parts": parts},
    )


def no_code(answer: Unreadable) -> Score:
    """Return the score of a reply in which there is no code: wrong, with the reason."""
    return code_score("no_code", None, answer.reason, {"unreadable": True})


def found(execution: Execution, code: str, metric: str) -> Mapping[str, Json] | Score | ScoreFailure:
    """Return what the harness found, or the score of a run that never let it tell."""
    if execution.status == "not_started":
        reason = execution.reason or "the sandbox did not say why"
        return ScoreFailure(kind=NOT_RUN, message=f"{metric}: the program was not run: {shown(reason)}")
    if execution.status != "exited":
        outcome: CodeOutcome = "crashed" if execution.status == "signal" else execution.status
        return code_score(outcome, code, execution.reason)
    try:
        result = json.loads(execution.result or "")
    except (ValueError, RecursionError):
        result = None
    if isinstance(result, dict):
        return result
    reason = f"it ended by itself, with exit code {execution.exit_code}, before its tests had"
    return code_score("ended_early", code, reason)


def told(read: Callable[[], ScoreOutcome], code: str) -> ScoreOutcome:
    """Return the score that a result gives; one that has not its form was not made by the harness."""
    try:
        return read()
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        return code_score("ended_early", code, "what its run told cannot be read")


def check_limits(limits: Limits, metric: str) -> None:
    """Check that limits are positive and not beyond what makes sense.

    Raises:
        ConfigurationError: naming the limit.
    """
    for name in ("seconds", "memory", "processes", "file_bytes", "output_bytes"):
        value, most = getattr(limits, name), getattr(MOST, name)
        if not 0 < value <= most:
            raise ConfigurationError(
                f"{metric}: limits.{name} is {value}", hint=f"it is more than 0 and at most {most:,}"
            )
