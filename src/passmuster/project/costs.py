"""The cost model of a project file."""

from passmuster.decide.review import ReviewRule
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import located
from passmuster.project.yaml import Document
from passmuster.records.task import CostModel, Review


def costs_of(settings: ProjectSettings, document: Document) -> CostModel:
    """Return the cost model of a project.

    Raises:
        ConfigurationError: for a rule of review that cannot be read.
    """
    found = settings.cost.review
    if found is None:
        return CostModel(monthly_volume=settings.cost.monthly_volume)
    review = Review(when=found.when, minutes=found.minutes, hourly=found.hourly)
    with located(document, ("cost", "review", "when")):
        ReviewRule(review)
    return CostModel(review=review, monthly_volume=settings.cost.monthly_volume)
