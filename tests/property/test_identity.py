"""Change any one field of a case, a candidate or the task: exactly the trials that depend on it are asked again."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.records.candidate import (
    Attribute,
    Candidate,
    Cap,
    Egress,
    Example,
    Infrastructure,
    ManualProcess,
    Price,
    Prompt,
    RateLimit,
    Upkeep,
    candidate_digest,
)
from passmuster.records.case import Case, CaseCheck, Conversation, Document, KeyPoint, Message, Tool
from passmuster.records.corpus import CorpusVersion
from passmuster.records.escalation import EscalationPolicy
from passmuster.records.gate import GatePolicy
from passmuster.records.routing_policy import RoutingPolicy
from passmuster.records.run import RunEnd
from passmuster.records.task import (
    Bar,
    CostModel,
    Dimension,
    MetricSpec,
    Requirement,
    Review,
    Stakes,
    Success,
    Task,
)
from passmuster.records.trial import Attempt, Exchange, Reply, Request, Source, Trial
from passmuster.workflows.run import RunPorts, run

TEXT = st.text(max_size=8)

CASE_CHANGES: Mapping[str, st.SearchStrategy[Any]] = {
    "id": TEXT.map(lambda text: f"new-{text}"),
    "input": st.one_of(
        TEXT.map(lambda text: f"new {text}"),
        TEXT.map(lambda text: {"field": text}),
        TEXT.map(lambda text: Conversation(messages=(Message(role="user", content=text),), system="new")),
    ),
    "reference": TEXT.map(lambda text: f"new-{text}"),
    "category": st.sampled_from(["edge", "adversarial", "regression"]),
    "stratum": TEXT,
    "group": TEXT,
    "tags": st.lists(TEXT, min_size=1, max_size=2).map(tuple),
    "origin": st.sampled_from(["prior_system", "expert", "synthetic"]),
    "generator": TEXT,
    "time": st.floats(0, 2e9),
    "weight": st.floats(0.1, 1e6),
    "parent": TEXT,
    "transform": TEXT,
    "expect": st.sampled_from(["answer", "refusal", "escalation", "clarification"]),
    "feedback": TEXT,
    "mode": TEXT,
    "checks": st.just((CaseCheck(metric="exact_match"),)),
    "rubric": TEXT,
    "key_points": st.just((KeyPoint(text="a"),)),
}
CASE_IDENTITY = {"input"}

CANDIDATE_CHANGES: Mapping[str, st.SearchStrategy[Any]] = {
    "name": TEXT.map(lambda text: f"new-{text}"),
    "provider": TEXT.map(lambda text: f"new-{text}"),
    "model": TEXT.map(lambda text: f"new-{text}"),
    "endpoint": TEXT,
    "prompt": st.builds(
        Prompt, name=TEXT, user=TEXT.map(lambda _: "Say: {{ input }}"), system=st.just("new")
    ),
    "parameters": st.dictionaries(TEXT, st.integers() | TEXT, min_size=1, max_size=2),
    "fitted_on": TEXT,
    "kind": st.just("manual"),
    "price": st.builds(Price, input=st.just(1.0), output=st.just(2.0)),
    "reasoning": st.just(True),  # noqa: FBT003 - a value to draw
    "infrastructure": st.just(Infrastructure(hourly=1.0)),
    "manual": st.just(ManualProcess(minutes=1.0, hourly=1.0)),
    "concurrency": st.integers(1, 7),
    "simulated": st.just(True),  # noqa: FBT003 - a value to draw
    "rate_limit": st.just(RateLimit(requests_per_minute=6e6)),
    "patience": st.just(3600.0),
    "cap": st.just(Cap(budget=1e6)),
    "egress": st.just(Egress()),
    "pipeline": st.just(True),  # noqa: FBT003 - a value to draw
    "training_cutoff": st.just("2024-06"),
    "attributes": st.just({"region": Attribute(value="eu")}),
    "upkeep": st.just(Upkeep(monthly=100.0)),
    "base": TEXT.map(lambda text: f"new-{text}"),
    "expected": st.just({"accuracy": 0.74}),
}
CANDIDATE_IDENTITY = {"provider", "model", "endpoint", "prompt", "parameters", "fitted_on"}

METRIC = MetricSpec(name="accuracy", kind="exact_match")
TASK_CHANGES: Mapping[str, st.SearchStrategy[Any]] = {
    "name": TEXT.map(lambda text: f"new-{text}"),
    "metrics": st.just((METRIC,)),
    "bars": st.just((Bar(metric="accuracy", at_least=0.5),)),
    "success": st.just(Success(metric="accuracy")),
    "cost": st.just(CostModel(review=(Review(when="failed", minutes=1.0, hourly=1.0),))),
    "incumbent": st.just("a"),
    "finalists": st.just(("a",)),
    "margin": st.just(0.1),
    "repeats": st.integers(2, 3),
    "alpha": st.just(0.1),
    "severity": st.just({"silent_failure": 5.0}),
    "endings": st.just({"refusal": ("no thanks",)}),
    "stakes": st.just(Stakes(ratings=7)),
    "purpose": st.just("Sorts complaints."),
    "owner": st.just("support"),
    "requires": st.just((Requirement(attribute="region", one_of=("eu",)),)),
    "weights": st.just((Dimension(metric="accuracy", weight=1.0),)),
    "slices": st.just({"edge": "category == 'edge'"}),
    "choose": st.just("weights"),
    "gate": st.just(GatePolicy(block=0.1)),
    "escalation": st.just(EscalationPolicy(target=0.01)),
    "routing": st.just(RoutingPolicy(margin=0.01)),
}


@dataclass
class Recorder:
    """Answers everything and writes down what it was asked."""

    name: str
    asked: list[tuple[str, str, int]]
    source: Source = "measured"

    async def ask(self, request: Request) -> Exchange:
        self.asked.append((self.name, request.case.id, request.repeat))
        return Exchange(Reply(text=request.case.id), Attempt(started=0.0, seconds=0.0))

    async def close(self) -> None:
        """Nothing is open."""


class Silent:
    def planned(self, total: int, reused: int) -> None:
        """Nothing is shown."""

    def reused(self, number: int) -> None:
        """Keep quiet."""

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Nothing is shown."""


@dataclass(frozen=True)
class World:
    """What a run is made of; `go` runs it on a store and returns who was asked which case and repeat."""

    cases: tuple[Case, ...] = tuple(Case(id=f"c{number}", input=f"text {number}") for number in range(4))
    candidates: tuple[Candidate, ...] = tuple(
        Candidate(name=name, provider="openai", model=name) for name in ("a", "b")
    )
    task: Task = field(default_factory=lambda: Task(name="task", metrics=()))

    def go(self, store: SqliteStore) -> tuple[RunEnd, set[tuple[str, str, int]]]:
        asked: list[tuple[str, str, int]] = []
        providers = {candidate_digest(each): Recorder(each.name, asked) for each in self.candidates}
        clock = MonotonicClock()
        ports = RunPorts(
            trials=store, runs=store, clock=clock, progress=Silent(), uniform=np.random.default_rng(0)
        )
        corpus = CorpusVersion(version="v", path="p", split="eval", cases=self.cases)
        end = asyncio.run(run(self.task, corpus, self.candidates, providers, ports))
        assert len(asked) == len(set(asked)) == end.asked
        return end, set(asked)


@pytest.fixture(scope="module")
def new_store() -> Iterator[Callable[[], SqliteStore]]:
    """Give stores that start from copies of one new file: making the tables once is enough."""
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "first.sqlite"
        SqliteStore(first).close()
        content, made = first.read_bytes(), 0

        def new() -> SqliteStore:
            nonlocal made
            made += 1
            path = Path(folder) / f"{made}.sqlite"
            path.write_bytes(content)
            return SqliteStore(path)

        yield new


def test_the_changes_cover_every_field() -> None:
    assert set(CASE_CHANGES) == {field.name for field in fields(Case)}
    assert set(CANDIDATE_CHANGES) == {field.name for field in fields(Candidate)}
    assert set(TASK_CHANGES) == {field.name for field in fields(Task)}


def everything(world: World, *, of: str | None = None, case: str | None = None) -> set[tuple[str, str, int]]:
    return {
        (candidate.name, each.id, 0)
        for candidate in world.candidates
        for each in world.cases
        if of in {None, candidate.name} and case in {None, each.id}
    }


def drawn(data: st.DataObject, changes: Mapping[str, st.SearchStrategy[Any]], name: str) -> dict[str, Any]:
    return {name: data.draw(changes[name])}


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(CASE_CHANGES)), st.data())
def test_one_field_of_a_case(new_store: Callable[[], SqliteStore], name: str, data: st.DataObject) -> None:
    world = World()
    changed = replace(world.cases[1], **drawn(data, CASE_CHANGES, name))
    with new_store() as store:
        assert world.go(store)[1] == everything(world)
        after = replace(world, cases=(world.cases[0], changed, *world.cases[2:]))

        end, asked = after.go(store)

    assert asked == (everything(after, case=changed.id) if name in CASE_IDENTITY else set())
    assert end.status == "complete"


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(CANDIDATE_CHANGES)), st.data())
def test_one_field_of_a_candidate(
    new_store: Callable[[], SqliteStore], name: str, data: st.DataObject
) -> None:
    world = World()
    changed = replace(world.candidates[1], **drawn(data, CANDIDATE_CHANGES, name))
    with new_store() as store:
        world.go(store)
        after = replace(world, candidates=(world.candidates[0], changed))

        end, asked = after.go(store)

    assert asked == (everything(after, of=changed.name) if name in CANDIDATE_IDENTITY else set())
    assert end.status == "complete"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(TASK_CHANGES)), st.data())
def test_one_field_of_the_task(new_store: Callable[[], SqliteStore], name: str, data: st.DataObject) -> None:
    world = World()
    after = replace(world, task=replace(world.task, **drawn(data, TASK_CHANGES, name)))
    with new_store() as store:
        world.go(store)

        end, asked = after.go(store)

    more = {
        (of, case, repeat) for of, case, _ in everything(world) for repeat in range(1, after.task.repeats)
    }
    assert asked == more
    assert end.status == "complete"


@pytest.mark.parametrize(
    "part",
    [
        {"system": "new"},
        {"tools": (Tool(name="new"),)},
        {"context": (Document(text="new"),)},
        {"messages": (Message(role="user", content="new"),)},
    ],
)
def test_every_part_of_a_conversation_counts(
    new_store: Callable[[], SqliteStore], part: Mapping[str, Any]
) -> None:
    talk = Conversation(messages=(Message(role="user", content="hello"),))
    world = World(cases=(Case(id="talk", input=talk), Case(id="other", input="x")))
    changed = replace(talk, **part)
    after = replace(world, cases=(replace(world.cases[0], input=changed), world.cases[1]))
    with new_store() as store:
        world.go(store)

        assert after.go(store)[1] == everything(after, case="talk")


PROMPT_CHANGES: Mapping[str, Any] = {
    "name": "new",
    "user": "new {{ input }}",
    "system": "new",
    "format": "One word.",
    "structure": "xml",
    "examples": (Example(input="new", answer="a"),),
}


def test_the_changes_cover_every_part_of_a_prompt() -> None:
    assert set(PROMPT_CHANGES) == {field.name for field in fields(Prompt)}


@pytest.mark.parametrize("name", PROMPT_CHANGES)
def test_the_content_of_a_prompt_counts_and_its_name_does_not(
    new_store: Callable[[], SqliteStore], name: str
) -> None:
    change, again = {name: PROMPT_CHANGES[name]}, name != "name"
    prompt = Prompt(name="p", user="{{ input }}")
    world = World(candidates=(Candidate(name="a", provider="openai", prompt=prompt),))
    changed = replace(world.candidates[0], prompt=replace(prompt, **change))
    with new_store() as store:
        world.go(store)

        assert replace(world, candidates=(changed,)).go(store)[1] == (everything(world) if again else set())


@pytest.mark.parametrize(
    "other",
    [
        (),
        (Example(input="a", answer="1"),),
        (Example(input="b", answer="2"), Example(input="a", answer="1")),
        (Example(input="a", answer="other"), Example(input="b", answer="2")),
        (Example(input={"text": "a"}, answer="1"), Example(input="b", answer="2")),
    ],
)
def test_every_case_that_a_prompt_shows_counts_and_so_does_its_answer_and_its_place(
    new_store: Callable[[], SqliteStore], other: tuple[Example, ...]
) -> None:
    shown = Prompt(name="p", examples=(Example(input="a", answer="1"), Example(input="b", answer="2")))
    world = World(candidates=(Candidate(name="a", provider="openai", prompt=shown),))
    changed = replace(world.candidates[0], prompt=replace(shown, examples=other))
    with new_store() as store:
        world.go(store)
        assert world.go(store)[1] == set()

        assert replace(world, candidates=(changed,)).go(store)[1] == everything(world)


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(4)), st.permutations(range(2)))
def test_order_counts_for_nothing(
    new_store: Callable[[], SqliteStore], cases: list[int], candidates: list[int]
) -> None:
    world = World()
    after = replace(
        world,
        cases=tuple(world.cases[place] for place in cases),
        candidates=tuple(world.candidates[place] for place in candidates),
    )
    with new_store() as store:
        world.go(store)

        assert after.go(store)[1] == set()


def test_a_new_case_with_a_known_input_gets_a_trial_of_its_own(new_store: Callable[[], SqliteStore]) -> None:
    world = World()
    after = replace(world, cases=(*world.cases, Case(id="twin", input=world.cases[0].input)))
    with new_store() as store:
        world.go(store)

        assert after.go(store)[1] == {("a", "twin", 1), ("b", "twin", 1)}
