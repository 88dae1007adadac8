"""`passmuster init` writes projects that run as they stand, and every verb works on them."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).parent / "passmuster"
FILES = {
    "passmuster.yaml",
    "eval/datasets/train.jsonl",
    "eval/datasets/eval.jsonl",
    "eval/datasets/holdout.jsonl",
    "eval/datasets/pools/edge.jsonl",
    "eval/datasets/pools/adversarial.jsonl",
    "eval/metrics/extraction_fidelity.py",
    "eval/metrics/cost_per_task.py",
    "eval/metrics/latency_p95.py",
    "eval/runners/run_eval.py",
    "eval/reports/.gitkeep",
}


def call(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def passmuster(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return call(folder, COMMAND, *arguments)


@pytest.fixture(scope="module", params=["classification", "extraction"])
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of each kind, made and run once."""
    folder = tmp_path_factory.mktemp(request.param)
    made = passmuster(folder, "init", "--kind", request.param)
    assert made.returncode == 0, made.stderr
    ran = passmuster(folder, "run")
    assert ran.returncode == 0, ran.stderr
    return folder


def test_init_writes_the_files_and_names_the_next_commands(tmp_path: Path) -> None:
    made = passmuster(tmp_path, "init", "sub/mine", "--json")
    assert made.returncode == 0
    assert set(json.loads(made.stdout)["files"]) >= FILES
    assert all((tmp_path / "sub/mine" / name).is_file() for name in FILES)
    assert [line.strip() for line in made.stderr.splitlines()[-3:]] == [
        "cd sub/mine && passmuster run",
        "passmuster compare",
        "passmuster show --disagreements",
    ]


def test_init_is_the_same_every_time_and_writes_over_nothing_unless_forced(tmp_path: Path) -> None:
    assert passmuster(tmp_path, "init").returncode == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "passmuster.yaml").write_text("mine", encoding="utf-8")
    refused = passmuster(tmp_path, "init")
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert (tmp_path / "passmuster.yaml").read_text(encoding="utf-8") == "mine"
    assert passmuster(tmp_path, "init", "--force").returncode == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("kind", ["summary", "generation", "code", "agent"])
def test_a_kind_that_is_not_there_yet_says_so(tmp_path: Path, kind: str) -> None:
    done = passmuster(tmp_path, "init", "--kind", kind)
    assert done.returncode == 3
    assert f"{kind} is not available yet" in done.stderr
    assert "Start with classification or extraction" in done.stderr
    assert "metrics come later" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_project_comes_to_a_decision(started: Path) -> None:
    done = passmuster(started, "compare", "--json")
    assert done.returncode == 0, done.stderr
    comparison = json.loads(done.stdout)
    assert comparison["decision"]["chosen"] == "small-model"
    assert comparison["corpus"]["holdout"] == "unsealed"
    verdicts = {each["name"]: each["verdict"]["status"] for each in comparison["candidates"]}
    assert verdicts["large-model"] == "fail"
    assert (started / "eval/reports" / f"{comparison['task']}.html").is_file()


def test_the_table_is_the_result_and_words_go_to_stderr(started: Path) -> None:
    done = passmuster(started, "compare")
    assert "Decision: small-model" in done.stdout
    assert "eval/reports" in done.stdout
    assert passmuster(started, "compare", "--markdown").stdout.startswith("# ")


def test_a_second_run_asks_nothing_again(started: Path) -> None:
    end = json.loads(passmuster(started, "run", "--json").stdout)
    assert (end["status"], end["asked"]) == ("complete", 0)


def test_run_leaves_a_report_per_candidate_and_baseline_freezes_the_incumbent(started: Path) -> None:
    reports = started / "eval/reports"
    report = json.loads((reports / "candidate_small-model.json").read_text(encoding="utf-8"))
    assert report["candidate"]["n"] == report["corpus"]["scored"] > 110
    assert report["corpus"]["cases"] == 200
    frozen = json.loads(passmuster(started, "baseline", "--json").stdout)
    assert frozen["incumbent"] == "large-model"
    assert (
        json.loads((started / frozen["path"]).read_text(encoding="utf-8"))["candidate"]["name"]
        == "large-model"
    )


def test_runs_and_show_lead_from_a_run_to_a_case(started: Path) -> None:
    runs = json.loads(passmuster(started, "runs", "--json").stdout)["runs"]
    first = runs[-1]["run"]
    assert json.loads(passmuster(started, "show", first, "--json").stdout)["end"]["asked"] > 0
    found = json.loads(passmuster(started, "show", "--disagreements", "--json").stdout)["disagreements"]
    assert found
    case = json.loads(passmuster(started, "show", "latest", found[0]["id"], "--json").stdout)
    assert case["disputed"]
    assert passmuster(started, "show", "nothing-like-it").returncode == 2


def test_check_makes_one_call_per_candidate(started: Path) -> None:
    done = passmuster(started, "check", "--json")
    assert done.returncode == 0
    assert all(each["ok"] for each in json.loads(done.stdout)["candidates"])


def test_export_writes_one_row_a_trial(started: Path) -> None:
    done = passmuster(started, "export", "trials.csv", "--json")
    with (started / "trials.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert json.loads(done.stdout)["trials"] == len(rows) > 200
    assert {row["score.extraction_fidelity"] for row in rows} >= {"1.0"}


def test_the_scripts_of_the_project_run_as_they_stand(started: Path) -> None:
    done = call(started, sys.executable, "eval/runners/run_eval.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("small-model is the ")
    assert "USD" in call(started, sys.executable, "eval/metrics/cost_per_task.py").stdout
    assert " s" in call(started, sys.executable, "eval/metrics/latency_p95.py").stdout


def test_only_and_limit_ask_less(tmp_path: Path) -> None:
    passmuster(tmp_path, "init")
    end = json.loads(passmuster(tmp_path, "run", "--only", "keywords", "--limit", "7", "--json").stdout)
    assert (end["status"], end["asked"]) == ("complete", 7)
    assert passmuster(tmp_path, "run", "--only", "keyword").returncode == 2
    assert passmuster(tmp_path, "run", "--limit", "0").returncode == 2
    assert passmuster(tmp_path, "compare", "--only", "keywords").returncode == 4


def test_schema_prints_a_json_schema(tmp_path: Path) -> None:
    assert json.loads(passmuster(tmp_path, "schema").stdout)["title"] == "passmuster project file"


def wait_for(path: Path, text: str) -> str:
    for _ in range(300):
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        if text in found:
            return found
        time.sleep(0.05)
    pytest.fail(f"no {text!r} in {path}")


def test_simulate_serves_the_recordings_until_ctrl_c(tmp_path: Path) -> None:
    passmuster(tmp_path, "init")
    log = tmp_path / "served.json"
    with log.open("w", encoding="utf-8") as opened:
        served = subprocess.Popen(
            [COMMAND, "simulate", "--port", "0", "--speed", "1000", "--json"],
            cwd=tmp_path,
            stdout=opened,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(log, "}")
            url = json.loads(log.read_text(encoding="utf-8"))["base_url"]
            file = tmp_path / "passmuster.yaml"
            rehearsal = f"  - {{name: rehearsal, provider: openai, model: small-model, base_url: '{url}', prices: unknown}}\n"
            file.write_text(file.read_text(encoding="utf-8") + rehearsal, encoding="utf-8")
            assert passmuster(tmp_path, "run", "--only", "rehearsal", "--only", "small-model").returncode == 0
        finally:
            served.send_signal(signal.SIGINT)
            assert served.wait(timeout=20) == 130
    comparison = json.loads(passmuster(tmp_path, "compare", "--json").stdout)
    rows = {each["name"]: each for each in comparison["candidates"]}
    assert rows["rehearsal"]["metrics"]["exact_match"] == rows["small-model"]["metrics"]["exact_match"]


def test_ctrl_c_keeps_what_is_finished_and_the_next_run_goes_on(tmp_path: Path) -> None:
    passmuster(tmp_path, "init")
    log = tmp_path / "served.json"
    with log.open("w", encoding="utf-8") as opened:
        served = subprocess.Popen(
            [COMMAND, "simulate", "--port", "0", "--json"],
            cwd=tmp_path,
            stdout=opened,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(log, "}")
            url = json.loads(log.read_text(encoding="utf-8"))["base_url"]
            file = tmp_path / "passmuster.yaml"
            slow = f"  - {{name: slow, provider: openai, model: large-model, base_url: '{url}', prices: unknown, concurrency: 4}}\n"
            file.write_text(file.read_text(encoding="utf-8") + slow, encoding="utf-8")
            told = tmp_path / "told.txt"
            with told.open("w", encoding="utf-8") as words:
                run = subprocess.Popen(
                    [COMMAND, "run", "--only", "slow", "--json"],
                    cwd=tmp_path,
                    stdout=subprocess.PIPE,
                    stderr=words,
                    text=True,
                )
            wait_for(told, "200 trials")
            time.sleep(4)
            run.send_signal(signal.SIGINT)
            out, _ = run.communicate(timeout=30)
        finally:
            served.send_signal(signal.SIGINT)
            served.wait(timeout=20)
    end = json.loads(out)
    assert run.returncode == 130
    assert end["status"] == "interrupted"
    assert "To go on: passmuster run" in told.read_text(encoding="utf-8")
    assert 0 < end["asked"] < 200
    assert len(json.loads(passmuster(tmp_path, "runs", "--json").stdout)["runs"]) == 1
