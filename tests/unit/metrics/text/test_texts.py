"""contains, regex, token_f1, rouge, bleu, chrf and edit_similarity: what each says of an answer."""

from typing import Any

import pytest
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract
from passmuster.metrics.metric import Metric
from passmuster.metrics.registry import build_metric
from passmuster.metrics.text.contains import Contains
from passmuster.metrics.text.edit_similarity import EditSimilarity
from passmuster.metrics.text.regex import Regex
from passmuster.metrics.text.rouge import MOST_WORDS, RougeScore
from passmuster.metrics.text.tokens import TokenF1, TokenPrecision, TokenRecall
from passmuster.metrics.text.translation import Bleu, Chrf
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

TEXT = "Refunds take 14 days; a café is near."


def scored(metric: Metric, text: str, reference: Any = None) -> Score:
    outcome = metric.score(Case(id="1", input="q", reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


def failed(metric: Metric, reference: Any) -> str:
    outcome = metric.score(Case(id="1", input="q", reference=reference), Reply(text="a"))
    assert isinstance(outcome, ScoreFailure)
    return outcome.kind


class TestContains:
    @pytest.mark.parametrize(
        ("options", "value"),
        [
            ({"texts": ("14 days", "30 days")}, 1),
            ({"texts": ("14 days", "30 days"), "which": "all"}, 0),
            ({"texts": ("30 days", "fee"), "which": "none"}, 1),
            ({"texts": ("refund",)}, 0),
            ({"texts": ("refund",), "normalise": ("case",)}, 1),
            ({"texts": ("cafe",), "normalise": ("accents",)}, 1),
            ({"texts": ("Refund",), "whole_words": True}, 0),
            ({"texts": ("14 days",), "whole_words": True}, 1),
            ({"texts": ("4 days",), "whole_words": True}, 0),
        ],
    )
    def test_texts_are_looked_for(self, options: Any, value: int) -> None:
        assert scored(Contains(**options), TEXT).value == value

    def test_the_reference_is_looked_for_where_no_texts_are_given(self) -> None:
        outcome = scored(Contains(which="all"), "the Seine in Paris", ["Paris", "Oslo"])

        assert (outcome.value, outcome.details) == (0, {"found": ["Paris"], "missing": ["Oslo"]})

    def test_a_word_is_whole_between_letters_that_are_not_ascii_too(self) -> None:
        assert scored(Contains(texts=("a",), whole_words=True), "éa").value == 0

    def test_what_every_answer_contains_is_no_question(self) -> None:
        assert failed(Contains(), "") == "wrong_reference"
        assert failed(Contains(), None) == "no_reference"
        with pytest.raises(ConfigurationError, match="empty text"):
            Contains(texts=("a", " "))


class TestRegex:
    @pytest.mark.parametrize(
        ("match", "text", "value"), [("search", "ab12", 1), ("full", "ab12", 0), ("full", "12", 1)]
    )
    def test_a_pattern_is_searched_or_must_be_all(self, match: Any, text: str, value: int) -> None:
        assert scored(Regex(pattern=r"\d+", match=match), text).value == value

    def test_what_matched_is_the_answer(self) -> None:
        assert scored(Regex(pattern=r"\d+"), "ab12").answer == "12"

    def test_a_pattern_that_is_none_is_an_error(self) -> None:
        with pytest.raises(ConfigurationError, match="not supported"):
            build_metric(MetricSpec(name="r", kind="regex", options={"pattern": "(?=a)"}))


class TestTokens:
    def test_precision_and_recall_stand_beside_f1(self) -> None:
        outcome = scored(TokenF1(), "a big black cat", "The black cat.")

        assert outcome.value == pytest.approx(0.8)
        assert outcome.details["parts"] == {"precision": pytest.approx(2 / 3), "recall": 1}
        assert (outcome.details["missing"], outcome.details["extra"]) == ([], ["big"])

    def test_the_best_of_several_references_counts_for_each_figure(self) -> None:
        references = ["black cat of mine", "cat"]

        assert scored(TokenF1(), "black cat", references).value == pytest.approx(2 / 3)
        assert scored(TokenPrecision(), "black cat", references).value == 1
        assert scored(TokenRecall(), "black cat", references).value == 1

    @pytest.mark.parametrize(("text", "value"), [("the", 1), ("an!", 1), ("cat", 0)])
    def test_a_reference_without_words_asks_for_an_answer_without(self, text: str, value: int) -> None:
        assert scored(TokenF1(), text, "The").value == value

    def test_an_answer_that_is_not_found_is_wrong(self) -> None:
        metric = TokenF1(extract=Extract(regex="Answer: (.*)"))

        assert scored(metric, "cat", "cat").details["unreadable"] is True


class TestRouge:
    def test_every_kind_is_a_part_and_one_is_the_value(self) -> None:
        outcome = scored(
            RougeScore(kind="rouge_2", part="precision"), "the cat sat", "the cat sat on the mat"
        )

        assert outcome.value == 1
        assert outcome.details["parts"] == {"rouge_1": 1, "rouge_2": 1, "rouge_l": 1}
        assert outcome.details["of_value"] == {"precision": 1, "recall": 0.4, "f1": pytest.approx(4 / 7)}

    def test_order_counts_for_the_longest_common_subsequence_only(self) -> None:
        parts: Any = scored(RougeScore(), "mat the on sat cat", "cat sat on the mat").details["parts"]

        assert parts["rouge_1"] == 1
        assert parts["rouge_l"] == pytest.approx(0.2)

    def test_stems_are_compared_where_that_is_asked(self) -> None:
        assert scored(RougeScore(), "cats running", "cat run").value == 0
        assert scored(RougeScore(stemmed=True), "cats running", "cat runs").value == 1

    def test_other_scripts_need_their_own_words(self) -> None:
        assert failed(RougeScore(), "Москва") == "wrong_reference"
        assert scored(RougeScore(words="any_script"), "Это Москва", "Москва").value == pytest.approx(2 / 3)

    def test_a_reference_of_one_word_has_no_pairs(self) -> None:
        assert failed(RougeScore(kind="rouge_2"), "cat") == "wrong_reference"

    def test_of_a_long_answer_the_beginning_is_read_and_that_is_said(self) -> None:
        outcome = scored(RougeScore(), "cat " * (MOST_WORDS + 1), "cat")

        assert "cut" in outcome.details
        assert "cut" not in scored(RougeScore(), "cat " * 10, "cat").details


class TestTranslation:
    @pytest.mark.parametrize("metric", [Bleu(), Chrf()], ids=lambda metric: metric.name)
    def test_a_nearer_translation_scores_higher(self, metric: Metric) -> None:
        near, far = (
            scored(metric, text, "the cat sat on the mat").value for text in ("the cat sat on a mat", "a dog")
        )
        assert 0 <= far < near < 1

    def test_the_signature_says_how_it_can_be_computed_again(self) -> None:
        metric = Bleu(tokenise="char", lowercase=True)
        first = scored(metric, "a", ["a", "b"]).details["signature"]

        assert first == scored(metric, "c", ["a", "b"]).details["signature"]
        assert str(first).endswith("tok:char, case:lc, eff:yes, smooth:exp, nrefs:2")

    def test_texts_are_not_remembered(self) -> None:
        scored(Bleu(), "some words here", "other words there")

        assert Tokenizer13a.__call__.cache_info().currsize == 0

    def test_an_empty_reference_says_nothing(self) -> None:
        assert failed(Chrf(), "") == "wrong_reference"

    def test_a_tokeniser_that_would_be_fetched_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="'tokenise'"):
            build_metric(MetricSpec(name="b", kind="bleu", options={"tokenise": "flores200"}))


class TestEditSimilarity:
    @pytest.mark.parametrize(
        ("distance", "value"), [("levenshtein", 0.8), ("indel", 0.8), ("jaro_winkler", 0.92)]
    )
    def test_distances_differ(self, distance: Any, value: float) -> None:
        assert scored(EditSimilarity(distance=distance), "abcde", "abcdX").value == pytest.approx(value)

    def test_the_best_reference_counts_after_normalising(self) -> None:
        assert scored(EditSimilarity(normalise=("case", "quotes")), '"PARIS"', ["Oslo", "Paris"]).value == 1

    def test_of_a_long_answer_the_beginning_is_compared_and_that_is_said(self) -> None:
        assert "cut" in scored(EditSimilarity(), "a" * 40_000, "a").details
