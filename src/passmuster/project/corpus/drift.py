"""`corpus drift` on a folder: its cases, its imported traffic, and the trials that a project has stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from passmuster.adapters.ingest.coverage import write_coverage
from passmuster.adapters.ingest.traffic import traffic_files
from passmuster.adapters.text_features import text_likeness, word_presence
from passmuster.adapters.topics import fit_topics
from passmuster.corpus.drift.report import Drift, Reweighted, covered
from passmuster.corpus.drift.texts import Reading
from passmuster.corpus.sampling.strata import TOPICS
from passmuster.corpus.sampling.topics import TopicSpace
from passmuster.corpus.versions.content import content_digest, corpus_version
from passmuster.project.api import generated
from passmuster.project.corpus.clean import scrubber
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.streams import Watch, chosen_traffic, stream
from passmuster.project.corpus.topic_space import embedding, frozen_topics
from passmuster.project.load import Project
from passmuster.records.candidate import candidate_digest
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.corpus import Coverage
from passmuster.records.text import input_text
from passmuster.stats.language.detect import language_of
from passmuster.workflows.compare import Question, compare
from passmuster.workflows.corpus.drift import DriftOptions, DriftPorts, drift, watched
from passmuster.workflows.corpus.drift_scores import reweighted

__all__ = ["DriftWish", "corpus_drift", "newest_import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftWish:
    """What is compared: the names of imported traffic (none: the newest import), and whether stored trials are scored."""

    against: tuple[str, ...] = ()
    options: DriftOptions = field(default_factory=DriftOptions)
    scores: bool = True


def corpus_drift(corpus: Corpus, wish: DriftWish, watch: Watch | None = None) -> Drift:
    """Compare imported traffic with the cases of a corpus that estimate production; no model is called.

    Raises:
        UsageError: where there are no cases, no such traffic, or strata that the traffic does not have.
        CorpusError: where a file is wrong.
    """
    cases = [*corpus.folder.split("train"), *corpus.folder.split("eval")]
    files = chosen_traffic(corpus, wish.against or newest_import(corpus))
    options = _with_rule(corpus, wish.options)
    ports = _ports(corpus)
    found = watched(cases, stream(files, watch), options, ports)
    report = drift(found, options, ports)
    _keep_coverage(corpus, report, tuple(file.name.removesuffix(".jsonl.gz") for file in files))
    if not wish.scores or corpus.project is None or not corpus.project.store_path.is_file():
        return report
    scored = list(corpus.project.corpus().cases)
    today = reweighted(scored, found, ports.topics, partial(_compared, corpus.project))
    return _with_scores(report, today)


def _keep_coverage(corpus: Corpus, report: Drift, against: tuple[str, ...]) -> None:
    """Keep for reports how much of this traffic the corpus is like, where that can be told."""
    share = None if report.status == "unknown" else covered(report)
    if share is not None:
        digest = content_digest(corpus.folder.open_cases())
        found = Coverage(share=share, time=corpus.clock.now(), against=against, corpus=digest)
        write_coverage(corpus.folder, found)


def _with_scores(report: Drift, today: Reweighted | None) -> Drift:
    if today is None:
        note = "No stored trials on these cases: what drift does to scores is not known. Next: passmuster run"
        return replace(report, notes=(*report.notes, note))
    return replace(report, reweighted=today)


def newest_import(corpus: Corpus) -> tuple[str, ...]:
    """Return the name of the import that was written last; none where nothing was imported."""
    files = traffic_files(corpus.folder.traffic)
    return (max(files, key=lambda path: (path.stat().st_mtime_ns, path.name)).name,) if files else ()


def _with_rule(corpus: Corpus, options: DriftOptions) -> DriftOptions:
    rule = options.rule or corpus.settings.strata
    if rule == TOPICS:
        return replace(options, rule=None, by="topics")
    return replace(options, rule=rule)


def _ports(corpus: Corpus) -> DriftPorts:
    def fitted(texts: Sequence[str]) -> TopicSpace:
        embed = embedding(corpus)
        return TopicSpace(fit_topics(texts, embed=embed, embedding=corpus.settings.embeddings), embed)

    scrub = scrubber(corpus, keep=False)

    def clean(text: str) -> str:
        return input_text(scrub(Case(id="", input=text)).input)

    reading = Reading(clean=clean, likeness=text_likeness, presence=word_presence, language=language_of)
    return DriftPorts(reading=reading, topics=frozen_topics(corpus), fit_topics=fitted)


def _compared(project: Project, cases: Sequence[Case]) -> Comparison | None:
    question = Question(
        task=project.task,
        metrics=project.metrics(),
        corpus=corpus_version(cases, project.settings.corpus.path),
        candidates=project.candidates,
    )
    digests = [candidate_digest(candidate) for candidate in project.candidates]
    with project.store() as store:
        trials = store.trials(digests)
        found, _ = compare(question, trials, lambda _cases: (), generated=generated(project))
    return found if any(report.n for report in found.candidates) else None
