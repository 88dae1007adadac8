"""Extraction fidelity: is the reply one of the teams, and nothing else?

A sentence around the right team breaks the program that reads it, though a person would call it right.
"""

from passmuster import Case, Reply

TEAMS = {"account", "billing", "delivery", "returns", "technical"}


def extraction_fidelity(case: Case, reply: Reply) -> bool:
    """Return whether the reply can be used as it stands; a case outside the teams is a mistake in the data."""
    return case.reference in TEAMS and reply.text.strip() in TEAMS
