"""A template over the input as an answer, with values that patterns extract."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jinja2 import TemplateSyntaxError

from passmuster.adapters.providers.baselines.answer import Answer
from passmuster.adapters.providers.baselines.patterns import Pattern
from passmuster.adapters.providers.baselines.sandbox import environment, variables
from passmuster.errors import ConfigurationError
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.text import input_text
from passmuster.records.trial import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateOptions(Record):
    """`template` is Jinja2 over the input; `extract` gives it more names, each what a pattern finds (else none)."""

    template: str
    extract: Mapping[str, str] = field(default_factory=dict)


class TemplateRule:
    """Answers with a rendered template.

    Raises:
        ConfigurationError: for a template or pattern that cannot be compiled.
    """

    def __init__(self, options: TemplateOptions) -> None:
        try:
            self._template = environment().from_string(options.template)
        except TemplateSyntaxError as error:
            raise ConfigurationError(f"template: line {error.lineno}: {error.message}") from None
        self._extract = {
            name: Pattern(pattern, f"extract.{name}") for name, pattern in options.extract.items()
        }

    def answer(self, case: Case) -> Answer | Failure:
        """Return the rendered text without blanks around it; a name that the case lacks is a failure."""
        text = input_text(case.input)
        found = {name: pattern.find(text) for name, pattern in self._extract.items()}
        try:
            return Answer(self._template.render({**variables(case), **found}).strip())
        except Exception as error:  # noqa: BLE001  # a user's template can raise anything; it is this case's failure
            return Failure(kind="internal", message=f"template: {type(error).__name__}: {error}")
