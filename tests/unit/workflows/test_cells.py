import pytest

from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.trial import TrialKey
from passmuster.runner.plan import plan
from passmuster.workflows import cells
from passmuster.workflows.cells import Cells

CASES = [Case(id=f"{index:02}", input=f"text {index % 17}") for index in range(40)]
ASKED = Candidate(name="a", provider="openai")


@pytest.mark.parametrize("length", [8, 0])
@pytest.mark.parametrize("repeats", [1, 3])
def test_every_planned_trial_has_the_cell_of_its_case_and_round(
    monkeypatch: pytest.MonkeyPatch, repeats: int, length: int
) -> None:
    """Also where different digests begin alike."""
    monkeypatch.setattr(cells, "_PREFIX", length)
    found = Cells(CASES, repeats)
    for ask in plan(CASES, [ASKED], repeats):
        place = found.place(ask.key)
        assert place == CASES.index(ask.case) * repeats + ask.round
        assert found.key(ask.key.candidate, place // repeats, ask.round) == ask.key


@pytest.mark.parametrize("length", [8, 0])
def test_what_was_not_planned_has_no_cell(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    monkeypatch.setattr(cells, "_PREFIX", length)
    found = Cells(CASES, 2)
    others = [Case(id=str(index), input=f"strange {index}") for index in range(40)]
    assert {found.place(ask.key) for ask in plan(others, [ASKED], 2)} == {None}
    beyond = [ask.key for ask in plan(CASES, [ASKED], 3)][80:]
    assert {found.place(key) for key in beyond} == {None}
    assert found.place(TrialKey("no digest", "a", 0)) is None
    assert Cells([], 1).place(TrialKey("ab" * 16, "a", 0)) is None
