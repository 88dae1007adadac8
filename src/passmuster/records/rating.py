"""Ratings: what somebody says of a reply, or of two replies side by side, who it was, and who drew it to be rated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

from passmuster.records.case import Case
from passmuster.records.digest import digest
from passmuster.records.label import Annotator
from passmuster.records.record import Record
from passmuster.records.trial import Reply

Chosen: TypeAlias = Literal["first", "second", "tie"]
Purpose: TypeAlias = Literal["calibration", "fresh", "pairs"]

SET_RIGHT = "form, set right"
"""The source of what takes the place of what the same person said a moment before: it is no second look."""


def reply_digest(reply: Reply) -> str:
    """Return the digest of what a rater sees of a reply: its text and the tools that it called.

    Example:
        >>> reply_digest(Reply(text="yes")) == reply_digest(Reply(text="yes", confidence=0.9))
        True
    """
    calls = [[call.name, call.arguments] for call in reply.tool_calls]
    return digest([reply.text, calls] if calls else [reply.text])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(Record):
    """What one rater says of one reply; a line of `ratings.jsonl`.

    `case` is the case's id, `input` the digest of what the candidate was given (None: not stated), `reply` the digest
    of the reply (`reply_digest`) and `candidate` the name of whose it was. `metric` names the metric whose question
    was answered, `value` is in its unit; None says that the rater looked and could not tell. `parts` are the values
    of its criteria. `rater` is a person's name or a machine's, `kind` which of the two. `draw` is the draw that put
    it into the queue, None where nobody drew it at random. `seconds` and `cost` (US dollars) are what the rating took.

    Example:
        >>> Rating(case="7", reply="9f", metric="quality", value=4.0, rater="ana", kind="human").draw is None
        True
    """

    case: str
    reply: str
    metric: str
    value: float | None
    rater: str
    kind: Annotator
    input: str | None = None
    candidate: str | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    time: float | None = None
    source: str | None = None
    note: str | None = None
    draw: str | None = None
    seconds: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Record):
    """Which of two replies to one case a rater prefers; a line of `choices.jsonl`.

    `first` and `second` are the digests of the replies in the order in which they were shown, `first_by` and
    `second_by` the names of the candidates. `chosen` None says that the rater could not tell. The rest is as in
    `Rating`.
    """

    case: str
    first: str
    second: str
    metric: str
    chosen: Chosen | None
    rater: str
    kind: Annotator
    input: str | None = None
    first_by: str | None = None
    second_by: str | None = None
    time: float | None = None
    source: str | None = None
    note: str | None = None
    draw: str | None = None
    seconds: float | None = None
    cost: float | None = None


S = TypeVar("S", bound=Rating | Choice)


def standing(said: Iterable[S]) -> list[S]:
    """Return what stands of a log: what a rater set right is in the place of what they said of the same before.

    A slip is then no second look at which they differ from themselves, and one that was set right to a look without an
    answer is no rating any more.

    Example:
        >>> slip = Rating(case="7", reply="9f", metric="m", value=1.0, rater="ana", kind="human", source="form")
        >>> meant = Rating(case="7", reply="9f", metric="m", value=5.0, rater="ana", kind="human", source=SET_RIGHT)
        >>> [each.value for each in standing([slip, meant])]
        [5.0]
    """
    found: list[S] = []
    last: dict[tuple[str, ...], int] = {}
    for each in said:
        key = (each.metric, each.rater, each.case, *_replies(each))
        if each.source == SET_RIGHT and key in last:
            found[last[key]] = each
        else:
            last[key] = len(found)
            found.append(each)
    return found


def _replies(said: Rating | Choice) -> Sequence[str]:
    return (said.reply,) if isinstance(said, Rating) else sorted((said.first, said.second))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn(Record):
    """A reply that waits to be rated, or two of them: whose it is, to which case, and from which stratum it was drawn.

    `input` is the case's digest, `candidate` a name; `second` and `second_by` are the other reply of a pair.
    """

    case: str
    input: str
    candidate: str
    reply: str
    repeat: int = 0
    stratum: str = ""
    second: str | None = None
    second_by: str | None = None
    second_repeat: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw(Record):
    """A random draw of replies for people; a line of `draws.jsonl`.

    `judge` is the version of the judge whose verdicts made the strata (None: no judge), `populations` how many
    replies each stratum of each candidate had (candidate -> stratum -> replies).
    """

    id: str
    metric: str
    purpose: Purpose
    time: float
    seed: int
    items: tuple[Drawn, ...]
    judge: str | None = None
    populations: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor(Record):
    """A judged reply that is kept to see whether the judge moves; a line of `anchors.jsonl`.

    It holds the case and the reply themselves, because the corpus and the store may change, and the other reply
    (`versus`) where two were compared. `set` names the anchors that were drawn together. `value` is what people said,
    in the metric's unit, where they did.
    """

    set: str
    metric: str
    time: float
    candidate: str
    case: Case
    reply: Reply
    versus: Reply | None = None
    value: float | None = None

    @property
    def digest(self) -> str:
        """What names it in the checks."""
        versus = None if self.versus is None else reply_digest(self.versus)
        return digest([self.metric, self.case, reply_digest(self.reply), versus])
