"""One row of a file of ratings, as it was written: who said what of which reply, before anybody looked the reply up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from passmuster.errors import CorpusError, Place
from passmuster.records.label import Annotator
from passmuster.records.rating import Chosen
from passmuster.records.record import Json, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingForm(Record):
    """How a file of ratings is read, where its rows do not say.

    `kind` and `rater` are whose they are, `metric` whose question was answered, `cost` US dollars of one of them (of
    a machine). `columns` maps our fields to the columns that hold them.
    """

    kind: Annotator = "human"
    rater: str | None = None
    metric: str | None = None
    cost: float | None = None
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOf(Record):
    """A reply as a row names it: by its text, its digest, or whose it is. All None: the row says nothing of it."""

    text: str | None = None
    digest: str | None = None
    candidate: str | None = None

    @property
    def named(self) -> bool:
        """Whether the row says anything of it."""
        return self.text is not None or self.digest is not None or self.candidate is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Record):
    """A row: what somebody said of a reply, or of two.

    `place` says where a field of it stands (None: the row itself), for what is wrong with it.
    `item` names what was exported; else `case` with `reply` (or `reply` and `second`) says what was looked at. `value` is
    and `parts` (of criteria, by name) are as they were written. `skipped`: the rater looked
    and could not tell.
    """

    place: Callable[[str | None], Place]
    rater: str
    kind: Annotator
    item: str | None = None
    case: str | None = None
    input: str | None = None
    metric: str | None = None
    reply: SaidOf = field(default_factory=SaidOf)
    second: SaidOf = field(default_factory=SaidOf)
    repeat: int = 0
    value: Json = None
    chosen: Chosen | None = None
    skipped: bool = False
    time: float | None = None
    note: str | None = None
    seconds: float | None = None
    cost: float | None = None
    parts: Mapping[str, Json] = field(default_factory=dict)

    def wrong(self, message: str, at: str | None = None, hint: str | None = None) -> CorpusError:
        """Return the error that this row is refused with; `at` is the field or the column."""
        return CorpusError(message, place=self.place(at), hint=hint)
