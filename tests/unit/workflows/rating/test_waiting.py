"""The order in which a person sees what waits: their own, blind, with some of it a second time."""

from passmuster.metrics.judges.rubric import Criterion, Rubric
from passmuster.records.case import Case
from passmuster.records.rating import Drawn
from passmuster.workflows.rating.waiting import Shown, Waiting, presented

RUBRIC = Rubric(criteria=(Criterion(name="tone", question="Is it polite?"),))


def pair(number: int) -> Waiting:
    item = Drawn(
        case=str(number), input="i", candidate="a", reply=f"a{number}", second=f"b{number}", second_by="b"
    )
    return Waiting(
        draw="d",
        metric="m",
        purpose="pairs",
        item=item,
        case=Case(id=str(number), input="?"),
        texts=("from a", "from b"),
        rubric=RUBRIC,
    )


PAIRS = [pair(number) for number in range(200)]


def cases(shown: tuple[Shown, ...]) -> list[str]:
    return [each.what.case.id for each in shown]


def test_each_person_has_an_order_of_their_own_and_always_the_same() -> None:
    assert presented(PAIRS, "ana") == presented(PAIRS, "ana")
    assert cases(presented(PAIRS, "ana")) != cases(presented(PAIRS, "ben"))
    assert cases(presented(PAIRS, "ana", seed=1)) != cases(presented(PAIRS, "ana"))


def test_sides_are_drawn() -> None:
    # 200 fair draws: below 70 or above 130 has a chance of 1 in 40,000.
    first = sum(each.what.texts[0] == "from a" for each in presented(PAIRS, "ana", repeated=0))

    assert 70 <= first <= 130


def test_a_tenth_comes_again_in_the_second_half_with_sides_changed_under_another_name() -> None:
    shown = presented(PAIRS, "ana")
    again = [each for each in shown if each.again]
    before = {each.what.case.id: each for each in shown if not each.again}

    assert (len(shown), len(again), len(before)) == (220, 20, 200)
    assert all(place >= 100 for place, each in enumerate(shown) if each.again)
    assert all(each.what.texts == before[each.what.case.id].what.texts[::-1] for each in again)
    assert all(cases(shown).index(each.what.case.id) < 100 for each in again)
    assert len({each.name for each in shown}) == 220


def test_turning_a_pair_turns_whose_the_replies_are() -> None:
    turned = PAIRS[3].turned

    assert (turned.item.candidate, turned.item.second_by, turned.texts) == ("b", "a", ("from b", "from a"))
    assert turned.turned == PAIRS[3]


def test_a_few_have_no_repeat_and_none_is_none() -> None:
    assert len(presented(PAIRS[:3], "ana")) == 3
    assert presented([], "ana") == ()
