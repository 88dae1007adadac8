"""How trials turn out, in words."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from passmuster.records.comparison import Answer, CaseEvidence
from passmuster.records.outcomes import Turn

WORDS: Mapping[Turn, str] = {
    "correct": "correct",
    "silent_failure": "silent failure",
    "failed": "no reply",
    "refusal": "refusal",
    "gave_up": "gave up",
    "escalation": "escalation",
    "clarification": "asked back",
    "apology": "apology only",
    "empty": "empty",
    "truncated": "truncated",
    "malformed": "malformed",
    "hedged": "hedged",
    "unknown": "not known",
}
"""How each turn is called where people read it."""

State: TypeAlias = Literal["right", "wrong", "unknown", "failed"]
"""What became of an answer to a case."""

STATES: Mapping[State, str] = {
    "right": "right",
    "wrong": "not right",
    "unknown": "not known",
    "failed": "failed",
}
"""How each state is called in a terminal."""


def state_of(case: CaseEvidence, answer: Answer) -> State:
    """Return what became of an answer: `unknown` where nothing can judge it, `failed` where there is no reply."""
    if answer.candidate in case.right:
        return "right"
    if answer.failure is not None:
        return "failed"
    return "unknown" if answer.turn == "unknown" else "wrong"


def kind_of_turn(answer: Answer) -> str:
    """Return how an answer went wrong in words with a comma before them; nothing where there is no more to say."""
    if answer.turn in (None, "correct", "failed", "unknown"):
        return ""
    return f", {WORDS[answer.turn]}"
