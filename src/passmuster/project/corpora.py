"""Which cases a project scores and which its baselines learn from. Holdout cases are given to nobody."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from passmuster.adapters.duplicates import near_duplicates
from passmuster.adapters.ingest.cases import read_cases
from passmuster.adapters.ingest.coverage import read_coverage
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.corpus.keys import Joined, Keys
from passmuster.corpus.split import DEFAULT_SHARES, split
from passmuster.corpus.versions.content import Content, corpus_version
from passmuster.errors import CorpusError, Place
from passmuster.project.checks import Files
from passmuster.project.settings import CorpusSettings, SplitSettings
from passmuster.project.validate import located
from passmuster.project.yaml import Document
from passmuster.records.case import Case, Split
from passmuster.records.corpus import CorpusVersion
from passmuster.records.text import input_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The cases to score, those to learn from, and those of a holdout that lies open: nobody may see them."""

    version: CorpusVersion
    train: Sequence[Case]
    aside: Sequence[Case] = ()


def read_corpus(settings: CorpusSettings, document: Document, files: Files) -> Cases:
    """Read the corpus, part it where the settings say so, and leave the holdout aside.

    Raises:
        CorpusError: where a file is wrong, with its line and column.
        ConfigurationError: where it does not exist.
    """
    at = ("corpus", "path") if ("corpus", "path") in document.values else ("corpus",)
    found = files.existing(settings.path, at, "the corpus")
    columns = settings.columns or None
    with located(document, at):
        if found.is_dir():
            return _folder(settings, found)
        if settings.split is not None:
            return _parted(settings, settings.split, read_cases(found, columns))
        content = Content()
        cases = read_cases(found, columns, content.add)
    return Cases(version=corpus_version(cases, settings.path, content=content), train=())


def _folder(settings: CorpusSettings, path: FilePath) -> Cases:
    folder = CorpusFolder(path, settings.columns or None)
    scored = folder.split_file("eval")
    if scored is None:
        raise CorpusError(
            "the folder has no eval.jsonl (or .csv)",
            place=Place(str(path)),
            hint="Make one: passmuster corpus split. Or name one file and a split instead: "
            "corpus: {path: cases.jsonl, split: {}}.",
        )
    content, known = Content(), Content()
    cases = folder.split("eval", content.add)
    scored_count = len(cases)
    pools = folder.pools(content.add)
    train = folder.split("train", known.add)
    for pool in pools.values():
        cases = Joined(cases, pool)
    _refuse_twin_names(content.keys, scored_count, path)
    _refuse_leaks(content.keys, known.keys, scored)
    splits = {"eval": len(cases)} if not train else {"train": len(train), "eval": len(cases)}
    coverage = _coverage(folder, known, content)
    if settings.use == "all":
        cases, train, content = Joined(train, cases), (), known.joined(content)
    version = corpus_version(cases, settings.path, splits=splits, holdout=folder.holdout(), content=content)
    version = replace(version, coverage=coverage, ledger=folder.ledger_head())
    return Cases(version=version, train=train)


def _coverage(folder: CorpusFolder, learned: Content, scored: Content) -> float | None:
    """Return how much of today's traffic these very cases were found to be like; of other cases nothing is known."""
    found = read_coverage(folder)
    return found.share if found is not None and found.corpus == learned.joined(scored).digest() else None


def _refuse_twin_names(keys: Keys, scored: int, folder: FilePath) -> None:
    """Raise where a case of a pool, after the `scored` ones, has the id of another; within a file none has."""
    pooled = [keys.name(position) for position in range(scored, len(keys))]
    known = set(pooled)
    twins = [name for name, count in Counter(pooled).items() if count > 1] if len(known) < len(pooled) else []
    twins += [name for place in range(scored if known else 0) if (name := keys.name(place)) in known]
    if twins:
        raise CorpusError(
            f"the id {twins[0]!r} stands in two files",
            place=Place(str(folder)),
            hint="every case needs an id of its own",
        )


def _refuse_leaks(scored: Keys, learned: Keys, path: FilePath) -> None:
    both = learned.joined(scored)
    alike = [twins for twins in both.twins() if twins[0] < len(learned) <= twins[-1]]
    leaked = {place: twins[0] for twins in alike for place in twins if place >= len(learned)}
    if leaked:
        first = min(leaked)
        raise CorpusError(
            f"{len(leaked)} cases to score have the same input as a train case, such as {both.name(first)!r} "
            f"and {both.name(leaked[first])!r}: a fitted baseline would have seen them",
            place=Place(str(path)),
            hint="Take them out of one of the two files, or let `corpus: {path: ..., split: {}}` part them.",
        )


def split_cases(
    cases: Sequence[Case], shares: Mapping[Split, float] = DEFAULT_SHARES, seed: int = 0
) -> dict[str, Split]:
    """Return the split of each case by its id, with near-duplicates on one side; see `corpus.split.split`.

    Raises:
        UsageError: for shares that do not add up to 1.
    """
    return split(cases, near_duplicates([input_text(case.input) for case in cases]), shares, seed)


def _parted(settings: CorpusSettings, shares: SplitSettings, cases: Sequence[Case]) -> Cases:
    wanted: dict[Split, float] = {"train": shares.train, "eval": shares.eval, "holdout": shares.holdout}
    sides = split_cases(cases, wanted, shares.seed)
    counts = dict(Counter(str(side) for side in sides.values()))
    usable = [case for case in cases if sides[case.id] != "holdout"]
    if settings.use == "all":
        scored, train = usable, []
    else:
        scored = [case for case in usable if sides[case.id] == "eval"]
        train = [case for case in usable if sides[case.id] == "train"]
    version = corpus_version(
        scored,
        settings.path,
        splits={name: counts[name] for name in ("train", "eval", "holdout") if name in counts},
        holdout="unsealed" if counts.get("holdout") else "none",
    )
    aside = [case for case in cases if sides[case.id] == "holdout"]
    return Cases(version=version, train=tuple(train), aside=aside)
