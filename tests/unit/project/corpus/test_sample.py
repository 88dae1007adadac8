"""Cases are drawn into the folder of a corpus: scrubbed, weighted, and where scores vary more of them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.ingest.traffic import write_traffic_file
from passmuster.errors import CorpusError, UsageError
from passmuster.project.asking import run
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.project.corpus.sample import SampleOrder, deviations_of, sample
from passmuster.records.case import Case
from passmuster.records.traffic import TrafficRecord

FILE = """\
task: tickets
corpus: {path: data, strata: plan, personal: PERSONAL}
metrics: [exact_match]
candidates:
  - {name: recorded, provider: replay, path: recorded.jsonl, simulated: true}
  - {name: never, provider: baseline, kind: constant, text: 'no'}
"""


def traffic(count: int, start: int = 0) -> list[TrafficRecord]:
    return [
        TrafficRecord(
            id=f"r{n}",
            input=f"question {n} of jo{n}@example.com",
            user=f"user{n}",
            columns={"plan": "calm" if n % 2 else "wild"},
        )
        for n in range(start, start + count)
    ]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return made(tmp_path)


def made(folder: Path, personal: str = "replace") -> Corpus:
    (folder / "passmuster.yaml").write_text(FILE.replace("PERSONAL", personal))
    cases = [
        Case(
            id=f"e{n}", input=f"scored {n}", reference="yes", stratum="calm" if n % 2 else "wild", weight=5.0
        )
        for n in range(40)
    ]
    (folder / "data").mkdir()
    write_cases(folder / "data" / "eval.jsonl", cases)
    # Always right on calm cases, and on every other wild one.
    rows = [{"id": f"e{n}", "output": "yes" if n % 2 or n % 4 else "no"} for n in range(40)]
    (folder / "recorded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    write_traffic_file(folder / "data" / "traffic" / "monday.jsonl.gz", traffic(400))
    return open_corpus(folder)


def drawn(corpus: Corpus) -> list[Case]:
    return list(read_cases(corpus.folder.path / "cases.jsonl"))


def test_the_strata_of_the_settings_are_used_unless_others_are_named(corpus: Corpus) -> None:
    assert [each.name for each in sample(corpus, SampleOrder(size=10)).strata] == ["calm", "wild"]
    assert [each.name for each in sample(corpus, SampleOrder(size=10), strata="language").strata] == ["en"]


def test_personal_data_is_replaced_on_the_way_and_counted(corpus: Corpus) -> None:
    found = sample(corpus, SampleOrder(size=20))
    assert sum(found.personal.values()) >= 20
    assert not any("@example.com" in str(case.input) for case in drawn(corpus))


def test_it_is_left_where_the_settings_say_so(tmp_path: Path) -> None:
    corpus = made(tmp_path, personal="off")
    assert sample(corpus, SampleOrder(size=20)).personal == {}
    assert all("@example.com" in str(case.input) for case in drawn(corpus))


def test_strata_whose_scores_vary_more_get_more_cases(corpus: Corpus) -> None:
    project = corpus.need_project("this")
    assert deviations_of(corpus, "recorded") is None
    assert sample(corpus, SampleOrder(size=40), neyman="recorded").allocation == "proportional"
    run(project)
    found = deviations_of(corpus, "recorded")
    assert found is not None
    assert found["wild"] > 3 * found["calm"] > 0
    again = sample(corpus, SampleOrder(size=40, minimum=1), neyman="recorded")
    counts = {each.name: each.drawn for each in again.strata}
    assert again.allocation == "neyman"
    assert counts["wild"] > 2 * counts["calm"] > 0


def test_a_candidate_whose_scores_never_vary_still_leaves_each_stratum_its_cases(corpus: Corpus) -> None:
    run(corpus.need_project("this"))
    found = sample(corpus, SampleOrder(size=40, minimum=1), neyman="never")
    assert {each.name: each.drawn for each in found.strata} == {"calm": 20, "wild": 20}


def test_an_unknown_candidate_is_told(corpus: Corpus) -> None:
    with pytest.raises(UsageError, match="nobody"):
        sample(corpus, SampleOrder(size=5), neyman="nobody")


def test_cases_that_are_split_already_get_the_weight_of_the_larger_sample(corpus: Corpus) -> None:
    sample(corpus, SampleOrder(size=40))
    first = drawn(corpus)
    corpus.folder.write_split("train", first)
    (corpus.folder.path / "cases.jsonl").unlink()

    found = sample(corpus, SampleOrder(size=40, seed=2))

    assert found.reweighted == 40
    weights = [case.weight for case in [*corpus.folder.split("train"), *drawn(corpus)]]
    assert weights == [5.0] * 80
    assert {case.weight for case in corpus.folder.split("eval")} == {5.0}  # not of this traffic


def test_one_import_can_be_drawn_from_by_itself(corpus: Corpus) -> None:
    write_traffic_file(corpus.folder.path / "traffic" / "tuesday.jsonl.gz", traffic(100, start=400))
    found = sample(corpus, SampleOrder(size=10), sources=["tuesday"])
    assert (found.traffic, found.sources) == (100, ("tuesday.jsonl.gz",))
    with pytest.raises(UsageError, match=r"no traffic called 'friday'(.|\n)*monday, tuesday"):
        sample(corpus, SampleOrder(size=10), sources=["friday"])


def test_a_function_of_the_project_may_make_the_vectors_of_topics(tmp_path: Path) -> None:
    corpus = made(tmp_path)
    (tmp_path / "embed.py").write_text(
        "def vectors(texts):\n    return [[1.0, float('7' in text)] for text in texts]\n"
    )
    text = (tmp_path / "passmuster.yaml").read_text()
    (tmp_path / "passmuster.yaml").write_text(
        text.replace("strata: plan", "strata: topics, embeddings: embed.py:vectors")
    )
    corpus = open_corpus(tmp_path)

    found = sample(corpus, SampleOrder(size=10))

    assert len(found.strata) == 2
    topics = json.loads(corpus.folder.topics.read_text())
    assert topics["embedding"] == "embed.py:vectors"


def test_where_the_cases_cannot_be_written_they_are_what_they_were(corpus: Corpus) -> None:
    sample(corpus, SampleOrder(size=10))
    path = corpus.folder.path / "cases.jsonl"
    before = path.read_bytes()
    (corpus.folder.path / "cases.jsonl.part").mkdir()
    with pytest.raises((CorpusError, IsADirectoryError)):
        sample(corpus, SampleOrder(size=10, seed=2))
    assert path.read_bytes() == before


@pytest.mark.parametrize("origin", ["production", "prior_system"])
def test_two_samples_of_one_origin_are_one_larger_sample(
    corpus: Corpus, origin: Literal["production", "prior_system"]
) -> None:
    sample(corpus, SampleOrder(size=20, minimum=1, origin=origin))
    sample(corpus, SampleOrder(size=40, minimum=1, origin=origin, seed=2))
    assert {case.origin for case in drawn(corpus)} == {origin}
    assert sum(case.weight or 0.0 for case in drawn(corpus)) == pytest.approx(400)


def test_scores_of_pools_do_not_say_how_much_a_stratum_varies(corpus: Corpus) -> None:
    run(open_corpus(corpus.folder.path.parent).need_project("a test"))
    alone = deviations_of(corpus, "recorded")
    cases = list(read_cases(corpus.folder.path / "eval.jsonl"))
    # The calm half is now edge cases, so that its scores are no longer those of production.
    marked = [replace(case, category="edge") if case.stratum == "calm" else case for case in cases]
    write_cases(corpus.folder.path / "eval.jsonl", marked)
    found = deviations_of(open_corpus(corpus.folder.path.parent), "recorded")
    assert alone is not None
    assert found is not None
    assert (set(alone), set(found)) == ({"calm", "wild"}, {"wild"})
