"""From traffic to a corpus with the installed command: import, describe, sample, split, seal, check."""

import gzip
import json
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from passmuster.corpus.duplicates import jaccard, shingles

COMMAND = Path(sys.executable).with_name("passmuster")
TIMEOUT = 240


def run(folder: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, and hold how it ended."""
    done = subprocess.run(
        [COMMAND, "corpus", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def told(folder: Path, *arguments: str, code: int = 0) -> Any:
    """Run the command and return the one object that it prints."""
    return json.loads(run(folder, *arguments, "--json", code=code).stdout)


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the cases of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def log(path: Path, count: int) -> Path:
    """Write a log as a service has it."""
    texts = (
        "my card was stolen please block card",
        "loan rate of the mortgage loan",
        "parcel delivery never arrived",
    )
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            row = {
                "id": f"q{number}",
                "input": f"{texts[number % 3]} ref{number % 97} alpha{number} beta{number * 7 % 1009}",
                "user": f"user{number % 211}",
                "plan": "gold" if number % 10 == 0 else "free",
                "feedback": "down" if number % 5 == 0 else None,
                "time": 1_760_000_000 + 1_800 * number,
            }
            stream.write(json.dumps(row) + "\n")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run(tmp_path, "import", str(log(tmp_path / "log.jsonl", 900)))
    return tmp_path


def custodian(folder: Path) -> None:
    """Make a key that does not lie in the corpus."""
    run(folder, "keys", "--private", str(folder / "away" / "custodian.key"))


def test_traffic_becomes_a_corpus_that_is_sealed_and_checked(folder: Path) -> None:
    before = told(folder, "describe", "--strata", "plan")
    assert (before["traffic"]["n"], before.get("corpus")) == (900, None)

    drawn = told(folder, "sample", "300", "--strata", "plan", "--minimum", "60")
    assert {each["name"]: (each["traffic"], each["drawn"]) for each in drawn["strata"]} == {
        "free": (810, 240),
        "gold": (90, 60),
    }
    cases = rows(folder / "eval/datasets/cases.jsonl")
    assert sum(case["weight"] for case in cases) == pytest.approx(900)
    assert not any("user" in str(case["group"]) for case in cases)

    custodian(folder)
    parted = told(folder, "split")
    assert parted["train"] + parted["eval"] + parted["holdout"] == 300
    datasets = folder / "eval/datasets"
    assert not (datasets / "cases.jsonl").exists()
    seen = {case["id"] for side in ("train", "eval") for case in rows(datasets / f"{side}.jsonl")}
    for path in datasets.rglob("*"):
        if path.is_file() and "traffic" not in path.parts and path.suffix != ".sealed":
            text = path.read_text(encoding="utf-8")
            assert not [case["id"] for case in cases if case["id"] not in seen and f'"{case["id"]}"' in text]

    checked = told(folder, "check")
    assert checked["holdout"] == "sealed"
    assert checked["splits"]["holdout (sealed)"] == parted["holdout"]
    assert any("Label" in task["text"] for task in checked["tasks"])
    after = told(folder, "describe", "--strata", "plan")
    assert after["unlike"]["strata"] < 0.1  # by weights, although gold has twice its share of the cases


def test_traffic_that_the_holdout_was_drawn_from_is_not_drawn_from_again(folder: Path) -> None:
    custodian(folder)
    run(folder, "sample", "100")
    run(folder, "split")

    refused = run(folder, "sample", "20", code=2).stderr
    assert "imported before the holdout was sealed" in refused
    assert "verify --additions" in refused

    run(folder, "import", str(log(folder / "newer.jsonl", 300)), "--name", "newer")
    assert told(folder, "sample", "20")["sources"] == ["newer.jsonl.gz"]
    assert told(folder, "sample", "20", "--from", "log")["sources"] == ["log.jsonl.gz"]


def test_a_page_is_complete_in_itself(folder: Path) -> None:
    run(folder, "sample", "200", "--strata", "plan")
    run(folder, "describe", "--strata", "plan", "--html", "page.html")
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 1_500_000
    assert "<script" not in page
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", page)


def test_topics_are_frozen_by_the_first_sample_and_used_by_the_next(folder: Path) -> None:
    first = told(folder, "sample", "60", "--strata", "topics")
    frozen = (folder / "eval/datasets/topics.json").read_bytes()
    second = told(folder, "sample", "60", "--strata", "topics", "--seed", "2")
    assert (folder / "eval/datasets/topics.json").read_bytes() == frozen
    names = [{each["name"]: each["traffic"] for each in found["strata"]} for found in (first, second)]
    assert names[0] == names[1]
    assert second["reweighted"] == 60
    assert sum(case["weight"] for case in rows(folder / "eval/datasets/cases.jsonl")) == pytest.approx(900)


def test_the_same_seed_draws_the_same_cases(folder: Path) -> None:
    def drawn(name: str, seed: str) -> list[str]:
        run(folder, "sample", "50", "--strata", "plan", "--seed", seed)
        path = folder / "eval/datasets/cases.jsonl"
        found = [case["id"] for case in rows(path)]
        path.unlink()
        return found

    assert drawn("a", "3") == drawn("b", "3") != drawn("c", "4")


def test_slips_are_told_with_what_to_do(folder: Path) -> None:
    assert "Did you mean 'plan'" in run(folder, "sample", "50", "--strata", "plna", code=2).stderr
    assert not (folder / "eval/datasets/cases.jsonl").exists()
    assert "too few for" in run(folder, "sample", "1", "--strata", "plan", code=2).stderr
    assert "there is no traffic called 'x'" in run(folder, "sample", "5", "--from", "x", code=2).stderr
    assert "corpus import" in run(folder, "sample", "5", "--datasets", "elsewhere", code=2).stderr
    assert "corpus sample" in run(folder, "split", code=2).stderr
    run(folder, "sample", "50")
    assert "corpus keys" in run(folder, "split", code=2).stderr
    assert "exclude" in run(folder, "split", "--no-holdout", "--unsealed", code=2).stderr


def test_a_leak_between_train_and_eval_fails_the_check(folder: Path) -> None:
    run(folder, "sample", "100")
    run(folder, "split", "--no-holdout")
    datasets = folder / "eval/datasets"
    stolen = {**rows(datasets / "eval.jsonl")[0], "id": "stolen"}
    with (datasets / "train.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(stolen) + "\n")
    checked = told(folder, "check", code=1)
    assert checked["tasks"][0]["urgency"] == "wrong"
    assert "stolen" in checked["tasks"][0]["text"]


def test_broken_traffic_leaves_the_corpus_as_it_was(folder: Path) -> None:
    run(folder, "sample", "50")
    datasets = folder / "eval/datasets"
    before = (datasets / "cases.jsonl").read_bytes()
    [traffic] = (datasets / "traffic").glob("*.jsonl.gz")
    content = traffic.read_bytes()
    traffic.write_bytes(content[: len(content) // 2])
    assert "broken" in run(folder, "sample", "50", "--seed", "2", code=2).stderr
    assert (datasets / "cases.jsonl").read_bytes() == before


@pytest.mark.data
@pytest.mark.parametrize("name", ["intents_banking77", "intents_clinc150"])
def test_real_questions_go_all_the_way(tmp_path: Path, data_folder: Path, name: str) -> None:
    with gzip.open(data_folder / name / "items.jsonl.gz", "rt", encoding="utf-8") as stream:
        items = [json.loads(line) for line in stream]
    with (tmp_path / "log.jsonl").open("w", encoding="utf-8") as stream:
        stream.writelines(
            json.dumps({"id": item["id"], "input": item["input"], "intent": item["gold"]}) + "\n"
            for item in items
        )
    run(tmp_path, "import", "log.jsonl")
    described = told(tmp_path, "describe", "--strata", "intent")
    assert described["traffic"]["n"] == len(items)
    assert len(described["traffic"]["strata"]) == len({item["gold"] for item in items})
    assert described["traffic"]["languages"][0]["name"] == "en"

    drawn = told(tmp_path, "sample", "2000", "--strata", "intent")
    assert drawn["cases"] == 2000
    custodian(tmp_path)
    parted = told(tmp_path, "split")
    assert (parted["train"] + parted["eval"] + parted["holdout"], parted["left_out"]) == (2000, [])
    assert abs(parted["eval"] - 400) <= 20
    sides = [rows(tmp_path / f"eval/datasets/{side}.jsonl") for side in ("train", "eval")]
    near = {shingles(case["input"]) for case in sides[0]} & {shingles(case["input"]) for case in sides[1]}
    assert near == set()
    checked = told(tmp_path, "check")
    assert not [task for task in checked["tasks"] if task["urgency"] == "wrong"]
    assert [rung["reached"] for rung in checked["ladder"]] == [True, True, False, False]


@pytest.mark.data
def test_equal_complaints_end_on_one_side_and_no_near_pair_is_parted(
    tmp_path: Path, data_folder: Path
) -> None:
    items = rows(data_folder / "replay_complaints" / "items.jsonl")
    with (tmp_path / "cases.jsonl").open("w", encoding="utf-8") as stream:
        stream.writelines(
            json.dumps({"id": str(item["id"]), "input": item["input"]}) + "\n" for item in items
        )
    run(tmp_path, "split", "cases.jsonl", "--datasets", "d", "--unsealed")
    sides = {
        row["id"]: side for side in ("train", "eval", "holdout") for row in rows(tmp_path / f"d/{side}.jsonl")
    }
    assert len(sides) == len(items)
    texts: dict[str, list[str]] = {}
    for item in items:
        texts.setdefault(item["input"], []).append(str(item["id"]))
    assert max(map(len, texts.values())) > 1
    assert all(len({sides[name] for name in names}) == 1 for names in texts.values())
    sets = {str(item["id"]): shingles(item["input"]) for item in items}
    parted = (
        (one, other)
        for one, other in combinations(sets, 2)
        if sides[one] != sides[other] and len(sets[one]) * 0.8 <= len(sets[other]) <= len(sets[one]) / 0.8
    )
    assert not [pair for pair in parted if jaccard(sets[pair[0]], sets[pair[1]]) > 0.8]
