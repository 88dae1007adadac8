"""What is to be said of a judge: each thing found is a sentence with its figure.

A test finds something below one in a hundred: of an honest judge about one test in a hundred does so by chance.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import exp

from passmuster.decide.judging.calibrating.rows import Unit
from passmuster.records.calibration import (
    JudgeFinding,
    Leaning,
    PaddingShift,
    PeopleAgreement,
    PositionBias,
    Steadiness,
)
from passmuster.records.score import Estimate

ALPHA = 0.01
"""The chance that one test accuses an honest judge."""

FAVOUR_ALPHA = 0.005
"""The same where candidates are set beside one another: few ratings of each have heavier tails than the test knows."""

MUST_AGREE = 0.7
"""A pairwise judge whose verdicts survive a swap of the sides less often than this is said to be inconsistent."""

MUST_REPEAT = 0.9
"""A judge that says the same again less often than this is said to be noisy, and so is a graded one whose standard
deviation is above a tenth of its scale."""

MUST_TELL = 0.4
"""A judge whose correlation with people is below this, with its whole interval, is said to be weak."""

FEWEST = 20


def position_findings(found: PositionBias | None) -> Iterator[JudgeFinding]:
    """Yield whether the place decides.

    Example:
        >>> from passmuster.decide.judging.calibrating.positions import position_bias
        >>> found = position_bias(["consistent"] * 70 + ["first"] * 25 + ["second"] * 5)
        >>> [finding.sentence for finding in position_findings(found)]
        ['position: of 30 verdicts that changed when the sides were swapped, 25 went to the first place (83 %)']
    """
    if found is None or found.n < FEWEST:
        return
    changed = found.first + found.second
    if found.p < ALPHA:
        place, number = ("first", found.first) if found.first > found.second else ("second", found.second)
        yield JudgeFinding(
            kind="position",
            severity="fault",
            sentence=f"position: of {changed:,} verdicts that changed when the sides were swapped, {number:,} went to "
            f"the {place} place ({_percent(number / changed)})",
            figure=found.lean,
            p=found.p,
        )
    if found.consistent.high is not None and found.consistent.high < MUST_AGREE:
        yield JudgeFinding(
            kind="inconsistent",
            severity="caution",
            sentence=f"swapping the sides changes {_percent(changed / found.n)} of {found.n:,} verdicts: they count as ties",
            figure=found.consistent,
        )


def length_findings(found: Leaning | None) -> Iterator[JudgeFinding]:
    """Yield whether longer replies are favoured."""
    if found is None or found.p >= ALPHA or found.effect.value is None:
        return
    longer = "longer" if found.effect.value > 0 else "shorter"
    other = "shorter" if found.effect.value > 0 else "longer"
    how = (
        "length alone settles the verdict"
        if found.separated
        else f"a reply twice as long has {_odds(found.effect.value)} the odds"
    )
    yield JudgeFinding(
        kind="length",
        severity="fault",
        sentence=f"length: {longer} replies are favoured over {other} ones that people rate alike ({how}; {found.n:,} ratings)",
        figure=found.effect,
        p=found.p,
    )


def family_findings(found: Leaning | None) -> Iterator[JudgeFinding]:
    """Yield whether the judge favours its own family."""
    if found is None or found.p >= FAVOUR_ALPHA or found.effect.value is None:
        return
    favour = "favours" if found.effect.value > 0 else "is hard on"
    how = "" if found.separated else f": {_odds(found.effect.value)} the odds"
    yield JudgeFinding(
        kind="self_preference",
        severity="fault",
        sentence=f"self-preference: the judge {favour} candidates of its own family beside others that people rate alike"
        f"{how} ({found.n:,} ratings)",
        figure=found.effect,
        p=found.p,
    )


def favour_findings(found: Mapping[str, Leaning], told: Sequence[str] = ()) -> Iterator[JudgeFinding]:
    """Yield which candidates are favoured, whatever their family; the chance of a false one is over all candidates.

    Args:
        found: How the judge leans, by candidate.
        told: Candidates of which another finding says it already.
    """
    for name, each in found.items():
        if name in told or each.p >= FAVOUR_ALPHA / (len(found) - 1) or each.effect.value is None:
            continue
        # What is said against one of two candidates is said for the other.
        if each.effect.value < 0 and len(found) == 2:
            continue
        how = "favours" if each.effect.value > 0 else "is hard on"
        size = "" if each.separated else f": {_odds(each.effect.value)} the odds"
        yield JudgeFinding(
            kind="favours",
            severity="fault",
            sentence=f"the judge {how} {name} beside candidates whose replies people rate alike{size} "
            f"({each.n:,} ratings)",
            figure=each.effect,
            p=each.p,
        )


def padding_findings(found: PaddingShift | None, unit: Unit) -> Iterator[JudgeFinding]:
    """Yield whether the same content at greater length is favoured."""
    if found is None or found.p is None or found.p >= ALPHA or found.shift.value is None:
        return
    up = found.shift.value > 0
    shift = (
        f"{100 * found.shift.value:+.0f} points of pass rate" if unit.binary else f"{found.shift.value:+.2f}"
    )
    yield JudgeFinding(
        kind="padding",
        severity="fault" if up else "note",
        sentence=f"padding: the same content at {found.longer:.1f} times the length is judged "
        f"{'better' if up else 'worse'} ({shift} on {found.n:,} replies)",
        figure=found.shift,
        p=found.p,
    )


def noise_findings(found: Steadiness | None, unit: Unit) -> Iterator[JudgeFinding]:
    """Yield whether the same question asked again is answered otherwise."""
    if found is None or found.n < FEWEST:
        return
    seldom = found.same.high is not None and found.same.high < MUST_REPEAT
    wide = found.deviation is not None and found.deviation > unit.width / 10
    if seldom and (wide or unit.binary or unit.pairwise):
        changed = found.n - round((found.same.value or 0.0) * found.n)
        yield JudgeFinding(
            kind="noise",
            severity="caution",
            sentence=f"noise: asked the same again, the judge says something else of {changed:,} of {found.n:,} replies",
            figure=found.same,
        )


def agreement_findings(found: PeopleAgreement | None) -> Iterator[JudgeFinding]:
    """Yield whether the judge is hardly better than chance."""
    if found is None or found.n < FEWEST or not _weak(found.correlation):
        return
    yield JudgeFinding(
        kind="weak",
        severity="caution",
        sentence=f"the judge hardly says what people say: correlation {found.correlation.value:.2f} on {found.n:,} "
        "rated replies, so that it is worth next to no ratings",
        figure=found.correlation,
    )


def _weak(correlation: Estimate) -> bool:
    return correlation.high is not None and correlation.high < MUST_TELL


def _odds(effect: float) -> str:
    times = exp(min(effect, 20.0))
    return f"{times:,.1f} times" if times < 1000 else "over 1,000 times"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
