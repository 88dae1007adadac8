"""A disk that takes no more, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.ports import Claim
from passmuster.records.trial import TrialKey

FILLS = """
import resource, sys
from pathlib import Path
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import StoreError
from passmuster.ports import Claim
from passmuster.records.trial import Attempt, Reply, Trial, TrialKey

with SqliteStore(Path(sys.argv[1])) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
    try:
        for number in range(10_000):
            key = TrialKey(f"c{number}", "d", 0)
            store.claim("run", [Claim(key, 0.5)], 1.0)
            attempts = (Attempt(started=1.0), Attempt(started=2.0))
            store.append("run", [Trial(key=key, case_id="1", outcome=Reply(text="x" * 3_000), attempts=attempts)])
            print(number, flush=True)
    except StoreError as error:
        print(error, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of this kind")
def test_a_disk_that_takes_no_more_says_so_and_keeps_what_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"

    out = subprocess.run([sys.executable, "-c", FILLS, str(path)], capture_output=True, text=True, check=True)

    stored = [f"c{number}" for number in out.stdout.split()]
    assert len(stored) > 10
    assert "the disk could not be read or written" in out.stderr
    assert "give the same command again" in out.stderr
    with SqliteStore(path) as store:
        found = list(store.trials(["d"]))
        assert [trial.key.case for trial in found] == stored
        assert {len(trial.attempts) for trial in found} == {2}
        following = Claim(TrialKey(f"c{len(stored)}", "d", 0))
        assert store.claim("next", [following], 1.0) == ["granted"]
