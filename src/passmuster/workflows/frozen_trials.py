"""What of a stored trial is frozen: scores, times, tokens and costs, and of texts their digests."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from passmuster.decide.labels import classes_of
from passmuster.decide.outcomes import Turns
from passmuster.decide.pricing.review import ReviewRules
from passmuster.decide.pricing.trial import trial_cost
from passmuster.decide.success import success_rule
from passmuster.metrics.metric import LabelMetric, Metric
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.record import Json
from passmuster.records.reference import FrozenTrial, text_digest, wanted_digest
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Failure, Reply, Trial, Usage
from passmuster.workflows.cells import Cells
from passmuster.workflows.laying import Question, scores_of

KEPT: Mapping[str, tuple[str, ...]] = {"parts": ("parts",), "counts": ("counts", "differing")}
"""What of a score's details its figure needs, by how a metric is summarised."""


def frozen_trials(
    question: Question, candidate: Candidate, trials: Iterable[Trial], *, replies: bool = False
) -> Iterator[FrozenTrial]:
    """Yield what is frozen of a candidate's trials on the cases of a question; others are passed over.

    Args:
        question: The task, its metrics and the corpus.
        candidate: Whose trials.
        trials: Stored trials.
        replies: Whether the replies themselves are kept.
    """
    task, cases = question.task, question.corpus.cases
    cells, own = Cells(cases, task.repeats), candidate_digest(candidate)
    freezer = _Freezer(question, candidate, replies=replies)
    for trial in trials:
        place = cells.place(trial.key) if trial.key.candidate == own else None
        if place is None or (isinstance(trial.outcome, Failure) and trial.outcome.kind == "not_recorded"):
            continue
        yield freezer.frozen(cases[place // task.repeats], place % task.repeats, trial)


class _Freezer:
    """Makes the rows of one candidate."""

    def __init__(self, question: Question, candidate: Candidate, *, replies: bool) -> None:
        task, cases = question.task, question.corpus.cases
        self._candidate, self._metrics, self._replies = candidate, question.metrics, replies
        self._turns = Turns(task, question.metrics, success_rule(task))
        self._rules = ReviewRules(task.cost.review) if task.cost.review else None
        self._labels = {
            each.name: frozenset(classes_of(each, cases).labels)
            for each in question.metrics
            if isinstance(each, LabelMetric)
        }

    def frozen(self, case: Case, repeat: int, trial: Trial) -> FrozenTrial:
        """Return what is frozen of a trial."""
        scores = scores_of(case, trial, self._metrics)
        reply = trial.outcome if isinstance(trial.outcome, Reply) else None
        cost = trial_cost(self._candidate, case, trial, self._rules)
        return _with_times(
            trial,
            FrozenTrial(
                case=trial.key.case,
                id=case.id,
                repeat=repeat,
                reference=wanted_digest(case),
                reply=None if reply is None else text_digest(reply.text),
                failure=trial.outcome.kind if isinstance(trial.outcome, Failure) else None,
                turn=self._turns.of(case, trial.outcome, scores),
                scores={name: each.value for name, each in scores.items() if isinstance(each, Score)},
                unscored={name: each.kind for name, each in scores.items() if isinstance(each, ScoreFailure)},
                answers=_answers(scores, self._labels),
                details=_details(case, self._metrics, scores),
                source=trial.source,
                cost=None if cost.tokens is None else float(f"{cost.tokens:.9g}"),
                basis=cost.basis,
                review=cost.review if cost.reviewed else None,
                whole=reply if self._replies else None,
            ),
        )


def _with_times(trial: Trial, frozen: FrozenTrial) -> FrozenTrial:
    """Return it with when it was asked, how long it took, and the tokens of its last call."""
    calls = trial.calls
    if not calls:
        return frozen
    usage = calls[-1].usage or Usage()
    return replace(
        frozen,
        started=_rounded(calls[0].started, 3),
        seconds=_rounded(trial.latency, 6),
        first_token=_rounded(trial.first_token, 6),
        retried=round(trial.retried, 6),
        attempts=len(calls),
        in_flight=calls[0].in_flight,
        input=usage.input,
        output=usage.output,
        estimated=usage.estimated,
    )


def _answers(scores: Mapping[str, ScoreOutcome], labels: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return the labels that were read; what is no label of the task is text, and no text is kept."""
    return {
        name: each.answer
        for name, each in scores.items()
        if isinstance(each, Score) and each.answer is not None and each.answer in labels.get(name, ())
    }


def _details(
    case: Case, metrics: Sequence[Metric], scores: Mapping[str, ScoreOutcome]
) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {}
    for metric in metrics:
        score = scores.get(metric.name)
        if not isinstance(score, Score):
            continue
        kept = {name: score.details[name] for name in KEPT.get(metric.summary, ()) if name in score.details}
        truth = score.details.get("reference")
        if isinstance(metric, LabelMetric) and isinstance(truth, str) and truth != metric.label(case):
            kept["reference"] = truth
        if kept:
            found[metric.name] = kept
    return found


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
