"""Batch files of OpenAI-compatible endpoints: one request a line there, one answer a line back, in any order."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from passmuster.adapters.providers.openai.address import PATHS
from passmuster.adapters.providers.openai.body import BodyWriter
from passmuster.adapters.providers.openai.surface import Surface, surface_of
from passmuster.adapters.providers.wire.errors import (
    Redactor,
    UnreadableError,
    error_in_answer,
    parse_object,
    refusal_of,
)
from passmuster.records.candidate import Candidate
from passmuster.records.record import Json
from passmuster.records.trial import (
    Attempt,
    Exchange,
    Failure,
    FailureKind,
    Outcome,
    Request,
    TrialKey,
    Usage,
)

_STREAMED = ("stream", "stream_options")
_NAME = re.compile(r"([0-9a-f]+)-([0-9a-f]+)-([0-9]{1,9})")
_REDACT = Redactor([])
_EXPIRED = "batch_expired"
LONGEST_LINE = 32 * 1024 * 1024
"""Characters of a line from which it is malformed."""


class BatchAnswer(NamedTuple):
    """An answer with whose it is; the key is None where a line does not say it."""

    key: TrialKey | None
    exchange: Exchange


def custom_id(key: TrialKey) -> str:
    """Return the name of a trial in a batch file.

    Example:
        >>> custom_id(TrialKey("aa", "bb", 3))
        'aa-bb-3'
    """
    return f"{key.case}-{key.candidate}-{key.repeat}"


def read_custom_id(name: Json) -> TrialKey | None:
    """Return the trial that a name in a batch file is for, None where it is for none.

    Example:
        >>> read_custom_id("aa-bb-3")
        TrialKey(case='aa', candidate='bb', repeat=3)
    """
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    return None if found is None else TrialKey(found[1], found[2], int(found[3]))


def write_batch(
    candidate: Candidate, requests: Iterable[tuple[TrialKey, Request]]
) -> Iterator[tuple[TrialKey, str | Failure]]:
    """Yield a line of a batch's input file for each request, or the failure of one that cannot be sent.

    A stream cannot be asked for in a batch, so `stream` is left out.

    Raises:
        ConfigurationError: for a candidate without a model, or parameters that cannot be sent.
    """
    surface = surface_of(candidate)
    kept = {name: value for name, value in candidate.parameters.items() if name not in _STREAMED}
    writer = BodyWriter(replace(candidate, parameters=kept), surface.form)
    url = f"/v1/{PATHS[surface.api]}"
    for key, request in requests:
        head = json.dumps({"custom_id": custom_id(key), "method": "POST", "url": url})
        try:
            body = writer.write(request.conversation)
        except ValueError as problem:
            yield key, Failure(kind="prompt", message=_REDACT.short(str(problem)))
            continue
        yield key, f'{head[:-1]}, "body": {body.decode("ascii")}}}'


def read_batch(candidate: Candidate, lines: Iterable[str], moment: float) -> Iterator[BatchAnswer]:
    """Yield the answers of a batch's output file, and those of its file of errors.

    Whatever a line holds, it is an answer: a failure with its kind where it cannot be read. A batch has no
    times of single calls: `moment` is when it ended, in seconds since the epoch. Tokens that the endpoint did
    not report stay unknown.
    """
    surface = surface_of(candidate)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            said = _parsed(line)
        except UnreadableError as problem:
            failure = _failure("malformed", f"line {number}: {problem}")
            yield BatchAnswer(None, _exchange(failure, moment, None, None))
            continue
        yield BatchAnswer(read_custom_id(said.get("custom_id")), _answered(surface, said, moment))


def _parsed(line: str) -> dict[str, Json]:
    if len(line) > LONGEST_LINE:
        message = f"it is longer than {LONGEST_LINE} characters"
        raise UnreadableError(message)
    return parse_object(line.encode("utf-8", "replace"))


def _answered(surface: Surface, said: dict[str, Json], moment: float) -> Exchange:
    response, error = said.get("response"), said.get("error")
    status = response.get("status_code") if isinstance(response, dict) else None
    status = status if isinstance(status, int) else None
    reader = surface.reader()
    try:
        if error or not isinstance(response, dict):
            return _exchange(_unmade(error), moment, status, None)
        body = json.dumps(response.get("body")).encode("ascii")
        if status is not None and not 200 <= status < 300:
            return _exchange(_failure(*refusal_of(status, body)), moment, status, None)
        reader.whole(body)
        reply = reader.reply(_REDACT.clean)
    except UnreadableError as problem:
        return _exchange(_failure(problem.kind, str(problem)), moment, status, reader.usage())
    return _exchange(reply, moment, status, reader.usage())


def _unmade(error: Json) -> Failure:
    """Return the failure for a request that the batch did not make."""
    if isinstance(error, dict) and error.get("code") == _EXPIRED:
        return _failure("timeout", f"the batch ended before this request was made ({_EXPIRED})")
    if not error:
        return _failure("malformed", "the line has neither a response nor an error")
    problem = error_in_answer(error)
    return _failure(problem.kind, str(problem))


def _failure(kind: FailureKind, message: str) -> Failure:
    return Failure(kind=kind, message=_REDACT.short(message))


def _exchange(outcome: Outcome, moment: float, status: int | None, usage: Usage | None) -> Exchange:
    failure = outcome if isinstance(outcome, Failure) else None
    attempt = Attempt(
        started=moment,
        status=status,
        error=None if failure is None else failure.kind,
        message=None if failure is None else failure.message,
        usage=usage,
    )
    return Exchange(outcome, attempt)
