"""The rubrics that come with the tool."""

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.judge import RubricJudge
from passmuster.metrics.judges.ready.library import READY, ready
from passmuster.metrics.judges.rubric import Rubric
from passmuster.records.digest import digest


@pytest.mark.parametrize("rubric", READY.values(), ids=READY)
def test_every_value_of_pass_and_fail_or_of_one_to_five_is_anchored(rubric: Rubric) -> None:
    assert (rubric.low, rubric.high) in ((0, 1), (1, 5))
    for criterion in rubric.criteria:
        assert list(criterion.anchors) == [str(value) for value in rubric.scale]
        assert criterion.question.endswith("?")
        assert all(meaning.endswith(".") for meaning in criterion.anchors.values())


def test_the_quality_of_a_response_has_four_criteria_and_none_of_them_is_whether_it_is_right() -> None:
    rubric = ready("response_quality")

    assert [criterion.name for criterion in rubric.criteria] == [
        "structure",
        "completeness",
        "tone",
        "no_filler",
    ]
    assert rubric.bounds == (1.0, 5.0)
    assert "apart from whether its facts are right" in rubric.instruction


def test_correctness_is_judged_by_the_reference_alone_of_them() -> None:
    assert [name for name, rubric in READY.items() if rubric.reference] == ["correctness"]
    assert [name for name, rubric in READY.items() if rubric.binary] == [
        "correctness",
        "faithfulness",
        "safety",
    ]


@pytest.mark.parametrize("name", ["response_quality", "helpfulness"])
def test_a_rubric_of_quality_tells_the_judge_that_longer_is_not_better(name: str) -> None:
    assert "longer reply is not a better one" in ready(name).instruction


def test_a_change_of_their_words_is_a_new_version_of_the_metric() -> None:
    # Where this fails: a judge's version must tell the words that it was asked in. Raise RubricJudge.version and
    # Pairwise.version, then write the new digest here.
    assert (RubricJudge.version, digest(list(READY.values()))[:12]) == (1, "3db0b9be021e")


def test_a_name_that_none_has_is_told_with_the_closest() -> None:
    with pytest.raises(ConfigurationError, match="no ready rubric 'corectnes'") as caught:
        ready("corectnes")

    assert "did you mean 'correctness'?" in str(caught.value)
