"""What people said of a reply is found by metric, case and reply."""

from dataclasses import replace

import pytest

from passmuster.decide.judging.book import RatingBook
from passmuster.records.case import Case, case_digest
from passmuster.records.rating import Choice, Draw, Drawn, Rating, reply_digest
from passmuster.records.score import Score
from passmuster.records.trial import Reply

CASE = Case(id="7", input="how?")
REPLY, OTHER = Reply(text="so"), Reply(text="otherwise")
RATING = Rating(
    case="7", reply=reply_digest(REPLY), metric="quality", value=4.0, rater="ana", kind="human", time=5.0
)
CHOICE = Choice(
    case="7",
    first=reply_digest(REPLY),
    second=reply_digest(OTHER),
    metric="better",
    chosen="first",
    rater="ana",
    kind="human",
)


def test_the_value_is_the_mean_over_raters() -> None:
    book = RatingBook([RATING, replace(RATING, rater="ben", value=1.0, time=9.0)])

    found = book.of("quality", CASE, REPLY)

    assert found is not None
    assert (found.value, found.raters, found.newest) == (2.5, ("ana", "ben"), 9.0)


def test_a_reply_that_two_candidates_gave_alike_counts_as_drawn_for_the_one_it_was_drawn_for() -> None:
    item = Drawn(case="7", input="", candidate="small", reply=reply_digest(REPLY))
    pair = replace(item, second=reply_digest(OTHER), second_by="big")
    made = [
        Draw(id=name, metric=metric, purpose="calibration", time=1.0, seed=0, items=(drawn,))
        for name, metric, drawn in (("d1", "quality", item), ("d2", "better", pair))
    ]
    book = RatingBook([RATING], [CHOICE], made)
    behind = Score(value=0.0, details={"versus": reply_digest(REPLY)})

    rated, chosen = book.of("quality", CASE, REPLY), book.of("better", CASE, OTHER, behind)

    assert rated is not None
    assert chosen is not None
    assert (set(rated.drawn_for), set(chosen.drawn_for)) == ({"small"}, {"big"})


def test_what_was_drawn_from_a_small_stratum_stands_for_fewer_replies() -> None:
    # An earlier judge passed 90 replies and failed 10; of each verdict 2 were drawn, and one of the failed ones waits still.
    items = tuple(
        Drawn(case="7", input="", candidate="small", reply=f"{stratum} {n}", stratum=stratum)
        for stratum in ("pass", "fail")
        for n in range(2)
    )
    replies = {item: Reply(text=item.reply) for item in items}
    items = tuple(replace(item, reply=reply_digest(reply)) for item, reply in replies.items())
    sizes = {"small": {"pass": 90, "fail": 10}}
    draw = Draw(
        id="d", metric="quality", purpose="calibration", time=1.0, seed=0, items=items, populations=sizes
    )
    book = RatingBook([replace(RATING, reply=item.reply) for item in items[:3]], draws=[draw])

    found = [book.of("quality", CASE, reply) for reply in replies.values()]

    assert [each and each.drawn_for["small"] for each in found] == [
        pytest.approx(1.35),  # 45 replies, where those drawn stand for 100 / 3 on average
        pytest.approx(1.35),
        pytest.approx(0.3),
        None,
    ]


def test_of_several_ratings_by_one_rater_the_last_counts() -> None:
    found = RatingBook([RATING, replace(RATING, value=2.0)]).of("quality", CASE, REPLY)

    assert found is not None
    assert found.values == (2.0,)


@pytest.mark.parametrize(
    "other",
    [
        replace(RATING, kind="machine"),
        replace(RATING, value=None),
        replace(RATING, metric="safety"),
        replace(RATING, case="8"),
        replace(RATING, reply=reply_digest(OTHER)),
        replace(RATING, input=case_digest(Case(id="7", input="another question"))),
    ],
)
def test_what_says_nothing_of_this_reply_by_a_person_is_not_found(other: Rating) -> None:
    assert RatingBook([other]).of("quality", CASE, REPLY) is None


def test_a_choice_is_worth_one_to_the_reply_that_was_preferred_and_nothing_to_the_other() -> None:
    book = RatingBook(choices=[CHOICE, replace(CHOICE, rater="ben", chosen="tie")])
    beside = Score(value=0.0, details={"versus": reply_digest(OTHER)})
    behind = Score(value=0.0, details={"versus": reply_digest(REPLY)})

    ours, theirs = book.of("better", CASE, REPLY, beside), book.of("better", CASE, OTHER, behind)

    assert ours is not None
    assert theirs is not None
    assert (ours.values, theirs.values) == ((1.0, 0.5), (0.0, 0.5))
    assert book.of("better", CASE, REPLY) is None


def test_judges_of_one_question_share_what_people_said() -> None:
    item = Drawn(case="7", input="", candidate="small", reply=reply_digest(REPLY))
    draw = Draw(id="d", metric="quality", purpose="calibration", time=1.0, seed=0, items=(item,))
    book = RatingBook([RATING], (), [draw], same={"quality": "quality", "cheaper": "quality"})

    found = book.of("cheaper", CASE, REPLY)

    assert found is not None
    assert (found.value, set(found.drawn_for)) == (4.0, {"small"})
    assert book.of("other", CASE, REPLY) is None
