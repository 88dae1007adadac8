"""The stored replies of a project, as people are asked about them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Self

from passmuster.corpus.populations import cases_of, populations
from passmuster.errors import IncompleteError, UsageError
from passmuster.metrics.answers import as_text
from passmuster.metrics.metric import Metric
from passmuster.project.load import Project
from passmuster.project.names import asked_candidates
from passmuster.project.validate import closest
from passmuster.records.candidate import candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.trial import Reply
from passmuster.workflows.cells import Cells

REFERENCE = "reference"
"""Whose the other reply of a pair is, where it is the case's own reference."""


class Replied(NamedTuple):
    """A stored reply: whose it is, to which case, which round of it this is, and when it came (None: unknown)."""

    candidate: str
    case: Case
    repeat: int
    reply: Reply
    when: float | None = None


def stored_replies(project: Project, only: Sequence[str] = ()) -> Iterator[Replied]:
    """Yield the replies that candidates gave to the cases of today, as the store has them.

    Args:
        project: The project.
        only: Names of candidates; none is all.

    Raises:
        UsageError: for an unknown candidate.
    """
    cases = project.corpus().cases
    repeats = project.task.repeats
    cells = Cells(cases, repeats)
    names: dict[str, list[str]] = {}
    for candidate in asked_candidates(project, only, everybody=True):
        names.setdefault(candidate_digest(candidate), []).append(candidate.name)
    with project.store() as store:
        for trial in store.trials(names):
            cell = cells.place(trial.key)
            if cell is not None and isinstance(trial.outcome, Reply):
                case, repeat = divmod(cell, repeats)
                when = trial.attempts[-1].started if trial.attempts else None
                for name in names[trial.key.candidate]:
                    yield Replied(name, cases[case], repeat, trial.outcome, when)


def stored_or_refused(project: Project, only: Sequence[str] = ()) -> list[Replied]:
    """Return the stored replies of these candidates.

    Raises:
        IncompleteError: where there is none.
        UsageError: for an unknown candidate.
    """
    found = list(stored_replies(project, only))
    if not found:
        raise IncompleteError("no replies are stored for this project yet", hint="Next: passmuster run")
    return found


def worth_asking(project: Project, replies: Iterable[Replied]) -> list[Replied]:
    """Return the replies to cases that carry the figures of a comparison: ratings of others would be used nowhere.

    They are in the order of their cases, whatever the order in which they came: so the same seed draws the same anywhere.

    Raises:
        IncompleteError: where there is none.
    """
    cases = project.corpus().cases
    places = {case.id: place for place, case in enumerate(cases_of(populations(cases).main, cases))}
    found = [each for each in replies if each.case.id in places]
    if not found:
        raise IncompleteError(
            "no reply is stored to any case that carries figures (only to edge, adversarial or other cases apart)",
            hint="Next: passmuster run",
        )
    return sorted(found, key=lambda each: (places[each.case.id], each.candidate, each.repeat))


class ReplyFinder:
    """Finds stored replies by whose they are.

    Args:
        project: The project; its store is opened for the first look-up.
        ids: The ids of the cases that are looked for; None is all.
    """

    def __init__(self, project: Project, ids: Iterable[str] | None = None) -> None:
        cases = project.corpus().cases
        wanted = None if ids is None else set(ids)
        self._project = project
        self._cells = Cells(cases, project.task.repeats)
        self._digests = {each.name: candidate_digest(each) for each in project.asked}
        self._places = {
            case.id: place for place, case in enumerate(cases) if wanted is None or case.id in wanted
        }
        self.cases = {name: cases[place] for name, place in self._places.items()}
        """The cases by id."""
        self._store = project.store()

    def __enter__(self) -> Self:
        """Return itself; the store is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self._store.close()

    def find(self, candidate: str, case: str, repeat: int = 0) -> Reply | None:
        """Return a candidate's reply to a case (its id); None where there is none.

        The reference of a case is found as the reply of `reference`.
        """
        if case not in self._places:
            return None
        if candidate == REFERENCE and candidate not in self._digests:
            reference = self.cases[case].reference
            return None if reference is None else Reply(text=as_text(reference))
        if candidate not in self._digests or not 0 <= repeat < self._project.task.repeats:
            return None
        key = self._cells.key(self._digests[candidate], self._places[case], repeat)
        found = self._store.answer(key)
        return found if isinstance(found, Reply) else None

    def digest(self, case: str) -> str:
        """Return the digest of a case's input."""
        return case_digest(self.cases[case])


def find_metric(project: Project, name: str) -> Metric:
    """Return the metric of a project with this name.

    Raises:
        UsageError: where there is none, with the closest one.
    """
    metrics = {metric.name: metric for metric in project.metrics()}
    if name not in metrics:
        raise UsageError(f"the task has no metric {name!r}", hint=closest(name, metrics))
    return metrics[name]
