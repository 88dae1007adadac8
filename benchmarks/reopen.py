"""What big runs cost: reading 50,000 stored trials back, and replaying 1,000,000 of them.

    python benchmarks/reopen.py                          # both, some minutes
    python benchmarks/reopen.py --stored 50000 --replayed 0

The stored run has 5 candidates on 10,000 labelled cases, written through the store itself with replies, failures,
times and costs: `compare` works out the decision and writes its report, and `run` finds that nothing is missing.
The replayed one is a generated recording of one candidate: `run` makes and stores every trial, `compare` follows. Each
line is a process of its own, start-up included; memory is its peak.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from processes import HERE, Used, machine, measured
from tools import OWN

LABELS = ("billing", "delivery", "login", "refund", "other")
CANDIDATES = 5
STORED = """\
task: stored
corpus: {path: cases.jsonl, use: all}
metrics: [accuracy]
bars:
  accuracy: {at_least: 75 %}
  latency_p95: {at_most: 3 s}
incumbent: model-0
candidates:
"""
ASKED = """\
  - {{name: model-{0}, provider: openai, model: model-{0}, base_url: "http://127.0.0.1:9/v1",
     prices: {{input: 1, output: 2}}}}
"""
REPLAYED = """\
task: replayed
corpus: {path: cases.jsonl, use: all}
metrics: [accuracy]
candidates:
  - {name: recorded, provider: replay, path: recorded.jsonl, prices: {input: 1, output: 2}}
"""
RUN = (OWN, "run", "-q", "--yes")
COMPARE = (OWN, "compare", "--json", "-q")


def write_cases(folder: Path, number: int, chance: random.Random, *, recorded: bool) -> None:
    """Write so many labelled cases, and where it is wanted a recording of a model's answers to them."""
    with (folder / "cases.jsonl").open("w", encoding="utf-8") as cases:
        for n in range(number):
            row = {"id": f"case-{n:07}", "input": f"Request {n:07}: which team?", "reference": LABELS[n % 5]}
            cases.write(f"{json.dumps(row)}\n")
    if not recorded:
        return
    with (folder / "recorded.jsonl").open("w", encoding="utf-8") as outputs:
        for n in range(number):
            output = LABELS[n % 5] if chance.random() < 0.8 else "other"
            seconds = round(chance.lognormvariate(-0.7, 0.4), 4)
            tokens = {"input_tokens": 123, "output_tokens": 5}
            outputs.write(
                f"{json.dumps({'id': f'case-{n:07}', 'output': output, 'latency_s': seconds, **tokens})}\n"
            )


def stored(folder: Path, trials: int, repetitions: int) -> list[str]:
    """Fill a store, and measure what reads it."""
    candidates = "".join(map(ASKED.format, range(CANDIDATES)))
    (folder / "passmuster.yaml").write_text(STORED + candidates, encoding="utf-8")
    write_cases(folder, trials // CANDIDATES, random.Random(7), recorded=False)  # noqa: S311 - no secret
    filled = measured([sys.executable, str(HERE / "fill.py"), str(folder)], folder)
    _check(filled, (0,), "fill.py")
    what = f"{int(filled.output):,} stored trials"
    return [
        line(f"`compare` over {what}", compared(folder, repetitions, trials)),
        line(f"`runs` over {what}", _several((OWN, "runs"), folder, repetitions)),
        line(f"`run` again over {what}, nothing to ask", _several(RUN, folder, repetitions)),
    ]


def replayed(folder: Path, trials: int) -> list[str]:
    """Replay a recording, and compare it."""
    (folder / "passmuster.yaml").write_text(REPLAYED, encoding="utf-8")
    write_cases(folder, trials, random.Random(7), recorded=True)  # noqa: S311 - no secret
    ran = line(f"`run` of {trials:,} replayed trials", _several(RUN, folder, 1))
    return [ran, line(f"`compare` over {trials:,} stored trials", compared(folder, 1, trials))]


def compared(folder: Path, repetitions: int, trials: int) -> list[Used]:
    """Compare several times, and see that every trial is in the comparison."""
    used = _several(COMPARE, folder, repetitions, (0, 1, 3))
    candidates = json.loads(used[-1].output)["candidates"]
    found = sum(each["n"] - each["n_missing"] for each in candidates)
    if found != trials:
        sys.exit(f"compare found {found:,} of {trials:,} trials")
    return used


def _several(words: Sequence[str], folder: Path, repetitions: int, fine: Sequence[int] = (0,)) -> list[Used]:
    used = [measured(words, folder) for _ in range(repetitions)]
    for each in used:
        _check(each, fine, words[1])
    return used


def _check(used: Used, fine: Sequence[int], what: str) -> None:
    if used.exit not in fine:
        sys.exit(f"{what}: exit {used.exit}\n{used.output[-2000:]}")


def line(what: str, used: Sequence[Used]) -> str:
    """Return a line of the table, and print it at once for who waits."""
    walls = [each.wall for each in used]
    wall = f"{statistics.median(walls):.2f} ({min(walls):.2f} to {max(walls):.2f})"
    cpu = f"{statistics.median(each.cpu for each in used):.2f}"
    told = f"| {what} | {wall} | {cpu} | {max(each.rss_mb for each in used):.0f} |"
    print(told, file=sys.stderr, flush=True)
    return told


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stored", type=int, default=50_000, help="trials to read back, 0 for none")
    parser.add_argument("--replayed", type=int, default=1_000_000, help="trials to replay, 0 for none")
    parser.add_argument("--repetitions", type=int, default=3, help="of what reads back")
    given = parser.parse_args()
    if given.stored % CANDIDATES:
        parser.error(f"--stored is for {CANDIDATES} candidates: a multiple of it")
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        if given.stored:
            lines += stored(Path(folder), given.stored, given.repetitions)
    with tempfile.TemporaryDirectory() as folder:
        if given.replayed:
            lines += replayed(Path(folder), given.replayed)
    print("\n| what | wall s (least to most) | CPU s | peak MB |\n|---|---|---|---|")
    print("\n".join(lines))
    print(f"\n{machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
