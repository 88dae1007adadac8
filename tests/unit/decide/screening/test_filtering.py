"""A leaderboard as a filter: limits, ties, what is unknown, and a risk that says what it rests on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.decide.screening.worlds import answers, models, own, table

from passmuster.decide.screening.filtering import UNRANKED, FilterWish, filter_report
from passmuster.decide.screening.limits import Limits, ModelFacts
from passmuster.project.yaml import read_yaml
from passmuster.records.leaderboard import PublicFigure, PublicRow
from passmuster.records.screening import FilterReport
from passmuster.records.task import Requirement

FIFTY = table(np.linspace(100, 51, 50))


def kept(report: FilterReport) -> list[str]:
    return [model.model for model in report.models if model.kept]


def test_ten_of_fifty_are_kept_with_the_risk_of_the_others() -> None:
    report = filter_report(FIFTY, "score", FilterWish(correlation=0.7))
    assert kept(report) == [f"m{place}" for place in range(10)]
    assert (report.kept, report.dropped) == (10, 40)
    assert report.risk.basis == "stated"
    assert 0.1 < report.risk.risk < 0.3
    assert report.safe is not None
    assert report.safe > 10
    assert "with a chance of" in report.sentence


def test_a_better_correlation_is_less_risk_and_a_full_one_none() -> None:
    risks = [
        filter_report(FIFTY, "score", FilterWish(correlation=each)).risk.risk for each in (0.0, 0.5, 0.8, 1.0)
    ]
    assert risks == sorted(risks, reverse=True)
    assert risks[0] == pytest.approx(0.8, abs=0.02)
    assert risks[-1] == 0


def test_as_few_are_kept_as_the_risk_allows() -> None:
    report = filter_report(FIFTY, "score", FilterWish(risk=0.05, correlation=0.8))
    assert report.risk.risk + report.risk.error <= 0.05 + 1e-9
    fewer = filter_report(FIFTY, "score", FilterWish(keep=report.kept - 1, correlation=0.8))
    assert fewer.risk.risk + fewer.risk.error > 0.05


def test_a_margin_is_in_the_unit_of_the_column_and_ties_stay_together() -> None:
    report = filter_report(FIFTY, "score", FilterWish(margin=4))
    assert report.kept == 5
    tied = filter_report(table(np.array([9.0, 8, 8, 8, 1])), "score", FilterWish(keep=2))
    assert kept(tied) == ["m0", "m1", "m2", "m3"]


def test_limits_drop_with_their_reason_and_what_is_unknown_drops_nobody() -> None:
    facts = {
        "m0": ModelFacts(output_price=60.0, context=8_000),
        "m1": ModelFacts(output_price=5.0, context=128_000),
        "m2": ModelFacts(),
    }
    limits = Limits(output_price=10.0, context=100_000, at_least={"score": 96.5})
    report = filter_report(
        FIFTY, "score", FilterWish(limits=limits), facts=lambda model: facts.get(model, ModelFacts())
    )
    by_name = {model.model: model for model in report.models}
    assert by_name["m0"].why == "output price $60 is over $10; context 8,000 is under 100,000"
    assert by_name["m1"].kept
    assert by_name["m2"].kept
    assert by_name["m2"].unknown == ("output price", "context")
    assert by_name["m4"].why == "score is under 96.5"
    assert by_name["m0"].best is None
    assert report.limited == 47


def test_what_the_task_requires_is_read_from_the_tables_column_of_that_name() -> None:
    rows = (
        PublicRow(model="open", figures={"score": PublicFigure(value=1.0)}, texts={"License": "apache-2.0"}),
        PublicRow(
            model="closed", figures={"score": PublicFigure(value=2.0)}, texts={"License": "proprietary"}
        ),
        PublicRow(model="unsaid", figures={"score": PublicFigure(value=3.0)}),
    )
    limits = Limits(requires=(Requirement(attribute="license", one_of=("apache-2.0",)),), today="2026-11-22")
    report = filter_report(replace(FIFTY, rows=rows), "score", FilterWish(limits=limits))
    assert sorted(kept(report)) == ["open", "unsaid"]
    assert next(model for model in report.models if model.model == "unsaid").unknown == ("license",)


def test_a_model_without_a_figure_is_neither_kept_nor_dropped() -> None:
    some = replace(FIFTY, rows=(*FIFTY.rows, PublicRow(model="new", figures={})))
    report = filter_report(some, "score", FilterWish())
    new = next(model for model in report.models if model.model == "new")
    assert (new.kept, new.why, report.unranked) == (False, UNRANKED, 1)


def test_limits_that_leave_nobody_say_so() -> None:
    report = filter_report(FIFTY, "score", FilterWish(limits=Limits(at_least={"score": 1000})))
    assert (report.kept, report.risk.risk) == (0, 0.0)
    assert "Nobody is left" in report.sentence


def test_own_scores_of_six_measure_the_risk_and_five_do_not() -> None:
    rng = np.random.default_rng(1)
    public, true = models(40, 0.9, rng)
    scores = answers(true, 400, rng)
    board = table(public)
    for number, basis in ((5, "assumed"), (6, "measured"), (20, "measured")):
        some = own(scores[:, :number])
        report = filter_report(board, "score", FilterWish(), some, {name: name for name in some.names})
        assert report.risk.basis == basis
        if basis == "measured":
            assert report.risk.models == number
            assert report.risk.low is not None
            assert report.risk.high is not None
            assert report.risk.low <= 0.9 <= report.risk.high


def test_the_own_best_so_far_is_kept_whatever_the_line_through_the_others_says() -> None:
    draws = np.random.default_rng(6)
    public = np.linspace(0, 1, 40)
    places = list(range(4, 32, 3))
    true = 0.3 + 0.6 * public[places]
    scores = own(answers(true, 400, draws), [f"m{place}" for place in places])
    best = scores.names[int(scores.means().value.argmax())]
    who = {name: name for name in scores.names}
    for wish in (FilterWish(keep=1), FilterWish(risk=0.1)):
        assert best in kept(filter_report(table(public), "score", wish, scores, who))


def test_the_tables_own_noise_is_the_least_risk_and_told_as_that() -> None:
    rows = tuple(
        PublicRow(
            model=f"m{place}",
            figures={"score": PublicFigure(value=80.0 - place, low=76.0 - place, high=84.0 - place)},
        )
        for place in range(20)
    )
    report = filter_report(replace(FIFTY, rows=rows), "score", FilterWish(keep=3))
    noise = report.risks[0]
    assert noise.basis == "table"
    assert "the least" in noise.assumes
    assert 0 < noise.risk < report.risk.risk


def test_what_is_to_be_pasted_is_yaml_whatever_the_names_are() -> None:
    odd = ['x", provider: evil', "${HOME}", "new\nline", "true", "gpt-4o-2024-08-06", "claude-3-opus"]
    rows = tuple(PublicRow(model=name, figures={"score": PublicFigure(value=1.0)}) for name in odd)
    report = filter_report(replace(FIFTY, rows=rows), "score", FilterWish())
    data: Any = read_yaml(report.yaml, "pasted.yaml", {"BASE_URL": "http://localhost"}).data
    assert [each["name"] for each in data["candidates"]] == [
        'x", provider: evil',
        "${HOME}",
        "new line",
        "true",
        "gpt-4o-2024-08-06",
        "claude-3-opus",
    ]
    assert [each["provider"] for each in data["candidates"]][-2:] == ["openai", "anthropic"]


def test_a_candidate_of_ones_own_is_not_pasted_again() -> None:
    report = filter_report(
        table(np.array([2.0, 1.0])),
        "score",
        FilterWish(),
        facts=lambda model: ModelFacts(candidate="mine" if model == "m0" else None),
    )
    assert "# m0: already your candidate mine" in report.yaml
    assert "{name: m0" not in report.yaml
