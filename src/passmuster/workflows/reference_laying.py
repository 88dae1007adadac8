"""Where a committed reference is laid out over the cases of today: what still fits them, and why the rest does not."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from passmuster.decide.outcomes import Turns
from passmuster.decide.pricing.trial import TrialCost, infrastructure, labour
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case, case_digest
from passmuster.records.outcomes import Turn
from passmuster.records.reference import FrozenMetric, FrozenTrial, Reference, wanted_digest
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey, Usage
from passmuster.workflows.laying import scores_of

NO_CASE = "cases of the baseline that the corpus no longer has"
OTHER_REFERENCE = "cases whose reference changed since the baseline"
FEWER_REPEATS = "trials of repeats that the task no longer asks for"
OTHER_METRIC = "scores of {name}, which is computed otherwise now"
UNKNOWN_METRIC = "scores of {name}, which the baseline does not have"
IMPOSSIBLE = "scores of {name} that it never gives: the baseline was changed by hand"

MOST = 1e15
"""What no score exceeds, whatever its metric: sums over cases stay finite."""

NOT_COMPARABLE = "not_comparable"
"""The score failure of a trial whose score was computed by another version of a metric."""


@dataclass(frozen=True, slots=True)
class Known:
    """A trial with what is known of it: its scores, what it cost, and how it turned out."""

    trial: Trial
    scores: dict[str, ScoreOutcome]
    cost: TrialCost
    turn: Turn


def owners(trials: Iterable[FrozenTrial], cases: Iterable[Case]) -> dict[tuple[str, str], int]:
    """Return by input (digest) and old id the number of today's case: that of the same id, else one that is left."""
    ids: dict[str, dict[str, None]] = {}
    for trial in trials:
        ids.setdefault(trial.case, {})[trial.id] = None
    today: dict[str, dict[str, int]] = {}
    for number, case in enumerate(cases):
        digest = case_digest(case)
        if digest in ids:
            today.setdefault(digest, {})[case.id] = number
    found = {}
    for digest, then in ids.items():
        now = today.get(digest, {})
        left = [number for name, number in now.items() if name not in then]
        renamed = dict(zip([name for name in then if name not in now], left, strict=False))
        found.update(
            {(digest, name): number for name, number in ({**now, **renamed}).items() if name in then}
        )
    return found


class Frozen:
    """The trials of a reference as they count today.

    Args:
        reference: The reference.
        turns: Tells how trials turn out, by the metrics of today.
        scored_by: What these are: of another version, or with other options, old scores do not count.
    """

    def __init__(self, reference: Reference, turns: Turns, scored_by: Iterable[FrozenMetric]) -> None:
        self.candidate: Candidate = reference.definition
        self.left_out: Counter[str] = Counter()
        self._reference = reference
        self._turns = turns
        then = {metric.name: metric for metric in reference.scored_by}
        now = {metric.name: metric for metric in scored_by}
        self._same = {name for name, metric in now.items() if then.get(name) == metric}
        self._why = {
            metric.name: (OTHER_METRIC if metric.name in then else UNKNOWN_METRIC).format(name=metric.name)
            for metric in turns.metrics
            if metric.name not in self._same
        }

    def on(self, cases: Sequence[Case], repeats: int) -> Iterator[tuple[int, int, FrozenTrial]]:
        """Yield case (number), repeat and trial of what can be compared; the rest is counted in `left_out`."""
        gone: dict[str, set[tuple[str, str]]] = {NO_CASE: set(), OTHER_REFERENCE: set()}
        places = owners(self._reference.trials, cases)
        for trial in self._reference.trials:
            own = (trial.case, trial.id)
            index = places.get(own)
            if index is None:
                gone[NO_CASE].add(own)
            elif trial.whole is None and trial.reference != wanted_digest(cases[index]):
                gone[OTHER_REFERENCE].add(own)
            elif trial.repeat >= repeats:
                self.left_out[FEWER_REPEATS] += 1
            else:
                yield index, trial.repeat, trial
        self.left_out.update({reason: len(found) for reason, found in gone.items() if found})

    def known(self, case: Case, frozen: FrozenTrial) -> Known:
        """Return a trial with what is known of it: as the file says, or scored anew where the file holds the reply."""
        trial = _trial(frozen, self._reference.digest)
        cost = TrialCost(
            tokens=frozen.cost,
            infrastructure=infrastructure(self.candidate),
            review=frozen.review or 0.0,
            labour=labour(self.candidate),
            reviewed=frozen.review is not None,
            basis=frozen.basis,
        )
        is_other = bool(self._why) or frozen.reference != wanted_digest(case)
        if frozen.failure is not None or (frozen.whole is not None and is_other):
            scores = scores_of(case, trial, self._turns.metrics)
            return Known(trial, scores, cost, self._turns.of(case, trial.outcome, scores))
        self.left_out.update(self._why.values())
        scores = {metric.name: self._score(metric.name, frozen) for metric in self._turns.metrics}
        return Known(trial, scores, cost, self._turn(frozen, scores))

    def _turn(self, frozen: FrozenTrial, scores: Mapping[str, ScoreOutcome]) -> Turn:
        """Return how a trial turned out, which the metric says that tells successes: where its score is none, nobody knows."""
        judged = frozen.turn in ("correct", "silent_failure")
        score = scores.get(self._turns.rule.metric)
        gone = isinstance(score, ScoreFailure) and score.message == IMPOSSIBLE.format(
            name=self._turns.rule.metric
        )
        return "unknown" if judged and (gone or self._turns.rule.metric not in self._same) else frozen.turn

    def _score(self, metric: str, frozen: FrozenTrial) -> ScoreOutcome:
        if metric not in self._same:
            return ScoreFailure(kind=NOT_COMPARABLE, message=self._why.get(metric, metric))
        value = frozen.scores.get(metric)
        if value is None:
            return ScoreFailure(
                kind=frozen.unscored.get(metric, NOT_COMPARABLE), message="frozen without a score"
            )
        if not self._possible(metric, value):
            why = IMPOSSIBLE.format(name=metric)
            self.left_out[why] += 1
            return ScoreFailure(kind=NOT_COMPARABLE, message=why)
        details: Mapping[str, object] = frozen.details.get(metric, {})
        return Score(value=value, answer=frozen.answers.get(metric), details=details)

    def _possible(self, name: str, value: float) -> bool:
        """Say whether a metric gives such a score: anybody may have edited the file."""
        metric = next(each for each in self._turns.metrics if each.name == name)
        low, high = metric.bounds
        return max(low, -MOST) <= value <= min(high, MOST) and (not metric.binary or value in (0.0, 1.0))


def _trial(frozen: FrozenTrial, candidate: str) -> Trial:
    outcome: Reply | Failure
    if frozen.failure is not None:
        outcome = Failure(kind=frozen.failure, message="frozen in a baseline")
    else:
        outcome = frozen.whole or Reply(text="")
    return Trial(
        key=TrialKey(frozen.case, candidate, frozen.repeat),
        case_id=frozen.id,
        outcome=outcome,
        attempts=_attempts(frozen),
        source=frozen.source,
    )


def _attempts(frozen: FrozenTrial) -> tuple[Attempt, ...]:
    """Return attempts that give the same times: the last one with its tokens, and the earlier ones before it."""
    if frozen.started is None:
        return ()
    later = frozen.retried if frozen.attempts > 1 else 0.0
    usage = (
        None
        if frozen.input is None and frozen.output is None
        else Usage(input=frozen.input, output=frozen.output, estimated=frozen.estimated)
    )
    last = Attempt(
        started=frozen.started + later,
        seconds=None if frozen.seconds is None else frozen.seconds - later,
        first_token=None if frozen.first_token is None else frozen.first_token - later,
        usage=usage,
        error=frozen.failure,
        in_flight=frozen.in_flight,
    )
    first = Attempt(started=frozen.started, in_flight=frozen.in_flight, error="server_error")
    return (*(first for _ in range(frozen.attempts - 1)), last)
