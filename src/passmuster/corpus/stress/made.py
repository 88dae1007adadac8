"""What a transform gets, and what it gives."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from passmuster.records.case import Case, Expect, Input

CHARACTERS_PER_TOKEN = 4.0
"""What a token is taken for where nobody says: about right for English, too many for most other languages."""


class Material(NamedTuple):
    """What a transform may use besides the parent: other cases of its split, and how much a model reads."""

    others: Sequence[Case]
    known: Mapping[str, int]
    """In how many inputs a word stands."""
    limit: int | None = None
    """The context limit in tokens, None where it is not known."""
    per_token: float = CHARACTERS_PER_TOKEN


class Made(NamedTuple):
    """An input that was made, and what was changed, in words."""

    input: Input
    change: str


Apply: TypeAlias = Callable[[Case, np.random.Generator, Material], Made | None]
"""Makes an input out of a case; None where the transform does not apply to it."""


class Transform(NamedTuple):
    """A way to make an adversarial case out of another one."""

    name: str
    kind: str
    expect: Expect
    does: str
    apply: Apply
