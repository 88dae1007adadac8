"""`rate import` on a project: what people and machines said of replies, taken in from files."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from passmuster.adapters.ingest.formats.format import NotCarried
from passmuster.adapters.ingest.rating_exchange import read_rating_export
from passmuster.adapters.ingest.rating_sheets import read_ratings
from passmuster.corpus.keys import KeyedCases
from passmuster.errors import UsageError
from passmuster.project.load import Project
from passmuster.project.rating.draws import ID_LENGTH
from passmuster.project.rating.questions import rubric_of
from passmuster.project.rating.queue import record
from passmuster.project.rating.replies import ReplyFinder, find_metric
from passmuster.records.digest import digest
from passmuster.records.rating import Choice, Draw, Drawn, Rating
from passmuster.records.said import RatingForm, Said
from passmuster.records.trial import Reply
from passmuster.workflows.rating.intake import Known, RatingIntake, Scale, take_ratings
from passmuster.workflows.rating.waiting import item_name, turned


def import_ratings(
    project: Project,
    paths: Sequence[Path],
    form: RatingForm | None = None,
    *,
    keep: bool = True,
    leave_out: bool = False,
    drawn: bool = False,
) -> RatingIntake:
    """Take ratings and choices in from files, all of them or none.

    Args:
        project: The project.
        paths: Filled-in sheets, exports of a labelling tool, any table with a case, a reply and what was said of it.
        form: How they are read.
        keep: Whether they are written; False only says what would be.
        leave_out: Whether rows of cases that are not here, or have changed, are left out instead of refused.
        drawn: Whether what is rated was drawn at random from the replies that are scored, so that it stands for them.

    Raises:
        CorpusError: with file, line and column, for a row that cannot be taken in.
        UsageError: for a metric that the task does not have.

    Example:
        >>> import_ratings(project, [Path("ana.csv")])  # doctest: +SKIP
    """
    form = form or RatingForm()
    if form.metric is not None:
        find_metric(project, form.metric)
    ratings, choices = project.ratings.ratings.read(), project.ratings.choices.read()
    with _Lookup(project) as known:
        reading = _Reading(form, known.known)
        taken = take_ratings(
            (said for path in paths for said in reading.said(path)),
            known.known,
            [*ratings, *choices],
            now=project.clock.now(),
            machines=[*(each.name for each in project.candidates), *(each.name for each in project.scorers)],
            leave_out=leave_out,
        )
    intake = replace(taken, blank=reading.blank, left=dict(reading.left))
    if drawn:
        return _as_drawn(project, intake, keep=keep)
    if keep:
        record(project, intake.ratings, intake.choices)
    return intake


class _Lookup:
    """Gives what rows are looked up in; stored replies are looked for only where a row names a candidate alone."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._finder: ReplyFinder | None = None
        cases = project.corpus().cases
        self.known = Known(
            inputs=dict(KeyedCases.of(cases).keys),
            items=_items(project),
            scales={
                metric.name: Scale(rubric=rubric_of(metric), bounds=metric.bounds, binary=metric.binary)
                for metric in project.metrics()
            },
            reply=self._find,
        )

    def _find(self, candidate: str, case: str, repeat: int) -> Reply | None:
        if self._finder is None:
            self._finder = ReplyFinder(self._project)
        return self._finder.find(candidate, case, repeat)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._finder is not None:
            self._finder.__exit__()


def _items(project: Project) -> Mapping[str, tuple[str, str, Drawn]]:
    """Return everything that was drawn by the names that it can have on a sheet."""
    return {
        item_name(draw.id, shown, again=again): (draw.id, draw.metric, shown)
        for draw in project.ratings.draws.read()
        for item in draw.items
        for shown in (item, turned(item))
        for again in (False, True)
    }


class _Reading:
    """Reads files of ratings, and counts rows that say nothing yet."""

    def __init__(self, form: RatingForm, known: Known) -> None:
        self._form = form
        self.blank = 0
        self.left: Counter[str] = Counter()
        names = {
            metric: [one.name for one in scale.rubric.criteria] for metric, scale in known.scales.items()
        }
        self._criteria = sorted({name for own in names.values() for name in own})
        self._of_items = {
            name: () if item.second is not None else tuple(names.get(metric, ()))
            for name, (_, metric, item) in known.items.items()
        }

    def said(self, path: Path) -> Iterator[Said]:
        exported = read_rating_export(path, self._form, self._of_items, self._leave)
        if exported is not None:
            yield from exported
            return
        yield from read_ratings(path, self._form, self._criteria, self._count)

    def _count(self) -> None:
        self.blank += 1

    def _leave(self, what: NotCarried) -> None:
        self.left[f"{what.what}: {what.why}"] += 1


def _as_drawn(project: Project, intake: RatingIntake, *, keep: bool) -> RatingIntake:
    """Take what was imported for a draw: the one who imports it says that it was drawn at random.

    Raises:
        UsageError: for ratings of a machine.
    """
    said: list[Rating | Choice] = [*intake.ratings, *intake.choices]
    if any(each.kind == "machine" for each in said):
        raise UsageError("a machine's ratings are no draw for people", hint="Leave --drawn out.")
    items: dict[str, list[Drawn]] = {}
    for each in said:
        items.setdefault(each.metric, []).append(_item(each))
    draws = {
        metric: Draw(
            id=digest([metric, own])[:ID_LENGTH],
            metric=metric,
            purpose="calibration",
            time=project.clock.now(),
            seed=0,
            items=tuple(dict.fromkeys(own)),
        )
        for metric, own in items.items()
    }
    marked = replace(
        intake,
        ratings=tuple(replace(each, draw=draws[each.metric].id) for each in intake.ratings),
        choices=tuple(replace(each, draw=draws[each.metric].id) for each in intake.choices),
    )
    if keep:
        project.ratings.draws.append(draws.values())
        record(project, marked.ratings, marked.choices)
    return marked


def _item(said: Rating | Choice) -> Drawn:
    if isinstance(said, Rating):
        return Drawn(case=said.case, input=said.input or "", candidate=said.candidate or "", reply=said.reply)
    return Drawn(
        case=said.case,
        input=said.input or "",
        candidate=said.first_by or "",
        reply=said.first,
        second=said.second,
        second_by=said.second_by,
    )
