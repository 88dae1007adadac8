"""Does the answer match a pattern: `regex`."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from passmuster.metrics.answers import Extract, as_text, read_answer
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.patterns import compile_pattern
from passmuster.metrics.text.exact_match import unreadable_score
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.score import Direction, Score, ScoreOutcome
from passmuster.records.trial import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex(Record):
    r"""1 where an RE2 pattern is found in the answer (or with `match: full` is all of it), else 0.

    Example:
        >>> Regex(pattern=r"(?i)order \d{6}").score(Case(id="1", input=""), Reply(text="Your Order 123456")).value
        1.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "regex"
    pattern: str
    match: Literal["search", "full"] = "search"
    extract: Extract | None = None

    def __post_init__(self) -> None:
        compile_pattern(self.pattern)

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:  # noqa: ARG002 - every metric is given the case
        """Return 1 or 0, with what matched as the answer."""
        answer = read_answer(reply.text, self.extract)
        if isinstance(answer, Unreadable):
            return unreadable_score(answer)
        text = as_text(answer).encode("utf-8", "replace").decode("utf-8")
        compiled = compile_pattern(self.pattern)
        found = compiled.search(text) if self.match == "search" else compiled.fullmatch(text)
        if found is None:
            return Score(value=0.0, details={"reason": f"nothing matches {shown(self.pattern)}"})
        return Score(value=1.0, answer=shown(found.group()))
