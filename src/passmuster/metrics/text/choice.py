"""Does the answer take the right option of a multiple-choice question: `choice`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract, as_text, read_answer
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.text.choices import MOST_CHARACTERS, Which, plain, read_choice
from passmuster.metrics.text.compared import wrong_reference
from passmuster.metrics.text.exact_match import right_answers, unreadable_score
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

FIELDS = ("options", "choices")
"""Fields of a case that are taken for its options where no other is named."""
DEFAULT_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
UNKNOWN = 10
"""Letters that are looked for where nobody says how many options there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Record):
    """1 where the option that a reply takes is that of the reference, else 0.

    The options are those of `options`, else of the field `field` of the case (default: `options` or `choices`), a
    list or an object of letter and text; without any, letters alone are read. The reference is a letter or the
    text of an option, or a list of right ones. Of several answers in a reply the `last` counts, or the first.

    Example:
        >>> case = Case(id="1", input={"question": "Capital of France?", "options": ["Rome", "Paris"]}, reference="B")
        >>> Choice().score(case, Reply(text="The answer is Paris.")).answer
        'B'
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "choice"
    options: tuple[str, ...] = ()
    field: str | None = None
    letters: str = DEFAULT_LETTERS
    which: Which = "last"
    extract: Extract | None = None

    def __post_init__(self) -> None:
        letters = self.letters.upper()
        if not letters.isalnum() or len(set(letters)) != len(letters):
            raise ConfigurationError(
                f"letters is {self.letters!r}", hint="give each letter or digit once, such as ABCD"
            )
        if len(self.options) > len(letters):
            raise ConfigurationError(f"there are {len(self.options)} options, but {len(letters)} letters")

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with the letter that was read and `read_by`, what it was read by."""
        right = right_answers(case)
        if isinstance(right, ScoreFailure):
            return right
        letters, options = self._offered(case)
        known = [_letter(as_text(item), letters, options) for item in right]
        wrong = next((item for item, letter in zip(right, known, strict=True) if letter is None), None)
        if wrong is not None:
            return wrong_reference(
                case, f"is none of the options {', '.join(letters)}: {shown(as_text(wrong))!r}"
            )
        answer = read_answer(reply.text, self.extract)
        if isinstance(answer, Unreadable):
            return unreadable_score(answer)
        text = as_text(answer)
        found = read_choice(text, letters, options, self.which)
        details: dict[str, Json] = {}
        if len(text) > 2 * MOST_CHARACTERS:
            details["cut"] = f"only the first and the last {MOST_CHARACTERS} characters were read"
        if found is None:
            reason = f"no option of {', '.join(letters)} is taken"
            return unreadable_score(Unreadable(reason=reason), **details)
        details["read_by"] = found.by
        return Score(value=float(found.letter in known), answer=found.letter, details=details)

    def _offered(self, case: Case) -> tuple[str, Sequence[str]]:
        """Return the letters and the texts of the options; without texts as many letters as there may be."""
        letters = self.letters.upper()
        given: Json = self.options or _field(case, self.field)
        if isinstance(given, Mapping) and given:
            keys = [str(key).strip().upper() for key in given]
            if all(len(key) == 1 and key.isalnum() for key in keys):
                return "".join(keys), [as_text(text) for text in given.values()]
            given = list(given.values())
        if isinstance(given, list | tuple) and 0 < len(given) <= len(letters):
            return letters[: len(given)], [as_text(text) for text in given]
        return (letters[:UNKNOWN] if letters == DEFAULT_LETTERS else letters), ()


def _field(case: Case, name: str | None) -> Json:
    if not isinstance(case.input, Mapping):
        return None
    return next((case.input[field] for field in ((name,) if name else FIELDS) if case.input.get(field)), None)


def _letter(reference: str, letters: str, options: Sequence[str]) -> str | None:
    """Return the letter that a reference names, by itself, in brackets or by the text of its option."""
    bare = reference.strip(" ().[]").upper()
    if len(bare) == 1 and bare in letters:
        return bare
    for form in (str.strip, plain):
        texts = [form(option) for option in options]
        if texts.count(form(reference)) == 1:
            return letters[texts.index(form(reference))]
    return None
