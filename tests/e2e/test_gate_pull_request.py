"""A pull request that changes the incumbent's prompt: a clone without a store, the committed baseline, an endpoint over HTTP."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.served import Endpoint, environment, passmuster, run, simulator

pytestmark = pytest.mark.slow

CASES = 200
AS_IT_WAS, EQUAL, WORSE = "Answer in one word.", "Answer in one term.", "Answer."
"""The words "in one" lift the model from 50% right to all, whatever stands behind them."""
FILE = """\
task: tickets
corpus: {{path: cases.jsonl, use: all}}
metrics: [exact_match]
{head}candidates:
{candidates}"""


def _candidate(name: str, prompt: str, url: str) -> str:
    return (
        f'  - {{name: {name}, provider: openai, model: m, base_url: "{url}", concurrency: 1, simulated: true, '
        f"prices: {{input: 1, output: 2}}, parameters: {{max_tokens: 20}}, "
        f'prompt: {{name: p, user: "{prompt} {{{{input}}}}"}}}}\n'
    )


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    """Serve a model that knows the cases under all three prompts."""
    folder = tmp_path / "endpoint"
    folder.mkdir()
    queues = ("billing", "cards", "loans", "other")
    rows = [
        {"id": f"c{n:03}", "input": f"ticket number {n:03}", "reference": queues[n % 4]} for n in range(CASES)
    ]
    (folder / "cases.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    prompts = {"was": AS_IT_WAS, "equal": EQUAL, "worse": WORSE}
    known = "".join(_candidate(name, prompt, "http://127.0.0.1:1/v1") for name, prompt in prompts.items())
    (folder / "passmuster.yaml").write_text(FILE.format(head="", candidates=known))
    model = '{name: m, answers: {kind: rule, right: 0.5, lifts: {"in one": 0.5}}, latency: {kind: constant, seconds: 0.005}}'
    with simulator(folder, model) as serving:
        yield serving


@pytest.fixture
def upstream(tmp_path: Path, endpoint: Endpoint) -> Path:
    """Return a repository whose incumbent is frozen and committed; its store is not."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    shutil.copy(tmp_path / "endpoint" / "cases.jsonl", folder)
    own = _candidate("prod", AS_IT_WAS, "${URL}")
    (folder / "passmuster.yaml").write_text(FILE.format(head="incumbent: prod\n", candidates=own))
    (folder / ".gitignore").write_text(".passmuster/\nreports/*\n!reports/baseline_*.json\n")
    run(folder, URL=endpoint.base_url)
    assert passmuster(folder, "baseline", URL=endpoint.base_url).returncode == 0
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "As it is"]):
        _git(folder, *command)
    return folder


def _git(folder: Path, *command: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *command], cwd=folder, env=environment(), check=True, timeout=60)


def _gate(upstream: Path, prompt: str, url: str) -> tuple[int, dict[str, Any], str]:
    """Clone the repository, change the prompt there, and return what the gate says: exit code, report, words."""
    folder = upstream.parent / "clone"
    _git(upstream.parent, "clone", "-q", str(upstream), str(folder))
    assert not (folder / ".passmuster").exists()
    path = folder / "passmuster.yaml"
    path.write_text(path.read_text().replace(AS_IT_WAS, prompt))
    done = passmuster(folder, "gate", "--run", "--budget", "1", "--json", URL=url)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


def test_a_worse_prompt_is_blocked_and_the_old_one_is_asked_again_as_it_was(
    upstream: Path, endpoint: Endpoint
) -> None:
    code, report, said = _gate(upstream, WORSE, endpoint.base_url)
    assert (code, report["level"], report["finding"]) == (1, "block", "systematic"), report["reasons"]
    assert report["cases"] == CASES
    worse = [flip for flip in report["flips"] if flip["regressed"]]
    assert CASES / 4 < len(worse) < 3 * CASES / 4
    assert all((flip["old_right"], flip["new_right"]) == (3, 0) for flip in worse)
    assert "for the noise floor; --floor 0 leaves these out" in said
    assert report["floor"]["flip_rate"]["value"] == 0.0


def test_an_equal_prompt_passes(upstream: Path, endpoint: Endpoint) -> None:
    code, report, _ = _gate(upstream, EQUAL, endpoint.base_url)
    assert (code, report["finding"]) == (0, "noise"), report["reasons"]
    assert report["flips"] == []
    assert {line["level"] for line in report["lines"] if line["kind"] == "quality"} == {"pass"}


def test_an_endpoint_that_answers_no_more_leaves_the_gate_open_and_says_what_to_do(
    upstream: Path, endpoint: Endpoint
) -> None:
    del endpoint
    folder = upstream.parent / "gone"
    _git(upstream.parent, "clone", "-q", str(upstream), str(folder))
    done = passmuster(folder, "gate", "--run", "--yes", URL="http://127.0.0.1:9/v1")
    assert done.returncode == 4
    assert "could not be asked, so that nothing is compared" in done.stderr
    assert "--run" not in done.stderr.split("could not be asked")[1]
