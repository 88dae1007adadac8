"""What every store of trials and runs keeps to, those of `conftest.STORES`."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import StoreError
from passmuster.records.candidate import Candidate, Infrastructure, ManualProcess, Price, Prompt
from passmuster.records.case import (
    Case,
    Conversation,
    Message,
    case_digest,
)
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey, Usage

Opener = Callable[[], AbstractContextManager[SqliteStore]]

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


def run(name: str, started: float = 1.0, *cases: Case) -> Run:
    rows = tuple((case.id, case_digest(case), 0) for case in cases) or (
        ("1", "a" * 32, 0),
        ("2", "a" * 32, 1),
    )
    return Run(
        id=name, started=started, task="t", corpus="v1", cases=rows, candidates=(FULL, BARE), repeats=2
    )


def test_of_equal_inputs_the_case_that_was_stored_last_is_found(store: SqliteStore) -> None:
    labelled = Case(id="1", input="a", reference="no")
    corrected = Case(id="1", input="a", reference="yes")
    store.begin(run("one", 1.0, labelled), [labelled])
    store.begin(run("two", 1.0, corrected), [corrected])

    assert store.cases([case_digest(labelled)]) == {case_digest(labelled): corrected}


def test_a_key_that_is_there_stays_as_it_is_with_its_attempts(store: SqliteStore) -> None:
    store.append("first", [trial(text="kept")])
    store.append("second", [trial(text="dropped"), trial("c2", text="new")])

    assert [made.outcome for made in store.trials(["d1"])] == [Reply(text="kept"), Reply(text="new")]
    assert [len(made.attempts) for made in store.trials(["d1"])] == [1, 1]


def test_a_failure_is_followed_by_the_next_take_and_a_reply_by_none(store: SqliteStore) -> None:
    key = TrialKey("c1", "d1", 0)
    failed = Trial(key=key, case_id="1", outcome=Failure(kind="timeout", message="late"), attempts=())
    store.append("first", [failed])
    assert store.done(["d1"]) == {key}
    assert store.done(["d1"], failures=False) == set()

    store.append("second", [trial("c1", text="at last")])
    store.append("third", [failed, trial("c1", text="too much")])
    assert [made.outcome for made in store.trials(["d1"])] == [Reply(text="at last")]
    assert store.done(["d1"], failures=False) == {key}


def test_done_names_the_trials_of_the_candidates_asked_for_failures_too(store: SqliteStore) -> None:
    failed = Trial(
        key=TrialKey("c3", "d1", 4), case_id="3", outcome=Failure(kind="timeout", message=""), attempts=()
    )
    store.append("run", [trial("c1"), trial("c1", "d2"), failed])

    assert store.done(["d1", "d1"]) == {TrialKey("c1", "d1", 0), TrialKey("c3", "d1", 4)}
    assert store.done(["d1", "d2", "unknown"]) == {made.key for made in store.trials(["d1", "d2"])}
    assert store.done([]) == set()


def test_trials_come_oldest_first_and_only_of_the_candidates_asked_for(store: SqliteStore) -> None:
    store.append("run", [trial("c2"), trial("c1", "d2")])
    store.append("run", [trial("c1"), trial("c0")])

    assert [made.key.case for made in store.trials(["d1"])] == ["c2", "c1", "c0"]
    assert list(store.trials([])) == []


def test_trials_come_newest_first_for_who_asks(store: SqliteStore) -> None:
    attempts = (Attempt(started=1.0), Attempt(started=2.0))
    stored = [replace(trial(f"c{number}"), attempts=attempts) for number in range(3)]
    store.append("r1", [replace(stored[0], outcome=Failure(kind="timeout", message="late")), stored[1]])
    store.append("r2", [stored[2], stored[0]])

    assert list(store.trials(["d1"], newest_first=True)) == [stored[0], stored[2], stored[1]]


def test_trials_are_found_by_their_keys_the_newest_take_of_each_in_the_order_asked(
    store: SqliteStore,
) -> None:
    failed = replace(trial("c1"), outcome=Failure(kind="timeout", message="late"))
    store.append("r1", [failed, trial("c2"), trial("c1", "d2"), trial("c1", repeat=1)])
    store.append("r2", [trial("c1", text="at last")])

    keys = [TrialKey("c2", "d1", 0), TrialKey("c3", "d1", 0), TrialKey("c1", "d1", 0)]
    assert list(store.made(keys)) == [trial("c2"), trial("c1", text="at last")]
    assert list(store.made([])) == []


def test_attempts_stay_in_their_order(store: SqliteStore) -> None:
    made = Trial(
        key=TrialKey("c", "d", 0),
        case_id="1",
        outcome=Reply(text=""),
        attempts=tuple(Attempt(started=float(number)) for number in range(12)),
    )
    store.append("run", [made])

    assert list(store.trials(["d"])) == [made]


def test_a_reader_is_not_disturbed_by_what_arrives_meanwhile(store: SqliteStore) -> None:
    store.append("run", [trial("c1"), trial("c2")])

    reader = store.trials(["d1"])
    first = next(reader)
    store.append("run", [trial("c3")])

    assert [first.key.case, *(made.key.case for made in reader)] == ["c1", "c2"]


def test_a_group_is_stored_whole_or_not_at_all(store: SqliteStore) -> None:
    broken = Trial(key=TrialKey("c2", "d1", 0), case_id="2", outcome=Reply(text=""), attempts=(object(),))  # type: ignore[arg-type]  # breaks half-way

    with pytest.raises(AttributeError):
        store.append("run", [trial("c1"), broken])
    store.append("run", [trial("c3")])

    assert {key.case for key in store.done(["d1"])} == {"c3"}


def test_counts_that_no_endpoint_can_mean_are_unknown(store: SqliteStore) -> None:
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


def test_the_first_end_of_a_run_stays(store: SqliteStore) -> None:
    store.begin(run("one"), [])
    for spend in (1.0, 2.0):
        store.end(RunEnd(run="one", ended=9.0, status="complete", asked=0, reused=0, failed=0, spend=spend))

    ((_, end),) = store.runs()
    assert end is not None
    assert end.spend == 1.0


def test_the_id_of_a_run_is_used_once(store: SqliteStore) -> None:
    store.begin(run("one"), [])

    with pytest.raises(StoreError, match="the run 'one' is there already"):
        store.begin(run("one"), [])


def test_two_openings_of_a_store_see_one_another(opener: Opener) -> None:
    with opener() as first, opener() as second:
        first.append("run", [trial("c1")])
        second.append("run", [trial("c2"), trial("c1", text="dropped")])

        assert first.done(["d1"]) == second.done(["d1"])
        assert [made.outcome for made in first.trials(["d1"])] == [Reply(text="x")] * 2


def test_unknown_cases_are_left_out(store: SqliteStore) -> None:
    case = Case(id="1", input="a")
    store.begin(run("one", 1.0, case), [case])

    assert store.cases([case_digest(case), "unknown"]) == {case_digest(case): case}


def test_cases_are_found_by_their_own_digest_where_the_run_names_others(store: SqliteStore) -> None:
    mine = [Case(id="x", input="a"), Case(id="y", input="b"), Case(id="z", input="c")]
    store.begin(run("one"), mine)

    assert list(store.cases(map(case_digest, mine)).values()) == mine


def test_cases_of_every_form_are_stored_once(opener: Opener) -> None:
    cases = [
        Case(id="1", input="a", reference=None, category="edge", stratum="s", group="g", tags=("t", "u")),
        Case(id="2", input={"z": 1, "a": {"y": 2, "b": None}}, reference={"z": 1, "a": 2}),
        Case(id="3", input=Conversation(messages=(Message(role="user", content="hi"),)), reference=["a"]),
        Case(id="4", input="a\x00\ud800\x1a", reference=1.5),
    ]
    with opener() as store:
        store.begin(run("one", 1.0, *cases), cases)
        store.begin(run("two", 2.0, *cases), cases)
    with opener() as store:
        found = store.cases(map(case_digest, cases))
        assert [found[case_digest(case)] for case in cases] == cases
        assert list(found[case_digest(cases[1])].input) == ["z", "a"]  # type: ignore[arg-type]  # a mapping
