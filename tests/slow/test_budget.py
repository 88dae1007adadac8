"""A thousand runs with random prices, failures, crashes and restarts: what the endpoint bills never passes the budget."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.slow import paid_runs
from tests.slow.paid_runs import FATES, WORLD, MortalStore, Story, all_lived

from passmuster.adapters.store import claims
from passmuster.records.trial import TrialKey
from passmuster.runner.budget import Budget
from passmuster.runner.feed import Reservations
from passmuster.workflows import at_work as workflow

pytestmark = pytest.mark.slow

RUNS, PART = 1_000, 100


@pytest.fixture(autouse=True)
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each start of a run be another process; those before it are dead."""

    def this_process() -> str:
        world = WORLD.get()
        return f"process {world.process} of {world.path}"

    monkeypatch.setattr(claims, "this_process", this_process)
    monkeypatch.setattr(claims, "lives", lambda process: process == this_process() if process else None)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)  # virtual time is a busy loop, from which threads are to get their turn
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in memory where there is one: thousands of stores are made, and the disk is not tested."""
    memory = Path("/dev/shm")  # noqa: S108 - a new folder in it
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as made:
        yield Path(made)


def problems(stories: Iterable[Story]) -> list[str]:
    return [problem for told in stories for problem in told.problems]


@pytest.mark.parametrize("part", range(RUNS // PART))
async def test_what_the_endpoint_bills_never_passes_the_budget(part: int, folder: Path) -> None:
    stories = await all_lived(range(part * PART, (part + 1) * PART), folder)

    assert problems(stories) == []
    ends = [end for told in stories for end in told.ends]
    assert sum(end is None for end in ends) > PART / 4, "too few crashes to show anything"
    stopped = [why for end in ends if end is not None for why in end.stopped.values()]
    assert sum("budget" in why for why in stopped) > PART / 4, "too few budgets were used up"
    assert sum(end is not None and end.at_risk > 0 for end in ends) > PART / 4
    assert {fate for told in stories for fate in told.world.fates} == set(FATES)
    used = [told.world.total / told.budget for told in stories if told.budget is not None]
    assert sum(share > 0.6 for share in used) > PART / 20, "budgets were hardly touched"


class Naive(Budget):
    """Goes on until the budget is spent."""

    async def reserve(self, candidate: str, most: float) -> bool:
        del most
        left = self.left(candidate)
        return left is None or left > 0

    def settle(self, candidate: str, most: float, *, paid: float, at_risk: float = 0.0) -> None:
        del most
        super().settle(candidate, 0.0, paid=paid, at_risk=at_risk)


class Hopeful(Budget):
    """Takes a call whose account never came for one that was not billed."""

    def settle(self, candidate: str, most: float, *, paid: float, at_risk: float = 0.0) -> None:
        del at_risk
        super().settle(candidate, most, paid=paid)


class Careless(Reservations):
    """Keeps what calls may cost in memory alone."""

    async def reserve(self, key: TrialKey, usd: float) -> None:
        """Forget it."""


class Forgetful(MortalStore):
    """Forgets at the end of a run what calls without a trial may have cost."""

    def release(self, run: str, keys: Iterable[TrialKey] | None = None) -> None:
        super().release(run, keys)
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM claims WHERE claimant = (SELECT id FROM claimants WHERE run = ?)", (run,)
            )


FAULTS = [(workflow, "Budget", Naive), (workflow, "Budget", Hopeful), (workflow, "Reservations", Careless)]


@pytest.mark.parametrize(
    ("where", "name", "faulty"),
    [*FAULTS, (paid_runs, "MortalStore", Forgetful)],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_the_same_runs_find_every_way_to_keep_a_budget_that_does_not(
    where: object, name: str, faulty: object, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(where, name, faulty)
    stories = await all_lived(range(PART), folder)

    assert any(" billed of " in problem for problem in problems(stories))
