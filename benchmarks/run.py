"""Runs passmuster and the peers that are installed against the same endpoint, and prints ratios to a bare aiohttp loop.

    make bench                                                    # what is installed
    python benchmarks/run.py --cases 5000 --concurrency 64 --delay 0 --repetitions 3
    python benchmarks/run.py --peers aiohttp,passmuster,inspect-ai --json results.json

Peers live each in an environment of its own under BENCH_ENVIRONMENTS (default: ~/.cache/passmuster-bench);
docs/benchmarks.md says how to make them. The endpoint runs on the first core and the client on the second;
peers take turns within a repetition, so that a busy moment of the machine hits all of them. Seconds of a shared
machine mean little: quote the ratios.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = Path(os.environ.get("BENCH_ENVIRONMENTS", Path.home() / ".cache" / "passmuster-bench"))
QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "DEEPEVAL_TELEMETRY_OPT_OUT": "YES",
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "PROMPTFOO_DISABLE_UPDATE": "1",
    "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "OPENAI_API_KEY": "x",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
PROJECT = """\
task: bench
corpus: {{path: {cases}, use: all}}
metrics: [exact_match]
candidates:
  - {{name: mock, provider: openai, model: mock, base_url: "{base}", concurrency: {concurrency},
     prices: {{input: 1, output: 2}}, parameters: {{max_tokens: 16, temperature: 0}}}}
"""
LM_EVAL = """\
task: codes
dataset_path: json
dataset_kwargs: {{data_files: {{test: {cases}}}}}
test_split: test
output_type: generate_until
doc_to_text: "{{{{input}}}}"
doc_to_target: "{{{{reference}}}}"
generation_kwargs: {{max_gen_toks: 16, temperature: 0.0}}
metric_list: [{{metric: exact_match, aggregation: mean, higher_is_better: true}}]
metadata: {{version: 1.0}}
"""
PROMPTFOO = """\
prompts: ["{{{{input}}}}"]
providers:
  - id: openai:chat:mock
    config: {{apiBaseUrl: "{base}", apiKey: x, max_tokens: 16, temperature: 0}}
tests: file://tests.jsonl
"""


@dataclass(frozen=True)
class Setting:
    """What all are asked to do."""

    cases: Path
    number: int
    concurrency: int
    base: str
    folder: Path

    def filled(self, text: str) -> str:
        """Fill in the values."""
        return text.format(cases=self.cases, concurrency=self.concurrency, base=self.base, folder=self.folder)


@dataclass(frozen=True)
class Peer:
    """A tool: its command with {cases}, {concurrency}, {base} and {folder}, and how it reports the share that is right."""

    name: str
    command: Sequence[str]
    right: str = r"right ([\d.]+)"
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    after: Sequence[str] = ()

    @property
    def installed(self) -> bool:
        """Whether its program is there."""
        return Path(self.command[0]).exists()


def bare(client: str) -> Peer:
    """Return a bare loop over a client library."""
    python = str(ENVIRONMENTS / client / "bin" / "python")
    if client == "aiohttp" and not Path(python).exists():
        python = sys.executable
    words = [python, str(HERE / "peers" / "bare.py"), client, "{cases}", "{concurrency}", "{base}"]
    return Peer(client, words)


def peers() -> list[Peer]:
    """Return all that this benchmark knows."""
    inspect = str(ENVIRONMENTS / "inspect-ai" / "bin" / "inspect")
    lm_eval = str(ENVIRONMENTS / "lm-eval" / "bin" / "lm_eval")
    deepeval = str(ENVIRONMENTS / "deepeval" / "bin" / "python")
    promptfoo = str(ENVIRONMENTS / "promptfoo" / "node_modules" / ".bin" / "promptfoo")
    own = str(Path(sys.executable).parent / "passmuster")
    compare = [own, "compare", "--json", "-q"]
    return [
        bare("aiohttp"),
        Peer(
            "passmuster",
            [own, "run", "-q", "--yes"],
            r'"value": ([\d.]+)',
            {"passmuster.yaml": PROJECT},
            after=compare,
        ),
        *(bare(client) for client in ("pyreqwest", "httpx", "openai", "litellm")),
        Peer(
            "inspect-ai",
            [
                inspect,
                "eval",
                str(HERE / "peers" / "inspect_task.py"),
                "--model",
                "openai/mock",
                "-M",
                "responses_api=false",
                "--max-connections",
                "{concurrency}",
                "--max-tokens",
                "16",
                "--temperature",
                "0",
                "--display",
                "plain",
                "--log-dir",
                "{folder}",
            ],
            r"(?:accuracy|mean)\D+([\d.]+)",
            environment={"BENCH_CASES": "{cases}", "OPENAI_BASE_URL": "{base}"},
        ),
        Peer(
            "lm-eval",
            [
                lm_eval,
                "run",
                "--model",
                "local-chat-completions",
                "--model_args",
                "model=mock,base_url={base}/chat/completions,num_concurrent={concurrency},max_retries=3",
                "--tasks",
                "codes",
                "--include_path",
                "{folder}",
                "--apply_chat_template",
                "--log_samples",
                "--output_path",
                "{folder}/out",
            ],
            r"exact_match\|.*?\|\s*([\d.]+)\|",
            {"codes.yaml": LM_EVAL},
        ),
        Peer(
            "deepeval",
            [deepeval, str(HERE / "peers" / "deepeval_run.py"), "{cases}", "{concurrency}", "{base}"],
        ),
        Peer(
            "promptfoo",
            [
                promptfoo,
                "eval",
                "-c",
                "{folder}/config.yaml",
                "-j",
                "{concurrency}",
                "--no-cache",
                "--no-table",
                "--no-progress-bar",
                "-o",
                "{folder}/out.json",
            ],
            r"(\d[\d,]*) passed",
            {"config.yaml": PROMPTFOO},
            {"PROMPTFOO_CONFIG_DIR": "{folder}/home"},
        ),
    ]


def write_cases(path: Path, number: int) -> None:
    """Write so many cases; the endpoint knows their codes."""
    with path.open("w", encoding="utf-8") as stream:
        for n in range(number):
            row = {
                "id": f"{n:06}",
                "input": f"What is the code of item {n:06}? Reply with the code only.",
                "reference": f"A{n:06}",
            }
            stream.write(json.dumps(row) + "\n")


class Endpoint:
    """The endpoint in a process of its own, on the first core."""

    def __init__(self) -> None:
        words = [*pinned("0"), sys.executable, str(HERE / "endpoint.py")]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own file
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        self.base = self._process.stdout.readline().strip()

    def get(self, path: str) -> dict[str, float]:
        """Ask for its counts."""
        with urllib.request.urlopen(f"{self.base.removesuffix('/v1')}/{path}", timeout=30) as answer:  # noqa: S310 - loopback
            counts: dict[str, float] = json.loads(answer.read())
        return counts

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


def pinned(core: str) -> list[str]:
    """Return the words that keep a process on a core, where the machine has two and the tool."""
    enough = (os.cpu_count() or 1) > 1 and shutil.which("taskset") is not None
    return ["taskset", "-c", core] if enough else []


def once(peer: Peer, setting: Setting, delay: float, endpoint: Endpoint) -> dict[str, object]:
    """Run a peer once, as a whole process."""
    for name, text in peer.files.items():
        (setting.folder / name).write_text(setting.filled(text), encoding="utf-8")
    if peer.name == "promptfoo":
        write_promptfoo_tests(setting)
    environment = {**os.environ, **QUIET, **{k: setting.filled(v) for k, v in peer.environment.items()}}
    words = [*pinned("1"), *map(setting.filled, peer.command)]
    endpoint.get(f"reset?delay={delay}")
    log = setting.folder / ".output"
    begun = time.monotonic()
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(  # noqa: S603 - the commands of the table
            words, cwd=setting.folder, env=environment, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
    wall, process.returncode = time.monotonic() - begun, os.waitstatus_to_exitcode(status)
    seen = endpoint.get("stats")
    output = log.read_text(encoding="utf-8", errors="replace")
    if peer.after:
        output = subprocess.run(  # noqa: S603 - the commands of the table
            peer.after, cwd=setting.folder, env=environment, capture_output=True, text=True, check=False
        ).stdout
    found = re.findall(peer.right, output)
    right = float(found[0 if peer.after else -1].replace(",", "")) if found else None
    return {
        "peer": peer.name,
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        "rss_mb": used.ru_maxrss / 1024,
        "exit": process.returncode,
        "right": right if right is None or right <= 1 else right / setting.number,
        "requests": seen["requests"],
        "items": seen["items"],
        "span": seen["span"],
        "endpoint_cpu": seen["cpu"],
    }


def write_promptfoo_tests(setting: Setting) -> None:
    """Write the cases in promptfoo's form."""
    with (setting.folder / "tests.jsonl").open("w", encoding="utf-8") as stream:
        for line in setting.cases.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            test = {
                "vars": {"input": row["input"]},
                "assert": [{"type": "equals", "value": row["reference"]}],
            }
            stream.write(json.dumps(test) + "\n")


def table(rows: Sequence[Mapping[str, object]], title: str) -> str:
    """Return the medians of all runs, fastest first."""
    by: dict[str, list[Mapping[str, object]]] = {}
    for row in rows:
        by.setdefault(str(row["peer"]), []).append(row)

    def median(peer: str, key: str) -> float:
        return statistics.median(float(str(row[key])) for row in by[peer])

    base = median("aiohttp", "wall") if "aiohttp" in by else float("nan")
    lines = [
        f"\n{title}\n",
        "| tool | wall s (least to most) | x aiohttp | CPU s | peak MB | requests | share right | exit |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for peer in sorted(by, key=lambda name: median(name, "wall")):
        walls = [float(str(row["wall"])) for row in by[peer]]
        last = by[peer][-1]
        lines.append(
            f"| {peer} | {median(peer, 'wall'):.2f} ({min(walls):.2f} to {max(walls):.2f}) "
            f"| {median(peer, 'wall') / base:.2f} | {median(peer, 'cpu'):.2f} | {median(peer, 'rss_mb'):.0f} "
            f"| {last['requests']} | {last['right']} | {last['exit']} |"
        )
    return "\n".join(lines)


def repeated(chosen: Sequence[Peer], given: argparse.Namespace) -> list[dict[str, object]]:
    """Run all peers in turn, several times."""
    rows = []
    endpoint = Endpoint()
    try:
        with tempfile.TemporaryDirectory() as root:
            cases = Path(root) / "cases.jsonl"
            write_cases(cases, given.cases)
            for number in range(given.repetitions):
                for peer in chosen:
                    folder = Path(root) / f"{peer.name}-{number}"
                    folder.mkdir()
                    setting = Setting(cases, given.cases, given.concurrency, endpoint.base, folder)
                    rows.append(once(peer, setting, given.delay, endpoint))
                    told(rows[-1], given.json)
                    shutil.rmtree(folder, ignore_errors=True)
    finally:
        endpoint.stop()
    return rows


def told(row: Mapping[str, object], path: Path | None) -> None:
    """Show a single run, and keep it where a file is named."""
    line = json.dumps(row)
    print(line, file=sys.stderr, flush=True)
    if path is not None:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(f"{line}\n")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds of service of each request")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--peers", help="names, separated by commas; default: all that are installed")
    parser.add_argument("--json", type=Path, help="append every single run to this file, as JSON lines")
    given = parser.parse_args()
    wanted = given.peers.split(",") if given.peers else None
    chosen = [peer for peer in peers() if wanted is None or peer.name in wanted]
    for peer in chosen:
        if not peer.installed:
            print(f"not installed: {peer.name} ({peer.command[0]})", file=sys.stderr)
    rows = repeated([peer for peer in chosen if peer.installed], given)
    title = f"{given.cases:,} cases, {given.concurrency} at a time, {given.delay * 1000:g} ms of service"
    print(table(rows, title))


if __name__ == "__main__":
    main()
