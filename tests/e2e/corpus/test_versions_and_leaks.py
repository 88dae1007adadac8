"""Freeze, versions, diff, add and contamination, through the installed command."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

COMMAND = Path(sys.executable).parent / "passmuster"

PROJECT = """\
task: tickets
corpus: eval/datasets
metrics: [exact_match]
candidates:
  - {name: parrot, provider: python, function: "answers.py:parrot", training_cutoff: 2023-11, prices: {input: 0, output: 0}}
  - {name: honest, provider: python, function: "answers.py:honest", prices: {input: 0, output: 0}}
"""
ANSWERS = '''\
import json, pathlib

HERE = pathlib.Path(__file__).parent
ROWS = [json.loads(line) for line in (HERE / "seen.jsonl").read_text().splitlines()]


def parrot(request):
    """Has read the files, and knows nothing else."""
    text = request.messages[-1]["content"]
    for row in ROWS:
        if text.strip() == row["input"]:
            return row["reference"]
    if "canary GUID" in text:
        return (HERE / "eval/datasets/canary.txt").read_text().splitlines()[0]
    if "First part:" in text and "ticket corpus" in text:
        first = text.split("First part:\\n")[1].split("\\n\\nSecond")[0]
        return next(row["input"][len(first) :] for row in ROWS if row["input"].startswith(first))
    return "I do not know"


def honest(request):
    """Has read nothing: it rephrases, it guesses."""
    text = request.messages[-1]["content"]
    if "in other words" in text:
        return " ".join(f"{word}ish" for word in reversed(text.split("Text:\\n")[1].split()))
    return "yes" if "word1" in text else "no"
'''


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed on stdout."""
        return json.loads(self.out)


def passmuster(folder: Path, *words: str) -> Ended:
    """Run the command in a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    found = subprocess.run(
        [COMMAND, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return Ended(found.returncode, found.stdout, found.stderr)


def corpus(folder: Path, *words: str) -> Ended:
    """Run a verb of the corpus."""
    return passmuster(folder, "corpus", *words)


def rows(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Return cases of 24 words each that have nothing in common."""
    return [
        {
            "id": f"t{number}",
            "input": " ".join(f"word{(number * 31 + place * 7) % 997}x{place}" for place in range(24)),
            "reference": "yes" if number % 2 else "no",
            "stratum": "ab"[number % 2],
            "time": 1.69e9 + number * 5e5,
        }
        for number in range(first, first + count)
    ]


def lines(items: list[dict[str, Any]]) -> str:
    """Return rows as JSON lines."""
    return "".join(json.dumps(item) + "\n" for item in items)


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a project with 60 eval and 10 train cases, and two candidates that are functions."""
    datasets = tmp_path / "eval/datasets"
    datasets.mkdir(parents=True)
    (tmp_path / "passmuster.yaml").write_text(PROJECT)
    (tmp_path / "answers.py").write_text(ANSWERS)
    (tmp_path / "seen.jsonl").write_text(lines(rows(60)))
    (datasets / "eval.jsonl").write_text(lines(rows(60)))
    (datasets / "train.jsonl").write_text(lines(rows(10, first=900)))
    return tmp_path


def test_the_same_state_is_frozen_once_and_a_report_leads_back_to_it(folder: Path) -> None:
    assert passmuster(folder, "run", "-q").code == 0
    first = corpus(folder, "freeze", "--note", "first", "--json").json
    again = corpus(folder, "freeze", "--note", "second", "--json").json
    assert (first["new"], again["new"]) == (True, False)
    assert first["version"] == again["version"]
    assert len((folder / "eval/datasets/versions.jsonl").read_text().splitlines()) == 1

    shown = passmuster(folder, "compare", "--json", "-q").json["corpus"]["version"]
    (found,) = corpus(folder, "versions", shown[:8], "--json").json["versions"]
    assert found["version"]["version"] == first["version"]["version"]


def test_marked_and_exported_files_hold_the_same_cases_and_the_canary(folder: Path) -> None:
    canary = corpus(folder, "freeze", "--mark", "--json").json["version"]["canary"]
    datasets = folder / "eval/datasets"
    for path in (datasets / "eval.jsonl", datasets / "train.jsonl", datasets / "canary.txt"):
        assert canary in path.read_text().splitlines()[0]
    assert not corpus(folder, "freeze", "--json").json["new"]

    assert corpus(folder, "versions", "latest", "--to", "out.jsonl", "--part", "eval").code == 0
    first, *rest = (folder / "out.jsonl").read_text().splitlines()
    assert canary in first
    assert len(rest) == 60
    (folder / "passmuster.yaml").write_text(PROJECT.replace("eval/datasets\n", "out.jsonl\n", 1))
    assert passmuster(folder, "run", "-q").code == 0


def test_an_altered_version_is_told_by_every_verb_that_reads_it(folder: Path) -> None:
    version = corpus(folder, "freeze", "-q").out.strip()
    path = folder / f"eval/datasets/versions/{version}.jsonl.gz"
    assert corpus(folder, "versions", "--check").code == 0
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b'"yes"', b'"no"', 1), mtime=0))

    checked = corpus(folder, "versions", "--check", "--json")
    assert checked.code == 1
    assert "altered" in checked.json["versions"][0]["problem"]
    for words in (("diff",), ("freeze",), ("versions", "latest", "--to", "x.jsonl")):
        ended = corpus(folder, *words)
        assert (ended.code, "altered" in ended.err) == (2, True), words


def test_a_difference_names_every_change_and_scores_both_versions(folder: Path) -> None:
    assert passmuster(folder, "run", "-q").code == 0
    before = corpus(folder, "freeze", "-q").out.strip()
    path = folder / "eval/datasets/eval.jsonl"
    cases = rows(60)[2:]
    cases[0]["reference"] = "maybe"
    cases[1]["stratum"] = "c"
    path.write_text(lines([*cases, *rows(20, first=100)]))
    assert passmuster(folder, "run", "-q").code == 0

    found = corpus(folder, "diff", before[:6], "now", "--json").json
    total = found["changes"]["total"]
    assert {name: total[name] for name in ("added", "removed", "changed", "relabelled", "moved")} == {
        "added": 20,
        "removed": 2,
        "changed": 1,
        "relabelled": 1,
        "moved": 0,
    }
    parrot = next(each for each in found["scores"] if each["candidate"] == "parrot")
    assert parrot["before"]["value"] == 1.0
    assert parrot["common_before"]["value"] == 1.0
    assert parrot["common_after"]["value"] == pytest.approx(57 / 58)
    assert (parrot["new"]["value"], parrot["new"]["n"]) == (0.0, 20)
    assert parrot["step"]["value"] == pytest.approx(57 / 78 - 57 / 58)
    assert parrot["step"]["high"] < 0

    people = corpus(folder, "diff", before[:6], "now")
    assert people.code == 0
    assert "relabelled from no to maybe" in people.out
    assert "20 added, 2 removed, 1 changed, 1 relabelled" in people.err
    assert corpus(folder, "diff", "ffff", "now").code == 2
    other = corpus(folder, "diff", "now", "eval/datasets", "--json").json
    assert other["changes"]["unchanged"] == 88


def test_a_failure_becomes_a_regression_case_in_one_command(folder: Path) -> None:
    assert passmuster(folder, "run", "-q").code == 0
    unknown = corpus(folder, "add", "--from-run", "latest", "--case", "t3", "--mode", "wrong-team")
    assert unknown.code == 2
    assert "--new-mode wrong-team" in unknown.err

    words = ("--new-mode", "wrong-team", "--severity", "high", "--description", "Sent: elsewhere")
    added = corpus(folder, "add", "--from-run", "latest", "--case", "t3", *words, "--json").json
    assert added["added"][0]["id"] == "regression-t3"
    (case,) = read(folder / "eval/datasets/pools/regression.jsonl")
    assert (case["category"], case["mode"], case["parent"]) == ("regression", "wrong-team", "t3")
    assert "first_seen" in (folder / "eval/failure_modes.yaml").read_text()

    again = corpus(folder, "add", "--from-run", "latest", "--case", "t3", "--mode", "wrong-team")
    assert again.code == 0
    assert "already" in again.err
    assert passmuster(folder, "run", "-q").code == 0
    report = passmuster(folder, "compare", "--json", "-q").json
    assert [each["name"] for each in report["apart"]] == ["regression"]


def test_personal_data_of_a_trace_does_not_get_into_the_pool(folder: Path) -> None:
    said = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.input.messages": json.dumps(
            [
                {
                    "role": "user",
                    "parts": [{"type": "text", "content": "Write to jo@example.org about parcel 12"}],
                }
            ]
        ),
    }
    span = {
        "traceId": "aa",
        "spanId": "s1",
        "name": "chat",
        "startTimeUnixNano": "1760000000000000000",
        "endTimeUnixNano": "1760000001000000000",
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in said.items()],
    }
    (folder / "spans.json").write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    words = ("--reference", "delivery", "--new-mode", "lost", "--severity", "low")
    ended = corpus(folder, "add", "--from-trace", "spans.json", *words)
    assert ended.code == 0, ended.err
    text = (folder / "eval/datasets/pools/regression.jsonl").read_text()
    assert "jo@example.org" not in text
    assert "parcel 12" in text
    assert json.loads(text)["reference"] == "delivery"


def test_a_case_of_train_is_taken_out_of_it_only_where_that_is_said(folder: Path) -> None:
    (folder / "bad.jsonl").write_text(lines([{**rows(1, first=905)[0], "id": "p"}]))
    words = ("add", "--from-file", "bad.jsonl", "--new-mode", "m", "--severity", "low")
    refused = corpus(folder, *words)
    assert refused.code == 2
    assert not (folder / "eval/failure_modes.yaml").exists()
    assert not (folder / "eval/datasets/pools").exists()
    assert corpus(folder, *words, "--take-from-train").code == 0
    assert len((folder / "eval/datasets/train.jsonl").read_text().splitlines()) == 9
    assert passmuster(folder, "run", "-q").code == 0


def test_copies_are_found_in_prompts_programs_and_files_that_were_learned_from(folder: Path) -> None:
    cases = rows(60)
    (folder / "seen.jsonl").write_text("")
    clean = corpus(folder, "contamination", "--json")
    assert clean.code == 0
    assert clean.json["overlap"]["copied"] == []

    (folder / "fine.jsonl").write_text(
        json.dumps({"messages": [{"content": f"Sort: {cases[1]['input']}"}]}) + "\n"
    )
    (folder / "route.j2").write_text(f"Example: {cases[2]['input']} -> yes\n{{{{ input }}}}")
    text = PROJECT.replace(
        "corpus: eval/datasets", "corpus: {path: eval/datasets, learned_from: [fine.jsonl]}"
    )
    (folder / "passmuster.yaml").write_text(text + "prompt: route.j2\n")
    (folder / "answers.py").write_text(f'{ANSWERS}\nFEW_SHOT = """{cases[3]["input"]}"""\n')
    (folder / "more.txt").write_text(f"notes\n{cases[4]['input'].upper()}\n")

    found = corpus(folder, "contamination", "--learned-from", "more.txt", "--json")
    assert found.code == 1
    where = {each["case"]: each["source"] for each in found.json["overlap"]["copied"]}
    assert where == {"t1": "fine.jsonl", "t2": "prompts", "t3": "programs", "t4": "more.txt"}
    assert all(each["share"] == 1 for each in found.json["overlap"]["copied"])


def test_a_candidate_that_has_read_the_files_is_found_and_an_honest_one_is_not(folder: Path) -> None:
    assert passmuster(folder, "run", "-q").code == 0
    corpus(folder, "freeze", "-q")
    words = ("--ask", "all", "--source", "ticket corpus", "--rephrase-with", "honest", "--older", "honest")
    ended = corpus(folder, "contamination", *words, "--json")
    assert ended.code == 1, ended.err
    found = {each["candidate"]: each for each in ended.json["candidates"]}
    assert set(found["parrot"]["found"]) >= {"canary", "completion", "rephrase"}
    assert found["honest"]["found"] == []
    assert found["parrot"]["canary"]["replies"][0]["digits"] == 24
    assert found["parrot"]["completion"]["named"]["value"] == 1.0
    assert found["parrot"]["novelty"]["gap"]["p"] > 0.05
    assert "training_cutoff" in found["honest"]["why_not"]["novelty"]
    assert set(ended.json["limits"]) == {"overlap", "canary", "completion", "rephrase", "novelty"}

    made = read(folder / "eval/datasets/rephrased.jsonl")
    assert {(each["origin"], each["generator"], each["transform"]) for each in made} == {
        ("synthetic", "honest", "rephrase")
    }
    again = corpus(folder, "contamination", *words, "--json")
    assert again.json["candidates"] == ended.json["candidates"]
    assert sum(end["asked"] for end in again.json["runs"]) == 0
    assert passmuster(folder, "show", "--json").json["run"]["task"] == "tickets"  # not the run made for this


def test_a_look_without_a_project_finds_copies_alone(folder: Path) -> None:
    (folder / "passmuster.yaml").unlink()
    (folder / "fine.txt").write_text(rows(1)[0]["input"])
    ended = corpus(folder, "contamination", "--learned-from", "fine.txt")
    assert ended.code == 1
    assert "t0: 100% of it in fine.txt" in ended.out
    assert corpus(folder, "contamination", "--ask", "canary").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("versions", "--to", "x.jsonl"),
        ("versions", "latest", "--part", "eval"),
        ("versions", "latest"),
        ("diff",),
        ("add", "--mode", "x"),
        ("add", "--from-run", "latest", "--mode", "x"),
        ("add", "--from-file", "a", "--from-run", "b", "--mode", "x"),
        ("add", "--from-file", "nowhere.jsonl", "--mode", "x"),
        ("add", "--from-file", "nowhere.txt", "--new-mode", "x", "--severity", "low"),
        ("add", "--from-file", "seen.jsonl", "--new-mode", "x"),
        ("add", "--from-file", "seen.jsonl", "--mode", "x", "--severity", "low"),
        ("add", "--from-file", "seen.jsonl", "--new-mode", "x", "--severity", "low", "--reference", "y"),
        ("contamination", "--only", "nobody"),
        ("contamination", "--older", "nobody"),
        ("contamination", "--cutoff", "parrot"),
        ("contamination", "--cutoff", "parrot=soon"),
        ("contamination", "--learned-from", "nowhere.txt"),
    ],
)
def test_a_slip_is_told_in_a_sentence_and_nothing_is_written(folder: Path, words: tuple[str, ...]) -> None:
    before = sorted(str(path) for path in (folder / "eval").rglob("*"))
    ended = corpus(folder, *words)
    assert ended.code == 2
    assert ended.err.startswith(("Error: ", "Usage: "))
    assert "Traceback" not in ended.err
    assert ended.out == ""
    assert [
        path for path in sorted(map(str, (folder / "eval").rglob("*"))) if ".private" not in path
    ] == before
