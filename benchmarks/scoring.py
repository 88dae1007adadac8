"""Scores trials with deterministic metrics, beside other tools' scorers of the same kind, and prints trials a second and core.

    python benchmarks/scoring.py                                  # 100,000 trials, what is installed
    python benchmarks/scoring.py --trials 5000 --repetitions 1 --peers passmuster
    python benchmarks/scoring.py --json runs.jsonl

Each tool scores the same replies in a process of its own on one core; what is timed is the scoring alone, in
processor seconds, without imports, reading and writing. Tools take turns within a repetition. Every tenth reply
is wrong, and what each tool makes of that is checked: it exits with 1 where a share is not 0.9. The last rows
are the whole command `passmuster score` over stored trials, reading and writing included.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from processes import HERE, machine, measured
from tools import ENVIRONMENTS, OWN

TOOLS: Mapping[str, tuple[str, str]] = {
    "passmuster": (sys.executable, "passmuster_scoring.py"),
    "inspect-ai": (str(ENVIRONMENTS / "inspect-ai" / "bin" / "python"), "inspect_scoring.py"),
    "deepeval": (str(ENVIRONMENTS / "deepeval" / "bin" / "python"), "deepeval_scoring.py"),
}
"""Tool -> its Python and its script."""
OURS = "passmuster"
SHARES = ("exact match", "JSON Schema")
"""Jobs of which all tools must say that 0.9 is right; a token F1 differs with how words are taken."""
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["vendor", "date", "total", "currency", "paid", "items"],
    "properties": {
        "vendor": {"type": "string"},
        "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "total": {"type": "number"},
        "currency": {"type": "string"},
        "paid": {"type": "boolean"},
        "items": {"type": "array", "items": {"type": "string"}},
    },
}
FIELDS = {
    "vendor": "string",
    "date": "date",
    "total": "number",
    "currency": "string",
    "paid": "any",
    "items": "list",
}
PROJECT = """\
task: scoring
corpus: {path: cases.jsonl, use: all}
metrics: [METRICS]
candidates:
  - {name: recorded, provider: replay, path: recorded.jsonl}
"""
WORDS = [
    "the",
    "invoice",
    "of",
    "this",
    "month",
    "was",
    "paid",
    "late",
    "by",
    "a",
    "vendor",
    "who",
    "sold",
    "nine",
    "small",
    "parts",
    "to",
    "us",
]


def rows(number: int) -> Iterator[dict[str, object]]:
    """Yield what is scored: a text with its reference, and an object with its reference, every tenth wrong."""
    for n in range(number):
        reference = " ".join(WORDS[(n + step) % len(WORDS)] for step in range(14)) + f" ({n})"
        invoice = {
            "vendor": f"Vendor {n % 97} Ltd",
            "date": f"2025-{n % 12 + 1:02}-{n % 28 + 1:02}",
            "total": round(n * 1.37 % 9000, 2),
            "currency": "EUR",
            "paid": n % 3 == 0,
            "items": [f"part {n % 13}", f"part {n % 7}", "delivery"],
        }
        answered = invoice if n % 10 else {**invoice, "paid": "unknown"}
        yield {
            "id": f"{n:06}",
            "reference": reference,
            "text": reference if n % 10 else f"{reference} or not",
            "object": invoice,
            "json": json.dumps(answered),
        }


def once(tool: str, folder: Path, made: Sequence[Mapping[str, object]]) -> Iterator[dict[str, object]]:
    """Let a tool score everything once, and yield a result for each of its metrics."""
    python, script = TOOLS[tool]
    used = measured([python, str(HERE / "peers" / script), str(folder / "rows.json")], folder)
    last = used.output.strip().splitlines()[-1] if used.output.strip() else ""
    if used.exit or not last.startswith("{"):
        print(f"{tool}: exit {used.exit}: {used.output[-2000:]}", file=sys.stderr)
        return
    told = json.loads(last)
    for job, found in told["jobs"].items():
        yield {
            "tool": tool,
            "version": told["version"],
            "job": job,
            "rate": len(made) / found["seconds"],
            "mean": found["mean"],
            "exit": 0,
        }


def whole(folder: Path, made: Sequence[Mapping[str, object]], *, json_: bool) -> dict[str, object]:
    """Run `passmuster score` over stored trials, and return the trials a second of processor time."""
    own = folder / ("json" if json_ else "text")
    if not own.exists():
        _project(own, made, json_=json_)
    used = measured([OWN, "score", "-q", "--jobs", "1", "--out", "scores.jsonl"], own)
    metrics = "JSON Schema, field F1" if json_ else "exact match, token F1"
    return {
        "tool": "`passmuster score --jobs 1`",
        "version": "",
        "job": metrics,
        "rate": len(made) / used.cpu,
        "exit": used.exit,
    }


def _project(folder: Path, made: Sequence[Mapping[str, object]], *, json_: bool) -> None:
    folder.mkdir()
    metrics = "exact_match, token_f1"
    if json_:
        metrics = f"{{json_schema: {{schema: schema.json}}}}, {{field_f1: {{fields: {json.dumps(FIELDS)}}}}}"
    (folder / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (folder / "passmuster.yaml").write_text(PROJECT.replace("METRICS", metrics), encoding="utf-8")
    reference, output = ("object", "json") if json_ else ("reference", "text")
    with (
        (folder / "cases.jsonl").open("w", encoding="utf-8") as cases,
        (folder / "recorded.jsonl").open("w", encoding="utf-8") as recorded,
    ):
        for row in made:
            case = {"id": row["id"], "input": row["id"], "reference": row[reference]}
            cases.write(json.dumps(case) + "\n")
            recorded.write(json.dumps({"id": row["id"], "output": row[output]}) + "\n")
    ran = measured([OWN, "run", "-q"], folder)
    if ran.exit:
        print(f"passmuster run: exit {ran.exit}: {ran.output[-2000:]}", file=sys.stderr)


def told(results: Sequence[Mapping[str, object]]) -> bool:
    """Print a table of medians, and return whether every share is what it should be."""
    print("\n| job | tool | trials/s | x passmuster | mean |\n|---|---|---|---|---|")
    jobs = list(dict.fromkeys(row["job"] for row in results))
    keys = dict.fromkeys((row["job"], row["tool"]) for row in results)
    for job, tool in sorted(keys, key=lambda key: jobs.index(key[0])):
        own, base = (
            [row for row in results if (row["job"], row["tool"]) == (job, name)] for name in (tool, OURS)
        )
        ratios = [
            _number(one, "rate") / _number(other, "rate") for one, other in zip(own, base, strict=False)
        ]
        rate = statistics.median(_number(row, "rate") for row in own)
        ratio = f"{statistics.median(ratios):.3f}" if ratios else "-"
        mean = f"{_number(own[-1], 'mean'):.4f}" if "mean" in own[-1] else "-"
        print(f"| {job} | {tool} | {rate:,.0f} | {ratio} | {mean} |")
    wrong = [row for row in results if _is_wrong(row)]
    for row in wrong:
        print(
            f"{row['tool']}: {row['job']}: {row.get('mean')} instead of 0.9, exit {row['exit']}",
            file=sys.stderr,
        )
    return not wrong


def _is_wrong(row: Mapping[str, object]) -> bool:
    return row["exit"] != 0 or (
        "mean" in row and row["job"] in SHARES and abs(_number(row, "mean") - 0.9) > 1e-9
    )


def _number(row: Mapping[str, object], name: str) -> float:
    return float(str(row[name]))


def main() -> int:
    """Run it all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--peers", help="names with commas between them; default: all that are installed")
    parser.add_argument("--json", type=Path, help="keep every single result as a JSON line")
    options = parser.parse_args()
    wanted = list(TOOLS) if options.peers is None else options.peers.split(",")
    if unknown := [name for name in wanted if name not in TOOLS]:
        parser.error(f"no tool is called {', '.join(unknown)}; there are {', '.join(TOOLS)}")
    installed = [name for name in TOOLS if name in wanted and Path(TOOLS[name][0]).exists()]
    for name in wanted:
        if name not in installed:
            print(f"not installed: {name} ({TOOLS[name][0]})", file=sys.stderr)
    made = list(rows(options.trials))
    results: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        given = {"rows": made, "schema": SCHEMA, "fields": FIELDS}
        (folder / "rows.json").write_text(json.dumps(given), encoding="utf-8")
        for _ in range(options.repetitions):
            for tool in installed:
                results += once(tool, folder, made)
            if "passmuster" in installed:
                results += [whole(folder, made, json_=each) for each in (False, True)]
    print(f"{options.trials:,} trials, {options.repetitions} repetitions. {machine()}")
    versions = {row["tool"]: row["version"] for row in results if row["version"]}
    print("Versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    fine = told(results)
    if options.json is not None:
        options.json.write_text("".join(json.dumps(row) + "\n" for row in results), encoding="utf-8")
    return 0 if fine and results else 1


if __name__ == "__main__":
    sys.exit(main())
