"""A card of costs of which only the marginal cost, machines and upkeep matter."""

from typing import Any

from passmuster.records.costs import CostReport
from passmuster.records.score import Estimate


def card(marginal: Estimate, **extra: Any) -> CostReport:
    return CostReport(
        basis="reported",
        per_task=marginal,
        per_success=marginal,
        per_month=None,
        components={},
        input_tokens=None,
        output_tokens=None,
        tokens_estimated=False,
        reviewed=None,
        marginal=marginal,
        **extra,
    )
