"""What changed between two states of a corpus, and what stored trials say of both."""

from collections.abc import Callable, Iterator, Sequence

from passmuster.corpus.versions.compare import compare_states
from passmuster.corpus.versions.frozen import State
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.versions import state
from passmuster.project.load import Project
from passmuster.project.names import check_names
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.trial import Trial
from passmuster.records.version import VersionScores
from passmuster.workflows.compare import Question
from passmuster.workflows.corpus.diff import Diff, scores

__all__ = ["Diff", "diff", "version_scores"]


def diff(
    corpus: Corpus, before: str, after: str, *, with_scores: bool = True, only: Sequence[str] = ()
) -> Diff:
    """Return what changed from one state to another; where the project has stored trials, also the scores.

    Args:
        corpus: An open corpus.
        before: The beginning of a digest, `latest`, `now`, or a folder.
        after: The same.
        with_scores: Whether stored candidates are scored on both.
        only: Names of candidates; none is all.

    Raises:
        UsageError: for a name that is no version, or a candidate that there is not.
        CorpusError: where a file is wrong, or a frozen one was altered.
    """
    earlier, before_state = state(corpus, before)
    later, after_state = state(corpus, after)
    found: tuple[VersionScores, ...] = ()
    if with_scores and corpus.project is not None:
        found = version_scores(corpus.project, before_state, after_state, only=only)
    return Diff(before=earlier, after=later, changes=compare_states(before_state, after_state), scores=found)


def version_scores(
    project: Project, before: State, after: State, *, only: Sequence[str] = ()
) -> tuple[VersionScores, ...]:
    """Return what each candidate with stored trials scores on two states, and on what they share.

    Raises:
        UsageError: for an unknown candidate.
    """
    check_names(project, only)
    if not project.store_path.is_file():
        return ()
    chosen = tuple(each for each in project.candidates if not only or each.name in only)
    one, other = _scored(project, before), _scored(project, after)
    question = Question(
        task=project.task,
        metrics=project.metrics(),
        corpus=CorpusVersion(version="", path=project.settings.corpus.path, split="eval", cases=()),
        candidates=chosen,
    )
    return scores(question, one, other, _reader(project, chosen))


def _scored(project: Project, held: State) -> Sequence[Case]:
    """Return what the project would score of a state."""
    evaluated = held.parts.get("eval", ())
    return [*held.parts.get("train", ()), *evaluated] if project.settings.corpus.use == "all" else evaluated


def _reader(project: Project, chosen: Sequence[Candidate]) -> Callable[[], Iterator[Trial]]:
    digests = [candidate_digest(candidate) for candidate in chosen]

    def read() -> Iterator[Trial]:
        with project.store() as store:
            yield from store.trials(digests)

    return read
