"""What is wrong with a judge's verdicts as such: none that can be read, always a tie, always the same."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from passmuster.decide.judging.calibrating.rows import JudgedReply, Unit, judged
from passmuster.decide.judging.shares import share_of
from passmuster.records.calibration import FindingKind, JudgeFinding, Severity
from passmuster.records.score import Estimate

FEWEST = 20
"""Judgements below which a habit is no finding."""

ALWAYS = 0.9
"""A judge whose share is above this, with its whole interval, does it always."""

SELDOM = 0.02
"""Failures are a fault from this share on, by the lower end of its interval; fewer are a caution."""

TIE = 0.5


class _Failing(NamedTuple):
    kind: FindingKind
    words: str


FAILURES: Mapping[str, _Failing] = {
    "judge_unreadable": _Failing("unreadable", "cannot be read as a verdict"),
    "judge_refused": _Failing("refused", "are refusals to judge"),
    "judge_off_scale": _Failing("off_scale", "have a value that is not on the scale"),
    "scorer_failed": _Failing("failed", "are missing because the judge's model failed"),
}
"""What a kind of score failure says of the judge; other kinds say nothing of it."""


def failures_of(rows: Sequence[JudgedReply]) -> dict[str, int]:
    """Return how many replies have no judgement, by kind of score failure.

    Example:
        >>> failures_of([JudgedReply(candidate="a", case="1", group="1", value=None, failure="judge_refused")])
        {'judge_refused': 1}
    """
    return dict(sorted(Counter(row.failure for row in rows if row.failure is not None).items()))


def verdict_findings(rows: Sequence[JudgedReply], unit: Unit) -> Iterator[JudgeFinding]:
    """Yield what is wrong with the verdicts, whatever people say of the replies."""
    yield from _failing(rows)
    values = judged(rows)
    if len(values) < FEWEST:
        return
    if unit.pairwise:
        yield from _tying(values)
    else:
        yield from _saying_one_thing(values, unit)


def _failing(rows: Sequence[JudgedReply]) -> Iterator[JudgeFinding]:
    counts = failures_of(rows)
    asked = [row for row in rows if row.value is not None or row.failure in FAILURES]
    for kind, (name, words) in FAILURES.items():
        if number := counts.get(kind, 0):
            share = _share([row.failure == kind for row in asked], asked)
            fault = share.low is not None and share.low > SELDOM
            yield JudgeFinding(
                kind=name,
                severity="fault" if fault else "caution",
                sentence=f"{_of(number, len(asked))} answers of the judge {words}: they count as missing, not as a verdict",
                figure=share,
            )


def _tying(rows: Sequence[JudgedReply]) -> Iterator[JudgeFinding]:
    # A verdict that changed with the sides is a tie by our reading, not by the judge's word.
    # Of equal replies nobody was asked.
    asked = [row for row in rows if row.swapped]
    if len(asked) < FEWEST:
        return
    ties = [row.value == TIE and set(row.swapped) == {"consistent"} for row in asked]
    share = _share(ties, asked)
    if share.low is not None and share.low > ALWAYS:
        yield JudgeFinding(
            kind="always_ties",
            severity="fault",
            sentence=f"the judge calls {_of(sum(ties), len(asked))} comparisons a tie: it tells nothing apart",
            figure=share,
        )


def _saying_one_thing(rows: Sequence[JudgedReply], unit: Unit) -> Iterator[JudgeFinding]:
    (value, number), *_ = Counter(row.value for row in rows).most_common(1)
    share = _share([row.value == value for row in rows], rows)
    if value is None or share.low is None or share.low <= ALWAYS:
        return
    said = _word(value, unit)
    severity, people = _beside_people(rows, value, unit, share)
    if severity is None:
        return
    yield JudgeFinding(
        kind="one_value",
        severity=severity,
        sentence=f"the judge says {said} of {_of(number, len(rows))} replies{people}",
        figure=share,
    )


def _beside_people(
    rows: Sequence[JudgedReply], value: float, unit: Unit, share: Estimate
) -> tuple[Severity | None, str]:
    """Return how grave it is to say one thing of nearly all replies, and what people say of them."""
    rated = [(row, row.human) for row in rows if row.human is not None]
    if len(rated) < FEWEST:
        return "caution", ": whether they are so much alike, only people can tell"
    near = unit.width / 8
    alike = [abs(human - value) <= near for _, human in rated]
    same = _share(alike, [row for row, _ in rated])
    if same.high is not None and share.low is not None and same.high < share.low:
        return "fault", f", people of {_of(sum(alike), len(rated))}"
    return None, ""


def _share(values: Sequence[bool], rows: Sequence[JudgedReply]) -> Estimate:
    """Return a share of rows, those of one case clustered."""
    return share_of(values, [row.group for row in rows])


def _of(number: int, whole: int) -> str:
    return f"{number:,} of {whole:,}"


def _word(value: float, unit: Unit) -> str:
    if unit.binary:
        return "pass" if value == unit.bounds[1] else "fail"
    return f"{value:g}"
