"""Which replies may go out unseen, from Python: signals of confidence and a certified threshold on the stored trials."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from shlex import quote

from passmuster.errors import IncompleteError, UsageError
from passmuster.project.api import generated, question_of
from passmuster.project.load import Project
from passmuster.project.names import asked_candidates, check_names
from passmuster.project.pasted import refuse_pasted
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.escalation import EscalationReport
from passmuster.records.trial import Trial
from passmuster.workflows import escalate as escalating


def escalate(
    project: Project,
    candidate: str | None = None,
    *,
    target: float | None = None,
    delta: float | None = None,
    to: str | None = None,
) -> EscalationReport:
    """Judge the signals of confidence of a candidate's replies, and certify a threshold; no model is called.

    Args:
        project: The project; its key `escalation` says what is not said here.
        candidate: Whose replies; default: the incumbent, else the only LLM.
        target: The most share of the replies that go out unseen which may be wrong, above 0 and below 1.
        delta: The chance that a certified threshold does not keep it, above 0 and below 1.
        to: The candidate that gets the others; default: a person.

    Raises:
        IncompleteError: where the candidate has no trial yet.
        UsageError: for an unknown candidate, or one that is to escalate to itself.

    Example:
        >>> escalate(project, "gpt-4o-mini", target=0.05).sentence  # doctest: +SKIP
    """
    refuse_pasted(project)
    own = _candidate(project, candidate)
    policy = escalating.with_wishes(project.task.escalation, target=target, delta=delta, to=to)
    if policy.to is not None:
        check_names(project, [policy.to])
    if policy.to == own.name:
        raise UsageError(
            f"{own.name} cannot get the replies that it is itself not sure of",
            hint="Name another candidate with --to, or none: then a person gets them.",
        )
    question = question_of(project)
    sought = escalating.sought(question, own.name, policy)
    wanted = {own.name, *sought.others(policy)}
    chosen = tuple(each for each in project.candidates if each.name in wanted)
    return escalating.escalate(
        replace(question, candidates=chosen),
        _trials(project, own, chosen),
        (own.name, policy, sought),
        generated=generated(project),
    )


def _candidate(project: Project, name: str | None) -> Candidate:
    wanted = name or project.task.incumbent
    if wanted is not None:
        return asked_candidates(project, [wanted], everybody=True)[0]
    models = [each for each in project.asked if each.kind == "llm"]
    if len(models) != 1:
        raise UsageError(
            "whose replies? The project has no incumbent, and more than one candidate",
            hint=f"passmuster escalate NAME, with one of {', '.join(each.name for each in project.asked)}.",
        )
    return models[0]


def _trials(project: Project, own: Candidate, candidates: Sequence[Candidate]) -> Iterator[Trial]:
    with project.store() as store:
        mine = store.trials([candidate_digest(own)])
        first = next(iter(mine), None)
        if first is None:
            raise IncompleteError(
                f"no trials of {own.name} are stored yet",
                hint=f"Next: passmuster run --only {quote(own.name)}",
            )
        digests = [candidate_digest(each) for each in candidates if each.name != own.name]
        yield from chain([first], mine, store.trials(digests) if digests else ())
