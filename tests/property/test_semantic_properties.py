"""What holds of `semantic_similarity` for any texts and any embeddings."""

import hashlib
import json
import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passmuster.metrics.semantic.semantic_similarity import SemanticSimilarity
from passmuster.metrics.two_steps import AskingMetric
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply
from passmuster.workflows.scoring import Kept, settled

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # shared machines stall
METRIC = SemanticSimilarity(asks="embedder")
TEXTS = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    ["", "NaN", "\ud800", "\u202eabc", "[" * 10_000, "x" * 1_000_000]
)


def embedded(_: str, question: Case) -> Reply:
    """Answer as an embedder does: equal texts get equal vectors."""
    drawn = hashlib.sha256(str(question.input).encode("utf-8")).digest()
    return Reply(text=json.dumps([byte - 127.5 for byte in drawn]))


def score(text: str, reference: str) -> ScoreOutcome:
    ready = settled(METRIC, Kept(answer=embedded, execution=lambda _: None))
    return ready.score(Case(id="1", input="", reference=reference), Reply(text=text))


def test_it_is_a_metric_that_asks() -> None:
    assert isinstance(METRIC, AskingMetric)


@law
@given(TEXTS, TEXTS)
def test_every_score_is_a_share_and_none_is_lost_without_a_reason(text: str, reference: str) -> None:
    found = score(text, reference)

    if isinstance(found, ScoreFailure):
        assert not reference.strip()
    else:
        assert 0.0 <= found.value <= 1.0
        assert json.loads(json.dumps(found.details)) == found.details


@law
@given(TEXTS)
def test_the_reference_itself_scores_one(text: str) -> None:
    found = score(text, text)

    assert isinstance(found, ScoreFailure) if not text.strip() else found == score(text, f" {text}\n")
    assert not isinstance(found, Score) or found.value == 1.0


@law
@given(TEXTS.filter(str.strip), TEXTS.filter(str.strip))
def test_prediction_and_reference_can_be_swapped(one: str, other: str) -> None:
    first, second = score(one, other), score(other, one)

    assert isinstance(first, Score)
    assert isinstance(second, Score)
    assert math.isclose(first.value, second.value, abs_tol=0.0)
