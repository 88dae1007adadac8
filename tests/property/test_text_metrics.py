"""Metrics of texts against the programs that others use, and what holds for any text."""

import re
import string
from collections import Counter
from typing import Any

import pytest
import sacrebleu
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer
from rapidfuzz.distance import Levenshtein
from rouge_score.rouge_scorer import RougeScorer

from passmuster.metrics.metric import Metric
from passmuster.metrics.text.choice import Choice
from passmuster.metrics.text.contains import Contains
from passmuster.metrics.text.edit_similarity import EditSimilarity
from passmuster.metrics.text.numeric import Numeric
from passmuster.metrics.text.regex import Regex
from passmuster.metrics.text.rouge import RougeScore
from passmuster.metrics.text.tokens import TokenF1, TokenPrecision, TokenRecall, token_overlap
from passmuster.metrics.text.translation import Bleu, Chrf
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply
from passmuster.stats.porter import stem

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # shared machines stall

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(["\ud800", "\u202e\u05d0", "NaN"])
WORDS = st.sampled_from(
    [
        *[
            "the",
            "a",
            "an",
            "cat",
            "cats",
            "flies",
            "dying",
            "sat",
            "on",
            "mat",
            "12",
            "1,200.5",
            "U.S.",
            "it's",
            "für",
        ],
        "",
        "\n",
    ]
)
SENTENCES = st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=40)
LETTERS = st.text("aeioulsztybnc", max_size=6)
SUFFIXES = st.sampled_from(
    ["sses", "ies", "ied", "s", "eed", "ed", "ing", "y", "ational", "tional", "izer", "bli", "alli", "logi", "ization", "fulness", "ical", "ative", "ness", "ement", "ion", "ll", "e"]
)  # fmt: skip

NEAR: list[Metric] = [
    TokenF1(),
    TokenPrecision(),
    TokenRecall(),
    RougeScore(),
    RougeScore(kind="rouge_2", words="any_script"),
    Bleu(),
    Bleu(tokenise="char"),
    Chrf(),
    Chrf(word_order=2),
    EditSimilarity(),
    EditSimilarity(distance="indel", normalise=("case", "quotes")),
    EditSimilarity(distance="jaro_winkler"),
]
METRICS = [
    *NEAR,
    Contains(whole_words=True, normalise=("case", "accents")),
    Contains(texts=("a", "b"), which="none"),
    Regex(pattern="(a+)+$", match="full"),
    Numeric(relative=0.1, units={"k": 1000}, percent="share"),
    Choice(options=("one", "two")),
]
ROUGE = RougeScorer(["rouge1", "rouge2", "rougeL"])
STEMMED = RougeScorer(["rougeL"], use_stemmer=True)


def scored(metric: Metric, text: str, reference: Any) -> Score:
    outcome = metric.score(Case(id="1", input="", reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
@law
@given(ANY_TEXT, ANY_TEXT | st.lists(ANY_TEXT, max_size=3) | st.floats() | st.booleans())
def test_any_reply_scores_in_bounds_or_fails_as_a_value(metric: Metric, text: str, reference: Any) -> None:
    outcome = metric.score(Case(id="1", input="", reference=reference), Reply(text=text))
    if isinstance(outcome, Score):
        assert 0 <= outcome.value <= 1
        assert outcome.value in (0, 1) or not metric.binary
        (outcome.answer or "").encode("utf-8")
        repr(outcome.details).encode("utf-8")
    else:
        assert outcome.kind in ("no_reference", "wrong_reference")


@pytest.mark.parametrize("metric", NEAR, ids=lambda metric: metric.name)
@law
@given(ANY_TEXT)
def test_the_reference_itself_scores_1(metric: Metric, text: str) -> None:
    outcome = metric.score(Case(id="1", input="", reference=text), Reply(text=text))
    assert isinstance(outcome, ScoreFailure) or outcome.value == 1


@law
@given(SENTENCES, SENTENCES)
def test_swapping_answer_and_reference_swaps_precision_and_recall(one: str, other: str) -> None:
    there, back = scored(TokenF1(), one, other), scored(TokenF1(), other, one)
    assert scored(TokenPrecision(), one, other).value == scored(TokenRecall(), other, one).value
    assert there.value == back.value
    precision: Any = there.details["parts"]
    recall: Any = back.details["parts"]
    assert precision["precision"] == recall["recall"]


@law
@given(SENTENCES, SENTENCES)
def test_words_are_shared_as_squad_counts(one: str, other: str) -> None:
    def tokens(text: str) -> list[str]:
        kept = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
        return " ".join(re.sub(r"\b(a|an|the)\b", " ", kept).split()).split()

    answer, right = tokens(one), tokens(other)
    same = sum((Counter(answer) & Counter(right)).values())
    if not answer or not right:
        expected = float(answer == right)
    elif not same:
        expected = 0.0
    else:
        precision, recall = same / len(answer), same / len(right)
        expected = 2 * precision * recall / (precision + recall)
    assert token_overlap(one, other).f1 == pytest.approx(expected, abs=1e-9)


@law
@given(SENTENCES, SENTENCES)
def test_rouge_is_that_of_rouge_score(one: str, other: str) -> None:
    expected = ROUGE.score(other, one)
    for kind, theirs in (("rouge_1", "rouge1"), ("rouge_2", "rouge2"), ("rouge_l", "rougeL")):
        for part, measure in (("precision", "precision"), ("recall", "recall"), ("f1", "fmeasure")):
            metric = RougeScore(kind=kind, part=part)  # type: ignore[arg-type]  # both are literals
            outcome = metric.score(Case(id="1", input="", reference=other), Reply(text=one))
            if isinstance(outcome, Score):
                assert outcome.value == pytest.approx(getattr(expected[theirs], measure), abs=1e-9)
            else:
                assert getattr(expected[theirs], measure) == 0


@law
@given(SENTENCES, SENTENCES)
def test_rouge_with_stems_is_that_of_rouge_score(one: str, other: str) -> None:
    outcome = RougeScore(stemmed=True).score(Case(id="1", input="", reference=other), Reply(text=one))
    if isinstance(outcome, Score):
        assert outcome.value == pytest.approx(STEMMED.score(other, one)["rougeL"].fmeasure, abs=1e-9)


@settings(law, max_examples=500)
@given(LETTERS, SUFFIXES, SUFFIXES | st.just(""))
def test_stems_are_those_of_nltk(start: str, suffix: str, more: str) -> None:
    word = start + suffix + more
    assert stem(word) == PorterStemmer().stem(word)


@law
@given(SENTENCES, st.lists(SENTENCES, min_size=1, max_size=3))
def test_bleu_and_chrf_are_those_of_sacrebleu(answer: str, references: list[str]) -> None:
    answer = answer.strip()
    rights = [text.strip() for text in references if text.strip()]
    if not rights or answer in [text.strip() for text in references]:
        return
    bleu, chrf = scored(Bleu(), answer, references), scored(Chrf(), answer, references)
    assert bleu.value == pytest.approx(sacrebleu.sentence_bleu(answer, rights).score / 100, abs=1e-9)
    assert chrf.value == pytest.approx(sacrebleu.sentence_chrf(answer, rights).score / 100, abs=1e-9)
    assert sacrebleu.__version__ in str(bleu.details["signature"])


@law
@given(SENTENCES, SENTENCES)
def test_edit_similarity_is_the_distance_as_a_share_of_the_longer_text(one: str, other: str) -> None:
    one, other = one.strip(), other.strip()
    longest = max(len(one), len(other), 1)
    expected = 1 - Levenshtein.distance(one, other) / longest
    assert scored(EditSimilarity(), one, other).value == pytest.approx(expected, abs=1e-9)


@law
@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from(["It is {:,}.", "{} km", "= ${:,}", "**{}**"]))
def test_a_number_is_found_however_it_is_written(number: Any, form: str) -> None:
    assert scored(Numeric(), form.format(number), str(number)).value == 1
    assert scored(Numeric(), form.format(number + 1), str(number)).value == 0
