"""The signature of a translation score is that of its own sentence."""

from passmuster.metrics.text.translation import Bleu, Chrf
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply


def test_the_first_answer_of_all_may_equal_the_reference() -> None:
    for made in (Bleu(tokenise="char", lowercase=True), Chrf(word_order=1, lowercase=True)):
        first, second = (
            made.score(Case(id="1", input="", reference=reference), Reply(text="a b"))
            for reference in ("a b", ["a b", "c d"])
        )
        assert isinstance(first, Score)
        assert isinstance(second, Score)
        assert "nrefs:1" in str(first.details["signature"])
        assert "nrefs:2" in str(second.details["signature"])
