"""The promises of a metric, as a suite that any metric must pass; offered to users as `passmuster.testing.check_metric`."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from passmuster.metrics.guarded import promises_broken
from passmuster.metrics.judges.rubric import JudgingMetric
from passmuster.metrics.metric import LabelMetric, Metric
from passmuster.metrics.returned import wrong_in
from passmuster.metrics.two_steps import Asked, AskingMetric, ComparingMetric, RunningMetric
from passmuster.records.case import Case, Conversation, Document, Message, ToolCall
from passmuster.records.digest import digest
from passmuster.records.program import Execution, ExecutionStatus, Program
from passmuster.records.record import Json, Record
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Failure, Outcome, Reply

HOSTILE_TEXTS: Mapping[str, str] = {
    "empty": "",
    "1 MB": "long " * 210_000,
    "control characters": "".join(map(chr, range(32))) + "\x7f\x9b\x1b[31m",
    "lone surrogates": "a\ud800b\udfffc",
    "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd\u2066 \u0645\u0631",
    "markup": "<script>alert(1)</script> {{ 7*7 }} {% raw %}",
    "a formula": "=HYPERLINK('http://example.com')",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "deep JSON": "[" * 10_000 + "]" * 10_000,
    "cut JSON": '{"a": [1, 2',
    "a long number": "9" * 5_000,
}

TIRING_TEXTS: Mapping[str, str] = {
    "blanks": "a" + " " * 60_000 + "b",
    "empty lines": "\n" * 60_000 + "a",
    "one letter": "a" * 60_000,
    "open brackets": "[(<{" * 15_000,
    "fences": "```" * 20_000,
    "full stops": "." * 60_000 + "a",
    "JSON of another kind": json.dumps([{"a": [None, True, 1e300, "\u0000"]}] * 50),
}
"""Replies on which code is slow that looks at every part of a text from every other one."""

HOSTILE_REFERENCES: tuple[Json, ...] = (
    None,
    "",
    "label",
    "lone \ud800 surrogate",
    3,
    1.5,
    True,
    ["a", "b"],
    {"name": "value", "nested": {"list": [1, None]}},
)

_TALK = Conversation(
    messages=(Message(role="user", content="Which clause?"),),
    system="Answer briefly.",
    context=(Document(text="1.1 Nobody pays.", id="1.1"),),
)
_CALLS = (ToolCall(name="find", arguments='{"a": 1'), ToolCall(name="", arguments="NaN"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite(Record):
    """Names what is checked in every message."""

    subject: str

    def that(self, held: object, text: str) -> None:
        """Raise unless it held.

        Raises:
            AssertionError: with the subject and the text.
        """
        if not held:
            raise AssertionError(f"{self.subject}: {text}")


def check_metric(
    metric: Metric, *, cases: Sequence[Case] = (), right: Sequence[tuple[Case, Reply]] = ()
) -> None:
    """Check that a metric keeps its promises on replies and cases that break careless code.

    It has a name, a version, a direction, bounds, `binary` and `summary` that make sense; `score` never raises,
    returns the same for the same in any order, changes nothing, stays in the bounds (0 or 1 where `binary`),
    and its details are JSON of the form that `summary` promises. Both steps of a metric of two steps are tried.
    A metric that hangs on a text hangs the suite: it passes in seconds.

    Args:
        metric: The metric.
        cases: Cases of its own kind, tried beside the built-in ones.
        right: Cases with replies that must get the best value.

    Raises:
        AssertionError: saying which promise was broken, by which reply and reference.

    Example:
        >>> from passmuster.metrics.function import function_metric
        >>> check_metric(function_metric("long", lambda case, reply: len(reply.text) > 5))
    """
    suite = Suite(subject=f"metric {getattr(metric, 'name', metric)!r}")
    for part in ("name", "version", "direction", "bounds", "binary", "summary", "score"):
        suite.that(hasattr(metric, part), f"it has no {part}")
    suite.that(isinstance(metric.name, str) and metric.name, f"name is {metric.name!r}")
    suite.that(promises_broken(metric) is None, promises_broken(metric) or "")
    if isinstance(metric, JudgingMetric):
        told = "the rubric runs from {:g} to {:g}, and its values from {:g} to {:g}"
        both = (*metric.rubric.bounds, *metric.bounds)
        suite.that(metric.rubric.bounds == tuple(metric.bounds), told.format(*both))
    for case in [*_cases(), *cases]:
        tried = list(_replies(case))
        before = digest([case.input, case.reference])
        first = [_scored(suite, metric, case, reply, name) for name, reply in tried]
        again = [_scored(suite, metric, case, reply, name) for name, reply in reversed(tried)]
        for (name, _), one, two in zip(tried, first, reversed(again), strict=True):
            suite.that(one == two, f"two scores {_where(case, name)} differ: {one!r}, {two!r}")
        suite.that(digest([case.input, case.reference]) == before, "score changed the case that it was given")
        _check_steps(suite, metric, case)
    best = metric.bounds[1 if metric.direction == "higher" else 0]
    for case, reply in right:
        found = _scored(suite, metric, case, reply, "a right reply")
        suite.that(
            isinstance(found, Score) and found.value == best, f"a right reply got {found!r}, not {best:g}"
        )


def _cases() -> Iterator[Case]:
    for number, value in enumerate(HOSTILE_REFERENCES):
        yield Case(id=str(number), input="text", reference=value)
    yield Case(id="fields", input={"text": "1.1 Nobody pays.", "n": [1, None]}, reference="label")
    yield Case(id="talk", input=_TALK, reference={"name": "value"}, category="adversarial", expect="refusal")


def _replies(case: Case) -> Iterator[tuple[str, Reply]]:
    for name, text in (*HOSTILE_TEXTS.items(), *TIRING_TEXTS.items()):
        yield name, Reply(text=text)
    own = case.reference if isinstance(case.reference, str) else json.dumps(case.reference)
    yield "the reference itself", Reply(text=own)
    yield "tool calls", Reply(text="", tool_calls=_CALLS)


def _where(case: Case, name: str) -> str:
    return f"for {name} against {str(case.reference)[:40]!r}"


def _scored(suite: Suite, metric: Metric, case: Case, reply: Reply, name: str) -> object:
    where = _where(case, name)
    try:
        score: object = metric.score(case, reply)
    except (Exception, SystemExit) as problem:  # one that leaves would end the test as if all were well
        message = f"{suite.subject} raised {problem!r} {where}; return a ScoreFailure"
        raise AssertionError(message) from problem
    _check_outcome(suite, metric, score, where)
    return score


def _check_outcome(suite: Suite, metric: Metric, score: object, where: str) -> None:
    if isinstance(score, ScoreFailure):
        words: tuple[object, ...] = (score.kind, score.message)
        told = all(isinstance(each, str) and each for each in words)
        suite.that(told, f"a ScoreFailure {where} without kind or message")
        return
    if not isinstance(score, Score):
        raise AssertionError(f"{suite.subject}: {where} it returned {type(score).__name__}")  # noqa: TRY004 - a check
    value: Any = score.value
    suite.that(isinstance(value, int | float), f"value {value!r} {where}")
    low, high = metric.bounds
    suite.that(math.isfinite(value) and low <= value <= high, f"value {value!r} {where}")
    suite.that(not metric.binary or value in {0, 1}, f"value {value!r} {where} is neither 0 nor 1")
    wrong = wrong_in(score, metric.summary)
    suite.that(wrong is None, f"{where} {wrong}")


def _check_steps(suite: Suite, metric: Metric, case: Case) -> None:
    """Try what a metric can besides `score`: labels, questions, programs."""
    reply, where = Reply(text="text"), _where(case, "a text")
    try:
        if isinstance(metric, LabelMetric):
            label: object = metric.label(case)
            suite.that(isinstance(label, str | None), f"label {where} is {label!r}")
        if isinstance(metric, AskingMetric):
            _check_asking(suite, metric, case, reply)
        if isinstance(metric, ComparingMetric):
            for other in (Reply(text="another text"), reply):
                _check_asking(suite, metric.beside(other), case, reply)
        if isinstance(metric, RunningMetric):
            _check_running(suite, metric, case, reply)
    except AssertionError:
        raise
    except (Exception, SystemExit) as problem:
        raise AssertionError(f"{suite.subject} raised {problem!r} {where}") from problem


def _check_asking(suite: Suite, metric: AskingMetric, case: Case, reply: Reply) -> None:
    suite.that(metric.asks, "it does not say whom it asks")
    asked: object = metric.ask(case, reply)
    if not isinstance(asked, tuple):
        _check_outcome(suite, metric, asked, _where(case, "ask"))
        return
    suite.that(asked and all(isinstance(each, Case | Asked) for each in asked), f"ask returned {asked!r}")
    answers: list[Outcome] = [Reply(text=text) for text in HOSTILE_TEXTS.values()]
    for answer in (*answers, Failure(kind="timeout", message="no answer")):
        read: object = metric.read(case, reply, [answer] * len(asked))
        if not isinstance(read, tuple):
            _check_outcome(suite, metric, read, _where(case, "read"))


def _check_running(suite: Suite, metric: RunningMetric, case: Case, reply: Reply) -> None:
    program: object = metric.program(case, reply)
    if not isinstance(program, Program):
        _check_outcome(suite, metric, program, _where(case, "program"))
        return
    for status in get_args(ExecutionStatus):
        for text in HOSTILE_TEXTS.values():
            code = 0 if status == "exited" else None
            ended = Execution(status=status, exit_code=code, stdout=text, stderr=text)
            read: object = metric.read(case, reply, ended)
            _check_outcome(suite, metric, read, _where(case, f"a run that ended with {status}"))
