"""What a person rates at the keyboard on a project: the queue they see, and what is written of it."""

from collections.abc import Callable

import pytest

from passmuster.decide.judging.book import RatingBook
from passmuster.errors import NotAvailableError, UsageError
from passmuster.project.load import Project
from passmuster.project.rating.draws import draw_replies
from passmuster.project.rating.form import FormWish, RatingSession
from passmuster.project.rating.queue import record
from passmuster.records.rating import Rating
from passmuster.workflows.form.state import Entry

Make = Callable[..., Project]


def drawn(make: Make, *, pairs: bool = False) -> Project:
    project = make(20)
    draw_replies(project, "fine", number=10, purpose="pairs" if pairs else "calibration", seed=1, pairs=pairs)
    return project


def session(
    project: Project, rater: str = "ana", repeated: float = 0.0, limit: int | None = None
) -> RatingSession:
    return RatingSession(project, FormWish(rater=rater, repeated=repeated, limit=limit))


def says(place: int, value: str | None, *, again: bool = False) -> Entry:
    answers = None if value is None else {"fine": value}
    return Entry(place=place, answers=answers, note=None, seconds=1.0, again=again)


def test_what_is_kept_is_in_the_file_at_once_and_waits_no_more(make: Make) -> None:
    project = drawn(make)
    form = session(project)
    assert len(form.cards) == form.waiting == 10
    form.keep(says(0, "1"))
    form.keep(says(1, None))
    assert [rating.value for rating in project.ratings.ratings.read()] == [1.0, None]
    assert form.waiting == 8
    assert len(session(project).cards) == 8
    assert len(session(project, "ben").cards) == 10


def test_who_comes_back_sees_nothing_of_what_they_have_answered(make: Make) -> None:
    project = drawn(make)
    first = session(project)
    seen = [card.passages[-1].text for card in first.cards]
    for place in range(4):
        first.keep(says(place, "1"))
    left = [card.passages[-1].text for card in session(project).cards]
    assert sorted(left) == sorted(seen[4:])


def test_the_last_word_counts(make: Make) -> None:
    project = drawn(make)
    form = session(project)
    form.keep(says(0, "0"))
    form.keep(says(0, "1", again=True))
    said = project.ratings.ratings.read()
    assert len({rating.reply for rating in said}) == 1
    assert len(RatingBook(said)) == 1
    assert form.waiting == 9


def test_some_come_a_second_time_and_everybody_sees_an_order_of_their_own(make: Make) -> None:
    project = drawn(make)
    assert len(session(project, repeated=0.2).cards) == 12
    ana, ben = session(project).cards, session(project, "ben").cards
    assert ana != ben
    assert set(ana) == set(ben)
    assert len(session(project, limit=3).cards) == 3


def test_choices_are_written_to_their_own_file(make: Make) -> None:
    project = drawn(make, pairs=True)
    form = session(project)
    form.keep(Entry(place=0, answers={"better": "second"}, note=None, seconds=1.0))
    assert [choice.chosen for choice in project.ratings.choices.read()] == ["second"]
    assert project.ratings.ratings.read() == []
    assert form.waiting == 9


def test_where_nothing_waits_the_next_command_is_named(make: Make) -> None:
    with pytest.raises(NotAvailableError, match="nothing waits to be rated by ana") as caught:
        session(make(6))
    assert "passmuster rate draw" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["zebra", "keeper", "gpt-9"])
def test_nobody_rates_under_the_name_of_a_machine(make: Make, name: str) -> None:
    project = drawn(make)
    record(project, [Rating(case="c1", reply="r", metric="fine", value=1.0, rater="gpt-9", kind="machine")])
    with pytest.raises(UsageError, match="is the name of a machine"):
        session(project, name)


def test_a_rater_has_a_name(make: Make) -> None:
    with pytest.raises(UsageError, match="a rater has a name"):
        session(drawn(make), " ")


def test_a_share_that_is_none_is_refused(make: Make) -> None:
    with pytest.raises(UsageError, match="is no share"):
        session(drawn(make), repeated=1.5)
