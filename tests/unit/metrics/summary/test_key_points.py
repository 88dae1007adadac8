import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.errors import ConfigurationError
from passmuster.metrics.summary.key_points import MOST_POINTS, KeyPoints, OmissionRate
from passmuster.metrics.summary.key_words import key_words, places_of, share_found
from passmuster.metrics.summary.labels import LabelledReply, PointLabel
from passmuster.records.case import Case, KeyPoint
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

RENT = KeyPoint(text="The monthly rent rises to 1,200 euros in May", weight=2)
PETS = KeyPoint(text="Pets are forbidden", others=("No animals may be kept",))
CASE = Case(id="1", input="", key_points=(RENT, PETS))


def value(text: str, case: Case = CASE, metric: KeyPoints | None = None) -> float:
    score = (metric or KeyPoints()).score(case, Reply(text=text))
    assert isinstance(score, Score)
    return score.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("From May on the rent is 1200 euros a month. Pets are strictly forbidden.", 1.0),
        ("From May on the monthly rent is 1,200 euros.", 2 / 3),
        ("From May on the monthly rent is 1,300 euros.", 0.0),
        ("Animals must not be kept.", 1 / 3),
        ("It is a fine flat.", 0.0),
        ("", 0.0),
    ],
)
def test_a_point_is_made_in_other_words_order_and_endings_but_not_with_another_number(
    text: str, expected: float
) -> None:
    assert value(text) == pytest.approx(expected)
    assert value(text, metric=OmissionRate()) == pytest.approx(1 - expected)


def test_words_that_stand_far_apart_make_no_point() -> None:
    near = "Pets are, as we said, forbidden."
    far = "Pets play in the yard. " + "Something else is said here. " * 30 + "Smoking is forbidden."
    strict = KeyPoints(threshold=1.0)
    assert value(near, metric=strict) == pytest.approx(1 / 3)
    assert value(far, metric=strict) == 0.0


def test_words_are_not_meaning() -> None:
    assert value("Pets are not forbidden.") == pytest.approx(1 / 3)


def test_what_people_said_of_this_reply_counts_more_than_its_words() -> None:
    label = LabelledReply(
        case="1", reply="Pets are not forbidden.", key_points=(PointLabel(text=PETS.text, found=False),)
    )
    metric = KeyPoints(labels=(label,))
    score = metric.score(CASE, Reply(text="Pets are  not forbidden."))
    assert isinstance(score, Score)
    assert score.value == 0.0
    assert score.details["omitted"] == [
        {"point": RENT.text, "words": 0.0},
        {"point": PETS.text, "words": "labelled"},
    ]
    assert value("Pets are forbidden.", metric=metric) == pytest.approx(1 / 3)


def test_the_details_name_what_is_omitted_and_how_much_of_it_was_there() -> None:
    score = OmissionRate().score(CASE, Reply(text="The rent rises in May to 1200."))
    assert isinstance(score, Score)
    assert score.details["found"] == [{"point": RENT.text, "words": 0.6}]
    assert score.details["omitted"] == [{"point": PETS.text, "words": 0.0}]
    assert score.details["parts"] == {"every point made": 0}


@pytest.mark.parametrize("weights", [(0.0, 0.0), (-1.0, 2.0), (math.inf, 1.0), (math.nan, 1.0)])
def test_weights_that_are_none_are_the_fault_of_the_case(weights: tuple[float, float]) -> None:
    points = tuple(KeyPoint(text=f"Point {weight}", weight=weight) for weight in weights)
    outcome = KeyPoints().score(Case(id="1", input="", key_points=points), Reply(text="Point"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "wrong_reference"


def test_a_case_without_key_points_or_with_too_many_cannot_be_judged() -> None:
    many = tuple(KeyPoint(text=f"Point {n}") for n in range(MOST_POINTS + 1))
    for case, kind in (
        (Case(id="1", input=""), "no_reference"),
        (Case(id="1", input="", key_points=many), "wrong_reference"),
    ):
        outcome = OmissionRate().score(case, Reply(text="x"))
        assert isinstance(outcome, ScoreFailure)
        assert outcome.kind == kind


@pytest.mark.parametrize("threshold", [0.0, 1.1, math.nan])
def test_the_threshold_is_a_share(threshold: float) -> None:
    with pytest.raises(ConfigurationError, match="threshold lies above 0"):
        KeyPoints(threshold=threshold)


POINTS = st.lists(
    st.text(min_size=1, max_size=60).filter(lambda text: bool(key_words(text))), min_size=1, max_size=6
)


@given(POINTS)
def test_a_reply_that_says_every_point_word_for_word_makes_all_of_them(points: list[str]) -> None:
    case = Case(id="1", input="", key_points=tuple(KeyPoint(text=point) for point in points))
    assert value("\n\n".join(points), case, KeyPoints(threshold=1.0)) == 1.0
    assert value("\n\n".join(points), case, OmissionRate(threshold=1.0)) == 0.0


@given(st.text(), st.text(), st.text())
def test_more_text_never_unmakes_a_point(point: str, text: str, more: str) -> None:
    words = key_words(point)
    assert 0 <= share_found(words, places_of(text)) <= share_found(words, places_of(f"{text} {more}")) <= 1


@pytest.mark.parametrize("text", ["a " * 500_000, "\ud800" * 1000, "7" * 1_000_000, "\u05d0 " * 1000])
def test_a_hostile_reply_is_read_in_bounds(text: str) -> None:
    case = Case(id="1", input="", key_points=tuple(KeyPoint(text=f"a {n} b c") for n in range(MOST_POINTS)))
    assert 0 <= value(text, case) <= 1


def test_commonest_words_count_only_where_there_are_no_others() -> None:
    assert key_words("Das ist nicht der Hund") == ("hund",)
    assert key_words("that is not it") != ()
    assert key_words("!!") == ()


def test_apostrophes_before_and_behind_a_word_do_not_count() -> None:
    assert key_words("l'usine d'\u00e9nergie, the company\u2019s O'Neill", "fr")[:2] == (
        "usine",
        "\u00e9nergi",
    )
    assert key_words("company's 1'200", "en") == ("compan", "1200")
    assert share_found((), places_of("x")) == 0.0
