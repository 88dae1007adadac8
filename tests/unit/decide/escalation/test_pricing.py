"""What signals and escalating cost: nothing is paid twice, and what is unknown is not 0."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.decide.escalation.test_report import SURE, answers, drawn, report

from passmuster.decide.escalation.pricing import cost_of_judging
from passmuster.records.escalation import EscalationPolicy, Signal
from passmuster.records.judged import JudgeReport
from passmuster.records.task import ProductionCall

JUDGE = JudgeReport(
    metric="quality", asks=("j",), models=("m",), version="1", question="q", costs={"j": 0.002}
)
TO_LARGE = EscalationPolicy(target=0.1, to="large")


def test_an_answer_that_the_signal_has_asked_for_is_not_paid_again() -> None:
    """Agreement with the candidate that gets the other replies: it has answered every task by then."""
    _, wrong = drawn(1000)
    agrees = np.where(wrong == 1, 0.0, 1.0)
    same = Signal(name="same", kind="agreement", of="large")
    other = answers(np.zeros(1000), cost=np.full(1000, 0.05))
    found = report(answers(wrong), {"same": agrees}, TO_LARGE, signals=(same,), others={"large": other})
    point = found.signals[0].points[0]
    assert 0 < point.coverage < 1
    assert point.cost_per_task == pytest.approx(0.001 + 0.05)


def test_a_judges_word_costs_what_its_questions_do_and_a_plain_metrics_nothing() -> None:
    stated, wrong = drawn(1000)
    own, policy = answers(wrong), EscalationPolicy(target=0.1, minutes=3, hourly=40)
    signals = tuple(Signal(name=name, kind="metric", of=name) for name in ("judged", "dark", "plain"))
    values = {signal.name: stated for signal in signals}
    found = report(own, values, policy, signals=signals, judged={"judged": 0.002, "dark": None})
    judged, dark, plain = (signal.points[0].cost_per_task for signal in found.signals)
    assert dark is None
    assert judged is not None
    assert plain is not None
    assert judged == pytest.approx(plain + 0.002)


def test_a_question_whose_price_is_unknown_has_none_and_one_asked_in_production_is_paid() -> None:
    assert cost_of_judging(replace(JUDGE, costs={}), "judge", ()) is None
    assert cost_of_judging(JUDGE, "judge", ()) == pytest.approx(0.002)
    assert cost_of_judging(JUDGE, "pairwise", ()) == pytest.approx(0.004)
    asked = ProductionCall(name="guard", scorer="j", share=0.25)
    assert cost_of_judging(JUDGE, "judge", (asked,)) == pytest.approx(0.0015)
    assert cost_of_judging(JUDGE, "judge", (replace(asked, share=1.0),) * 2) == 0.0


@pytest.mark.parametrize(("theirs", "said"), [(0.0, "fewer"), (0.9, "does harm")])
def test_what_escalating_changes_is_told_with_its_interval(theirs: float, said: str) -> None:
    stated, wrong = drawn(1500)
    other = answers((np.random.default_rng(2).random(1500) < theirs).astype(float))
    found = report(answers(wrong), {"sure": stated}, TO_LARGE, signals=(SURE,), others={"large": other})
    assert found.best == "sure"
    effect = found.remarks[0]
    assert said in effect
    assert "of 1,000 tasks" in effect
    best = found.signals[0].certified
    assert best is not None
    assert best.wrong_per_thousand is not None
    change = abs(1000 * wrong.mean() - best.wrong_per_thousand)
    assert f"{change:,.0f} {'fewer' if said == 'fewer' else 'more'}" in effect


def test_who_has_no_reply_yet_is_told_to_be_asked() -> None:
    stated, wrong = drawn(1500)
    none = np.zeros(1500, dtype=np.bool_)
    silent = answers(np.full(1500, np.nan), replied=none, cost=np.full(1500, np.nan))
    found = report(answers(wrong), {"sure": stated}, TO_LARGE, others={"large": silent})
    assert found.remarks[0].startswith("no reply of large is stored")
    assert "passmuster run --only large" in found.remarks[0]
    assert found.signals[0].points[0].cost_per_task is None
    assert found.signals[0].points[0].wrong_per_thousand is None


def test_where_nothing_is_escalated_no_change_is_told() -> None:
    found = report(
        answers(np.zeros(400)),
        {"sure": np.linspace(0, 1, 400)},
        TO_LARGE,
        others={"large": answers(np.zeros(400))},
    )
    assert found.best == "sure"
    assert not any("1,000 tasks" in text for text in found.remarks)
