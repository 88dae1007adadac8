"""`passmuster corpus import`, through the installed command: real data, bad input, and what was there stays."""

import gzip
import json
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from passmuster.adapters.ingest.traffic import read_traffic_file

COMMAND = Path(sys.executable).parent / "passmuster"
LIMIT = 30_000
"""Bytes of the small disk."""


def corpus_import(
    folder: Path, *arguments: str | Path, code: int = 0, small_disk: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the verb in a folder, and check how it ends."""

    def shrink() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))

    found = subprocess.run(
        [COMMAND, "corpus", "import", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **variables},
        preexec_fn=shrink if small_disk else None,
    )
    assert found.returncode == code, found.stderr
    return found


def imported(folder: Path, *arguments: str | Path) -> dict[str, Any]:
    """Import, and return what --json prints."""
    found: dict[str, Any] = json.loads(corpus_import(folder, *arguments, "--json").stdout)
    return found


def state(folder: Path) -> dict[str, bytes]:
    """Return all files of a corpus but the account of a refused import."""
    files = (
        path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".refused.jsonl")
    )
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a corpus: three calls, imported as `logs`, and an eval split."""
    (tmp_path / "logs.jsonl").write_text(
        "".join(json.dumps({"id": n, "question": f"q{n}"}) + "\n" for n in range(3))
    )
    datasets = tmp_path / "eval" / "datasets"
    datasets.mkdir(parents=True)
    (datasets / "eval.jsonl").write_text('{"id": "old", "input": "old question"}\n')
    corpus_import(tmp_path, "logs.jsonl")
    return tmp_path


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "records"),
    [("intents_banking77/items.jsonl.gz", 13_083), ("replay_complaints/items.jsonl", 1_000)],
)
def test_real_data_is_imported_as_if_it_were_a_log(
    name: str, records: int, data_folder: Path, tmp_path: Path
) -> None:
    found = imported(tmp_path, data_folder / name, "--name", "log")
    assert (found["records"], found["rows"], found.get("bad", 0)) == (records, records, 0)
    assert [(each["field"], each["column"]) for each in found["recognised"]["columns"]] == [
        ("id", "id"),
        ("input", "input"),
        ("reference", "gold"),
    ]
    with gzip.open(data_folder / name) if name.endswith(".gz") else (data_folder / name).open("rb") as stream:
        rows = [json.loads(line) for line in stream]
    read = list(read_traffic_file(tmp_path / found["path"]))
    assert [(each.id, each.input, each.reference) for each in read] == [
        (row["id"], row["input"], row["gold"]) for row in rows
    ]


def test_people_see_the_guess_the_account_and_the_next_step(folder: Path) -> None:
    (folder / "b.csv").write_text('question,stars\na,5\nb,1\nc,"broken\n' + "d,3\n" * 200)
    found = corpus_import(folder, "b.csv")
    assert "input    = question" in found.stderr
    assert "feedback = stars  (scores of 1 to 5)" in found.stderr
    assert "Next: passmuster corpus describe" in found.stderr
    assert "records   202 of 203 rows" in found.stdout
    assert "b.quarantine.jsonl" in found.stdout
    row = json.loads((folder / "eval/datasets/traffic/b.quarantine.jsonl").read_text())
    assert (row["where"], row["text"]) == ("line 4", 'c,"broken')


def test_the_guess_can_be_overruled(folder: Path) -> None:
    (folder / "b.jsonl").write_text('{"question": "a", "label": "x", "body": "c, d"}\n')
    found = imported(
        folder, "b.jsonl", "--columns", "input=question,input=body", "--columns", "reference=,output=label"
    )
    record = next(read_traffic_file(folder / found["path"]))
    assert (record.input, record.output, record.reference) == ({"question": "a", "body": "c, d"}, "x", None)


def test_an_import_has_a_name_of_its_own(folder: Path) -> None:
    (folder / "logs.jsonl").write_text('{"question": "new"}\n')
    told = corpus_import(folder, "logs.jsonl", code=2).stderr
    assert "there is traffic called 'logs' already, imported from logs.jsonl" in told
    assert imported(folder, "logs.jsonl", "--replace")["records"] == 1
    assert (
        "was imported already, as 'logs'"
        in corpus_import(folder, "logs.jsonl", "--name", "other", code=2).stderr
    )


def bad_utf8(folder: Path) -> str:
    (folder / "bad.jsonl").write_bytes(b'{"question": "a"}\n{"question": "\xff\xfe"}\n' * 50)
    return "bad.jsonl"


def cut_gzip(folder: Path) -> str:
    content = gzip.compress(
        b"".join(json.dumps({"question": f"q {n * 7919}"}).encode() + b"\n" for n in range(20_000)), mtime=0
    )
    (folder / "bad.jsonl.gz").write_bytes(content[: len(content) * 3 // 4])
    return "bad.jsonl.gz"


def other_parquet(folder: Path) -> str:
    pq.write_table(pa.table({"question": [f"q{n}" for n in range(5_000)]}), folder / "bad-1.parquet")
    pq.write_table(pa.table({"x": [1], "y": ["a"]}), folder / "bad-2.parquet")
    return "bad-*.parquet"


def lost_database(folder: Path) -> str:
    connection = sqlite3.connect(folder / "bad.db")
    connection.execute("CREATE TABLE calls (id INTEGER PRIMARY KEY, question TEXT)")
    connection.executemany(
        "INSERT INTO calls VALUES (?, ?)", ((n, f"q {n} " + "x" * 400) for n in range(20_000))
    )
    connection.commit()
    connection.close()
    content = bytearray((folder / "bad.db").read_bytes())
    content[len(content) * 3 // 4 : len(content) * 3 // 4 + 40_960] = b"\xff" * 40_960
    (folder / "bad.db").write_bytes(content)
    return "sqlite:///bad.db"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (bad_utf8, "50 of 100 rows (50.0%) cannot be used"),
        (cut_gzip, "the packed file ends too early: it was cut off"),
        (other_parquet, "bad-2.parquet: this file has other columns: there is no 'question'"),
        (lost_database, "the database went away after 1"),
    ],
)
def test_a_source_that_is_broken_is_told_and_what_was_there_is_untouched(
    make: Any, told: str, folder: Path
) -> None:
    source = make(folder)
    more = ["--query", "SELECT * FROM calls"] if "sqlite" in source else []
    before = state(folder / "eval")
    found = corpus_import(folder, source, "--name", "logs", "--replace", *more, code=2)
    assert told in found.stderr
    assert "Traceback" not in found.stderr
    assert state(folder / "eval") == before


def test_a_full_disk_is_told_and_what_was_there_is_untouched(folder: Path) -> None:
    many = "".join(json.dumps({"question": f"{n * 7919 % 100_003:x} {n**5}"}) + "\n" for n in range(20_000))
    (folder / "many.jsonl").write_text(many)
    before = state(folder / "eval")
    found = corpus_import(folder, "many.jsonl", "--name", "logs", "--replace", code=2, small_disk=True)
    assert "the file cannot be written: File too large" in found.stderr
    assert "what was there before is untouched" in found.stderr
    assert state(folder / "eval") == before


def test_a_good_share_of_a_bad_source_can_be_taken(folder: Path) -> None:
    found = imported(folder, bad_utf8(folder), "--most-bad", "50%")
    assert (found["records"], found["bad"], found["renamed"]) == (50, 50, 49)
    assert found["reasons"] == {"not UTF-8: byte … at column …": 50}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        # Whether the driver is there or not: without it the address is not reached.
        ("postgresql+psycopg://ann:hunter2@127.0.0.1:1/db", "postgresql"),
        ("sqlite:///calls.db?password=hunter2", "password=***"),
    ],
)
def test_a_password_is_never_shown(address: str, shown: str, folder: Path) -> None:
    sqlite3.connect(folder / "calls.db").close()
    found = corpus_import(folder, "env:LOGS", "--query", "SELECT * FROM calls", code=2, LOGS=address)
    assert "hunter2" not in found.stdout + found.stderr
    assert shown in found.stderr


def test_a_database_is_imported_by_its_address_and_a_query(folder: Path) -> None:
    connection = sqlite3.connect(folder / "calls.db")
    connection.execute("CREATE TABLE calls (ts TEXT, prompt TEXT, reply TEXT, thumbs INTEGER)")
    connection.executemany(
        "INSERT INTO calls VALUES ('2025-03-01 12:00:00', ?, 'ok', ?)", [("a", 1), ("b", 0), ("c", None)]
    )
    connection.commit()
    connection.close()
    found = imported(folder, "sqlite:///calls.db", "--query", "SELECT * FROM calls")
    assert (found["name"], found["records"], found["feedback"]) == ("calls", 3, {"up": 1, "down": 1})
    assert found["times"] == [1740830400.0, 1740830400.0]


def test_a_test_set_goes_to_the_eval_split_behind_what_is_there(folder: Path) -> None:
    rows = [
        {"question": "old question", "expected": "x"},
        {"question": "mail ann@example.org", "expected": "y"},
    ]
    (folder / "set.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = imported(folder, "set.jsonl", "--as", "cases")
    assert (found["records"], found["repeated"]) == (1, 1)
    cases = [json.loads(line) for line in (folder / "eval/datasets/eval.jsonl").read_text().splitlines()]
    assert cases[0]["id"] == "old"
    assert cases[1]["origin"] == "expert"
    assert cases[1]["reference"] == "y"
    assert "ann@example.org" not in cases[1]["input"]
    assert imported(folder, "set.jsonl", "--as", "cases")["records"] == 0


def test_synthetic_cases_name_what_made_them(folder: Path) -> None:
    (folder / "set.jsonl").write_text('{"question": "made up"}\n')
    imported(folder, "set.jsonl", "--as", "cases", "--origin", "synthetic", "--generator", "writer-2")

    case = json.loads((folder / "eval" / "datasets" / "eval.jsonl").read_text().splitlines()[-1])
    assert (case["origin"], case["generator"]) == ("synthetic", "writer-2")


def test_a_bad_row_of_a_test_set_is_kept_to_be_looked_at(folder: Path) -> None:
    (folder / "set.jsonl").write_text('{"question": "a"}\n{broken\n{"question": "b"}\n')

    refused = corpus_import(folder, "set.jsonl", "--as", "cases", code=2)
    aside = folder / "eval" / "datasets" / "traffic" / "set.cases.refused.jsonl"
    assert str(aside.relative_to(folder)) in refused.stderr
    assert aside.is_file()

    found = imported(folder, "set.jsonl", "--as", "cases", "--most-bad", "40%")
    [row] = map(json.loads, (folder / found["quarantine"]).read_text().splitlines())
    assert (found["records"], row["where"], row["text"]) == (2, "line 2", "{broken")
    assert not aside.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.jsonl"], "nowhere.jsonl: there is no such file"),
        (["*.nothing"], "no file is called *.nothing"),
        (["logs.jsonl", "--columns", "question"], "--columns 'question' is no FIELD=COLUMN"),
        (["logs.jsonl", "--most-bad", "many"], "--most-bad"),
        (["logs.jsonl", "--name", "../x"], "'../x' is no name for traffic"),
        (["logs.jsonl", "--format", "nothing"], "there is no format 'nothing'"),
        (["sqlite:///nowhere.db", "--query", "SELECT 1"], "there is no such database"),
        (["logs.jsonl", "--name", "x", "--origin", "expert"], "--origin is for cases"),
        (["logs.jsonl", "--as", "cases", "--origin", "synthetic"], "--origin synthetic --generator NAME"),
        (["logs.jsonl", "--as", "cases", "--generator", "g"], "--origin synthetic --generator NAME"),
    ],
)
def test_slips_exit_with_2_and_say_what_to_do(arguments: list[str], told: str, folder: Path) -> None:
    before = state(folder / "eval")
    assert told in corpus_import(folder, *arguments, code=2).stderr
    assert state(folder / "eval") == before
