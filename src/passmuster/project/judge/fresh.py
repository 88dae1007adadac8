"""Fresh draws of a project: a few replies for people at each scheduled run, and what they say beside the judge."""

from collections import defaultdict
from collections.abc import Iterable

from passmuster.decide.judging.fresh import BothSaid, gap_of
from passmuster.project.judges import Judge
from passmuster.project.load import Project
from passmuster.project.rating.draws import draw_replies, said_of
from passmuster.project.rating.replies import ReplyFinder
from passmuster.records.digest import digest
from passmuster.records.judge_drift import AnchorCheck, FreshGap
from passmuster.records.rating import Choice, Draw, Drawn, Rating
from passmuster.records.score import Score
from passmuster.workflows.rating.drawing import ItemKey, item_key

FRESH = 20
"""How many replies a scheduled run puts before people."""


def draw_fresh(project: Project, judge: Judge, number: int = FRESH, seed: int = 0) -> Draw:
    """Draw replies that nobody was asked about, put them into the queue, and keep what the judge says of them today.

    Args:
        project: The project.
        judge: The judge.
        number: How many, over all candidates.
        seed: Of the draw.

    Raises:
        UsageError: where nothing is left to draw.
        IncompleteError: where no reply is judged yet.
        CorpusError: where the draw cannot be written.
    """
    draw = draw_replies(project, judge.name, number=number, purpose="fresh", seed=seed)
    values: dict[str, float | None] = {}
    with ReplyFinder(project, {item.case for item in draw.items}) as finder:
        for item in draw.items:
            reply = finder.find(item.candidate, item.case, item.repeat)
            score = None if reply is None else judge.metric.score(finder.cases[item.case], reply)
            if isinstance(score, Score):
                values[_name(item)] = score.value
    low, high = judge.metric.bounds
    check = AnchorCheck(
        metric=judge.name, set=draw.id, judge=judge.version, time=draw.time, low=low, high=high, values=values
    )
    project.ratings.checks.append([check])
    return draw


def fresh_gaps(project: Project, judge: Judge) -> tuple[FreshGap, ...]:
    """Return people less judge for each fresh draw, in the order of the draws; the store is not read.

    What the judge says is what it said when the draw was made, so that a gap stays what it was when the judge is changed.

    Raises:
        CorpusError: where a line of a file is broken.
    """
    draws = [
        draw for draw in project.ratings.draws.read() if draw.metric == judge.name and draw.purpose == "fresh"
    ]
    if not draws:
        return ()
    said = said_of(project, judge.name)
    newest = _newest((*project.ratings.ratings.read(), *project.ratings.choices.read()))
    kept = {check.set: check for check in project.ratings.checks.read() if check.metric == judge.name}
    return tuple(_gap(draw, kept[draw.id], said, newest.get(draw.id)) for draw in draws if draw.id in kept)


def _gap(draw: Draw, check: AnchorCheck, said: dict[ItemKey, float], newest: float | None) -> FreshGap:
    both = [BothSaid(item.case, _people(item, said), check.values.get(_name(item))) for item in draw.items]
    return FreshGap(
        draw=draw.id,
        time=draw.time,
        gap=gap_of(both, (check.low, check.high)),
        drawn=len(draw.items),
        waiting=sum(each.people is None for each in both),
        newest=newest,
        judge=check.judge,
    )


def _people(item: Drawn, said: dict[ItemKey, float]) -> float | None:
    """Return what people said; of two replies, what they said of the first one of the draw."""
    value = said.get(item_key(item))
    if value is None or item.second is None or item.reply <= item.second:
        return value
    return 1 - value


def _newest(said: Iterable[Rating | Choice]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for each in said:
        if each.draw is not None and each.time is not None and each.kind == "human":
            found[each.draw] = max(found[each.draw], each.time)
    return found


def _name(item: Drawn) -> str:
    return digest([item.case, item.reply, item.second])
