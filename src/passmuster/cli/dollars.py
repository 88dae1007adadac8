"""Amounts on the command line."""

import math
from typing import Any

import click


class Dollars(click.FloatRange):
    """An amount; `nan` and `inf` are none, and no limit is kept by them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the amount in US dollars."""
        amount = float(super().convert(value, param, ctx))
        if not math.isfinite(amount):
            self.fail(f"{value!r} is no amount of US dollars.", param, ctx)
        return amount
