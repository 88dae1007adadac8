"""`passmuster gate`: both versions over the same cases, from stored trials or from a committed reference. Asks nothing."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from passmuster.corpus.egress import may_receive
from passmuster.corpus.populations import Population, cases_of
from passmuster.decide.gate.compared import Compared, Laid
from passmuster.decide.judging.book import RatingBook
from passmuster.decide.measured import BoolArray
from passmuster.decide.outcomes import Turns
from passmuster.decide.success import success_rule
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.gate import GateSide
from passmuster.records.reference import FrozenMetric, FrozenTrial, Reference, text_digest
from passmuster.records.task import Task
from passmuster.records.trial import Reply, Trial, TrialKey
from passmuster.workflows.cells import Cells
from passmuster.workflows.laying import Laying, Part, Question
from passmuster.workflows.reference_laying import Frozen

DAY = 86400.0
NOT_FROZEN = "cases that the baseline does not have"
NOT_ASKED = "cases that {name} was not asked"
WITHHELD = "cases that {name} may not receive"

SAME_TRIALS = (
    "both sides are the very same trials: nothing was asked since the baseline was frozen, so this says nothing of the "
    "provider"
)
SAME_VERSION = (
    "both sides are the same version, asked at two times: what differs is the provider's doing, or chance"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A version whose trials are in the store; `read` goes through these, as often as it is called."""

    candidate: Candidate
    read: Callable[[], Iterable[Trial]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A version whose trials are in a committed file; `scored_by` is what the metrics of today are."""

    reference: Reference
    path: Path
    scored_by: tuple[FrozenMetric, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """One version laid out: `texts` are digests of its replies, cell by cell, `newest` when it was asked last."""

    parts: list[Part]
    texts: list[str | None]
    trials: int
    newest: float | None


class _Chosen(Cells):
    """The cells of some of the cases: which trial is whose is told by all of them."""

    def __init__(self, whole: Cells, positions: Sequence[int], repeats: int) -> None:
        self._whole, self._positions, self._each = whole, positions, repeats
        self._local = {position: local for local, position in enumerate(positions)}

    def place(self, key: TrialKey) -> int | None:
        found = self._whole.place(key)
        if found is None:
            return None
        index, round_ = divmod(found, self._each)
        local = self._local.get(index)
        return None if local is None else local * self._each + round_

    def key(self, candidate: str, case: int, repeat: int) -> TrialKey:
        return self._whole.key(candidate, self._positions[case], repeat)


@dataclass(frozen=True, slots=True)
class _Field:
    """The cases that are compared, out of those of the corpus."""

    question: Question
    cells: _Chosen
    positions: Sequence[int]

    def laying(self, candidate: Candidate) -> Laying:
        return Laying(replace(self.question, candidates=(candidate,)), self.cells)


@dataclass(slots=True)
class _Texts:
    """Digests of replies in the making, and when the newest trial was asked."""

    cells: list[str | None]
    trials: int = 0
    newest: float | None = None

    def enter(self, place: int, text: str | None, started: float | None) -> None:
        self.cells[place] = text
        self.trials += 1
        if started is not None:
            self.newest = started if self.newest is None else max(self.newest, started)


def compared(question: Question, old: Stored | Committed, new: Stored, *, now: float) -> Compared:
    """Return both versions over the cases that the old one was asked, and all regression cases.

    Args:
        question: The task, its metrics and the corpus of today.
        old: The version of before.
        new: The version of now.
        now: Seconds since the epoch.
    """
    left_out: Counter[str] = Counter()
    before, after, task = _both(question, old, new, left_out)
    laid = _laid(before, after, task.repeats)
    names = [part.population.name for part in after.parts]
    same = _same_version(old, new)
    unasked = same and all(_same_trials(each) for each in laid if each.new.asked.any())
    return Compared(
        task=task,
        metrics=question.metrics,
        main=laid[0],
        apart=dict(zip(names[1:], laid[1:], strict=True)),
        old_side=_old_side(old, before, question, now),
        new_side=_side(new.candidate, after, question.corpus.version, now),
        corpus=question.corpus.version,
        generated=datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        judges={each.metric: each for each in question.judges},
        left_out={reason: count for reason, count in left_out.items() if count},
        notes=(SAME_TRIALS if unasked else SAME_VERSION,) if same else (),
        unasked=unasked,
    )


def _both(
    question: Question, old: Stored | Committed, new: Stored, left_out: Counter[str]
) -> tuple[_Side, _Side, Task]:
    """Lay out both sides over the cases that are compared, with the task as it is settled there."""
    cases, repeats = question.corpus.cases, question.task.repeats
    whole = Cells(cases, repeats)
    if isinstance(old, Stored):
        ground = _ground(
            question, whole, _positions(question, _asked(old.read(), whole, repeats), (old, new), left_out)
        )
        return _stored(ground, old), _stored(ground, new), ground.question.task
    turns = Turns(question.task, question.metrics, success_rule(question.task))
    frozen = Frozen(old.reference, turns, old.scored_by)
    entries = list(frozen.on(cases, repeats))
    positions = _positions(question, {index for index, _, _ in entries}, (old, new), left_out)
    bare = replace(question, book=RatingBook())  # nobody rated what a file holds
    ground = _ground(bare, whole, positions)
    before = _committed(ground, frozen, entries)
    left_out.update(frozen.left_out)
    return before, _stored(ground, new), ground.question.task


def _ground(question: Question, whole: Cells, positions: Sequence[int]) -> _Field:
    cases = cases_of(Population(name="compared", positions=positions), question.corpus.cases)
    scope = replace(question, early=None, timed=True, corpus=replace(question.corpus, cases=cases))
    return _Field(scope, _Chosen(whole, positions, question.task.repeats), positions)


def _asked(trials: Iterable[Trial], whole: Cells, repeats: int) -> set[int]:
    """Return the cases (numbers) with a trial that says anything."""
    places = (whole.place(trial.key) for trial in trials if _says(trial))
    return {place // repeats for place in places if place is not None}


def _says(trial: Trial) -> bool:
    return isinstance(trial.outcome, Reply) or trial.outcome.kind != "not_recorded"


def _positions(
    question: Question, known: set[int], sides: tuple[Stored | Committed, Stored], left_out: Counter[str]
) -> Sequence[int]:
    """Return where the cases stand that are compared; regression cases are looked at whatever is known of the old one."""
    old, new = sides
    unknown = NOT_FROZEN if isinstance(old, Committed) else NOT_ASKED.format(name=old.candidate.name)
    withheld = WITHHELD.format(name=new.candidate.name)
    found = array("Q")
    for position, case in enumerate(question.corpus.cases):
        if new.candidate.egress is not None and not may_receive(new.candidate.egress, case):
            left_out[withheld] += 1
        elif position in known or case.category == "regression":
            found.append(position)
        else:
            left_out[unknown] += 1
    return found


def _stored(ground: _Field, side: Stored) -> _Side:
    laying = ground.laying(side.candidate)
    texts = _Texts([None] * (len(ground.positions) * ground.question.task.repeats))
    for trial in side.read():
        place = laying.enter(trial)
        if place is not None and _says(trial):
            reply = trial.outcome if isinstance(trial.outcome, Reply) else None
            started = trial.calls[0].started if trial.calls else None
            texts.enter(place, None if reply is None else text_digest(reply.text), started)
    return _Side(laying.parts(), texts.cells, texts.trials, texts.newest)


def _committed(ground: _Field, frozen: Frozen, entries: Iterable[tuple[int, int, FrozenTrial]]) -> _Side:
    laying, repeats = ground.laying(frozen.candidate), ground.question.task.repeats
    cases = ground.question.corpus.cases
    local = {position: number for number, position in enumerate(ground.positions)}
    texts = _Texts([None] * (len(ground.positions) * repeats))
    for index, round_, trial in entries:
        number = local.get(index)
        if number is None:
            continue
        found = frozen.known(cases[number], trial)
        place = number * repeats + round_
        laying.enter_known(place, found.trial, found.scores, found.cost, found.turn)
        texts.enter(place, trial.reply, trial.started)
    return _Side(laying.parts(), texts.cells, texts.trials, texts.newest)


def _laid(before: _Side, after: _Side, repeats: int) -> list[Laid]:
    cells = zip(before.texts, after.texts, strict=True)
    other = np.array([None not in pair and pair[0] != pair[1] for pair in cells], dtype=np.bool_)
    other = other.reshape(-1, repeats)
    return [
        Laid(
            cases=new.cases,
            old=old.measured[0],
            new=new.measured[0],
            changed=_of(other, new.population.positions),
        )
        for old, new in zip(before.parts, after.parts, strict=True)
    ]


def _of(cells: BoolArray, positions: Sequence[int]) -> BoolArray:
    return cells[np.asarray(positions, dtype=np.int64)]


def _old_side(old: Stored | Committed, side: _Side, question: Question, now: float) -> GateSide:
    if isinstance(old, Stored):
        return _side(old.candidate, side, question.corpus.version, now)
    reference = old.reference
    found = _side(reference.definition, side, reference.corpus.version, now)
    newest = max((trial.started for trial in reference.trials if trial.started is not None), default=None)
    asked, age = _when(newest, now)
    return replace(found, digest=reference.digest, path=str(old.path), asked=asked, age_days=age)


def _side(candidate: Candidate, side: _Side, corpus: str, now: float) -> GateSide:
    asked, age = _when(side.newest, now)
    return GateSide(
        name=candidate.name,
        digest=candidate_digest(candidate),
        model=candidate.model,
        prompt=None if candidate.prompt is None else candidate.prompt.name,
        corpus=corpus,
        trials=side.trials,
        asked=asked,
        age_days=age,
    )


def _when(newest: float | None, now: float) -> tuple[str | None, float | None]:
    """Return when a version was asked last, and how many days ago that was; a time that cannot be is not known."""
    if newest is None or not 0 < newest <= now + DAY:
        return None, None
    asked = datetime.fromtimestamp(newest, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return asked, round(max(0.0, now - newest) / DAY, 3)


def _same_version(old: Stored | Committed, new: Stored) -> bool:
    before = candidate_digest(old.candidate) if isinstance(old, Stored) else old.reference.digest
    return before == candidate_digest(new.candidate)


def _same_trials(laid: Laid) -> bool:
    """Return whether both began every trial at the same time, to the millisecond that a file keeps."""
    old, new = laid.old.columns.loads, laid.new.columns.loads
    if old is None or new is None:
        return False
    same = np.allclose(old.started, new.started, rtol=0, atol=2e-3, equal_nan=True)
    return bool(same and not np.isnan(new.started).all())
