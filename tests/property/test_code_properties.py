"""Whatever a sandbox tells of a run, it is a score or a failure, and only one outcome is a pass."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.metrics.code.answer import code_blocks, read_code
from passmuster.metrics.code.command_tests import CommandTests
from passmuster.metrics.code.outcomes import CodeOutcome
from passmuster.metrics.code.python_tests import PythonTests
from passmuster.metrics.code.sql_result import SqlResult, compared
from passmuster.metrics.two_steps import RunningMetric
from passmuster.records.case import Case
from passmuster.records.program import Execution, ExecutionStatus, Program
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    ["```py\nx = 1\n```", "NaN", "[" * 9_999]
)
WORDS = ["outcome", "message", "where", "passed", "attempts", "runs", "code", "stdout", "stderr", "compile"]
WORDS += ["answer", "right", "rows", "database", "line", "refused"]
KEYS = st.sampled_from(WORDS)
VALUES = (
    st.none() | st.booleans() | st.integers() | ANY_TEXT | st.sampled_from([*get_args(CodeOutcome), "rows"])
)
JSON = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
RESULTS = st.none() | ANY_TEXT | JSON.map(json.dumps) | st.dictionaries(KEYS, JSON).map(json.dumps)
EXECUTIONS = st.builds(
    Execution,
    status=st.sampled_from(get_args(ExecutionStatus)),
    exit_code=st.none() | st.integers(-64, 255),
    stdout=ANY_TEXT,
    reason=ANY_TEXT,
    result=RESULTS,
)
METRICS: list[tuple[RunningMetric, Any]] = [
    (PythonTests(), ["assert x == 1", "assert x"]),
    (CommandTests(file="a.sh", command=("sh", "a.sh")), [{"stdin": "", "stdout": "a"}, {"stdout": "b"}]),
    (SqlResult(), {"setup": "create table t(a);", "query": "select a from t order by a"}),
    (SqlResult(), {"setup": "create table t(a);", "rows": [[1], [None]]}),
]
ROWS = st.lists(
    st.lists(st.none() | st.integers() | st.floats(allow_nan=False) | st.text(), max_size=3), max_size=6
)


@pytest.mark.parametrize(("metric", "reference"), METRICS)
@given(ANY_TEXT, EXECUTIONS)
def test_any_end_of_a_run_is_a_score_or_a_failure(
    metric: RunningMetric, reference: Any, text: str, execution: Execution
) -> None:
    case, reply = Case(id="1", input="q", reference=reference), Reply(text=text)
    outcome = metric.read(case, reply, execution)
    assert outcome == metric.read(case, reply, execution)
    if isinstance(outcome, ScoreFailure):
        assert outcome.kind
        assert outcome.message.encode("utf-8")
        return
    assert isinstance(outcome, Score)
    assert outcome.value == float(outcome.details["outcome"] == "passed")
    assert json.dumps(outcome.details, ensure_ascii=False).encode("utf-8")
    if execution.status != "exited" or execution.result is None:
        assert outcome.value == 0


@pytest.mark.parametrize(("metric", "reference"), METRICS)
@given(ANY_TEXT)
def test_the_program_of_a_reply_depends_on_nothing_else(
    metric: RunningMetric, reference: Any, text: str
) -> None:
    case = Case(id="1", input="q", reference=reference)
    one, other = metric.program(case, Reply(text=text)), metric.program(case, Reply(text=text))
    assert one == other
    if isinstance(one, Program):
        assert json.loads(one.job)["version"] >= 1


@given(st.lists(st.text(st.characters(exclude_characters="`~\n"), min_size=1), max_size=5))
def test_what_is_put_into_fences_is_found_in_them(texts: list[str]) -> None:
    reply = "and so\n".join(f"```py\n{text}\n```\n" for text in texts)
    assert [block.text for block in code_blocks(reply)] == texts
    filled = [text for text in texts if text.strip()]
    if filled:
        assert read_code(reply, ("py",), "all") == "\n\n".join(filled)


@given(ROWS, st.randoms(use_true_random=False))
def test_rows_are_the_same_in_any_order_and_not_with_one_more(rows: list[list[Any]], random: Any) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    assert compared("q", mixed, rows, ordered=False).value == 1
    assert compared("q", rows, rows, ordered=True).value == 1
    assert compared("q", [*rows, ["one more"]], rows, ordered=False).value == 0
