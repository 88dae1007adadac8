"""What of a stored trial is frozen: scores, times, tokens and costs, and of texts their digests."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    turns = Turns(task, question.metrics, success_rule(task))
    rules = ReviewRules(task.cost.review) if task.cost.review else None
    labels = {
        each.name: frozenset(classes_of(each, cases).labels)
        for each in question.metrics
        if isinstance(each, LabelMetric)
    }
    for trial in trials:
        place = cells.place(trial.key) if trial.key.candidate == own else None
        if place is None or (isinstance(trial.outcome, Failure) and trial.outcome.kind == "not_recorded"):
            continue
        case = cases[place // task.repeats]
        scores = scores_of(case, trial, question.metrics)
        cost = trial_cost(candidate, case, trial, rules)
        usage = (trial.calls[-1].usage if trial.calls else None) or Usage()
        reply = trial.outcome if isinstance(trial.outcome, Reply) else None
        yield FrozenTrial(
            case=trial.key.case,
            id=case.id,
            repeat=place % task.repeats,
            reference=wanted_digest(case),
            reply=None if reply is None else text_digest(reply.text),
            failure=trial.outcome.kind if isinstance(trial.outcome, Failure) else None,
            turn=turns.of(case, trial.outcome, scores),
            scores={name: each.value for name, each in scores.items() if isinstance(each, Score)},
            unscored={name: each.kind for name, each in scores.items() if isinstance(each, ScoreFailure)},
            answers=_answers(scores, labels),
            details=_details(case, question.metrics, scores),
            source=trial.source,
            started=_rounded(trial.calls[0].started, 3) if trial.calls else None,
            seconds=_rounded(trial.latency, 6),
            first_token=_rounded(trial.first_token, 6),
            retried=round(trial.retried, 6),
            attempts=max(1, len(trial.calls)),
            in_flight=trial.calls[0].in_flight if trial.calls else None,
            input=usage.input,
            output=usage.output,
            estimated=usage.estimated,
            cost=None if cost.tokens is None else float(f"{cost.tokens:.9g}"),
            basis=cost.basis,
            review=cost.review if cost.reviewed else None,
            whole=reply if replies else None,
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
