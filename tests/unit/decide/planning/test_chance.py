"""From simulated runs to the chance of a decision."""

import numpy as np
import pytest

from passmuster.decide.planning.chance import (
    chance_of_decision,
    chances_by_headroom,
    likely_finalists,
)
from passmuster.decide.planning.drawn import Drawn, Unknown, draw_runs
from passmuster.decide.planning.stated import Reading, Stated, StatedForecast
from passmuster.stats.power import rate_to_pass


def drawn(p: list[list[float]], **changes: object) -> Drawn:
    table = np.array(p)
    made = {
        "names": tuple("abcdefgh"[: table.shape[1]]),
        "p": table,
        "misses": np.ones_like(table),
        "prices": np.broadcast_to(np.arange(1.0, table.shape[1] + 1), table.shape),
        "in_family": np.ones(table.shape[1], dtype=np.bool_),
        "cases": 200,
    }
    return Drawn(**{**made, **changes})  # type: ignore[arg-type]  # test data


def candidate(name: str, share: float, limit: float = 0.70) -> Stated:
    return Stated(name=name, readings=(Reading(share=share, limit=limit, quality=True),))


def test_a_run_is_decided_where_somebody_passes_after_the_correction() -> None:
    runs = drawn([[0.02, 0.5], [0.03, 0.5], [0.03, 0.04], [0.5, 0.5]])
    found = chance_of_decision(runs, 0.05)
    assert (found.decided, found.none, found.total, found.family) == (0.25, 0.0, 0.25, 2)
    assert chance_of_decision(runs, 0.05, ("a",)).decided == 0.75


def test_the_second_is_tested_at_the_whole_level_once_the_first_has_passed() -> None:
    found = chance_of_decision(drawn([[0.01, 0.04]]), 0.05)
    assert [(each.name, each.share) for each in found.passing] == [("a", 1.0), ("b", 1.0)]


def test_the_cheapest_of_those_that_pass_is_chosen_and_an_unknown_price_never_wins() -> None:
    prices = np.array([[np.inf, 2.0, 3.0]])
    found = chance_of_decision(drawn([[0.001, 0.001, 0.001]], prices=prices), 0.05)
    assert [(each.name, each.share) for each in found.chosen] == [("b", 1.0)]


def test_a_run_in_which_everybody_is_shown_to_fail_is_decided_too() -> None:
    runs = drawn([[1.0, 1.0], [1.0, 1.0]], misses=np.array([[0.01, 0.04], [0.01, 0.4]]))
    found = chance_of_decision(runs, 0.05)
    assert (found.decided, found.none, found.total) == (0.0, 0.5, 0.5)


def test_who_is_no_finalist_does_not_pass_and_still_has_to_fail_before_none_is_right() -> None:
    runs = drawn([[0.001, 1.0]], misses=np.array([[1.0, 0.01]]))
    found = chance_of_decision(runs, 0.05, ("b",))
    assert (found.decided, found.none, found.family) == (0.0, 0.0, 1)


def test_those_of_whom_nothing_is_known_count_in_the_correction() -> None:
    alone = StatedForecast(candidates=(candidate("a", 0.78),))
    others = Unknown(names=tuple("bcdefghijklmn"))
    among = chance_of_decision(draw_runs([alone, others], 200, seed=1), 0.05)
    assert among.decided < chance_of_decision(draw_runs([alone], 200, seed=1), 0.05).decided - 0.2
    assert among.family == 14


def test_whose_fate_is_settled_is_no_part_of_the_family() -> None:
    settled = Unknown(
        names=("by hand", "barred"), out=frozenset({"by hand", "barred"}), missed=frozenset({"barred"})
    )
    found = draw_runs([settled], 100, seed=1, repetitions=3)
    assert not found.in_family.any()
    assert found.misses.tolist() == [[1.0, 0.0]] * 3


def test_the_chance_of_one_candidate_is_the_power_of_its_exact_test() -> None:
    """4,000 runs: five standard errors are 3.2 points."""
    rate = rate_to_pass(200, 0.70)
    assert rate is not None
    found = chance_of_decision(
        draw_runs([StatedForecast(candidates=(candidate("a", rate),))], 200, seed=3), 0.05
    )
    assert found.decided == pytest.approx(0.80, abs=0.032)
    assert found.error == pytest.approx(2 * (0.8 * 0.2 / 4000) ** 0.5, rel=0.1)


def test_the_headroom_table_is_the_power_of_the_exact_test() -> None:
    rate = rate_to_pass(200, 0.70, 0.05)
    assert rate is not None
    five = chances_by_headroom(200, 0.70, 14, 0.05)[1]
    assert five.all_candidates < five.three_finalists < five.alone < 0.80
    assert five.above < rate - 0.70


def test_heights_above_one_are_left_out() -> None:
    assert [each.above for each in chances_by_headroom(200, 0.95, 3, 0.05)] == [0.02, 0.05]


def test_the_likeliest_are_proposed_as_finalists_and_raise_the_chance() -> None:
    shares = {"a": 0.60, "b": 0.78, "c": 0.65, "d": 0.77, "e": 0.76, "f": 0.62}
    runs = draw_runs(
        [StatedForecast(candidates=tuple(candidate(name, share) for name, share in shares.items()))],
        300,
        seed=2,
    )
    named = likely_finalists(runs, 0.05)
    assert named == ("b", "d", "e")
    assert chance_of_decision(runs, 0.05, named).total > chance_of_decision(runs, 0.05).total + 0.05


def test_where_there_are_only_three_nobody_is_proposed() -> None:
    forecast = StatedForecast(candidates=tuple(candidate(name, 0.8) for name in "abc"))
    assert likely_finalists(draw_runs([forecast], 300, seed=2), 0.05) == ()


def test_the_same_seed_gives_the_same_chance() -> None:
    forecast = StatedForecast(candidates=(candidate("a", 0.78), candidate("b", 0.74)))
    first, second = (chance_of_decision(draw_runs([forecast], 200, seed=5), 0.05) for _ in range(2))
    assert first == second


def test_nobody_at_all_is_no_decision() -> None:
    assert chance_of_decision(draw_runs([], 200, seed=1), 0.05).total == 0.0
