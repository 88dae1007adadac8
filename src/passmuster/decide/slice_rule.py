"""Slices of the cases by an expression, in the language of prompts."""

from collections.abc import Sequence

from jinja2 import TemplateError, Undefined
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from passmuster.errors import ConfigurationError
from passmuster.records.case import Case

NAMES = ("category", "stratum", "tags")
"""What a slice may speak of."""


class SliceRule:
    """An expression that says which cases are in a slice, in the language of prompts, in its sandbox.

    `where` is the key of the project file that it is of, for messages.

    Raises:
        ConfigurationError: where it cannot be read, or speaks of something else than `NAMES`.

    Example:
        >>> rule = SliceRule("stratum == 'claims' or 'refund' in tags")
        >>> rule.holds(Case(id="1", input="", tags=("refund",))), rule.holds(Case(id="2", input=""))
        (True, False)
    """

    def __init__(self, rule: str, where: str = "stakes.slices") -> None:
        self.rule = rule
        known = ", ".join(NAMES)
        environment = SandboxedEnvironment()
        try:
            unknown = find_undeclared_variables(environment.parse("{{ " + rule + " }}")) - set(NAMES)
            self._expression = environment.compile_expression(rule, undefined_to_none=False)
        except TemplateError as error:
            raise ConfigurationError(
                f"{where}: cannot read {rule!r}: {error}",
                hint=f"Write an expression over {known}, such as stratum == 'claims' (equal is `==`).",
            ) from error
        if unknown or isinstance(self._value("", "", ()), Undefined | Exception):
            raise ConfigurationError(
                f"{where}: {rule!r} speaks of something that is not known of a case",
                hint=f"known are {known}",
            )

    def _value(self, category: str, stratum: str | None, tags: Sequence[str]) -> object:
        try:
            return self._expression(category=category, stratum=stratum, tags=tuple(tags))
        except (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            return error

    def holds(self, case: Case) -> bool:
        """Say whether a case is in the slice; one of which that cannot be told is not."""
        value = self._value(case.category, case.stratum, case.tags)
        return bool(value) and not isinstance(value, Undefined | Exception)
