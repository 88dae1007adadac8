"""Verdicts: every bar met (intersection-union), over all candidates together (Holm).

Sources: Berger 1982 (intersection-union tests), Holm 1979. A candidate passes only if each of its bars is
shown to be met, so the largest of its p-values is its p-value and bars need no correction among themselves;
Holm's step-down over the candidates holds the chance of any false pass at alpha.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.decide.bar_tests import BarTest
from passmuster.decide.measured import Measured
from passmuster.decide.phrases import cases_needed, checked, counted, listed
from passmuster.decide.requirements import excluded
from passmuster.records.comparison import Check, CheckStatus, VerdictReport
from passmuster.records.requirement import RequirementCheck
from passmuster.stats.families import holm


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A candidate with its tests, ready to be judged; `eligible` is false for one that is no finalist.

    `price` says where the columns of its price stand in the table that its tests share, if they do;
    `apart` is the candidate on cases that are measured apart, where a bar may be about some of these.
    """

    measured: Measured
    tests: tuple[BarTest, ...]
    eligible: bool = True
    requirements: tuple[RequirementCheck, ...] = ()
    price: tuple[int, ...] | None = None
    apart: Measured | None = None

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.measured.candidate.name

    @property
    def declared(self) -> bool:
        """Whether everything that is required of it is declared, and met: else it cannot be chosen."""
        return all(check.status == "meets" for check in self.requirements)

    @property
    def in_family(self) -> bool:
        """Whether it could pass at all, and so counts in the correction."""
        return (
            self.eligible
            and not excluded(self.requirements)
            and bool(self.tests)
            and all(test.testable for test in self.tests)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A contender with the checks of its bars and its verdict."""

    contender: Contender
    checks: tuple[Check, ...]
    verdict: VerdictReport


def judge(contenders: Sequence[Contender], alpha: float, family: int | None = None) -> list[Judged]:
    """Test every bar of every contender and give the verdicts, in the order of `contenders`.

    The correction is Holm's over those that could pass; with `family` it is Bonferroni's over so many, which needs no
    p-value of the others: some may have been stopped before they had one.
    """
    p_values = {
        item.name: max(test.observed()[0] for test in item.tests) for item in contenders if item.in_family
    }
    adjusted = adjusted_for(p_values, family)
    passed = sum(p <= alpha for p in adjusted.values())
    levels = _levels(p_values, adjusted, alpha) if family is None else {}
    stopped = alpha / max(1, len(p_values) - passed) if family is None else alpha / family
    judged = []
    for item in contenders:
        level = levels.get(item.name, stopped)
        checks = tuple(_check(test, alpha, level) for test in item.tests)
        verdict = _verdict(item, checks, p_values.get(item.name), adjusted.get(item.name), alpha)
        judged.append(Judged(contender=item, checks=checks, verdict=verdict))
    return judged


def adjusted_for(p_values: dict[str, float], family: int | None = None) -> dict[str, float]:
    """Return the p-values of candidates corrected by Holm, or by Bonferroni over a family of a given size.

    Example:
        >>> adjusted_for({"a": 0.01, "b": 0.04}), adjusted_for({"a": 0.01}, 3)
        ({'a': 0.02, 'b': 0.04}, {'a': 0.03})
    """
    if family is not None:
        return {name: min(1.0, p * family) for name, p in p_values.items()}
    found = holm(list(p_values.values()))
    return {name: 1.0 if p is None else p for name, p in zip(p_values, found, strict=True)}


def _levels(p_values: dict[str, float], adjusted: dict[str, float], alpha: float) -> dict[str, float]:
    """Return the level at which Holm's procedure tested each candidate; those after the stop share the last."""
    levels: dict[str, float] = {}
    remaining = len(p_values)
    for name in sorted(p_values, key=lambda key: p_values[key]):
        levels[name] = alpha / remaining
        if adjusted[name] <= alpha:
            remaining -= 1
    return levels


def _check(test: BarTest, alpha: float, level: float) -> Check:
    p, p_misses = test.observed() if test.testable else (None, None)
    status: CheckStatus = "undecided"
    if p is not None and p <= level:
        status = "meets"
    elif test.stated_miss or (p_misses is not None and p_misses <= alpha):
        status = "misses"
    return Check(
        metric=test.bar.metric,
        bar=test.text,
        limit=test.bar.at_least if test.bar.at_least is not None else test.bar.at_most or 0.0,
        direction="at_least" if test.bar.at_least is not None else "at_most",
        value=test.value,
        status=status,
        p=p,
        p_misses=p_misses,
        more_cases=test.more(level) if test.testable and status == "undecided" else None,
        method=test.method,
        note=test.note,
        more_ratings=test.ratings(level) if status == "undecided" else None,
        slice=test.bar.slice,
        versus=test.bar.versus,
    )


def _verdict(
    item: Contender, checks: tuple[Check, ...], p: float | None, adjusted: float | None, alpha: float
) -> VerdictReport:
    where = " on the cases it may receive" if item.measured.n_withheld else ""
    missed = [check for check in checks if check.status == "misses"]
    if missed:
        reason = f"misses {listed([_with_value(check) for check in missed])}{where}"
        return VerdictReport(status="fail", p=p, adjusted_p=adjusted, reason=reason)
    if adjusted is not None and adjusted <= alpha:
        return VerdictReport(status="pass", p=p, adjusted_p=adjusted, reason=f"meets every bar{where}")
    open_checks = [check for check in checks if check.status == "undecided"]
    return VerdictReport(
        status="undecided",
        p=p,
        adjusted_p=adjusted,
        reason=_undecided_reason(item, checks, open_checks) + where,
        more_cases=_more_for_verdict(open_checks),
    )


def _undecided_reason(item: Contender, checks: tuple[Check, ...], open_checks: list[Check]) -> str:
    if not item.eligible:
        return "is not among the finalists"
    if not checks:
        return "no bars are set"
    if not open_checks:
        return "meets each bar alone, but not at the level that so many candidates ask for"
    return "; ".join(_open_question(check) for check in open_checks)


def _open_question(check: Check) -> str:
    if check.p is None:
        return f"{check.bar}: {check.note}"
    if check.more_ratings is not None:
        return (
            f"{_with_value(check)}: {counted(check.more_ratings, 'more reply', 'more replies')} to be rated"
        )
    where = "" if check.slice is None else f" of {check.slice}"
    if check.more_cases is None:
        return f"{_with_value(check)}: {(where == '' and check.note) or 'no number of cases would settle it at the observed value'}"
    return f"{_with_value(check)}: {cases_needed(check.more_cases)}{where}"


def _with_value(check: Check) -> str:
    value = "unknown" if check.value is None else checked(check, check.value)
    return f"{check.bar} ({value})"


def _more_for_verdict(checks: list[Check]) -> int | None:
    """Return how many more cases settle the verdict: one shown miss is a fail, a pass needs every bar."""
    wrong = [check.more_cases for check in checks if not promising(check)]
    if wrong:
        return min((number for number in wrong if number is not None), default=None)
    right = [check.more_cases for check in checks]
    return None if None in right or not right else max(number for number in right if number is not None)


def promising(check: Check) -> bool:
    """Say whether the observed value lies on the right side of the bar."""
    if check.value is None:
        return False
    return check.value > check.limit if check.direction == "at_least" else check.value < check.limit
