"""How an item of the readiness checklist is stated: done, or missing with what is wrong and what would settle it."""

from collections.abc import Sequence
from typing import TypeAlias

from passmuster.records.readiness import ReadyItem

About: TypeAlias = tuple[str, str]
"""The name of an item and its question."""


class Flaw:
    """Something that is missing, in a sentence, and what would settle it, step by step.

    Args:
        said: The sentence.
        fix: Commands, or what to write into passmuster.yaml.
    """

    def __init__(self, said: str, *fix: str) -> None:
        self.said = said
        self.fix = fix


def done(about: About, said: str, evidence: Sequence[str] = ()) -> ReadyItem:
    """Return an item that is as it should be."""
    return ReadyItem(name=about[0], question=about[1], status="done", finding=said, evidence=tuple(evidence))


def missing(about: About, flaws: Sequence[Flaw], evidence: Sequence[str] = ()) -> ReadyItem:
    """Return an item that is not; the fix is that of the first flaw, since the others may go with it."""
    return ReadyItem(
        name=about[0],
        question=about[1],
        status="missing",
        finding=" ".join(flaw.said for flaw in flaws),
        evidence=tuple(evidence),
        fix=flaws[0].fix,
    )
