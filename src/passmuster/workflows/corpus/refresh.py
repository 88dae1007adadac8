"""`corpus refresh`: from the newest traffic to the next version; giving the command again goes on where it stopped."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.version import VersionScores

Step: TypeAlias = Literal["sample", "label", "people", "split", "freeze", "run", "scores"]
RefreshStatus: TypeAlias = Literal["done", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshState(Record):
    """How far a refresh has come; kept in a file until it is done.

    `started` is seconds since the epoch, `before` the version that it began with, `unsplit` the ids that waited to be
    split then, `cases` those that were drawn since, `sheet` the file that people fill in.
    """

    started: float
    before: str
    unsplit: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    labelled: bool = False
    sheet: str | None = None
    parted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed(Record):
    """What a refresh came to.

    `drawn` cases are new, `machine` of them were labelled by the model that was named, `people` wait for a person, who
    fills in `sheet`. `before` and `after` are versions; `scores` what stored candidates score on both and on what they
    share. `steps` were taken by this call.
    """

    status: RefreshStatus
    before: str
    after: str | None = None
    drawn: int = 0
    machine: int = 0
    people: int = 0
    sheet: str | None = None
    steps: tuple[Step, ...] = ()
    scores: tuple[VersionScores, ...] = ()
    run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshSteps:
    """What is done to the folder, each by the verb that does it alone, too.

    `waiting` returns the cases that are not split yet, `cases` all open ones by id. `label` returns how many cases a
    model labelled (0: none is named), `queue` the sheet for people, `settle` reads what they filled in. `run` asks the
    candidates what they were not asked yet and says how that ended; None where nobody wants it.
    """

    waiting: Callable[[], Sequence[Case]]
    cases: Callable[[], Mapping[str, Case]]
    sample: Callable[[], object]
    label: Callable[[tuple[str, ...]], int]
    queue: Callable[[tuple[str, ...]], str]
    settle: Callable[[str | None], object]
    split: Callable[[], object]
    freeze: Callable[[str], str]
    run: Callable[[], str | None]
    scores: Callable[[str, str], tuple[VersionScores, ...]]
    keep: Callable[[RefreshState | None], None]
    now: Callable[[], float]


@dataclass(slots=True)
class _Progress:
    state: RefreshState
    steps: list[Step] = field(default_factory=list)
    machine: int = 0


def refresh(steps: RefreshSteps, state: RefreshState | None, *, unlabelled: bool = False) -> Refreshed:
    """Take the steps that are left, and stop where people must act first.

    Each step is kept before the next begins, and none is taken twice: a refresh that was cut off goes on. A step
    that was cut off itself is found by what it left: cases that were drawn wait to be split, labels stand in their log.

    Args:
        steps: What is done to the folder.
        state: How far it has come; None begins anew.
        unlabelled: Go on also with cases that nobody has given a reference.
    """
    own = _Progress(state=_begun(steps) if state is None else state)
    _draw(steps, own)
    missing = _unlabelled(steps.cases(), own.state.cases)
    if not own.state.parted and missing:
        missing = _labels(steps, own, missing, queue=not unlabelled)
    if missing and not own.state.parted and not unlabelled:
        own.steps.append("people")
        return _result(own, "waiting", people=len(missing))
    _part(steps, own)
    after = steps.freeze(f"refresh of {own.state.before[:8]}")
    own.steps.append("freeze")
    ended = steps.run()
    if ended is not None:
        own.steps.append("run")
    scores = steps.scores(own.state.before, after)
    own.steps.append("scores")
    steps.keep(None)
    return replace(_result(own, "done", people=len(missing)), after=after, scores=scores, run=ended)


def _begun(steps: RefreshSteps) -> RefreshState:
    before = steps.freeze("before a refresh")
    state = RefreshState(
        started=steps.now(), before=before, unsplit=tuple(case.id for case in steps.waiting())
    )
    steps.keep(state)
    return state


def _draw(steps: RefreshSteps, own: _Progress) -> None:
    if own.state.cases:
        return
    if not _fresh(steps.waiting(), own.state):
        steps.sample()
        own.steps.append("sample")
    own.state = replace(own.state, cases=_fresh(steps.waiting(), own.state))
    steps.keep(own.state)


def _fresh(waiting: Iterable[Case], state: RefreshState) -> tuple[str, ...]:
    there = set(state.unsplit)
    return tuple(case.id for case in waiting if case.id not in there)


def _labels(steps: RefreshSteps, own: _Progress, missing: tuple[str, ...], *, queue: bool) -> tuple[str, ...]:
    """Let the model label, take in what people filled in, and return the cases that still have no reference."""
    if not own.state.labelled:
        own.machine = steps.label(missing)
        own.steps.append("label")
        own.state = replace(own.state, labelled=True)
        steps.keep(own.state)
    steps.settle(own.state.sheet)
    left = _unlabelled(steps.cases(), own.state.cases)
    if left and queue and own.state.sheet is None:
        own.state = replace(own.state, sheet=steps.queue(left))
        steps.keep(own.state)
    return left


def _part(steps: RefreshSteps, own: _Progress) -> None:
    if own.state.parted:
        return
    if steps.waiting():
        steps.split()
        own.steps.append("split")
    own.state = replace(own.state, parted=True)
    steps.keep(own.state)


def _unlabelled(cases: Mapping[str, Case], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in cases and cases[name].reference is None)


def _result(own: _Progress, status: RefreshStatus, *, people: int) -> Refreshed:
    return Refreshed(
        status=status,
        before=own.state.before,
        drawn=len(own.state.cases),
        machine=own.machine,
        people=people,
        sheet=own.state.sheet,
        steps=tuple(own.steps),
    )
