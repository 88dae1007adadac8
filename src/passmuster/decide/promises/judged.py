"""What judges say, corrected by what people say; judges that drift; judges that lean."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from passmuster.decide.judging.anchors import chosen_anchors
from passmuster.decide.judging.calibrating.findings import FAVOUR_ALPHA
from passmuster.decide.judging.calibrating.leanings import family_leaning
from passmuster.decide.judging.calibrating.rows import Beside, JudgedReply, Unit, beside
from passmuster.decide.judging.drift import judge_drift
from passmuster.decide.judging.shift import value_shift
from passmuster.decide.promises.promise import Count, Promise
from passmuster.records.judge_drift import AnchorCheck
from passmuster.stats.arrays import FloatArray
from passmuster.stats.intervals import wilson
from passmuster.stats.judged.corrected import Corrected, corrected
from passmuster.stats.judged.differences import corrected_difference
from passmuster.stats.student import student_quantile


class Design(NamedTuple):
    """A truth, a judge of stated sensitivity and specificity, n ratings, and all that it judged."""

    truth: float
    sensitivity: float
    specificity: float
    n: int
    total: int


USUAL = Design(0.80, 0.90, 0.80, 100, 2000)


def drawn_replies(design: Design, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return the truth and the verdicts of as many replies as the judge has seen."""
    truth = (rng.random(design.total) < design.truth).astype(np.float64)
    right = np.where(truth == 1, design.sensitivity, design.specificity)
    return truth, np.where(rng.random(design.total) < right, truth, 1 - truth)


def rated(truth: FloatArray, n: int) -> FloatArray:
    """Return the truth of the first n, NaN for what nobody rated."""
    return np.where(np.arange(len(truth)) < n, truth, np.nan)


def _known(found: Corrected | None) -> Corrected:
    if found is None:
        raise AssertionError("drawn ratings of both verdicts can always be corrected by")
    return found


def corrected_shares(rng: np.random.Generator, runs: int, design: Design = USUAL) -> Count:
    """Draw a judged share: an error is a corrected interval that misses it; the shortcut takes the judge's word.

    In `figures`: how far the estimate is `off`, and its `width` by that of the ratings alone.
    """
    errors = naive = 0
    off = wide = alone = 0.0
    quantile = student_quantile(0.975, design.n - 1)
    for _ in range(runs):
        truth, judged = drawn_replies(design, rng)
        found = _known(corrected(judged, rated(truth, design.n), bounds=(0, 1)))
        low, high = wilson(float(judged.sum()), float(design.total))
        errors += not found.low <= design.truth <= found.high
        naive += not low <= design.truth <= high
        off += found.value - design.truth
        wide += found.high - found.low
        alone += 2 * quantile * truth[: design.n].std(ddof=1) / np.sqrt(design.n)
    figures = {"off": off / runs, "width": wide / alone}
    return Count(runs=runs, errors=errors, naive=naive, figures=figures)


class Pairs(NamedTuple):
    """Two candidates on the same cases, under a judge hard on the first and kind to the second."""

    first: FloatArray
    second: FloatArray
    said_first: FloatArray
    said_second: FloatArray


def drawn_pairs(first: float, second: float, total: int, rng: np.random.Generator) -> Pairs:
    """Draw two candidates with these true shares, half of what makes a case hard in common."""
    ease = rng.random(total)
    other = np.where(rng.random(total) < 0.5, ease, rng.random(total))
    a, b = (ease < first).astype(np.float64), (other < second).astype(np.float64)
    said_a = np.where(rng.random(total) < 0.85, a, 1 - a)
    said_b = np.where(rng.random(total) < np.where(b == 1, 0.97, 0.60), b, 1 - b)
    return Pairs(a, b, said_a, said_b)


def corrected_differences(rng: np.random.Generator, runs: int, *, apart: bool = False) -> Count:
    """Draw two candidates five points apart under a judge that favours the worse; `apart`: ratings of other cases.

    In `figures`: how far the corrected difference and the judge's are off, the standard `error` of the former, and
    its `width` by that of the ratings alone.
    """
    n, truth, errors, naive = 100, 0.80 - 0.75, 0, 0
    wide = people = 0.0
    values, raw = np.zeros(runs), np.zeros(runs)
    for place in range(runs):
        a, b, said_a, said_b = drawn_pairs(0.80, 0.75, 2000, rng)
        people_b = np.roll(rated(np.roll(b, -n), n), n) if apart else rated(b, n)
        found = corrected_difference(said_a, rated(a, n), said_b, people_b, bounds=(0, 1))
        low, high = found.low or 0.0, found.high or 0.0
        errors += not low <= truth <= high
        values[place], raw[place] = found.value, (said_a - said_b).mean()
        naive += bool(abs(raw[place] - truth) >= 2 * float((said_a - said_b).std()) / np.sqrt(2000))
        wide += high - low
        people += 2 * student_quantile(0.975, n - 1) * float((a - b)[:n].std(ddof=1)) / np.sqrt(n)
    figures = {
        "off": float(values.mean()) - truth,
        "judge off": float(raw.mean()) - truth,
        "error": float(values.std()) / np.sqrt(runs),
        "width": wide / people,
    }
    return Count(runs=runs, errors=errors, naive=naive, figures=figures)


ANCHORS, POOL = 60, 1_000


def _said(rng: np.random.Generator, truth: FloatArray, *, binary: bool) -> FloatArray:
    """Ask a judge that varies from call to call, whatever it said before."""
    if binary:
        return np.where(rng.random(truth.size) < 0.1, 1 - truth, truth)
    return np.clip(np.rint(truth + rng.normal(0, 0.6, truth.size)), 1, 5)


def _truth(rng: np.random.Generator, *, binary: bool) -> FloatArray:
    if binary:
        return (rng.random(POOL) < 0.9).astype(np.float64)
    return np.clip(rng.normal(3.8, 0.8, POOL), 1, 5)


def _check(values: FloatArray, time: float, *, high: float) -> AnchorCheck:
    return AnchorCheck(
        metric="m",
        set="s",
        judge="v",
        time=time,
        low=0.0 if high == 1 else 1.0,
        high=high,
        values={str(place): float(value) for place, value in enumerate(values)},
        first=time == 0,
    )


def steady_judges(rng: np.random.Generator, runs: int, *, binary: bool = True) -> Count:
    """Ask a judge that stays the same three times: an error is an alarm; the shortcut compares with what chose the anchors."""
    names = [str(place) for place in range(ANCHORS)]
    bounds = (0.0, 1.0) if binary else (1.0, 5.0)
    errors = naive = 0
    for _ in range(runs):
        truth = _truth(rng, binary=binary)
        chose = _said(rng, truth, binary=binary)
        places = chosen_anchors(chose.tolist(), [False] * POOL, ANCHORS, int(rng.integers(2**31)))
        said = [_said(rng, truth, binary=binary)[places] for _ in range(3)]
        checks = [_check(each, float(time), high=bounds[1]) for time, each in enumerate(said)]
        errors += judge_drift("m", names, checks, binary=binary).status == "moved"
        found = value_shift(chose[places], said[0], bounds, binary=binary)
        naive += found is not None and found.alarm
    return Count(runs=runs, errors=errors, naive=naive)


UNIT = Unit(bounds=(0.0, 1.0), binary=True)
CASES, EACH = 300, 30


def judged_beside(rng: np.random.Generator, *, favour: float = 0.0, by_length: float = 0.0) -> Beside:
    """Return what is rated of two candidates, 30 replies of each verdict: `a` is better, and its good replies are longer.

    `favour` is the share of `a`'s bad replies that the judge passes all the same, `by_length` what each doubling of the
    length adds to the odds.
    """
    rows: list[JudgedReply] = []
    for name, right in (("a", 0.8), ("b", 0.6)):
        human = rng.random(CASES) < right
        length = np.exp(rng.normal(5 + 0.3 * human, 1))
        odds = np.where(human, np.log(9.0), np.log(0.25)) + by_length * (np.log2(length) - 7.2)
        passes = rng.random(CASES) < 1 / (1 + np.exp(-odds))
        passes |= (name == "a") & (rng.random(CASES) < favour)
        chosen = np.zeros(CASES, dtype=bool)
        for verdict in (True, False):
            chosen[rng.permutation(np.flatnonzero(passes == verdict))[:EACH]] = True
        rows += [
            JudgedReply(
                candidate=name,
                case=str(case),
                group=str(case),
                value=float(passes[case]),
                human=float(human[case]) if chosen[case] else None,
                drawn=bool(chosen[case]),
                length=int(length[case]) + 1,
                akin=name == "a",
                stratum=str(passes[case]),
            )
            for case in range(CASES)
        ]
    return beside(rows)


def honest_judges(rng: np.random.Generator, runs: int) -> Count:
    """Ask an honest judge: an error is that it is said to favour its own; the shortcut leaves out what people say."""
    errors = naive = 0
    for _ in range(runs):
        found = judged_beside(rng)
        leaning = family_leaning(found, UNIT)
        blind = family_leaning(replace(found, human=np.zeros(len(found))), UNIT)
        errors += leaning is not None and leaning.p < FAVOUR_ALPHA
        naive += blind is not None and blind.p < FAVOUR_ALPHA
    return Count(runs=runs, errors=errors, naive=naive)


PROMISES = (
    Promise(
        name="judge",
        says="The figure that people's ratings correct is that of people, whatever the judge's mistakes.",
        counts="corrected 95% intervals that miss what people would say of all replies",
        naive="the judge's own share is taken at its word",
        used=("judge calibrate", "compare"),
        limit=0.06,
        repetitions=2000,
        simulate=corrected_shares,
    ),
    Promise(
        name="judge-difference",
        says="A judge that favours one candidate does not move the corrected difference.",
        counts="corrected 95% intervals that miss the true difference",
        naive="the difference of what the judge says",
        used=("compare",),
        limit=0.06,
        repetitions=700,
        simulate=corrected_differences,
    ),
    Promise(
        name="judge-drift",
        says="A judge that varies but stays raises an alarm in one call of a hundred at most.",
        counts="runs with an alarm about a judge that did not move",
        naive="the verdicts that the anchors were chosen by are the first check",
        used=("judge drift",),
        limit=0.01,
        repetitions=1000,
        simulate=steady_judges,
    ),
    Promise(
        name="judge-leaning",
        says="An honest judge is accused of favouring its own family once in a hundred.",
        counts="honest judges that are accused",
        naive="shares of verdicts are compared, and what people say is left out",
        used=("judge calibrate",),
        limit=0.02,
        repetitions=350,
        simulate=honest_judges,
    ),
)
