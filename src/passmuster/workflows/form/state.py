"""The form as a machine: a state and a key make the next state, and now and then an entry to be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, TypeAlias

from passmuster.records.record import Record
from passmuster.workflows.form.cards import Ask, Card

Typing: TypeAlias = Literal["note", "answer"]

ENTER = "enter"
BACKSPACE = "backspace"
ESCAPE = "escape"
ON = "on"
BACK = "back"
END = "end"
"""Keys that are no character; all others are the character itself. `END` is that nothing more will come."""

TURN_ON = frozenset({ON, " "})
TURN_BACK = frozenset({BACK, "-", BACKSPACE})
TYPE = "/"
LONGEST = 2_000
"""Characters that can be typed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Record):
    """What a person says of the card at `place`: an answer to each question, or none where they could not tell.

    `again` says that it takes the place of an earlier one; `seconds` is how long they looked.
    """

    place: int
    answers: Mapping[str, str] | None
    note: str | None
    seconds: float
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Record):
    """Where a person is: at which card and question, what they have said of it, what they are typing.

    `since` is when the card was first on the screen, `page` the page of its texts, `said` the places that have an entry.
    """

    cards: tuple[Card, ...]
    since: float
    place: int = 0
    answers: tuple[str, ...] = ()
    note: str | None = None
    typing: Typing | None = None
    buffer: str = ""
    page: int = 0
    message: str = ""
    said: frozenset[int] = field(default_factory=frozenset)
    left: bool = False

    @property
    def over(self) -> bool:
        """Whether there is nothing more to do."""
        return self.left or self.place >= len(self.cards)

    @property
    def card(self) -> Card:
        """The card that is looked at."""
        return self.cards[self.place]

    @property
    def ask(self) -> Ask:
        """The question that is open."""
        return self.card.asks[len(self.answers)]


class Step(NamedTuple):
    """The next state, and the entry that is to be kept before anything else is done."""

    state: State
    entry: Entry | None = None


def begin(cards: tuple[Card, ...], at: float) -> State:
    """Return the state in which the form opens.

    Args:
        cards: What is looked at, in this order.
        at: The time, in seconds of any clock that only goes forward.
    """
    return State(cards=cards, since=at)


def press(state: State, key: str, at: float) -> Step:
    """Return what a key does.

    Example:
        >>> from passmuster.workflows.form.cards import Passage, keyed
        >>> ask = Ask(name="label", text="Which?", options=keyed(["billing", "refund"]))
        >>> card = Card(passages=(Passage(title="Input", text="Where is my money?"),), asks=(ask,))
        >>> step = press(begin((card,), at=10.0), "2", at=14.5)
        >>> step.entry.answers, step.entry.seconds, step.state.over
        ({'label': 'refund'}, 4.5, True)
    """
    if state.over:
        return Step(state)
    if key == END:
        return Step(replace(state, left=True))
    state = replace(state, message="")
    if state.typing is not None:
        return _typed(state, key, at)
    option = state.ask.option(key)
    if option is not None:
        return _answered(state, option.value, at)
    return _command(state, key.lower() if len(key) == 1 else key, at)


def _command(state: State, key: str, at: float) -> Step:
    if key in TURN_ON | TURN_BACK:
        return Step(replace(state, page=max(0, state.page + (1 if key in TURN_ON else -1))))
    if key == "s":
        return _next(state, None, at)
    return Step(_elsewhere(state, key, at))


def _elsewhere(state: State, key: str, at: float) -> State:
    """Return the state after a key that says nothing of the card."""
    if key == "n":
        return replace(state, typing="note", buffer=state.note or "")
    if key == "u":
        return _undone(state, at)
    if key == "q":
        return replace(state, left=True)
    if key == ENTER and state.place in state.said:
        return _at(state, state.place + 1, at)
    if state.ask.typed and (key in {TYPE, ENTER} or _begins_number(state.ask, key)):
        return replace(state, typing="answer", buffer=key if key.isdecimal() else "")
    return replace(state, message=_what_is_asked(state))


def _begins_number(ask: Ask, key: str) -> bool:
    return ask.low is not None and key.isascii() and key.isdecimal()


def _typed(state: State, key: str, at: float) -> Step:
    """Return what a key does where it is part of a text."""
    if key == ENTER:
        return _noted(state) if state.typing == "note" else _given(state, at)
    if key == ESCAPE:
        return Step(replace(state, typing=None, buffer=""))
    if key == BACKSPACE:
        return Step(replace(state, buffer=state.buffer[:-1]))
    if len(key) != 1 or len(state.buffer) >= LONGEST:
        return Step(state)
    return Step(replace(state, buffer=state.buffer + key))


def _noted(state: State) -> Step:
    return Step(replace(state, note=state.buffer.strip() or None, typing=None, buffer=""))


def _given(state: State, at: float) -> Step:
    """Return what an answer that was typed does."""
    text = state.buffer.strip()
    if not text:
        return Step(replace(state, typing=None, buffer="", message=_what_is_asked(state)))
    wrong = _wrong(state.ask, text)
    if wrong:
        return Step(replace(state, message=wrong))
    return _answered(replace(state, typing=None, buffer=""), text, at)


def _wrong(ask: Ask, text: str) -> str:
    """Return what is wrong with a typed answer; nothing where it can be taken."""
    if ask.low is None or ask.high is None:
        return ""
    digits = text if len(text) < 10 and text.isascii() and text.isdecimal() else ""
    if digits and ask.low <= int(digits) <= ask.high:
        return ""
    return f"Type a whole number from {ask.low} to {ask.high}, then Enter."


def _answered(state: State, value: str, at: float) -> Step:
    answers = (*state.answers, value)
    if len(answers) < len(state.card.asks):
        return Step(replace(state, answers=answers))
    names = [ask.name for ask in state.card.asks]
    return _next(state, dict(zip(names, answers, strict=True)), at)


def _next(state: State, answers: Mapping[str, str] | None, at: float) -> Step:
    """Return the next card, and what was said of this one."""
    entry = Entry(
        place=state.place,
        answers=answers,
        note=state.note,
        seconds=max(0.0, at - state.since),
        again=state.place in state.said,
    )
    return Step(_at(replace(state, said=state.said | {state.place}), state.place + 1, at), entry)


def _at(state: State, place: int, at: float) -> State:
    return replace(state, place=place, since=at, answers=(), note=None, typing=None, buffer="", page=0)


def _undone(state: State, at: float) -> State:
    """Return the state before the last answer: the question before, or the card before, which is then asked again."""
    if state.answers:
        return replace(state, answers=state.answers[:-1])
    if state.place == 0:
        return replace(state, message="There is nothing to undo: this is the first one.")
    before = _at(state, state.place - 1, at)
    return replace(before, message="Answer this one again; Enter leaves it as it was.")


def _what_is_asked(state: State) -> str:
    keys = " ".join(option.key for option in state.ask.options)
    if not keys:
        return f"Press {TYPE} to type an answer, then Enter."
    return f"Press one of: {keys}" + (f", or {TYPE} to type another answer." if state.ask.typed else "")
