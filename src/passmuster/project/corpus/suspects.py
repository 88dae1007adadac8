"""`corpus suspects` on a folder: its open cases, the store of its project, and the baseline."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from passmuster.adapters.duplicates import near_duplicates
from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.providers.baselines.out_of_fold import out_of_fold
from passmuster.corpus.suspects.rank import Suspect
from passmuster.errors import ConfigurationError
from passmuster.metrics.labels.f1_per_class import F1PerClass
from passmuster.metrics.metric import Metric
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.project.corpus.label import open_files
from passmuster.project.corpus.opening import Corpus
from passmuster.project.load import Project
from passmuster.records.candidate import candidate_digest
from passmuster.records.digest import plain
from passmuster.records.record import Record
from passmuster.records.trial import Trial
from passmuster.workflows.corpus.label import distinct
from passmuster.workflows.corpus.suspects import Stored, SuspectReport, find_suspects


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectWish(Record):
    """Which cases are judged, by whom, and how many suspects are named (None: all cases, in order)."""

    splits: tuple[str, ...] = ()
    baseline: bool = True
    metric: str | None = None
    limit: int | None = None
    seed: int = 0


def suspect_labels(corpus: Corpus, wish: SuspectWish) -> SuspectReport:
    """Return the suspect labels of the open cases; no model is called.

    Raises:
        NotAvailableError: where references are no labels, or there is nobody to doubt them.
        UsageError: for a metric that the task does not have, or that reads no labels.
    """
    cases = distinct(open_files(corpus, wish.splits))
    fitted = out_of_fold if wish.baseline else None
    return find_suspects(
        cases, _stored(corpus, wish), fitted, near_duplicates, limit=wish.limit, seed=wish.seed
    )


def _stored(corpus: Corpus, wish: SuspectWish) -> Stored:
    """Return what the store of the project has; nothing without a project, or before the first run."""
    project = corpus.project
    if project is None:
        return Stored()
    metric = _metric(project.metrics(), wish.metric)
    if metric is None or not project.store_path.is_file():
        return Stored(metric=metric)
    candidates = project.asked
    return Stored(
        candidates=candidates,
        trials=_trials(project, [candidate_digest(candidate) for candidate in candidates]),
        metric=metric,
        repeats=project.task.repeats,
    )


def _trials(project: Project, digests: Sequence[str]) -> Iterator[Trial]:
    """Yield the stored trials of these candidates, one at a time."""
    with project.store() as store:
        yield from store.trials(digests)


def _metric(metrics: Sequence[Metric], name: str | None) -> Metric | None:
    """Return the metric that reads labels out of replies: the one that is named, else the first."""
    readers = [each for each in metrics if isinstance(each, ExactMatch | F1PerClass)]
    if name is None:
        return readers[0] if readers else None
    found = next((each for each in readers if each.name == name), None)
    if found is None:
        there = ", ".join(each.name for each in readers) or "none"
        raise ConfigurationError(
            f"the task has no metric {name!r} that reads labels", hint=f"Those that do: {there}"
        )
    return found


def write_suspects(path: Path, found: Sequence[Suspect]) -> int:
    """Write suspects to a file of JSON lines, the most doubtful first, and return how many there are.

    Raises:
        CorpusError: where it cannot be written.
    """
    return write_lines(path, (json.dumps(plain(each), ensure_ascii=False) for each in found))
