from typing import Any

import pytest
from tests.unit.metrics.code.running import failed, outcome_of, ran

from passmuster.errors import ConfigurationError
from passmuster.metrics.code.python_tests import PythonTests
from passmuster.records.case import Case
from passmuster.records.program import Execution, Limits, Program
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

METRIC = PythonTests(limits=Limits(seconds=5.0))
TEST = "assert add(1, 2) == 3"
RIGHT = "def add(a, b):\n    return a + b\n"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (RIGHT, "passed"),
        (f"Here:\n```python\n{RIGHT}```\nIt adds.", "passed"),
        ("def add(a, b):\n    return a - b\n", "wrong"),
        ("def add(a, b)\n    return a + b\n", "syntax_error"),
        ("I cannot write that.", "syntax_error"),
        ("def add(a, b):\n    return a + c\n", "error"),
        ("def plus(a, b):\n    return a + b\n", "error"),
        ("while True: pass", "timeout"),
        ("import sys\nsys.exit(0)", "ended_early"),
        ("import os\nos._exit(0)", "ended_early"),
        ("x = bytearray(10**10)", "memory"),
        ("import socket\nsocket.create_connection(('192.0.2.1', 80))", "refused"),
        ("print('1 passed')", "error"),
        ("import ctypes\nctypes.string_at(0)", "crashed"),
        ("while True: print('x' * 1000)", "output"),
        ("", "no_code"),
    ],
)
def test_what_became_of_code_is_told_apart(text: str, outcome: str) -> None:
    metric = PythonTests(limits=Limits(seconds=1.0)) if outcome == "timeout" else METRIC
    assert ran(metric, TEST, text)[0] == outcome


def test_each_outcome_is_a_share_of_its_own() -> None:
    score = outcome_of(METRIC, TEST, "def add(a, b): return 0")
    assert isinstance(score, Score)
    parts: Any = score.details["parts"]
    assert parts["wrong"] == 1.0
    assert sum(parts.values()) == 1.0


def test_the_first_test_that_fails_is_named_and_those_that_pass_are_counted() -> None:
    score = outcome_of(METRIC, [TEST, "assert add(2, 2) == 5, 'two and two'", "assert add(0, 0) == 0"], RIGHT)
    assert isinstance(score, Score)
    assert score.details["where"] == "test 2"
    assert (score.details["tests"], score.details["passed"]) == (3, 2)
    assert score.details["reason"] == "AssertionError: two and two"
    assert score.details["line"] == "test_2.py:1: assert add(2, 2) == 5, 'two and two'"


def test_the_line_at_which_code_fails_is_shown() -> None:
    score = outcome_of(METRIC, TEST, "def add(a, b):\n    return a / 0\n")
    assert isinstance(score, Score)
    assert score.details["line"] == "answer.py:2: return a / 0"


def test_tests_as_humaneval_writes_them() -> None:
    tests = "def check(candidate):\n    assert candidate(1, 2) == 3\n"
    reference = {"tests": tests, "entry_point": "add"}
    assert ran(METRIC, reference, RIGHT)[0] == "passed"
    assert ran(METRIC, reference, RIGHT.replace("+", "-"))[0] == "wrong"
    continued = PythonTests(before="prompt", limits=METRIC.limits)
    assert (
        ran(continued, reference, "    return a + b\n", input={"prompt": "def add(a, b):\n"})[0] == "passed"
    )


def test_tests_as_mbpp_writes_them() -> None:
    reference = {"setup": "import math", "tests": ["assert area(1) == math.pi", "assert area(0) == 0"]}
    assert ran(METRIC, reference, "def area(r): return math.pi * r * r")[0] == "passed"


@pytest.mark.parametrize(
    "tests",
    [
        "def test_add():\n    assert add(1, 2) == 3\n",
        "async def test_add():\n    assert add(1, 2) == 3\n",
        "import unittest\nclass TestAdd(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(add(1, 2), 3)\n",
    ],
)
def test_tests_of_pytest_and_unittest_are_run(tests: str) -> None:
    assert ran(METRIC, tests, RIGHT)[0] == "passed"
    assert ran(METRIC, tests, RIGHT.replace("+", "-"))[0] == "wrong"


def test_what_is_under_main_is_not_run() -> None:
    assert ran(METRIC, TEST, f"{RIGHT}\nif __name__ == '__main__':\n    input()\n")[0] == "passed"


def test_only_the_standard_library_is_there() -> None:
    assert ran(METRIC, TEST, f"import numpy\n{RIGHT}") == (
        "error",
        "ModuleNotFoundError: No module named 'numpy'",
    )
    assert (
        ran(METRIC, TEST, f"import json, re, dataclasses, multiprocessing, sqlite3\n{RIGHT}")[0] == "passed"
    )


def test_an_exception_whose_text_fails_is_an_error_like_any() -> None:
    source = "class Odd(Exception):\n    def __str__(self): raise SystemExit\nraise Odd\n"
    assert ran(METRIC, TEST, source) == ("error", "Odd: (its text cannot be made)")


@pytest.mark.parametrize(
    "text",
    ["\ud800", "x = '\ud800'", "\x00", "(" * 5_000, "[" * 100_000 + "]" * 100_000, "-" * 200_000 + "1"],
)
def test_what_python_cannot_even_read_is_no_exception_of_ours(text: str) -> None:
    assert ran(METRIC, TEST, text)[0] in {"syntax_error", "memory", "crashed"}


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        (None, "no_reference"),
        (3, "wrong_reference"),
        ([], "wrong_reference"),
        ({"tests": [1]}, "wrong_reference"),
        ({"test": "assert 1"}, "wrong_reference"),
        ({"tests": "assert 1", "entry_point": "a b"}, "wrong_reference"),
        ("assert (", "wrong_reference"),
        # nobody calls `check`, so any code would pass
        ("METADATA = {}\n\ndef check(candidate):\n    assert candidate(1, 2) == 3\n", "wrong_reference"),
    ],
)
def test_a_case_without_tests_says_nothing_about_the_candidate(reference: Any, kind: str) -> None:
    assert failed(METRIC, reference) == kind


def test_a_helper_beside_tests_is_no_test_that_runs_nothing() -> None:
    tests = ["def close(a, b):\n    return a == b\n", "assert close(add(1, 2), 3)"]
    assert ran(METRIC, tests, RIGHT)[0] == "passed"
    assert ran(METRIC, tests, RIGHT.replace("+", "-"))[0] == "wrong"


@pytest.mark.parametrize("given", ["def f(x):\n", {"prompt": "def f(x):\n"}])
def test_a_text_to_continue_that_a_case_has_not_is_said(given: Any) -> None:
    name = "input" if isinstance(given, str) else "prompt"
    assert ran(PythonTests(before=name), "assert f(1) == 2", "    return x + 1", input=given)[0] == "passed"
    outcome = outcome_of(PythonTests(before="promt"), "assert f(1) == 2", "    return x + 1", input=given)
    assert isinstance(outcome, ScoreFailure)
    assert "'promt'" in outcome.message


def test_what_an_answer_may_write_does_not_include_the_answer_itself() -> None:
    small = PythonTests(limits=Limits(seconds=5.0, file_bytes=1_000))
    assert ran(small, TEST, RIGHT + "#" * 100_000)[0] == "passed"
    assert ran(small, TEST, f"{RIGHT}with open('a', 'w') as file: file.write('x' * 2_000)\n")[0] == "refused"


def test_before_it_is_run_there_is_no_score() -> None:
    outcome = METRIC.score(Case(id="1", input="q", reference=TEST), Reply(text=RIGHT))
    assert isinstance(outcome, ScoreFailure)
    assert (outcome.kind, "--allow-exec" in outcome.message) == ("not_scored", True)


def test_a_program_that_could_not_be_started_says_nothing_about_the_candidate() -> None:
    outcome = METRIC.read(
        Case(id="1", input="q", reference=TEST),
        Reply(text=RIGHT),
        Execution(status="not_started", reason="no room"),
    )
    assert isinstance(outcome, ScoreFailure)
    assert (outcome.kind, "no room" in outcome.message) == ("not_run", True)


def test_the_same_reply_is_the_same_program() -> None:
    case = Case(id="1", input="q", reference=TEST)
    one, other = (METRIC.program(case, Reply(text=f"```\n{RIGHT}```{end}")) for end in ("", "\nDone."))
    assert one == other
    assert isinstance(one, Program)


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"seconds": 1e9}, {"memory": -1}, {"processes": 0}])
def test_a_limit_that_is_none_is_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="limits"):
        PythonTests(limits=Limits(**limits))
