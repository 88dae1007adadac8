"""`corpus drift` and `corpus refresh` by the installed command, on a project that ran."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.ingest.traffic import write_traffic_file
from passmuster.records.traffic import TrafficRecord

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).parent / "passmuster"
DATASETS = Path("eval/datasets")


def passmuster(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def asked(folder: Path, *arguments: str) -> tuple[int, Any]:
    done = passmuster(folder, *arguments, "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def tickets(folder: Path, new: int) -> Iterator[TrafficRecord]:
    """Yield today's tickets: those of the corpus in other words of courtesy, and new ones of another kind."""
    for name in ("train", "eval"):
        for line in (folder / DATASETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if not line.startswith("{") or "input" not in row or row.get("category", "typical") != "typical":
                continue
            yield TrafficRecord(id=f"log-{row['id']}", input=row["input"], columns={"queue": row["stratum"]})
    for number in range(new):
        text = f"Can I pay with bitcoin from wallet {number}? Mail me at jo{number}@example.com."
        yield TrafficRecord(id=f"new-{number}", input=text, columns={"queue": "crypto"})


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ran")
    assert passmuster(folder, "init", "--kind", "classification").returncode == 0
    assert passmuster(folder, "run", "-q").returncode == 0
    (folder / DATASETS / "holdout.jsonl").unlink()
    for name, new in (("quiet", 0), ("today", 40)):
        write_traffic_file(folder / DATASETS / "traffic" / f"{name}.jsonl.gz", tickets(folder, new))
    return folder


@pytest.fixture
def project(ran: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ran, tmp_path / "project"))


def test_traffic_like_the_corpus_is_no_drift(ran: Path) -> None:
    code, found = asked(ran, "corpus", "drift", "--against", "quiet", "--strata", "queue")
    assert code == 0
    assert found["status"] == "none"
    assert found["by"] == "strata"
    assert found["smallest"] < 0.25
    assert [test["name"] for test in found["tests"]] == ["strata", "words", "new", "length", "language"]
    assert not any(test["drift"] for test in found["tests"])
    assert found["reweighted"]["covered"] == pytest.approx(1.0)


def test_a_new_kind_of_ticket_is_found_and_said_in_words(ran: Path) -> None:
    code, found = asked(ran, "corpus", "drift", "--against", "today", "--strata", "queue")
    assert code == 1
    assert found["status"] == "found"
    assert "of today's traffic lies where nothing of the test set is: crypto." in found["summary"][0]
    assert found["cells"][0]["name"] == "crypto"
    assert found["new"]["excess"] > 0.05
    assert all(example["id"].startswith("new-") for example in found["new"]["examples"])
    # What the report shows of traffic has pseudonyms, as the cases have.
    assert not re.search(r"jo\d+@", json.dumps(found))
    assert {"bitcoin", "wallet"} & {word["word"] for word in found["words"]}
    assert found["reweighted"]["covered"] == pytest.approx(1 - found["cells"][0]["traffic"])
    names = {score["candidate"] for score in found["reweighted"]["scores"]}
    assert {"small-model", "large-model", "words"} <= names


def test_people_read_the_verdict_first_and_the_next_step_last(ran: Path) -> None:
    done = passmuster(ran, "corpus", "drift", "--against", "today", "--strata", "queue", "--no-color")
    assert done.returncode == 1
    assert done.stdout.startswith("drift found: ")
    assert done.stderr.strip().endswith("Next: passmuster corpus refresh")


def test_the_newest_import_and_topics_are_taken_where_nothing_is_said(ran: Path) -> None:
    code, found = asked(ran, "corpus", "drift", "--no-scores")
    assert code == 1
    assert found["by"] == "topics"
    assert found["reweighted"] is None
    assert any("no frozen topics" in note for note in found["notes"])


def test_a_handful_of_records_is_too_few_to_tell(project: Path) -> None:
    few = list(tickets(project, 0))[:12]
    write_traffic_file(project / DATASETS / "traffic" / "few.jsonl.gz", few)
    code, found = asked(project, "corpus", "drift", "--against", "few")
    assert code == 3
    assert found["status"] == "unknown"
    assert "too few to tell" in found["summary"][0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--against", "nowhere"], "there is no traffic called 'nowhere'"),
        (["--strata", "quwue"], "no record has 'quwue'"),
        (["--since", "2099-01-01"], "there is no traffic to compare with"),
        (["--alpha", "0"], "alpha"),
    ],
)
def test_what_cannot_be_compared_is_said(ran: Path, options: list[str], said: str) -> None:
    done = passmuster(ran, "corpus", "drift", *options)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_refresh_waits_for_people_and_goes_on_where_it_stopped(project: Path) -> None:
    refresh = ["corpus", "refresh", "30", "--strata", "queue", "--label-with", "keywords", "--run"]
    code, waiting = asked(project, *refresh)
    assert code == 3
    assert waiting["status"] == "waiting"
    assert waiting["drawn"] == waiting["people"] == waiting["machine"] == 30
    assert waiting["steps"] == ["sample", "label", "people"]

    sheet = project / waiting["sheet"]
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8"))))
    assert all(row["suggested_by"] == "keywords" for row in rows)
    _fill(sheet, rows[:25])
    code, fewer = asked(project, *refresh)
    assert (code, fewer["people"], fewer["machine"]) == (3, 5, 0)

    _fill(sheet, rows)
    code, done = asked(project, *refresh)
    assert code == 0 or done["run"] == "incomplete"
    assert done["status"] == "done"
    assert done["before"] != done["after"]
    assert done["steps"] == ["split", "freeze", "run", "scores"]
    words = next(score for score in done["scores"] if score["candidate"] == "words")
    assert words["new"]["n"] > 0
    assert words["common_after"]["n"] == words["before"]["n"]
    assert not (project / DATASETS / "refresh.json").exists()
    assert passmuster(project, "corpus", "versions").stdout.count("\n") >= 2


def _fill(sheet: Path, rows: list[dict[str, str]]) -> None:
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "label": row["suggestion"] or "billing", "annotator": "ann"} for row in rows)


def test_a_damaged_state_of_a_refresh_is_named(project: Path) -> None:
    (project / DATASETS / "refresh.json").write_text('{"before": 1}')
    done = passmuster(project, "corpus", "refresh", "10")
    assert done.returncode == 2
    assert "refresh.json: this is no state of a refresh" in done.stderr


def test_machine_labels_are_taken_only_where_that_is_said(project: Path) -> None:
    done = passmuster(project, "corpus", "refresh", "10", "--accept-machine")
    assert done.returncode == 2
    code, found = asked(project, "corpus", "refresh", "10", "--label-with", "keywords", "--accept-machine")
    assert (code, found["status"], found["people"]) == (0, "done", 0)
