"""Strata of traffic: by a column, by what is known of every record, or by an expression over both."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches

from jinja2 import TemplateError, Undefined
from jinja2.environment import TemplateExpression
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from passmuster.errors import UsageError
from passmuster.records.case import Conversation
from passmuster.records.record import Json
from passmuster.records.text import input_text
from passmuster.records.traffic import TrafficRecord
from passmuster.stats.language.detect import language_of, script_of

MISSING = "missing"
"""The stratum of records that do not say what strata are made of."""

TOPICS = "topics"
"""Strata are the topics of the text."""

NAME_LENGTH = 80
"""Characters of a stratum's name; more are cut."""

_BANDS = ((1, 9), (10, 29), (30, 99), (100, 299), (300, 999))
_HOURS = ("night", "morning", "afternoon", "evening")


def length_band(text: str) -> str:
    """Return how long a text is, in words: `1-9`, `10-29`, `30-99`, `100-299`, `300-999` or `1000+`.

    Example:
        >>> length_band("Where is my card?"), length_band("word " * 400)
        ('1-9', '300-999')
    """
    words = len(text.split())
    return next((f"{least}-{most}" for least, most in _BANDS if words <= most), "1000+")


def moment_of(time: float | None) -> datetime | None:
    """Return a time in seconds since the epoch as a moment in UTC; None where it is unknown or out of range."""
    if time is None or not math.isfinite(time):
        return None
    try:
        return datetime.fromtimestamp(time, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _text(record: TrafficRecord) -> str:
    return input_text(record.input)


def _at(record: TrafficRecord, read: Callable[[datetime], Json]) -> Json:
    moment = moment_of(record.time)
    return None if moment is None else read(moment)


def _turns(record: TrafficRecord) -> int:
    return len(record.input.messages) if isinstance(record.input, Conversation) else 1


FIELDS: Mapping[str, Callable[[TrafficRecord], Json]] = {
    "text": _text,
    "length": lambda record: len(_text(record)),
    "words": lambda record: len(_text(record).split()),
    "length_band": lambda record: length_band(_text(record)),
    "language": lambda record: language_of(_text(record)),
    "script": lambda record: script_of(_text(record)),
    "turns": _turns,
    "hour": lambda record: _at(record, lambda moment: moment.hour),
    "part_of_day": lambda record: _at(record, lambda moment: _HOURS[moment.hour // 6]),
    "weekday": lambda record: _at(record, lambda moment: f"{moment:%A}"),
    "month": lambda record: _at(record, lambda moment: f"{moment:%Y-%m}"),
    "feedback": lambda record: record.feedback,
    "model": lambda record: record.model,
    "output": lambda record: record.output,
    "reference": lambda record: record.reference,
    "error": lambda record: record.error,
    "failed": lambda record: record.error is not None,
    "seconds": lambda record: record.seconds,
    "first_token": lambda record: record.first_token,
    "cost": lambda record: record.cost,
    "tokens_in": lambda record: None if record.usage is None else record.usage.input,
    "tokens_out": lambda record: None if record.usage is None else record.usage.output,
    "tools_called": lambda record: len(record.tool_calls),
    "tags": lambda record: record.tags,
    "user": lambda record: record.user,
    "session": lambda record: record.session,
    "columns": lambda record: record.columns,
}
"""What can be said of every record of traffic; a column of the source that has the same name is used instead."""


class StratumRule:
    """Says in which stratum a record of traffic belongs.

    The language of expressions is that of prompts: Jinja2, in its sandbox. A rule that is the name of a column
    or of a field stands for its value. An expression that is true or false makes two strata; what cannot be told is
    `missing`.

    Args:
        rule: A column, a field of `FIELDS`, or an expression over them.

    Raises:
        UsageError: for an expression that cannot be read.

    Example:
        >>> record = TrafficRecord(id="1", input="Where is my card?", columns={"plan": "gold"})
        >>> [StratumRule(rule)(record) for rule in ("plan", "words > 9", "plan ~ '/' ~ language", "seconds > 2")]
        ['gold', 'not words > 9', 'gold/en', 'missing']
    """

    def __init__(self, rule: str) -> None:
        self.rule = rule.strip()
        self._expression: TemplateExpression | None = None
        self._error = ""
        self._names: tuple[str, ...] = ()
        self._columns_seen: set[str] = set()
        self._others: set[str] = set()
        if not self.rule:
            raise UsageError("an empty rule makes no strata", hint=_HINT)
        environment = SandboxedEnvironment()
        try:
            parsed = environment.parse("{{ " + self.rule + " }}")
            self._expression = environment.compile_expression(self.rule, undefined_to_none=False)
        except TemplateError as error:
            self._error = str(error)
        else:
            self._names = tuple(sorted(find_undeclared_variables(parsed)))

    def __call__(self, record: TrafficRecord) -> str:
        """Return the name of a record's stratum."""
        columns = record.columns
        if self.rule in columns:
            self._columns_seen.update((self.rule, *self._names))
            return stratum_name(columns[self.rule])
        if self._expression is None:
            if len(self._others) < _REMEMBERED:
                self._others.update(columns)
            return MISSING
        if self.rule in FIELDS:
            return stratum_name(FIELDS[self.rule](record))
        known = {name: self._value(name, record) for name in self._names}
        try:
            value = self._expression(**known)
        except (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError):
            return MISSING  # what is missing cannot be compared or reckoned with
        if isinstance(value, bool):
            return (self.rule if value else f"not {self.rule}")[:NAME_LENGTH]
        return stratum_name(value)

    def _value(self, name: str, record: TrafficRecord) -> Json:
        if name in record.columns:
            self._columns_seen.add(name)
            return record.columns[name]
        if name in FIELDS:
            return FIELDS[name](record)
        if len(self._others) < _REMEMBERED:
            self._others.update(record.columns)
        return None

    def check_seen(self) -> None:
        """Raise where the rule speaks of a column that no record had.

        Raises:
            UsageError: with the columns that there are, or why an expression cannot be read.
        """
        if self._expression is None:
            if self.rule not in self._columns_seen:
                message = f"strata: {self.rule!r} is no column, and no expression either: {self._error}"
                raise UsageError(message, hint=self._closest(self.rule))
            return
        for name in self._names:
            if name not in FIELDS and name not in self._columns_seen:
                raise UsageError(f"strata: no record has {name!r}", hint=self._closest(name))

    def _closest(self, name: str) -> str:
        known = sorted({*self._others, *FIELDS})
        close = get_close_matches(name.lower(), known, n=1)
        columns = ", ".join(sorted(self._others)[:_SHOWN]) or "none"
        meant = f"Did you mean {close[0]!r}? " if close else ""
        return f"{meant}Columns of the traffic: {columns}. {_HINT}"


_REMEMBERED = 200
_SHOWN = 20
_HINT = f"Known of every record: {', '.join(FIELDS)}; or `{TOPICS}`."


def stratum_name(value: Json) -> str:
    """Return the name of the stratum that a value makes.

    Example:
        >>> [stratum_name(value) for value in ("web ", 3, 2.50, True, None, "", ["a", "b"])]
        ['web', '3', '2.5', 'yes', 'missing', 'missing', 'a, b']
    """
    if value is None or isinstance(value, Undefined):
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return _cut(", ".join(str(item) for item in value)) or MISSING
    return _cut(str(value)) or MISSING


def _cut(text: str) -> str:
    return " ".join(text.split())[:NAME_LENGTH]
