"""Describe the traffic and the cases of a corpus."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.ingest.traffic import traffic_files
from passmuster.adapters.seal.lock import read_lock
from passmuster.adapters.topics import LEAST_TEXTS
from passmuster.corpus.sampling.topics import TopicSpace
from passmuster.errors import UsageError
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.sample import unsplit_cases
from passmuster.project.corpus.streams import Strata, Watch, chosen_traffic, stream
from passmuster.project.corpus.topic_space import embedding, fit, frozen_topics
from passmuster.records.case import Case
from passmuster.records.description import Description
from passmuster.report.corpus.page import render_description
from passmuster.workflows.corpus.describe import Bodies, Rule
from passmuster.workflows.corpus.describe import describe as describing

__all__ = ["describe", "production_cases", "write_page"]


def describe(
    corpus: Corpus,
    *,
    strata: str | None = None,
    topics: int | None = None,
    sources: Sequence[str] = (),
    watch: Watch | None = None,
) -> Description:
    """Say what the imported traffic and the cases are made of, side by side; nothing is written.

    Args:
        corpus: An open corpus.
        strata: What makes the strata; default: what the settings name.
        topics: How many topics to look for; 0: none; default: those that are frozen, else a usual number.
        sources: The names of imports to look at; default: all.
        watch: Is told how many records have been gone through.

    Raises:
        UsageError: where there is neither traffic nor a case, or a rule fits no record.
        CorpusError: where a file is wrong.
    """
    files = chosen_traffic(corpus, sources) if sources else traffic_files(corpus.folder.traffic)
    cases = production_cases(corpus)
    if not files and not cases:
        raise UsageError(
            f"there is nothing to describe in {corpus.folder.path}: neither traffic nor cases",
            hint="Bring some in: passmuster corpus import LOGS.jsonl",
        )
    rule = Strata(corpus, strata, files, watch)
    found = describing(
        Bodies(
            path=str(corpus.folder.path),
            traffic=stream(files, watch) if files else None,
            cases=cases,
            splits=_splits(corpus),
            pools={str(name): len(held) for name, held in corpus.folder.pools().items()},
            sources=tuple(path.name for path in files),
        ),
        Rule(by=rule.by, of=rule.of, chosen=strata is not None),
        lambda texts: _space(corpus, texts, topics),
    )
    if files:
        rule.check_seen()
    return found


def production_cases(corpus: Corpus) -> list[Case]:
    """Return the open cases that estimate production: train, eval, and what is not split yet."""
    folder = corpus.folder
    every = [*folder.split("train"), *folder.split("eval"), *unsplit_cases(folder)]
    typical = [case for case in every if case.category == "typical"]
    own = [case for case in typical if case.origin == "production"]
    return own or typical


def _splits(corpus: Corpus) -> dict[str, int]:
    folder = corpus.folder
    counts = {"train": len(folder.split("train")), "eval": len(folder.split("eval"))}
    counts["not split yet"] = len(unsplit_cases(folder))
    if folder.lock.is_file():
        counts["holdout (sealed)"] = read_lock(folder.lock).cases
    return {name: count for name, count in counts.items() if count}


def _space(corpus: Corpus, texts: Sequence[str], number: int | None) -> TopicSpace | None:
    if number == 0:
        return None
    found = frozen_topics(corpus) if number is None else None
    if found is not None:
        return found
    if number is None and len(texts) < LEAST_TEXTS:
        return None
    try:
        return TopicSpace(fit(corpus, list(texts), number), embedding(corpus))
    except UsageError:
        if number is None:
            return None  # nobody has asked for topics, and these texts have none
        raise


def write_page(found: Description, path: Path, now: float) -> None:
    """Write a description as one self-contained HTML file, whole or not at all.

    Args:
        found: What traffic and corpus are made of.
        path: The file.
        now: When, in seconds since the epoch.

    Raises:
        CorpusError: where it cannot be written.
    """
    generated = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    write_lines(path, render_description(found, generated).split("\n"))
