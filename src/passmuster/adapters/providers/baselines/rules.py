"""Ordered if-then rules as an answer."""

from dataclasses import dataclass

from jinja2 import TemplateSyntaxError

from passmuster.adapters.providers.baselines.answer import Answer
from passmuster.adapters.providers.baselines.sandbox import environment, variables
from passmuster.errors import ConfigurationError
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.trial import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class IfThen(Record):
    """One rule: where the expression `when` is true of a case, `answer` is the answer."""

    when: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesOptions(Record):
    """`rules` are tried in their order, the first that holds answers; else `default` does."""

    rules: tuple[IfThen, ...]
    default: str = ""


class OrderedRules:
    """Answers by the first rule that holds.

    Raises:
        ConfigurationError: for an expression that cannot be compiled, and for no rules.
    """

    def __init__(self, options: RulesOptions) -> None:
        if not options.rules:
            raise ConfigurationError(
                "rules: the list is empty", hint="rules: [{when: ..., answer: ...}, ...]"
            )
        sandbox = environment()
        self._rules = []
        for number, rule in enumerate(options.rules, start=1):
            try:
                holds = sandbox.compile_expression(rule.when, undefined_to_none=False)
            except TemplateSyntaxError as error:
                raise ConfigurationError(
                    f"rules: rule {number}, `{rule.when}`: {error.message}",
                    hint="when is a Jinja2 expression such as: contains(text, 'refund') and amount > 100",
                ) from None
            self._rules.append((rule, holds))
        self._default = options.default

    def answer(self, case: Case) -> Answer | Failure:
        """Return the answer of the first rule that holds; a name that the case lacks is a failure."""
        known = variables(case)
        for number, (rule, holds) in enumerate(self._rules, start=1):
            try:
                held = bool(holds(known))
            except Exception as error:  # noqa: BLE001  # a user's expression can raise anything; it is this case's failure
                message = f"rule {number}, `{rule.when}`: {type(error).__name__}: {error}"
                return Failure(kind="internal", message=message)
            if held:
                return Answer(rule.answer)
        return Answer(self._default)
