"""What waits to be rated, as cards of the form, and what was said of them, as ratings and choices."""

from typing import cast

from passmuster.metrics.judges.rubric import Criterion, Rubric
from passmuster.records.rating import SET_RIGHT, Choice, Chosen, Rating
from passmuster.workflows.form.cards import Ask, Card, Option, Passage
from passmuster.workflows.form.state import Entry
from passmuster.workflows.rating.waiting import Shown, read_of

SOURCE = "form"

HIGHEST_KEY = 9
"""The highest value that one key can give."""

CHOICE = "better"
_SIDES: tuple[tuple[str, Chosen, str], ...] = (
    ("a", "first", "reply A"),
    ("b", "second", "reply B"),
    ("t", "tie", "neither: a tie"),
)
_TITLES = {
    "input": "Task",
    "requirements": "What a reply must meet",
    "reference": "Reference",
    "reply": "Reply",
    "first": "Reply A",
    "second": "Reply B",
}
_MET = {0: "no", 1: "yes"}


def card_of(shown: Shown) -> Card:
    """Return what a rater sees of an item: the task, the reply or two, and a question for each criterion.

    Nothing says whose a reply is. The reference is shown where the rubric judges by it, and only there.

    Example:
        >>> from passmuster.records.case import Case
        >>> from passmuster.records.rating import Drawn
        >>> from passmuster.workflows.rating.waiting import Waiting
        >>> rubric = Rubric(criteria=(Criterion(name="tone", question="Is it polite?"),))
        >>> item = Drawn(case="1", input="i", candidate="hidden", reply="r")
        >>> what = Waiting(
        ...     draw="d", metric="m", purpose="fresh", item=item, case=Case(id="1", input="Hi?"), texts=("Hi!",), rubric=rubric
        ... )
        >>> [(passage.title, passage.text) for passage in card_of(Shown(what=what)).passages]
        [('Task', 'Hi?'), ('Reply', 'Hi!')]
    """
    what = shown.what
    passages = tuple(Passage(title=_TITLES[name], text=text) for name, text in read_of(what).items())
    return Card(
        passages=passages, asks=(_choice(what.rubric),) if len(what.texts) > 1 else _questions(what.rubric)
    )


def said_of(shown: Shown, entry: Entry, rater: str, now: float) -> Rating | Choice:
    """Return what a person said of an item; without answers they looked and could not tell.

    Args:
        shown: The item as it was shown.
        entry: What was said.
        rater: Who said it.
        now: When, in seconds since the epoch.
    """
    if shown.what.item.second is not None:
        return _choice_of(shown, entry, rater, now)
    what, item = shown.what, shown.what.item
    parts = {name: float(value) for name, value in (entry.answers or {}).items()}
    return Rating(
        case=item.case,
        reply=item.reply,
        metric=what.metric,
        value=what.rubric.value(parts) if parts else None,
        rater=rater,
        kind="human",
        input=item.input,
        candidate=item.candidate,
        parts=parts,
        time=now,
        source=_source(entry),
        note=entry.note,
        draw=what.draw,
        seconds=round(entry.seconds, 1),
    )


def _choice_of(shown: Shown, entry: Entry, rater: str, now: float) -> Choice:
    what, item = shown.what, shown.what.item
    return Choice(
        case=item.case,
        first=item.reply,
        second=item.second or "",
        metric=what.metric,
        chosen=None if entry.answers is None else cast("Chosen", entry.answers[CHOICE]),
        rater=rater,
        kind="human",
        input=item.input,
        first_by=item.candidate,
        second_by=item.second_by,
        time=now,
        source=_source(entry),
        note=entry.note,
        draw=what.draw,
        seconds=round(entry.seconds, 1),
    )


def _source(entry: Entry) -> str:
    return SET_RIGHT if entry.again else SOURCE


def _questions(rubric: Rubric) -> tuple[Ask, ...]:
    return tuple(_question(rubric, criterion) for criterion in rubric.criteria)


def _question(rubric: Rubric, criterion: Criterion) -> Ask:
    text = f"{criterion.name}: {criterion.question}"
    anchors = [f"{value}: {meaning}" for value, meaning in criterion.anchored]
    if rubric.high > HIGHEST_KEY:
        return Ask(
            name=criterion.name,
            text="\n".join([f"{text} ({rubric.low} to {rubric.high})", *anchors]),
            typed=True,
            low=rubric.low,
            high=rubric.high,
        )
    options = tuple(
        Option(key=str(value), value=str(value), meaning=_meaning(rubric, criterion, value))
        for value in rubric.scale
    )
    if not any(option.meaning for option in options):
        text += f" ({rubric.low} to {rubric.high})"
    return Ask(name=criterion.name, text=text, options=options)


def _meaning(rubric: Rubric, criterion: Criterion, value: int) -> str:
    return criterion.anchors.get(str(value), _MET[value] if rubric.binary else "")


def _choice(rubric: Rubric) -> Ask:
    counts = [f"{criterion.name}: {criterion.question}" for criterion in rubric.criteria]
    text = "\n".join([rubric.instruction or "Which reply is better?", *counts])
    options = tuple(Option(key=key, value=value, meaning=meaning) for key, value, meaning in _SIDES)
    return Ask(name=CHOICE, text=text, options=options)
