"""What screening promises, in simulated worlds of which the truth is known, beside the usual way."""

import numpy as np
import pytest
from tests.unit.decide.screening.worlds import answers, models, own, table

from passmuster.decide.screening import risk
from passmuster.decide.screening.agreement import rank_agreement
from passmuster.decide.screening.filtering import FilterWish, filter_report
from passmuster.decide.screening.regret import regret_of
from passmuster.stats.rank_agreement import kendall_tau, kendall_taus

pytestmark = pytest.mark.slow

MODELS = 50
WORLDS = 200


@pytest.mark.parametrize(
    ("correlation", "asked", "stated", "most", "naive_least"),
    [(0.6, 12, None, 0.10, 0.20), (0.7, 0, 0.7, 0.10, 0.12)],
)
def test_the_best_is_dropped_no_more_often_than_stated_where_the_first_ten_lose_it(
    correlation: float,
    asked: int,
    stated: float | None,
    most: float,
    naive_least: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # a true rate of 10 % shows more than 15 % of 200 in about 1 of 100 such tests
    monkeypatch.setattr(risk, "DRAWS", 4000)
    rng = np.random.default_rng(20261122)
    lost = naive = 0
    for _ in range(WORLDS):
        public, true = models(MODELS, correlation, rng)
        board, best = table(public), f"m{int(true.argmax())}"
        some = sorted(rng.choice(MODELS, asked, replace=False).tolist())
        scores = own(answers(true[some], 200, rng), [f"m{place}" for place in some]) if asked else None
        who = {} if scores is None else {name: name for name in scores.names}
        wish = FilterWish(risk=most, correlation=stated)
        found = filter_report(board, "score", wish, scores, who)
        assert found.risk.risk <= most
        lost += best not in {model.model for model in found.models if model.kept}
        naive += best not in {f"m{place}" for place in np.argsort(-public)[:10]}
    assert lost / WORLDS <= most + 0.05
    assert naive / WORLDS > naive_least


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
