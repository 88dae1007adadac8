"""A project whose candidates have answered, and whose judge has judged: it likes replies with a zebra in them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from passmuster.project.asking import run
from passmuster.project.load import Project, load_project
from passmuster.project.scoring import score

TASK = """\
task: animals
corpus: {path: cases.jsonl, use: all}
metrics:
  - {name: fine, metric: judge, asks: keeper, rubric: {low: 0, high: 1, criteria: {fine: "Is it fine?"}}}
  - exact_match
  - {name: better, metric: pairwise, asks: keeper, against: yak}
candidates:
  - {name: zebra, provider: replay, path: zebra.jsonl}
  - {name: yak, provider: replay, path: yak.jsonl}
scorers:
  - {name: keeper, provider: python, function: keeper.py:judge}
"""
KEEPER = """\
import json


def judge(request):
    text = "".join(message["content"] for message in request.messages)
    if '"better": <' in text:
        return json.dumps({"reasons": "", "better": "tie"})
    return json.dumps({"reasons": "", "values": {"fine": int("zebra " in text)}})
"""

Make = Callable[..., Project]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a project and let its candidates and its judge answer; of every five replies of `zebra` four are liked."""

    def written(
        cases: int = 60,
        liked: Callable[[int], bool] = lambda n: n % 5 != 0,
        *,
        judged: bool = True,
        edge: Callable[[int], bool] = lambda _: False,
    ) -> Project:
        def save(name: str, rows: Sequence[Mapping[str, object]]) -> None:
            (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")

        numbers = range(cases)
        save(
            "cases.jsonl",
            [
                {"id": f"c{n}", "input": f"Draw {n}.", "reference": f"zebra {n}"}
                | ({"category": "edge"} if edge(n) else {})
                for n in numbers
            ],
        )
        save(
            "zebra.jsonl",
            [{"id": f"c{n}", "output": f"{'zebra' if liked(n) else 'gnu'} {n}"} for n in numbers],
        )
        save("yak.jsonl", [{"id": f"c{n}", "output": f"yak {n}"} for n in numbers])
        (tmp_path / "keeper.py").write_text(KEEPER, encoding="utf-8")
        (tmp_path / "passmuster.yaml").write_text(TASK, encoding="utf-8")
        project = load_project(tmp_path, environment={})
        run(project)
        if judged:
            score(project)
        return project

    return written
