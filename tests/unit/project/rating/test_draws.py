"""Draws: people see replies drawn at random within the strata of the judge, and nothing twice."""

from collections import Counter
from collections.abc import Callable
from operator import attrgetter

import pytest

from passmuster.errors import IncompleteError, UsageError
from passmuster.project.load import Project
from passmuster.project.rating.draws import draw_replies
from passmuster.project.rating.queue import record, waiting
from passmuster.project.rating.replies import stored_replies
from passmuster.records.rating import Draw, Rating

Make = Callable[..., Project]


def drawn(project: Project, number: int | None = None, metric: str = "fine", seed: int = 1) -> Draw:
    return draw_replies(project, metric, number=number, purpose="calibration", seed=seed)


def strata(draw: Draw, candidate: str = "zebra") -> Counter[str]:
    return Counter(item.stratum for item in draw.items if item.candidate == candidate)


def test_the_pilot_is_ten_of_each_verdict_for_each_candidate_as_far_as_there_are_so_many(make: Make) -> None:
    draw = drawn(make())

    assert strata(draw) == {"fail": 10, "pass": 10}
    assert strata(draw, "yak") == {"fail": 20}
    assert draw.populations == {"zebra": {"fail": 12, "pass": 48}, "yak": {"fail": 60}}
    assert draw.judge is not None


def test_nothing_is_drawn_twice_and_a_draw_can_be_read_back(make: Make) -> None:
    project = make()
    first, second = drawn(project), drawn(project, 40)

    assert project.ratings.draws.read() == [first, second]
    assert {item.reply for item in first.items}.isdisjoint({item.reply for item in second.items})
    assert len({item.reply for item in second.items}) == 40


def test_the_same_seed_draws_the_same_and_another_one_does_not(make: Make) -> None:
    project = make()
    path = project.ratings.draws.path
    found = []
    for seed in (1, 1, 2):
        path.unlink(missing_ok=True)
        found.append(drawn(project, seed=seed).items)

    assert found[0] == found[1] != found[2]


def test_the_same_seed_draws_the_same_whatever_the_order_in_which_replies_came(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make(30)
    one = drawn(project).items
    project.ratings.draws.path.unlink()
    turned = list(reversed(list(stored_replies(project))))
    monkeypatch.setattr("passmuster.project.rating.draws.stored_or_refused", lambda *_: turned)

    assert drawn(project).items == one


def rated_pilot(project: Project) -> None:
    """Draw the pilot and rate it: people agree with every verdict `1`, and with half of the verdicts `0`."""
    pilot = drawn(project)
    record(
        project,
        [
            Rating(
                case=item.case,
                input=item.input,
                reply=item.reply,
                metric="fine",
                value=1.0 if item.stratum == "pass" else float(place % 2),
                rater="ana",
                kind="human",
                draw=pilot.id,
            )
            for place, item in enumerate(sorted(pilot.items, key=attrgetter("candidate", "stratum")))
        ],
    )


def test_after_the_pilot_the_stratum_in_which_people_differ_more_gives_more(make: Make) -> None:
    project = make(200)
    rated_pilot(project)
    more = draw_replies(project, "fine", number=30, purpose="calibration", seed=1, only=["zebra"])

    # Of 50 in all Neyman's share of it is 50 * 0.2 * 0.5 / (0.2 * 0.5 + 0.8 * 0.21) = 18.7, and 10 are there already;
    # by size alone it would be 10 of 50, and none more.
    assert strata(more)["fail"] == 9


def test_fresh_replies_are_a_picture_of_all_of_them_whatever_people_said(make: Make) -> None:
    project = make(200)
    rated_pilot(project)
    draw = draw_replies(project, "fine", number=100, purpose="fresh", seed=1, only=["zebra"])

    # 30 of the 180 that are left are `0`: 16.7 of 100 are expected, with a deviation of 2.5. Neyman's share were all 30.
    assert 9 <= strata(draw)["fail"] <= 24


def test_a_metric_that_asks_nobody_is_drawn_for_without_strata(make: Make) -> None:
    draw = drawn(make(judged=False), 10, "exact_match")

    assert strata(draw) == {"": 5}
    assert draw.judge is None


def test_pairs_are_two_candidates_replies_to_one_case_with_sides_drawn(make: Make) -> None:
    project = make()
    draw = draw_replies(project, "exact_match", number=40, purpose="pairs", seed=1, pairs=True)
    firsts = Counter(item.candidate for item in draw.items)

    assert {item.second_by for item in draw.items} == {"zebra", "yak"}
    assert len({item.case for item in draw.items}) == 40
    assert min(firsts.values()) >= 8
    assert all(len(each.texts) == 2 for each in waiting(project, "ana"))


def test_what_a_judge_compared_is_drawn_as_the_pair_that_it_saw(make: Make) -> None:
    project = make()
    draw = drawn(project, 10, "better")

    assert {(item.candidate, item.second_by) for item in draw.items} == {("zebra", "yak")}
    assert draw.populations == {"yak / zebra": {"0.4 to 0.6": 60}}
    found = waiting(project, "ana", "better")
    assert [each.texts[1].split()[0] for each in found] == ["yak"] * len(found)


@pytest.mark.parametrize(("metric", "pairs"), [("fine", False), ("better", False), ("exact_match", True)])
def test_nobody_is_asked_about_cases_that_carry_no_figure(make: Make, metric: str, *, pairs: bool) -> None:
    project = make(20, edge=lambda n: n < 12)
    draw = draw_replies(project, metric, number=100, purpose="calibration", seed=1, pairs=pairs)

    assert {item.case for item in draw.items} == {f"c{n}" for n in range(12, 20)}
    assert {size for own in draw.populations.values() for size in [sum(own.values())]} == {8}


def test_where_every_case_is_in_a_pool_people_are_asked_about_all_of_them(make: Make) -> None:
    assert len(drawn(make(5, edge=lambda _: True), 100).items) == 10


def test_what_others_are_compared_with_is_said_to_be_judged_never(make: Make) -> None:
    project = make(5)
    with pytest.raises(UsageError, match="better compares the others with yak"):
        draw_replies(project, "better", number=5, purpose="calibration", seed=0, only=["yak"])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"number": 0}, "at least 1"),
        ({"metric": "fien"}, "[Dd]id you mean 'fine'"),
        ({"only": ["yack"]}, "[Dd]id you mean 'yak'"),
    ],
)
def test_what_cannot_be_drawn_is_told(make: Make, asked: dict[str, object], words: str) -> None:
    wish: dict[str, object] = {"metric": "fine", "number": 5, "purpose": "calibration", "seed": 0} | asked
    with pytest.raises(UsageError, match=words):
        draw_replies(make(5), **wish)  # type: ignore[arg-type]


def test_a_draw_waits_for_the_judge_and_ends_where_nothing_is_left(make: Make) -> None:
    with pytest.raises(IncompleteError, match="has judged no reply yet"):
        drawn(make(5, judged=False))
    project = make(5)
    drawn(project, 100)
    with pytest.raises(UsageError, match="no reply is left"):
        drawn(project, 1)


def test_fresh_replies_came_since_the_last_fresh_draw_where_those_are_enough(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make(20)
    every = list(stored_replies(project))
    # Of `zebra` every fourth came later than any draw.
    times = [each._replace(when=1e10 if place % 4 == 0 else 1.0) for place, each in enumerate(every)]
    monkeypatch.setattr("passmuster.project.rating.draws.stored_or_refused", lambda *_: times)
    later = {(each.candidate, each.case.id) for each in times if each.when == 1e10}

    def fresh(number: int) -> set[tuple[str, str]]:
        draw = draw_replies(project, "fine", number=number, purpose="fresh", seed=3)
        return {(item.candidate, item.case) for item in draw.items}

    fresh(1)
    assert fresh(4) <= later
    assert not fresh(20) <= later
