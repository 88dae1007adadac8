"""Labels out, in, agreed on and settled, and suspects found, by the installed command on a project that ran."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

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


def done(folder: Path, *arguments: str) -> Any:
    found = passmuster(folder, *arguments, "--json")
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ran")
    assert passmuster(folder, "init", "tickets").returncode == 0
    assert passmuster(folder / "tickets", "run", "--quiet").returncode == 0
    return folder / "tickets"


@pytest.fixture
def project(ran: Path, tmp_path: Path) -> Path:
    return shutil.copytree(ran, tmp_path / "tickets")


def references(project: Path) -> dict[str, str]:
    """Return the references of all open cases by id."""
    found = {}
    for path in [*(project / DATASETS).glob("*.jsonl"), *(project / DATASETS / "pools").glob("*.jsonl")]:
        if path.name in {"train.jsonl", "eval.jsonl"} or path.parent.name == "pools":
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                if "input" in row:
                    found[row["id"]] = row["reference"]
    return found


def fill(sheet: Path, labels: dict[str, str]) -> list[str]:
    """Fill in the labels of these cases on a sheet, and return the ids on it."""
    with sheet.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["label"] = labels.get(row["case"], "")
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return [row["case"] for row in rows]


def test_from_sheets_to_references_and_the_last_word(project: Path) -> None:
    gold = references(project)
    people = ["--annotator", "ana", "--annotator", "ben", "--each", "2"]
    out = done(project, "corpus", "label", "export", "sheets", *people, "--limit", "60")
    assert out["cases"] == out["shared"] == 60
    first = (project / "sheets/ana.csv").read_text(encoding="utf-8")
    assert "reference" not in first.splitlines()[0]

    ids = fill(project / "sheets/ana.csv", gold)
    wrong, disputed = ids[0], ids[1]
    others = sorted(set(gold.values()) - {gold[wrong], gold[disputed]})
    fill(project / "sheets/ana.csv", {**gold, wrong: others[0], disputed: others[0]})
    fill(project / "sheets/ben.csv", {**gold, wrong: others[0]})
    taken = done(project, "corpus", "label", "import", "sheets/ana.csv", "sheets/ben.csv")
    assert taken["who"] == {"ana": 60, "ben": 60}
    assert done(project, "corpus", "label", "import", "sheets/ana.csv")["again"] == 60

    agreed = done(project, "corpus", "label", "agreement")
    assert agreed["people"]["raw"]["value"] == pytest.approx(59 / 60)
    assert agreed["people"]["cohen_kappa"]["n"] == 60

    settled = passmuster(project, "corpus", "label", "settle", "--disputes", "disputes.csv", "--json")
    assert settled.returncode == 3, settled.stderr
    found = json.loads(settled.stdout)["settlement"]
    assert [each["case"] for each in found["disputes"]] == [disputed]
    assert [(each["case"], each["was"], each["value"]) for each in found["changed"]] == [
        (wrong, gold[wrong], others[0])
    ]
    assert references(project)[wrong] == others[0]

    fill(project / "disputes.csv", {disputed: gold[disputed]})
    done(project, "corpus", "label", "import", "disputes.csv", "--adjudicate", "--by", "cleo")
    assert done(project, "corpus", "label", "settle")["settlement"]["disputes"] == []
    log = [json.loads(line) for line in (project / DATASETS / "labels.jsonl").read_text().splitlines()]
    (record,) = [line for line in log if line.get("stage") == "settled" and line["case"] == wrong]
    assert (record["was"], record["by"]) == (gold[wrong], ["ana", "ben"])


def test_a_corrected_label_asks_no_model_again(project: Path) -> None:
    gold = references(project)
    case = json.loads((project / DATASETS / "eval.jsonl").read_text().splitlines()[-1])["id"]
    other = next(label for label in sorted(set(gold.values())) if label != gold[case])
    rows = "".join(f"{case},{other},{name}\n" for name in ("ana", "ben"))
    (project / "two.csv").write_text("case,label,annotator\n" + rows, encoding="utf-8")
    done(project, "corpus", "label", "import", "two.csv")
    done(project, "corpus", "label", "settle")

    assert references(project)[case] == other
    assert done(project, "run")["asked"] == 0


def test_a_machine_labels_in_an_ordinary_run_and_makes_no_reference_by_itself(project: Path) -> None:
    before = references(project)
    found = done(project, "corpus", "label", "model", "large-model", "--limit", "30", "--split", "eval")
    labelled = [label for label in found["labels"] if label["value"] is not None]
    assert labelled
    assert {label["kind"] for label in found["labels"]} == {"machine"}

    settled = done(project, "corpus", "label", "settle")["settlement"]
    assert settled["changed"] == []
    assert len(settled["machine_only"]) == len(found["labels"])
    assert references(project) == before

    refused = passmuster(project, "corpus", "label", "import", "fake.csv")
    assert refused.returncode == 2
    (project / "fake.csv").write_text(
        "case,label,annotator\nticket-001,billing,large-model\n", encoding="utf-8"
    )
    refused = passmuster(project, "corpus", "label", "import", "fake.csv")
    assert refused.returncode == 2
    assert "kept apart" in refused.stderr


def test_a_broken_row_takes_nothing_in(project: Path) -> None:
    (project / "bad.csv").write_text(
        "case,label,annotator,kind\nticket-001,a,ana,human\nticket-002,a,ana,\x07robot\n", encoding="utf-8"
    )
    refused = passmuster(project, "corpus", "label", "import", "bad.csv")

    assert refused.returncode == 2
    assert "bad.csv:3" in refused.stderr
    assert "\x07" not in refused.stderr
    assert not (project / DATASETS / "labels.jsonl").exists()


def test_labels_that_are_wrong_on_purpose_are_suspect_for_two_reasons(project: Path) -> None:
    path = project / DATASETS / "eval.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    labels = sorted({row["reference"] for row in rows if "input" in row})
    spoiled = []
    for row in rows[5::20]:
        row["reference"] = labels[(labels.index(row["reference"]) + 1) % len(labels)]
        spoiled.append(row["id"])
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = done(
        project, "corpus", "suspects", "--split", "train", "--split", "eval", "--write", "doubtful.jsonl"
    )

    assert set(spoiled) <= {each["case"] for each in found["suspects"]}
    reasons = next(each for each in found["suspects"] if each["case"] == spoiled[0])["reasons"]
    assert any("unlike candidates say" in reason for reason in reasons)
    by_name = {each["candidate"]: each for each in found["effects"]}
    assert by_name["large-model"]["corrected"] > by_name["large-model"]["all"]
    out = done(project, "corpus", "label", "export", "again.csv", "--ids", "doubtful.jsonl", "--which", "all")
    assert out["cases"] == len((project / "doubtful.jsonl").read_text().splitlines())


def test_a_full_disk_leaves_cases_and_labels_as_they_were(project: Path) -> None:
    case = next(iter(references(project)))
    rows = "".join(f"{case},new,{name}\n" for name in ("ana", "ben"))
    (project / "two.csv").write_text("case,label,annotator\n" + rows, encoding="utf-8")
    done(project, "corpus", "label", "import", "two.csv")
    before = references(project)
    command = f"ulimit -f 1; trap '' XFSZ; exec {COMMAND} corpus label settle"
    failed = subprocess.run(
        ["bash", "-c", command], cwd=project, capture_output=True, text=True, timeout=120, check=False
    )

    assert failed.returncode == 2, failed.stderr
    assert "cannot be written" in failed.stderr
    assert references(project) == before
    assert done(project, "corpus", "label", "settle")["settlement"]["changed"]
    assert references(project)[case] == "new"
