"""The corpus functions on 1,000 real complaints."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from passmuster.adapters.duplicates import near_duplicates
from passmuster.corpus.conflicts import find_conflicts
from passmuster.corpus.duplicates import jaccard, shingles
from passmuster.project.corpora import split_cases
from passmuster.records.case import Case

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def complaints(data_folder: Path) -> list[Case]:
    lines = (data_folder / "replay_complaints" / "items.jsonl").read_text(encoding="utf-8").splitlines()
    rows = map(json.loads, lines)
    return [Case(id=row["id"], input=row["input"], reference=row["gold"]) for row in rows]


def test_three_groups_of_complaints_contradict_themselves(complaints: list[Case]) -> None:
    found = {conflict.cases for conflict in find_conflicts(complaints)}
    assert found == {("122", "233", "943", "97"), ("33", "580", "812", "935"), ("826", "960")}


def test_every_pair_of_near_duplicates_is_found_and_no_other(complaints: list[Case]) -> None:
    texts = [str(case.input) for case in complaints]
    groups = near_duplicates(texts)
    sets = [shingles(text) for text in texts]
    near = [(a, b) for a, b in combinations(range(1000), 2) if jaccard(sets[a], sets[b]) >= 0.8]
    assert all(groups[a] == groups[b] for a, b in near)
    assert len(set(groups)) == 979
    assert {item for pair in near for item in pair} == {
        item for item, group in enumerate(groups) if groups.count(group) > 1
    }


def test_a_split_leaks_no_pair_with_a_jaccard_index_over_0_8(complaints: list[Case]) -> None:
    sides = split_cases(complaints)
    sets = [shingles(str(case.input)) for case in complaints]
    for a, b in combinations(range(1000), 2):
        if jaccard(sets[a], sets[b]) > 0.8:
            assert sides[complaints[a].id] == sides[complaints[b].id]
    assert Counter(sides.values()) == {"train": 700, "eval": 200, "holdout": 100}
