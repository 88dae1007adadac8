"""The production readiness checklist as a whole."""

from passmuster.decide.readiness.facts import ReadyFacts
from passmuster.decide.readiness.items_of_cases import (
    fresh_item,
    holdout_item,
    labelled_item,
    modes_item,
    order_item,
)
from passmuster.decide.readiness.items_of_choice import (
    baseline_item,
    ci_item,
    cost_item,
    judge_item,
    metrics_item,
    selection_item,
    unavailable_items,
)
from passmuster.records.readiness import ReadyReport

SCHEMA_VERSION = 1

_ITEMS = (
    labelled_item,
    fresh_item,
    holdout_item,
    modes_item,
    metrics_item,
    judge_item,
    order_item,
    selection_item,
    cost_item,
    baseline_item,
    ci_item,
)


def checklist(facts: ReadyFacts) -> ReadyReport:
    """Fill in the checklist: the cases first, then what is measured on them, then who was chosen and how that is kept."""
    subject = facts.subject
    return ReadyReport(
        schema_version=SCHEMA_VERSION,
        task=facts.task.name,
        generated=facts.generated,
        candidate=None if subject is None else subject.name,
        items=(*(item(facts) for item in _ITEMS), *unavailable_items()),
    )
