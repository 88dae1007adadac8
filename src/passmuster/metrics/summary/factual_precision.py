"""How much of what a reply claims is right, from labels: `factual_precision`."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

from passmuster.metrics.metric import NOT_APPLICABLE, UNIT, Bounds, Summary, shown
from passmuster.metrics.summary.labels import Claim, LabelBook, LabelledReply
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

MOST_SHOWN = 20
MOST_KINDS = 20
NOT_LABELLED = "not_labelled"
"""The kind of score failure of a reply that nobody has labelled yet: unknown, neither right nor wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactualPrecision(Record):
    """The share of a reply's claims that are supported, as its labels say.

    It asks nobody and reads no meaning: it adds up labels that people gave to this very reply. A reply without
    labels is the score failure `not_labelled`; one that was labelled and claims nothing is `not_applicable` (what it
    leaves out is a question for `omission_rate`).

    Args:
        labels: The labelled replies; in a project file the path of a JSONL file with one of them a line.

    Example:
        >>> claims = (Claim(text="It rained.", supported=True), Claim(text="It froze.", supported=False))
        >>> metric = FactualPrecision(
        ...     labels=(LabelledReply(case="1", reply="It rained. It froze.", claims=claims),)
        ... )
        >>> score = metric.score(Case(id="1", input=""), Reply(text="It rained. It froze."))
        >>> score.value, score.details["unsupported"]
        (0.5, ['It froze.'])
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "parts"

    name: str = "factual_precision"
    labels: tuple[LabelledReply, ...]
    _book: Any = field(init=False, repr=False, compare=False, default=None)
    _kinds: Any = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        counts = Counter(
            claim.kind
            for label in self.labels
            for claim in label.claims or ()
            if claim.kind is not None and not claim.supported
        )
        object.__setattr__(self, "_book", LabelBook(self.labels))
        object.__setattr__(self, "_kinds", tuple(kind for kind, _ in counts.most_common(MOST_KINDS)))

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the share, with the claims that are not supported and the kinds of their errors."""
        found: LabelledReply | None = self._book.of(case.id, reply.text)
        if found is None or found.claims is None:
            message = f"nobody has labelled the claims of this reply to case {case.id!r}"
            return ScoreFailure(kind=NOT_LABELLED, message=message)
        if not found.claims:
            return ScoreFailure(kind=NOT_APPLICABLE, message=f"the reply to case {case.id!r} claims nothing")
        wrong = [claim for claim in found.claims if not claim.supported]
        return Score(
            value=1 - len(wrong) / len(found.claims),
            details={
                "claims": len(found.claims),
                "supported": len(found.claims) - len(wrong),
                "unsupported": [shown(claim.text) for claim in wrong[:MOST_SHOWN]],
                "kinds": dict(Counter(shown(claim.kind) for claim in wrong if claim.kind is not None)),
                "parts": self._parts(wrong),
            },
        )

    def _parts(self, wrong: list[Claim]) -> dict[str, Json]:
        made = {claim.kind for claim in wrong}
        return {
            "every claim supported": int(not wrong),
            **{f"without {shown(kind)}": int(kind not in made) for kind in self._kinds},
        }
