"""What a run does beside asking: it finds slips before money is spent, and says where no report can be written."""

from pathlib import Path

import pytest

from passmuster.errors import ConfigurationError, UsageError
from passmuster.project.asking import run
from passmuster.project.load import Project, open_project

FILE = """\
task: t
corpus: cases.jsonl
metrics: [{metric}]
candidates:
  - {{name: always, provider: baseline, kind: constant, text: x}}
"""


def project(folder: Path, metric: str = "exact_match") -> Project:
    (folder / "passmuster.yaml").write_text(FILE.format(metric=metric))
    (folder / "cases.jsonl").write_text('{"id": "1", "input": "a", "reference": "x"}\n')
    return open_project(folder)


def test_a_metric_that_cannot_be_loaded_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def scoer(case, reply): return 1")
    opened = project(tmp_path, '"own.py:score"')

    with pytest.raises(ConfigurationError, match="has no function 'score'"):
        run(opened)
    with opened.store() as store:
        assert store.runs() == []


@pytest.mark.parametrize("taken", ["reports", "reports/candidate_always.json/x"])
def test_a_report_that_cannot_be_written_is_no_bug_and_loses_nothing(tmp_path: Path, taken: str) -> None:
    opened = project(tmp_path)
    (tmp_path / taken).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / taken).write_text("in the way")

    with pytest.raises(UsageError, match=r"report .*candidate_always\.json cannot be written"):
        run(opened)
    with opened.store() as store:
        ((_, end),) = store.runs()
    assert end is not None
    assert end.status == "complete"
