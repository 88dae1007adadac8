"""Take over a holdout that lay in plain: check it, seal it, and note how it lay open."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.duplicates import near_duplicates
from passmuster.adapters.ingest.cases import read_cases
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.adapters.seal.exclusive import alone_in
from passmuster.adapters.seal.history import exposure
from passmuster.adapters.seal.ledger import reading
from passmuster.errors import CorpusError, Place, SealError, UsageError
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.project.corpus.seal import public_key, refuse_sealed, seal_cases
from passmuster.project.corpus.split import settle
from passmuster.project.load import FILE_NAME, load_project
from passmuster.project.settings import CorpusSettings
from passmuster.records.case import Case, case_digest
from passmuster.records.seal import SealReport
from passmuster.records.text import input_text
from passmuster.workflows.corpus.seal import Told

PLACES = ("", "eval/datasets", "datasets")
"""Where in a folder that is adopted the corpus lies, if not in itself."""

_NAMED = 5

_PROJECT = """\
# What is compared, on which cases, and what a candidate must meet: docs/project-file.md
task: my-task
corpus: {corpus}
metrics: [exact_match]
candidates:
  # - {{name: gpt-4o-mini, provider: openai, model: gpt-4o-mini, prices: auto}}
  - {{name: constant, provider: baseline, kind: constant}}
"""


def adopt(folder: Path, custodian: Path | None = None) -> SealReport:
    """Take over a folder with a plain `holdout.jsonl`: check it, seal it, and note its exposure in the ledger.

    Args:
        folder: That of the corpus, or one with `eval/datasets` or `datasets` in it.
        custodian: The file of the custodian's public key, else that of the project or `custodian.pub` there.

    Raises:
        UsageError: where there is no plain holdout, no custodian, or a seal already.
        CorpusError: where a case is wrong, or stands in another split, too.
    """
    path = next((folder / name for name in PLACES if _plain(folder / name)), None)
    if path is None:
        raise UsageError(
            "there is no holdout.jsonl (or .csv) here to adopt",
            place=Place(str(folder)),
            hint="Name the folder that holds it, such as eval/datasets.",
        )
    project = _project_of(path)
    corpus = open_corpus(project, path) if project is not None else _alone(path)
    report = seal_plain(corpus, custodian=custodian, adopted=True)
    written = [] if project is not None else _starter(corpus, folder)
    return replace(report, files=(*report.files, *written))


def _project_of(folder: Path) -> Path | None:
    """Return the project file, in the folder or one above it, whose corpus this folder is."""
    whole = folder.resolve()
    for place in (whole, *whole.parents):
        file = place / FILE_NAME
        if file.is_file():
            named = Path(load_project(file).settings.corpus.path).expanduser()
            return file if (place / named).resolve() == whole else None
    return None


def _alone(folder: Path) -> Corpus:
    """Return the corpus of a folder that belongs to no project, wherever this is called."""
    return Corpus(
        folder=CorpusFolder(folder), settings=CorpusSettings(path=str(folder)), clock=MonotonicClock()
    )


def _plain(folder: Path) -> bool:
    return any(folder.glob("holdout.jsonl*")) or any(folder.glob("holdout.csv*"))


def seal_plain(
    corpus: Corpus,
    file: Path | None = None,
    *,
    custodian: Path | None = None,
    purpose: str | None = None,
    adopted: bool = False,
) -> SealReport:
    """Seal a holdout that lies in plain, note in the ledger how it lay open, and take the plain file away.

    Args:
        corpus: Where the seal goes.
        file: The plain holdout; default: `holdout.jsonl` (or .csv) in the folder.
        custodian: The file of a public key, instead of that of the corpus.
        purpose: What the ledger says of the sealing.
        adopted: Whether the ledger says that it was taken over.

    Raises:
        UsageError: where there is no such file or it is a link, no custodian, or a seal already.
        CorpusError: where a case is wrong, or its input stands in another split, too.
        SealError: where another process is at work here, or the plain file cannot be taken away.
    """
    with alone_in(corpus.folder.path):
        settle(corpus.folder)
        return _sealed(corpus, _found(corpus, file), custodian, purpose, adopted=adopted)


def _sealed(
    corpus: Corpus, path: Path, custodian: Path | None, purpose: str | None, *, adopted: bool
) -> SealReport:
    refuse_sealed(corpus.folder)
    public_key(corpus, custodian)
    cases = list(read_cases(path, corpus.settings.columns or None, sealing=True))
    others = corpus.folder.open_cases()
    _refuse_twins(cases, others, path)
    exposures = [*exposure(path), *_asked(corpus, cases)]
    events = [Told("adopted", f"taken over from {path.name}")] if adopted else []
    lock = seal_cases(
        corpus,
        cases,
        split_seed=None,
        source=None,
        purpose=purpose or f"sealed from {path.name}",
        also=[*events, *(Told("exposed", text) for text in exposures)],
        custodian=custodian,
    )
    _take_away(path)
    folder = corpus.folder
    with reading(folder.ledger) as entries:
        head = list(entries)[-1].hash
    return SealReport(
        lock=lock,
        head=head,
        checks=tuple(_checked(cases, others)),
        exposures=tuple(exposures),
        removed=str(path),
        files=(str(folder.sealed), str(folder.lock), str(folder.ledger)),
    )


def _found(corpus: Corpus, file: Path | None) -> Path:
    path = file or corpus.folder.split_file("holdout")
    if path is None or not path.is_file():
        raise UsageError(
            "there is no plain holdout here to seal",
            place=Place(str(path or corpus.folder.path / "holdout.jsonl")),
            hint="Part the cases, and it is sealed at once: passmuster corpus split",
        )
    if path.is_symlink():
        raise UsageError(
            "this is a link, and what it leads to would stay in plain",
            place=Place(str(path)),
            hint=f"Take the link away, and seal the file itself: passmuster corpus seal {path.resolve()}",
        )
    return path


def _take_away(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise SealError(
            f"the holdout is sealed, and its plain file cannot be taken away: {error.strerror or error}",
            place=Place(str(path)),
            hint="Delete it by hand. Until then it proves nothing.",
        ) from None


def _refuse_twins(cases: Sequence[Case], others: Sequence[Case], path: Path) -> None:
    """Refuse a holdout of which a case stands elsewhere: a candidate may have learned or been chosen by it."""
    known = {case_digest(case): case.id for case in others}
    twins = [(case.id, known[found]) for case in cases if (found := case_digest(case)) in known]
    if twins:
        named = ", ".join(f"{own!r} (as {other!r})" for own, other in twins[:_NAMED])
        more = "" if len(twins) <= _NAMED else f" and {len(twins) - _NAMED} more"
        raise CorpusError(
            f"{len(twins)} holdout cases stand in train, eval or a pool, too: {named}{more}",
            place=Place(str(path)),
            hint="Take them out of one of the files.",
        )


def _checked(cases: Sequence[Case], others: Sequence[Case]) -> Iterator[str]:
    groups = near_duplicates([input_text(case.input) for case in (*cases, *others)])
    elsewhere = set(groups[len(cases) :])
    near = sum(group in elsewhere for group in groups[: len(cases)])
    shared = {case.group for case in cases if case.group} & {case.group for case in others if case.group}
    twins = sum(count - 1 for count in Counter(map(case_digest, cases)).values())
    yield f"{len(cases):,} cases, none with the input of one in train, eval or a pool ({len(others):,} cases)"
    if near:
        yield f"{near:,} are near-duplicates of cases there: they measure what was learned by heart, too"
    if shared:
        yield f"{len(shared):,} groups (user, session, document) have cases on both sides"
    if twins:
        yield f"{twins:,} repeat the input of another holdout case"


def _asked(corpus: Corpus, cases: Sequence[Case]) -> Iterator[str]:
    """Yield whether the store knows these cases: then candidates have been measured on them before."""
    project = corpus.project
    if project is None or not project.store_path.is_file():
        return
    with project.store() as store:
        known = store.cases({case_digest(case) for case in cases})
    if known:
        yield f"{len(known):,} of its inputs were asked in stored runs: candidates may have been chosen by them"


def _starter(corpus: Corpus, folder: Path) -> list[str]:
    """Write a project file above the corpus, where it would run as it stands; return its name."""
    inside = corpus.folder.path != folder
    if not (inside and corpus.folder.split_file("train") and corpus.folder.split_file("eval")):
        return []
    path = folder / FILE_NAME
    shown = corpus.folder.path.relative_to(folder).as_posix()
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(_PROJECT.format(corpus=shown))
    except OSError:  # it is a start, and no part of the adoption
        return []
    return [str(path)]
