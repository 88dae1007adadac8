"""A run until it is decided spares nobody for a candidate that cannot be chosen."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.project.api import compare
from passmuster.project.asking import run
from passmuster.project.load import Project, load_project
from passmuster.project.until_decided import run_until_decided

Write = Callable[..., Path]
FILE = """\
task: routing
corpus: cases.jsonl
metrics: [exact_match]
bars: {exact_match: {at_least: 70 %}}
REQUIRES
candidates:
  - {name: cheap, provider: replay, path: good.jsonl, prices: {input: 1, output: 1}}
  - {name: dear, provider: replay, path: good.jsonl, prices: {input: 100, output: 100}, attributes: {region: eu}}
  - {name: abroad, provider: replay, path: good.jsonl, prices: {input: 0.1, output: 0.1}, attributes: {region: us}}
"""


def opened(write: Write, requires: str) -> Project:
    cases = "".join(
        json.dumps({"id": str(n), "input": f"question {n}", "reference": "yes"}) + "\n" for n in range(200)
    )
    rows = "".join(
        json.dumps(
            {"id": str(n), "candidate": name, "output": "yes", "input_tokens": 100, "output_tokens": 1}
        )
        + "\n"
        for n in range(200)
        for name in ("cheap", "dear", "abroad")
    )
    folder = write(FILE.replace("REQUIRES\n", f"{requires}\n" if requires else ""), cases=cases)
    (folder / "good.jsonl").write_text(rows)
    return load_project(folder, environment={})


@pytest.mark.parametrize(
    ("requires", "chosen", "asked"),
    [("", "abroad", {"abroad"}), ("requires: {region: eu}", "dear", {"cheap", "dear"})],
)
def test_nobody_is_spared_for_one_that_does_not_declare_and_who_misses_is_not_asked(
    write: Write, requires: str, chosen: str, asked: set[str]
) -> None:
    project = opened(write, requires)
    end = run_until_decided(project)
    found = compare(project)
    assert end.status == "complete"
    assert found.decision.chosen == chosen
    assert {row.name for row in found.candidates if row.n} == asked


def test_who_misses_a_requirement_makes_the_family_no_larger_though_it_was_asked_before(write: Write) -> None:
    project = opened(write, "requires: {region: eu}")
    run(project, everybody=True)
    end = run_until_decided(project)
    found = compare(project)

    assert end.early is not None
    assert found.decision.family == len(end.early.until.family) == 2
    assert found.decision.chosen == end.early.chosen[0] == "dear"
