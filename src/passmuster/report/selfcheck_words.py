"""What a self-check found, in words."""

from passmuster.records.promises import OwnResult, OwnState, PromiseState, SelfcheckReport

STATES: dict[PromiseState | OwnState, tuple[str, str]] = {
    "holds": ("holds", "pass"),
    "broken": ("BROKEN", "fail"),
    "blunt": ("not proved", "undecided"),
    "too_few": ("too few", "undecided"),
}
"""How each state is written, and how it is marked."""


def headline(report: SelfcheckReport) -> str:
    """Return how the promises stand, in a sentence.

    Example:
        >>> headline(SelfcheckReport(schema_version=1, version="1", generated="", seed=0, promises=()))
        'No promise was checked.'
    """
    if not report.promises:
        return "No promise was checked."
    broken = [each.name for each in report.promises if each.state == "broken"]
    blunt = sum(each.state == "blunt" for each in report.promises)
    whole = len(report.promises)
    if broken:
        told = "The promise is broken" if whole == 1 else f"Broken: {len(broken)} of {whole} promises"
        return f"{told}: {', '.join(broken)}."
    if blunt:
        return f"{whole - blunt} of {whole} promises hold; for {blunt} there were too few runs to prove it."
    if whole == 1:
        return "The promise holds, and the usual shortcut breaks it."
    return f"All {whole} promises hold, and the usual shortcut breaks each of them."


def own_headline(report: SelfcheckReport) -> str | None:
    """Return how the tests behave on one's own trials, in a sentence; None without a project."""
    if report.own_missing is not None:
        return f"No A/A run on your own trials: {report.own_missing}"
    if not report.own:
        return None
    broken = sum(each.state == "broken" for each in report.own)
    few = sum(each.state == "too_few" for each in report.own)
    whole = len(report.own)
    if broken:
        return f"On your own trials {broken} of {whole} tests raise more false alarms than promised."
    if few == whole:
        return f"Your own trials are too few, or too much alike, to tell for any of {whole} tests."
    if few:
        return (
            f"On your own trials {whole - few} of {whole} tests keep their rate of false alarms;"
            f" for {few} the sides have too few cases, or differ in too few, to tell."
        )
    return f"On your own trials all {whole} tests keep their rate of false alarms."


def way_of(result: OwnResult) -> str:
    """Return in words how two versions were made that cannot differ."""
    names = " and ".join(result.candidates)
    if result.way == "repeats":
        return f"repeats of {names}, dealt to two sides"
    return f"{names}, labels swapped by chance"


def sizes_of(result: OwnResult) -> str:
    """Return how many cases, and groups, a test saw.

    Example:
        >>> from passmuster.records.score import Estimate
        >>> sizes_of(OwnResult(test="gate", metric="", way="repeats", candidates=(), cases=1200, groups=40,
        ...     differing=9, draws=1, limit=0.05, tolerated=0.1, alarms=Estimate(value=0.0), state="holds", sentence=""))
        '1,200 in 40 groups'
    """
    return f"{result.cases:,}" if result.groups is None else f"{result.cases:,} in {result.groups:,} groups"
