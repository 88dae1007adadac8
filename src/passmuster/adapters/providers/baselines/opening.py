"""From a candidate's parameters to its baseline."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.providers.baselines.answer import Answer, BaselineProvider, Rule
from passmuster.adapters.providers.baselines.classifiers import (
    ClassifierOptions,
    TextClassifier,
    decision_tree,
    logistic_regression,
    naive_bayes,
)
from passmuster.adapters.providers.baselines.constant import ConstantOptions, FixedText, MajorityClass
from passmuster.adapters.providers.baselines.manual import Labels, ManualProvider
from passmuster.adapters.providers.baselines.regex import RegexOptions, RegexRule
from passmuster.adapters.providers.baselines.rules import OrderedRules, RulesOptions
from passmuster.adapters.providers.baselines.template import TemplateOptions, TemplateRule
from passmuster.errors import ConfigurationError
from passmuster.ports import Clock, Provider
from passmuster.records.candidate import Candidate
from passmuster.records.digest import plain
from passmuster.records.record import Json, Record

_Options = TypeVar("_Options", bound=Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualOptions(Record):
    """`labels` is the digest of the file of people's labels."""

    labels: str | None = None


OPTIONS: Mapping[str, type[Record]] = {
    "constant": ConstantOptions,
    "regex": RegexOptions,
    "template": TemplateOptions,
    "rules": RulesOptions,
    "logistic_regression": ClassifierOptions,
    "naive_bayes": ClassifierOptions,
    "decision_tree": ClassifierOptions,
    "manual": ManualOptions,
}
"""The kinds of baselines, with what each can be told."""

_PIPELINES: Mapping[str, Callable[[], object]] = {
    "logistic_regression": logistic_regression,
    "naive_bayes": naive_bayes,
    "decision_tree": decision_tree,
}


def open_baseline(candidate: Candidate, clock: Clock, labels: Labels | None = None) -> Provider:
    """Return the provider of a baseline; one that learns is also `Fittable` and must be fitted before it is asked.

    Args:
        candidate: Its parameters are `kind` and the options of that kind.
        clock: Measures how long each answer takes.
        labels: What people said, for the kind `manual`.

    Raises:
        ConfigurationError: for an unknown kind or option, with the closest valid name, and for wrong values.
    """
    kind = candidate.parameters.get("kind")
    if not isinstance(kind, str) or kind not in OPTIONS:
        raise ConfigurationError(
            f"candidate {candidate.name!r}: there is no baseline of kind {kind!r}",
            hint=did_you_mean(str(kind), OPTIONS),
        )
    given = {name: value for name, value in candidate.parameters.items() if name != "kind"}
    try:
        return _opened(candidate, kind, given, clock, labels)
    except ConfigurationError as error:
        message = f"candidate {candidate.name!r}: {error.message}"
        raise ConfigurationError(message, place=error.place, hint=error.hint) from None


def _opened(
    candidate: Candidate, kind: str, given: Mapping[str, Json], clock: Clock, labels: Labels | None
) -> Provider:
    if kind in _PIPELINES:
        target = _read(ClassifierOptions, kind, given).target
        return TextClassifier(candidate.name, _PIPELINES[kind], target, clock)
    if kind == "manual":
        _read(ManualOptions, kind, given)
        return _manual(candidate, clock, labels)
    if kind == "constant":
        constant = _read(ConstantOptions, kind, given)
        if constant.text is None:
            return MajorityClass(candidate.name, constant.target, clock)
        return BaselineProvider(FixedText(Answer(constant.text)), clock)
    return BaselineProvider(_rule(kind, given), clock)


def _rule(kind: str, given: Mapping[str, Json]) -> Rule:
    if kind == "regex":
        return RegexRule(_read(RegexOptions, kind, given))
    if kind == "template":
        return TemplateRule(_read(TemplateOptions, kind, given))
    return OrderedRules(_read(RulesOptions, kind, given))


def _manual(candidate: Candidate, clock: Clock, labels: Labels | None) -> Provider:
    if labels is None:
        raise ConfigurationError(
            "manual: there are no labels of people to replay",
            hint="name a file of labels, or state `error_rate` only: then there is nothing to ask",
        )
    return ManualProvider(labels, candidate, clock)


def _read(options: type[_Options], kind: str, given: Mapping[str, Json]) -> _Options:
    names = [field.name for field in fields(options)]  # type: ignore[arg-type]  # every subclass of Record is a dataclass
    for name in given:
        if name not in names:
            raise ConfigurationError(f"{kind} has no option {name!r}", hint=did_you_mean(name, names))
    try:
        return TypeAdapter(options).validate_json(json.dumps(plain(given)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ConfigurationError(f"{kind}: {where}: {first['msg']}", hint="see docs/baselines.md") from None
