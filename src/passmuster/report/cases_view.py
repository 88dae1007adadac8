"""Cases with all answers side by side, as the HTML report shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passmuster.records.comparison import Answer, CaseEvidence
from passmuster.records.record import Record
from passmuster.report import figures
from passmuster.report.escape import cut, label, visible
from passmuster.report.score_notes import score_notes
from passmuster.report.show import reference_text
from passmuster.report.turn_words import State, kind_of_turn, state_of

INPUT_SHOWN, INPUT_KEPT = 1200, 8000
REPLY_SHOWN, REPLY_KEPT = 600, 5000
STEPS_SHOWN = 240
SCORES_LIMIT = 8
NAME_LIMIT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Record):
    """A text: its start, the rest that opens on demand, and how much was left out altogether."""

    start: str
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView(Record):
    """An answer with all candidates that gave it, each with the time that it took."""

    state: State
    said: str
    names: tuple[tuple[str, str], ...]
    words: Words | None
    failure: str
    read_as: str
    scores: str
    reasons: tuple[str, ...] = ()
    steps: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView(Record):
    """A case; `right`, `failed`, `unknown`, `slow` and `asked` hold numbers of candidates, for the filter."""

    id: str
    place: str
    input: Words
    reference: Words
    replies: tuple[ReplyView, ...]
    asked: str
    right: str
    failed: str
    unknown: str
    slow: str
    disputed: bool
    summary: str


def by_interest(evidence: Sequence[CaseEvidence]) -> list[CaseEvidence]:
    """Return the cases in the order in which they are worth reading: disputed, none right, all right."""
    return sorted(evidence, key=lambda case: (not case.disputed, bool(case.right)))


def case_view(case: CaseEvidence, numbers: Mapping[str, str]) -> CaseView:
    """Return a case as it is shown; `numbers` names each candidate's number in the page."""
    failed = [answer.candidate for answer in case.answers if answer.failure is not None]
    asked = [answer.candidate for answer in case.answers]
    unknown = [answer.candidate for answer in case.answers if state_of(case, answer) == "unknown"]
    stratum = "" if case.stratum is None else f" · {label(case.stratum, NAME_LIMIT)}"
    return CaseView(
        id=label(case.id, NAME_LIMIT),
        place=case.category + stratum,
        input=words(case.input, INPUT_SHOWN, INPUT_KEPT),
        reference=words(_right(case), REPLY_SHOWN, REPLY_KEPT),
        replies=_replies(case),
        asked=_numbers(asked, numbers),
        right=_numbers(case.right, numbers),
        failed=_numbers(failed, numbers),
        unknown=_numbers(unknown, numbers),
        slow=_numbers(case.slow, numbers),
        disputed=case.disputed,
        summary=f"{len(case.right)} of {figures.count(len(case.answers), 'candidate')} right",
    )


def _right(case: CaseEvidence) -> str:
    """Return what an answer is compared with: the reference, and what else the case asks for."""
    if not case.wanted:
        return reference_text(case.reference)
    asked = "\n".join(case.wanted)
    return asked if case.reference is None else f"{reference_text(case.reference)}\n{asked}"


def words(text: str, shown: int, kept: int) -> Words:
    """Return a text in its parts, made harmless.

    Example:
        >>> words("abcdef", 2, 4)
        Words(start='ab', rest='cd... (2 more characters)')
    """
    if len(text) <= shown:
        return Words(start=visible(text, block=True))
    rest = cut(text[shown:], kept - shown)
    return Words(start=visible(text[:shown], block=True), rest=visible(rest, block=True))


def _numbers(names: Sequence[str], numbers: Mapping[str, str]) -> str:
    return " ".join(numbers[each] for each in names if each in numbers)


def _replies(case: CaseEvidence) -> tuple[ReplyView, ...]:
    """Put equal answers together: fourteen times the same word is read once."""
    groups: dict[tuple[object, ...], list[Answer]] = {}
    for answer in case.answers:
        state = state_of(case, answer)
        key = (
            state,
            answer.turn,
            answer.text,
            answer.failure,
            answer.answer,
            tuple(answer.scores.items()),
            answer.steps,
        )
        groups.setdefault(key, []).append(answer)
    views = [_reply(case, answers) for answers in groups.values()]
    order = {"right": 0, "wrong": 1, "unknown": 2, "failed": 3}
    return tuple(sorted(views, key=lambda view: order[view.state]))


def _time(case: CaseEvidence, answer: Answer) -> str:
    """Return how long an answer took, and that it is one of the slowest of its candidate."""
    if answer.seconds is None:
        return ""
    slow = ", among its slowest" if answer.candidate in case.slow else ""
    return f"{figures.seconds(answer.seconds)}{slow}"


def _reply(case: CaseEvidence, answers: Sequence[Answer]) -> ReplyView:
    first = answers[0]
    read_as = first.answer if first.answer is not None and first.answer != first.text else ""
    scores = [f"{label(key)} {figures.number(value)}" for key, value in first.scores.items()][:SCORES_LIMIT]
    state = state_of(case, first)
    return ReplyView(
        state=state,
        said=("not known" if state == "unknown" else state) + kind_of_turn(first),
        names=tuple((label(answer.candidate, NAME_LIMIT), _time(case, answer)) for answer in answers),
        words=None if first.text is None else words(first.text, REPLY_SHOWN, REPLY_KEPT),
        failure="" if first.failure is None else visible(cut(first.failure, REPLY_SHOWN), block=True),
        read_as=visible(cut(read_as, REPLY_SHOWN)),
        scores=", ".join(scores),
        reasons=score_notes(first),
        steps=words("\n".join(first.steps), STEPS_SHOWN, REPLY_KEPT) if first.steps else None,
    )
