"""Naming a state of the cases by its content."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Literal

from passmuster.corpus.conflicts import find_conflicts
from passmuster.corpus.keys import SHELVES, KeyedCases, Keys
from passmuster.records.case import Case, Split
from passmuster.records.corpus import CorpusVersion
from passmuster.records.digest import DIGEST_BYTES, DIGEST_LENGTH, digest


class Content:
    """Takes in cases one by one and holds what a version says of them, in some fifty bytes a case."""

    def __init__(self, cases: Iterable[Case] = ()) -> None:
        self.keys = Keys()
        self.categories: Counter[str] = Counter()
        self.origins: Counter[str] = Counter()
        self.times = array("d")
        """When cases of production were asked, where that is known."""
        self.shelves = [bytearray() for _ in range(SHELVES)]
        """The digests of the cases, all of each one, by their first byte."""
        for case in cases:
            self.add(case)

    def add(self, case: Case) -> None:
        """Take in the next case."""
        self.keys.add(case)
        self.categories[case.category] += 1
        self.origins[case.origin] += 1
        if case.time is not None and case.origin == "production":
            self.times.append(case.time)
        own = bytes.fromhex(digest(case))
        self.shelves[own[0]] += own

    def joined(self, other: "Content") -> "Content":
        """Return what both have taken in, these cases first."""
        both = Content()
        both.keys = self.keys.joined(other.keys)
        both.categories = self.categories + other.categories
        both.origins = self.origins + other.origins
        both.times = self.times + other.times
        both.shelves = [own + its for own, its in zip(self.shelves, other.shelves, strict=True)]
        return both

    def digest(self) -> str:
        """Return the digest of these cases: every field counts, their order does not.

        It is that of the sorted list of their digests, one shelf being sorted at a time.
        """
        content = hashlib.sha256(b"[")
        comma = b""
        for shelf in self.shelves:
            sides = range(0, len(shelf), DIGEST_BYTES)
            for own in sorted([bytes(shelf[start : start + DIGEST_BYTES]) for start in sides]):
                content.update(b'%b"%b"' % (comma, own.hex().encode()))
                comma = b","
        content.update(b"]")
        return content.hexdigest()[:DIGEST_LENGTH]


def content_digest(cases: Iterable[Case]) -> str:
    """Return the digest of these cases: every field counts, the order of rows does not.

    Example:
        >>> a, b = Case(id="1", input="x"), Case(id="2", input="y")
        >>> content_digest([a, b]) == content_digest([b, a])
        True
    """
    return Content(cases).digest()


def corpus_version(
    cases: Sequence[Case],
    path: str,
    split: Split = "eval",
    splits: Mapping[str, int] | None = None,
    holdout: Literal["none", "unsealed", "sealed"] = "none",
    content: Content | None = None,
) -> CorpusVersion:
    """Return the frozen state of these cases: digest, cases per category, and conflicting references.

    `splits` holds the cases of every split where the corpus is split; without it, only this one's. `content`
    is that of these very cases where somebody has gone through them already.

    Example:
        >>> corpus_version([Case(id="1", input="x")], "cases.jsonl").counts
        {'typical': 1}
    """
    content = Content(cases) if content is None else content
    keyed = KeyedCases(cases, content.keys)
    return CorpusVersion(
        version=content.digest(),
        path=path,
        split=split,
        cases=keyed,
        counts=dict(sorted(content.categories.items())),
        splits={split: len(keyed)} if splits is None else dict(splits),
        conflicts=find_conflicts(keyed),
        holdout=holdout,
        origins=dict(sorted(content.origins.items())),
        asked=median(content.times) if content.times else None,
    )
