"""A refresh takes each step once, whatever cuts it off, and waits for people."""

from dataclasses import dataclass, field, replace

import pytest

from passmuster.records.case import Case
from passmuster.workflows.corpus.refresh import RefreshState, RefreshSteps, refresh


class CutOffError(Exception):
    """The process ended here."""


@dataclass
class Folder:
    """A corpus in memory that can be cut off before and after each step."""

    waiting: dict[str, Case] = field(default_factory=dict)
    open: dict[str, Case] = field(default_factory=lambda: {"old": Case(id="old", input="o", reference="x")})
    state: RefreshState | None = None
    people: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    cut_at: int | None = None
    count: int = 0

    def step(self, name: str) -> None:
        self.count += 1
        if self.cut_at == self.count:
            raise CutOffError
        self.calls.append(name)

    def sample(self) -> None:
        self.step("sample")
        for name in ("n1", "n2"):
            self.waiting[name] = Case(id=name, input=name)
        self.step("sampled")

    def label(self, ids: tuple[str, ...]) -> int:
        self.step("label")
        return len(ids)

    def queue(self, ids: tuple[str, ...]) -> str:
        self.step(f"queue {len(ids)}")
        return "sheet.csv"

    def settle(self, sheet: str | None) -> None:
        if sheet is not None:
            for name, label in self.people.items():
                if name in self.waiting:
                    self.waiting[name] = replace(self.waiting[name], reference=label)

    def split(self) -> None:
        self.step("split")
        self.open |= self.waiting
        self.waiting = {}
        self.step("parted")

    def freeze(self, note: str) -> str:
        self.step("freeze")
        del note
        return f"v{len(self.open)}"

    def keep(self, state: RefreshState | None) -> None:
        self.step("keep")
        self.state = state

    def go(self, *, unlabelled: bool = False) -> object:
        steps = RefreshSteps(
            waiting=lambda: tuple(self.waiting.values()),
            cases=lambda: {**self.open, **self.waiting},
            sample=self.sample,
            label=self.label,
            queue=self.queue,
            settle=self.settle,
            split=self.split,
            freeze=self.freeze,
            run=lambda: None,
            scores=lambda _before, _after: (),
            keep=self.keep,
            now=lambda: 5.0,
        )
        return refresh(steps, self.state, unlabelled=unlabelled)


def test_it_waits_for_people_and_goes_on_with_what_they_said() -> None:
    folder = Folder()
    waiting = folder.go()
    assert getattr(waiting, "status", None) == "waiting"
    assert getattr(waiting, "people", None) == 2
    folder.people["n1"] = "x"
    assert getattr(folder.go(), "people", None) == 1
    folder.people["n2"] = "y"
    done = folder.go()
    assert (getattr(done, "before", None), getattr(done, "after", None)) == ("v1", "v3")
    assert folder.open["n2"].reference == "y"
    assert folder.state is None
    assert [call for call in folder.calls if call in ("sampled", "label", "queue 2", "split")] == [
        "sampled",
        "label",
        "queue 2",
        "split",
    ]


@pytest.mark.parametrize("cut", range(1, 15))
def test_cut_off_anywhere_it_goes_on_to_the_same_end(cut: int) -> None:
    folder = Folder(people={"n1": "x", "n2": "y"}, cut_at=cut)
    cuts = 0
    for _ in range(4):
        try:
            done = folder.go()
        except CutOffError:
            cuts += 1
            continue
        if getattr(done, "status", None) == "done":
            break
    assert cuts == 1
    assert set(folder.open) == {"old", "n1", "n2"}
    assert folder.calls.count("sample") == 1
    assert folder.state is None


def test_it_goes_on_without_people_where_that_is_said_and_queues_nothing() -> None:
    folder = Folder()
    done = folder.go(unlabelled=True)
    assert getattr(done, "status", None) == "done"
    assert getattr(done, "people", None) == 2
    assert not any(call.startswith("queue") for call in folder.calls)


def test_cases_that_waited_before_are_not_those_that_people_are_asked_about() -> None:
    folder = Folder(waiting={"w": Case(id="w", input="w")})
    assert getattr(folder.go(), "drawn", None) == 2
    assert folder.state is not None
    assert folder.state.cases == ("n1", "n2")
