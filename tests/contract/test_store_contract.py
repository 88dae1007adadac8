"""What every store of trials and runs keeps to; a new one is added to `STORES`."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import StoreError
from passmuster.records.candidate import Candidate, Infrastructure, ManualProcess, Price, Prompt
from passmuster.records.case import (
    Case,
    Conversation,
    Document,
    Image,
    Message,
    Text,
    Tool,
    ToolCall,
    case_digest,
)
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Attempt, Failure, Reply, TokenLogprob, Trial, TrialKey, Usage

Store = SqliteStore  # the union of all stores, once there are more
Opener = Callable[[], AbstractContextManager[Store]]
STORES: dict[str, Callable[[Path], Opener]] = {
    "sqlite": lambda folder: lambda: SqliteStore(folder / "store.sqlite"),
}

NUMBERS = count()
ROUND_TRIP = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
ANY_TEXT = st.text(st.characters(categories=None), max_size=40)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
MAYBE = st.none() | FINITE
COUNT = st.none() | st.integers(0, 2**40)

usages = st.builds(Usage, input=COUNT, output=COUNT, cached=COUNT, reasoning=COUNT, estimated=st.booleans())
attempts = st.builds(
    Attempt,
    started=FINITE,
    seconds=MAYBE,
    first_token=MAYBE,
    status=COUNT,
    error=st.sampled_from([None, "timeout", "rate_limit"]),
    message=st.none() | ANY_TEXT,
    retry_after=MAYBE,
    usage=st.none() | usages,
    cost=MAYBE,
    in_flight=COUNT,
)
tool_calls = st.builds(ToolCall, name=ANY_TEXT, arguments=ANY_TEXT, id=st.none() | ANY_TEXT)
shares = st.dictionaries(ANY_TEXT, FINITE, max_size=2)
replies = st.builds(
    Reply,
    text=ANY_TEXT,
    tool_calls=st.lists(tool_calls, max_size=2).map(tuple),
    finish_reason=st.none() | ANY_TEXT,
    confidence=MAYBE,
    probabilities=st.none() | shares,
    logprobs=st.none()
    | st.lists(
        st.builds(
            TokenLogprob, token=ANY_TEXT, logprob=FINITE | st.just(-float("inf")), top=st.none() | shares
        ),
        max_size=2,
    ).map(tuple),
    model=st.none() | ANY_TEXT,
    fingerprint=st.none() | ANY_TEXT,
)
failures = st.builds(Failure, kind=st.sampled_from(["timeout", "malformed", "prompt"]), message=ANY_TEXT)
trials = st.builds(
    Trial,
    key=st.builds(TrialKey, st.just("c" * 32), st.just("d" * 32), st.integers(0, 10**9)),
    case_id=ANY_TEXT,
    outcome=replies | failures,
    attempts=st.lists(attempts, max_size=3).map(tuple),
    source=st.sampled_from(["measured", "recorded", "simulated"]),
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(ANY_TEXT, inner, max_size=2),
    max_leaves=4,
)
parts = (
    st.builds(Text, text=ANY_TEXT)
    | st.builds(Image, url=ANY_TEXT)
    | st.builds(Image, data=ANY_TEXT, media_type=ANY_TEXT)
)
messages = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant", "tool"]),
    content=ANY_TEXT | st.lists(parts, max_size=2).map(tuple),
    tool_calls=st.lists(tool_calls, max_size=1).map(tuple),
    tool_call_id=st.none() | ANY_TEXT,
)
conversations = st.builds(
    Conversation,
    messages=st.lists(messages, max_size=2).map(tuple),
    system=st.none() | ANY_TEXT,
    tools=st.lists(
        st.builds(Tool, name=ANY_TEXT, parameters=st.dictionaries(ANY_TEXT, values, max_size=1)), max_size=1
    ).map(tuple),
    context=st.lists(st.builds(Document, text=ANY_TEXT, id=st.none() | ANY_TEXT), max_size=1).map(tuple),
)
cases = st.builds(
    Case,
    id=ANY_TEXT,
    input=ANY_TEXT | st.dictionaries(ANY_TEXT, values, max_size=2) | conversations,
    reference=values,
    category=st.sampled_from(["typical", "edge"]),
    stratum=st.none() | ANY_TEXT,
    group=st.none() | ANY_TEXT,
    tags=st.lists(ANY_TEXT, max_size=2).map(tuple),
)

FULL = Candidate(
    name="full",
    provider="openai",
    model="m",
    endpoint="http://localhost",
    prompt=Prompt(name="p", user="{{ input }}", system="s"),
    parameters={"temperature": 0.5, "stop": ["a"]},
    fitted_on="abc",
    kind="manual",
    price=Price(input=1.0, output=2.0, cached=0.5),
    reasoning=True,
    infrastructure=Infrastructure(hourly=2.0),
    manual=ManualProcess(minutes=3.0, hourly=40.0),
    concurrency=3,
    simulated=True,
)
BARE = Candidate(name="bare", provider="baseline")


def trial(case: str = "c1", candidate: str = "d1", repeat: int = 0, text: str = "x") -> Trial:
    return Trial(
        key=TrialKey(case, candidate, repeat),
        case_id=f"id of {case}",
        outcome=Reply(text=text),
        attempts=(Attempt(started=1.0, seconds=0.5),),
    )


def run(name: str, started: float = 1.0) -> Run:
    rows = (("1", "a" * 32, 0), ("2", "a" * 32, 1))
    return Run(
        id=name, started=started, task="t", corpus="v1", cases=rows, candidates=(FULL, BARE), repeats=2
    )


@pytest.fixture(params=sorted(STORES))
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    return STORES[request.param](tmp_path)


@pytest.fixture
def store(opener: Opener) -> Iterator[Store]:
    with opener() as opened:
        yield opened


@ROUND_TRIP
@given(st.lists(trials, max_size=4, unique_by=lambda made: made.key.repeat))
def test_a_trial_comes_back_as_it_was(opener: Opener, some: list[Trial]) -> None:
    candidate = f"candidate {next(NUMBERS)}"
    given_trials = [replace(made, key=made.key._replace(candidate=candidate)) for made in some]

    with opener() as store:
        store.append("run", given_trials)
    with opener() as store:
        assert list(store.trials([candidate])) == given_trials


@ROUND_TRIP
@given(st.lists(cases, max_size=3, unique_by=case_digest))
def test_a_case_comes_back_as_it_was(opener: Opener, some: list[Case]) -> None:
    name = f"run {next(NUMBERS)}"
    given_cases = [replace(case, tags=(*case.tags, name)) for case in some]

    with opener() as store:
        store.begin(run(name), given_cases)
    with opener() as store:
        assert store.cases(case_digest(case) for case in some) == {
            case_digest(case): case for case in given_cases
        }


def test_of_equal_inputs_the_case_that_was_stored_last_is_found(store: Store) -> None:
    labelled = Case(id="1", input="a", reference="no")
    corrected = Case(id="1", input="a", reference="yes")
    store.begin(run("one"), [labelled])
    store.begin(run("two"), [corrected])

    assert store.cases([case_digest(labelled)]) == {case_digest(labelled): corrected}


def test_a_key_that_is_there_stays_as_it_is_with_its_attempts(store: Store) -> None:
    store.append("first", [trial(text="kept")])
    store.append("second", [trial(text="dropped"), trial("c2", text="new")])

    assert [made.outcome for made in store.trials(["d1"])] == [Reply(text="kept"), Reply(text="new")]
    assert [len(made.attempts) for made in store.trials(["d1"])] == [1, 1]


def test_a_failure_is_followed_by_the_next_take_and_a_reply_by_none(store: Store) -> None:
    key = TrialKey("c1", "d1", 0)
    failed = Trial(key=key, case_id="1", outcome=Failure(kind="timeout", message="late"), attempts=())
    store.append("first", [failed])
    assert store.done(["d1"]) == {key}
    assert store.done(["d1"], failures=False) == set()

    store.append("second", [trial("c1", text="at last")])
    store.append("third", [failed, trial("c1", text="too much")])
    assert [made.outcome for made in store.trials(["d1"])] == [Reply(text="at last")]
    assert store.done(["d1"], failures=False) == {key}


def test_done_names_the_trials_of_the_candidates_asked_for_failures_too(store: Store) -> None:
    failed = Trial(
        key=TrialKey("c3", "d1", 4), case_id="3", outcome=Failure(kind="timeout", message=""), attempts=()
    )
    store.append("run", [trial("c1"), trial("c1", "d2"), failed])

    assert store.done(["d1", "d1"]) == {TrialKey("c1", "d1", 0), TrialKey("c3", "d1", 4)}
    assert store.done(["d1", "d2", "unknown"]) == {made.key for made in store.trials(["d1", "d2"])}
    assert store.done([]) == set()


def test_trials_come_oldest_first_and_only_of_the_candidates_asked_for(store: Store) -> None:
    store.append("run", [trial("c2"), trial("c1", "d2")])
    store.append("run", [trial("c1"), trial("c0")])

    assert [made.key.case for made in store.trials(["d1"])] == ["c2", "c1", "c0"]
    assert list(store.trials([])) == []


def test_attempts_stay_in_their_order(store: Store) -> None:
    made = Trial(
        key=TrialKey("c", "d", 0),
        case_id="1",
        outcome=Reply(text=""),
        attempts=tuple(Attempt(started=float(number)) for number in range(12)),
    )
    store.append("run", [made])

    assert list(store.trials(["d"])) == [made]


def test_a_reader_is_not_disturbed_by_what_arrives_meanwhile(store: Store) -> None:
    store.append("run", [trial("c1"), trial("c2")])

    reader = store.trials(["d1"])
    first = next(reader)
    store.append("run", [trial("c3")])

    assert [first.key.case, *(made.key.case for made in reader)] == ["c1", "c2"]


def test_a_group_is_stored_whole_or_not_at_all(store: Store) -> None:
    broken = Trial(key=TrialKey("c2", "d1", 0), case_id="2", outcome=Reply(text=""), attempts=(object(),))  # type: ignore[arg-type]  # breaks half-way

    with pytest.raises(AttributeError):
        store.append("run", [trial("c1"), broken])
    store.append("run", [trial("c3")])

    assert {key.case for key in store.done(["d1"])} == {"c3"}


def test_counts_that_no_endpoint_can_mean_are_unknown(store: Store) -> None:
    usage = Usage(input=10**30, output=3)
    made = Trial(
        key=TrialKey("c", "d", 0),
        case_id="1",
        outcome=Reply(text=""),
        attempts=(Attempt(started=0.0, usage=usage),),
    )
    store.append("run", [made])

    (found,) = store.trials(["d"])
    assert found.attempts[0].usage == Usage(input=None, output=3)


def test_runs_come_newest_first_with_their_ends(opener: Opener) -> None:
    ended = RunEnd(
        run="one",
        ended=9.0,
        status="incomplete",
        asked=3,
        reused=1,
        failed=2,
        spend=None,
        stopped={"a": "401"},
    )
    with opener() as store:
        store.begin(run("one"), [])
        store.end(ended)
        store.begin(run("two", 5.0), [])
    with opener() as store:
        assert store.runs() == [(run("two", 5.0), None), (run("one"), ended)]


def test_the_first_end_of_a_run_stays(store: Store) -> None:
    store.begin(run("one"), [])
    for spend in (1.0, 2.0):
        store.end(RunEnd(run="one", ended=9.0, status="complete", asked=0, reused=0, failed=0, spend=spend))

    ((_, end),) = store.runs()
    assert end is not None
    assert end.spend == 1.0


def test_the_id_of_a_run_is_used_once(store: Store) -> None:
    store.begin(run("one"), [])

    with pytest.raises(StoreError, match="the run 'one' is there already"):
        store.begin(run("one"), [])


def test_two_openings_of_a_store_see_one_another(opener: Opener) -> None:
    with opener() as first, opener() as second:
        first.append("run", [trial("c1")])
        second.append("run", [trial("c2"), trial("c1", text="dropped")])

        assert first.done(["d1"]) == second.done(["d1"])
        assert [made.outcome for made in first.trials(["d1"])] == [Reply(text="x")] * 2


def test_unknown_cases_are_left_out(store: Store) -> None:
    case = Case(id="1", input="a")
    store.begin(run("one"), [case])

    assert store.cases([case_digest(case), "unknown"]) == {case_digest(case): case}
