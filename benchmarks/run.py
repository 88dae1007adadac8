"""Runs passmuster and the peers that are installed against the same endpoint, and prints ratios to a bare aiohttp loop.

    make bench                                                    # what is installed
    python benchmarks/run.py --cases 5000 --concurrency 64 --delay 0 --repetitions 3
    python benchmarks/run.py --concurrency 256 --delay 0.02 --peers aiohttp,passmuster
    python benchmarks/run.py --peers aiohttp,passmuster,inspect-ai --json results.json

Peers live each in an environment of its own under BENCH_ENVIRONMENTS (default: ~/.cache/passmuster-bench);
docs/benchmarks.md says how to make them. The endpoint runs on the first core and the client on the second;
peers take turns within a repetition, so that a busy moment of the machine hits all of them, and a ratio is the
median of the ratios within each repetition. Seconds of a shared machine mean little: quote the ratios.

Every tool's answers are checked: it exits with 1 where one did not ask every case, or counted wrongly.
"""

import argparse
import json
import math
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from processes import Endpoint, Used, machine, measured
from tools import Peer, Setting, chosen_peers, expected, versions, write_cases

BASE = "aiohttp"


@dataclass(frozen=True)
class Result:
    """One run of one tool; `span` is from the first request to the last answer, as the endpoint saw them."""

    peer: str
    wall: float
    cpu: float
    rss_mb: float
    exit: int
    right: float | None
    requests: int
    items: int
    span: float
    most_open: int
    endpoint_cpu: float
    odd: str | None = None


def once(peer: Peer, setting: Setting, delay: float, endpoint: Endpoint) -> list[Result]:
    """Run a tool once, as a whole process, and the command after it, if any, as a second row that has both."""
    environment = peer.prepare(setting)
    endpoint.reset(delay)
    used = measured([setting.filled(word) for word in peer.command], setting.folder, environment)
    seen = endpoint.seen()
    after = measured(peer.after, setting.folder, environment) if peer.after else None
    right = share_right(peer, setting, used if after is None else after)
    row = Result(
        peer=peer.name,
        wall=used.wall,
        cpu=used.cpu,
        rss_mb=used.rss_mb,
        exit=used.exit,
        right=right,
        requests=int(seen["requests"]),
        items=int(seen["items"]),
        span=seen["span"],
        most_open=int(seen["most_open"]),
        endpoint_cpu=seen["cpu"],
    )
    row = replace(row, odd=oddity(row, peer, setting, used))
    return [row] if after is None else [row, joined(row, after, peer.after[1])]


def share_right(peer: Peer, setting: Setting, used: Used) -> float | None:
    """Return the share of right answers that a tool reported: its last figure, or the first of a comparison."""
    found = re.findall(peer.right, used.output)
    if not found:
        return None
    share = float(found[0 if peer.after else -1].replace(",", ""))
    return share if share <= 1 else share / setting.number


def oddity(row: Result, peer: Peer, setting: Setting, used: Used) -> str | None:
    """Return what is wrong with a run, None where nothing is."""
    wrong = [
        f"{what} {is_} instead of {should}"
        for what, is_, should, fine in (
            ("exit", row.exit, " or ".join(map(str, peer.exits)), row.exit in peer.exits),
            ("requests", row.requests, setting.number, row.requests == setting.number),
            ("items", row.items, setting.number, row.items == setting.number),
            ("share right", row.right, expected(setting.number), _near(row.right, expected(setting.number))),
        )
        if not fine
    ]
    return None if not wrong else f"{', '.join(wrong)}; its last words:\n{used.output[-1000:]}"


def _near(share: float | None, should: float) -> bool:
    return share is not None and abs(share - should) < 0.001  # some tools print three digits


def joined(row: Result, after: Used, verb: str) -> Result:
    """Return a run together with the command after it."""
    return replace(
        row,
        peer=f"{row.peer}, then {verb}",
        odd=None,
        wall=row.wall + after.wall,
        cpu=row.cpu + after.cpu,
        rss_mb=max(row.rss_mb, after.rss_mb),
    )


def table(results: Sequence[Result], title: str, ideal: float | None) -> str:
    """Return the medians of all runs, fastest first; `ideal` is the least that the span can be, in seconds."""
    by: dict[str, list[Result]] = {}
    for row in results:
        by.setdefault(row.peer, []).append(row)
    columns = ["tool", "wall s (least to most)", f"x {BASE}", "span s", f"span x {BASE}"]
    columns += ["span x ideal"] if ideal else []
    columns += ["CPU s", "peak MB", "requests", "share right", "exit"]
    lines = [f"\n{title}\n", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for rows in sorted(by.values(), key=lambda rows: _median(rows, lambda row: row.wall)):
        walls = [row.wall for row in rows]
        span = _median(rows, lambda row: row.span)
        cells = [rows[0].peer, f"{statistics.median(walls):.2f} ({min(walls):.2f} to {max(walls):.2f})"]
        cells += [_ratio(rows, by.get(BASE), lambda row: row.wall), f"{span:.2f}"]
        cells += [_ratio(rows, by.get(BASE), lambda row: row.span)]
        cells += [f"{span / ideal:.2f}"] if ideal else []
        cells += [f"{_median(rows, lambda row: row.cpu):.2f}", f"{max(row.rss_mb for row in rows):.0f}"]
        cells += [_all(row.requests for row in rows), _all(row.right for row in rows)]
        cells += [_all(row.exit for row in rows)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _median(rows: Sequence[Result], of: Callable[[Result], float]) -> float:
    return statistics.median(map(of, rows))


def _ratio(rows: Sequence[Result], base: Sequence[Result] | None, of: Callable[[Result], float]) -> str:
    """Return the median of the ratios to the base; where either made no request, its span is 0 and there is none."""
    if base is None or not all(map(of, base)):
        return "-"
    return f"{statistics.median(of(row) / of(other) for row, other in zip(rows, base, strict=True)):.2f}"


def _all(values: Iterable[object]) -> str:
    return ", ".join(dict.fromkeys(map(str, values)))


def repeated(chosen: Sequence[Peer], given: argparse.Namespace) -> list[Result]:
    """Run all tools in turn, several times."""
    results = []
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
                    for row in once(peer, setting, given.delay, endpoint):
                        tell(row, given.json)
                        results.append(row)
                    shutil.rmtree(folder, ignore_errors=True)
    finally:
        endpoint.stop()
    return results


def tell(row: Result, path: Path | None) -> None:
    """Show a single run, and keep it where a file is named."""
    line = json.dumps(asdict(row))
    print(line, file=sys.stderr, flush=True)
    if path is not None:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(f"{line}\n")


def main() -> int:
    """Run the benchmark; return 1 where any tool did not do what it was asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds of service of each request")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--peers", help="names, separated by commas; default: all that are installed")
    parser.add_argument("--json", type=Path, help="append every single run to this file, as JSON lines")
    given = parser.parse_args()
    try:
        chosen = chosen_peers(given.peers)
    except ValueError as error:
        parser.error(str(error))
    results = repeated(chosen, given)
    title = f"{given.cases:,} cases, {given.concurrency} at a time, {given.delay * 1000:g} ms of service"
    ideal = math.ceil(given.cases / given.concurrency) * given.delay
    print(table(results, f"{title}{f' (ideal span {ideal:.2f} s)' if ideal else ''}", ideal or None))
    print(f"\n{versions(chosen)}\n{machine()}")
    odd = [f"{row.peer}: {row.odd}" for row in results if row.odd is not None]
    if odd:
        print("\n".join(odd), file=sys.stderr)
    return 1 if odd else 0


if __name__ == "__main__":
    sys.exit(main())
