"""Strengths equal evalica's, a tie is half a win, and what has no finite strength is known."""

import gzip
import json
from collections import defaultdict
from pathlib import Path

import evalica
import numpy as np
import pytest
from scipy.stats import studentized_range

from passmuster.stats.arrays import FloatArray
from passmuster.stats.bradley_terry import Games, islands, joint_quantile, ladders, strengths

CLOSE = 1e-6
_WINNERS = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}


def drawn(seed: int, players: int = 6, games: int = 400) -> Games:
    """Return games at random, a fifth of them ties."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, players, games)
    second = (first + rng.integers(1, players, games)) % players
    strong = np.linspace(1, -1, players)
    shares = 1 / (1 + np.exp(strong[second] - strong[first]))
    won = np.where(rng.random(games) < 0.2, 0.5, rng.random(games) < shares).astype(np.float64)
    return Games(first, second, won, players)


def by_evalica(games: Games) -> FloatArray:
    """Return the log strengths that evalica finds, their mean 0."""
    names = [f"player {number:03}" for number in range(games.players)]
    found = evalica.bradley_terry(
        [names[each] for each in games.first],
        [names[each] for each in games.second],
        [_WINNERS[each] for each in games.won.tolist()],
        tolerance=1e-14,
        limit=1_000_000,
    )
    logs = np.log(found.scores[names].to_numpy())
    return np.asarray(logs - logs.mean(), dtype=np.float64)


def judges_against_one_another(folder: Path) -> Games:
    """Return games between judges: on each item, who was right more often beats who was less often."""
    with gzip.open(folder / "judge_llmbar" / "items.jsonl.gz", "rt") as lines:
        labels = {row["id"]: str(row["label"]) for row in map(json.loads, lines)}
    right: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with gzip.open(folder / "judge_llmbar" / "verdicts.jsonl.gz", "rt") as lines:
        for row in map(json.loads, lines):
            verdict = row.get("verdicts", {}).get("swap = False")
            if verdict in {"1", "2"}:
                right[row["id"]][row["judge"]].append(float(verdict == labels[row["id"]]))
    judges = sorted({judge for said in right.values() for judge in said})
    rows = []
    for said in right.values():
        for one in range(len(judges)):
            for other in range(one):
                if judges[one] in said and judges[other] in said:
                    gap = np.mean(said[judges[one]]) - np.mean(said[judges[other]])
                    rows.append((one, other, 0.5 + 0.5 * np.sign(gap)))
    first, second, won = (np.array(column) for column in zip(*rows, strict=True))
    return Games(first, second, won, len(judges))


@pytest.mark.parametrize("seed", range(8))
def test_strengths_equal_those_of_evalica(seed: int) -> None:
    games = drawn(seed, players=2 + seed)
    np.testing.assert_allclose(strengths(games).values, by_evalica(games), atol=CLOSE)


def of_pairs(*pairs: tuple[int, int, float, int]) -> Games:
    """Return games of (first, second, what the first got, how often)."""
    rows = [(one, other, won) for one, other, won, times in pairs for _ in range(times)]
    first, second, won = (np.array(column) for column in zip(*rows, strict=True))
    return Games(first, second, won.astype(np.float64), int(max(first.max(), second.max())) + 1)


@pytest.mark.parametrize(
    "games",
    [
        of_pairs((0, 1, 0.5, 30), (1, 2, 0.5, 5)),  # ties only
        of_pairs((0, 1, 1, 400), (0, 1, 0, 1), (1, 2, 1, 300), (1, 2, 0.5, 1)),  # one point lost
        of_pairs(*((n, n + 1, 1, 2) for n in range(11)), *((n, n + 1, 0, 1) for n in range(11))),  # a chain
        of_pairs((0, 1, 1, 1), (1, 2, 1, 1), (2, 0, 1, 1)),  # a circle
        of_pairs((0, 1, 1, 2000), (0, 1, 0, 1000), (2, 1, 1, 1), (2, 1, 0, 2)),  # hardly met
    ],
)
def test_strengths_of_lopsided_tables_equal_those_of_evalica(games: Games) -> None:
    np.testing.assert_allclose(strengths(games).values, by_evalica(games), atol=CLOSE)


@pytest.mark.parametrize("clusters", [2, 4, 30])
def test_no_difference_is_certain_where_clusters_are_alike_or_fewer_than_players(clusters: int) -> None:
    alike = of_pairs((0, 1, 0.5, 20), (1, 2, 0.5, 20), (2, 3, 0.5, 20), (3, 4, 0.5, 20))
    few = drawn(3, players=12, games=300)
    for games in (alike, few):
        errors = strengths(games, clusters=[np.arange(len(games.won)) % clusters]).apart()[1]
        assert errors[np.triu_indices(games.players, 1)].min() > 1e-3


@pytest.mark.data
def test_strengths_of_real_judges_equal_those_of_evalica(data_folder: Path) -> None:
    games = judges_against_one_another(data_folder)
    assert games.players == 6
    assert len(games.won) > 5_000
    np.testing.assert_allclose(strengths(games).values, by_evalica(games), atol=CLOSE)


def test_a_tie_is_half_a_win_for_each() -> None:
    ties = Games(np.array([0, 0, 0, 0]), np.array([1, 1, 1, 1]), np.array([1.0, 0.5, 0.5, 1.0]), 2)
    halves = Games(np.array([0, 0, 0, 0]), np.array([1, 1, 1, 1]), np.array([1.0, 1.0, 0.0, 1.0]), 2)
    np.testing.assert_allclose(strengths(ties).values, strengths(halves).values, atol=1e-10)


def test_who_is_named_first_changes_nothing() -> None:
    games = drawn(3)
    turned = Games(games.second, games.first, 1 - games.won, games.players)
    one, other = strengths(games, clusters=[range(400)]), strengths(turned, clusters=[range(400)])
    np.testing.assert_allclose(one.values, other.values, atol=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)


def test_games_of_one_prompt_repeated_tell_nothing_new() -> None:
    games = drawn(5)
    rows = np.repeat(np.arange(400), 5)
    repeated = games.of(rows)
    once = strengths(games, clusters=[range(400)])
    often = strengths(repeated, clusters=[rows])
    np.testing.assert_allclose(often.errors, once.errors, rtol=0.02)
    believed = strengths(repeated, clusters=[range(2000)])
    assert (believed.errors < 0.5 * once.errors).all()  # what clustering is for


def test_the_place_is_told_from_the_strength() -> None:
    rng = np.random.default_rng(0)
    games = drawn(1, players=3, games=4000)
    ahead = np.array([0.5, 0.0, -0.5])
    shares = 1 / (1 + np.exp(-(ahead[games.first] - ahead[games.second] + 0.8)))
    won = (rng.random(4000) < shares).astype(np.float64)
    found = strengths(Games(games.first, games.second, won, 3), columns=np.ones((4000, 1)))
    assert abs(found.effects[0] - 0.8) < 4 * found.effect_errors[0]
    np.testing.assert_allclose(found.values, ahead, atol=0.15)


def test_a_player_who_never_lost_is_seen_and_given_no_error() -> None:
    games = Games(np.array([0, 0, 1, 2]), np.array([1, 2, 2, 1]), np.array([1.0, 1.0, 1.0, 1.0]), 3)
    assert ladders(games).tolist() == [0, 1, 1]
    found = strengths(games)
    assert found.separated
    assert found.values.argmax() == 0


def test_a_tie_connects_both_ways() -> None:
    games = Games(np.array([0]), np.array([1]), np.array([0.5]), 2)
    assert ladders(games).tolist() == [0, 0]


def test_players_that_never_met_have_no_common_scale() -> None:
    games = Games(np.array([0, 2]), np.array([1, 3]), np.array([0.5, 0.5]), 4)
    assert islands(games).tolist() == [0, 0, 1, 1]
    with pytest.raises(ValueError, match="connected"):
        strengths(games)


@pytest.mark.parametrize("players", [2, 3, 6, 12])
def test_joint_intervals_are_as_wide_as_tukeys_where_his_apply(players: int) -> None:
    first, second = np.triu_indices(players, 1)
    first, second = np.tile(first, 40), np.tile(second, 40)
    won = np.tile(np.repeat([1.0, 0.0], len(first) // 40), 20)  # everyone even with everyone
    found = strengths(Games(first, second, won, players))
    np.testing.assert_allclose(found.values, 0, atol=1e-9)
    tukey = studentized_range.ppf(0.95, players, np.inf) / np.sqrt(2)
    assert joint_quantile(found, np.random.default_rng(4)) == pytest.approx(tukey, abs=0.05)


def test_joint_intervals_of_few_clusters_are_wider() -> None:
    games = drawn(2)
    many = joint_quantile(strengths(games, clusters=[range(400)]), np.random.default_rng(0))
    few = joint_quantile(strengths(games, clusters=[np.arange(400) % 5]), np.random.default_rng(0))
    assert few > 1.3 * many


def test_raters_who_happen_to_cancel_out_make_no_interval_narrower() -> None:
    games = drawn(6)
    order = np.argsort(games.won, kind="stable")
    raters = np.empty(400, dtype=np.int64)
    raters[order] = np.arange(400) % 4  # each gives as many wins as the others
    one = strengths(games, clusters=[range(400)])
    both = strengths(games, clusters=[range(400), raters])
    ours, theirs = one.apart()[1], both.apart()[1]
    assert (theirs >= ours - 1e-9).all()
