import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.registry import build_metric
from passmuster.metrics.summary.factual_precision import FactualPrecision
from passmuster.metrics.summary.labels import Claim, LabelledReply
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

CASE = Case(id="1", input="")


def labelled(*claims: Claim, reply: str = "All of it.") -> LabelledReply:
    return LabelledReply(case="1", reply=reply, claims=claims)


def right(text: str) -> Claim:
    return Claim(text=text, supported=True)


def wrong(text: str, kind: str | None = None) -> Claim:
    return Claim(text=text, supported=False, kind=kind)


def test_the_value_is_the_share_of_supported_claims_and_the_wrong_ones_are_named() -> None:
    metric = FactualPrecision(labels=(labelled(right("a"), right("b"), right("c"), wrong("d", "made up")),))
    score = metric.score(CASE, Reply(text="All of it."))
    assert isinstance(score, Score)
    assert score.value == 0.75
    assert score.details["unsupported"] == ["d"]
    assert score.details["kinds"] == {"made up": 1}
    assert (score.details["supported"], score.details["claims"]) == (3, 4)
    assert score.details["parts"] == {"every claim supported": 0, "without made up": 0}


def test_every_kind_of_error_of_any_reply_is_a_part_of_each() -> None:
    metric = FactualPrecision(
        labels=(labelled(wrong("d", "made up"), wrong("e", "twisted")), labelled(right("a"), reply="Other."))
    )
    score = metric.score(CASE, Reply(text="Other."))
    assert isinstance(score, Score)
    assert score.value == 1.0
    assert score.details["parts"] == {"every claim supported": 1, "without made up": 1, "without twisted": 1}


def test_labels_belong_to_this_reply_to_this_case_whatever_the_white_space() -> None:
    metric = FactualPrecision(labels=(labelled(right("a")),))
    assert isinstance(metric.score(CASE, Reply(text=" All  of\nit.\n")), Score)
    for case, text in ((CASE, "All of it!"), (Case(id="2", input=""), "All of it.")):
        unknown = metric.score(case, Reply(text=text))
        assert isinstance(unknown, ScoreFailure)
        assert unknown.kind == "not_labelled"


def test_a_reply_that_claims_nothing_is_neither_right_nor_wrong() -> None:
    nothing = FactualPrecision(labels=(labelled(),)).score(CASE, Reply(text="All of it."))
    assert isinstance(nothing, ScoreFailure)
    assert nothing.kind == "not_applicable"
    unread = LabelledReply(case="1", reply="All of it.", claims=None)
    missing = FactualPrecision(labels=(unread,)).score(CASE, Reply(text="All of it."))
    assert isinstance(missing, ScoreFailure)
    assert missing.kind == "not_labelled"


def test_a_reply_that_is_labelled_twice_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="case '1' is labelled twice"):
        FactualPrecision(labels=(labelled(right("a")), labelled(wrong("b"), reply="All of  it.")))


def test_labels_are_read_from_plain_json_and_a_slip_is_named() -> None:
    line = {"case": "1", "reply": "x", "claims": [{"text": "x", "supported": False, "kind": "k"}]}
    metric = build_metric(MetricSpec(name="facts", kind="factual_precision", options={"labels": [line]}))
    score = metric.score(CASE, Reply(text="x"))
    assert isinstance(score, Score)
    assert score.value == 0.0
    wrong_line = {"case": "1", "reply": "x", "claims": [{"text": "x", "supported": "no"}]}
    with pytest.raises(ConfigurationError, match=r"labels\.0\.claims\.0\.supported"):
        build_metric(MetricSpec(name="facts", kind="factual_precision", options={"labels": [wrong_line]}))
