"""How figures are written in reasons and names of bars."""

from typing import TYPE_CHECKING

from passmuster.records.decision import HOPELESS
from passmuster.records.task import Bar

if TYPE_CHECKING:  # a run says which requirement is missed, and does not load what only compares
    from passmuster.records.comparison import Check

SECONDS = ("latency_", "first_token_", "corpus_age")
DOLLARS = ("cost_",)


def figure(metric: str, value: float) -> str:
    """Write a value of `metric` in its unit: seconds, US dollars, or a plain number.

    Example:
        >>> figure("latency_p95", 1.5), figure("cost_per_success", 0.00204), figure("accuracy", 0.7)
        ('1.5 s', '$0.00204', '0.70')
    """
    if metric.startswith(SECONDS):
        return seconds(value)
    if metric.startswith(DOLLARS):
        return dollars(value)
    text = f"{value:.3f}"
    return text.removesuffix("0")


def seconds(value: float) -> str:
    """Write seconds, from two minutes on as minutes, from two hours on as hours, from two days on as days.

    Example:
        >>> seconds(1.5), seconds(600.0), seconds(14_400.0), seconds(7_776_000)
        ('1.5 s', '10 min', '4 h', '90 days')
    """
    if value < 120:
        return f"{value:.3g} s"
    if value < 172_800:
        return f"{value / 60:.3g} min" if value < 7200 else f"{value / 3600:.3g} h"
    return f"{value / 86_400:,.0f} days"


def dollars(value: float) -> str:
    """Write US dollars with three significant digits, never in powers of ten.

    Example:
        >>> dollars(0.0000123), dollars(12.5), dollars(1234.5)
        ('$0.0000123', '$12.5', '$1,234')
    """
    if value >= 1000:
        return f"${value:,.0f}"
    if value == 0:
        return "$0"
    text = f"{value:.3g}"
    if "e" in text:
        digits = max(0, 2 - int(f"{value:e}".split("e")[1]))
        text = f"{value:.{digits}f}"
    return f"${text}"


def points(value: float) -> str:
    """Write a difference of shares in points.

    Example:
        >>> points(0.016), points(-0.003)
        ('+1.6', '-0.3')
    """
    return f"{value * 100:+.1f}"


def bar_text(bar: Bar) -> str:
    """Write a bar as a condition, with the cases and the incumbent that it speaks of.

    Example:
        >>> bar_text(Bar(metric="latency_p95", at_most=1.5))
        'latency_p95 <= 1.5 s'
        >>> bar_text(Bar(metric="accuracy", at_least=-0.02, versus="incumbent", slice="edge"))
        'accuracy >= incumbent - 0.02 on edge'
        >>> bar_text(Bar(metric="cost_per_task", at_most=1.1, versus="incumbent"))
        'cost_per_task <= 1.1 x incumbent'
    """
    sign = "<=" if bar.at_least is None else ">="
    limit = bar.at_least if bar.at_least is not None else bar.at_most or 0.0
    where = "" if bar.slice is None else f" on {bar.slice}"
    if bar.versus is None:
        return f"{bar.metric} {sign} {figure(bar.metric, limit)}{where}"
    if is_ratio(bar.metric):
        return f"{bar.metric} {sign} {limit:.4g} x incumbent{where}"
    gap = "" if limit == 0 else f" {'-' if limit < 0 else '+'} {figure(bar.metric, abs(limit))}"
    return f"{bar.metric} {sign} incumbent{gap}{where}"


def is_ratio(metric: str) -> bool:
    """Say whether a metric is held against the incumbent's by its ratio, and not by the difference.

    Example:
        >>> is_ratio("cost_per_task"), is_ratio("latency_p95"), is_ratio("accuracy")
        (True, True, False)
    """
    return metric.startswith((*DOLLARS, "latency_", "first_token_"))


def checked(check: "Check", value: float) -> str:
    """Write a value of what a check is about: of the metric, or of the difference to the incumbent.

    Example:
        >>> from passmuster.records.comparison import Check
        >>> bar = {"metric": "latency_p95", "bar": "", "limit": 1.1, "direction": "at_most", "value": 1.2, "p": None}
        >>> check = Check(**bar, status="misses", p_misses=None, more_cases=None, method="", versus="incumbent")
        >>> checked(check, 1.2)
        '1.2 x'
    """
    if check.versus is None:
        return figure(check.metric, value)
    return f"{value:.3g} x" if is_ratio(check.metric) else f"{value:+.3f}".removesuffix("0")


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """Write a number with its noun.

    Example:
        >>> counted(1, "case"), counted(1200, "case"), counted(2, "reply", "replies")
        ('1 case', '1,200 cases', '2 replies')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {nouns or noun + 's'}"


def cases_needed(more: int) -> str:
    """Write how many more cases a question needs; so many that nobody will ask them are no number.

    Example:
        >>> cases_needed(1), cases_needed(1200), cases_needed(785_898)
        ('1 more case', '1,200 more cases', 'too close to tell')
    """
    return "too close to tell" if more > HOPELESS else counted(more, "more case")


def counting(number: int, noun: str, how: str) -> str:
    """Say how so many of something count.

    Example:
        >>> counting(1, "failed trial", "as not met"), counting(2, "failed trial", "as not met")
        ('1 failed trial counts as not met', '2 failed trials count as not met')
    """
    return f"{counted(number, noun)} {'counts' if number == 1 else 'count'} {how}"


def listed(names: list[str] | tuple[str, ...]) -> str:
    """Write names as a list for people.

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
