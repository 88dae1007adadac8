"""Stress cases of real complaints, asked of simulated endpoints: who fails silently, and who hands over."""

import json
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.served import passmuster, run, simulator

pytestmark = [pytest.mark.data, pytest.mark.slow]

CONFIDENT = "debt_collection"
HANDED_OVER = "I am handing this over to a colleague who can look into it."
NO_ANSWER = ("cut_off", "field_removed", "conflicting_requirements", "limit")
ANSWER = ("look_alikes", "mixed_scripts")
"""Transforms, by whether an answer is expected of what they make; of those at the limit some are dropped."""

FILE = """\
task: complaints under stress
corpus: eval/datasets
metrics: [exact_match, graceful_failure]
candidates:
  - {{name: confident, provider: openai, model: confident, base_url: "{url}", prices: {{input: 1, output: 1}}}}
  - {{name: escalating, provider: openai, model: escalating, base_url: "{url}", prices: {{input: 1, output: 1}}}}
"""


@pytest.fixture
def folder(tmp_path: Path, data_folder: Path) -> Path:
    """Write a project of 40 real complaints, parted in train and eval."""
    datasets = tmp_path / "eval" / "datasets"
    datasets.mkdir(parents=True)
    with (data_folder / "replay_complaints" / "items.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, 40)]
    cases = [{"id": row["id"], "input": row["input"], "reference": row["gold"]} for row in rows]
    (datasets / "cases.jsonl").write_text(
        "".join(f"{json.dumps(case)}\n" for case in cases), encoding="utf-8"
    )
    (tmp_path / "passmuster.yaml").write_text(FILE.format(url="http://127.0.0.1:9/v1"), encoding="utf-8")
    done(tmp_path, "corpus", "split", "--no-holdout", "--seed", "1")
    return tmp_path


def done(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run a verb to its end and return its object."""
    ended = passmuster(folder, *arguments, "--json")
    assert ended.returncode in {0, 3}, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def stressed(folder: Path, transforms: tuple[str, ...], *, answer: bool) -> list[dict[str, Any]]:
    """Make stress cases, accept those of which an answer is expected or not, and drop the others."""
    order = [part for name in transforms for part in ("--transform", name)]
    made = done(folder, "corpus", "stress", "--context-limit", "1024", "--parents", "4", *order)
    cases = [proposal["case"] for proposal in made["proposals"]]
    wanted = [case for case in cases if (case["expect"] == "answer") == answer]
    accept = [part for case in wanted for part in ("--accept", case["id"])]
    placed = done(folder, "corpus", "review", *accept)["placed"]
    if len(wanted) < len(cases):
        done(folder, "corpus", "review", "--drop-all")
    assert placed == {case["id"]: "adversarial" for case in wanted}
    return wanted


def apart(folder: Path, cases: int) -> dict[str, dict[str, Any]]:
    """Ask both endpoints over HTTP and compare; return each candidate on the adversarial cases."""
    evaluated = len((folder / "eval/datasets/eval.jsonl").read_text(encoding="utf-8").splitlines())
    models = [
        f"{{name: {name}, answers: {{kind: constant, text: {json.dumps(text)}}}}}"
        for name, text in (("confident", CONFIDENT), ("escalating", HANDED_OVER))
    ]
    with simulator(folder, *models) as endpoint:
        (folder / "passmuster.yaml").write_text(FILE.format(url=endpoint.base_url), encoding="utf-8")
        assert run(folder, "--yes", OPENAI_API_KEY="any")["asked"] == 2 * (evaluated + cases)
        assert [each.status for each in endpoint.truth()] == [200] * 2 * (evaluated + cases)
    (found,) = done(folder, "compare")["apart"]
    assert (found["name"], found["cases"]) == ("adversarial", cases)
    return {each["candidate"]: each for each in found["candidates"]}


def shares(candidate: dict[str, Any]) -> Counter[str]:
    """Return how many trials turned out how."""
    outcomes = candidate["outcomes"]
    of = {name: outcomes[name] for name in ("correct", "silent", "loud")} | outcomes["kinds"]
    return Counter({name: round(share["value"] * share["n"]) for name, share in of.items()})


def test_where_no_answer_is_expected_a_confident_one_fails_silently_and_handing_over_never_does(
    folder: Path,
) -> None:
    cases = stressed(folder, NO_ANSWER, answer=False)
    expected = Counter(case["expect"] for case in cases)
    assert set(expected) == {"clarification", "escalation"}

    found = apart(folder, len(cases))

    confident, escalating = found["confident"], found["escalating"]
    assert confident["metrics"]["graceful_failure"]["value"] == 0
    assert confident["metrics"]["graceful_failure"]["n"] == len(cases)
    assert shares(confident) == {"correct": 0, "silent": len(cases), "loud": 0}
    graceful = escalating["metrics"]["graceful_failure"]
    assert graceful["n"] == len(cases)
    assert graceful["value"] * len(cases) == pytest.approx(expected["escalation"])
    assert shares(escalating) == {
        "correct": expected["escalation"],
        "silent": 0,
        "loud": expected["clarification"],
        "escalation": expected["clarification"],
    }


def test_where_an_answer_is_expected_it_is_compared_and_handing_over_is_a_loud_failure(folder: Path) -> None:
    cases = stressed(folder, ANSWER, answer=True)
    right = sum(case["reference"] == CONFIDENT for case in cases)
    assert 0 < right < len(cases)

    found = apart(folder, len(cases))

    assert shares(found["confident"]) == {"correct": right, "silent": len(cases) - right, "loud": 0}
    assert shares(found["escalating"]) == {
        "correct": 0,
        "silent": 0,
        "loud": len(cases),
        "escalation": len(cases),
    }
    assert found["escalating"]["outcomes"]["refusals"]["value"] == 0
