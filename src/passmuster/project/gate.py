"""The gate from Python: a change held against what is in production."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from passmuster.adapters.ingest.failure_modes import FILE_NAME, FailureModes
from passmuster.decide.gate.compared import Compared
from passmuster.decide.gate.report import gate_report
from passmuster.decide.gate.triage import Cases, triage
from passmuster.errors import EXIT_FAIL, EXIT_OK, EXIT_UNDECIDED
from passmuster.ports import Progress
from passmuster.project.api import question_of
from passmuster.project.asking import Silent
from passmuster.project.gate_again import AgainWish, Asking, asks_again, run_again
from passmuster.project.gate_sides import GateSides, is_rerun, refuse_missing, sides_of
from passmuster.project.load import Project
from passmuster.project.pasted import refuse_pasted
from passmuster.project.references import definition_of
from passmuster.records.candidate import Candidate
from passmuster.records.failure_mode import FailureMode
from passmuster.records.gate import GateReport, fails
from passmuster.workflows.gate import Committed, Stored, compared


@dataclass(frozen=True, slots=True, kw_only=True)
class GateWish:
    """How a gate is to be made; None takes what the project file says.

    `again` is how often a case whose result changed is asked again, 0 is never; `floor` the cases at most that the old version
    is asked once more, for the noise floor, 0 is none; `budget` the most that this may cost, in US dollars. `baseline_age` is
    in seconds.
    """

    again: int | None = None
    floor: int | None = None
    budget: float | None = None
    fail_on: Literal["investigate", "block"] | None = None
    baseline_age: float | None = None


def gate(
    project: Project,
    candidate: str | None = None,
    *,
    against: str | None = None,
    wish: GateWish | None = None,
    progress: Progress | None = None,
) -> GateReport:
    """Hold a change against what is in production; `exit_code_of_gate` says whether it may pass.

    Cases whose result changed are asked again, unless the wish says otherwise; nothing else is asked.

    Args:
        project: The project.
        candidate: Whose change it is; default: the incumbent as it is now against its newest committed baseline, or the
            only other LLM against the incumbent.
        against: A candidate, or the file of a baseline.
        wish: What differs from the project file.
        progress: Is told how asking again goes on.

    Raises:
        UsageError: where it cannot be told who is held against whom.
        RecordingError: for a baseline that cannot be read.
        IncompleteError: where trials of the candidate are missing.
        StoreError: where the store cannot be read or written.
    """
    sides = sides_of(project, candidate, against)
    refuse_missing(project, sides)
    return finished(project, prepared(project, sides, wish), progress=progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Both sides over the same cases, and what is to be asked again: None where nothing is to be."""

    compared: Compared
    cases: Cases
    asking: Asking | None
    again: AgainWish


def prepared(project: Project, sides: GateSides, wish: GateWish | None = None) -> Prepared:
    """Return what the gate is made from, and what it would ask again; no model is called.

    Raises:
        ConfigurationError: for a prompt that holds a case which is scored.
        StoreError: where the store cannot be read.
    """
    refuse_pasted(project)
    wish = wish or GateWish()
    found = _laid(project, sides, wish)
    cases = Cases(main=found.main, apart=found.apart, modes=_modes(project))
    since = _newest(sides.old) if is_rerun(sides) else None
    again = AgainWish(times=found.task.gate.again, budget=wish.budget, since=since)
    if wish.floor is not None:
        again = replace(again, sample=wish.floor)
    asking = None
    if wish.again != 0:
        asking = asks_again(project, cases, _definition(project, sides.old), sides.new.candidate, again)
    return Prepared(compared=found, cases=cases, asking=asking, again=again)


def finished(project: Project, work: Prepared, *, progress: Progress | None = None) -> GateReport:
    """Ask again what is to be asked, and return what the gate finds out.

    Raises:
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be read or written.
        KeyboardInterrupt: where asking was interrupted; what was finished is stored.
    """
    cases = work.cases
    if work.asking is not None:
        asked = run_again(project, work.asking, work.again, progress=progress or Silent())
        cases = replace(cases, again=asked.again)
    task = work.compared.task
    return gate_report(replace(work.compared, triage=triage(task, cases)))


def _laid(project: Project, sides: GateSides, wish: GateWish) -> Compared:
    """Return both sides over the same cases, with the policy of the project as the wish changes it."""
    named = ("again", "fail_on", "baseline_age")
    changes: dict[str, Any] = {name: getattr(wish, name) for name in named if getattr(wish, name)}
    question = question_of(project)
    task = replace(question.task, gate=replace(question.task.gate, **changes))
    return compared(replace(question, task=task), sides.old, sides.new, now=project.clock.now())


def _definition(project: Project, old: Stored | Committed) -> Candidate | None:
    """Return what the old version was, as far as it can be asked again: what was hidden in a file cannot."""
    return old.candidate if isinstance(old, Stored) else definition_of(project, old.reference)


def _newest(old: Stored | Committed) -> float | None:
    """Return when the old version was asked last."""
    if isinstance(old, Stored):
        return None
    return max((each.started for each in old.reference.trials if each.started is not None), default=None)


def exit_code_of_gate(report: GateReport, *, allow_undecided: bool = False) -> int:
    """Return the exit code of a gate: 1 it fails, 3 it cannot be told, else 0.

    Args:
        report: What it found out.
        allow_undecided: Whether a change passes of which it cannot be told.
    """
    if fails(report):
        return EXIT_FAIL
    if report.level in ("undecided", "refused") and not allow_undecided:
        return EXIT_UNDECIDED
    return EXIT_OK


def _modes(project: Project) -> tuple[FailureMode, ...]:
    corpus = project.folder / project.settings.corpus.path
    return FailureModes(corpus.parent / FILE_NAME).modes()
