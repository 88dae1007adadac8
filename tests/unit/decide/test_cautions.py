from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.decide import counting

from passmuster.decide.bars import bar_test
from passmuster.decide.cautions import cautions, run_cautions
from passmuster.decide.measured import Measured
from passmuster.decide.verdicts import Contender, judge
from passmuster.records.candidate import Candidate, Egress
from passmuster.records.corpus import CorpusVersion
from passmuster.records.run import Lag, Run, RunEnd
from passmuster.records.task import Bar, MetricSpec, Task

MakeMeasured = Callable[..., Measured]
NEAR = Candidate(name="near", provider="openai", model="m")
TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),))
BAR = Bar(metric="accuracy", at_least=0.8)
RUN = Run(id="r1", started=0.0, task="t", corpus="v", cases=(), candidates=(replace(NEAR, name="old name"),))
END = RunEnd(run="r1", ended=1.0, status="complete", asked=1, reused=0, failed=0, spend=0.0)


def test_a_p99_that_the_programs_own_lag_may_have_moved_is_named_by_what_the_candidate_is_called_now() -> (
    None
):
    late = replace(END, distorted=("old name",), lag=Lag(p50=0.001, p99=0.25, longest=1.0))
    (text,) = run_cautions([(RUN, late)], [NEAR])
    assert text.startswith("In run r1 passmuster's own lag (its p99: 0.25 s) may have moved the p99 of near")


def test_money_at_risk_is_named_with_its_run() -> None:
    (text,) = run_cautions([(RUN, replace(END, at_risk=0.5))], [NEAR])
    assert text.startswith("Run r1 may have cost up to $0.5 more than is counted")


@pytest.mark.parametrize(
    "run",
    [(RUN, END), (RUN, None), (replace(RUN, candidates=()), replace(END, at_risk=1.0, distorted=("near",)))],
)
def test_runs_of_others_and_runs_without_trouble_say_nothing(run: tuple[Run, RunEnd | None]) -> None:
    assert run_cautions([run], [NEAR]) == ()


def test_withheld_cases_are_counted_with_the_rule_and_the_verdict_says_where_it_holds(
    make_measured: MakeMeasured,
) -> None:
    egress = Egress(personal_data=False, strata=("mail", "web"))
    made = make_measured("near", [1.0] * 60)
    held = replace(
        made, candidate=replace(NEAR, egress=egress), withheld=np.array([False] * 50 + [True] * 10)
    )
    (text,) = cautions(replace(TASK, bars=(BAR,)), _corpus(), (), {"near": held})
    assert text == (
        "near: 10 cases of 60 may not be sent to it (no personal data, only the strata mail and web);"
        " its figures are those on the cases it may receive."
    )
    (judged,) = judge([Contender(measured=held, tests=(bar_test(BAR, held, TASK),))], 0.05)
    assert judged.verdict.reason == "meets every bar on the cases it may receive"


def _corpus() -> CorpusVersion:
    return CorpusVersion(version="v", path="p", split="eval", cases=())


def test_cases_that_a_metric_cannot_compare_are_told_by_metric() -> None:
    bare = counting.counted(
        [1.0, "no_reference", "no_reference", "not_applicable", "error"], bounds=(0.0, 1.0)
    )
    task = Task(name="t", metrics=(MetricSpec(name=counting.METRIC, kind="exact_match"),))
    found = cautions(task, _corpus(), (), {"a": bare})
    assert (
        "2 cases of 5 have no reference that found could compare with: they enter none of its figures."
        in found
    )


def test_metrics_that_lack_the_same_references_are_told_in_one_breath() -> None:
    task = Task(
        name="t",
        metrics=tuple(MetricSpec(name=name, kind="exact_match") for name in ("found", "near", "alike")),
    )
    bare = counting.counted([1.0, "no_reference"], bounds=(0.0, 1.0))
    scores = bare.columns.scores
    both = replace(bare, columns=replace(bare.columns, scores={**scores, "near": scores["found"]}))
    told = [text for text in cautions(task, _corpus(), (), {"a": both}) if "no reference" in text]
    assert told == [
        "1 case of 2 has no reference that found and near could compare with: it enters none of their figures."
    ]


def test_replies_that_a_metric_could_not_score_are_counted_with_where_to_read_why() -> None:
    task = Task(name="t", metrics=(MetricSpec(name=counting.METRIC, kind="exact_match"),))
    broken = counting.counted([1.0, "error", "error", "no_reference"], bounds=(0.0, 1.0))
    found = cautions(task, _corpus(), (), {"a": broken, "b": broken})
    assert "No score, and so in no mean: found (4 of 8 replies). `passmuster score` says why." in found
    whole = counting.counted([1.0, "no_reference", "not_applicable"], bounds=(0.0, 1.0))
    assert not any("No score" in text for text in cautions(task, _corpus(), (), {"a": whole}))
