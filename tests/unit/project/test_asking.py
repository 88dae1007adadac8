"""What a run does beside asking: it finds slips before money is spent, and says where no report can be written."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import ConfigurationError, UsageError
from passmuster.project.asking import check, estimate, run
from passmuster.project.load import Project, open_project
from passmuster.records.candidate import candidate_digest
from passmuster.records.trial import Attempt, Exchange, Reply, Request, Source, Trial

FILE = """\
task: t
corpus: cases.jsonl
metrics: [{metric}]
candidates:
"""
CANDIDATE = "  - {{name: always{0}, provider: baseline, kind: constant, text: x{0}}}\n"


def project(folder: Path, metric: str = "exact_match", candidates: int = 1) -> Project:
    listed = [CANDIDATE.format(number or "") for number in range(candidates)]
    (folder / "passmuster.yaml").write_text(FILE.format(metric=metric) + "".join(listed))
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


class Broken:
    """A candidate of whose connections one cannot be closed."""

    source: Source = "measured"

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.closed = False

    async def ask(self, request: Request) -> Exchange:
        del request
        return Exchange(Reply(text="x"), Attempt(started=0.0))

    async def close(self) -> None:
        self.closed = True
        if self.broken:
            raise OSError("the connection is gone")


@pytest.mark.parametrize("asks", [run, check])
def test_all_candidates_are_closed_though_one_of_them_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asks: Callable[[Project], object]
) -> None:
    opened = project(tmp_path, candidates=3)
    endpoints = [Broken(), Broken(broken=True), Broken()]
    digests = [candidate_digest(candidate) for candidate in opened.asked]
    monkeypatch.setattr(opened, "providers", lambda *_: dict(zip(digests, endpoints, strict=True)))

    with pytest.raises(OSError, match="the connection is gone"):
        asks(opened)
    assert [endpoint.closed for endpoint in endpoints] == [True] * 3


def test_the_estimate_is_told_from_the_newest_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = project(tmp_path)
    run(opened)
    heard: list[bool] = []
    trials = SqliteStore.trials

    def spied(
        store: SqliteStore, candidates: Iterable[str], *, newest_first: bool = False
    ) -> Iterator[Trial]:
        heard.append(newest_first)
        return trials(store, candidates, newest_first=newest_first)

    monkeypatch.setattr(SqliteStore, "trials", spied)
    estimate(opened)
    assert heard == [True]
