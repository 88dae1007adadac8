"""`corpus label model`: a trusted model labels cases in an ordinary run, and its labels are marked as a machine's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from passmuster.corpus.labels.prompt import label_prompt, read_label
from passmuster.records.candidate import Candidate, Prompt
from passmuster.records.case import Case, case_digest
from passmuster.records.label import Label
from passmuster.records.record import Record
from passmuster.records.run import RunEnd
from passmuster.records.trial import Reply, Trial

NOTE = 500
"""Characters of an answer that are kept where it names no label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLabels(Record):
    """What a model labelled: its labels, cases whose answer names none, calls that failed, cases it may not be sent.

    `unreadable` are among the labels, without a value: the model saw them. `run` is how the run ended.
    """

    annotator: str
    labels: tuple[Label, ...]
    unreadable: int
    failed: int
    withheld: int
    run: RunEnd


def labeller(candidate: Candidate, labels: Sequence[str], prompt: Prompt | None, *, own: bool) -> Candidate:
    """Return the candidate as it is asked for labels: with a prompt for them, so that these are trials of their own.

    Args:
        candidate: The one that is trusted.
        labels: Those that there are; none for answers of any form.
        prompt: The prompt to ask with; default: one that lists the labels.
        own: Whether the candidate's own prompt is taken, as where references are no labels.
    """
    if own or candidate.kind != "llm":
        return candidate
    return replace(candidate, prompt=prompt or label_prompt(labels))


def model_labels(
    candidate: Candidate,
    trials: Iterable[Trial],
    cases: Sequence[Case],
    labels: Sequence[str],
    end: RunEnd,
) -> ModelLabels:
    """Return the labels in these trials of a candidate, one a case; a failed call is none.

    Args:
        candidate: The labeller; its name is the annotator's.
        trials: Its stored trials.
        cases: Those that were to be labelled.
        labels: Those that there are; none for answers of any form.
        end: How the run ended.
    """
    replies = _first(trials)
    found, failed = [], 0
    for case in cases:
        trial = replies.get(case_digest(case))
        if trial is None:
            continue
        if isinstance(trial.outcome, Reply):
            found.append(_label(candidate, case, trial, trial.outcome, labels))
        else:
            failed += 1
    return ModelLabels(
        annotator=candidate.name,
        labels=tuple(found),
        unreadable=sum(label.value is None for label in found),
        failed=failed,
        withheld=sum(end.withheld.values()),
        run=end,
    )


def _first(trials: Iterable[Trial]) -> Mapping[str, Trial]:
    """Return the trial of the first repeat of each case that has one: cases with equal input share a label."""
    found: dict[str, Trial] = {}
    for trial in trials:
        before = found.get(trial.key.case)
        if before is None or trial.key.repeat < before.key.repeat:
            found[trial.key.case] = trial
    return found


def _label(candidate: Candidate, case: Case, trial: Trial, reply: Reply, labels: Sequence[str]) -> Label:
    value = read_label(reply.text, labels)
    when = trial.attempts[-1].started if trial.attempts else None
    return Label(
        case=case.id,
        value=value,
        annotator=candidate.name,
        kind="machine",
        time=when,
        input=case_digest(case),
        source=candidate.model or candidate.provider,
        confidence=reply.confidence,
        note=None if value is not None else f"answered: {reply.text[:NOTE]}",
    )
