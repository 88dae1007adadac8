"""How few letters must change to make the answer the reference: `edit_similarity`."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from rapidfuzz.distance import Indel, JaroWinkler, Levenshtein

from passmuster.metrics.answers import Extract, Step, normalise
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.text.compared import Compared, compared
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreOutcome
from passmuster.records.trial import Reply

MOST_CHARACTERS = 30_000
"""Characters of each text that are compared: the time grows with the product of both lengths."""

_DISTANCES = {"levenshtein": Levenshtein, "indel": Indel, "jaro_winkler": JaroWinkler}


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSimilarity(Record):
    """1 less the edit distance as a share of the longest there can be; the best of several references counts.

    `levenshtein` counts inserted, deleted and replaced characters (of the longer text), `indel` inserted and
    deleted ones (of both texts together), `jaro_winkler` is for names. Two empty texts are alike.

    Example:
        >>> EditSimilarity().score(Case(id="1", input="", reference="kitten"), Reply(text="sitten")).value
        0.8333333333333334
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "edit_similarity"
    distance: Literal["levenshtein", "indel", "jaro_winkler"] = "levenshtein"
    normalise: tuple[Step, ...] = ()
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the similarity; where a text was too long, only its beginning was compared, and `cut` says so."""
        found = compared(case, reply, self.extract)
        if not isinstance(found, Compared):
            return found
        answer = normalise(found.answer, self.normalise)
        rights = [normalise(right, self.normalise) for right in found.right]
        measure = _DISTANCES[self.distance].normalized_similarity
        value = max(measure(answer[:MOST_CHARACTERS], right[:MOST_CHARACTERS]) for right in rights)
        details: dict[str, Json] = {}
        if max(map(len, (answer, *rights))) > MOST_CHARACTERS:
            details["cut"] = f"only the first {MOST_CHARACTERS} characters were compared"
        return Score(value=value, answer=shown(answer), details=details)
