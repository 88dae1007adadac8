"""What became of a trial: correct, a silent failure, or a loud one with its kind."""

from types import MappingProxyType

from passmuster.metrics.endings.ending import Patterns, ending_of
from passmuster.metrics.endings.expected import Accept, accepted_endings
from passmuster.metrics.endings.reading import Ending
from passmuster.records.case import Case
from passmuster.records.outcomes import Turn
from passmuster.records.trial import Failure, Outcome, Reply

OF_CONTENT = frozenset(
    [
        *(
            "contains",
            "regex",
            "numeric",
            "choice",
            "tool_called",
            "tool_arguments",
            "tool_order",
            "end_state",
        ),
        *("python_tests", "command_tests", "sql_result"),
    ]
)
"""Checks of a case that say what is right, as a reference does; a reply without an answer meets others, such as its length."""

NO_ANSWER = frozenset({"refusal", "gave_up", "escalation", "clarification", "apology", "empty"})
"""Endings with which a reply gives no answer at all; hedged and truncated ones may be right."""


def turn_of(
    case: Case,
    outcome: Outcome,
    *,
    right: bool | None,
    readable: bool = True,
    patterns: Patterns | None = None,
    accept: Accept = MappingProxyType({}),
) -> Turn:
    """Return how a trial turned out.

    Where the case expects no answer, its ending decides: the expected one is correct, a confident answer is a silent
    failure. Elsewhere `right` does; but a reply that gives no answer is not correct because it broke no rule: without
    a reference, or a check of the case that says what is right, its ending counts.

    Args:
        case: The case.
        outcome: How the trial ended.
        right: Whether the reply is right; None where that is not known.
        readable: Whether an answer of the promised form could be read from it.
        patterns: Signs of endings of the task's own.
        accept: Which endings count for an expected one, where the task says it.

    Example:
        >>> turn_of(Case(id="1", input="", reference="4"), Reply(text="5"), right=False)
        'silent_failure'
        >>> turn_of(Case(id="1", input="", reference="4"), Reply(text="I don't know."), right=False)
        'gave_up'
    """
    if isinstance(outcome, Failure):
        return "failed"
    accepted = accepted_endings(case, accept)
    if not accepted:
        return _answered(case, outcome, right=right, readable=readable, patterns=patterns)
    ending = ending_of(outcome, patterns)
    if ending.kind in accepted:
        return "correct"
    return "silent_failure" if ending.kind == "answer" else ending.kind


def _answered(
    case: Case, reply: Reply, *, right: bool | None, readable: bool, patterns: Patterns | None
) -> Turn:
    compared = case.reference is not None or any(
        check.metric in OF_CONTENT and not check.negate for check in case.checks
    )
    if right and compared:  # most trials: nothing need be read
        return "correct"
    ending = ending_of(reply, patterns)
    if ending.kind in NO_ANSWER:
        return _loud(ending)
    if right is None:
        return "unknown"
    if right:
        return "correct"
    if ending.kind == "answer":
        return "silent_failure" if readable else "malformed"
    return _loud(ending) if readable or ending.kind == "truncated" else "malformed"


def _loud(ending: Ending) -> Turn:
    assert ending.kind != "answer"  # noqa: S101 - the callers ask
    return ending.kind
