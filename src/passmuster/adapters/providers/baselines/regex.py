"""Patterns as an answer: the label of the first that matches, or a JSON object of what they find."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from passmuster.adapters.providers.baselines.answer import Answer
from passmuster.adapters.providers.baselines.patterns import Pattern
from passmuster.errors import ConfigurationError
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.text import input_text


@dataclass(frozen=True, slots=True, kw_only=True)
class RegexOptions(Record):
    """Either `patterns`, a list of `label: pattern`, or `fields`, a map of `field: pattern`.

    Of `patterns` the first that matches is the answer, else `default`. The first groups of `fields` make a
    JSON object, null where nothing matches.
    """

    patterns: tuple[Mapping[str, str], ...] = ()
    default: str | None = None
    fields: Mapping[str, str] | None = None


class RegexRule:
    """Answers by patterns over the readable text of a case.

    Raises:
        ConfigurationError: for neither or both of `patterns` and `fields`, and for a pattern that RE2 refuses.
    """

    def __init__(self, options: RegexOptions) -> None:
        if bool(options.patterns) == bool(options.fields):
            raise ConfigurationError(
                "regex: give either `patterns` or `fields`",
                hint="patterns: [{label: pattern}, ...] for a class, fields: {name: pattern} for a JSON object",
            )
        self._labels = [
            (label, Pattern(pattern, f"patterns.{label}"))
            for entry in options.patterns
            for label, pattern in entry.items()
        ]
        self._fields = {
            name: Pattern(pattern, f"fields.{name}")
            for name, pattern in sorted((options.fields or {}).items())
        }
        self._default = options.default

    def answer(self, case: Case) -> Answer:
        """Return the label of the first matching pattern, or the object of fields; no match is the empty text."""
        text = input_text(case.input)
        if self._fields:
            found = {name: pattern.find(text) for name, pattern in self._fields.items()}
            return Answer(json.dumps(found, ensure_ascii=False))
        label = next((label for label, pattern in self._labels if pattern.find(text) is not None), None)
        return Answer(self._default or "" if label is None else label)
