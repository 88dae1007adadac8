"""How the gate says what it found: one form for every kind of figure."""

from collections.abc import Callable, Collection, Iterable

from passmuster.decide.phrases import counted, figure
from passmuster.records.gate import GateLine
from passmuster.records.score import Estimate

_LONGEST = 80
"""Letters of a name in a sentence."""


def as_percent(value: float) -> str:
    """Write a part as per cent, with its sign.

    Example:
        >>> as_percent(0.234), as_percent(-0.031), as_percent(1.5)
        ('+23%', '-3.1%', '+150%')
    """
    return f"{value:+.0%}" if abs(value) >= 0.0995 else f"{value:+.1%}"


def moved(line: GateLine, *, share: bool) -> str:
    """Write the old figure, the new one and the change with its interval.

    Args:
        line: The row.
        share: Whether the figure is a share, whose change is given in points.
    """
    if line.change.value is None or line.old.value is None or line.new.value is None:
        return "cannot be compared"
    way = "to" if line.new.value != line.old.value else "and"
    whole = f"{figure(line.name, line.old.value)} {way} {figure(line.name, line.new.value)}"
    return f"{whole} ({_changed(line, share=share)})"


def _changed(line: GateLine, *, share: bool) -> str:
    if line.kind in ("latency", "cost"):
        return with_interval(line.change, as_percent, "")
    if share:
        return with_interval(line.change, lambda value: f"{value * 100:+.1f}", " points")
    return with_interval(line.change, lambda value: f"{value:+.3g}", "")


def with_interval(found: Estimate, form: Callable[[float], str], unit: str) -> str:
    """Write an estimate with its 95% interval."""
    if found.value is None:
        return "unknown"
    ends = "" if found.low is None or found.high is None else f", 95% {form(found.low)} to {form(found.high)}"
    return f"{form(found.value)}{unit}{ends}"


def label(line: GateLine) -> str:
    """Write what a row is about.

    Example:
        >>> none = Estimate(value=None)
        >>> label(GateLine(name="accuracy", kind="quality", level="pass", old=none, new=none, change=none, slice="rare"))
        'accuracy on rare'
    """
    return short(line.name) if line.slice is None else f"{short(line.name)} on {short(line.slice)}"


def short(name: str) -> str:
    """Return a name for a sentence, which must not hide what it says behind a long one.

    Example:
        >>> short("rare"), len(short("x" * 10_000))
        ('rare', 80)
    """
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def needing(more: int | None) -> str:
    """Write how many more cases would settle a row."""
    return "" if more is None else f"; about {counted(more, 'more case')} would settle it"


def nowhere(edge: Iterable[str], names: Collection[str]) -> tuple[str, ...]:
    """Tell of edge slices that no case is in: a name that is misspelt spares nothing.

    Example:
        >>> nowhere(["stratum a", "stratum B"], {"stratum a", "stratum b"})
        ('gate.edge: no case is in stratum B; is it spelt as in the cases?',)
    """
    absent = [name for name in edge if name not in names]
    return (f"gate.edge: no case is in {', '.join(absent)}; is it spelt as in the cases?",) if absent else ()
