"""Sample cases from the imported traffic of a corpus."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.ingest.folder import CorpusFolder, OpenSplit
from passmuster.adapters.ingest.quarantine import account_of
from passmuster.adapters.ingest.traffic import ENDING
from passmuster.adapters.seal.lock import read_lock
from passmuster.corpus.populations import cases_of, populations
from passmuster.corpus.sampling.reservoir import MOST_STRATA, OTHER
from passmuster.errors import UsageError
from passmuster.project.api import trials
from passmuster.project.corpus.clean import scrubber
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.streams import Strata, Watch, chosen_traffic, stream
from passmuster.project.load import Project
from passmuster.records.case import Case, Origin, case_digest
from passmuster.records.sampling import Sampled
from passmuster.records.score import Score
from passmuster.records.trial import Reply, Trial
from passmuster.workflows.corpus.sample import Draft, SampleOrder
from passmuster.workflows.corpus.sample import sample as sampling

__all__ = ["MOST_STRATA", "OTHER", "SampleOrder", "deviations_of", "sample", "unsplit_cases", "unsplit_file"]

LEAST_SCORES = 5
"""Scores of a stratum below which its own standard deviation says nothing."""


def unsplit_file(folder: CorpusFolder) -> Path:
    """Return the file of cases that are not split yet; it need not exist."""
    return folder.unsplit


def unsplit_cases(folder: CorpusFolder) -> Sequence[Case]:
    """Return the cases that are not split yet.

    Raises:
        CorpusError: where their file is wrong.
    """
    path = unsplit_file(folder)
    return read_cases(path) if path.is_file() and path.stat().st_size else ()


def sample(
    corpus: Corpus,
    order: SampleOrder,
    *,
    strata: str | None = None,
    neyman: str | None = None,
    sources: Sequence[str] = (),
    watch: Watch | None = None,
) -> Sampled:
    """Draw cases from traffic and append them to those that are not split yet.

    Personal data is replaced in them unless the settings turn that off. Cases of an earlier sample of the same traffic keep
    their place and get the weight that they have in the larger one.

    Args:
        corpus: An open corpus.
        order: How many, and how.
        strata: What makes the strata; default: what the settings name.
        neyman: A candidate whose stored scores say how much they vary in each stratum; default: proportional.
        sources: The names of imports to draw from; default: all, once a holdout is sealed all that came after.
        watch: Is told how many records have been gone through.

    Raises:
        UsageError: for traffic that is not there, a rule that no record fits, a size that is too small, and where
            all traffic is older than the seal of the holdout.
        CorpusError: where a file is wrong or cannot be written; nothing is changed then.
    """
    files: Sequence[Path] = chosen_traffic(corpus, sources)
    if not sources:
        files = _imported_since_sealing(corpus, files)
    deviations = None if neyman is None else deviations_of(corpus, neyman)
    waiting = list(unsplit_cases(corpus.folder))
    held: dict[OpenSplit, Sequence[Case]] = {
        "train": corpus.folder.split("train"),
        "eval": corpus.folder.split("eval"),
    }
    rule = Strata(corpus, strata, files, watch)
    known, apart = _ids([*waiting, *held["train"], *held["eval"]], corpus.folder, order.origin)
    draft = sampling(
        stream(files, watch), order, stratum=rule.of, deviations=deviations, known=known, apart=apart
    )
    rule.check_seen()
    clean = scrubber(corpus)
    path = unsplit_file(corpus.folder)
    corpus.folder.keep_out_of_git()
    write_cases(path, [*_weighed(waiting, draft.weights), *map(clean, draft.cases)])
    for side, cases in held.items():
        if any(case.id in draft.weights for case in cases):
            corpus.folder.write_split(side, _weighed(cases, draft.weights))
    found = _result(draft, order, path)
    return replace(
        found,
        strata_by=rule.by,
        allocation="neyman" if deviations else "proportional",
        personal={str(kind): count for kind, count in clean.counts.items()},
        sources=tuple(file.name for file in files),
        sealed=corpus.folder.sealed.exists(),
    )


def _imported_since_sealing(corpus: Corpus, files: Sequence[Path]) -> Sequence[Path]:
    """Return the traffic that cannot hold the cases of the sealed holdout: what was imported after it was sealed.

    Raises:
        UsageError: where there is none.
        SealError: where the lock was altered.
    """
    if not corpus.folder.lock.is_file():
        return files
    sealed = read_lock(corpus.folder.lock).time
    newer = [path for path in files if _imported(path) > sealed]
    if not newer:
        raise UsageError(
            "all traffic was imported before the holdout was sealed: its cases could be drawn once more",
            hint="Import newer traffic. Or name what you mean, --from NAME, and let the custodian look: "
            "passmuster corpus verify --additions",
        )
    return newer


def _imported(path: Path) -> float:
    found = account_of(path.parent, path.name.removesuffix(ENDING))
    return path.stat().st_mtime if found is None or found.imported is None else found.imported


def _result(draft: Draft, order: SampleOrder, path: Path) -> Sampled:
    return Sampled(
        path=str(path),
        traffic=draft.traffic,
        cases=len(draft.cases),
        wanted=order.size,
        strata=draft.strata,
        minimum=draft.minimum,
        seed=order.seed,
        bounded=draft.bounded,
        reweighted=len(draft.weights),
    )


def _ids(cases: Iterable[Case], folder: CorpusFolder, origin: Origin) -> tuple[set[str], set[str]]:
    """Return the ids of cases that are a sample of the same traffic, and those of all others."""
    known, apart = set[str](), {case.id for pool in folder.pools().values() for case in pool}
    for case in cases:
        (known if case.category == "typical" and case.origin == origin else apart).add(case.id)
    return known, apart


def _weighed(cases: Iterable[Case], weights: Mapping[str, float]) -> Iterable[Case]:
    return (replace(case, weight=weights.get(case.id, case.weight)) for case in cases)


def deviations_of(corpus: Corpus, candidate: str) -> dict[str, float] | None:
    """Return the standard deviation of a candidate's stored scores in each stratum; None where none are stored.

    The scores are those of the first metric; a failed trial counts as 0. A stratum with fewer than 5 scored cases
    is left out: allocation then uses the mean of the others. Deviations are drawn a little towards the one of all scores, so
    that a stratum in which a few scores were equal is not left without cases.

    Raises:
        UsageError: for an unknown candidate, or without a project.
    """
    project = corpus.need_project("allocation by the scores of a candidate")
    scores: defaultdict[str, list[float]] = defaultdict(list)
    cases = project.corpus().cases
    main = cases_of(populations(cases).main, cases)
    strata = {case_digest(case): case for case in main if case.stratum is not None}
    for trial in trials(project, only=[candidate])[candidate]:
        case = strata.get(trial.key.case)
        value = None if case is None else _score(project, case, trial)
        if case is not None and value is not None:
            scores[case.stratum or ""].append(value)
    every = [value for values in scores.values() for value in values]
    if len(every) < LEAST_SCORES:
        return None
    whole = float(np.var(every))
    return {
        name: float(np.sqrt((len(values) * np.var(values) + 2 * whole) / (len(values) + 2)))
        for name, values in scores.items()
        if len(values) >= LEAST_SCORES
    }


def _score(project: Project, case: Case, trial: Trial) -> float | None:
    if not isinstance(trial.outcome, Reply):
        return 0.0
    found = project.metrics()[0].score(case, trial.outcome)
    return found.value if isinstance(found, Score) else None
