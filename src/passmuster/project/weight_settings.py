"""Weights as a project file states them."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSettings(Record):
    """How much a figure weighs among those that pass, and which of its values count as 1 and 0."""

    weight: Annotated[float, Field(description="its weight; all of them are divided by their sum", ge=0)]
    best: Annotated[
        float | str | None, Field(description="what counts as 1; default: the best that was seen")
    ] = None
    worst: Annotated[
        float | str | None, Field(description="what counts as 0; default: the worst that was seen")
    ] = None
