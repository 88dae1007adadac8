"""The sealed holdout by the installed command: keys, seal, plan, open, verify, adoption, and all that is refused."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).parent / "passmuster"
SECRET = "xylophone"  # noqa: S105 - a word of the cases, no password
FIELDS = {"name", "digest", "verdict", "reason", "metrics", "bars", "n", "n_missing", "failed"}
PROJECT = """\
task: tickets
corpus: {path: eval/datasets, openings: 2}
metrics: [exact_match]
bars: {exact_match: {at_least: 0.5}}
candidates:
  - {name: always, provider: baseline, kind: constant, text: 'yes'}
  - {name: learned, provider: baseline, kind: naive_bayes}
"""


def call(
    folder: Path, *arguments: str | Path, code: int = 0, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command with a home of its own; it must end with this exit code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSMUSTER")}
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    found = subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env={**kept, "HOME": str(home), "USERPROFILE": str(home), **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == code, found.stdout + found.stderr
    return found


def printed(
    folder: Path, *arguments: str | Path, code: int = 0, environment: Mapping[str, str] | None = None
) -> Any:
    return json.loads(call(folder, *arguments, "--json", code=code, environment=environment).stdout)


def rows(side: str, count: int, word: str = "") -> str:
    return "".join(
        json.dumps(
            {
                "id": f"{side}-{number}",
                "input": f"{word} {side} alpha{number} beta{number} gamma{number} asks one thing or two".strip(),
                "reference": "yes" if number % 4 else "no",
                "stratum": "even" if number % 2 else "odd",
            }
        )
        + "\n"
        for number in range(count)
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose holdout lies in plain, and a custodian's pair of keys."""
    folder = tmp_path / "project"
    data = folder / "eval" / "datasets"
    data.mkdir(parents=True)
    (folder / "passmuster.yaml").write_text(PROJECT)
    for side, count, word in (("train", 60, ""), ("eval", 40, ""), ("holdout", 40, SECRET)):
        (data / f"{side}.jsonl").write_text(rows(side, count, word))
    call(folder, "corpus", "keys")
    return folder


@pytest.fixture
def sealed(project: Path) -> Path:
    call(project, "corpus", "seal")
    return project


def key(project: Path) -> Path:
    return project.parent / "home" / ".passmuster" / "custodian.key"


def ledger(project: Path) -> list[dict[str, Any]]:
    lines = (project / "eval/datasets/ledger.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_from_keys_to_verdict(project: Path) -> None:
    if os.name != "nt":
        assert stat.S_IMODE(key(project).stat().st_mode) == 0o600
    made = printed(project, "corpus", "seal")
    assert made["lock"]["cases"] == 40
    assert not (project / "eval/datasets/holdout.jsonl").exists()
    planned = printed(project, "corpus", "open", "--plan", "--purpose", "release 3")
    assert planned["left"] == 2
    assert set(planned["plan"]["candidates"]) == {"always", "learned"}

    found = printed(project, "corpus", "open", "--key", key(project))
    result = found["result"]
    assert (result["decision"], result["chosen"], found["left"]) == ("decided", "always", 1)
    assert (result["place"], result["alpha"]) == (1, 0.025)
    always = next(each for each in result["candidates"] if each["name"] == "always")
    assert always["metrics"]["exact_match"]["value"] == 0.75
    assert set(always) == FIELDS
    story = ["sealed", "exposed", "planned", "opening", "opened"]
    assert [each["event"] for each in ledger(project)] == story

    last = ["--key", str(key(project)), "--anchor", found["head"], "--additions"]
    proved = printed(project, "corpus", "verify", *last)
    assert proved["ok"]
    assert {each["status"] for each in proved["findings"]} == {"proved"}


def test_what_people_see_shows_verdicts_and_no_case(sealed: Path) -> None:
    call(sealed, "corpus", "open", "--plan")
    opened = call(sealed, "corpus", "open", "--key", key(sealed), "--no-color")

    assert "holdout, 40 cases · intervals at 97.5%" in opened.stdout
    assert "always" in opened.stdout
    assert "Decision: always" in opened.stdout
    assert "Opening 1 of 2, 1 left" in opened.stderr
    assert SECRET not in opened.stdout + opened.stderr


def test_no_case_lies_in_any_file_afterwards(sealed: Path) -> None:
    call(sealed, "run")
    call(sealed, "compare")
    call(sealed, "corpus", "open", "--plan")
    call(sealed, "corpus", "open", "--key", key(sealed))

    for path in sealed.parent.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
            assert b"holdout-3" not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["open"], "opens only with the custodian's private key"),
        (["open", "--key", "nothing"], "does not exist"),
        (["open", "--key", "passmuster.yaml"], "this is no private key"),
        (["open", "--key", "eval/datasets/custodian.pub"], "this is the public key"),
        (["open", "--plan", "--key", "k"], "--plan goes alone"),
        (["open", "--plan", "--only", "alwais"], "Did you mean 'always'"),
        (["verify", "--additions"], "needs the custodian's key"),
        (["seal"], "no plain holdout"),
        (["keys"], "a public key already"),
    ],
)
def test_what_cannot_be_is_refused_and_takes_no_place(sealed: Path, arguments: list[str], told: str) -> None:
    before = ledger(sealed)

    assert told in call(sealed, "corpus", *arguments, code=2).stderr
    assert ledger(sealed) == before


def test_without_a_plan_and_beyond_the_budget_it_stays_shut(sealed: Path) -> None:
    opening = ["corpus", "open", "--key", str(key(sealed))]
    assert "nothing is planned" in call(sealed, *opening, code=2).stderr
    for _ in range(2):
        call(sealed, "corpus", "open", "--plan", "-q")
        call(sealed, *opening, "-q")

    assert "all 2 openings of this holdout are used up" in call(sealed, *opening, code=2).stderr
    assert "used up" in call(sealed, "corpus", "open", "--plan", code=2).stderr
    call(sealed, "corpus", "open", "--retire", "--key", key(sealed))
    assert not (sealed / "eval/datasets/holdout.sealed").exists()


def test_bars_changed_after_the_plan_are_not_decided(sealed: Path) -> None:
    call(sealed, "corpus", "open", "--plan")
    path = sealed / "passmuster.yaml"
    path.write_text(path.read_text().replace("0.5", "0.4"))

    told = call(sealed, "corpus", "open", "--key", key(sealed), code=2).stderr
    assert "task, bars or metrics have changed" in told


def test_a_key_with_a_password_from_the_environment(project: Path) -> None:
    (project / "eval/datasets/custodian.pub").unlink()
    secret = {"PASSMUSTER_CUSTODIAN_PASSWORD": "open sesame"}
    private = project.parent / "safe" / "k"
    made = call(project, "corpus", "keys", "--private", private, "--password", environment=secret)
    assert "sesame" not in made.stdout + made.stderr
    assert "ENCRYPTED" in private.read_text()
    call(project, "corpus", "seal")
    call(project, "corpus", "open", "--plan")

    for wrong in ({}, {"PASSMUSTER_CUSTODIAN_PASSWORD": "wrong"}):
        assert (
            "password" in call(project, "corpus", "open", "--key", private, code=2, environment=wrong).stderr
        )
    whole = {**secret, "PASSMUSTER_CUSTODIAN_KEY": private.read_text()}
    assert printed(project, "corpus", "open", environment=whole)["result"]["place"] == 1


def test_a_private_key_is_not_put_into_a_repository(project: Path) -> None:
    (project / ".git").mkdir()

    told = call(project, "corpus", "keys", "--private", "k", "--public", "p", code=2).stderr
    assert "git repository" in told
    assert not (project / "k").exists()
    assert not (project / "p").exists()


READS = [
    ["corpus", "split", "eval/datasets/holdout.jsonl", "--no-holdout", "--datasets", "other"],
    ["corpus", "split", "link.jsonl", "--no-holdout", "--datasets", "other"],
    ["corpus", "split", "eval/datasets/holdout.sealed", "--no-holdout", "--datasets", "other"],
    ["corpus", "import", "eval/datasets/holdout.jsonl", "--datasets", "other"],
    ["corpus", "import", "eval/datasets/*.jsonl", "--datasets", "other"],
    ["corpus", "import", "eval/datasets/holdout.sealed", "--datasets", "other"],
    ["corpus", "add", "--from-file", "eval/datasets/holdout.jsonl", "--mode", "m", "--datasets", "other"],
    ["run", "--project", "scoring.yaml"],
    ["run", "--project", "mapped.yaml"],
    ["run", "--project", "sealed.yaml"],
    ["check", "--project", "scoring.yaml"],
    ["compare", "--project", "scoring.yaml"],
    ["export", "trials.csv", "--project", "scoring.yaml"],
]


@pytest.mark.parametrize("arguments", READS, ids=" ".join)
def test_no_other_command_reads_a_holdout(sealed: Path, arguments: list[str]) -> None:
    """Also not one that lies there in plain, beside the sealed one or under the name of another file."""
    (sealed / "eval/datasets/holdout.jsonl").write_text(rows("holdout", 40, SECRET))
    (sealed / "link.jsonl").symlink_to(sealed / "eval/datasets/holdout.jsonl")
    for name, corpus in (
        ("scoring", "eval/datasets/holdout.jsonl"),
        ("mapped", "{path: eval/datasets/holdout.jsonl, split: {}}"),
        ("sealed", "eval/datasets/holdout.sealed"),
    ):
        text = PROJECT.replace("{path: eval/datasets, openings: 2}", corpus)
        (sealed / f"{name}.yaml").write_text(text)

    found = call(sealed, *arguments, code=2)
    assert "holdout" in found.stderr
    assert SECRET not in found.stdout + found.stderr
    assert not list((sealed / "other").rglob("*.jsonl*"))


@pytest.mark.parametrize("name", ["holdout.sealed", "corpus.lock.json", "ledger.jsonl"])
def test_verify_ends_with_1_where_a_byte_was_flipped(sealed: Path, name: str) -> None:
    path = sealed / "eval/datasets" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    found = printed(sealed, "corpus", "verify", code=1)
    assert not found["ok"]
    assert "broken" in call(sealed, "corpus", "verify", code=1).stdout


def test_a_ledger_that_is_cut_off_is_shown_by_an_anchor_and_by_the_custodians_memory(sealed: Path) -> None:
    call(sealed, "corpus", "open", "--plan")
    path = sealed / "eval/datasets/ledger.jsonl"
    before = path.read_bytes()
    head = printed(sealed, "corpus", "open", "--key", key(sealed))["head"]
    path.write_bytes(before)
    for result in (sealed / "eval/datasets/openings").iterdir():
        result.unlink()

    assert printed(sealed, "corpus", "verify")["ok"]
    assert not printed(sealed, "corpus", "verify", "--anchor", head, code=1)["ok"]
    assert not printed(sealed, "corpus", "verify", "--key", key(sealed), code=1)["ok"]
    told = call(sealed, "corpus", "open", "--key", key(sealed), code=2).stderr
    assert "the custodian remembers" in told


SLOW = """
import json, pathlib, sys, time
for line in sys.stdin:
    request = json.loads(line)
    if "xylophone" in request["input"]:
        pathlib.Path("asked").touch()
        time.sleep(60)
    print(json.dumps({"id": request["id"], "text": "yes"}), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_an_opening_that_was_killed_has_used_its_place(sealed: Path) -> None:
    """It is killed while a candidate has the first case: whoever looks like that pays for it."""
    (sealed / "slow.py").write_text(SLOW)
    path = sealed / "passmuster.yaml"
    path.write_text(f"{PROJECT}  - {{name: slow, provider: command, command: [{sys.executable}, slow.py]}}\n")
    call(sealed, "corpus", "open", "--plan")
    opening = subprocess.Popen(
        [COMMAND, "corpus", "open", "--key", key(sealed), "-q"],
        cwd=sealed,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not (sealed / "asked").exists():
            assert opening.poll() is None
            time.sleep(0.05)
    finally:
        os.killpg(opening.pid, signal.SIGKILL)
        opening.wait()

    assert [each["event"] for each in ledger(sealed)] == ["sealed", "exposed", "planned", "opening"]
    found = printed(sealed, "corpus", "verify", "--key", key(sealed))
    assert found["left"] == 1
    assert any("interrupted" in each["detail"] for each in found["findings"])
    assert "nothing is planned" in call(sealed, "corpus", "open", "--key", key(sealed), code=2).stderr
    for file in sealed.parent.rglob("*"):
        assert not file.is_file() or file.name == "slow.py" or SECRET.encode() not in file.read_bytes()


def test_a_folder_is_adopted(project: Path) -> None:
    report = printed(project, "init", "--adopt", "eval/datasets")

    assert [each["event"] for each in ledger(project)] == ["sealed", "adopted", "exposed"]
    assert report["removed"].endswith("holdout.jsonl")
    assert not (project / "eval/datasets/holdout.jsonl").exists()
    assert printed(project, "corpus", "verify", "--key", key(project))["ok"]
    assert "no holdout.jsonl" in call(project, "init", "--adopt", ".", code=2).stderr


def test_a_split_seals_at_once(project: Path) -> None:
    data = project / "eval/datasets"
    for side in ("train", "eval", "holdout"):
        (data / f"{side}.jsonl").unlink()
    (data / "cases.jsonl").write_text(rows("case", 200))
    # The seed of the split is drawn, so which cases are sealed is not known: a bar that `always` meets on any of them.
    (project / "passmuster.yaml").write_text(PROJECT.replace("at_least: 0.5", "at_least: 0.1"))
    call(project, "corpus", "split")

    assert printed(project, "corpus", "verify", "--key", key(project))["ok"]
    call(project, "corpus", "open", "--plan")
    assert printed(project, "corpus", "open", "--key", key(project))["result"]["cases"] == 20
