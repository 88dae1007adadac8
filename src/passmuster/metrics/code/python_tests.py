"""Does the Python code pass the tests of the case: `python_tests`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from passmuster.metrics.code.answer import Which, read_code
from passmuster.metrics.code.outcomes import check_limits, code_score, found, no_code, told
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
LANGUAGES = ("python", "py", "python3", "python-repl")
ATTEMPTS = 20
"""How many attempts to reach outside a score keeps."""
KEYS = frozenset({"tests", "setup", "entry_point"})


class Tests(NamedTuple):
    """The tests of a case, each a text of Python that raises where it is not passed."""

    texts: tuple[str, ...]
    setup: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonTests(Record):
    """1 where the Python code in a reply passes all tests of its case, else 0; run in a sandbox.

    The reference is a text of tests, a list of such, or an object with `tests`, `setup` (code that stands before
    the answer) and `entry_point` (the name that is given to a function `check` of the tests). `before` names a
    field of the input whose text the code continues; `input` is an input that is text.

    Example:
        >>> case = Case(id="1", input="Add one.", reference="assert f(1) == 2")
        >>> program = PythonTests().program(case, Reply(text="def f(x): return x + 1"))
        >>> isinstance(program, Program) and program.harness
        'python_tests'
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "parts"

    name: str = "python_tests"
    which: Which = "first"
    before: str | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        check_limits(self.limits, self.name)

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return what is known before the code is run: the score of a reply without any, or `not_scored`."""
        program = self.program(case, reply)
        return not_scored(self.name, runs=True) if isinstance(program, Program) else program

    def program(self, case: Case, reply: Reply) -> Program | ScoreOutcome:
        """Return the tests as a program."""
        tests = read_tests(case)
        if isinstance(tests, ScoreFailure):
            return tests
        if self.before is not None and self._before(case) is None:
            message = f"case {case.id!r} has no text {self.before!r} in its input, which `before` names"
            return ScoreFailure(kind="wrong_reference", message=message)
        code = self._code(case, reply)
        if isinstance(code, Unreadable):
            return no_code(code)
        whole = f"{tests.setup}\n{code}" if tests.setup else code
        job = {"version": HARNESS, "code": whole, "tests": tests.texts}
        return Program(harness="python_tests", job=json.dumps(job), limits=self.limits)

    def read(self, case: Case, reply: Reply, execution: Execution) -> ScoreOutcome:
        """Return whether all tests passed, and what became of the first that did not."""
        code, tests = self._code(case, reply), read_tests(case)
        if isinstance(code, Unreadable) or isinstance(tests, ScoreFailure):
            return self.score(case, reply)
        result = found(execution, code, self.name)
        if isinstance(result, Score | ScoreFailure):
            return result
        return told(lambda: self._judged(case, code, tests, result), code)

    def _judged(self, case: Case, code: str, tests: Tests, result: Mapping[str, Any]) -> ScoreOutcome:
        message = str(result.get("message") or "")
        if result["outcome"] == "wrong_tests":
            message = f"the tests of case {case.id!r} are no Python: {shown(message)}"
            return ScoreFailure(kind="wrong_reference", message=message)
        if result["outcome"] == "idle_tests":
            return _wrong(
                case,
                "its tests define functions that nothing calls: name them test_..., or give `entry_point`",
            )
        details: dict[str, Json] = {"tests": len(tests.texts), "passed": int(result.get("passed", 0))}
        details |= {name: shown(result[name]) for name in ("where", "line", "refused") if result.get(name)}
        attempts = [[shown(kind), shown(what)] for kind, what in result.get("attempts", [])[:ATTEMPTS]]
        if attempts:
            details["attempts"] = attempts
        return code_score(result["outcome"], code, message, details)

    def _code(self, case: Case, reply: Reply) -> str | Unreadable:
        code = read_code(reply.text, LANGUAGES, self.which)
        return code if isinstance(code, Unreadable) else f"{self._before(case) or ''}{code}"

    def _before(self, case: Case) -> str | None:
        """Return the text that the code continues, None where none is named or the case has none of that name."""
        given = case.input
        text: object = given if self.before == "input" and not isinstance(given, Mapping) else None
        if isinstance(given, Mapping) and self.before is not None:
            text = given.get(self.before)
        return text if isinstance(text, str) else None


def read_tests(case: Case) -> Tests | ScoreFailure:
    """Return the tests of a case, or why there are none."""
    reference = case.reference
    if reference is None:
        return no_reference(case)
    whole: Mapping[str, Json] = reference if isinstance(reference, Mapping) else {"tests": reference}
    tests, setup, entry = whole.get("tests"), whole.get("setup", ""), whole.get("entry_point", "")
    texts = [tests] if isinstance(tests, str) else list(tests) if isinstance(tests, list | tuple) else []
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        return _wrong(case, "its tests are a text of Python, or a list of such")
    if not isinstance(setup, str) or not isinstance(entry, str) or set(whole) - KEYS:
        return _wrong(case, "beside `tests` there are `setup` and `entry_point`, both text")
    if entry and not entry.isidentifier():
        return _wrong(case, f"`entry_point` is a name, not {shown(entry)!r}")
    if entry:
        texts[-1] = f"{texts[-1]}\n\ncheck({entry})\n"
    return Tests(texts=tuple(texts), setup=setup)


def _wrong(case: Case, message: str) -> ScoreFailure:
    return ScoreFailure(kind="wrong_reference", message=f"the reference of case {case.id!r}: {message}")
