"""The checks of cases, and what scores the cases that carry none."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.unit.project.conftest import GOOD

from passmuster.errors import ConfigurationError
from passmuster.metrics.checks import Checks
from passmuster.metrics.metric import Metric
from passmuster.metrics.registry import build_metric
from passmuster.project.case_checks import with_defaults
from passmuster.project.load import load_project
from passmuster.records.case import Case, CaseCheck
from passmuster.records.record import Json
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply


def test_an_option_called_like_one_of_a_check_stays_the_metrics() -> None:
    first = MetricSpec(name="length", kind="mine.py:length", options={"at_least": 5, "weight": 0})
    plain = build_metric(MetricSpec(name="length", kind="exact_match"))
    specs = with_defaults([MetricSpec(name="checks", kind="checks"), first], {1: plain})
    (check,) = Checks(otherwise=specs[0].options["otherwise"])._default  # type: ignore[arg-type]  # a JSON value
    assert (check.options, check.at_least, check.weight) == ({"at_least": 5, "weight": 0}, None, 1.0)


def test_cases_without_checks_are_scored_by_the_first_other_metric() -> None:
    first = MetricSpec(name="right", kind="choice", options={"options": ["Yes", "No"]})
    spec = with_defaults([MetricSpec(name="checks", kind="checks"), first], {1: build_metric(first)})[0]
    score = build_metric(spec).score(Case(id="1", input="", reference="Yes"), Reply(text="No"))
    assert isinstance(score, Score)
    assert score.details["unmet"] == ["right"]


def opened(write: Callable[..., Path], metrics: str) -> tuple[Metric, ...]:
    return load_project(write(GOOD.replace("metrics: [exact_match]", f"metrics: {metrics}"))).metrics()


def test_no_metric_that_asks_a_model_or_runs_a_program_stands_in_for_checks(
    write: Callable[..., Path],
) -> None:
    scored, *_ = opened(write, "[checks, python_tests, exact_match]")
    assert isinstance(scored, Checks)
    assert [entry["metric"] for entry in scored.otherwise if isinstance(entry, Mapping)] == ["exact_match"]
    outcome = scored.score(Case(id="1", input="", reference="yes"), Reply(text="yes"))
    assert isinstance(outcome, Score)
    assert outcome.value == 1


def test_where_every_other_metric_takes_a_step_nothing_stands_in_for_checks() -> None:
    kinds: dict[str, dict[str, Json]] = {
        "checks": {},
        "python_tests": {},
        "semantic_similarity": {"asks": "vectors"},
    }
    specs = [MetricSpec(name=kind, kind=kind, options=options) for kind, options in kinds.items()]
    checks, *_ = with_defaults(specs, {place: build_metric(specs[place]) for place in (1, 2)})
    assert checks.options == {}
    outcome = build_metric(checks).score(Case(id="1", input="", reference="yes"), Reply(text="yes"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "no_reference"


def test_a_slip_in_what_scores_the_other_cases_is_told_before_anything_is_asked(
    slip: Callable[..., str],
) -> None:
    said = slip("metrics: [exact_match]", "metrics: [exact_match, {checks: {otherwise: [exact_mach]}}]")
    assert said.startswith("passmuster.yaml:3")
    assert "exact_mach" in said


def test_a_case_names_python_files_in_the_folders_of_metrics_only(write: Callable[..., Path]) -> None:
    folder = write(
        GOOD.replace("metrics: [exact_match]", "metrics: [checks, exact_match, 'tools/short.py:short']")
    )
    source = "def short(case, reply) -> bool:\n    return len(reply.text) < 9\n"
    for file in ("metrics/brief.py", "tools/short.py", "tools/deploy.py"):
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(source, encoding="utf-8")
    checks = load_project(folder).metrics()[0]
    assert isinstance(checks, Checks)

    for name in ("metrics/brief.py:short", "tools/short.py:short", "short"):
        assert checks.metric_of(CaseCheck(metric=name)).name == name
    for refused in ("tools/deploy.py:short", "metrics/../tools/deploy.py:short"):
        with pytest.raises(ConfigurationError, match="a case names the Python file"):
            checks.metric_of(CaseCheck(metric=refused))
