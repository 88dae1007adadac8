"""Records that are made often: their constructor is another one, and nothing else about them is."""

import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from passmuster.records.record import Record, made_often


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual(Record):
    """A record as all others are."""

    name: str
    size: int = 3
    tags: list[str] = field(default_factory=list)


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class Often(Record):
    """The same, made often."""

    name: str
    size: int = 3
    tags: list[str] = field(default_factory=list)


def test_it_takes_and_keeps_what_any_record_does() -> None:
    assert inspect.signature(Often).parameters.keys() == inspect.signature(Usual).parameters.keys()
    usual, often = Usual(name="a", tags=["x"]), Often(name="a", tags=["x"])
    assert (often.name, often.size, often.tags) == (usual.name, usual.size, usual.tags)
    assert repr(often) == repr(usual).replace("Usual", "Often")


def test_each_has_a_default_of_its_own_where_that_is_made_anew() -> None:
    first, second = Often(name="a"), Often(name="a")
    assert first.tags == second.tags == []
    assert first.tags is not second.tags
    assert Often(name="a", tags=first.tags).tags is first.tags


@pytest.mark.parametrize("given", [{}, {"name": "a", "sise": 1}])
def test_a_field_that_is_missing_or_unknown_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(TypeError):
        Often(**given)  # type: ignore[arg-type]  # that is what is tried
    with pytest.raises(TypeError):
        Often("a")  # type: ignore[call-arg]  # the same


def test_it_is_frozen_compared_replaced_and_pickled_as_before() -> None:
    often = Often(name="a", size=4)
    with pytest.raises(FrozenInstanceError):
        often.size = 5  # type: ignore[misc]  # that is what is tried
    assert often == Often(name="a", size=4)
    assert replace(often, size=5) == Often(name="a", size=5)
    assert pickle.loads(pickle.dumps(often)) == often  # noqa: S301 - our own
