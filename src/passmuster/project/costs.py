"""The cost model of a project file."""

from passmuster.decide.pricing.review import ReviewRule
from passmuster.errors import ConfigurationError
from passmuster.project.cost_settings import CallSettings, CostSettings
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import closest, located
from passmuster.project.yaml import Document
from passmuster.records.costs import HOURS_A_MONTH
from passmuster.records.task import CostModel, ProductionCall, Review


def costs_of(settings: ProjectSettings, document: Document) -> CostModel:
    """Return the cost model of a project.

    Raises:
        ConfigurationError: for a rule of review that cannot be read, a call without a price or with two, one of a scorer that
            is not there, a peak or a bar on a month without a volume, a peak below the mean hour, and hours of upkeep
            that cost nothing.
    """
    stated = settings.cost
    reviews = tuple(
        Review(when=each.when, minutes=each.minutes, hourly=each.hourly) for each in stated.review
    )
    for place, review in enumerate(reviews):
        listed = ("cost", "review", place, "when")
        with located(document, listed if listed in document.values else ("cost", "review", "when")):
            ReviewRule(review)
    _check_upkeep(settings, document)
    _check_peak(stated, document)
    if "cost_per_month" in settings.bars and stated.monthly_volume is None:
        raise ConfigurationError(
            "there is a bar on cost_per_month, and no volume of a month is stated",
            place=document.key(("bars", "cost_per_month")),
            hint="Say how many tasks a month there are: `cost: {monthly_volume: 200000}`.",
        )
    return CostModel(
        review=reviews,
        monthly_volume=stated.monthly_volume,
        calls=_calls(settings, document),
        silent_failure=stated.silent_failure,
        peak=stated.peak,
    )


def _check_peak(stated: CostSettings, document: Document) -> None:
    if stated.peak is None:
        return
    if stated.monthly_volume is None:
        raise ConfigurationError(
            "cost.peak is the busiest hour of a volume that is not stated",
            place=document.value(("cost", "peak")),
            hint="Say how many tasks a month there are: `monthly_volume: 200000`.",
        )
    mean = stated.monthly_volume / HOURS_A_MONTH
    if stated.peak < mean:
        raise ConfigurationError(
            f"cost.peak is {stated.peak:,g} tasks an hour, and {stated.monthly_volume:,} tasks a month are {mean:,.1f} in the mean hour",
            place=document.value(("cost", "peak")),
            hint="The busiest hour has at least as many: write its tasks, or leave `peak` out.",
        )


def _check_upkeep(settings: ProjectSettings, document: Document) -> None:
    for place, entry in enumerate(settings.candidates):
        if entry.upkeep is not None and entry.upkeep.hours and not entry.upkeep.hourly:
            raise ConfigurationError(
                f"the upkeep of {entry.name!r} has hours of work, and not what an hour costs",
                place=document.value(("candidates", place, "upkeep")),
                hint="Add `hourly: 75 USD`.",
            )


def _calls(settings: ProjectSettings, document: Document) -> tuple[ProductionCall, ...]:
    made: list[ProductionCall] = []
    for place, call in enumerate(settings.cost.calls):
        _check_call(settings, document, place, call)
        if call.name in [each.name for each in made]:
            raise ConfigurationError(
                f"cost.calls has two called {call.name!r}", place=document.value(("cost", "calls", place))
            )
        made.append(ProductionCall(name=call.name, usd=call.usd, share=call.share, scorer=call.scorer))
    return tuple(made)


def _check_call(settings: ProjectSettings, document: Document, place: int, call: CallSettings) -> None:
    at = ("cost", "calls", place)
    if (call.usd is None) == (call.scorer is None):
        raise ConfigurationError(
            f"the call {call.name!r} needs either `usd`, what one costs, or `scorer`, whose answers say what it costs",
            place=document.value(at),
        )
    names = [scorer.name for scorer in settings.scorers]
    if call.scorer is not None and call.scorer not in names:
        raise ConfigurationError(
            f"there is no scorer {call.scorer!r}",
            place=document.value((*at, "scorer")),
            hint=closest(call.scorer, names) if names else "Models that metrics ask stand under `scorers:`.",
        )
    if not 0 <= call.share <= 1:
        raise ConfigurationError(
            f"the share of tasks that make the call {call.name!r} must lie between 0 % and 100 %",
            place=document.value((*at, "share")),
        )
