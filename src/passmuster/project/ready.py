"""The readiness checklist of a project: every fact is looked up where it lies, and no model is called."""

import os
from collections import Counter
from datetime import datetime

from passmuster.adapters.ingest.failure_modes import FILE_NAME, FailureModes
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.adapters.ingest.references import read_reference
from passmuster.adapters.ingest.traffic import traffic_files
from passmuster.adapters.ingest.versions import VersionFiles
from passmuster.adapters.seal.ledger import reading
from passmuster.adapters.seal.lock import read_lock
from passmuster.corpus.populations import cases_of, populations
from passmuster.decide.corpus_report import age_days
from passmuster.decide.readiness.checklist import checklist
from passmuster.decide.readiness.facts import DAY, BaselineFact, HoldoutFact, ReadyFacts, RunFact
from passmuster.errors import IncompleteError, RecordingError, SealError
from passmuster.project.api import compare, generated
from passmuster.project.ci import ci_lines, is_committed
from passmuster.project.corpus.opening import open_corpus
from passmuster.project.corpus.verify import verify
from passmuster.project.judge_reports import judge_reports
from passmuster.project.load import Project
from passmuster.records.candidate import candidate_digest
from passmuster.records.comparison import Comparison
from passmuster.records.readiness import ReadyReport
from passmuster.records.task import rules_digest


def ready(project: Project) -> ReadyReport:
    """Fill in the production readiness checklist of a project; no model is called.

    Raises:
        PassmusterError: where the corpus, the store or a file of either cannot be read.
    """
    corpus = project.corpus()
    main = populations(corpus.cases).every[0]
    scored = cases_of(main, corpus.cases)
    path = project.folder / project.settings.corpus.path
    folder = CorpusFolder(path, project.settings.corpus.columns or None) if path.is_dir() else None
    now, comparison = generated(project), _comparison(project)
    return checklist(
        ReadyFacts(
            task=project.task,
            generated=now,
            comparison=comparison,
            version=corpus.version,
            folder=folder is not None,
            scored=len(scored),
            labelled=sum(case.reference is not None for case in scored),
            from_production=sum(case.origin == "production" for case in scored),
            age_days=age_days(corpus, now),
            coverage=corpus.coverage,
            rules=rules_digest(project.task),
            digests={each.name: candidate_digest(each) for each in project.candidates},
            versions=() if folder is None else VersionFiles(folder).versions(),
            modes=FailureModes(path.parent / FILE_NAME).modes(),
            guarded=Counter(
                case.mode for case in corpus.cases if case.mode and case.category == "regression"
            ),
            runs=_runs(project),
            holdout=None if folder is None else _holdout(project, folder),
            open_holdout=corpus.holdout == "unsealed",
            baseline=_baseline(project),
            ci=ci_lines(project.folder),
            records=_records(project),
            judges=judge_reports(project) if comparison is None else comparison.judges,
            traffic=folder is not None and bool(traffic_files(folder.traffic)),
        )
    )


def _comparison(project: Project) -> Comparison | None:
    try:
        return compare(project)
    except IncompleteError:
        return None


def _runs(project: Project) -> tuple[RunFact, ...]:
    """Return the runs that asked one of the task's LLMs, oldest first."""
    asked = {each.name for each in project.candidates if each.kind == "llm"}
    with project.store() as store:
        found = [run for run, _ in store.runs() if run.task == project.task.name]
    return tuple(
        RunFact(id=run.id, started=run.started, corpus=run.corpus, rules=run.rules)
        for run in sorted(found, key=lambda run: run.started)
        if asked & {candidate.name for candidate in run.candidates}
    )


def _holdout(project: Project, folder: CorpusFolder) -> HoldoutFact | None:
    """Return what is proved of a sealed holdout, None where none is sealed; the key is not needed."""
    if not folder.sealed.is_file() and not folder.lock.is_file():
        return None
    found = verify(open_corpus(project.path, clock=project.clock))
    try:
        with reading(folder.ledger) as lines:
            entries = list(lines)
        cases = read_lock(folder.lock).cases
    except SealError:
        entries, cases = [], 0
    return HoldoutFact(
        cases=cases,
        head=found.head,
        broken=tuple(f"{each.check}: {each.detail}" for each in found.findings if each.status == "broken"),
        openings=tuple(tuple(each.candidates) for each in entries if each.event == "opening"),
    )


def _records(project: Project) -> tuple[str, ...]:
    """Return the files of recorded decisions, oldest first by their names."""
    found = sorted((project.reports_dir / "decisions").glob("*.md"))
    return tuple(os.path.relpath(path, project.folder) for path in found)


def _baseline(project: Project) -> BaselineFact | None:
    """Return what the newest baseline file says of itself; None where there is none."""
    path = max(project.reports_dir.glob("baseline_*.json"), default=None)
    if path is None:
        return None
    name = os.path.relpath(path, project.folder)
    try:
        found = read_reference(path)
    except RecordingError as error:
        return BaselineFact(path=name, flaw=error.message)
    return BaselineFact(
        path=name,
        candidate=found.candidate.name,
        digest=found.digest,
        age_days=_days_ago(found.generated, project.clock.now()),
        committed=is_committed(path),
    )


def _days_ago(when: str, now: float) -> float | None:
    try:
        return max(0.0, (now - datetime.fromisoformat(when).timestamp()) / DAY)
    except (ValueError, OverflowError):
        return None
