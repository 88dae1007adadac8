"""`passmuster show`: from a stored run back to its cases and what each candidate answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from passmuster.decide.evidence import Behind
from passmuster.decide.phrases import counted
from passmuster.errors import UsageError
from passmuster.records.case import Case, case_digest
from passmuster.records.comparison import CaseEvidence
from passmuster.records.corpus import CorpusVersion
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Trial
from passmuster.workflows.compare import Question, measure
from passmuster.workflows.evidence import Again, Evidence

LATEST = "latest"


def find_run(
    runs: Sequence[tuple[Run, RunEnd | None]], name: str, task: str | None = None
) -> tuple[Run, RunEnd | None]:
    """Return the run with this id, with an id that begins so, or the newest for `latest`.

    Args:
        runs: Newest first.
        name: The id, its beginning, or `latest`.
        task: Whose runs `latest` looks at where there are any; runs made for labels or contamination are of others.

    Raises:
        UsageError: where there is none, or more than one.
    """
    if not runs:
        raise UsageError("there are no runs yet", hint="start one: passmuster run")
    if name == LATEST:
        return next((item for item in runs if item[0].task == task), runs[0])
    found = [item for item in runs if item[0].id == name] or [
        item for item in runs if item[0].id.startswith(name)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name!r} begins more than one run: {', '.join(item[0].id for item in found)}")
    close = get_close_matches(name, [item[0].id for item in runs], n=1) or [runs[0][0].id]
    raise UsageError(f"there is no run {name!r}", hint=f"did you mean {close[0]}? all runs: passmuster runs")


def run_evidence(
    question: Question, run: Run, stored: Mapping[str, Case], trials: Iterable[Trial], again: Again
) -> Evidence:
    """Return what a run's candidates answered, case by case, scored by the task's metrics of today.

    References are those of today's corpus where it still has the case, else those stored with the run.

    Args:
        question: The task, its metrics and today's corpus.
        run: The run.
        stored: The run's cases by digest, as the store keeps them.
        trials: The stored trials of the run's candidates.
        again: Reads the trials of some cases once more, where the evidence needs it.
    """
    today = {(case.id, case_digest(case)): case for case in question.corpus.cases}
    cases = tuple(
        today.get((name, digest)) or replace(stored[digest], id=name)
        for name, digest, _ in run.cases
        if digest in stored
    )
    corpus = CorpusVersion(
        version=run.corpus, path=question.corpus.path, split=question.corpus.split, cases=cases
    )
    task = replace(question.task, repeats=run.repeats)
    asked = Question(task=task, metrics=question.metrics, corpus=corpus, candidates=run.candidates)
    return measure(asked, trials, again)[1]


def find_case(evidence: Evidence, name: str) -> CaseEvidence:
    """Return the evidence of the case with this id.

    Raises:
        UsageError: where the run has no such case.
    """
    found = evidence.find(name)
    if found is not None:
        return found
    close = get_close_matches(name, evidence.ids, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the run has {counted(len(evidence), 'case')}"
    raise UsageError(f"this run has no case {name!r}", hint=hint)


def find_behind(
    evidence: Evidence, candidate: str, what: Behind, limit: int | None = None
) -> tuple[list[CaseEvidence], int]:
    """Return the cases behind a candidate's figures, up to `limit` of them, and how many there are.

    Raises:
        UsageError: where the run did not ask this candidate.
    """
    if candidate in evidence.names:
        return evidence.behind(candidate, what, limit)
    close = get_close_matches(candidate, evidence.names, n=1) or list(evidence.names[:1])
    hint = f"did you mean {close[0]}?" if close else None
    raise UsageError(f"this run asked no candidate {candidate!r}", hint=hint)
