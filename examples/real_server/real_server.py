"""Ask a real server through passmuster, and print what came of it: docs/real-servers.md.

    python real_server.py                                   # llama-server on the PATH, with a tiny random model
    python real_server.py --server ~/llama.cpp/build/bin/llama-server
    python real_server.py --base-url http://127.0.0.1:11434/v1 --model llama3.2 --only whole --only streamed

It ends with 0 where every candidate answered every case at the first call, streamed text equals the text that came
whole, and each mistake came back as a failure of its kind.
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tiny_model

HERE = Path(__file__).parent
FILES = ("passmuster.yaml", "mistakes.yaml", "cases.jsonl")
KEY = "a-key-of-this-example"
PATIENCE = 60.0
"""Seconds that a server has to load the model."""
PAIRS = (("whole", "streamed"), ("schema", "schema-streamed"), ("completions", "completions-streamed"),
         ("responses", "responses-streamed"), ("messages", "messages-streamed"))  # fmt: skip
KINDS: Mapping[str, set[str | None]] = {
    "unknown-model": {"bad_request", None},  # a server of one model may answer with that
    "longer-than-the-context": {"bad_request"},
    "the-same-streamed": {"bad_request"},
    "no-such-path": {"bad_request"},
    "parameter-of-the-wrong-type": {"bad_request", "server_error"},
    "schema-that-is-none": {"bad_request", "server_error"},
    "wrong-key": {"auth"},
    "nobody-listens": {"connection"},
}
"""What each mistake may come back as."""


@contextlib.contextmanager
def llama_server(server: str, folder: Path) -> Iterator[str]:
    """Serve the tiny model on a free port; gives the base URL."""
    model, log = folder / "tiny.gguf", folder / "server.log"
    tiny_model.write(model)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    options = {"--model": model, "--alias": "tiny", "--host": "127.0.0.1", "--port": port, "--api-key": KEY,
               "--ctx-size": 1024, "--parallel": 2, "--threads": 1,
               # Rounded less, so that what is asked beside a call does not change its answer.
               "--flash-attn": "off", "--cache-type-k": "f32", "--cache-type-v": "f32"}  # fmt: skip
    words = [server, *(str(word) for option in options.items() for word in option)]
    with log.open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out)  # noqa: S603 - the program that was named
    try:
        wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when an address answers; exit where the process ends, or too much time passes."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own address
            return
        time.sleep(0.1)
    sys.exit(f"the server does not answer; it said:\n{log.read_text(errors='replace')[-2000:]}")


class Passmuster:
    """Runs its verbs in a folder, as a user would."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment}

    def json(self, *words: str) -> Any:
        """Run a verb and return the object that it prints."""
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "passmuster", *words, "--json"],
            cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        try:
            return json.loads(done.stdout)
        except ValueError:
            sys.exit(
                f"passmuster {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )

    def trials(self) -> list[dict[str, Any]]:
        """Return the stored trials as rows."""
        self.json("export", "trials.jsonl")
        lines = (self._folder / "trials.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows below their heads."""
    cells = [heads, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()


def median(values: Sequence[float | None], unit: float = 1.0, digits: int = 0) -> str:
    """Return the median of what is known, in some unit."""
    known = [value / unit for value in values if value is not None]
    return f"{statistics.median(known):.{digits}f}" if known else "-"


def counted(values: Sequence[str | None]) -> str:
    """Return each value with how often it is there."""
    return ", ".join(f"{value} x{count}" for value, count in Counter(values).most_common())


def asked_all(passmuster: Passmuster, only: Sequence[str]) -> list[str]:
    """Check, run and compare every candidate, print it, and return what is wrong."""
    chosen = [word for name in only for word in ("--only", name)]
    checked = passmuster.json("check", *chosen)["candidates"]
    wrong = [f"{row['candidate']}: {row['kind']}: {row['error']}" for row in checked if not row["ok"]]
    print("passmuster check")
    table(
        ("candidate", "reported model", "fingerprint", "streams", "logprobs", "reply"),
        [(row["candidate"], row["model"], row["fingerprint"], row["streaming"], row["logprobs"],
          repr((row["reply"] or row["error"] or "")[:24])) for row in checked],
    )  # fmt: skip
    if len(wrong) == len(checked):
        return wrong
    # One after the other, so that none waits behind another one in the server's queue.
    ends = [passmuster.json("run", "--only", row["candidate"])["status"] for row in checked]
    print(f"passmuster run: {counted(ends)}")
    rows = passmuster.trials()
    of = {name: [row for row in rows if row["candidate"] == name] for name in
          dict.fromkeys(row["candidate"] for row in rows)}  # fmt: skip
    table(
        (
            "candidate",
            "n",
            "failed",
            "calls",
            "in",
            "cached",
            "out",
            "estimated",
            "finish",
            "ms",
            "first ms",
            "confidence",
        ),
        [told(name, trials) for name, trials in of.items()],
    )
    wrong += [
        f"{row['candidate']}, case {row['case_id']}: {row['failure']}" for row in rows if row["failure"]
    ]
    wrong += [
        f"{row['candidate']}, case {row['case_id']}: {row['attempts']} calls"
        for row in rows
        if row["attempts"] > 1
    ]
    compared = passmuster.json("compare")
    print(f"passmuster compare: {compared['decision']['status']}. {compared['decision']['reason']}")
    table(
        ("candidate", "n", "exact_match", "failure rate", "gap p50 ms", "verdict"),
        [(row["name"], row["n"], row["metrics"]["exact_match"]["value"], row["failures"]["rate"]["value"],
          "-" if row["latency"]["gaps"] is None else median([row["latency"]["gaps"]["p50"]], 0.001, 1),
          row["verdict"]["status"]) for row in compared["candidates"]],
    )  # fmt: skip
    return wrong + [line for pair in PAIRS for line in unlike(*pair, of)]


def told(name: str, trials: Sequence[Mapping[str, Any]]) -> Sequence[object]:
    """Return what the trials of a candidate came to: medians, and how often each end."""
    return (
        name,
        len(trials),
        sum(bool(row["failure"]) for row in trials),
        sum(row["attempts"] for row in trials),
        *(median([row[f"{kind}_tokens"] for row in trials]) for kind in ("input", "cached", "output")),
        any(row["tokens_estimated"] for row in trials),
        counted([row["finish_reason"] for row in trials]),
        *(median([row[name] for row in trials], 0.001, 1) for name in ("latency_s", "first_token_s")),
        median([row["confidence"] for row in trials], digits=3),
    )


def unlike(whole: str, streamed: str, of: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield where a stream came to something else than the answer that came whole."""
    facts = ("text", "finish_reason", "input_tokens", "output_tokens")
    other = {row["case_id"]: row for row in of.get(streamed, ())}
    for row in of.get(whole, ()):
        there = other.get(row["case_id"], row)
        for fact in facts:
            if not (row["failure"] or there["failure"] or row[fact] == there[fact]):
                yield f"case {row['case_id']}: {fact} is {row[fact]!r} {whole}, {there[fact]!r} {streamed}"


def mistaken(passmuster: Passmuster) -> list[str]:
    """Check the candidates that make mistakes, print what came back, and return what should not have."""
    checked = passmuster.json("check", "--project", "mistakes.yaml")["candidates"]
    print("passmuster check --project mistakes.yaml")
    table(
        ("mistake", "kind", "message"),
        [(row["candidate"], row["kind"] or "a reply", row["error"] or repr(row["reply"])) for row in checked],
    )
    return [f"{row['candidate']}: {row['kind'] or 'a reply'}, not {' or '.join(filter(None, KINDS[row['candidate']]))}"
            for row in checked if row["kind"] not in KINDS[row["candidate"]]]  # fmt: skip


def main() -> int:
    """Serve, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--server", default=os.environ.get("LLAMA_SERVER", "llama-server"))
    parser.add_argument("--base-url", help="a server that runs already, instead of one started here")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--key", default=KEY)
    parser.add_argument("--only", action="append", default=[], metavar="CANDIDATE")
    options = parser.parse_args()
    server = shutil.which(options.server)
    if server is None and options.base_url is None:
        parser.error(f"{options.server!r} is no program; docs/real-servers.md says where to get it")
    with tempfile.TemporaryDirectory() as made, contextlib.ExitStack() as stack:
        folder = Path(made)
        for name in FILES:
            shutil.copy(HERE / name, folder / name)
        url = options.base_url or stack.enter_context(llama_server(server or "", folder))
        environment = {
            "REAL_SERVER": url,
            "REAL_MODEL": options.model,
            "REAL_KEY": options.key,
            "WRONG_KEY": "wrong",
        }
        passmuster = Passmuster(folder, environment)
        wrong = [*asked_all(passmuster, options.only), *mistaken(passmuster)]
    print("\n".join(["Not as expected:", *wrong]) if wrong else "All as expected.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
