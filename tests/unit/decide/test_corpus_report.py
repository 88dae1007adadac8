"""What a comparison says of the cases that it rests on."""

import pytest

from passmuster.corpus.overview.ladder import effective_size
from passmuster.decide.corpus_report import corpus_report
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion


def _cases(*weights: float | None) -> tuple[Case, ...]:
    return tuple(Case(id=str(n), input="x", weight=weight) for n, weight in enumerate(weights))


def _effective(cases: tuple[Case, ...]) -> float | None:
    corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
    return corpus_report(corpus, cases, "production", "2026-01-01T00:00:00Z").effective


def test_cases_without_a_weight_count_like_the_average_as_they_do_in_the_figures() -> None:
    cases = _cases(*[9.0] * 5, *[1.0] * 5, *[None] * 10)
    assert _effective(cases) == pytest.approx(effective_size(cases))
    assert _effective(cases) == pytest.approx(100**2 / (5 * 81 + 5 + 10 * 25))


def test_equal_weights_are_worth_their_number() -> None:
    assert _effective(_cases(0.1, 0.1, 0.1)) is None
    assert _effective(_cases(None, None)) is None
