"""How long it takes to verify a ledger of 10,000 entries: python benchmarks/ledger.py [ENTRIES]."""

import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from passmuster.adapters.seal.ledger import reading
from passmuster.corpus.seal.chain import chained, flaws
from passmuster.records.digest import canonical
from passmuster.records.seal import Entry

KEY = b"k" * 32
TIMES = 5


BID = {f"candidate-{number}": f"{number:032}" for number in range(5)}
RULE, RESULT, SEAL = "1" * 64, "2" * 64, "5" * 64


def story(length: int) -> list[Entry]:
    """Return a ledger of so many entries: sealed, then plans, openings and results in turn."""
    found = [chained(None, Entry(event="sealed", time=1.5, actor="custodian", seal=SEAL), KEY)]
    while len(found) < length:
        last = found[-1]
        if last.event == "planned":
            draft = Entry(event="opening", plan=last.hash, candidates=BID, rule=RULE)
        elif last.event == "opening":
            draft = Entry(event="opened", opening=last.hash, result=RESULT)
        else:
            draft = Entry(event="planned", candidates=BID, rule=RULE)
        draft = replace(draft, time=1.5, actor="custodian", seal=SEAL, purpose="the release of this week")
        found.append(chained(last, draft, None if draft.event == "planned" else KEY))
    return found


def main(length: int) -> None:
    """Print the best of some times, without and with the custodian's key."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        path.write_bytes(b"".join(canonical(entry) + b"\n" for entry in story(length)))
        for name, key in (("without the key", None), ("with the key", KEY)):
            best = float("inf")
            for _ in range(TIMES):
                begun = time.perf_counter()
                with reading(path) as entries:
                    wrong = list(flaws(entries, key))
                best = min(best, time.perf_counter() - begun)
                if wrong:
                    sys.exit(f"the ledger is broken: {wrong[0]}")
            print(f"{length:,} entries ({path.stat().st_size / 1e6:.1f} MB) {name}: {best:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
