"""`corpus import`, opened: sources of every sort, and the corpus that they are brought to."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from passmuster import __version__
from passmuster.adapters.ingest.importing import How, SourceReading, format_names
from passmuster.adapters.ingest.importing_rows import Progress
from passmuster.adapters.ingest.quarantine import CaseQuarantine, TrafficShelf, account_of
from passmuster.adapters.ingest.traffic import ENDING
from passmuster.errors import UsageError
from passmuster.project.corpus.clean import scrubber
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Origin
from passmuster.records.imported import Imported, ImportKind, Recognised
from passmuster.workflows.corpus.importing import Terms, import_cases, import_traffic

__all__ = ["Import", "Progress", "bring_in", "format_names"]

_ENDINGS = (
    ".gz",
    ".jsonl",
    ".ndjson",
    ".jsonlines",
    ".json",
    ".csv",
    ".tsv",
    ".parquet",
    ".pq",
    ".db",
    ".sqlite",
    ".log",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

Watch = Callable[[int, int, Progress], None]
"""Is told now and then how many rows were read, how many of them are bad, and how far the source is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What is to be imported, and how."""

    sources: Sequence[str]
    name: str | None = None
    format: str | None = None
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kind: ImportKind | None = None
    query: str | None = None
    origin: Origin | None = None
    generator: str | None = None
    most_bad: float = 0.01
    replace: bool = False


def _untold(*_: object) -> None:
    """Tell nobody."""


def bring_in(
    corpus: Corpus, wanted: Import, watch: Watch = _untold, tell: Callable[[Recognised], None] = _untold
) -> Imported:
    """Import a source: traffic into the traffic folder, a test set into the eval split; all of it, or nothing.

    Args:
        corpus: An open corpus.
        wanted: What to import, and how.
        watch: Is told how it goes on; default: nobody is.
        tell: Is told what the source was taken for, before anything is read.

    Raises:
        UsageError: for a source that cannot be recognised, and for a name that is taken.
        CorpusError: where the source or the disk fails, and where too many rows are bad.
    """
    if wanted.name is not None and not _NAME.fullmatch(wanted.name):
        raise UsageError(
            f"{wanted.name!r} is no name for traffic", hint="Use letters, digits, dots and dashes."
        )
    if (wanted.origin == "synthetic") != (wanted.generator is not None):
        raise UsageError(
            "synthetic cases have a generator, and no others have",
            hint="Say both: --origin synthetic --generator NAME",
        )
    reading = SourceReading(
        wanted.sources,
        How(format=wanted.format, columns=wanted.columns, kind=wanted.kind, query=wanted.query),
    )
    tell(reading.recognised)
    terms = Terms(
        name=wanted.name or _name(reading.sources),
        most_bad=wanted.most_bad,
        now=corpus.clock.now(),
        version=__version__,
        generator=wanted.generator,
    )

    def watched(rows: int, bad: int) -> None:
        watch(rows, bad, reading.progress())

    if reading.recognised.kind == "cases":
        return _cases(corpus, reading, terms, wanted.origin, watched)
    if wanted.origin is not None:
        raise UsageError(
            "--origin is for cases",
            hint="Of traffic it is said when cases are drawn: passmuster corpus sample",
        )
    _refuse_taken(corpus.folder.traffic, terms.name, wanted)
    with TrafficShelf(corpus.folder.traffic_folder(), terms.name) as shelf:
        return import_traffic(reading, shelf, terms, watched)


def _cases(
    corpus: Corpus,
    reading: SourceReading,
    terms: Terms,
    origin: Origin | None,
    watch: Callable[[int, int], None],
) -> Imported:
    known = corpus.folder.open_cases()
    quarantine = CaseQuarantine(corpus.folder.traffic_folder(), terms.name)
    new, imported = import_cases(reading, known, terms, origin, quarantine, watch)
    clean = scrubber(corpus)
    cases = [clean(case) for case in new]
    found = corpus.folder.split_file("eval")
    path = corpus.folder.path / "eval.jsonl" if found is None else found
    kept = quarantine.keep()
    if cases:
        path = corpus.folder.write_split("eval", [*corpus.folder.split("eval"), *cases])
    replaced = sum(clean.counts.values())
    told = (f"{replaced:,} pieces of personal data were replaced by pseudonyms",) if replaced else ()
    return replace(imported, path=str(path), quarantine=kept, remarks=(*imported.remarks, *told))


def _refuse_taken(folder: Path, name: str, wanted: Import) -> None:
    if wanted.replace or not (folder / f"{name}{ENDING}").exists():
        return
    account = account_of(folder, name)
    origin = "" if account is None else f", imported from {', '.join(account.sources)}"
    raise UsageError(
        f"there is traffic called {name!r} already{origin}",
        hint="Give another name: --name. To put this in its place: --replace",
    )


def _name(sources: Sequence[str]) -> str:
    """Return what an import is called that nobody named: as its first file, or the database."""
    first = sources[0]
    path = urlsplit(first).path if "://" in first else first
    stem = Path(path).name
    while Path(stem).suffix.lower() in _ENDINGS:
        stem = Path(stem).stem
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.")[:100] or "traffic"
