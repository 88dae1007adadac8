"""Naming a state of the cases by its content."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from passmuster.corpus.conflicts import find_conflicts
from passmuster.records.case import Case, Split
from passmuster.records.corpus import CorpusVersion
from passmuster.records.digest import digest


def content_digest(cases: Iterable[Case]) -> str:
    """Return the digest of these cases: every field counts, the order of rows does not.

    Example:
        >>> a, b = Case(id="1", input="x"), Case(id="2", input="y")
        >>> content_digest([a, b]) == content_digest([b, a])
        True
    """
    return digest(sorted(digest(case) for case in cases))


def corpus_version(
    cases: Sequence[Case],
    path: str,
    split: Split = "eval",
    splits: Mapping[str, int] | None = None,
    holdout: Literal["none", "unsealed", "sealed"] = "none",
) -> CorpusVersion:
    """Return the frozen state of these cases: digest, cases per category, and conflicting references.

    `splits` holds the cases of every split where the corpus is split; without it, only this one's.

    Example:
        >>> corpus_version([Case(id="1", input="x")], "cases.jsonl").counts
        {'typical': 1}
    """
    counts = Counter(str(case.category) for case in cases)
    return CorpusVersion(
        version=content_digest(cases),
        path=path,
        split=split,
        cases=tuple(cases),
        counts=dict(sorted(counts.items())),
        splits={split: len(cases)} if splits is None else dict(splits),
        conflicts=find_conflicts(cases),
        holdout=holdout,
    )
