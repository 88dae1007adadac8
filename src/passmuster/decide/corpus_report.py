"""What a comparison says of the cases that it rests on."""

from collections.abc import Sequence
from datetime import datetime

from passmuster.corpus.populations import weights_of
from passmuster.decide.bar_tests import BarTest, known_test, not_testable
from passmuster.records.case import Case
from passmuster.records.comparison import CorpusReport
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import Bar
from passmuster.stats.weighted import effective_cases

DAY = 86_400.0
_UNKNOWN = {
    "corpus_age": "the cases say no time at which they were asked",
    "corpus_coverage": "drift was never looked for: passmuster corpus drift --against TRAFFIC",
}


def corpus_report(corpus: CorpusVersion, scored: Sequence[Case], basis: str, generated: str) -> CorpusReport:
    """Describe the corpus: its state, which cases the figures are of, and how old these are.

    Args:
        corpus: The corpus version.
        scored: The cases that the figures are of.
        basis: What these are called.
        generated: When the comparison is made (ISO 8601).
    """
    return CorpusReport(
        version=corpus.version,
        path=corpus.path,
        split=corpus.split,
        cases=len(corpus.cases),
        counts=corpus.counts,
        splits=corpus.splits,
        conflicts=corpus.conflicts,
        holdout=corpus.holdout,
        basis=basis,
        scored=len(scored),
        origins=corpus.origins,
        effective=_effective(scored),
        age_days=age_days(corpus, generated),
        coverage=corpus.coverage,
        ledger=corpus.ledger,
    )


def age_days(corpus: CorpusVersion, generated: str) -> float | None:
    """Return how many days ago half of the production cases were asked, None where no times are known.

    Example:
        >>> corpus = CorpusVersion(version="v", path="p", split="eval", cases=(), asked=0.0)
        >>> age_days(corpus, "1970-01-03T12:00:00Z")
        2.5
    """
    if corpus.asked is None:
        return None
    try:
        now = datetime.fromisoformat(generated).timestamp()
    except ValueError:
        return None
    return max(0.0, (now - corpus.asked) / DAY)


def corpus_test(bar: Bar, corpus: CorpusVersion, generated: str, cases: int) -> BarTest:
    """Test a bar on the cases themselves: how old they are, or how much of today's traffic they are like.

    Args:
        bar: On one of `CORPUS_BARS`.
        corpus: The corpus version.
        generated: When the comparison is made (ISO 8601).
        cases: How many cases the tests of other bars sum over.
    """
    age = age_days(corpus, generated)
    value = corpus.coverage if bar.metric == "corpus_coverage" else None if age is None else age * DAY
    if value is None:
        return not_testable(bar, None, _UNKNOWN[bar.metric], cases)
    return known_test(bar, value, cases, "read off the cases")


def _effective(scored: Sequence[Case]) -> float | None:
    weights = weights_of(scored)
    return None if weights is None else effective_cases(weights)
