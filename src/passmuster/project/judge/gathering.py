"""What a judge said of stored replies, beside what people said: from the store and from the files beside the cases."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from passmuster.corpus.populations import populations, weights_of
from passmuster.decide.judging.calibrating.rows import JudgedReply, Swapped, Unit
from passmuster.decide.judging.strata import stratum_of
from passmuster.errors import IncompleteError
from passmuster.metrics.judges.families import akin
from passmuster.metrics.judges.prompt import reply_text
from passmuster.metrics.metric import NOT_APPLICABLE
from passmuster.metrics.two_steps import NOT_SCORED, NOTHING_TO_COMPARE, WITHHELD, ComparingMetric
from passmuster.project.judges import Judge, book_of
from passmuster.project.load import Project
from passmuster.project.rating.replies import REFERENCE, Replied, ReplyFinder, stored_or_refused
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.workflows.scoring import unsettled

NO_CONCERN = (NOT_APPLICABLE, NOTHING_TO_COMPARE, WITHHELD, "no_reference")
"""Score failures of replies that the judge has nothing to do with."""

_SWAPPED: Mapping[str, Swapped] = {"consistent": "consistent", "first": "first", "second": "second"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Record):
    """Judged replies with what stands behind each of them, row by row.

    `unscored` counts replies that the judge was not asked about yet.
    """

    rows: tuple[JudgedReply, ...]
    replies: tuple[Replied, ...]
    unscored: int
    akin: Mapping[str, str]
    unit: Unit


def gathered(project: Project, judge: Judge, only: Sequence[str] = ()) -> Gathered:
    """Return what a judge and people said of the stored replies that carry the figures of a comparison.

    Raises:
        IncompleteError: where no reply is stored, or none is judged yet.
        UsageError: for an unknown candidate.
        CorpusError: where a file of ratings is broken.
    """
    around = _Around(project, judge)
    rows, replies, unscored = [], [], 0
    kept = [each for each in stored_or_refused(project, only) if around.concerns(each)]
    with ReplyFinder(project, {each.case.id for each in kept}) as finder:
        for each in kept:
            score = judge.metric.score(each.case, each.reply)
            if isinstance(score, ScoreFailure) and score.kind == NOT_SCORED:
                unscored += 1
            elif not (isinstance(score, ScoreFailure) and score.kind in NO_CONCERN):
                rows.append(around.row(each, score, finder))
                replies.append(each)
    if not rows:
        why = "has judged no reply yet" if unscored else "concerns none of the replies"
        raise IncompleteError(f"{judge.name} {why}", hint="Next: passmuster score" if unscored else None)
    return Gathered(
        rows=tuple(rows), replies=tuple(replies), unscored=unscored, akin=around.akin, unit=around.unit
    )


class _Around:
    """What is known around the replies of a project for one of its judges."""

    def __init__(self, project: Project, judge: Judge) -> None:
        bare = unsettled(judge.metric)
        cases = project.corpus().cases
        main = populations(cases).main.positions
        chosen = [cases[position] for position in main]
        weights = weights_of(chosen)
        self._judge = judge
        self._weights = {
            case.id: 1.0 if weights is None else float(weights[place]) for place, case in enumerate(chosen)
        }
        self._book = book_of(project)
        self._against = bare.against if isinstance(bare, ComparingMetric) else None
        self.akin = akin(judge.scorers, project.candidates)
        self.unit = Unit(
            bounds=judge.metric.bounds, binary=judge.metric.binary, pairwise=isinstance(bare, ComparingMetric)
        )

    def concerns(self, each: Replied) -> bool:
        """Return whether a reply is of a case that carries the figures, and not what the others are compared with."""
        return each.case.id in self._weights and each.candidate != self._against

    def row(self, each: Replied, score: ScoreOutcome, finder: ReplyFinder) -> JudgedReply:
        """Return the row of a reply."""
        value = score.value if isinstance(score, Score) else None
        details = score.details if isinstance(score, Score) else {}
        rated = self._book.of(
            self._judge.name, each.case, each.reply, score if isinstance(score, Score) else None
        )
        return JudgedReply(
            candidate=each.candidate,
            case=each.case.id,
            group=_group(each.case),
            repeat=each.repeat,
            value=value,
            failure=score.kind if isinstance(score, ScoreFailure) else None,
            human=None if rated is None else rated.value,
            raters=frozenset() if rated is None else frozenset(rated.raters),
            drawn=rated is not None and each.candidate in rated.drawn_for,
            stands=1.0 if rated is None else rated.drawn_for.get(each.candidate, 1.0),
            newest=None if rated is None else rated.newest,
            stratum=""
            if value is None
            else stratum_of(value, self.unit.bounds, binary=self._judge.metric.binary),
            length=len(reply_text(each.reply)),
            other_length=self._other_length(each.case, details, finder),
            akin=each.candidate in self.akin,
            swapped=tuple(_swapped(details)),
            weight=self._weights[each.case.id],
        )

    def _other_length(self, case: Case, details: Mapping[str, Json], finder: ReplyFinder) -> int | None:
        if "versus" not in details:
            return None
        other = finder.find(self._against or REFERENCE, case.id)
        return None if other is None else len(reply_text(other))


def _group(case: Case) -> str:
    # A group may be called as a case is: what each is stands before its name.
    return f"case {case.id}" if case.group is None else f"group {case.group}"


def _swapped(details: Mapping[str, Json]) -> Iterator[Swapped]:
    """Yield what each judge did with the sides exchanged."""
    judges = details.get("judges")
    for own in judges.values() if isinstance(judges, Mapping) else (details,):
        said = own.get("swapped") if isinstance(own, Mapping) else None
        if isinstance(said, str) and said in _SWAPPED:
            yield _SWAPPED[said]


def newest(rows: Sequence[JudgedReply]) -> float | None:
    """Return when the last rating came, in seconds since the epoch."""
    return max((row.newest for row in rows if row.newest is not None), default=None)
