"""When does a person look at a reply? A rule over what is known of the trial."""

from jinja2 import TemplateError, Undefined
from jinja2.sandbox import SandboxedEnvironment

from passmuster.errors import ConfigurationError
from passmuster.records.case import Case
from passmuster.records.task import Review
from passmuster.records.trial import Reply, Trial

NAMES = ("confidence", "failed", "category", "stratum", "tags")
"""What a rule may speak of."""


class ReviewRule:
    """The `when` of a review as a question about one trial.

    The language is that of prompts: a Jinja2 expression in its sandbox. A reply without a confidence is one
    that nobody can wave through, so a rule that asks for it answers yes.

    Raises:
        ConfigurationError: if the expression cannot be read or speaks of something else.

    Example:
        >>> rule = ReviewRule(Review(when="confidence < 0.8 or failed", minutes=3, hourly=40))
        >>> rule.cost_of_one
        2.0
    """

    def __init__(self, review: Review) -> None:
        self.review = review
        environment = SandboxedEnvironment()
        try:
            self._expression = environment.compile_expression(review.when, undefined_to_none=False)
        except TemplateError as error:
            raise ConfigurationError(
                f"cost.review.when: cannot read {review.when!r}: {error}",
                hint=f"an expression over {', '.join(NAMES)}, such as: confidence < 0.8 or failed",
            ) from error
        self._refuse_unknown_names()

    def _refuse_unknown_names(self) -> None:
        known: dict[str, object] = {
            "confidence": 1.0,
            "failed": False,
            "category": "",
            "stratum": "",
            "tags": (),
        }
        try:
            result = self._expression(**known)
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            result = error
        if isinstance(result, Undefined | Exception):
            raise ConfigurationError(
                f"cost.review.when: {self.review.when!r} speaks of something that is not known of a trial",
                hint=f"known are {', '.join(NAMES)}",
            )

    @property
    def cost_of_one(self) -> float:
        """US dollars of one review."""
        return self.review.minutes / 60 * self.review.hourly

    def applies(self, case: Case, trial: Trial) -> bool:
        """Say whether a person looks at this trial."""
        reply = trial.outcome if isinstance(trial.outcome, Reply) else None
        known: dict[str, object] = {
            "confidence": None if reply is None else reply.confidence,
            "failed": reply is None,
            "category": case.category,
            "stratum": case.stratum or "",
            "tags": case.tags,
        }
        try:
            return bool(self._expression(**known))
        except TypeError:  # a confidence that is missing cannot be compared
            return True
