"""What `passmuster --help` loads, and what a run does before its first request: nothing that can wait."""

import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import sys
from passmuster.cli.main import status
code = status(sys.argv[1:])
print(*sorted(name for name in sys.modules if name.partition(".")[0] not in sys.stdlib_module_names), file=sys.stderr)
sys.exit(code)
"""
OURS = {"passmuster", "passmuster.cli", "passmuster.cli.main", "passmuster.cli.verbs", "passmuster.errors"}
THIRD_PARTY = {"click"}


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys\nsys.path[:0] = {sys.path!r}\n{LOADED}", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return set(done.stderr.splitlines()[-1].split()) - {"__main__", "__mp_main__"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["comapre"], []])
def test_help_and_wrong_verbs_load_no_verb_and_nothing_heavy(arguments: list[str]) -> None:
    names = loaded(*arguments)
    assert {name for name in names if name.startswith("passmuster")} == OURS
    assert {name.partition(".")[0] for name in names} - {"passmuster"} == THIRD_PARTY


def test_a_verb_loads_its_own_module_only() -> None:
    verbs = {name for name in loaded("schema", "--help") if name.startswith("passmuster.cli.")}
    assert verbs - {"passmuster.cli.verbs"} == {
        "passmuster.cli.main",
        "passmuster.cli.options",
        "passmuster.cli.results",
        "passmuster.cli.schema",
    }


FIRST_REQUEST = """
import socket, sys, threading

BODY = b'{"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}'
server = socket.create_server(("127.0.0.1", 0))
loaded = []

def serve():
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as stream:
        loaded.extend(sys.modules)
        size = 0
        while (line := stream.readline().lower()) not in (b"\\r\\n", b""):
            size = int(line.split(b":")[1]) if line.startswith(b"content-length:") else size
        stream.read(size)
        connection.sendall(b"HTTP/1.1 200 OK\\r\\nconnection: close\\r\\ncontent-type: application/json\\r\\n")
        connection.sendall(b"content-length: %d\\r\\n\\r\\n%b" % (len(BODY), BODY))

thread = threading.Thread(target=serve, daemon=True)
thread.start()
with open("passmuster.yaml", "w") as file:
    file.write(
        "task: t\\ncorpus: cases.jsonl\\nmetrics: [exact_match]\\ncandidates:\\n"
        f"  - {{name: m, provider: openai, model: m, base_url: 'http://127.0.0.1:{server.getsockname()[1]}/v1'}}\\n"
    )
with open("cases.jsonl", "w") as file:
    file.write('{"id": "1", "input": "x", "reference": "yes"}\\n')
from passmuster.cli.main import status
code = status(["run", "--quiet"])
thread.join(10)
server.close()
print(*loaded, file=sys.stderr)
sys.exit(code)
"""
HEAVY = {
    "aiohttp",
    "alembic",
    "datasketch",
    "jsonpath",
    "jsonschema_rs",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "rich",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "vl_convert",
}


def test_nothing_heavy_is_loaded_before_the_first_request(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_REQUEST], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    names = set(done.stderr.splitlines()[-1].split())
    assert {"passmuster.workflows.run", "passmuster.adapters.store.sqlite"} <= names
    assert {name for name in names if name.partition(".")[0] in HEAVY} == set()
    later = {
        "passmuster.metrics.text.exact_match",
        "passmuster.records.comparison",
        "passmuster.stats",
        "passmuster.workflows.compare",
    }
    assert names & later == set()


ON_THE_WHOLE = FIRST_REQUEST.replace("print(*loaded,", "print(*sys.modules,")
NEVER = HEAVY - {"numpy", "scipy"} | {"re2", "tokenizers"}


def test_a_whole_quiet_run_loads_only_what_its_own_metrics_and_figures_need(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ON_THE_WHOLE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    names = set(done.stderr.splitlines()[-1].split())
    assert "passmuster.workflows.compare" in names
    assert {name for name in names if name.partition(".")[0] in NEVER} == set()
    assert "scipy.special" not in names
