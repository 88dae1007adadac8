"""A real server answers through passmuster, where llama.cpp's is installed: docs/real-servers.md."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "examples" / "real_server" / "real_server.py"
SERVER = shutil.which(os.environ.get("LLAMA_SERVER", "llama-server"))

pytestmark = [pytest.mark.slow, pytest.mark.skipif(SERVER is None, reason="llama-server is not installed")]


def test_a_tiny_model_answers_streamed_and_whole_and_mistakes_come_back_as_failures() -> None:
    words = [sys.executable, str(SCRIPT), "--server", str(SERVER)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All as expected." in done.stdout
