"""Numbers as people read them: money, time, shares, intervals, p-values; missing is `-`, never 0."""

import math
from typing import TYPE_CHECKING

from passmuster.records.decision import HOPELESS
from passmuster.records.score import Difference, Estimate

if TYPE_CHECKING:
    # What a run says needs figures, and of a comparison it needs nothing.
    from passmuster.records.comparison import Check
    from passmuster.records.costs import CostBasis

MISSING = "-"


def number(value: float | None, *, signed: bool = False, compact: bool = False) -> str:
    """Return a metric's value with three decimals below 10, fewer above; `compact` drops the leading zero.

    Example:
        >>> number(0.7584), number(0.067, signed=True), number(0.7584, compact=True), number(None)
        ('0.758', '+0.067', '.758', '-')
    """
    if value is None:
        return MISSING
    text = _plain(value)
    if signed and not text.startswith("-"):
        text = "+" + text
    return text.replace("0.", ".", 1) if compact and abs(value) < 1 else text


def _plain(value: float) -> str:
    size = abs(value)
    digits = 3 if size < 10 else 1 if size < 1000 else 0
    text = f"{value:,.{digits}f}"
    return text[1:] if text.startswith("-") and not any(char in "123456789" for char in text) else text


def interval(figure: Estimate | Difference | None, *, signed: bool = False, compact: bool = False) -> str:
    """Return `value [low, high]`, the value alone where there is no interval, or `-`.

    Example:
        >>> interval(Estimate(value=0.758, low=0.731, high=0.784))
        '0.758 [0.731, 0.784]'
    """
    if figure is None or figure.value is None:
        return MISSING
    value = number(figure.value, signed=signed, compact=compact)
    if figure.low is None or figure.high is None:
        return value
    low = number(figure.low, signed=signed, compact=compact)
    high = number(figure.high, signed=signed, compact=compact)
    return f"{value} [{low}, {high}]"


def more_cases(more: int | None, noun: str = "") -> str | None:
    """Return how many more cases a question needs; so many that nobody will ask them are no number.

    Example:
        >>> more_cases(1200), more_cases(1200, "more case"), more_cases(785_898, "more case"), more_cases(None)
        ('1,200', '1,200 more cases', 'too close to tell', None)
    """
    if more is None:
        return None
    if more > HOPELESS:
        return "too close to tell"
    return count(more, noun) if noun else f"{more:,}"


def percent(value: float | None) -> str:
    """Return a share as a percentage: one decimal below 10 % where it is not whole.

    Example:
        >>> percent(0), percent(0.0042), percent(0.123), percent(None)
        ('0 %', '0.4 %', '12 %', '-')
    """
    if value is None:
        return MISSING
    hundred = value * 100
    if hundred == 0:
        return "0 %"
    if 0 < hundred < 0.05:
        return "<0.1 %"
    return f"{hundred:.1f}".removesuffix(".0") + " %" if hundred < 10 else f"{hundred:.0f} %"


def points(value: float | None, *, signed: bool = True) -> str:
    """Return a difference of shares in percentage points.

    Example:
        >>> points(0.016), points(-0.003)
        ('+1.6 points', '-0.3 points')
    """
    if value is None:
        return MISSING
    return f"{value * 100:{'+' if signed else ''}.1f} points"


def p_value(value: float | None) -> str:
    """Return a p-value: three decimals, `<0.001` below.

    Example:
        >>> p_value(0.0523), p_value(0.00002), p_value(None)
        ('0.052', '<0.001', '-')
    """
    if value is None:
        return MISSING
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def significant(value: float, digits: int = 2) -> str:
    """Return `value` with so many significant digits below 100, whole and grouped by thousands above.

    Example:
        >>> significant(0.03141), significant(12.4), significant(14400.0), significant(0)
        ('0.031', '12', '14,400', '0')
    """
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}"


def money(value: float | None) -> str:
    """Return US dollars: cents from one dollar on, two significant digits below.

    Example:
        >>> money(0.00041), money(3.5), money(1234.5), money(None)
        ('$0.00041', '$3.50', '$1,234.50', '-')
    """
    if value is None:
        return MISSING
    return f"${value:,.2f}" if abs(value) >= 1 else f"${significant(value)}"


_MARKS: "dict[CostBasis, str]" = {"estimated": "~", "lower_bound": ">="}


def per_thousand(value: float | None, basis: "CostBasis") -> str:
    """Return US dollars per 1,000, marked `~` where tokens are estimated, `>=` where it is a lower bound.

    Example:
        >>> per_thousand(0.0000312, "estimated"), per_thousand(0.002, "lower_bound"), per_thousand(None, "unknown")
        ('~0.031', '>=2.00', 'unknown')
    """
    if basis == "unknown":
        return "unknown"
    if value is None:
        return MISSING
    thousand = value * 1000
    text = f"{thousand:,.2f}" if 1 <= thousand < 1000 else significant(thousand)
    return _MARKS.get(basis, "") + text + (" stated" if basis == "stated" else "")


def seconds(value: float | None) -> str:
    """Return a time in the unit that suits it.

    Example:
        >>> seconds(0.826), seconds(1.5), seconds(90), seconds(14400), seconds(7776000), seconds(None)
        ('826 ms', '1.50 s', '1.5 min', '4.0 h', '90 days', '-')
    """
    if value is None:
        return MISSING
    if 0 < value < 0.0005:
        return "<1 ms"
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 59.95:
        return f"{bare_seconds(value)} s"
    if value < 172_800:
        return f"{value / 60:.1f} min" if value < 3597 else f"{value / 3600:,.1f} h"
    return f"{value / 86_400:,.0f} days"


def bare_seconds(value: float | None) -> str:
    """Return seconds without the unit, for a column that names it once.

    Example:
        >>> bare_seconds(0.826), bare_seconds(12.34), bare_seconds(148.2)
        ('0.83', '12.3', '148')
    """
    if value is None:
        return MISSING
    if 0 < value < 0.005:
        return "<0.01"
    return f"{value:,.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}"


def count(number_of: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun.

    Example:
        >>> count(1, "case"), count(1200, "case")
        ('1 case', '1,200 cases')
    """
    return f"{number_of:,} {singular if number_of == 1 else plural or singular + 's'}"


def of_check(check: "Check") -> str:
    """Return the observed figure of a check: of its metric, or of the difference to the incumbent (the ratio `x`).

    Example:
        >>> from passmuster.records.comparison import Check
        >>> bar = {"metric": "failure_rate", "bar": "", "limit": 0.01, "direction": "at_most", "p": None, "method": ""}
        >>> of_check(Check(**bar, value=0.02, status="misses", p_misses=None, more_cases=None, versus="incumbent"))
        '+0.020'
    """
    if check.versus is None:
        return measure(check.metric, check.value)
    if check.value is None:
        return MISSING
    ratio = check.metric.startswith(("cost_", "latency_", "first_token_"))
    return f"{check.value:.3g} x" if ratio else f"{check.value:+.3f}"


def measure(metric: str, value: float | None) -> str:
    """Return a value in the unit of the metric it belongs to: time, money, a share, or a plain number.

    Example:
        >>> measure("latency_p95", 1.5), measure("cost_per_success", 0.002), measure("failure_rate", 0.01)
        ('1.50 s', '$0.0020', '1 %')
    """
    if metric.startswith(("latency", "first_token", "ttft", "corpus_age")):
        return seconds(value)
    if metric.startswith("cost"):
        return money(value)
    return percent(value) if metric.endswith("_rate") else number(value)
