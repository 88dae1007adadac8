"""One engine under three schedules and uses: a closed loop, an open loop, and a second call about the first."""

import asyncio
import random
from collections.abc import Iterable, Iterator

import pytest

from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.trial import Reply, Request, Trial
from passmuster.runner.engine import Desk, Lane, Sink, Tally, run_trials
from passmuster.runner.making import Asking
from passmuster.runner.plan import Ask, plan
from passmuster.runner.schedule import ClosedLoop, OpenLoop, Schedule
from passmuster.testing import FakeClock, FakeProvider

MODEL = Candidate(name="model", provider="openai", model="m")
JUDGE = Candidate(name="judge", provider="openai", model="j")


def cases(number: int) -> list[Case]:
    return [Case(id=f"{n:03}", input=f"text {n}") for n in range(number)]


async def made(
    provider: FakeProvider, asks: Iterable[Ask], schedule: Schedule, clock: FakeClock, by: Candidate = MODEL
) -> tuple[Tally, list[Trial]]:
    stored: list[Trial] = []
    sink = Sink(append=lambda trials: None, stored=lambda trial, cost: stored.append(trial), window=0.001)
    desk = Desk(sink=sink, clock=clock, uniform=random.Random(1))  # noqa: S311 - jitter
    lane = Lane(asking=Asking(candidate=by, provider=provider), asks=asks, schedule=schedule)
    return await run_trials([lane], desk), stored


async def test_a_closed_loop_keeps_so_many_in_flight() -> None:
    clock = FakeClock()
    provider = FakeProvider(clock=clock, delay=1.0)
    tally, _ = await made(provider, plan(cases(20), [MODEL]), ClosedLoop(5), clock)
    assert tally.asked == 20
    assert provider.most_in_flight == 5


async def test_an_open_loop_starts_each_at_its_time_whatever_is_still_in_flight() -> None:
    clock = FakeClock()
    provider = FakeProvider(clock=clock, delay=10.0)
    arrivals = [0.0, 0.5, 0.75, 3.0, 3.0]
    schedule = OpenLoop(arrivals, clock)
    tally, stored = await made(provider, plan(cases(5), [MODEL]), schedule, clock)
    assert tally.asked == 5
    assert provider.most_in_flight == 5
    begun = min(trial.attempts[0].started for trial in stored)
    assert sorted(trial.attempts[0].started - begun for trial in stored) == pytest.approx(arrivals)
    assert schedule.late == [0.0] * 5


async def test_an_open_loop_ends_with_the_shorter_of_trials_and_arrivals() -> None:
    clock = FakeClock()
    for trials, arrivals in ((3, 5), (5, 3)):
        schedule = OpenLoop([0.1 * n for n in range(arrivals)], clock)
        tally, _ = await made(FakeProvider(clock=clock), plan(cases(trials), [MODEL]), schedule, clock)
        assert tally.asked == 3


async def test_an_open_loop_says_how_late_a_start_was() -> None:
    clock = FakeClock(auto=False)
    schedule = OpenLoop([0.0, 1.0], clock)
    task = asyncio.create_task(made(FakeProvider(), plan(cases(2), [MODEL]), schedule, clock))
    await asyncio.sleep(0.05)
    clock.advance(4.0)
    await asyncio.wait_for(task, 5)
    assert schedule.late == [0.0, 3.0]


async def test_a_judge_is_an_ordinary_candidate_whose_cases_are_the_first_ones_replies() -> None:
    """A second call about a first one: its asks are made of stored trials, and the engine knows nothing of it."""
    clock = FakeClock()
    first = FakeProvider(lambda request: f"answer to {request.case.input}", clock=clock, delay=0.5)
    _, answered = await made(first, plan(cases(10), [MODEL]), ClosedLoop(4), clock)

    def judged() -> Iterator[Ask]:
        for trial in answered:
            assert isinstance(trial.outcome, Reply)
            case = Case(id=f"{trial.case_id}/judged", input=f"Is this right? {trial.outcome.text}")
            yield from plan([case], [JUDGE])

    def judge(request: Request) -> str:
        assert "answer to text" in str(request.conversation.messages[-1].content)
        return "yes"

    tally, verdicts = await made(FakeProvider(judge, clock=clock), judged(), ClosedLoop(4), clock, by=JUDGE)
    assert tally.asked == 10
    assert {trial.key.candidate for trial in verdicts} == {candidate_digest(JUDGE)}
    assert len({trial.key.case for trial in verdicts}) == 10
    assert case_digest(cases(1)[0]) not in {trial.key.case for trial in verdicts}
