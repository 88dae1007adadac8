"""How near a translation is to a reference: `bleu` and `chrf`, as sacrebleu computes them for one sentence."""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal

import sacrebleu
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from passmuster.metrics.answers import Extract
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.text.compared import Compared, compared, wrong_reference
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreOutcome
from passmuster.records.trial import Reply

MOST_CHARACTERS = 50_000
"""Characters of each text that are read: a sentence has fewer, and all its n-grams are held in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bleu(Record):
    """BLEU (Papineni et al. 2002) of one answer against all its references, from 0 to 1.

    As sacrebleu's `sentence_bleu`: n-grams up to the length that the answer has (effective order), exponential
    smoothing. The mean over cases is a mean of sentences, not the BLEU of a corpus.

    Example:
        >>> case = Case(id="1", input="", reference="the cat sat on the mat")
        >>> round(Bleu().score(case, Reply(text="the cat sat on a mat")).value, 3)
        0.537
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "bleu"
    tokenise: Literal["13a", "intl", "char", "zh", "none"] = "13a"
    lowercase: bool = False
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the score, with the signature by which it can be computed again."""
        settings = f"tok:{self.tokenise}, {_letters(self.lowercase)}, eff:yes, smooth:exp"
        return _score(_bleu(self.tokenise, self.lowercase), settings, case, reply, self.extract)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrf(Record):
    """chrF (Popovic 2015) of one answer, from 0 to 1: F of runs of letters; good for any script.

    `word_order: 2` is chrF++. With several references the best counts, as sacrebleu has it.

    Example:
        >>> case = Case(id="1", input="", reference="the cat sat on the mat")
        >>> round(Chrf().score(case, Reply(text="the cat sat on a mat")).value, 3)
        0.66
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "chrf"
    word_order: Literal[0, 1, 2] = 0
    lowercase: bool = False
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the score, with the signature by which it can be computed again."""
        settings = f"nc:6, nw:{self.word_order}, {_letters(self.lowercase)}, beta:2"
        return _score(_chrf(self.word_order, self.lowercase), settings, case, reply, self.extract)


def _letters(lowercase: bool) -> str:  # noqa: FBT001 - an option's value
    return "case:lc" if lowercase else "case:mixed"


@cache
def _bleu(tokenise: str, lowercase: bool) -> Any:  # noqa: FBT001 - a key of the cache
    return BLEU(tokenize=tokenise, lowercase=lowercase, effective_order=True)


@cache
def _chrf(word_order: int, lowercase: bool) -> Any:  # noqa: FBT001 - a key of the cache
    return CHRF(word_order=word_order, lowercase=lowercase)


def _score(measure: Any, settings: str, case: Case, reply: Reply, extract: Extract | None) -> ScoreOutcome:
    found = compared(case, reply, extract)
    if not isinstance(found, Compared):
        return found
    rights = [right[:MOST_CHARACTERS] for right in found.right if right]
    if not rights:
        return wrong_reference(case, "is an empty text")
    answer = found.answer[:MOST_CHARACTERS]
    # Asked first, whatever the value will be: the signature is that of the last sentence.
    value = measure.sentence_score(answer, rights).score / 100
    if found.answer in found.right:  # also where rounding or a tokeniser that finds no words says otherwise
        value = 1.0
    _forget(getattr(measure, "tokenizer", None))
    details: dict[str, Json] = {
        "signature": f"sacrebleu {sacrebleu.__version__}, {settings}, nrefs:{len(rights)}"
    }
    if max(map(len, (found.answer, *found.right))) > MOST_CHARACTERS:
        details["cut"] = f"only the first {MOST_CHARACTERS} characters were read"
    return Score(value=min(max(value, 0.0), 1.0), answer=shown(found.answer), details=details)


def _forget(tokeniser: object) -> None:
    """Let go of the texts that sacrebleu's tokenisers remember: up to 65,536 each, for the life of the process."""
    for each in (tokeniser, getattr(tokeniser, "_post_tokenizer", None)):
        clear = getattr(type(each).__call__, "cache_clear", None)
        if clear is not None:
            clear()
