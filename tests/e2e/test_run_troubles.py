"""Endpoints and disks that fail, through the installed command: a clear message, and nothing lost."""

import json
import re
import resource
import shutil
import socket
import sqlite3
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.scripted import Answer, Scripted, refusal, reply, scripted
from tests.e2e.served import (
    COMMAND,
    LONG,
    environment,
    is_whole,
    passmuster,
    project,
    rows,
    run,
    start,
    stored,
)

pytestmark = pytest.mark.slow

CASES = 12
PRICED = ", prices: {input: 1, output: 1}, budget: 100, parameters: {max_tokens: 1000}"
KEY = "sk-a-very-secret-key-of-somebody"


@pytest.fixture
def good() -> Iterator[Scripted]:
    """Serve an endpoint that answers as it should."""
    with scripted(lambda body: reply("yes")) as endpoint:
        yield endpoint


def line(name: str, endpoint: Scripted | str, more: str = "", at_once: int = 4) -> str:
    base_url = endpoint if isinstance(endpoint, str) else endpoint.base_url
    where = f"base_url: '{base_url}', concurrency: {at_once}"
    return f"{{name: {name}, provider: openai, model: {name}, {where}{more}}}"


def the_good_one_went_on(folder: Path, good: Scripted) -> None:
    assert len(good.asked) == CASES
    assert rows(folder, "SELECT count(*) FROM trials WHERE text = 'yes' AND kind = 'reply'") == [(CASES,)]
    assert is_whole(folder)


def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_an_endpoint_that_cannot_be_reached_stops_its_candidate_alone(good: Scripted, tmp_path: Path) -> None:
    port = closed_port()
    nowhere = line("nowhere", f"http://127.0.0.1:{port}/v1", PRICED)
    folder = project(tmp_path, CASES, nowhere, line("good", good))

    done = passmuster(folder, "run", "--yes")

    assert done.returncode == 4
    reason = f"cannot connect to 127.0.0.1:{port}: Connection refused"
    assert f"nowhere was given up: it cannot be reached: {reason}" in done.stderr
    assert "To go on: passmuster run" in done.stderr
    assert "may have been billed" not in done.stderr, "nothing was sent"
    the_good_one_went_on(folder, good)
    assert len(stored(folder)) == CASES, "what says nothing about its case is not stored"


def test_a_wrong_key_stops_its_candidate_at_once_and_is_told_without_the_key(
    good: Scripted, tmp_path: Path
) -> None:
    message = f"Incorrect API key provided: {KEY}. You can find your API key at https://example.com."
    with scripted(lambda body: refusal(401, message, code="invalid_api_key")) as locked:
        folder = project(tmp_path, CASES, line("locked", locked, ", api_key_env: MY_KEY"), line("good", good))
        done = passmuster(folder, "run", MY_KEY=KEY)
        the_good_one_went_on(folder, good)
        again = run(folder, code=4, MY_KEY=KEY)
        # Every call that was in flight is refused; none follows, and none is made again.
        assert len(locked.asked) <= 2 * 4
        assert set(locked.keys) == {f"Bearer {KEY}"}
        locked.answer = lambda body: reply("yes")
        end = run(folder, MY_KEY=KEY)

    assert done.returncode == 4
    assert "locked was given up: HTTP 401: Incorrect API key provided: [redacted]" in done.stderr
    assert "incomplete: 12 trials asked, 0 reused, 0 failed" in done.stderr
    assert (again["asked"], again["reused"], list(again["stopped"])) == (0, CASES, ["locked"])
    assert (end["status"], end["asked"], end["reused"]) == ("complete", CASES, CASES)
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert not [file for file in files if KEY.encode() in file.read_bytes()]
    assert KEY not in done.stderr + done.stdout


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate that nobody has signed, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    paths = folder / "certificate.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    told = ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [*made, *told, "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True, timeout=LONG
    )
    return paths


def test_a_certificate_that_nobody_signed_is_told_and_trusted_only_where_it_is_named(
    certificate: tuple[Path, Path], good: Scripted, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with scripted(lambda body: reply("yes"), tls=context) as secret:
        folder = project(tmp_path, CASES, line("secret", secret), line("good", good))
        done = passmuster(folder, "run")
        the_good_one_went_on(folder, good)
        assert secret.asked == []
        project(tmp_path, CASES, line("secret", secret, f", ca_file: '{certificate[0]}'"), line("good", good))
        end = run(folder)
        assert len(secret.asked) == CASES

    assert done.returncode == 4
    assert "secret was given up: it cannot be reached" in done.stderr
    assert "certificate" in done.stderr
    assert "self-signed" in done.stderr.replace("self signed", "self-signed")
    assert (end["status"], end["asked"], end["reused"]) == ("complete", CASES, CASES)


def test_plain_http_where_tls_is_spoken_is_told(good: Scripted, tmp_path: Path) -> None:
    secret = good.base_url.replace("http:", "https:")
    folder = project(tmp_path, CASES, line("mistaken", secret))

    done = passmuster(folder, "run")

    assert done.returncode == 4
    assert "mistaken was given up: it cannot be reached: no TLS with 127.0.0.1" in done.stderr
    assert good.asked == []


HTML = b"<!doctype html><html><title>Sign in</title><body>Please sign in to the company network</body></html>"


@pytest.mark.parametrize("stream", ["false", "true"])
def test_a_page_instead_of_an_answer_is_a_failure_that_shows_how_it_begins(
    stream: str, good: Scripted, tmp_path: Path
) -> None:
    with scripted(lambda body: Answer(200, HTML, "text/html; charset=utf-8")) as portal:
        more = f", parameters: {{stream: {stream}}}"
        folder = project(tmp_path, CASES, line("portal", portal, more, at_once=CASES), line("good", good))
        done = passmuster(folder, "run")
        assert len(portal.asked) == 5 * CASES

    assert done.returncode == 0, done.stderr
    assert "complete: 24 trials asked, 0 reused, 12 failed" in done.stderr
    assert "passmuster run --retry-failures" in done.stderr
    ((kind, text),) = rows(folder, "SELECT DISTINCT kind, text FROM trials WHERE kind <> 'reply'")
    assert kind == "malformed"
    assert "<!doctype html>" in text
    the_good_one_went_on(folder, good)


def endless() -> Iterator[bytes]:
    yield b'{"choices": [{"message": {"content": "'
    for _ in range(100):
        yield b"x" * 2**20
    yield b'"}}]}'


@pytest.mark.parametrize("length", ["told", "untold"])
def test_a_body_of_100_mb_is_not_read_and_takes_no_memory(
    length: str, good: Scripted, tmp_path: Path
) -> None:
    def answer(body: dict[str, Any]) -> Answer:
        del body
        return Answer(200, b"".join(endless()) if length == "told" else endless())

    with scripted(answer) as flood:
        folder = project(tmp_path, 2, line("flood", flood), line("good", good))
        child = start(folder, "run", "--json", "--quiet")
        most = 0
        while child.poll() is None:
            most = max(most, memory(child.pid))
            time.sleep(0.01)
        told, errors = child.communicate(timeout=LONG)

    assert child.returncode == 0, errors
    end = json.loads(told)
    assert (end["status"], end["asked"], end["failed"]) == ("complete", 4, 2)
    assert rows(folder, "SELECT DISTINCT kind, text FROM trials WHERE kind <> 'reply'") == [
        ("malformed", "the answer is longer than 33554432 bytes")
    ]
    assert rows(folder, "SELECT count(*) FROM trials WHERE text = 'yes'") == [(2,)]
    assert most < 250 * 1024, "kilobytes"


def memory(process: int) -> int:
    """Return the kilobytes that a process had at most; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0


LITTLE = 150_000
"""Bytes that do not even hold a new store."""


def limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("room", [LITTLE, 400_000])
def test_a_disk_that_is_full_ends_the_run_with_a_message_and_keeps_what_was_stored(
    room: int, tmp_path: Path
) -> None:
    with scripted(lambda body: reply("yes " * 500)) as wordy:
        folder = project(tmp_path, 400, line("wordy", wordy, PRICED))
        # The file of cases is read, not written; no file that is written may grow beyond this.
        done = subprocess.run(
            [COMMAND, "run"],
            cwd=folder,
            env=environment(),
            preexec_fn=partial(limited, room),
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )
        asked, kept = list(wordy.asked), stored(folder)
        end = run(folder, "--yes")
        again = wordy.asked[len(asked) :]

    assert done.returncode == 4, done.stderr
    assert "Error: .passmuster/store.db: the disk could not be read or written" in done.stderr
    assert "give the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    assert "never retrieved" not in done.stderr
    assert "bug" not in done.stderr
    assert len(kept) < 400
    assert kept or room == LITTLE
    assert (end["status"], end["asked"], end["reused"]) == ("complete", 400 - len(kept), len(kept))
    assert not {f"question {int(name)}" for name in kept} & set(again), "what was stored is not asked again"
    assert rows(folder, "SELECT count(*), count(DISTINCT case_id) FROM trials") == [(400, 400)]
    assert is_whole(folder)


FULL = """
mount -t tmpfs -o size={room}k passmuster .passmuster
"$0" run > first.out 2>&1; echo $? > first.code
cp .passmuster/store.db* kept/
mount -o remount,size=100m .passmuster
"$0" run --json > second.out 2>&1; echo $? > second.code
cp .passmuster/store.db* .
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="no disk of our own")
def test_a_disk_without_space_says_so_and_the_same_command_goes_on_once_there_is_some(tmp_path: Path) -> None:
    alone = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*alone, "true"], capture_output=True, timeout=LONG, check=False).returncode:
        pytest.skip("no disk of our own may be mounted")
    with scripted(lambda body: reply("yes " * 500)) as wordy:
        folder = project(tmp_path, 400, line("wordy", wordy, PRICED))
        for name in (".passmuster", "kept"):
            (folder / name).mkdir()
        script = [*alone, "sh", "-c", FULL.format(room=700), str(COMMAND)]
        subprocess.run(script, cwd=folder, env=environment(), timeout=LONG, check=True)
        asked = len(set(wordy.asked))

    first, second = ((folder / f"{name}.out").read_text(encoding="utf-8") for name in ("first", "second"))
    assert (folder / "first.code").read_text() == "4\n"
    assert (
        "Error: .passmuster/store.db: the disk is full\n  Free some space and give the same command again"
        in first
    )
    assert "never retrieved" not in first
    assert (folder / "second.code").read_text() == "0\n"
    end = json.loads(second[second.index("{") : second.rindex("}") + 1])
    assert end["status"] == "complete"
    assert 0 < end["reused"] < 400
    assert asked == end["asked"] + end["reused"] == 400
    with closing(sqlite3.connect(folder / "kept" / "store.db")) as connection:
        kept = connection.execute("SELECT count(DISTINCT case_id) FROM trials").fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert kept == (end["reused"],)
