"""The suites must fail for what breaks a promise, else they prove nothing."""

import asyncio
import itertools
import sys
from collections.abc import Callable
from typing import Any

import pytest

from passmuster.metrics.judges.rubric import Criterion, Rubric
from passmuster.metrics.metric import UNIT, Bounds, Summary
from passmuster.records.case import Case
from passmuster.records.program import Execution, Program
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Attempt, Exchange, Failure, Outcome, Reply, Request, Source, Usage
from passmuster.testing import FakeClock, FakeProvider, check_metric, check_provider, text_request


async def test_sleepers_wake_in_the_order_of_their_times() -> None:
    clock, woken = FakeClock(start=0.0), list[tuple[str, float]]()

    async def sleeper(name: str, *pauses: float) -> None:
        for pause in pauses:
            await clock.sleep(pause)
            woken.append((name, clock.now()))

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("a", 5, 5))
        group.create_task(sleeper("b", 7))
        group.create_task(sleeper("c", 1, 0, 100))
    assert woken == [("c", 1.0), ("c", 1.0), ("a", 5.0), ("b", 7.0), ("a", 10.0), ("c", 101.0)]


async def test_without_auto_time_stands_still_until_it_is_moved() -> None:
    clock = FakeClock(start=0.0, auto=False)
    task = asyncio.create_task(clock.sleep(10))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not task.done()
    clock.advance(9.5)
    await asyncio.sleep(0)
    assert not task.done()
    clock.advance(1)
    await task
    assert clock.now() == 10.5


async def test_a_cancelled_sleeper_does_not_move_time() -> None:
    clock = FakeClock(start=0.0)
    task = asyncio.create_task(clock.sleep(1000))
    await asyncio.sleep(0)
    task.cancel()
    await clock.sleep(1)
    assert clock.now() == 1.0


async def test_a_fake_provider_follows_its_script_in_virtual_time() -> None:
    clock = FakeClock(start=0.0)
    failure = Failure(kind="timeout", message="late")
    provider = FakeProvider(
        [failure, "a", ValueError("broken")], clock=clock, delay=2.0, usage=Usage(input=1)
    )
    request = text_request("Hi")
    first, second = await provider.ask(request), await provider.ask(request)
    assert (first.outcome, first.attempt.error, first.attempt.seconds) == (failure, "timeout", 2.0)
    assert (second.outcome, second.attempt.usage) == (Reply(text="a"), Usage(input=1))
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            await provider.ask(request)
    assert (clock.now(), len(provider.asked), provider.most_in_flight) == (8.0, 4, 1)


async def test_a_fake_provider_counts_what_is_open_at_once() -> None:
    provider = FakeProvider(lambda request: request.case.id, delay=lambda request: request.repeat + 1.0)
    async with asyncio.TaskGroup() as group:
        for repeat in range(5):
            group.create_task(provider.ask(text_request("Hi", repeat)))
    assert (provider.most_in_flight, provider.in_flight) == (5, 0)


class Broken:
    """A provider with one fault."""

    source: Source = "measured"

    def __init__(self, answer: Callable[[Request], object]) -> None:
        self._answer = answer
        self._closed = 0

    async def ask(self, request: Request) -> Exchange:
        answer = self._answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]  # a broken provider returns what it should not

    async def close(self) -> None:
        self._closed += 1
        if self._answer is twice:
            message = "closed twice"
            if self._closed > 1:
                raise RuntimeError(message)


def exchange(outcome: Outcome, **attempt: object) -> Exchange:
    return Exchange(outcome, Attempt(**{"started": 1.0, "seconds": 1.0, **attempt}))  # type: ignore[arg-type]  # broken on purpose


def twice(_: Request) -> object:
    return exchange(Reply(text="a"))


def only_short(request: Request) -> object:
    short = len(str(request.case.input)) < 100_000
    return exchange(Reply(text="a")) if short else ValueError("too long")


FAULTS: dict[str, tuple[Callable[[Request], object], str]] = {
    "raises": (lambda _: ValueError("no"), "ask raised"),
    "raises for long text": (only_short, "when asked 1 MB"),
    "no exchange": (lambda _: Reply(text="a"), "not an Exchange"),
    "negative time": (lambda _: exchange(Reply(text="a"), seconds=-1.0), "seconds is -1.0"),
    "not started": (lambda _: exchange(Reply(text="a"), started=0.0), "started is 0.0"),
    "token after the end": (lambda _: exchange(Reply(text="a"), first_token=2.0), "first_token 2.0"),
    "negative usage": (lambda _: exchange(Reply(text="a"), usage=Usage(input=-1)), "usage is"),
    "too much cached": (
        lambda _: exchange(Reply(text="a"), usage=Usage(input=1, cached=2)),
        "2 of 1 tokens",
    ),
    "error beside a reply": (lambda _: exchange(Reply(text="a"), error="timeout"), "beside a reply"),
    "failure without error": (lambda _: exchange(Failure(kind="timeout", message="m")), "attempt.error is"),
    "failure without words": (
        lambda _: exchange(Failure(kind="timeout", message=""), error="timeout"),
        "without message",
    ),
    "confidence above 1": (lambda _: exchange(Reply(text="a", confidence=1.5)), "confidence of 1.5"),
    "closes once": (twice, "close raised"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_the_suite_finds_a_provider_that_breaks_a_promise(name: str) -> None:
    answer, text = FAULTS[name]
    with pytest.raises(AssertionError, match=text):
        await check_provider(lambda: Broken(answer))


async def test_the_suite_finds_a_provider_that_eats_a_cancellation() -> None:
    class Deaf(Broken):
        async def ask(self, request: Request) -> Exchange:
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError as problem:
                raise RuntimeError from problem
            return exchange(Reply(text="a"))

    with pytest.raises(AssertionError, match="cancelled ask ended with RuntimeError"):
        await check_provider(lambda: Deaf(twice))


class Metric:
    """A metric made of one function."""

    name = "metric"
    version = 1
    direction: Direction = "higher"
    summary: Summary = "mean"
    bounds: Bounds = UNIT

    def __init__(self, score: Callable[[Case, Reply], object], *, binary: bool = False) -> None:
        self._score = score
        self.binary = binary

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        return self._score(case, reply)  # type: ignore[return-value]  # broken ones return what they should not


def test_a_sound_metric_passes() -> None:
    def score(case: Case, reply: Reply) -> ScoreOutcome:
        if not isinstance(case.reference, str):
            return ScoreFailure(kind="reference", message="no text")
        return Score(value=float(reply.text == case.reference))

    check_metric(Metric(score, binary=True), cases=[Case(id="1", input="a", reference="b")])


COUNTED = itertools.count()
BAD_METRICS: dict[str, tuple[Callable[[Case, Reply], object], str]] = {
    "raises": (lambda _, reply: Score(value=1 / max(1, len(reply.text)) if reply.text else 1 / 0), "raised"),
    "raises for surrogates": (
        lambda _, reply: Score(value=len(reply.text.encode()) * 0.0),
        "lone surrogates",
    ),
    "leaves": (lambda *_: sys.exit(0), "raised SystemExit"),
    "a failure of no kind": (lambda *_: ScoreFailure(kind=3, message="m"), "without kind"),  # type: ignore[arg-type]  # the point
    "above one": (lambda _, reply: Score(value=float(len(reply.text))), "value"),
    "not a number": (lambda *_: Score(value=float("nan")), "differ|value nan"),
    "no score": (lambda *_: 0.5, "returned float"),
    "not deterministic": (lambda *_: Score(value=next(COUNTED) % 2), "differ"),
    "not binary": (lambda *_: Score(value=0.5), "neither 0 nor 1"),
    "failure without words": (lambda *_: ScoreFailure(kind="", message=""), "without kind or message"),
    "details that are no JSON": (lambda *_: Score(value=1.0, details={"a": {1}}), "must be JSON"),
    "an answer that is no text": (lambda *_: Score(value=1.0, answer=3), "the answer is 3"),  # type: ignore[arg-type]  # the point
    "changes its case": (lambda case, _: Score(value=float(_spoil(case.reference))), "changed the case"),
    "remembers": (lambda _, reply: Score(value=float(_seen(reply.text))), "differ"),
}
SEEN: list[str] = []


def _spoil(reference: object) -> int:
    if isinstance(reference, list) and reference:
        reference.pop()
    return 0


def _seen(text: str) -> bool:
    """Return whether this is the long text just after the empty one: only another order shows the memory."""
    SEEN.append(text)
    return text.startswith("long") and SEEN[-2:-1] == [""]


@pytest.mark.parametrize("name", BAD_METRICS)
def test_the_suite_finds_a_metric_that_breaks_a_promise(name: str) -> None:
    score, text = BAD_METRICS[name]
    with pytest.raises(AssertionError, match=text):
        check_metric(Metric(score, binary=name == "not binary"))


def test_parts_and_counts_are_checked_where_they_are_promised() -> None:
    parts = Metric(lambda *_: Score(value=1.0, details={"parts": {"a": 2}}))
    check_metric(parts)
    parts.summary = "parts"
    with pytest.raises(AssertionError, match="not a number from 0 to 1"):
        check_metric(parts)
    counts = Metric(lambda *_: Score(value=1.0, details={"counts": {"a": [2, 1, 1]}}))
    counts.summary = "counts"
    with pytest.raises(AssertionError, match="right, answered, in the reference"):
        check_metric(counts)


@pytest.mark.parametrize("part", ["version", "direction", "bounds", "binary", "summary"])
def test_what_a_metric_does_not_say_of_itself_is_found(part: str) -> None:
    silent: Any = type("Silent", (Metric,), {})(lambda *_: Score(value=1.0))
    setattr(silent, part, "nonsense")
    with pytest.raises(AssertionError, match=f"{part} is 'nonsense'"):
        check_metric(silent)


def test_a_metric_that_lacks_a_part_is_told_which() -> None:
    class Half:
        name = "half"
        version = 1

    half: Any = Half()
    with pytest.raises(AssertionError, match="has no direction"):
        check_metric(half)


def test_a_right_reply_must_get_the_best_value() -> None:
    right = [(Case(id="1", input="", reference="a"), Reply(text="a"))]
    check_metric(Metric(lambda *_: Score(value=1.0)), right=right)
    with pytest.raises(AssertionError, match="a right reply got"):
        check_metric(Metric(lambda *_: Score(value=0.9)), right=right)


class Asking(Metric):
    """A metric that asks; `second` is what it reads."""

    asks = "judge"

    def __init__(self, asked: object, second: object) -> None:
        super().__init__(lambda *_: ScoreFailure(kind="not_scored", message="m"))
        self._asked, self._second = asked, second

    def ask(self, case: Case, reply: Reply) -> Any:
        return self._asked

    def read(self, case: Case, reply: Reply, answers: Any) -> Any:
        return self._second


def test_both_steps_of_a_metric_are_tried() -> None:
    question = (Case(id="q", input="Is it polite?"),)
    check_metric(Asking(question, Score(value=1.0)))
    check_metric(Asking(Score(value=0.0), Score(value=1.0)))
    for asked, second, told in (
        (question, 0.5, "returned float"),
        ((), Score(value=1.0), "ask returned"),
        (question, Score(value=2.0), "value 2.0"),
    ):
        with pytest.raises(AssertionError, match=told):
            check_metric(Asking(asked, second))


def test_what_compares_is_tried_beside_another_reply() -> None:
    class Comparing(Metric):
        """A metric that compares; it asks only beside another reply."""

        asks, against = "judge", "b"

        def __init__(self, second: object) -> None:
            super().__init__(lambda *_: ScoreFailure(kind="not_scored", message="m"))
            self._second = second

        def beside(self, other: Reply) -> Asking:
            return Asking((Case(id="q", input="Which is better?"),), self._second)

    check_metric(Comparing(Score(value=1.0)))
    with pytest.raises(AssertionError, match=r"value 2\.0"):
        check_metric(Comparing(Score(value=2.0)))


def test_a_judge_and_people_must_be_asked_in_one_unit() -> None:
    class Judging(Asking):
        """A judge whose values are shares."""

        independent = at_its_word = False

        def __init__(self, high: int) -> None:
            super().__init__(Score(value=0.0), Score(value=1.0))
            criteria = (Criterion(name="tone", question="Is it polite?"),)
            self.rubric = Rubric(criteria=criteria, low=0, high=high)

    check_metric(Judging(1))
    with pytest.raises(AssertionError, match="the rubric runs from 0 to 5, and its values from 0 to 1"):
        check_metric(Judging(5))


def test_both_steps_of_a_metric_that_runs_are_tried() -> None:
    class Runs(Metric):
        """A metric that runs a program."""

        def __init__(self, second: object) -> None:
            super().__init__(lambda *_: ScoreFailure(kind="not_scored", message="m"))
            self._second = second

        def program(self, case: Case, reply: Reply) -> Program:
            return Program(files={}, command=("true",))

        def read(self, case: Case, reply: Reply, execution: Execution) -> Any:
            return self._second

    check_metric(Runs(Score(value=1.0)))
    with pytest.raises(AssertionError, match="a run that ended with"):
        check_metric(Runs(Score(value=3.0)))
