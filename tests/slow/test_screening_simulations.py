"""What screening promises, in simulated worlds of which the truth is known, beside the usual way."""

from typing import NamedTuple

import numpy as np
import pytest
from tests.unit.decide.screening.worlds import answers, models, own, table

from passmuster.decide.screening import risk
from passmuster.decide.screening.agreement import rank_agreement
from passmuster.decide.screening.filtering import FilterWish, filter_report
from passmuster.decide.screening.regret import regret_of
from passmuster.stats.fay_herriot import linked_means
from passmuster.stats.rank_agreement import kendall_tau, kendall_taus, normal_scores

pytestmark = pytest.mark.slow

MODELS = 50
MEASURED = ((0.0, 200), (0.4, 200), (0.6, 60), (0.8, 60), (0.95, 60))
"""Correlations of public and own order, and worlds: most where the leaderboard says least, there the risk is hard to hold."""


class Dropped(NamedTuple):
    """Shares of worlds in which the best was dropped, by the filter and by the first ten, and how many were kept."""

    lost: float
    naive: float
    kept: float


def dropped(correlation: float, asked: int, wish: FilterWish, worlds: int) -> Dropped:
    """Screen 50 models, of which some were asked 200 cases, in worlds of which the best is known."""
    rng = np.random.default_rng([20261122, int(100 * correlation), asked])
    lost = naive = kept = 0
    for _ in range(worlds):
        public, true = models(MODELS, correlation, rng)
        best = f"m{int(true.argmax())}"
        some = sorted(rng.choice(MODELS, asked, replace=False).tolist())
        scores = own(answers(true[some], 200, rng), [f"m{place}" for place in some]) if asked else None
        who = {} if scores is None else {name: name for name in scores.names}
        found = filter_report(table(public), "score", wish, scores, who)
        assert wish.risk is not None
        assert found.risk.risk <= wish.risk
        lost += best not in {model.model for model in found.models if model.kept}
        naive += best not in {f"m{place}" for place in np.argsort(-public)[:10]}
        kept += found.kept
    return Dropped(lost / worlds, naive / worlds, kept / worlds)


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(risk, "DRAWS", 3000)


@pytest.mark.parametrize(("correlation", "worlds"), MEASURED)
def test_the_measured_risk_holds_whatever_the_leaderboard_is_worth(correlation: float, worlds: int) -> None:
    # a true rate of 10 % shows more than 15 % of 200, or 20 % of 60, in about 1 of 100 such tests
    found = dropped(correlation, 12, FilterWish(risk=0.1), worlds)
    assert found.lost <= (0.15 if worlds == 200 else 0.20)
    assert correlation > 0.5 or found.naive > 0.3


def test_the_stated_risk_holds_where_the_first_ten_lose_the_best() -> None:
    found = dropped(0.7, 0, FilterWish(risk=0.1, correlation=0.7), 200)
    assert found.lost <= 0.15
    assert found.naive > 0.12


def test_the_interval_of_tau_holds_the_true_order_where_the_bootstrap_of_the_cases_does_not() -> None:
    # 150 worlds: a coverage of 95 % shows fewer than 135 in less than 1 of 500 such tests
    rng = np.random.default_rng(8)
    held = naive = 0
    for _ in range(150):
        ability = rng.normal(size=16)
        public, true = ability + 0.2 * rng.normal(size=16), 0.7 + 0.05 * ability
        scores = answers(true, 150, rng)
        found = rank_agreement(own(scores), public, 1000).tau
        truth = kendall_tau(public, true)
        assert truth is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low - 1e-9 <= truth <= found.high + 1e-9
        again = kendall_taus(public, rng.multinomial(150, np.full(150, 1 / 150), 400) @ scores)
        naive += bool(np.quantile(again, 0.025) <= truth <= np.quantile(again, 0.975))
    assert held >= 135
    assert naive < 75


def test_the_interval_of_tau_holds_with_many_models_on_few_cases_where_the_plain_covariance_loses_it() -> (
    None
):
    # 60 worlds: a coverage of 95 % shows fewer than 51 in less than 1 of 500 such tests
    rng = np.random.default_rng(33)
    held = naive = 0
    for _ in range(60):
        ability = rng.normal(size=33)
        public = normal_scores(0.95 * ability + 0.31 * rng.normal(size=33))
        true = 0.7 + 0.02 * ability
        scores = answers(true, 100, rng)
        truth = kendall_tau(public, true)
        assert truth is not None
        plain = np.cov(scores.T) / 100
        for covariance in (own(scores).means().covariance, plain):
            drawn = kendall_taus(
                public, linked_means(scores.mean(axis=0), covariance, public, rng, 500).means
            )
            inside = bool(np.quantile(drawn, 0.025) <= truth <= np.quantile(drawn, 0.975))
            naive += inside and covariance is plain
            held += inside and covariance is not plain
    assert held >= 51
    assert naive < 45


def test_the_interval_of_the_regret_holds_it_where_the_plain_difference_overstates_it() -> None:
    # 150 worlds of models that lie close: 95 % shows fewer than 135 in less than 1 of 500 such tests
    rng = np.random.default_rng(12)
    held, plain, less = 0, 0.0, 0.0
    for _ in range(150):
        true = 0.7 + 0.03 * rng.normal(size=12)
        public = rng.normal(size=12)
        found = regret_of(own((rng.random((200, 12)) < true).astype(np.float64)), public)
        truth = float(true.max() - true[public.argmax()])
        assert found.regret.low is not None
        assert found.regret.high is not None
        assert found.regret.value is not None
        held += found.regret.low <= truth <= found.regret.high
        plain += found.regret.value - truth
        less += found.regret.value - found.luck - truth
    assert held >= 135
    assert plain / 150 > 0.01
    assert abs(less) < abs(plain)
