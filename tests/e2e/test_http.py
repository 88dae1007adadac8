"""The complaints through real HTTP: `simulate` replays a model, `run` asks it as any endpoint."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.data]

COMMAND = Path(sys.executable).parent / "passmuster"
MODEL = "gemini-2.0-flash"
PROMPT = "Which product is this complaint about?\n\n{{ input }}\n"
PROJECT = """\
task: complaints over HTTP
corpus: {{path: {data}/replay_complaints/items.jsonl, columns: {{reference: gold}}}}
prompt: prompt.j2
metrics: [accuracy]
candidates:
  - {candidate}
"""


def _project(folder: Path, data: Path, candidate: str) -> Path:
    folder.mkdir()
    (folder / "prompt.j2").write_text(PROMPT, encoding="utf-8")
    (folder / "passmuster.yaml").write_text(PROJECT.format(data=data, candidate=candidate), encoding="utf-8")
    return folder


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )


@pytest.fixture(scope="module")
def base_url(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    recorded = f"{{name: {MODEL}, provider: replay, path: {data_folder}/replay_complaints/outputs.jsonl.gz}}"
    folder = _project(tmp_path_factory.mktemp("served") / "recorded", data_folder, recorded)
    server = subprocess.Popen(
        [COMMAND, "simulate", "--port", "0", "--speed", "100000", "--json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with server:
        assert server.stdout is not None
        text = ""
        while not text.rstrip().endswith("}"):
            line = server.stdout.readline()
            assert line, "the simulator ended before it said where it listens"
            text += line
        yield json.loads(text)["base_url"]
        server.terminate()


@pytest.mark.parametrize("stream", ["true", "false"])
def test_a_replayed_model_scores_the_same_to_the_last_digit(
    base_url: str, data_folder: Path, tmp_path: Path, stream: str
) -> None:
    candidate = (
        f'{{name: asked, provider: openai, model: {MODEL}, base_url: "{base_url}",'
        f" concurrency: 16, parameters: {{stream: {stream}}}}}"
    )
    folder = _project(tmp_path / "asked", data_folder, candidate)
    ran = _run(folder, "run")
    assert ran.returncode == 0, ran.stderr
    report = json.loads(_run(folder, "compare", "--json").stdout)["candidates"][0]
    assert report["metrics"]["accuracy"]["value"] == 0.758
    assert report["metrics"]["accuracy"]["n"] == 1000
    assert (report["latency"]["first_token_p50"] is not None) is (stream == "true")
    assert report["latency"]["load"]["max_in_flight"] == 16


def test_check_says_what_one_call_shows(base_url: str, data_folder: Path, tmp_path: Path) -> None:
    candidate = f'{{name: asked, provider: openai, model: {MODEL}, base_url: "{base_url}", parameters: {{stream: true}}}}'
    checked = _run(_project(tmp_path / "asked", data_folder, candidate), "check", "--json")
    assert checked.returncode == 0, checked.stderr
    assert MODEL in checked.stdout


def test_the_official_client_talks_to_the_simulator(base_url: str, data_folder: Path) -> None:
    line = (data_folder / "replay_complaints/items.jsonl").read_text(encoding="utf-8").partition("\n")[0]
    message = PROMPT.replace("{{ input }}", json.loads(line)["input"]).rstrip("\n")
    client = openai.OpenAI(base_url=base_url, api_key="none")
    with client:
        whole = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": message}])
        parts = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": message}], stream=True
        )
        streamed = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
    assert whole.choices[0].message.content == streamed
    assert streamed in {
        "credit_reporting",
        "debt_collection",
        "mortgages_and_loans",
        "retail_banking",
        "credit_card",
    }
