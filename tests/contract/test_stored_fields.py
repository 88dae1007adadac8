"""Every field of every record that is stored comes back as it was: a field without a column fails here."""

import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import MISSING, fields, replace
from itertools import count
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.records.candidate import Candidate, Example, Prompt
from passmuster.records.case import Case, CaseCheck, Conversation, Input, KeyPoint, case_digest
from passmuster.records.program import Execution
from passmuster.records.record import Json, Record
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey, Usage

Opener = Callable[[], AbstractContextManager[SqliteStore]]

NUMBERS = count()
ROUND_TRIP = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
ANY_TEXT = st.text(st.characters(categories=None), max_size=40)
NUMBER = st.floats(allow_nan=False)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(ANY_TEXT, inner, max_size=2),
    max_leaves=4,
)
FROM_FILES = (Case, CaseCheck, KeyPoint)
FLOATS = (float, float | None)
PLAIN: Mapping[Any, tuple[st.SearchStrategy[Any], object]] = {
    str: (ANY_TEXT, "a\x00b"),
    int: (st.integers(0, 2**40), 7),
    float: (NUMBER, 0.1),
    bool: (st.booleans(), True),
    types.NoneType: (st.none(), None),
    Json: (VALUES, {"a": [1, None]}),
}


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return hostile values of a type that a field may have."""
    origin, of = get_origin(hint), get_args(hint)
    if hint in PLAIN or origin is Literal:
        return PLAIN[hint][0] if hint in PLAIN else st.sampled_from(of)
    if isinstance(hint, type):
        hints = get_type_hints(hint)
        # A case comes from a file, which has no infinite numbers.
        written = {name for name in names(hint) if hint in FROM_FILES and hints[name] in FLOATS}
        finite = {name: FINITE if hints[name] is float else st.none() | FINITE for name in written}
        return st.builds(hint, **{name: any_of(hints[name]) for name in names(hint)} | finite)
    if origin is Mapping:
        return st.dictionaries(any_of(of[0]), any_of(of[1]), max_size=2)
    if origin is tuple and Ellipsis not in of:
        return st.tuples(*map(any_of, of))
    if origin in {tuple, Sequence}:
        return st.lists(any_of(of[0]), max_size=2).map(tuple)
    assert origin in {Union, types.UnionType}, f"a type that no record had so far: {hint}"
    return st.one_of(*map(any_of, of))


def one_of(hint: Any) -> Any:
    """Return one value of a type, other than what a field of it holds by default."""
    origin, of = get_origin(hint), get_args(hint)
    if hint in PLAIN or origin is Literal:
        return PLAIN[hint][1] if hint in PLAIN else of[-1]
    if isinstance(hint, type):
        hints = get_type_hints(hint)
        return hint(**{name: one_of(hints[name]) for name in names(hint)})
    if origin is Mapping:
        return {one_of(of[0]): one_of(of[1])}
    if origin is tuple and Ellipsis not in of:
        return tuple(map(one_of, of))
    return (one_of(of[0]),) if origin in {tuple, Sequence} else one_of(of[0])


def names(kind: type) -> list[str]:
    """Return the fields of a record or a named tuple."""
    if issubclass(kind, Record):
        return [each.name for each in fields(kind)]  # type: ignore[arg-type]  # every subclass of Record is a dataclass
    return list(kind._fields)  # type: ignore[attr-defined]  # a NamedTuple


def each_field(*kinds: type[Any]) -> list[Any]:
    """Return every record of these kinds that holds defaults but for one field, named after it."""
    found = []
    for kind in kinds:
        hints = get_type_hints(kind)
        needed = {
            each.name: one_of(hints[each.name])
            for each in fields(kind)
            if each.default is each.default_factory is MISSING
        }
        for name in names(kind):
            value = one_of(hints[name])
            found.append(pytest.param(kind(**{**needed, name: value}), id=f"{kind.__name__}.{name}"))
    return found


def kept(opener: Opener, trial: Trial) -> Trial:
    candidate = f"candidate {next(NUMBERS)}"
    made = replace(trial, key=TrialKey("c", candidate, 0))
    with opener() as store:
        store.append("run", [made])
    with opener() as store:
        (found,) = store.trials([candidate])
    return replace(found, key=trial.key)


def served(opener: Opener, run: Run, end: RunEnd | None = None) -> tuple[Run, RunEnd | None]:
    name = f"run {next(NUMBERS)}"
    with opener() as store:
        store.begin(replace(run, id=name), [])
        if end is not None:
            store.end(replace(end, run=name))
    with opener() as store:
        found, ended = next(each for each in store.runs() if each[0].id == name)
    return replace(found, id=run.id), ended and replace(ended, run=end.run if end else "")


def trial_with(attempt: Attempt) -> Trial:
    return Trial(key=TrialKey("c", "d", 0), case_id="1", outcome=Reply(text=""), attempts=(attempt,))


RUN = Run(id="r", started=1.0, task="t", corpus="v", cases=(), candidates=())


@pytest.mark.parametrize("trial", each_field(Trial))
def test_every_field_of_a_trial_comes_back(opener: Opener, trial: Trial) -> None:
    assert kept(opener, trial) == trial


@pytest.mark.parametrize("outcome", each_field(Reply, Failure))
def test_every_field_of_an_outcome_comes_back(opener: Opener, outcome: Reply | Failure) -> None:
    trial = replace(trial_with(Attempt(started=1.0)), outcome=outcome)

    assert kept(opener, trial) == trial


@pytest.mark.parametrize("attempt", each_field(Attempt))
def test_every_field_of_an_attempt_comes_back(opener: Opener, attempt: Attempt) -> None:
    assert kept(opener, trial_with(attempt)) == trial_with(attempt)


@pytest.mark.parametrize("usage", each_field(Usage))
def test_every_field_of_a_usage_comes_back(opener: Opener, usage: Usage) -> None:
    trial = trial_with(Attempt(started=1.0, usage=usage))

    assert kept(opener, trial) == trial


@pytest.mark.parametrize("run", each_field(Run))
def test_every_field_of_a_run_comes_back(opener: Opener, run: Run) -> None:
    assert served(opener, run) == (run, None)


@pytest.mark.parametrize("candidate", each_field(Candidate))
def test_every_field_of_a_candidate_comes_back(opener: Opener, candidate: Candidate) -> None:
    run = replace(RUN, candidates=(candidate,))

    assert served(opener, run) == (run, None)


@pytest.mark.parametrize(
    "asked",
    ["text", {"messages": "a field"}, Conversation(messages=()), Conversation(messages=(), system="s")],
)
def test_an_example_of_a_prompt_keeps_the_form_of_its_input(opener: Opener, asked: Input) -> None:
    prompt = Prompt(name="p", examples=(Example(input=asked, answer="a"),))
    run = replace(RUN, candidates=(Candidate(name="a", provider="openai", prompt=prompt),))

    found, _ = served(opener, run)
    assert found.candidates[0].prompt == prompt


@pytest.mark.parametrize("end", each_field(RunEnd))
def test_every_field_of_an_end_comes_back(opener: Opener, end: RunEnd) -> None:
    assert served(opener, RUN, end) == (RUN, end)


@pytest.mark.parametrize("execution", each_field(Execution))
def test_every_field_of_an_execution_comes_back(opener: Opener, execution: Execution) -> None:
    with opener() as store:
        store.keep_executions({"a program": execution}, "a sandbox")
    with opener() as store:
        assert store.execution("a program") == execution


@ROUND_TRIP
@given(any_of(Trial))
def test_any_trial_comes_back_as_it_was(opener: Opener, trial: Trial) -> None:
    assert kept(opener, trial) == trial


@ROUND_TRIP
@given(any_of(Run), any_of(RunEnd))
def test_any_run_comes_back_as_it_was(opener: Opener, run: Run, end: RunEnd) -> None:
    # A digest is the one text that nobody outside can choose.
    run = replace(run, cases=tuple((name, "d" * 32, first) for name, _, first in run.cases))

    assert served(opener, run, end) == (run, end)


@ROUND_TRIP
@given(st.lists(any_of(Case), max_size=3, unique_by=case_digest))
def test_any_case_comes_back_as_it_was(opener: Opener, some: list[Case]) -> None:
    name = f"run {next(NUMBERS)}"
    cases = [replace(case, tags=(*case.tags, name)) for case in some]

    with opener() as store:
        store.begin(replace(RUN, id=name), cases)
    with opener() as store:
        assert store.cases(map(case_digest, some)) == {case_digest(case): case for case in cases}
