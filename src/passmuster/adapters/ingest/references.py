"""Reads a committed reference: a file that anybody may have edited, so it is checked as a whole, with its lines."""

import json
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from passmuster.errors import Place, RecordingError
from passmuster.records.reference import REFERENCE_VERSION, FrozenTrial, Reference

MOST_BYTES = 256 * 1024 * 1024
"""A file that is larger is no reference of ours: a million trials take about 350 MB, and git takes no such file."""

_FREEZE = "Freeze it again: passmuster baseline"
_BEGIN = b'\n  "trials": ['


def read_reference(path: Path) -> Reference:
    """Return the reference of a file.

    Raises:
        RecordingError: where it cannot be read, is of another version, or holds what cannot be; with the line.
    """
    text = _bytes(path)
    _check_version(_data(text, path), path)
    try:
        found = _adapter().validate_json(text)
    except ValidationError as error:
        first, *rest = error.errors(include_url=False, include_input=False)
        where = ".".join(str(part) for part in first["loc"])
        more = f" (and {len(rest)} more)" if rest else ""
        raise RecordingError(
            f"{where or 'the file'}: {first['msg']}{more}",
            place=Place(str(path), _line(text, first["loc"])),
            hint=f"The file was changed by hand or by another release. {_FREEZE}",
        ) from None
    _check_trials(found, text, path)
    return found


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RecordingError(
                f"the file has {path.stat().st_size:,} bytes, and {MOST_BYTES:,} are the most",
                place=Place(str(path)),
                hint=_FREEZE,
            )
        return path.read_bytes()
    except OSError as error:
        raise RecordingError(
            f"the baseline cannot be read: {error.strerror}", place=Place(str(path)), hint=_FREEZE
        ) from None


def _data(text: bytes, path: Path) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        merged = text.split(b"\n")[error.lineno - 1][:7] in (b"<<<<<<<", b"=======", b">>>>>>>")
        raise RecordingError(
            "the marks of a merge stand in the baseline"
            if merged
            else f"the baseline is no JSON: {error.msg}",
            place=Place(str(path), error.lineno, error.colno),
            hint=f"Take one of the two sides whole, never a part of each. {_FREEZE}" if merged else _FREEZE,
        ) from None
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise RecordingError(
            f"the baseline is no JSON: {error}", place=Place(str(path)), hint=_FREEZE
        ) from None


def _check_version(data: object, path: Path) -> None:
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version == REFERENCE_VERSION:
        return
    if version == 1 and isinstance(data, dict) and "candidate" in data:
        problem = "the baseline holds figures only, as releases before the gate wrote it: nothing can be paired with it"
    elif isinstance(version, int):
        problem = f"the baseline is of version {version}, and this release reads {REFERENCE_VERSION}"
    else:
        problem = "this is no baseline that passmuster wrote"
    raise RecordingError(problem, place=Place(str(path), 1), hint=_FREEZE)


def _check_trials(found: Reference, text: bytes, path: Path) -> None:
    seen: dict[tuple[str, str, int], int] = {}
    for number, trial in enumerate(found.trials):
        problem = _problem(trial, found.repeats)
        earlier = seen.setdefault((trial.case, trial.id, trial.repeat), number)
        if problem is None and earlier != number:
            problem = f"case {trial.id!r} stands there twice"
        if problem is not None:
            raise RecordingError(
                f"trials.{number}: {problem}",
                place=Place(str(path), _line(text, ("trials", number))),
                hint=_FREEZE,
            )


def _problem(trial: FrozenTrial, repeats: int) -> str | None:
    numbers = {
        "seconds": trial.seconds,
        "first_token": trial.first_token,
        "retried": trial.retried,
        "in_flight": trial.in_flight,
        "input": trial.input,
        "output": trial.output,
        "cost": trial.cost,
        "review": trial.review,
    }
    below = next((name for name, value in numbers.items() if value is not None and value < 0), None)
    if below is not None:
        return f"{below} is {numbers[below]:g}, which is below 0"
    if not 0 <= trial.repeat < max(1, repeats):
        return f"repeat is {trial.repeat}, and the task had {repeats} a case"
    if not 1 <= trial.attempts <= 1000:
        return f"attempts is {trial.attempts}"
    if (trial.reply is None) == (trial.failure is None):
        return "a trial ends with a reply or with a failure, and this one has both or neither"
    return None


def _line(text: bytes, location: tuple[int | str, ...]) -> int | None:
    """Return the line of a trial, where the file is laid out as it was written; None where that is not known."""
    begin = text.find(_BEGIN)
    if begin < 0 or len(location) < 2 or location[0] != "trials" or not isinstance(location[1], int):
        return None
    line = text.count(b"\n", 0, begin + 1) + 2 + location[1]
    at = text.split(b"\n", line)
    return line if len(at) > line - 1 and at[line - 1].lstrip().startswith(b'{"case"') else None


@cache
def _adapter() -> TypeAdapter[Reference]:
    return TypeAdapter(Reference)
