"""Does a program in any language write what it should: `command_tests`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from passmuster.errors import ConfigurationError
from passmuster.metrics.code.answer import Which, read_code
from passmuster.metrics.code.outcomes import CodeOutcome, check_limits, code_score, found, no_code, told
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference, shown
from passmuster.metrics.two_steps import not_scored
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.program import Execution, Limits, Program
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

HARNESS = 2
"""The version of what runs inside: another one runs everything again."""

OUT_OF_TIME = 24
"""SIGXCPU, the signal that ends a process which has used up its processor time (Linux, macOS)."""


class Test(NamedTuple):
    """What a program is given, and what it is to write."""

    stdin: str
    stdout: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTests(Record):
    r"""1 where the code in a reply, run by a command, writes the right output for each test, else 0.

    The code is put into a file named `file`; `command` runs it once for each test, after `compile` where that is
    given, in that file's folder and without a shell. The reference is a list of objects with `stdin` and
    `stdout`. White space at the ends of lines and empty lines at the end do not count. What the output should be
    never gets into the sandbox, so nothing that is run there can know it.

    Example:
        >>> metric = CommandTests(file="a.sh", command=("sh", "a.sh"), languages=("sh",))
        >>> case = Case(id="1", input="Echo.", reference=[{"stdin": "a", "stdout": "a"}])
        >>> program = metric.program(case, Reply(text="cat"))
        >>> isinstance(program, Program) and program.files
        {'a.sh': 'cat\n'}
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "parts"

    name: str = "command_tests"
    file: str
    command: tuple[str, ...]
    compile: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    which: Which = "first"
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        check_limits(self.limits, self.name)
        if not self.command or not all(self.command) or not all(self.compile):
            raise ConfigurationError(
                f"{self.name}: a command is a list of words", hint="command: [node, answer.js]"
            )
        if "/" in self.file or self.file.startswith(".") or not self.file.strip() or "\0" in self.file:
            raise ConfigurationError(
                f"{self.name}: {self.file!r} is no name of a file", hint="file: answer.js"
            )

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return what is known before the code is run: the score of a reply without any, or `not_scored`."""
        program = self.program(case, reply)
        return not_scored(self.name, runs=True) if isinstance(program, Program) else program

    def program(self, case: Case, reply: Reply) -> Program | ScoreOutcome:
        """Return the code with the inputs of the tests as a program."""
        tests = read_tests(case)
        if isinstance(tests, ScoreFailure):
            return tests
        code = read_code(reply.text, self.languages, self.which)
        if isinstance(code, Unreadable):
            return no_code(code)
        asked = sum(len(test.stdout.encode("utf-8", "surrogatepass")) for test in tests)
        if asked > self.limits.output_bytes:
            message = (
                f"the outputs of case {case.id!r} have {asked:,} bytes, more than a program may write: "
                f"raise `output_bytes` of `limits`, now {self.limits.output_bytes:,}"
            )
            return ScoreFailure(kind="wrong_reference", message=message)
        job = {
            "version": HARNESS,
            "compile": self.compile,
            "command": self.command,
            "stdins": [test.stdin for test in tests],
            "seconds": self.limits.seconds,
            "output_bytes": self.limits.output_bytes,
        }
        files = {self.file: f"{code}\n"}
        return Program(harness="command_tests", files=files, job=json.dumps(job), limits=self.limits)

    def read(self, case: Case, reply: Reply, execution: Execution) -> ScoreOutcome:
        """Return whether all outputs are right, and what became of the first that is not."""
        tests, code = read_tests(case), read_code(reply.text, self.languages, self.which)
        if isinstance(code, Unreadable) or isinstance(tests, ScoreFailure):
            return self.score(case, reply)
        result: Any = found(execution, code, self.name)
        if isinstance(result, Score | ScoreFailure):
            return result
        return told(lambda: judged(code, tests, result), code)


def judged(code: str, tests: Sequence[Test], result: Mapping[str, Any]) -> Score:
    """Return the score of code whose runs are known: one for each test, or fewer where time ran out."""
    built, runs = result.get("compile"), result["runs"]
    if built is not None and built["code"] != 0:
        return code_score("syntax_error", code, built["stderr"] or built["stdout"], {"where": "compile"})
    failed: dict[int, tuple[Any, str]] = {}
    for number, (test, run) in enumerate(zip(tests, runs, strict=False), 1):
        if not run.get("whole", True):
            failed[number] = ("output", "with this test it wrote more than it may: see `limits`")
        elif run["code"] != 0:
            failed[number] = (_outcome(run["code"]), _ending(run))
        elif lines_of(run["stdout"]) != lines_of(test.stdout):
            failed[number] = ("wrong", f"it wrote {shown(run['stdout'])!r}, not {shown(test.stdout)!r}")
    counts: dict[str, Json] = {"tests": len(tests), "passed": len(runs) - len(failed)}
    if failed:
        number, (outcome, reason) = next(iter(failed.items()))
        return code_score(outcome, code, reason, {"where": f"test {number}", **counts})
    if len(runs) < len(tests):
        return code_score("timeout", code, "the time was used up before its last test", counts)
    return code_score("passed", code, "", counts)


def _outcome(code: int | None) -> CodeOutcome:
    if code == -OUT_OF_TIME:
        return "timeout"
    return "error" if code is None or code >= 0 else "crashed"


def _ending(run: Mapping[str, Any]) -> str:
    code, said = run["code"], str(run["stderr"]).strip()
    if code is None:
        return said
    how = f"it ended with exit code {code}" if code >= 0 else f"it was ended by signal {-code}"
    return f"{how}: {said[-300:]}" if said else how


def lines_of(text: str) -> list[str]:
    r"""Return the lines of an output, without what does not count.

    Example:
        >>> lines_of("a \nb\n\n") == lines_of("a\r\nb")
        True
    """
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def read_tests(case: Case) -> list[Test] | ScoreFailure:
    """Return the tests of a case, or why there are none."""
    reference: Json = case.reference
    if reference is None or reference == []:
        return no_reference(case)
    tests: list[Test] = []
    for item in reference if isinstance(reference, list | tuple) else [reference]:
        fields = item if isinstance(item, Mapping) and set(item) <= {"stdin", "stdout"} else {}
        given, wanted = fields.get("stdin", ""), fields.get("stdout")
        if not isinstance(given, str) or not isinstance(wanted, str):
            message = (
                f"the reference of case {case.id!r} is a list of objects with `stdin` and `stdout`, both text"
            )
            return ScoreFailure(kind="wrong_reference", message=message)
        tests.append(Test(stdin=given, stdout=wanted))
    return tests
