import shutil
from typing import Any

import pytest
from tests.unit.metrics.code.running import failed, outcome_of, ran

from passmuster.errors import ConfigurationError
from passmuster.metrics.code.command_tests import CommandTests, lines_of
from passmuster.records.program import Limits
from passmuster.records.score import Score

SHORT = Limits(seconds=3.0)
SHELL = CommandTests(file="answer.sh", command=("sh", "answer.sh"), languages=("sh", "bash"), limits=SHORT)
TESTS = [{"stdin": "1 2\n", "stdout": "3"}, {"stdin": "4 5\n", "stdout": "9\n"}]
ADD = "read a b\necho $((a + b))"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (ADD, "passed"),
        (f"So:\n```sh\n{ADD}\n```", "passed"),
        ("read a b\necho $((a - b))", "wrong"),
        ("echo 3", "wrong"),
        ("exit 0", "wrong"),
        ("exit 3", "error"),
        ("kill -SEGV $$", "crashed"),
        ("kill -XCPU $$", "timeout"),  # as the system ends one that has used up its processor time
        ("cat /dev/zero", "output"),
        ("while :; do :; done", "timeout"),
        ("sleep 100", "timeout"),
        (":(){ :|:& };:", "wrong"),
        ("", "no_code"),
    ],
)
def test_what_became_of_a_program_is_told_apart(text: str, outcome: str) -> None:
    found = ran(SHELL, TESTS, text)[0]
    assert found in ({outcome, "timeout", "error"} if text.startswith(":(") else {outcome})


def test_the_first_test_that_fails_is_named_with_both_outputs() -> None:
    score = outcome_of(SHELL, TESTS, "echo 3")
    assert isinstance(score, Score)
    assert score.details["where"] == "test 2"
    assert (score.details["tests"], score.details["passed"]) == (2, 1)
    assert score.details["reason"] == "it wrote '3\\n', not '9\\n'"


def test_what_should_be_written_is_not_inside() -> None:
    spy = "cat answer.sh .harness.py /proc/*/environ /proc/*/cmdline inputs/* 2>/dev/null; ls -a"
    score = outcome_of(SHELL, [{"stdin": "", "stdout": "the right answer is 7351"}], spy)
    assert isinstance(score, Score)
    assert score.details["outcome"] == "wrong"
    assert "7351" not in str(score.details["reason"]).split("not '")[0]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no C compiler")
def test_a_language_that_is_compiled() -> None:
    metric = CommandTests(
        file="a.c", compile=("gcc", "a.c", "-o", "a"), command=("./a",), languages=("c",), limits=Limits()
    )
    code = '#include <stdio.h>\nint main() { int a, b; scanf("%d %d", &a, &b); printf("%d\\n", a + b); return 0; }'
    assert ran(metric, TESTS, f"```c\n{code}\n```")[0] == "passed"
    outcome, reason = ran(metric, TESTS, code.replace("return 0;", "return 0"))
    assert outcome == "syntax_error"
    assert "error" in reason


@pytest.mark.skipif(shutil.which("node") is None or "/usr" not in str(shutil.which("node")), reason="no node")
def test_another_interpreter() -> None:
    metric = CommandTests(
        file="a.js", command=("node", "a.js"), languages=("js",), limits=Limits(memory=2_000_000_000)
    )
    code = "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number); console.log(a + b)"
    assert ran(metric, TESTS, f"```js\n{code}\n```")[0] == "passed"


def test_a_command_that_is_not_there_is_an_error_that_says_so() -> None:
    metric = CommandTests(file="a", command=("no-such-language", "a"))
    outcome, reason = ran(metric, TESTS, "x")
    assert outcome == "error"
    assert "no-such-language" in reason


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        (None, "no_reference"),
        ([], "no_reference"),
        ("3", "wrong_reference"),
        ([{"stdin": "1"}], "wrong_reference"),
        ([{"stdin": 1, "stdout": "1"}], "wrong_reference"),
        ([{"stdout": "1", "exit": 0}], "wrong_reference"),
    ],
)
def test_a_case_without_tests_says_nothing_about_the_candidate(reference: Any, kind: str) -> None:
    assert failed(SHELL, reference) == kind


def test_what_may_be_written_is_shared_by_the_tests_and_not_cut_into_parts() -> None:
    small = CommandTests(file="a.sh", command=("sh", "a.sh"), limits=Limits(seconds=10, output_bytes=4_000))
    tests = [{"stdin": "x" * 3_000, "stdout": "x" * 3_000}, {"stdin": "a", "stdout": "a"}]
    assert ran(small, tests, "cat")[0] == "passed"
    assert ran(small, tests, "cat\nhead -c 9000 /dev/zero")[0] == "output"
    assert failed(small, [*tests, *tests], "cat") == "wrong_reference"


def test_a_single_test_needs_no_list() -> None:
    assert ran(SHELL, {"stdout": "hi"}, "echo hi")[0] == "passed"


@pytest.mark.parametrize(
    "options",
    [
        {"file": "../a", "command": ("sh",)},
        {"file": "", "command": ("sh",)},
        {"file": ".harness.py", "command": ("sh",)},
        {"file": "a", "command": ()},
        {"file": "a", "command": ("sh", "")},
    ],
)
def test_options_that_make_no_program_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="command_tests"):
        CommandTests(**options)


def test_white_space_at_the_ends_of_lines_does_not_count_and_inside_it_does() -> None:
    assert lines_of("a  \r\nb\n\n") == lines_of("a\nb")
    assert lines_of("a  b") != lines_of("a b")
    assert lines_of("\na") != lines_of("a")
