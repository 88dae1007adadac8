"""What users showed, in one word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.spellings.feedback import Scale, flag, says_nothing, scale_of, word_of

STARS = Scale(1, 5)
THUMBS = Scale(-1, 1, thumbs=True)


@pytest.mark.parametrize(
    ("value", "scale", "word"),
    [
        (True, None, "up"), (False, None, "down"), ("true", None, "up"), ("Thumbs Up", None, "up"), ("👎", None, "down"),
        ("Not helpful", None, "down"), ("escalated", None, "escalated"), ("regenerated", None, "retried"),
        (1, STARS, "score:low"), (2, STARS, "score:low"), (3, STARS, "score:middle"), ("4", STARS, "score:high"),
        (5.0, STARS, "score:high"), (6, STARS, None), (1, THUMBS, "up"), (-1, THUMBS, "down"), (0, THUMBS, None),
        ("-1", THUMBS, "down"), (0, Scale(0, 1, thumbs=True), "down"), (0.0, Scale(0, 1), "score:low"),
        (1.0, Scale(0, 1), "score:high"), (0.5, Scale(0, 1), "score:middle"), (7, None, None), ("so so", None, None),
        (float("nan"), STARS, None), ([1], STARS, None), ("score:middle", None, "score:middle"),
    ],
)  # fmt: skip
def test_a_sign_has_one_word_or_none(value: object, scale: Scale | None, word: str | None) -> None:
    assert word_of(value, scale) == word


@pytest.mark.parametrize(
    ("sample", "scale"),
    [
        ([1, 0, None, 1], Scale(0, 1, thumbs=True)),
        ([1, -1], THUMBS),
        ([1, 1], Scale(0, 1, thumbs=True)),
        ([5, 5], STARS),
        (["3", 4], STARS),
        ([0, 5, 3], Scale(0, 5)),
        ([0.5, 1], Scale(0, 1)),
        ([-0.5, 0.5], Scale(-1, 1)),
        ([9, 3], Scale(1, 10)),
        ([90, 3], Scale(0, 100)),
        ([900], Scale(0, 900)),
        (["good", None], None),
        ([], None),
    ],
)
def test_the_smallest_usual_scale_that_holds_a_sample_is_taken(
    sample: list[object], scale: Scale | None
) -> None:
    assert scale_of(sample) == scale


@given(st.lists(st.integers(-3, 1_000), min_size=1))
def test_every_score_of_a_sample_lies_on_its_scale(sample: list[int]) -> None:
    scale = scale_of(sample)
    assert scale is not None
    assert scale.low <= min(sample)
    assert max(sample) <= scale.high
    assert scale.low < scale.high


def test_nothing_and_no_are_two_things() -> None:
    assert [says_nothing(value) for value in (None, "", "N/A", 0, False, "no")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    assert [flag(value) for value in ("yes", 1, "3", "no", 0, "", None, "maybe", [1])] == [
        True, True, True, False, False, False, False, None, None,
    ]  # fmt: skip
