"""Users' patterns: RE2 and a part of JSONPath, both in bounded time on any text."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2
from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError
from jsonpath.segments import JSONPathRecursiveDescentSegment
from jsonpath.selectors import IndexSelector, NameSelector, SliceSelector, WildcardSelector

from passmuster.errors import ConfigurationError
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.record import Json

WORK = 1_000_000_000
"""Characters that all searches in one text may pass over together: about a second and a half.

One search is linear, but looking for all matches starts a new one after each, so a pattern such as `a.*b|a` is
quadratic on a run of `a`.
"""

RE2_HINT = "patterns run on RE2: no look-around, no back-references; see github.com/google/re2/wiki/Syntax"
SELECTORS = (NameSelector, IndexSelector, SliceSelector, WildcardSelector)

_PATHS = JSONPathEnvironment(strict=True)


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Any:
    """Return a compiled RE2 pattern.

    Raises:
        ConfigurationError: where RE2 does not take it.

    Example:
        >>> compile_pattern("(?=a)")
        Traceback (most recent call last):
        passmuster.errors.ConfigurationError: pattern '(?=a)' is not supported: invalid perl operator: (?=
          patterns run on RE2: no look-around, no back-references; see github.com/google/re2/wiki/Syntax
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        detail = error.args[0] if error.args else "no reason given"
        text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
        raise ConfigurationError(f"pattern {pattern!r} is not supported: {text}", hint=RE2_HINT) from error
    except UnicodeEncodeError as error:
        raise ConfigurationError(f"pattern {pattern!r} is not valid Unicode") from error


def find_all(pattern: str, text: str) -> Iterator[str | Unreadable]:
    r"""Yield what a pattern reads at each of its matches; last an `Unreadable` if the text asks too much work.

    What it reads is the group `answer`, else the first group that took part, else the whole match.

    Example:
        >>> list(find_all(r"clause (\d+)", "clause 1, clause 22"))
        ['1', '22']
    """
    compiled = compile_pattern(pattern)
    text = text.encode("utf-8", "replace").decode("utf-8")
    most = max(WORK // max(len(text), 1), 1)
    for count, match in enumerate(compiled.finditer(text)):
        if count >= most:
            yield Unreadable(reason=f"more than {most} matches of the pattern in {len(text)} characters")
            return
        found = _group(compiled, match)
        if found is not None:
            yield found


def _group(compiled: Any, match: Any) -> str | None:
    if "answer" in compiled.groupindex:
        found = match.group("answer")
    elif compiled.groups:
        found = next((group for group in match.groups() if group is not None), None)
    else:
        found = match.group()
    return None if found is None else str(found)


@lru_cache(maxsize=256)
def compile_path(path: str) -> JSONPath:
    """Return a compiled JSONPath of names, indices, slices, wildcards and at most one `..`.

    Filters are refused: their regular expressions may take exponential time.

    Raises:
        ConfigurationError: for a path that is none, or that uses more than that.

    Example:
        >>> compile_path("$.items[?@.price > 3]")
        Traceback (most recent call last):
        passmuster.errors.ConfigurationError: JSON path '$.items[?@.price > 3]' uses a filter or a query in a query
          use names, indices, slices, * and at most one ..
    """
    try:
        compiled = _PATHS.compile(path)
    except (JSONPathError, ValueError) as error:
        reason = str(error.args[0]) if error.args else "no reason given"
        hint = "a path starts with $, such as $.answer"
        raise ConfigurationError(f"{path!r} is no JSON path: {reason}", hint=hint) from error
    hint = "use names, indices, slices, * and at most one .."
    if not isinstance(compiled, JSONPath):
        raise ConfigurationError(f"JSON path {path!r} joins several paths", hint=hint)
    selectors = [selector for segment in compiled.segments for selector in segment.selectors]
    if not all(isinstance(selector, SELECTORS) for selector in selectors):
        raise ConfigurationError(f"JSON path {path!r} uses a filter or a query in a query", hint=hint)
    if sum(isinstance(segment, JSONPathRecursiveDescentSegment) for segment in compiled.segments) > 1:
        raise ConfigurationError(f"JSON path {path!r} uses .. more than once", hint=hint)
    return compiled


def follow(path: str, value: Json) -> Iterator[Json]:
    """Yield what a JSONPath selects in a JSON value, in document order.

    Example:
        >>> list(follow("$.a[*]", {"a": [1, 2]}))
        [1, 2]
    """
    if not isinstance(value, dict | list):
        if path.strip() == "$":
            yield value
        return
    for match in compile_path(path).finditer(value):
        yield match.obj
