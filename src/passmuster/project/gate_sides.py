"""Who is held against whom: the version of now, and the one of before from the store or from a committed file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from passmuster.adapters.ingest.references import read_reference
from passmuster.corpus.egress import may_receive
from passmuster.errors import IncompleteError, UsageError
from passmuster.project.api import stored_trials
from passmuster.project.load import Project
from passmuster.project.names import asked_candidates
from passmuster.project.references import frozen_metrics, newest_baseline
from passmuster.project.validate import closest
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.reference import Reference
from passmuster.records.trial import Trial
from passmuster.runner.plan import plan
from passmuster.workflows.gate import Committed, Stored

_FREEZE = "Freeze what is in production: passmuster baseline. Or name whom to hold it against: --against NAME or FILE."


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSides:
    """The version of before and the one of now."""

    old: Stored | Committed
    new: Stored

    @property
    def stored(self) -> tuple[Stored, ...]:
        """The sides whose trials are in the store."""
        return (self.new,) if isinstance(self.old, Committed) else (self.old, self.new)


def sides_of(project: Project, candidate: str | None = None, against: str | None = None) -> GateSides:
    """Return who is held against whom.

    Args:
        project: The project.
        candidate: Whose change it is; default: the incumbent as it is now, where a baseline of it is committed, else the
            only other LLM.
        against: A candidate, or the file of a baseline; default: the newest baseline of the incumbent, else its stored
            trials.

    Raises:
        UsageError: where that names nobody, or cannot be told from the project.
        RecordingError: for a baseline that cannot be read.
    """
    if against is not None:
        return _against(project, candidate, against)
    incumbent = project.task.incumbent
    if incumbent is None:
        raise UsageError(
            "the project names no incumbent to hold a change against",
            hint="Write `incumbent: NAME` in passmuster.yaml, or name a side: --against NAME or FILE.",
        )
    found = newest_baseline(project, incumbent)
    if found is not None:
        return GateSides(old=_committed(project, *found), new=_stored(project, candidate or incumbent))
    name = candidate or _only_other(project, incumbent)
    if name == incumbent:
        raise UsageError(
            f"there is no baseline of {incumbent} in {project.reports_dir}, and it is the incumbent itself",
            hint=_FREEZE,
        )
    return GateSides(old=_stored(project, incumbent), new=_stored(project, name))


def missing_trials(project: Project, side: Stored) -> int:
    """Return how many trials the store does not have yet of a version, on the cases that it may receive."""
    candidate = side.candidate
    whole = plan(project.corpus().cases, [candidate], project.task.repeats)
    with project.store() as store:
        done = store.done(whole.candidates)
    return sum(
        ask.key not in done
        for ask in whole
        if candidate.egress is None or may_receive(candidate.egress, ask.case)
    )


def refuse_missing(project: Project, sides: GateSides, *, asked: bool = False) -> None:
    """Refuse to compare what was not asked whole; `asked` says that it has just been tried to ask it.

    Raises:
        IncompleteError: where trials of a version are missing, with the command that asks them.
    """
    missing = missing_trials(project, sides.new)
    name = sides.new.candidate.name
    if not missing:
        return
    if asked:
        raise IncompleteError(
            f"{missing:,} trials of {name} could not be asked, so that nothing is compared",
            hint="What is finished is kept. Mend what is told above and give this command again: it goes on from there.",
        )
    raise IncompleteError(
        f"{missing:,} trials of {name} are not stored yet",
        hint=f"Next: passmuster run --only {quote(name)}. Or give this command with --run: the gate then asks them.",
    )


def _against(project: Project, candidate: str | None, against: str) -> GateSides:
    names = [each.name for each in project.candidates]
    incumbent = project.task.incumbent
    if against in names:
        name = candidate or (incumbent if incumbent not in (None, against) else _only_other(project, against))
        if name is None or name == against:
            raise UsageError(
                f"{against} would be held against itself",
                hint="Name another candidate, or a baseline's file.",
            )
        return GateSides(old=_stored(project, against), new=_stored(project, name))
    path = Path(against)
    if not path.is_file():
        hint = closest(against, names) if "." not in path.name and "/" not in against else None
        raise UsageError(f"--against {against}: there is no such candidate, and no such file", hint=hint)
    reference = read_reference(path)
    if reference.task != project.task.name:
        raise UsageError(
            f"{against} is a baseline of the task {reference.task!r}, and this is {project.task.name!r}",
            hint="Take the baseline of this task, or freeze one: passmuster baseline",
        )
    name = candidate or incumbent or reference.definition.name
    return GateSides(old=_committed(project, path, reference), new=_stored(project, name))


def _only_other(project: Project, name: str) -> str:
    """Return the only LLM that is not this candidate.

    Raises:
        UsageError: where there are none or several.
    """
    others = [each.name for each in project.asked if each.kind == "llm" and each.name != name]
    if len(others) != 1:
        told = f"{len(others)} other LLMs: {', '.join(others[:10])}" if others else "no other LLM"
        raise UsageError(
            f"there is no baseline of {name}, and the project has {told}",
            hint=f"Name the one whose change this is: passmuster gate NAME. {_FREEZE}",
        )
    return others[0]


def _stored(project: Project, name: str) -> Stored:
    candidate = asked_candidates(project, [name], everybody=True)[0]
    return Stored(candidate=candidate, read=_reader(project, candidate))


def _reader(project: Project, candidate: Candidate) -> Callable[[], Iterable[Trial]]:
    read = stored_trials(project, [candidate])
    return lambda: read(())


def _committed(project: Project, path: Path, reference: Reference) -> Committed:
    return Committed(reference=reference, path=path, scored_by=frozen_metrics(project))


def is_rerun(sides: GateSides) -> bool:
    """Return whether both sides are the same version: then only what the provider does can differ."""
    old = sides.old
    before = candidate_digest(old.candidate) if isinstance(old, Stored) else old.reference.digest
    return before == candidate_digest(sides.new.candidate)
