"""Files of simulated endpoints: what they become, and what is said of a slip."""

import json
from pathlib import Path

import pytest

from passmuster.adapters.simulator.profiles import (
    ConstantSeconds,
    Faults,
    GammaLatency,
    LognormalSeconds,
    PacedLatency,
    RateLimits,
    Switch,
)
from passmuster.errors import ConfigurationError, UsageError
from passmuster.project.endpoints import read_endpoints
from passmuster.project.load import load_project
from passmuster.project.simulation import endpoint_models

EVERYTHING = """\
seed: 7
endpoints:
  - name: m
    answers: {kind: constant, text: "yes"}
    latency:
      kind: paced
      first_token: {kind: lognormal, median: 0.4, sigma: 0.3}
      gap: {kind: constant, seconds: 0.01}
    faults: {rate_limit: 0.1, reset: 0.01, hang: 0.01, hang_seconds: 60}
    limits: {requests_per_minute: 600, burst: 20, tokens_per_minute: 60000, headers: false}
    reports: m-2025-01
    switch: {at_seconds: 60, reports: m-2025-06, answers: {kind: constant, text: "no"}}
  - name: other
    answers: {kind: constant, text: other}
    latency: {kind: exponential, mean: 0.2}
"""


def file(folder: Path, text: str) -> Path:
    path = folder / "endpoints.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def of(folder: Path, line: str) -> Path:
    return file(folder, f"endpoints:\n  - name: m\n    answers: {{kind: constant, text: a}}\n    {line}\n")


def test_every_setting_reaches_the_model_and_constant_answers_need_no_project(tmp_path: Path) -> None:
    served = endpoint_models(file(tmp_path, EVERYTHING), None, {})
    assert (served.seed, served.names) == (7, ["m", "other"])
    model, other = served.models
    assert model.latency == PacedLatency(
        first_token=LognormalSeconds(median=0.4, sigma=0.3), gap=ConstantSeconds(seconds=0.01)
    )
    assert model.faults == Faults(rate_limit=0.1, reset=0.01, hang=0.01, hang_seconds=60)
    assert model.limits == RateLimits(
        requests_per_minute=600, burst=20, tokens_per_minute=60_000, headers=False
    )
    assert model.reports == "m-2025-01"
    assert model.succession is not None
    assert isinstance(model.succession.switch, Switch)
    assert model.succession.answers is not None
    assert other.latency == GammaLatency(mean=0.2, kind="exponential")


@pytest.mark.parametrize(
    ("line", "place", "message", "hint"),
    [
        ("latency: {kind: lognormal, medain: 1}", "4:32", "the key 'medain' is unknown", "median"),
        (
            "latency: {kind: gama, mean: 1}",
            "4:21",
            "endpoints[1].latency: the kind 'gama' is unknown",
            "gamma",
        ),
        ("latency: {kind: 5}", "4:21", "the kind 5 is unknown", "Valid: constant"),
        (
            "latency: {kind: lognormal}",
            "4:14",
            "in endpoints[1].latency: the key 'median' is missing",
            "median",
        ),
        ("latency: {kind: lognormal, median: 0}", "4:40", "0 must be above 0", None),
        ("latency: {kind: lognormal, median: fast}", "4:40", "expected a number, found 'fast'", None),
        (
            "latency: {kind: paced, first_token: {kind: constant, seconds: 1}}",
            "4:14",
            "endpoints[1].latency: say either gap or tokens_per_second",
            None,
        ),
        (
            "latency: {kind: paced, first_token: {kind: unform, low: 1}, tokens_per_second: 9}",
            "4:48",
            "endpoints[1].latency.first_token: the kind 'unform' is unknown",
            "uniform",
        ),
        ("faults: {resett: 0.1}", "4:14", "the key 'resett' is unknown", "reset"),
        ("faults: {reset: 0.7, hang: 0.7}", "4:13", "at most 1 together", None),
        ("limits: {burst: 0}", "4:21", "0 must be at least 1", None),
        ("switch: {at_seconds: 1, at_request: 1}", "4:13", "either at_seconds or at_request", None),
        ("switch: {at_seconds: 1, answers: {kind: rules}}", "4:45", "the kind 'rules' is unknown", "rule"),
    ],
)
def test_a_slip_is_told_with_its_place_and_nothing_of_other_kinds(
    tmp_path: Path, line: str, place: str, message: str, hint: str | None
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_endpoints(of(tmp_path, line), {})
    told = str(caught.value)
    assert f"endpoints.yaml:{place}:" in told
    assert message in told
    assert (hint or "") in told
    assert "Also" not in told


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_endpoints(tmp_path / "none.yaml", {})


@pytest.mark.parametrize("answers", ["{kind: rule}", "{kind: recorded, path: recorded.jsonl}"])
def test_answers_that_belong_to_cases_need_a_project(tmp_path: Path, answers: str) -> None:
    path = file(tmp_path, f"endpoints:\n  - name: m\n    answers: {answers}\n")
    with pytest.raises(ConfigurationError, match="belong to the cases of a project") as caught:
        endpoint_models(path, None, {})
    assert "endpoints.yaml:3:14" in str(caught.value)


def test_recordings_of_the_model_that_takes_over_are_read_and_a_missing_file_is_said(tmp_path: Path) -> None:
    rows = [{"id": "1", "output": "yes"}]
    (tmp_path / "recorded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "cases.jsonl").write_text('{"id": "1", "input": "Hi", "reference": "yes"}\n')
    (tmp_path / "passmuster.yaml").write_text(
        "task: t\ncorpus: cases.jsonl\nmetrics: [exact_match]\ncandidates:\n"
        "  - {name: a, provider: replay, path: recorded.jsonl}\n"
    )
    project = load_project(tmp_path, environment={})
    line = "switch: {at_request: 2, answers: {kind: recorded, path: %s}}"
    served = endpoint_models(of(tmp_path, line % "recorded.jsonl"), project, {})
    assert served.models[0].succession is not None
    assert served.models[0].succession.answers is not None
    with pytest.raises(ConfigurationError, match=r"'none.jsonl' does not exist") as caught:
        endpoint_models(of(tmp_path, line % "none.jsonl"), project, {})
    assert "endpoints.yaml:4:" in str(caught.value)
