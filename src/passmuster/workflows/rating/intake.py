"""Ratings that come from outside: what of a file is taken in, and what is refused."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import NamedTuple, TypeAlias, TypeVar

from passmuster.errors import CorpusError
from passmuster.metrics.judges.rubric import Rubric
from passmuster.metrics.metric import Bounds
from passmuster.records.digest import DIGEST_LENGTH
from passmuster.records.label import Annotator
from passmuster.records.rating import Choice, Drawn, Rating, reply_digest
from passmuster.records.record import Json, Record
from passmuster.records.said import Said, SaidOf
from passmuster.records.trial import Reply

NAMED = 5
"""Cases that are named, at most, where some are left out."""

WORDS: Mapping[str, float] = {
    "pass": 1.0,
    "yes": 1.0,
    "true": 1.0,
    "fail": 0.0,
    "no": 0.0,
    "false": 0.0,
}
"""What may stand for 1 and 0 where a reply passes or fails."""

FindReply: TypeAlias = Callable[[str, str, int], Reply | None]
"""Finds a stored reply by the name of a candidate, the id of a case and the round."""

R = TypeVar("R", Rating, Choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale(Record):
    """How a metric is rated: its rubric, and the values that a rating of its own unit may have."""

    rubric: Rubric
    bounds: Bounds
    binary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Record):
    """What rows are looked up in.

    `inputs` has the digest of each case's input by its id, `items` what was exported by its name on a sheet (the draw
    and its item, as it was shown, and its metric), `scales` the metrics.
    """

    inputs: Mapping[str, str]
    items: Mapping[str, tuple[str, str, Drawn]]
    scales: Mapping[str, Scale]
    reply: FindReply


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingIntake(Record):
    """What came of ratings from outside.

    `ratings` and `choices` are taken, `again` were there already, `blank` rows say nothing yet. `unknown` name cases that
    are not here, `stale` are of an input that has changed: they are left out where that is wished, and refused otherwise.
    `left` counts what a tool's export says beside, by kind. `who` counts what is taken of each rater.
    """

    ratings: tuple[Rating, ...] = ()
    choices: tuple[Choice, ...] = ()
    again: int = 0
    blank: int = 0
    unknown: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)
    who: Mapping[str, int] = field(default_factory=dict)


class _Gone(Exception):  # noqa: N818 - it is no error where rows may be left out
    """A row of a case that is not here, or has changed; carries the error that it is otherwise."""

    def __init__(self, error: CorpusError, case: str, *, stale: bool) -> None:
        super().__init__(str(error))
        self.error, self.case, self.stale = error, case, stale


class _Look(NamedTuple):
    """What one row says, of what."""

    case: str
    rater: str
    metric: str
    replies: tuple[str, ...]
    said: float | str | None


def take_ratings(
    rows: Iterable[Said],
    known: Known,
    log: Sequence[Rating | Choice],
    *,
    now: float,
    machines: Iterable[str] = (),
    leave_out: bool = False,
) -> RatingIntake:
    """Return what these rows come to; what is in the log already is not taken twice.

    Args:
        rows: The rows, in their order.
        known: What they are looked up in.
        log: What is there.
        now: When they are taken in; the time of one that states none.
        machines: Names that are no person's, such as those of candidates and scorers.
        leave_out: Whether rows of cases that are not here, or have changed, are left out instead of refused.

    Raises:
        CorpusError: with file, line and column, for the first row that cannot be taken.
    """
    kinds: dict[str, Annotator] = dict.fromkeys(machines, "machine")
    kinds |= {each.rater: each.kind for each in log}
    found: list[Rating | Choice] = []
    lost: dict[bool, list[str]] = {False: [], True: []}
    for row in rows:
        said = replace(row, rater=unicodedata.normalize("NFC", row.rater))
        _check_kind(said, kinds)
        try:
            found.append(_taken(said, known, now))
        except _Gone as gone:
            if not leave_out:
                raise gone.error from None
            lost[gone.stale].append(gone.case)
    new = _new(found, log)
    return RatingIntake(
        ratings=tuple(each for each in new if isinstance(each, Rating)),
        choices=tuple(each for each in new if isinstance(each, Choice)),
        again=len(found) - len(new),
        unknown=tuple(lost[False]),
        stale=tuple(lost[True]),
        who=dict(Counter(each.rater for each in new)),
    )


def _check_kind(said: Said, kinds: dict[str, Annotator]) -> None:
    before = kinds.setdefault(said.rater, said.kind)
    if before != said.kind:
        raise said.wrong(
            f"the ratings of {said.rater!r} are said to be of a {said.kind}, and that is the name of a {before}",
            "rater",
            hint="Ratings of people and machines are kept apart. Say --kind, or give the rater another name.",
        )


def _new(found: Sequence[Rating | Choice], log: Sequence[Rating | Choice]) -> list[Rating | Choice]:
    """Return what is new: of what a rater said of one reply, one after the other, the log may hold the beginning."""
    before: dict[_Look, list[_Look]] = defaultdict(list)
    for each in log:
        before[_whole(each)].append(_look(each))
    own: dict[_Look, list[Rating | Choice]] = defaultdict(list)
    for each in found:
        own[_whole(each)].append(each)
    new: dict[int, Rating | Choice] = {}
    for key, said in own.items():
        looks = [_look(each) for each in said]
        held = before[key]
        known = next(
            n for n in range(min(len(held), len(looks)), -1, -1) if held[len(held) - n :] == looks[:n]
        )
        new |= {id(each): each for each in said[known:]}
    return [each for each in found if id(each) in new]


def _look(said: Rating | Choice) -> _Look:
    if isinstance(said, Rating):
        return _Look(said.case, said.rater, said.metric, (said.reply,), said.value)
    return _Look(said.case, said.rater, said.metric, (said.first, said.second), said.chosen)


def _whole(said: Rating | Choice) -> _Look:
    look = _look(said)
    return look._replace(replies=tuple(sorted(look.replies)), said=None)


def _taken(said: Said, known: Known, now: float) -> Rating | Choice:
    if said.item is not None:
        return _of_item(said, known, now)
    if said.case is None:
        raise said.wrong("the row names no case", hint="A column `case`, or --column case=COLUMN")
    digest = known.inputs.get(said.case)
    if digest is None:
        error = said.wrong(f"no case is called {said.case[:100]!r}", "case", hint=_LEFT)
        raise _Gone(error, said.case, stale=False)
    if said.input not in {None, digest}:
        raise _Gone(_stale(said, said.case, "digest"), said.case, stale=True)
    item = Drawn(
        case=said.case,
        input=digest,
        candidate=said.reply.candidate or "",
        reply=_reply(said, said.reply, known, second=False),
        second=_reply(said, said.second, known, second=True) if said.second.named else None,
        second_by=said.second.candidate,
    )
    return _said_of(said, item, _metric(said, known), known, None, now)


_LEFT = "Leave such rows out: --leave-out"


def _stale(said: Said, case: str, at: str) -> CorpusError:
    return said.wrong(f"the input of case {case[:100]!r} has changed since it was rated", at, hint=_LEFT)


def _of_item(said: Said, known: Known, now: float) -> Rating | Choice:
    found = known.items.get(said.item or "")
    if found is None:
        raise said.wrong(
            f"nothing was drawn that is called {str(said.item)[:40]!r}",
            "item",
            hint="The draws are in draws.jsonl beside the cases. Or take the column out, and name case and reply.",
        )
    draw, metric, item = found
    digest = known.inputs.get(item.case)
    if digest is None:
        raise _Gone(
            said.wrong(f"case {item.case[:100]!r} is not here any more", "item", hint=_LEFT),
            item.case,
            stale=False,
        )
    if digest != item.input:
        raise _Gone(_stale(said, item.case, "item"), item.case, stale=True)
    return _said_of(said, item, metric, known, draw, now)


def _metric(said: Said, known: Known) -> str:
    names = ", ".join(known.scales) or "none"
    if said.metric is None:
        if len(known.scales) == 1:
            return next(iter(known.scales))
        raise said.wrong(
            "the row does not say which metric it rates", hint=f"--metric NAME; there are: {names}"
        )
    if said.metric not in known.scales:
        raise said.wrong(
            f"the task has no metric {said.metric[:100]!r}", "metric", hint=f"There are: {names}"
        )
    return said.metric


def _reply(said: Said, of: SaidOf, known: Known, *, second: bool) -> str:
    """Return the digest of the reply that a row means."""
    if of.text is not None:
        return reply_digest(Reply(text=of.text))
    which = "second" if second else "reply"
    if of.digest is not None:
        if len(of.digest) != DIGEST_LENGTH or set(of.digest) - set("0123456789abcdef"):
            message = f"{of.digest[:40]!r} is no digest of a reply"
            raise said.wrong(message, f"{which}_digest", hint=f"{DIGEST_LENGTH} hexadecimal digits")
        return of.digest
    if of.candidate is None:
        raise said.wrong(
            "the row does not say which reply was looked at",
            hint="A column `candidate` or `reply`; of a pair `first_by` and `second_by`, or `first` and `second`.",
        )
    found = known.reply(of.candidate, said.case or "", said.repeat)
    if found is None:
        raise said.wrong(
            f"no reply of {of.candidate[:100]!r} to case {str(said.case)[:100]!r} is stored",
            "second_by" if second else "candidate",
            hint="Put what it replied in a column `reply` (of a pair: `first` and `second`).",
        )
    return reply_digest(found)


def _said_of(
    said: Said, item: Drawn, metric: str, known: Known, draw: str | None, now: float
) -> Rating | Choice:
    """Return what a row says: the same of a single reply and of a pair, but for what was asked."""
    if item.second is None:
        found: Rating | Choice = _rating(said, item, metric, known.scales[metric])
    else:
        found = _choice(said, item, metric, item.second)
    return replace(
        found,
        input=item.input,
        time=now if said.time is None else said.time,
        source=_source(said),
        note=said.note,
        draw=draw,
        seconds=said.seconds,
        cost=said.cost,
    )


def _rating(said: Said, item: Drawn, metric: str, scale: Scale) -> Rating:
    parts = {} if said.skipped else _parts(said, scale.rubric)
    return Rating(
        case=item.case,
        reply=item.reply,
        metric=metric,
        value=None if said.skipped else _value(said, scale, parts),
        rater=said.rater,
        kind=said.kind,
        candidate=item.candidate or None,
        parts=parts,
    )


def _choice(said: Said, item: Drawn, metric: str, second: str) -> Choice:
    if said.chosen is None and not said.skipped:
        raise said.wrong("two replies are to be chosen between", "choice", hint="first, second or tie")
    return Choice(
        case=item.case,
        first=item.reply,
        second=second,
        metric=metric,
        chosen=None if said.skipped else said.chosen,
        rater=said.rater,
        kind=said.kind,
        first_by=item.candidate or None,
        second_by=item.second_by,
    )


def _source(said: Said) -> str:
    """Return the name of the file, without folders: where it lay is nobody's business."""
    return said.place(None).path.replace("\\", "/").rsplit("/", 1)[-1]


def _parts(said: Said, rubric: Rubric) -> dict[str, float]:
    """Return the values of the criteria, all of them or none."""
    names = [criterion.name for criterion in rubric.criteria]
    found = {name: said.parts[name] for name in names if name in said.parts}
    if found and len(found) < len(names):
        missing = ", ".join(name for name in names if name not in found)
        raise said.wrong(
            f"not every criterion has a value: {missing}", hint="Fill in all of them, or `skipped`."
        )
    return {name: _on_scale(said, name, value, rubric) for name, value in found.items()}


def _on_scale(said: Said, name: str, value: Json, rubric: Rubric) -> float:
    number = _number(value, binary=rubric.binary)
    if number is None or number not in rubric.scale:
        hint = f"A whole number from {rubric.low} to {rubric.high}."
        raise said.wrong(f"{name}: {str(value)[:40]!r} is not on the scale", name, hint=hint)
    return number


def _value(said: Said, scale: Scale, parts: Mapping[str, float]) -> float:
    if parts:
        return scale.rubric.value(parts)
    if said.value is None:
        raise said.wrong("a reply is to be rated, and the row has no value", hint="A column `value`.")
    number = _number(said.value, binary=scale.binary)
    low, high = scale.bounds
    if (
        number is None
        or not (isfinite(number) and low <= number <= high)
        or (scale.binary and number not in {0.0, 1.0})
    ):
        hint = "1 or 0, pass or fail." if scale.binary else f"A number from {low:g} to {high:g}."
        raise said.wrong(f"value: {str(said.value)[:40]!r} is not on the scale", "value", hint=hint)
    return number


def _number(value: Json, *, binary: bool) -> float | None:
    if isinstance(value, bool):
        return float(value) if binary else None
    if isinstance(value, str) and binary and value.strip().casefold() in WORDS:
        return WORDS[value.strip().casefold()]
    if not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
