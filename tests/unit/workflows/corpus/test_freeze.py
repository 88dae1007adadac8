"""A state is frozen once."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.corpus.versions.frozen import Moment, State
from passmuster.errors import CorpusError
from passmuster.records.case import Case
from passmuster.records.version import FrozenVersion
from passmuster.workflows.corpus.freeze import freeze
from passmuster.workflows.corpus.versions import listed

ONE = State(parts={"eval": [Case(id="1", input="x")]})
TWO = State(parts={"eval": [Case(id="1", input="y")]})


class Shelf:
    """Versions in memory."""

    def __init__(self) -> None:
        self.kept: list[tuple[FrozenVersion, State, str]] = []
        self.altered: set[str] = set()

    def versions(self) -> Sequence[FrozenVersion]:
        return [version for version, _, _ in self.kept]

    def place(self, version: str) -> Path:
        return Path(version)

    def keep(self, version: FrozenVersion, state: State, mark: str) -> Path:
        self.kept.append((version, state, mark))
        return self.place(version.version)

    def state(self, version: FrozenVersion) -> State:
        if version.version in self.altered:
            raise CorpusError("altered")
        return next(state for own, state, _ in self.kept if own == version)


def moment(guid: str) -> Moment:
    return Moment(time=1.0, canary=guid, note=f"note {guid}")


def test_the_same_state_twice_is_one_version_with_its_first_canary_and_note() -> None:
    shelf = Shelf()
    first = freeze(ONE, shelf, moment("a"))
    again = freeze(replace(ONE), shelf, moment("b"))
    assert (first.new, again.new) == (True, False)
    assert again.version == first.version
    assert (again.version.canary, again.version.note) == ("a", "note a")
    assert len(shelf.kept) == 1


def test_a_state_that_comes_back_is_the_version_that_it_was() -> None:
    shelf = Shelf()
    first = freeze(ONE, shelf, moment("a"))
    second = freeze(TWO, shelf, moment("b"))
    assert second.version.parent == first.version.version
    assert freeze(ONE, shelf, moment("c")).version == first.version


def test_the_canary_goes_into_the_file_in_its_sentence() -> None:
    shelf = Shelf()
    freeze(ONE, shelf, moment("guid-1"))
    assert shelf.kept[0][2].endswith("GUID guid-1")


def test_a_version_whose_file_was_altered_is_not_passed_off_as_frozen() -> None:
    shelf = Shelf()
    first = freeze(ONE, shelf, moment("a"))
    shelf.altered.add(first.version.version)
    with pytest.raises(CorpusError, match="altered"):
        freeze(ONE, shelf, moment("b"))


def test_without_cases_there_is_nothing_to_freeze() -> None:
    with pytest.raises(CorpusError, match="no cases to freeze"):
        freeze(State(parts={"eval": []}), Shelf(), moment("a"))


def test_versions_are_listed_newest_first_and_checked_only_when_asked() -> None:
    shelf = Shelf()
    first = freeze(ONE, shelf, moment("a")).version
    second = freeze(TWO, shelf, moment("b")).version
    shelf.altered.add(first.version)
    assert [(each.version, each.problem) for each in listed(shelf)] == [(second, None), (first, None)]
    assert [each.problem for each in listed(shelf, check=True)] == [None, "altered"]
