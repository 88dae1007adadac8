"""What waits to be rated, and what was said of it: read from and written to the files beside the cases."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from passmuster.metrics.judges.rubric import Rubric
from passmuster.project.load import Project
from passmuster.project.rating.draws import drawn_items
from passmuster.project.rating.questions import rubric_of
from passmuster.project.rating.replies import ReplyFinder
from passmuster.records.rating import Choice, Draw, Drawn, Rating, reply_digest
from passmuster.records.record import Record
from passmuster.records.trial import Reply
from passmuster.workflows.rating.drawing import ItemKey, item_key
from passmuster.workflows.rating.waiting import Waiting

__all__ = ["Queue", "Waiting", "queue_of", "record", "seen_by", "shown_reply", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Record):
    """What waits, and how much of what was drawn cannot be shown any more.

    `gone` counts, by draw, what is not there as it was drawn: a case that changed or left, a reply that is no longer
    the candidate's.
    """

    waiting: tuple[Waiting, ...]
    gone: Mapping[str, int]
    draws: tuple[Draw, ...]


def waiting(
    project: Project, rater: str | None = None, metric: str | None = None, *, each: int | None = None
) -> tuple[Waiting, ...]:
    """Return what waits to be rated, in the order in which it was drawn.

    Args:
        project: The project.
        rater: A person; what they have said something of does not wait for them. None: what nobody has.
        metric: Only what was drawn for this metric; None is any.
        each: How many people are to see everything; what so many have seen waits for nobody. None: there is no limit.

    Raises:
        CorpusError: where a file of draws or ratings is broken.

    Example:
        >>> [each.texts for each in waiting(project, "ana")]  # doctest: +SKIP
    """
    return queue_of(project, rater, metric, each=each).waiting


def queue_of(
    project: Project, rater: str | None = None, metric: str | None = None, *, each: int | None = None
) -> Queue:
    """Return what waits, as `waiting` does, with the draws and what of them is gone."""
    rater = None if rater is None else unicodedata.normalize("NFC", rater)
    rubrics = {found.name: rubric_of(found) for found in project.metrics()}
    draws = [
        draw
        for draw in project.ratings.draws.read()
        if metric in {None, draw.metric} and draw.metric in rubrics
    ]
    seen = seen_by(project)
    open_ = [
        (draw, item)
        for draw, item in drawn_items(draws)
        if _waits(seen.get((draw.metric, item_key(item)), set()), rater, each)
    ]
    found: list[Waiting] = []
    gone: dict[str, int] = {}
    if open_:
        with ReplyFinder(project, {item.case for _, item in open_}) as finder:
            for draw, item in open_:
                shown = _shown(finder, draw, item, rubrics[draw.metric])
                if shown is None:
                    gone[draw.id] = gone.get(draw.id, 0) + 1
                else:
                    found.append(shown)
    return Queue(waiting=tuple(found), gone=gone, draws=tuple(draws))


def seen_by(project: Project) -> dict[tuple[str, ItemKey], set[str]]:
    """Return which people have said something of what may be drawn, by metric and look.

    It does not matter how it came in: the corrected figures count what was imported of a drawn reply, too.
    """
    found: dict[tuple[str, ItemKey], set[str]] = {}
    for rating in project.ratings.ratings.read():
        if rating.kind == "human":
            key = ItemKey(rating.case, (rating.reply,))
            found.setdefault((rating.metric, key), set()).add(rating.rater)
    for choice in project.ratings.choices.read():
        if choice.kind == "human":
            first, second = sorted((choice.first, choice.second))
            found.setdefault((choice.metric, ItemKey(choice.case, (first, second))), set()).add(choice.rater)
    return found


def _waits(raters: set[str], rater: str | None, each: int | None) -> bool:
    if rater is None:
        return not raters if each is None else len(raters) < each
    return rater not in raters and (each is None or len(raters) < each)


def _shown(finder: ReplyFinder, draw: Draw, item: Drawn, rubric: Rubric) -> Waiting | None:
    if item.case not in finder.cases or finder.digest(item.case) != item.input:
        return None
    wanted = [(item.candidate, item.repeat, item.reply)]
    if item.second is not None and item.second_by is not None:
        wanted.append((item.second_by, item.second_repeat, item.second))
    texts = []
    for candidate, repeat, digest in wanted:
        reply = finder.find(candidate, item.case, repeat)
        if reply is None or reply_digest(reply) != digest:
            return None
        texts.append(shown_reply(reply))
    return Waiting(
        draw=draw.id,
        metric=draw.metric,
        purpose=draw.purpose,
        item=item,
        case=finder.cases[item.case],
        texts=tuple(texts),
        rubric=rubric,
    )


def shown_reply(reply: Reply) -> str:
    """Return what a rater reads of a reply: its text, then the tools that it called.

    Example:
        >>> shown_reply(Reply(text="42"))
        '42'
    """
    calls = [f"{call.name}({call.arguments})" for call in reply.tool_calls]
    return "\n".join([*([reply.text] if reply.text or not calls else []), *calls])


def record(project: Project, ratings: Iterable[Rating] = (), choices: Iterable[Choice] = ()) -> None:
    """Write what was said of replies, beside the cases; a repeated look adds a line, and the last one counts.

    Raises:
        CorpusError: where a file cannot be written.
    """
    said, chosen = list(ratings), list(choices)
    if said:
        project.ratings.ratings.append(said)
    if chosen:
        project.ratings.choices.append(chosen)
