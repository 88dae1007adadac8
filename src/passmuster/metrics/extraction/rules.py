"""How one field is compared: its kind, and what of it does not count."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Step
from passmuster.metrics.extraction.dates import First
from passmuster.metrics.extraction.money import Mark
from passmuster.records.record import Record

Kind: TypeAlias = Literal["any", "string", "number", "date", "money", "list", "nested"]

TAKES: Mapping[str, frozenset[str]] = {
    "any": frozenset({"normalise"}),
    "string": frozenset({"normalise", "similarity"}),
    "number": frozenset({"tolerance", "relative", "decimal"}),
    "date": frozenset({"first"}),
    "money": frozenset({"tolerance", "relative", "decimal"}),
    "list": frozenset({"of", "in_order"}),
    "nested": frozenset({"fields"}),
}
"""The options of each kind."""

DEEPEST = 10
"""Levels of lists and objects that a rule may describe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule(Record):
    """The kind of a field, and how its values are compared.

    Args:
        kind: `any` compares as `exact_match` does.
        normalise: Of `string` and `any`: what does not count in texts.
        similarity: Of `string`: the least edit similarity, in (0, 1], that is right; None: the same text.
        tolerance: Of `number` and `money`: how far off is right, in the unit of the field.
        relative: Of `number` and `money`: how far off is right, as a share of the greater of the two.
        decimal: Of `number` and `money`: what `1.200` means: with `,` it is 1200.
        first: Of `date`: whether day or month stands first in 3/4/2026; None: that is no date.
        of: Of `list`: the rule of its items.
        in_order: Of `list`: whether an item is compared with the one in its place only.
        fields: Of `nested`: the rules of its parts.

    Example:
        >>> FieldRule(kind="date", tolerance=1.0)
        Traceback (most recent call last):
        passmuster.errors.ConfigurationError: a field of kind date has no option tolerance
          it takes: first
    """

    kind: Kind
    normalise: tuple[Step, ...] = ()
    similarity: float | None = None
    tolerance: float = 0.0
    relative: float = 0.0
    decimal: Mark = "."
    first: First | None = None
    of: "FieldRule | Kind" = "any"
    in_order: bool = False
    fields: "Mapping[str, FieldRule | Kind]" = field(default_factory=dict)

    def __post_init__(self) -> None:
        takes = TAKES[self.kind]
        for each in fields(self):
            default = {} if each.name == "fields" else each.default
            if each.name != "kind" and each.name not in takes and getattr(self, each.name) != default:
                raise ConfigurationError(
                    f"a field of kind {self.kind} has no option {each.name}",
                    hint=f"it takes: {', '.join(sorted(takes))}",
                )
        if self.kind == "nested" and not self.fields:
            raise ConfigurationError(
                "a nested field needs fields", hint="fields: {street: string, city: string}"
            )
        if self.similarity is not None and not 0 < self.similarity <= 1:
            raise ConfigurationError(f"similarity is {self.similarity:g}, not above 0 and at most 1")
        if not (self.tolerance >= 0 and 0 <= self.relative < 1):
            raise ConfigurationError(
                f"tolerance {self.tolerance:g} and relative {self.relative:g}: neither may be negative, "
                "and relative is a share below 1"
            )
        if depth(self) > DEEPEST:
            raise ConfigurationError(f"a field is nested deeper than {DEEPEST} levels")

    @property
    def item(self) -> "FieldRule":
        """The rule of the items of a list."""
        return as_rule(self.of)

    @property
    def parts(self) -> dict[str, "FieldRule"]:
        """The rules of the parts of an object."""
        return {name: as_rule(part) for name, part in self.fields.items()}


def as_rule(given: FieldRule | Kind) -> FieldRule:
    """Return the rule that is given, or the one of a kind without options.

    Example:
        >>> as_rule("date").kind
        'date'
    """
    return given if isinstance(given, FieldRule) else FieldRule(kind=given)


def depth(rule: FieldRule) -> int:
    """Return how many levels a rule has.

    Example:
        >>> depth(FieldRule(kind="list", of="date"))
        2
    """
    below = [part for part in (rule.of, *rule.fields.values()) if isinstance(part, FieldRule)]
    nested = 1 if rule.kind in {"list", "nested"} else 0
    return 1 + max([nested, *(depth(part) for part in below)])
