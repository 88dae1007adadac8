"""Limits that a model must keep to be worth asking: figures of the table, prices, context, declared attributes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.decide.requirements import requirement_checks
from passmuster.records.candidate import Attribute, Candidate
from passmuster.records.leaderboard import PublicRow
from passmuster.records.record import Record
from passmuster.records.task import Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts(Record):
    """What is known of a model besides the table: US dollars per million tokens, tokens of context, what is declared."""

    candidate: str | None = None
    input_price: float | None = None
    output_price: float | None = None
    context: int | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Record):
    """Who is worth asking: `at_least` and `at_most` are of columns of the table, prices US dollars per million tokens.

    `today` (ISO 8601) is the day on which requirements must hold.
    """

    at_least: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)
    input_price: float | None = None
    output_price: float | None = None
    context: int | None = None
    requires: Sequence[Requirement] = ()
    today: str = "1970-01-01"


def missed(row: PublicRow, facts: ModelFacts, limits: Limits) -> tuple[str | None, tuple[str, ...]]:
    """Return why a model is out, None where it is not, and which limits could not be checked on it.

    What is not known is no reason to drop anybody, and is told.

    Example:
        >>> row = PublicRow(model="a", figures={})
        >>> missed(row, ModelFacts(output_price=30.0), Limits(output_price=10.0, context=100_000))
        ('output price $30 is over $10', ('context',))
    """
    whys: list[str] = []
    unknown: list[str] = []
    for name, known, why in (*_figures(row, limits), *_facts(facts, limits), *_declared(row, facts, limits)):
        if not known:
            unknown.append(name)
        elif why is not None:
            whys.append(why)
    return "; ".join(whys) or None, tuple(unknown)


def _figures(row: PublicRow, limits: Limits) -> Iterator[tuple[str, bool, str | None]]:
    for name, least in limits.at_least.items():
        figure = row.figures.get(name)
        low = figure is not None and figure.value < least
        yield name, figure is not None, f"{name} is under {least:g}" if low else None
    for name, most in limits.at_most.items():
        figure = row.figures.get(name)
        high = figure is not None and figure.value > most
        yield name, figure is not None, f"{name} is over {most:g}" if high else None


def _facts(facts: ModelFacts, limits: Limits) -> Iterator[tuple[str, bool, str | None]]:
    for name, price, most in (
        ("input price", facts.input_price, limits.input_price),
        ("output price", facts.output_price, limits.output_price),
    ):
        if most is not None:
            over = price is not None and price > most
            yield name, price is not None, f"{name} ${price:g} is over ${most:g}" if over else None
    if limits.context is not None:
        known = facts.context is not None
        under = facts.context is not None and facts.context < limits.context
        yield "context", known, f"context {facts.context:,} is under {limits.context:,}" if under else None


def _declared(row: PublicRow, facts: ModelFacts, limits: Limits) -> Iterator[tuple[str, bool, str | None]]:
    """Check what the task requires on what the candidate declares, else on the table's column of the same name."""
    texts = {name.casefold(): Attribute(value=text) for name, text in row.texts.items()}
    known = {
        each.attribute: texts[each.attribute.casefold()]
        for each in limits.requires
        if each.attribute.casefold() in texts
    }
    named = Candidate(name=row.model, provider="openai", attributes={**known, **facts.attributes})
    for check in requirement_checks(named, limits.requires, limits.today):
        out = f"{check.requirement} is required" if check.status == "misses" else None
        yield check.attribute, check.status != "undeclared", out
