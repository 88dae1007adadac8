"""When `passmuster run` makes an estimate: where somebody sees it, or something depends on it."""

from pathlib import Path

import pytest

from passmuster.cli import run as verb
from passmuster.cli.main import status
from passmuster.project.asking import Estimate
from passmuster.records.run import RunEnd
from passmuster.workflows.estimate import CandidateEstimate

FILE = """\
task: t
corpus: cases.jsonl
metrics: [exact_match]
candidates:
  - {name: m, provider: openai, model: m, base_url: 'http://127.0.0.1:9/v1', prices: {input: 1, output: 1}}
"""


@pytest.fixture(name="estimates")
def _estimates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    (tmp_path / "passmuster.yaml").write_text(FILE)
    (tmp_path / "cases.jsonl").write_text('{"id": "1", "input": "x", "reference": "yes"}\n')
    monkeypatch.chdir(tmp_path)
    made: list[None] = []

    def estimate(*_: object, **__: object) -> Estimate:
        made.append(None)
        return Estimate(candidates=())

    def run(*_: object, **__: object) -> RunEnd:
        return RunEnd(run="r", ended=0.0, status="complete", asked=1, reused=0, failed=0, spend=0.0)

    monkeypatch.setattr(verb, "estimate", estimate)
    monkeypatch.setattr(verb, "run", run)
    return made


@pytest.mark.parametrize("freed", [["--yes"], ["--budget", "1"]])
def test_where_nobody_sees_the_estimate_and_nothing_depends_on_it_none_is_made(
    estimates: list[None], freed: list[str]
) -> None:
    assert status(["run", "--quiet", *freed]) == 0
    assert not estimates


@pytest.mark.parametrize("given", [["--quiet"], ["--yes"], ["--budget", "1"]])
def test_an_estimate_that_is_shown_or_asked_about_is_made(estimates: list[None], given: list[str]) -> None:
    assert status(["run", *given]) == 0
    assert len(estimates) == 1


def test_an_estimate_that_is_asked_for_is_made_whatever_else_is_said(estimates: list[None]) -> None:
    assert status(["run", "--estimate", "--quiet", "--yes"]) == 0
    assert len(estimates) == 1


@pytest.mark.parametrize("amount", ["nan", "inf", "-1"])
def test_a_budget_that_is_no_amount_is_refused(estimates: list[None], amount: str) -> None:
    assert status(["run", "--budget", amount]) == 2
    assert not estimates


def test_one_candidate_of_unknown_cost_does_not_hide_what_the_others_will_cost(
    estimates: list[None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del estimates
    known, unknown = (
        CandidateEstimate(
            name="m", trials=1, sampled=1, expected=expected, basis="rule", worst=None, why="no price"
        )
        for expected in (1000.0, None)
    )
    monkeypatch.setattr(verb, "estimate", lambda *_, **__: Estimate(candidates=(known, unknown)))

    assert status(["run"]) == 2
    assert "expected to spend $1,000" in capsys.readouterr().err


@pytest.mark.parametrize("alone", [["--best"], ["--seed", "1"], ["--within", "2 %"]])
def test_options_of_a_run_until_decided_are_refused_without_it(
    estimates: list[None], alone: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["run", *alone]) == 2
    assert f"{alone[0]} goes with --until-decided only" in capsys.readouterr().err
    assert not estimates


def test_to_leave_candidates_out_until_decided_is_refused(
    estimates: list[None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["run", "--until-decided", "--only", "m"]) == 2
    assert "finalists" in capsys.readouterr().err
    assert not estimates


@pytest.mark.parametrize("within", ["much", "120 %", "-1"])
def test_a_difference_that_is_none_is_refused(estimates: list[None], within: str) -> None:
    assert status(["run", "--until-decided", "--best", "--within", within]) == 2
    assert not estimates
