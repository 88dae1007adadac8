"""Does an answer follow instructions that a machine can check: `instructions`."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.metrics.building import built
from passmuster.metrics.instructions.checking import Constraint, Reason, constraints_of
from passmuster.metrics.instructions.loose import loose_variants
from passmuster.metrics.instructions.options import Constraints
from passmuster.metrics.metric import NOT_APPLICABLE, UNIT, Bounds, Summary, shown
from passmuster.records.case import Case
from passmuster.records.digest import canonical
from passmuster.records.record import Json
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

Reading: TypeAlias = Literal["strict", "loose"]

BUILT = 1024
"""Constraints of cases that are kept made; each case may have its own."""

KIND = "instructions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions(Constraints):
    """1 where an answer meets every constraint, else 0, with what it does not meet and why.

    The constraints are those of the checks of this metric that a case carries, else those of the options. An
    empty reply meets none. The loose reading takes a constraint as met where the reply meets it without its
    first line, its last, or the asterisks of Markdown.

    Args:
        reading: Which of the two readings is the value; the other is shown beside it.

    Example:
        >>> from passmuster.metrics.instructions.options import Between, Length
        >>> metric = Instructions(length=Length(words=Between(at_most=3)), casing="lower")
        >>> metric.score(Case(id="1", input=""), Reply(text="A bit too long")).details["failed"]["casing"]
        "a capital letter: 'A'"
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "parts"

    name: str = KIND
    reading: Reading = "strict"

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, the share of each constraint in `parts`, and in `failed` why one is not met."""
        try:
            wanted = _apart(_wanted(self, case))
        except (ConfigurationError, TypeError, ValueError) as error:
            return ScoreFailure(kind="wrong_check", message=f"case {case.id!r}: {shown(str(error))}")
        if not wanted:
            message = f"neither the task nor case {case.id!r} says what an answer must be"
            return ScoreFailure(kind=NOT_APPLICABLE, message=message)
        strict = {each.name: each.refuses(reply.text) for each in wanted}
        met = {"strict": _met(strict), "loose": _loosely_met(wanted, strict, reply.text)}
        chosen, other = met[self.reading], "loose" if self.reading == "strict" else "strict"
        return Score(
            value=float(all(chosen.values())),
            details={
                "parts": {**_numbers(chosen), **_summed(chosen), **_summed(met[other], other)},
                "failed": {name: reason for name, reason in strict.items() if not chosen[name]},
                "strict": met["strict"],
                "loose": met["loose"],
            },
        )


class Wanted(NamedTuple):
    """A constraint, or several under one name, all of which must hold; negated: one of which must not."""

    name: str
    constraints: tuple[Constraint, ...]
    negate: bool = False

    def refuses(self, text: str) -> Reason:
        """Return why a text does not meet it; None where it does."""
        if not text.strip():
            return "the reply is empty"
        reason = next((why for each in self.constraints if (why := each.refuses(text)) is not None), None)
        if self.negate:
            return "it is met, and should not be" if reason is None else None
        return reason


def _wanted(metric: Instructions, case: Case) -> Iterator[Wanted]:
    checks = [check for check in case.checks if check.metric == KIND]
    found: dict[str, list[Constraint]] = {}
    for check in checks:
        constraints = tuple(constraints_of(_of_case(canonical(check.options)), case))
        if not constraints:
            message = f"the check {check.name or KIND!r} does not say what an answer must be"
            raise ConfigurationError(message)
        if check.name is not None or check.negate:
            name = check.name or f"not {' and '.join(each.name for each in constraints)}"
            yield Wanted(name, constraints, check.negate)
        else:
            for each in constraints:
                found.setdefault(each.name, []).append(each)
    if not checks:
        for each in constraints_of(metric, case):
            found.setdefault(each.name, []).append(each)
    yield from (Wanted(name, tuple(constraints)) for name, constraints in found.items())


@lru_cache(maxsize=BUILT)
def _of_case(options: bytes) -> Constraints:
    made: Any = built(Instructions, MetricSpec(name=KIND, kind=KIND, options=json.loads(options)))
    constraints: Constraints = made
    return constraints


def _apart(wanted: Iterable[Wanted]) -> list[Wanted]:
    """Number the second and later ones of a name, so that each is shown."""
    found: dict[str, Wanted] = {}
    for each in wanted:
        name, number = each.name, 1
        while name in found:
            number += 1
            name = f"{each.name} ({number})"
        found[name] = each._replace(name=name)
    return list(found.values())


def _met(reasons: Mapping[str, Reason]) -> dict[str, bool]:
    return {name: reason is None for name, reason in reasons.items()}


def _loosely_met(wanted: Sequence[Wanted], strict: Mapping[str, Reason], text: str) -> dict[str, bool]:
    met = _met(strict)
    for variant in loose_variants(text)[1:]:
        open_yet = [each for each in wanted if not met[each.name]]
        if not open_yet:
            break
        met.update({each.name: each.refuses(variant) is None for each in open_yet})
    return met


def _numbers(met: Mapping[str, bool]) -> dict[str, Json]:
    return {name: int(held) for name, held in met.items()}


def _summed(met: Mapping[str, bool], reading: str = "") -> dict[str, Json]:
    """Return the share of the constraints that are met, and for the other reading also whether all are."""
    share = sum(met.values()) / len(met)
    if not reading:
        return {"(share met)": share}
    return {f"(all met, {reading})": int(all(met.values())), f"(share met, {reading})": share}
