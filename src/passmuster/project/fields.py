"""Types of values that several parts of the project file have: times, money, shares, names."""

from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema

from passmuster.project import quantities


def _quantity(forms: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "description": forms})


Seconds: TypeAlias = Annotated[
    float, BeforeValidator(quantities.seconds), _quantity(quantities.SECONDS_FORMS)
]
Minutes: TypeAlias = Annotated[
    float, BeforeValidator(quantities.minutes), _quantity("minutes (3), or text: 90 s, 3 min")
]
Dollars: TypeAlias = Annotated[
    float, BeforeValidator(quantities.dollars), _quantity(quantities.DOLLARS_FORMS)
]
Share: TypeAlias = Annotated[float, BeforeValidator(quantities.share), _quantity(quantities.SHARE_FORMS)]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
