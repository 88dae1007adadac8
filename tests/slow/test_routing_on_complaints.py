"""A baseline in front of the best model, on real complaints: the whole way by command."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).parent / "passmuster"
EXAMPLE = Path(__file__).parents[2] / "examples/complaints"

pytestmark = [pytest.mark.data, pytest.mark.slow]


def told(folder: Path, data: Path, *words: str, exits: int = 0) -> str:
    """Run the command and return what it prints; its exit code must be `exits`."""
    done = subprocess.run(
        [COMMAND, *words],
        cwd=folder,
        env={**os.environ, "PASSMUSTER_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exits, done.stderr
    return done.stdout


def test_naive_bayes_in_front_of_the_best_model_costs_a_third_and_nothing_is_shown_to_be_lost(
    data_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "complaints"))
    told(folder, data_folder, "run", "--quiet")
    words = ["route", "--cascade", "naive-bayes,gpt-o1", "--json"]
    report: dict[str, Any] = json.loads(told(folder, data_folder, *words, exits=3))
    cascade = report["routes"][-1]
    alone, cost = cascade["versus_last"], cascade["cost_versus_last"]
    print(f"beside gpt-o1 {alone['value']:+.3f} [{alone['low']:+.3f}, {alone['high']:+.3f}], cost x {cost}")  # noqa: T201 - docs/route.md says that -s shows them

    assert cascade["last"] == "gpt-o1"
    assert alone["low"] < 0 < alone["high"]
    assert 0.2 < cost["low"] < cost["value"] < cost["high"] < 0.5
    assert cascade["asked"]["naive-bayes"] == 1.0
    assert 0.3 < cascade["asked"]["gpt-o1"] < 0.5
    assert any("only a lower bound" in note and "gpt-o1" in note for note in report["notes"])
    assert report["recommended"] is None

    written = [
        "route",
        "--cascade",
        "naive-bayes,gpt-o1",
        "--python",
        "made.py",
        "--of",
        "naive-bayes -> gpt-o1",
    ]
    told(folder, data_folder, *written, exits=3)
    least = cascade["rules"][0]["stages"][0]["least"]
    program = f"import made; print([made.route(None, str.upper, lambda *_: sure) for sure in ({least!r}, {least - 1e-9!r}, None)])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['NAIVE-BAYES', 'GPT-O1', 'GPT-O1']\n"
