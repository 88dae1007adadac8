"""Agreement: every coefficient against a well-known library or its closed form, to 1e-9."""

import gzip
import json
from pathlib import Path
from typing import Any

import evalica
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa as fleiss_of_statsmodels

from passmuster.stats.agreement import (
    MISSING,
    Level,
    Votes,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    point,
    raw_agreement,
    votes_of_codes,
    votes_of_counts,
    with_interval,
)
from passmuster.stats.arrays import FloatArray, IntArray

CLOSE = 1e-9
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval")


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a packed file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


@pytest.fixture(scope="module")
def tweets(data_folder: Path) -> FloatArray:
    """Return how many annotators gave each tweet each label."""
    labels = ("hate", "offensive", "neither")
    found = rows(data_folder / "labelling_tweets_iaa/items.jsonl.gz")
    return np.array([[row["votes"][label] for label in labels] for row in found], dtype=float)


def observers(counts: FloatArray) -> pd.DataFrame:
    """Return the table that evalica takes: a row an observer, a column a case; who is who does not matter."""
    table = np.full((len(counts), int(counts.sum(axis=1).max())), np.nan)
    for case, row in enumerate(counts):
        given = np.repeat(np.arange(len(row)), row.astype(int))
        table[case, : len(given)] = given
    return pd.DataFrame(table.T)


def alpha_of(votes: Votes, level: Level) -> float:
    """Return alpha, which must be defined."""
    value = point(krippendorff_alpha(votes, level), len(votes))
    assert value is not None
    return value


@pytest.mark.data
def test_fleiss_kappa_of_the_tweets_with_three_annotators_is_that_of_statsmodels(tweets: FloatArray) -> None:
    three = tweets[tweets.sum(axis=1) == 3]
    votes = votes_of_counts(three)

    assert len(three) == 22_807
    assert point(fleiss_kappa(votes), len(votes)) == pytest.approx(fleiss_of_statsmodels(three), abs=CLOSE)


@pytest.mark.data
@pytest.mark.parametrize("level", LEVELS)
def test_alpha_of_all_tweets_is_that_of_evalica(tweets: FloatArray, level: Level) -> None:
    assert alpha_of(votes_of_counts(tweets), level) == pytest.approx(
        evalica.alpha(observers(tweets), level).alpha, abs=CLOSE
    )


@pytest.mark.data
def test_alpha_of_the_factuality_votes_is_that_of_evalica(data_folder: Path) -> None:
    found = rows(data_folder / "summaries_xsum_hallucination/factuality.jsonl.gz")
    votes: dict[tuple[str, str], list[int]] = {}
    for row in found:
        counts = votes.setdefault((row["bbcid"], row["system"]), [0, 0])
        if row["is_factual"] in {"yes", "no"}:  # 33 say NULL: missing
            counts[row["is_factual"] == "yes"] += 1
    table = np.array(list(votes.values()), dtype=float)

    assert alpha_of(votes_of_counts(table), "nominal") == pytest.approx(
        evalica.alpha(observers(table), "nominal").alpha, abs=CLOSE
    )


@pytest.mark.data
def test_kappa_of_the_two_people_of_xstest_is_that_of_scikit_learn(data_folder: Path) -> None:
    found = rows(data_folder / "safety_xstest/outputs.jsonl.gz")
    one, other = [row["human_1"] for row in found], [row["human_2"] for row in found]
    labels = sorted({*one, *other})
    codes = np.array([[labels.index(a), labels.index(b)] for a, b in zip(one, other, strict=True)])
    votes = votes_of_codes(codes)

    assert point(cohen_kappa(codes), len(codes)) == pytest.approx(cohen_kappa_score(one, other), abs=CLOSE)
    assert point(raw_agreement(votes), len(codes)) == pytest.approx(0.964, abs=5e-4)


def test_ac1_is_its_closed_form() -> None:
    """Two annotators, two labels: AC1 = (p - e) / (1 - e) with e = 2 q (1 - q), q the mean share of a label."""
    table = np.array([[0, 0]] * 80 + [[0, 1]] * 7 + [[1, 0]] * 5 + [[1, 1]] * 8)
    share = (87 + 85) / 200
    chance = 2 * share * (1 - share)

    assert point(gwet_ac1(votes_of_codes(table)), 100) == pytest.approx(
        (0.88 - chance) / (1 - chance), abs=CLOSE
    )


def test_ac1_of_several_annotators_with_gaps_is_computed_as_gwet_does_by_hand() -> None:
    codes = np.array([[0, 0, 1], [1, 1, MISSING], [2, MISSING, MISSING]])
    seen = (1 / 3 + 1) / 2
    shares = np.array([2 / 3, 1 / 3 + 1, 1]) / 3
    chance = float((shares * (1 - shares)).sum()) / 2

    assert point(gwet_ac1(votes_of_codes(codes)), 3) == pytest.approx(
        (seen - chance) / (1 - chance), abs=CLOSE
    )


def test_where_nearly_all_is_one_label_kappa_falls_and_ac1_does_not() -> None:
    codes = np.array([[0, 0]] * 90 + [[0, 1]] * 5 + [[1, 0]] * 5)
    votes = votes_of_codes(codes)
    kappa, ac1 = point(cohen_kappa(codes), 100), point(gwet_ac1(votes), 100)

    assert kappa is not None
    assert kappa < 0
    assert ac1 is not None
    assert ac1 > 0.85


tables = arrays(np.int64, st.tuples(st.integers(2, 25), st.integers(2, 4)), elements=st.integers(MISSING, 3))


@given(tables)
def test_alpha_with_gaps_is_that_of_evalica(codes: IntArray) -> None:
    table = np.where(codes == MISSING, np.nan, codes.astype(float))
    votes = votes_of_codes(codes)
    for level in LEVELS:
        mine = point(krippendorff_alpha(votes, level), len(votes))
        if mine is not None:
            theirs = evalica.alpha(pd.DataFrame(table.T), level).alpha
            assert mine == pytest.approx(theirs, abs=CLOSE)


@given(tables, st.randoms(use_true_random=False))
def test_who_is_who_and_the_order_of_cases_do_not_matter(codes: IntArray, random: Any) -> None:
    order = list(range(len(codes)))
    random.shuffle(order)
    mixed = np.array([random.sample(row, len(row)) for row in codes[order].tolist()])
    for build in (raw_agreement, fleiss_kappa, gwet_ac1, krippendorff_alpha):
        one = point(build(votes_of_codes(codes, categories=4)), len(codes))
        other = point(build(votes_of_codes(mixed, categories=4)), len(codes))
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other, abs=CLOSE)


@given(tables)
def test_a_weight_is_a_case_that_stands_so_often(codes: IntArray) -> None:
    weights = np.arange(len(codes)) % 3
    repeated = votes_of_codes(np.repeat(codes, weights, axis=0), categories=4)
    votes = votes_of_codes(codes, categories=4)
    for build in (
        raw_agreement,
        fleiss_kappa,
        gwet_ac1,
        krippendorff_alpha,
        lambda each: krippendorff_alpha(each, "ordinal"),
    ):
        weighted = float(build(votes)(weights[None, :].astype(float))[0])
        plain = point(build(repeated), len(repeated))
        assert np.isnan(weighted) if plain is None else weighted == pytest.approx(plain, abs=CLOSE)


def test_large_numbers_that_are_alike_lose_no_digits() -> None:
    codes = np.array([[0, 0], [0, 1], [2, 2], [2, 1]] * 10)
    small = votes_of_codes(codes, np.array([0.0, 1.0, 2.0]))
    large = votes_of_codes(codes, np.array([0.0, 1.0, 2.0]) + 1e7)

    assert alpha_of(small, "interval") == pytest.approx(alpha_of(large, "interval"), abs=CLOSE)


def test_nobody_who_labelled_the_same_case_is_nothing_measured_not_zero() -> None:
    votes = votes_of_codes(np.array([[0, MISSING], [MISSING, 1]]))
    found = with_interval(raw_agreement(votes), votes, np.random.default_rng(1))

    assert found.value is None
    assert (found.n, found.n_missing) == (0, 2)


def test_one_label_for_all_is_no_kappa_of_one() -> None:
    votes = votes_of_codes(np.zeros((50, 2), dtype=np.int64))

    assert point(fleiss_kappa(votes), 50) is None
    assert point(krippendorff_alpha(votes), 50) is None


def test_perfect_agreement_has_no_interval_without_a_width_but_a_bound() -> None:
    votes = votes_of_codes(np.array([[0, 0], [1, 1]] * 20))
    found = with_interval(krippendorff_alpha(votes), votes, np.random.default_rng(1))

    assert (found.value, found.low, found.high) == (1.0, None, None)
    assert "at least 0.912" in (found.note or "")


@pytest.mark.parametrize("cases", [1, 20])
def test_disagreement_everywhere_has_no_interval_without_a_width_either(cases: int) -> None:
    votes = votes_of_codes(np.array([[0, 1]] * cases))
    for coefficient in (raw_agreement(votes), krippendorff_alpha(votes)):
        found = with_interval(coefficient, votes, np.random.default_rng(1))
        assert found.value is not None
        assert (found.low, found.high) == (None, None)
        assert "are alike: no interval" in (found.note or "")


def test_the_cases_of_a_group_are_drawn_together() -> None:
    codes = np.array([[0, 0]] * 80 + [[0, 1]] * 20)
    votes = votes_of_codes(codes)
    alone = with_interval(raw_agreement(votes), votes, np.random.default_rng(1))
    grouped = with_interval(raw_agreement(votes), votes, np.random.default_rng(1), np.repeat(range(10), 10))
    widths = [float(each.high or 0) - float(each.low or 0) for each in (alone, grouped)]

    assert widths[1] > 1.5 * widths[0]
    assert "groups" in grouped.method


def test_the_same_seed_gives_the_same_interval_whatever_the_blocks() -> None:
    codes = np.random.default_rng(3).integers(0, 3, size=(60, 3))
    votes = votes_of_codes(codes)
    build = krippendorff_alpha(votes, "ordinal")

    assert with_interval(build, votes, np.random.default_rng(5)) == with_interval(
        build, votes, np.random.default_rng(5)
    )


def test_groups_that_never_disagree_count_as_groups() -> None:
    votes = votes_of_codes(np.array([[0, 0], [1, 1]] * 50))
    grouped = with_interval(raw_agreement(votes), votes, np.random.default_rng(1), np.repeat(range(10), 10))
    assert (
        grouped.note
        == "no disagreement in 100 cases of 10 groups: the raw agreement is at least 0.722 (Wilson)"
    )
