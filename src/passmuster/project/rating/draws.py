"""Draws of a project: which replies people are asked about, written beside the cases."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np

from passmuster.decide.judging.book import WORTH
from passmuster.decide.judging.strata import stratum_of
from passmuster.errors import IncompleteError, UsageError
from passmuster.metrics.judges.rubric import JudgingMetric
from passmuster.metrics.metric import Metric
from passmuster.metrics.two_steps import NOT_SCORED, ComparingMetric
from passmuster.project.judges import judges_of
from passmuster.project.load import Project
from passmuster.project.rating.replies import (
    REFERENCE,
    Replied,
    find_metric,
    stored_or_refused,
    worth_asking,
)
from passmuster.records.case import case_digest
from passmuster.records.digest import digest
from passmuster.records.rating import Choice, Draw, Drawn, Purpose, Rating, reply_digest
from passmuster.records.score import Score, ScoreFailure
from passmuster.workflows.rating.drawing import (
    DrawWish,
    ItemKey,
    draw_items,
    item_key,
    populations,
)
from passmuster.workflows.scoring import unsettled

ID_LENGTH = 12


def draw_replies(  # noqa: PLR0913 - what a draw is, under the same names as on the command line
    project: Project,
    metric: str,
    *,
    number: int | None,
    purpose: Purpose,
    seed: int,
    only: Sequence[str] = (),
    pairs: bool = False,
) -> Draw:
    """Draw replies for people to rate, and write the draw; what was drawn of a candidate for this metric is not drawn again.

    Only replies to cases that carry the figures of a comparison are drawn: the others are in no figure that people correct.

    Where the metric is a judge, replies are drawn within the strata of its verdicts, for each candidate apart: first a
    pilot of 20 (10 of each verdict of a judge that passes or fails), then where each rating is worth most. Fresh ones are drawn
    without regard to verdicts, so that they are a small picture of all, from the replies that came since the last
    fresh draw where those are enough. Of a judge that compares replies with those of
    another candidate, those pairs are drawn.

    Args:
        project: The project.
        metric: The name of the metric whose question people answer.
        number: How many replies (or pairs) in all, shared evenly among candidates; None is the pilot of 20 each.
        purpose: What the draw is for.
        seed: Another seed is another draw.
        only: Names of candidates; none is all.
        pairs: Whether two candidates' replies to the same case are drawn together, to choose between.

    Raises:
        UsageError: for an unknown metric or candidate, a number below 1, where nothing is left to draw, and where the
            only candidate is the one that the metric compares the others with.
        IncompleteError: where no reply of theirs is stored, or none is judged yet.
        CorpusError: where the draw cannot be written.

    Example:
        >>> draw_replies(project, "quality", number=100, purpose="calibration", seed=0)  # doctest: +SKIP
    """
    if number is not None and number < 1:
        raise UsageError(f"a draw has at least 1 reply, not {number}")
    found = find_metric(project, metric)
    replies = worth_asking(project, stored_or_refused(project, only))
    earlier = [draw for draw in project.ratings.draws.read() if draw.metric == metric]
    if purpose == "fresh":
        replies = _since(replies, [draw.time for draw in earlier if draw.purpose == "fresh"], number)
    whole = _pairs(replies, seed) if pairs else _judged(found, replies)
    taken = [item for draw in earlier for item in draw.items]
    wish = DrawWish(number=number, seed=_turn(seed, len(earlier)), proportional=purpose == "fresh")
    items = draw_items(whole, taken, said_of(project, metric), wish, binary=found.binary)
    if not items:
        raise UsageError(
            f"no reply is left to draw for {metric}",
            hint="All of them were drawn. See what waits: passmuster rate queue"
            if number is not None
            else "The pilot was drawn already; say how many more.",
        )
    draw = Draw(
        id=digest([metric, purpose, seed, len(earlier), items])[:ID_LENGTH],
        metric=metric,
        purpose=purpose,
        time=project.clock.now(),
        seed=seed,
        items=items,
        judge=_version(project, metric),
        populations=populations(whole),
    )
    project.ratings.draws.append([draw])
    return draw


def _since(replies: list[Replied], times: Sequence[float], number: int | None) -> list[Replied]:
    """Return the replies that came since the last draw, where there are enough of them; else all."""
    if not times:
        return replies
    newer = [each for each in replies if each.when is not None and each.when > max(times)]
    return newer if len(newer) >= (number or 1) else replies


def said_of(project: Project, metric: str) -> dict[ItemKey, float]:
    """Return what people said so far of replies and pairs, on average, for one metric."""
    said: dict[ItemKey, dict[str, float]] = {}
    logs: tuple[Iterable[Rating | Choice], ...] = (
        project.ratings.ratings.read(),
        project.ratings.choices.read(),
    )
    for log in logs:
        for each in log:
            if each.metric == metric and each.kind == "human":
                value = _worth(each)
                if value is not None:
                    said.setdefault(_looked_at(each), {})[each.rater] = value
    return {key: sum(values.values()) / len(values) for key, values in said.items()}


def _worth(said: Rating | Choice) -> float | None:
    if isinstance(said, Rating):
        return said.value
    if said.chosen is None:
        return None
    worth = WORTH[said.chosen]
    return worth if said.first <= said.second else 1 - worth


def _looked_at(said: Rating | Choice) -> ItemKey:
    texts = (said.reply,) if isinstance(said, Rating) else (said.first, said.second)
    return ItemKey(said.case, tuple(sorted(texts)))


def _turn(seed: int, earlier: int) -> int:
    """Return another seed for each further draw with the same one."""
    return int(np.random.SeedSequence([seed % 2**32, earlier]).generate_state(1)[0])


def _version(project: Project, metric: str) -> str | None:
    return next((judge.version for judge in judges_of(project) if judge.name == metric), None)


def _judged(metric: Metric, replies: Sequence[Replied]) -> list[Drawn]:
    """Return the replies by what the metric says of them; what it says nothing of is no part of its figures.

    Raises:
        IncompleteError: where it has said nothing of any.
        UsageError: where all are those that the metric compares others with.
    """
    bare = unsettled(metric)
    if isinstance(bare, ComparingMetric) and bare.against is not None:
        replies = [each for each in replies if each.candidate != bare.against]
        if not replies:
            raise UsageError(
                f"{metric.name} compares the others with {bare.against}, whose own replies it does not judge",
                hint="Name another candidate, or none: --only",
            )
    if bare is metric and not isinstance(metric, JudgingMetric):
        return [_drawn(each) for each in replies]
    found: list[Drawn] = []
    failures: list[ScoreFailure] = []
    for each in replies:
        score = metric.score(each.case, each.reply)
        if isinstance(score, Score):
            found.append(_in_stratum(metric, each, score))
        else:
            failures.append(score)
    if not found:
        missing = [each for each in failures if each.kind == NOT_SCORED]
        told = f": {(missing or failures)[0].message[:300]}" if failures else ""
        hint = "Next: passmuster score" if missing else "See why: passmuster score"
        raise IncompleteError(f"{metric.name} has judged no reply yet{told}", hint=hint)
    return found


def _in_stratum(metric: Metric, each: Replied, score: Score) -> Drawn:
    """Return what people are to look at."""
    stratum = stratum_of(score.value, metric.bounds, binary=metric.binary)
    versus = score.details.get("versus")
    if not isinstance(versus, str):
        return _drawn(each, stratum)
    bare = unsettled(metric)
    by = (bare.against if isinstance(bare, ComparingMetric) else None) or REFERENCE
    return _drawn(each, stratum, second=versus, second_by=by)


def _drawn(
    each: Replied, stratum: str = "", *, second: str | None = None, second_by: str | None = None
) -> Drawn:
    return Drawn(
        case=each.case.id,
        input=case_digest(each.case),
        candidate=each.candidate,
        reply=reply_digest(each.reply),
        repeat=each.repeat,
        stratum=stratum,
        second=second,
        second_by=second_by,
    )


def _pairs(replies: Sequence[Replied], seed: int) -> list[Drawn]:
    """Return every two candidates' replies to the same case, in a drawn order; equal replies leave nothing to choose."""
    rng = np.random.default_rng([seed % 2**32, 1])
    by_case: dict[str, list[Drawn]] = {}
    for each in replies:
        if each.repeat == 0:
            by_case.setdefault(each.case.id, []).append(_drawn(each))
    return [
        _beside(one, other) if rng.random() < 0.5 else _beside(other, one)
        for drawn in by_case.values()
        for one, other in combinations(drawn, 2)
        if one.reply != other.reply and one.candidate != other.candidate
    ]


def _beside(one: Drawn, other: Drawn) -> Drawn:
    return Drawn(
        case=one.case,
        input=one.input,
        candidate=one.candidate,
        reply=one.reply,
        repeat=one.repeat,
        second=other.reply,
        second_by=other.candidate,
        second_repeat=other.repeat,
    )


def drawn_items(draws: Iterable[Draw]) -> Iterator[tuple[Draw, Drawn]]:
    """Yield what draws hold, each look once: two candidates that gave one reply share it."""
    seen: set[tuple[str, ItemKey]] = set()
    for draw in draws:
        for item in draw.items:
            key = (draw.metric, item_key(item))
            if key not in seen:
                seen.add(key)
                yield draw, item
