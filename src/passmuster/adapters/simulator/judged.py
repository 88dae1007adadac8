"""Questions put to a judge, read back as a simulated judge reads them, and the verdicts that answer them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.metrics.judges.prompt import Shown, pair_sections, sections_of, values_asked
from passmuster.records.case import Case, Conversation, Text
from passmuster.records.record import Record

REASONS = "Simulated."
ASKED_FOR_TIES = 'or "tie">'

Better: TypeAlias = Literal["first", "second", "tie", "both"]
"""Which of two replies is better; `both` is on no scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Record):
    """What a judge is asked: about which replies to which task, by which criteria, on which scale.

    A pair has two replies and no criteria; `ties` says whether it may be one. `reference` is None where none is shown.
    """

    about: str
    replies: tuple[str, ...]
    criteria: tuple[str, ...] = ()
    low: int = 0
    high: int = 1
    ties: bool = True
    reference: str | None = None

    @property
    def pair(self) -> bool:
        """Whether two replies are compared."""
        return len(self.replies) > 1

    @property
    def binary(self) -> bool:
        """Whether each criterion is met or not."""
        return (self.low, self.high) == (0, 1)


def read_judged(conversation: Conversation) -> Judged | None:
    """Return what is asked of a judge; None where a conversation asks no such thing.

    Example:
        >>> from passmuster.metrics.judges.prompt import rubric_question
        >>> from passmuster.metrics.judges.rubric import Criterion, Rubric
        >>> from passmuster.records.trial import Reply
        >>> rubric = Rubric(criteria=(Criterion(name="tone", question="Is it polite?"),))
        >>> asked = read_judged(rubric_question(rubric, Case(id="1", input="Hi?"), Reply(text="Hi!"), Shown()))
        >>> asked.about, asked.replies, asked.criteria, (asked.low, asked.high)
        ('Hi?', ('Hi!',), ('tone',), (1, 5))
    """
    content = conversation.messages[-1].content if conversation.messages else ""
    system = conversation.system or ""
    # The images of the task follow the text.
    texts = (
        [content] if isinstance(content, str) else [part.text for part in content if isinstance(part, Text)]
    )
    sections = sections_of(texts[0]) if texts else {}
    about, reference = sections.get("TASK", ""), sections.get("REFERENCE")
    if "FIRST" in sections and "SECOND" in sections:
        both = (sections["FIRST"], sections["SECOND"])
        return Judged(about=about, replies=both, ties=ASKED_FOR_TIES in system, reference=reference)
    asked = values_asked(system)
    if "REPLY" not in sections or not asked:
        return None
    low, high = next(iter(asked.values()))
    return Judged(
        about=about,
        replies=(sections["REPLY"],),
        criteria=tuple(asked),
        low=low,
        high=high,
        reference=reference,
    )


def task_text(case: Case) -> str:
    r"""Return the task of a case as a judge is shown it.

    Example:
        >>> task_text(Case(id="1", input={"subject": "Late", "body": "Where is it?"}))
        'subject: Late\nbody: Where is it?'
    """
    return pair_sections(case, "", "", Shown(context=False))["TASK"]


def values_text(values: Mapping[str, int]) -> str:
    """Return the verdict on one reply.

    Example:
        >>> values_text({"tone": 4})
        '{"reasons": "Simulated.", "values": {"tone": 4}}'
    """
    return json.dumps({"reasons": REASONS, "values": dict(values)}, ensure_ascii=False)


def choice_text(better: Better) -> str:
    """Return the verdict on a pair.

    Example:
        >>> choice_text("tie")
        '{"reasons": "Simulated.", "better": "tie"}'
    """
    return json.dumps({"reasons": REASONS, "better": better})
