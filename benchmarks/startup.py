"""How long tools take before they do anything: `--help` (of libraries: the import), and the first request of a run.

    python benchmarks/startup.py
    python benchmarks/startup.py --repetitions 11 --peers aiohttp,passmuster
    python benchmarks/startup.py --cases 5000            # some tools prepare every case before they ask the first

The first request is counted from the moment at which the process is made to the moment at which the endpoint has all
of the request, on the machine's one monotonic clock; "connected" is when it accepted the connection. Files are in the
page cache: a first round that is not counted sees to that. `python -c pass` is the least that a Python program takes.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from processes import Endpoint, machine, measured
from tools import Peer, Setting, chosen_peers, versions, write_cases


@dataclass
class Times:
    """Seconds of each repetition, and the peak of memory."""

    start: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    connected: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)

    def row(self, name: str, start: str) -> str:
        """Return a line of the table."""
        cells = [name, f"`{start}`", _median(self.start), f"{max(self.rss_mb):.0f}"]
        return f"| {' | '.join([*cells, _median(self.connected), _median(self.first)])} |"


def _median(values: Sequence[float]) -> str:
    if not values:
        return "-"
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def started(words: Sequence[str], folder: Path, times: Times) -> None:
    """Start a program that does nothing, and take note of how long it was there."""
    used = measured(words, folder)
    if used.exit != 0:
        print(f"{' '.join(words)}: exit {used.exit}\n{used.output[-1000:]}", file=sys.stderr)
    times.start.append(used.wall)
    times.rss_mb.append(used.rss_mb)


def asked(peer: Peer, setting: Setting, endpoint: Endpoint, times: Times) -> None:
    """Run a tool on a few cases, and take note of when its first request was there."""
    environment = peer.prepare(setting)
    endpoint.reset(0.0)
    used = measured([setting.filled(word) for word in peer.command], setting.folder, environment)
    seen = endpoint.seen()
    if not seen["requests"]:
        print(f"{peer.name} asked nothing, exit {used.exit}\n{used.output[-1000:]}", file=sys.stderr)
        return
    times.connected.append(seen["accepted"] - used.begun)
    times.first.append(seen["first"] - used.begun)


def repeated(
    chosen: Sequence[Peer], number_of_cases: int, repetitions: int
) -> tuple[Times, dict[str, Times]]:
    """Return the times of a bare Python and those of the tools, which have taken turns."""
    python = Times()
    times = {peer.name: Times() for peer in chosen}
    endpoint = Endpoint()
    try:
        with tempfile.TemporaryDirectory() as root:
            cases = Path(root) / "cases.jsonl"
            write_cases(cases, number_of_cases)
            for number in range(-1, repetitions):
                started([sys.executable, "-c", "pass"], Path(root), python if number >= 0 else Times())
                for peer in chosen:
                    folder = Path(root) / f"{peer.name}-{number}"
                    folder.mkdir()
                    taken = times[peer.name] if number >= 0 else Times()
                    started(peer.start, folder, taken)
                    asked(peer, Setting(cases, number_of_cases, 8, endpoint.base, folder), endpoint, taken)
    finally:
        endpoint.stop()
    return python, times


def _shown(words: Sequence[str]) -> str:
    program = Path(words[0]).name
    return " ".join([program, *words[1:]]) if words[1] != "-c" else words[2]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=10, help="cases of the run whose first request is timed")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--peers", help="names, separated by commas; default: all that are installed")
    parser.add_argument("--json", type=Path, help="append all times to this file, as JSON lines")
    given = parser.parse_args()
    try:
        chosen = chosen_peers(given.peers)
    except ValueError as error:
        parser.error(str(error))
    python, times = repeated(chosen, given.cases, given.repetitions)
    if given.json is not None:
        with given.json.open("a", encoding="utf-8") as stream:
            stream.writelines(
                f"{json.dumps({'startup': name, **asdict(each)})}\n" for name, each in times.items()
            )
    print(
        f"\nStart-up, seconds: median of {given.repetitions} (least to most), run of {given.cases:,} cases\n"
    )
    print("| tool | what is started | until it ends | peak MB | connected | first request |")
    print("|---|---|---|---|---|---|")
    print(python.row("python", "python -c pass"))
    for peer in chosen:
        print(times[peer.name].row(peer.name, _shown(peer.start)))
    print(f"\n{versions(chosen)}\n{machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
