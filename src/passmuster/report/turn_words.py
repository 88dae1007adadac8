"""How trials turn out, in words."""

from collections.abc import Mapping

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
