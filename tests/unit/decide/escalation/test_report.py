"""What may go out unseen, what is missing for that, and which signal is no use."""

from dataclasses import replace

import numpy as np
import pytest

from passmuster.decide.escalation.answers import Answers
from passmuster.decide.escalation.choosing import existing
from passmuster.decide.escalation.report import Evidence, escalation_report
from passmuster.decide.measured import FloatArray
from passmuster.records.escalation import EscalationPolicy, EscalationReport, Signal
from passmuster.records.task import CostModel, MetricSpec, Review, Task

TASK = Task(name="t", metrics=(MetricSpec(name="right", kind="exact_match"),))
SURE = Signal(name="sure", kind="confidence")
NOISE = Signal(name="noise", kind="confidence")


def answers(wrong: FloatArray, **others: object) -> Answers:
    n = wrong.size
    none = np.zeros(n, dtype=np.bool_)
    made = Answers(
        replied=~none,
        failed=none,
        wrong=wrong,
        unscored=none,
        cost=np.full(n, 0.001),
        weights=None,
        groups=None,
    )
    return replace(made, **others)  # type: ignore[arg-type]  # of a test


def drawn(n: int, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Return chances of being right that are true, and who is wrong: 17.7 % on average."""
    rng = np.random.default_rng(seed)
    stated = rng.beta(7.43, 1.6, n)
    return stated, (rng.random(n) > stated).astype(float)


def report(
    own: Answers, values: dict[str, FloatArray], policy: EscalationPolicy | None = None, **others: object
) -> EscalationReport:
    signals = tuple(Signal(name=name, kind="confidence") for name in values)
    evidence = Evidence(
        task=TASK, success="right", candidate="small", repeats=1, answers=own, values=values, signals=signals
    )
    made = replace(evidence, **others)  # type: ignore[arg-type]  # of a test
    return escalation_report(made, policy or EscalationPolicy(target=0.1), generated="now", corpus="c")


def test_a_good_signal_certifies_a_threshold_and_the_sentence_says_it() -> None:
    stated, wrong = drawn(1500)
    found = report(answers(wrong), {"sure": stated})
    best = found.signals[0].certified
    assert best is not None
    assert found.best == "sure"
    assert 0.3 <= best.coverage <= 0.62
    assert found.signals[0].threshold == best.threshold
    accepted = stated >= best.threshold
    assert best.accepted == accepted.sum()
    assert best.risk == pytest.approx(wrong[accepted].mean())
    assert best.wrong_per_thousand == pytest.approx(1000 * wrong[accepted].sum() / 1500)
    assert found.sentence.startswith("Replies of small can go out unseen where sure >= 0.")
    assert "of which at most 10 % are wrong" in found.sentence
    assert found.sentence.endswith("% go to a person.")
    assert [point.certified for point in found.signals[0].points] == sorted(
        (point.certified for point in found.signals[0].points), reverse=True
    )


def test_too_few_labels_are_told_with_how_many_more() -> None:
    stated, wrong = drawn(100)
    found = report(answers(wrong), {"sure": stated})
    assert found.best is None
    assert found.signals[0].more_labels is not None
    assert f"{found.signals[0].more_labels:,} more labels" in found.sentence
    assert found.sentence.startswith("No threshold can be certified")


def test_so_many_more_labels_do_it_in_four_of_five() -> None:
    """The surest fifth is wrong in 5 %, seen and true; 200 draws, under 70 % would be a chance of under 0.1 % at 80 %."""
    values = np.arange(200.0)
    wrong = np.where(values >= 160, 0.0, 1.0)
    wrong[[165, 175]] = 1.0
    more = report(answers(wrong), {"sure": values}).signals[0].more_labels
    assert more is not None
    n = 200 + more
    rng, done = np.random.default_rng(0), 0
    for _ in range(200):
        again = np.arange(float(n))
        errors = np.where(again >= 0.8 * n, rng.random(n) < 0.05, 1.0)
        done += report(answers(errors.astype(float)), {"sure": again}).best is not None
    assert 0.7 < done / 200 < 0.93


def test_a_signal_of_chance_is_unusable_and_names_the_best_other() -> None:
    stated, wrong = drawn(800)
    noise = np.random.default_rng(5).random(800)
    found = report(answers(wrong), {"noise": noise, "sure": stated})
    unusable, usable = found.signals
    assert not unusable.usable
    assert unusable.sentence.startswith(
        "noise is unusable: it is not shown to tell right replies from wrong ones"
    )
    assert "sure is the best other one (AUROC 0.7" in unusable.sentence
    assert usable.usable
    assert found.leading == "sure"
    (gap,) = found.differences
    assert (gap.first, gap.second) == ("sure", "noise")
    assert gap.difference.p is not None
    assert gap.difference.p < 0.001


def test_a_signal_that_points_the_wrong_way_or_nowhere_is_told_as_such() -> None:
    stated, wrong = drawn(500)
    found = report(answers(wrong), {"against": -stated, "same": np.ones(500)})
    assert "it points the wrong way" in found.signals[0].sentence
    assert "it has the same value for every reply" in found.signals[1].sentence
    assert "no other signal does it either" in found.signals[1].sentence
    assert found.leading is None


def test_where_nothing_helps_more_labels_are_not_asked_for() -> None:
    wrong = np.array([1.0, 0.0] * 200)
    found = report(answers(wrong), {"noise": np.random.default_rng(1).random(400)})
    assert found.signals[0].more_labels is None
    assert "more labels are not the remedy" in found.sentence


def test_several_signals_share_the_chance_of_an_error() -> None:
    stated, wrong = drawn(2000, seed=2)
    alone = report(answers(wrong), {"sure": stated}).signals[0].certified
    many = {"sure": stated, **{f"n{k}": np.random.default_rng(k).random(2000) for k in range(9)}}
    among = report(answers(wrong), many)
    own = among.signals[0].certified
    assert among.family == 10
    assert alone is not None
    assert own is None or own.coverage <= alone.coverage
    assert all(point.p <= 0.01 for signal in among.signals for point in signal.points if point.certified)


def test_no_reply_needs_to_be_escalated_where_hardly_any_is_wrong() -> None:
    wrong = np.zeros(400)
    wrong[:4] = 1.0
    found = report(answers(wrong), {"sure": np.linspace(0, 1, 400)}, EscalationPolicy(target=0.05))
    assert found.sentence.startswith("No reply of small needs to be escalated: at most 5 % of them are wrong")


def test_a_task_without_a_reply_is_never_accepted_and_one_without_a_label_is_left_out() -> None:
    stated, wrong = drawn(1000)
    failed = np.arange(1000) < 100
    wrong[failed] = 1.0
    wrong[100:150] = np.nan
    own = answers(wrong, failed=failed, replied=~failed)
    found = report(own, {"sure": stated})
    last = found.signals[0].points[-1]
    assert (found.failed, found.unlabelled) == (100, 50)
    assert last.accepted == 850
    assert last.coverage == pytest.approx(850 / 950)
    assert found.error_rate.n == 850


def test_a_reply_without_a_value_is_missing_and_never_accepted() -> None:
    stated, wrong = drawn(1000)
    stated[:300] = np.nan
    found = report(answers(wrong), {"sure": stated}).signals[0]
    assert (found.n, found.n_missing) == (700, 300)
    assert found.points[-1].coverage == pytest.approx(0.7)


def test_what_escalating_costs_is_a_persons_look_or_the_other_candidates_call() -> None:
    stated, wrong = drawn(1000)
    own = answers(wrong)
    person = report(own, {"sure": stated}, EscalationPolicy(target=0.1, minutes=3, hourly=40))
    point = person.signals[0].points[0]
    assert person.price == 2.0
    assert point.cost_per_task == pytest.approx(0.001 + 2.0 * (1 - point.coverage))
    other = answers(np.zeros(1000), cost=np.full(1000, 0.05))
    policy = EscalationPolicy(target=0.1, to="large")
    cascade = report(own, {"sure": stated}, policy, others={"large": other})
    point = cascade.signals[0].points[0]
    assert point.cost_per_task == pytest.approx(0.001 + 0.05 * (1 - point.coverage))
    assert point.wrong_per_thousand == pytest.approx(1000 * point.errors / 1000)
    assert cascade.sentence.endswith("go to large.")
    worse = report(own, {"sure": stated}, policy, others={"large": replace(other, wrong=np.ones(1000))})
    first = worse.signals[0].points[0]
    assert first.wrong_per_thousand == pytest.approx(first.errors + 1000 * (1 - first.coverage))


def test_an_unknown_price_is_no_price_of_0() -> None:
    stated, wrong = drawn(500)
    found = report(answers(wrong), {"sure": stated})
    assert found.signals[0].points[0].cost_per_task is None
    assert any("what a person's look costs is not known" in text for text in found.remarks)
    reviewed = replace(TASK, cost=CostModel(review=(Review(when="failed", minutes=6, hourly=30),)))
    assert report(answers(wrong), {"sure": stated}, task=reviewed).price == 3.0


def test_the_best_is_the_cheapest_where_costs_are_known() -> None:
    """Agreement with a dear candidate accepts more, and costs its call on every task."""
    stated, wrong = drawn(3000)
    agrees = np.where(wrong == 1, np.random.default_rng(1).random(3000) < 0.05, 1.0)
    same = Signal(name="same", kind="agreement", of="large")
    dear = answers(np.zeros(3000), cost=np.full(3000, 10.0))
    own = answers(wrong)
    values = {"sure": stated, "same": agrees.astype(float)}
    others = {"large": dear}
    signals = (SURE, same)
    unpriced = report(own, values, signals=signals, others=others)
    assert unpriced.best == "same"
    policy = EscalationPolicy(target=0.1, minutes=3, hourly=40)
    assert report(own, values, policy, signals=signals, others=others).best == "sure"


def test_groups_take_from_what_is_certified() -> None:
    stated, wrong = drawn(300, seed=4)
    own = answers(np.repeat(wrong, 5))
    alone = report(own, {"sure": np.repeat(stated, 5)}).signals[0].certified
    grouped = replace(own, groups=np.repeat(np.arange(300), 5))
    together = report(grouped, {"sure": np.repeat(stated, 5)})
    own_group = together.signals[0].certified
    assert alone is not None
    assert own_group is None or own_group.coverage < alone.coverage
    assert any("effective number of cases" in text for text in together.remarks)


def test_chances_are_judged_only_where_values_are_chances() -> None:
    stated, wrong = drawn(1500)
    true, logit = report(answers(wrong), {"sure": stated, "logit": np.log(stated / (1 - stated))}).signals
    assert true.calibration is not None
    assert true.calibration.p > 0.05
    assert true.calibration.brier.value == pytest.approx(np.mean((stated - (1 - wrong)) ** 2))
    assert sum(each.n for each in true.calibration.bins) == 1500
    assert logit.calibration is None
    too_sure = report(answers(wrong), {"sure": np.sqrt(stated)}).signals[0].calibration
    assert too_sure is not None
    assert too_sure.p < 0.05


def test_without_a_signal_it_says_where_one_could_come_from() -> None:
    found = report(answers(np.zeros(20)), {})
    assert found.best is None
    assert "have no signal of confidence" in found.sentence


def test_signals_that_say_nothing_or_the_same_are_left_out_unless_they_were_named() -> None:
    values = {
        "sure": np.array([0.1, 0.5, 0.9]),
        "twin": np.array([1.0, 5.0, 9.0]),
        "empty": np.full(3, np.nan),
    }
    signals = [Signal(name=name, kind="confidence") for name in values]
    kept, absent = existing(signals, values, named=False)
    assert [signal.name for signal in kept] == ["sure"]
    assert absent["twin"] == "it ranks the replies as sure does, or nearly so"
    assert "no reply comes with the confidence" in absent["empty"]
    assert [signal.name for signal in existing(signals, values, named=True)[0]] == ["sure", "twin"]
