"""`passmuster simulate` as a command: without a project, with its log of the truth, until it is interrupted."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import openai
import pytest

from passmuster.adapters.simulator.truth import read_truth

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).parent / "passmuster"


def test_endpoints_are_served_without_a_project_and_the_truth_is_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "endpoints.yaml").write_text(
        'endpoints:\n  - {name: m, answers: {kind: constant, text: "yes"}, faults: {server_error: 0.5}}\n'
    )
    arguments = [
        "simulate",
        "--endpoints",
        "endpoints.yaml",
        "--port",
        "0",
        "--truth",
        "truth.jsonl",
        "--json",
    ]
    with subprocess.Popen(
        [COMMAND, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        told = ""
        while not told.rstrip().endswith("}"):
            told += server.stdout.readline()
        statuses = []
        with openai.OpenAI(base_url=json.loads(told)["base_url"], api_key="any", max_retries=0) as client:
            for number in range(20):
                try:
                    client.chat.completions.create(
                        model="m", messages=[{"role": "user", "content": f"question {number}"}]
                    )
                    statuses.append(200)
                except openai.InternalServerError:
                    statuses.append(500)
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 130
    truth = read_truth(tmp_path / "truth.jsonl")
    assert [served.status for served in truth] == statuses
    assert set(statuses) == {200, 500}
    assert all(served.ended is not None for served in truth)


def test_a_file_for_the_truth_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "endpoints.yaml").write_text(
        'endpoints:\n  - {name: m, answers: {kind: constant, text: "yes"}}\n'
    )
    ended = subprocess.run(
        [
            COMMAND,
            "simulate",
            "--endpoints",
            "endpoints.yaml",
            "--port",
            "0",
            "--truth",
            "no/such/folder.jsonl",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "no/such/folder.jsonl cannot be written: No such file or directory" in ended.stderr
