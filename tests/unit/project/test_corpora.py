"""What a project makes of the folder of its corpus: pools beside eval, coverage, ledger, ids."""

from pathlib import Path

import pytest

from passmuster.adapters.ingest.coverage import write_coverage
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.corpus.seal.chain import chained
from passmuster.corpus.versions.content import content_digest
from passmuster.errors import CorpusError
from passmuster.project.load import load_project
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion, Coverage
from passmuster.records.digest import canonical
from passmuster.records.seal import NO_HASH, Entry

PROJECT = """
task: t
corpus: data
metrics: [exact_match]
candidates: [{name: a, provider: baseline, kind: constant, value: x}]
"""


@pytest.fixture
def data(tmp_path: Path) -> CorpusFolder:
    (tmp_path / "passmuster.yaml").write_text(PROJECT)
    folder = CorpusFolder(tmp_path / "data")
    folder.write_split("train", [Case(id="t", input="one")])
    folder.write_split("eval", [Case(id="e", input="two", origin="expert")])
    folder.write_pool("edge", [Case(id="p", input="three", category="edge")])
    return folder


def corpus(data: CorpusFolder) -> CorpusVersion:
    return load_project(data.path.parent, environment={}).corpus()


def test_pools_are_scored_beside_eval(data: CorpusFolder) -> None:
    found = corpus(data)
    assert [case.id for case in found.cases] == ["e", "p"]
    assert found.origins == {"expert": 1, "production": 1}
    assert found.counts == {"edge": 1, "typical": 1}
    assert found.splits == {"train": 1, "eval": 2}


def test_coverage_is_that_of_these_very_cases(data: CorpusFolder) -> None:
    digest = content_digest(data.open_cases())
    write_coverage(data, Coverage(share=0.9, time=1.0, against=("a",), corpus=digest))

    assert corpus(data).coverage == 0.9
    data.write_split("train", [Case(id="t", input="another one")])
    assert corpus(data).coverage is None


def test_a_sealed_holdout_has_the_head_of_its_ledger(data: CorpusFolder) -> None:
    first = chained(None, Entry(time=0.0, actor="a", event="sealed", seal=NO_HASH))
    second = chained(first, Entry(time=1.0, actor="b", event="planned", seal=NO_HASH))
    data.sealed.write_bytes(b"sealed")
    data.ledger.write_bytes(b"".join(canonical(entry) + b"\n" for entry in (first, second)))

    assert (corpus(data).holdout, corpus(data).ledger) == ("sealed", second.hash)
    data.ledger.write_text("no ledger\n")
    assert corpus(data).ledger is None


def test_an_id_that_stands_in_two_files_is_refused(data: CorpusFolder) -> None:
    data.write_pool("adversarial", [Case(id="e", input="four", category="adversarial")])
    with pytest.raises(CorpusError, match="'e' stands in two files"):
        corpus(data)


def test_a_case_of_a_pool_that_a_baseline_learned_from_is_refused(data: CorpusFolder) -> None:
    data.write_pool("adversarial", [Case(id="q", input="one", category="adversarial")])
    with pytest.raises(CorpusError, match="same input as a train case"):
        corpus(data)
