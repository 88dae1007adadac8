"""Scores of metrics that run programs, in a sandbox that this machine has."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.sandbox.opening import open_room
from passmuster.errors import ConfigurationError
from passmuster.metrics.two_steps import RunningMetric
from passmuster.ports import Sandbox
from passmuster.records.case import Case
from passmuster.records.program import Program
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply


@cache
def _sandbox(folder: Path) -> Sandbox | str:
    try:
        return open_room(folder)
    except ConfigurationError as error:
        return error.message


def outcome_of(
    metric: RunningMetric, reference: Any, text: str, folder: Path = Path("/"), **fields: Any
) -> ScoreOutcome:
    """Run what a metric wants run and return its score; without a sandbox the test is skipped."""
    case, reply = Case(id="1", reference=reference, **{"input": "q", **fields}), Reply(text=text)
    program = metric.program(case, reply)
    if not isinstance(program, Program):
        return program
    sandbox = _sandbox(folder)
    if isinstance(sandbox, str):
        assert "does not hold back" not in sandbox
        pytest.skip(sandbox)
    return metric.read(case, reply, sandbox.run(program))


def ran(
    metric: RunningMetric, reference: Any, text: str, folder: Path = Path("/"), **fields: Any
) -> tuple[str, str]:
    """Return the outcome of a score, with its reason."""
    score = outcome_of(metric, reference, text, folder, **fields)
    assert isinstance(score, Score), score
    assert score.value == float(score.details["outcome"] == "passed")
    return str(score.details["outcome"]), str(score.details.get("reason", ""))


def failed(metric: RunningMetric, reference: Any, text: str = "x", folder: Path = Path("/")) -> str:
    """Return the kind of a score failure."""
    outcome = outcome_of(metric, reference, text, folder)
    assert isinstance(outcome, ScoreFailure), outcome
    return outcome.kind
