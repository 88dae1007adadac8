"""When does a person look at a reply? Rules over what is known of the trial."""

from collections.abc import Sequence

from jinja2 import TemplateError, Undefined
from jinja2.sandbox import SandboxedEnvironment

from passmuster.errors import ConfigurationError
from passmuster.records.case import Case
from passmuster.records.task import Review
from passmuster.records.trial import Failure, Reply, Trial

NAMES = ("confidence", "failed", "failure", "category", "stratum", "tags")
"""What a rule may speak of; `failure` is the kind of a failure, "" of a reply."""

_UNREADABLE = (TemplateError, TypeError, ValueError, ArithmeticError)
"""What a rule raises that has no answer for a trial."""


class ReviewRule:
    """The `when` of a review as a question about one trial.

    The language is that of prompts: a Jinja2 expression in its sandbox. A reply without a confidence is one
    that nobody can wave through, so a rule that asks for it answers yes, as does one that cannot be worked out.

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
            "failure": "",
            "category": "",
            "stratum": "",
            "tags": (),
        }
        try:
            result = self._expression(**known)
        except _UNREADABLE as error:
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
        outcome = trial.outcome
        known: dict[str, object] = {
            "confidence": outcome.confidence if isinstance(outcome, Reply) else None,
            "failed": not isinstance(outcome, Reply),
            "failure": outcome.kind if isinstance(outcome, Failure) else "",
            "category": case.category,
            "stratum": case.stratum or "",
            "tags": case.tags,
        }
        try:
            return bool(self._expression(**known))
        except _UNREADABLE:  # such as a confidence that is missing: it cannot be compared
            return True


class ReviewRules:
    """All reviews of a task: a reply is looked at, and paid for, under each rule that applies to it.

    Raises:
        ConfigurationError: if an expression cannot be read or speaks of something else.

    Example:
        >>> rules = ReviewRules([Review(when="failed", minutes=3, hourly=40),
        ...                      Review(when="category == 'adversarial'", minutes=10, hourly=90)])
        >>> rules.most
        17.0
    """

    def __init__(self, reviews: Sequence[Review]) -> None:
        self.rules = tuple(ReviewRule(review) for review in reviews)

    @property
    def most(self) -> float:
        """US dollars of a trial that every rule applies to."""
        return sum(rule.cost_of_one for rule in self.rules)

    def cost(self, case: Case, trial: Trial) -> float | None:
        """Return the US dollars of the reviews of this trial; None where nobody looks at it."""
        found = [rule.cost_of_one for rule in self.rules if rule.applies(case, trial)]
        return sum(found) if found else None
