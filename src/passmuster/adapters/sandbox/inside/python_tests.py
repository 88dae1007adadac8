"""Runs Python code and the tests of a case in one process, and says what came of each test.

The job and a nonce come by descriptor 3, and are gone before any of the code runs; the result goes, after the
nonce, to descriptor 4. So neither what the code prints nor how it exits says anything.
"""

import ast
import contextlib
import errno
import json
import linecache
import os
import sys
import types
from typing import Any

JOB, RESULT = 3, 4
SHOWN = 300
ATTEMPTS = {
    "os.remove": "files",
    "os.rmdir": "files",
    "os.rename": "files",
    "shutil.rmtree": "files",
    "socket.connect": "network",
    "socket.getaddrinfo": "network",
}
"""What is noted where it is tried: the audit event, and what it reaches for."""
NETWORK = {
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.EADDRNOTAVAIL,
    errno.ECONNREFUSED,
}
FILES = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY}
SIZE = {errno.EFBIG, errno.ENOSPC, errno.EDQUOT}


class Attempts:
    """What the code tried outside its own folder, as far as Python tells."""

    def __init__(self) -> None:
        self.found: list[list[str]] = []
        self._box = os.getcwd() + os.sep

    def _is_own(self, path: str) -> bool:
        """Return whether a path is inside the sandbox: in its folder, or what the code has made elsewhere."""
        made = path.startswith(("/tmp/", "/dev/shm/")) and os.path.lexists(path)  # noqa: S108 - its own
        return made or path.startswith(self._box)

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of an audit event; the first twenty."""
        kind = ATTEMPTS.get(event)
        if kind is None or len(self.found) >= 20:
            return
        with contextlib.suppress(Exception):
            what = arguments[1] if event == "socket.connect" else arguments[0]
            text = str(what.decode() if isinstance(what, bytes) else what)
            if kind == "files" and self._is_own(os.path.abspath(text)):
                return
            self.found.append([kind, text[:100].encode("utf-8", "backslashreplace").decode("utf-8")])


def described(error: BaseException) -> str:
    """Return an exception as one line; its own text is code of the answer's, so it may fail."""
    try:
        text = str(error)
    except BaseException:
        text = "(its text cannot be made)"
    whole = f"{type(error).__name__}: {text[:SHOWN]}" if text else type(error).__name__
    return whole.encode("utf-8", "backslashreplace").decode("utf-8")


def placed(error: BaseException) -> str:
    """Return the line of the answer or of a test at which an exception was raised last."""
    line, trace = "", error.__traceback__
    while trace is not None:
        name, number = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        source: Any = linecache.cache.get(name) if name == "answer.py" or name.startswith("test_") else None
        if source is not None and 0 < number <= len(source[2]):
            line = f"{name}:{number}: {source[2][number - 1].strip()[:SHOWN]}"
        trace = trace.tb_next
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def refused(error: BaseException, attempts: Attempts) -> str | None:
    """Return what the sandbox refused, where that is why this was raised."""
    seen: list[BaseException] = []
    left: list[Any] = [error]
    while left and len(seen) < 20:
        item = left.pop()
        if isinstance(item, BaseException) and item not in seen:
            seen.append(item)
            kind = _kind(item, attempts)
            if kind is not None:
                return kind
            left += [item.__cause__, item.__context__, getattr(item, "reason", None)]
    return None


def _kind(error: BaseException, attempts: Attempts) -> str | None:
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return "processes"
    if not isinstance(error, OSError):
        return None
    if type(error).__name__ in {"gaierror", "herror"} or error.errno in NETWORK:
        return "network"
    if error.errno == errno.EAGAIN:
        return "processes"
    if error.errno in SIZE:
        return "size"
    tried = [what for kind, what in attempts.found if kind == "files"]
    absent = error.errno == errno.ENOENT and str(error.filename)[:100] in tried
    return "files" if absent or error.errno in FILES else None


def verdict(error: BaseException, attempts: Attempts) -> dict[str, Any]:
    """Return what an exception says of the code."""
    if isinstance(error, MemoryError):
        return {"outcome": "memory", "message": "it asked for more memory than it may use"}
    if isinstance(error, SystemExit | KeyboardInterrupt | GeneratorExit):
        return {"outcome": "ended_early", "message": described(error)}
    kind = refused(error, attempts)
    if kind is not None:
        return {"outcome": "refused", "refused": kind, "message": described(error)}
    outcome = "wrong" if isinstance(error, AssertionError) else "error"
    return {"outcome": outcome, "message": described(error)}


UNREADABLE = (SyntaxError, ValueError, RecursionError, OverflowError, MemoryError)
"""What a text that is no Python raises; the last where it is nested too deeply for the compiler."""


def runs_nothing(texts: list[str]) -> bool:
    """Return whether tests only define functions that nothing calls, so that any code would pass them."""
    return not any(_runs(node) for text in texts for node in ast.parse(text).body)


def _runs(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name.startswith("test_")
    if isinstance(node, ast.Import | ast.ImportFrom):
        return False
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr):
        return any(isinstance(each, ast.Call | ast.Await) for each in ast.walk(node))
    return True


def compiled(text: str, name: str) -> types.CodeType:
    """Compile a text whose lines tracebacks and `inspect` can show."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return compile(text, name, "exec", dont_inherit=True)


def judged(job: dict[str, Any], attempts: Attempts) -> dict[str, Any]:
    """Run the code, then each test, all in one namespace."""
    try:
        code = compiled(job["code"], "answer.py")
    except UNREADABLE as error:
        return {"outcome": "syntax_error", "message": described(error)}
    try:
        tests = [compiled(text, f"test_{number}.py") for number, text in enumerate(job["tests"], 1)]
        if runs_nothing(job["tests"]):
            return {"outcome": "idle_tests"}
    except UNREADABLE as error:
        return {"outcome": "wrong_tests", "message": described(error)}
    module = types.ModuleType("answer")
    sys.modules["answer"] = module
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        return {**verdict(error, attempts), "where": "the code itself", "line": placed(error)}
    return run_tests(tests, module, attempts)


def run_tests(tests: list[types.CodeType], module: types.ModuleType, attempts: Attempts) -> dict[str, Any]:
    """Run each test and count; the first that does not pass says why."""
    passed, first = 0, None
    for number, test in enumerate(tests, 1):
        try:
            run_test(test, module)
        except BaseException as error:
            found = {**verdict(error, attempts), "where": f"test {number}", "line": placed(error)}
            first = first or found
            if first["outcome"] == "ended_early":
                break
        else:
            passed += 1
    return {**(first or {"outcome": "passed"}), "passed": passed}


def run_test(test: types.CodeType, module: types.ModuleType) -> None:
    """Run a test, and what it defines: functions named test_*, and test cases of unittest."""
    before = dict(vars(module))
    exec(test, module.__dict__)
    new = [value for name, value in vars(module).items() if before.get(name) is not value]
    for value in new:
        if isinstance(value, types.FunctionType) and value.__name__.startswith("test_"):
            called(value)
    if "unittest" in sys.modules:
        run_unittest(new)


def called(test: types.FunctionType) -> None:
    """Call a test; one that is `async` is run to its end."""
    result = test()
    if isinstance(result, types.CoroutineType):
        import asyncio

        asyncio.run(result)


def run_unittest(new: list[Any]) -> None:
    """Run the test cases among these values."""
    import unittest

    for value in new:
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            result = unittest.TestResult()
            unittest.defaultTestLoader.loadTestsFromTestCase(value).run(result)
            for test, trace in result.failures + result.errors:
                # The trace is text by now, so that an error in a test case is a failed one.
                raise AssertionError(f"{test}: {trace.strip().splitlines()[-1]}")


def main() -> None:
    """Read the job, judge the code, and tell; only this process tells, and no child of the code's."""
    with open(JOB, "r+", encoding="ascii") as file:
        nonce, text = json.load(file)
        file.truncate(0)
    job, own = json.loads(text), os.getpid()
    tell, leave = os.write, os._exit
    attempts = Attempts()
    sys.addaudithook(attempts.note)
    sys.path.insert(0, os.getcwd())
    result = judged(job, attempts)
    if os.getpid() == own:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        tell(RESULT, f"{nonce}{json.dumps({**result, 'attempts': attempts.found})}\n".encode())
    leave(0)


if __name__ == "__main__":
    main()
