"""What code of users gives back or raises, as a score or a score failure: nothing of it can break a run."""

import math
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress

from passmuster.metrics.metric import Bounds, Summary, shown
from passmuster.records.digest import canonical
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome

TRACE_FRAMES = 5
"""The last calls of a traceback that a failure keeps."""

COUNTS = 3
"""Right, answered, in the reference."""


def raised() -> ScoreFailure:
    """Return the failure that stands for the exception that is being handled, with the end of its traceback.

    Files are named without their folders, and nothing is marked within a line: the same mistake is told in the same
    words on another machine and by another Python.
    """
    error = sys.exception()
    guard = None if error is None else error.__traceback__
    lines = []
    for frame in traceback.extract_tb(None if guard is None else guard.tb_next, limit=-TRACE_FRAMES):
        file = frame.filename.replace("\\", "/").rpartition("/")[2]
        lines += [f"  {file}, line {frame.lineno}, in {frame.name}", f"    {frame.line}"]
    # What is raised in a chain comes of the first of it.
    told = [_told(each) for each in (error, None if error is None else error.__cause__) if each is not None]
    return ScoreFailure(
        kind="error", message="\n".join(shown(line) for line in (*lines, ", caused by ".join(told)))
    )


def _told(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception of a user's own may fail even at this
        text = "(no words)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def outcome_of(
    name: str, result: object, bounds: Bounds, *, binary: bool = False, summary: Summary = "mean"
) -> ScoreOutcome:
    """Return what a user's code gave back as an outcome; what it should not have given is a failure that says why.

    The kinds are `wrong_type`, `out_of_bounds` and `wrong_details`.

    Example:
        >>> outcome_of("mine", True, (0, 1)).value, outcome_of("mine", "yes", (0, 1)).kind
        (1.0, 'wrong_type')
    """
    if isinstance(result, ScoreFailure):
        return _failure(name, result)
    value = result.value if isinstance(result, Score) else result
    number = _number(value)
    if not math.isfinite(number):
        message = f"metric {name} returned {_named(value)}: not true, false, a finite number or a Score"
        return ScoreFailure(kind="wrong_type", message=message)
    if not bounds[0] <= number <= bounds[1]:
        message = f"metric {name} returned {number:g}, outside its bounds of {bounds[0]:g} to {bounds[1]:g}"
        return ScoreFailure(kind="out_of_bounds", message=message)
    if binary and number not in {0, 1}:
        message = f"metric {name} returned {number:g}, but it is pass/fail: 0 or 1"
        return ScoreFailure(kind="out_of_bounds", message=message)
    if not isinstance(result, Score):
        return Score(value=number)
    wrong = wrong_in(result, summary)
    return result if wrong is None else ScoreFailure(kind="wrong_details", message=f"metric {name}: {wrong}")


def wrong_in(score: Score, summary: Summary) -> str | None:
    """Return what is wrong with the answer and the details of a score whose value is right; None where nothing is.

    Example:
        >>> wrong_in(Score(value=1.0, details={"parts": {"short": 2}}), "parts")
        "details['parts']['short'] is 2, not a number from 0 to 1"
    """
    answer: object = score.answer  # whatever the user's code put there
    details: object = score.details
    if not isinstance(answer, str | None):
        return f"the answer is {_named(answer)}, not a text"
    if not isinstance(details, Mapping):
        return f"the details are {_named(details)}, not an object"
    try:
        canonical([answer, details]).decode("utf-8")
    except Exception as error:  # noqa: BLE001 - whatever lies in them may fail even at being looked at
        # What follows the colon of a TypeError is the value, which another process may tell otherwise.
        told = _told(error).partition(": ")[2]
        return f"answer and details must be JSON: {shown(told.partition(': ')[0] or type(error).__name__)}"
    if summary == "parts":
        return _wrong_part(details.get("parts"))
    return _wrong_count(details.get("counts")) if summary == "counts" else None


def _failure(name: str, found: ScoreFailure) -> ScoreFailure:
    kind: object = found.kind  # whatever the user's code put there
    message: object = found.message
    if isinstance(kind, str) and kind and isinstance(message, str):
        return found
    told = f"its kind is {_named(kind)} and its message {_named(message)}, and both must be texts"
    return ScoreFailure(kind="wrong_type", message=f"metric {name} returned a ScoreFailure: {told}")


def _named(value: object) -> str:
    """Return a value as a message tells it: what could be told otherwise in another process by its type only."""
    if type(value) in {str, int, float, bool, type(None)}:
        with suppress(ValueError):  # a whole number may have too many digits to be written
            return shown(repr(value))
    return f"a value of the type {type(value).__name__}"


def _number(value: object) -> float:
    try:
        return float(value) if isinstance(value, bool | int | float) else math.nan
    except OverflowError:
        return math.inf
    except Exception:  # noqa: BLE001 - a user's own kind of number may fail even at this
        return math.nan


def _wrong_part(parts: object) -> str | None:
    if parts is None:
        return None
    if not isinstance(parts, Mapping):
        return f"details['parts'] is {_named(parts)}, not an object"
    for name, value in parts.items():
        if not isinstance(name, str):
            return f"details['parts'] has the name {_named(name)}, not a text"
        if not 0 <= _number(value) <= 1:
            return f"details['parts'][{shown(name)!r}] is {_named(value)}, not a number from 0 to 1"
    return None


def _wrong_count(counts: object) -> str | None:
    if counts is None:
        return None
    if not isinstance(counts, Mapping):
        return f"details['counts'] is {_named(counts)}, not an object"
    for kind, numbers in counts.items():
        if not isinstance(kind, str):
            return f"details['counts'] has the name {_named(kind)}, not a text"
        listed = list(numbers) if isinstance(numbers, Sequence) and not isinstance(numbers, str) else []
        # Numbers, not whole ones: where a part may be half right, it counts as a half.
        whole = [float(each) for each in listed if type(each) in {int, float} and 0 <= each < math.inf]
        if len(whole) != COUNTS or len(listed) != COUNTS or whole[0] > min(whole[1:]):
            told = "not [right, answered, in the reference]"
            return f"details['counts'][{shown(kind)!r}] is {shown(repr(numbers))}, {told}"
    return None
