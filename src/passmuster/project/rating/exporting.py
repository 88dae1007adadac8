"""`rate export` on a project: blind sheets for raters, or tasks for a tool for labelling."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.files.tables import write_table
from passmuster.adapters.ingest.labels_exchange import TOOLS
from passmuster.adapters.ingest.rating_exchange import APART, write_rating_tasks
from passmuster.adapters.ingest.rating_sheets import criterion_column
from passmuster.corpus.labels.assign import OVERLAP, assign
from passmuster.errors import NotAvailableError, UsageError
from passmuster.metrics.judges.rubric import Rubric
from passmuster.project.load import Project
from passmuster.project.rating.form import person
from passmuster.project.rating.queue import seen_by, waiting
from passmuster.records.record import Record
from passmuster.workflows.rating.drawing import item_key
from passmuster.workflows.rating.waiting import REPEATED, Shown, Waiting, presented, read_of

FORMS = ("csv", "jsonl", *TOOLS)
"""What sheets can be written as."""

RUBRIC_FILE = "rubric.txt"
READ = ("input", "requirements", "reference", "reply", "first", "second")
"""The columns that raters read, in this order; a sheet has those that any of its rows has something in."""

NONE = "(nothing)"
"""What stands in a task for a text that is empty: tools refuse tasks that lack a field of others."""

CHOICE_ANSWERS = ("first", "second", "tie")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWish(Record):
    """What raters get, and who gets what.

    `each` people see everything, a drawn share `overlap` is seen by all of them, and the share `repeated` comes to
    everyone a second time. `pairs` asks for choices between two replies; None takes what waits. `reference` shows the
    reference of today where the rubric does not judge by it, too.
    """

    raters: tuple[str, ...] = ()
    metric: str | None = None
    pairs: bool | None = None
    each: int = 1
    overlap: float = OVERLAP
    repeated: float = REPEATED
    limit: int | None = None
    seed: int = 0
    reference: bool = False
    form: str = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsExported(Record):
    """What was written: what waits, rows by file, how many of the items several raters see, and how many come twice."""

    metric: str
    items: int
    files: Mapping[str, int]
    shared: int
    repeated: int
    rubric: str


def export_ratings(project: Project, out: Path, wish: ExportWish) -> RatingsExported:
    """Write what waits to be rated as a sheet to be filled in, or a folder with one for each rater.

    Nothing on it says whose a reply is. Rows come in an order of each rater's own, and so do the sides of pairs.

    Raises:
        NotAvailableError: where nothing waits.
        UsageError: where several kinds of things wait and none is named, for the name of a machine, for names that
            make one file, for a share outside [0, 1].
        CorpusError: where it cannot be written.
    """
    items = _chosen(waiting(project, None, wish.metric, each=wish.each), wish)
    if not 0 <= wish.repeated <= 1:
        raise UsageError(f"{wish.repeated} is no share", hint="Say a number from 0 to 1, such as 0.1.")
    names = tuple(person(project, name) for name in wish.raters) or ("",)
    paths = sheet_paths(out, names, wish.form)
    sheets = _sheets(project, items, wish, names)
    rubric = items[0].rubric
    written_: dict[str, int] = {}
    for name, path in zip(names, paths, strict=True):
        shown = presented(sheets[name], name, seed=wish.seed, repeated=wish.repeated)
        write = _write_tasks if wish.form in TOOLS else _write_sheet
        written_[str(path)] = write(path, shown, name, wish)
    beside = out / RUBRIC_FILE if len(names) > 1 else paths[0].with_suffix(f".{RUBRIC_FILE}")
    write_lines(beside, rubric_lines(rubric, pairs=items[0].item.second is not None))
    seen = Counter(each.name for own in sheets.values() for each in own)
    return RatingsExported(
        metric=items[0].metric,
        items=len(items),
        files=written_,
        shared=sum(count > 1 for count in seen.values()),
        repeated=sum(round(wish.repeated * len(own)) for own in sheets.values() if len(own) > 1),
        rubric=str(beside),
    )


def _chosen(items: Sequence[Waiting], wish: ExportWish) -> list[Waiting]:
    """Return what is exported: of one metric, and either replies or pairs.

    Raises:
        NotAvailableError: where nothing waits.
        UsageError: where there are several kinds.
    """
    found = [each for each in items if wish.pairs in {None, each.item.second is not None}]
    if not found:
        raise NotAvailableError(
            "nothing waits to be rated",
            hint="Draw something: passmuster rate draw, or passmuster judge calibrate",
        )
    metrics = list(dict.fromkeys(each.metric for each in found))
    if len(metrics) > 1:
        raise UsageError(
            "what waits is of several metrics, and a sheet asks one question",
            hint=f"Say which: --metric NAME; there are: {', '.join(metrics)}",
        )
    if len({each.item.second is not None for each in found}) > 1:
        raise UsageError(
            "single replies wait, and pairs, which are no one sheet", hint="Say which: --pairs, or --replies"
        )
    return found if wish.limit is None else found[: wish.limit]


def _sheets(
    project: Project, items: Sequence[Waiting], wish: ExportWish, names: Sequence[str]
) -> dict[str, list[Waiting]]:
    """Return what each rater gets: their share, less what they have rated already."""
    if len(names) == 1:
        own = {names[0]: [str(place) for place in range(len(items))]}
    else:
        places = [str(place) for place in range(len(items))]
        own = assign(places, names, wish.seed, each=wish.each, overlap=wish.overlap)
    seen = seen_by(project)
    return {
        name: [
            each
            for place in places_
            if name not in seen.get(((each := items[int(place)]).metric, item_key(each.item)), set())
        ]
        for name, places_ in own.items()
    }


def _write_sheet(path: Path, shown: Sequence[Shown], rater: str, wish: ExportWish) -> int:
    rows = [_row(each, rater, wish) for each in shown]
    asked = _to_fill(shown[0].what) if shown else {}
    read = {name for row in rows for name in row}
    heads = ["item", "case", *(name for name in READ if name in read), *asked, "skipped", "note", "rater"]
    return write_table(path, heads, [dict.fromkeys(heads, "") | row for row in rows])


def _row(shown: Shown, rater: str, wish: ExportWish) -> dict[str, str]:
    what = shown.what
    ends = {"skipped": "", "note": "", "rater": rater}
    read = read_of(what, reference=wish.reference)
    return {"item": shown.name, "case": what.case.id, **read, **_to_fill(what), **ends}


def _to_fill(what: Waiting) -> dict[str, str]:
    if len(what.texts) > 1:
        return {"choice": ""}
    return {criterion_column(criterion.name): "" for criterion in what.rubric.criteria}


def _write_tasks(path: Path, shown: Sequence[Shown], rater: str, wish: ExportWish) -> int:
    del rater  # the tool says who is who
    rubric = shown[0].what.rubric if shown else None
    tasks: list[tuple[str, Mapping[str, str]]] = []
    answers: Sequence[str] = CHOICE_ANSWERS
    all_read = {name for each in shown for name in read_of(each.what, reference=wish.reference)}
    heads = [name for name in READ if name in all_read]
    for each in shown:
        read = read_of(each.what, reference=wish.reference)
        fields = {name: read.get(name) or NONE for name in heads}
        if len(each.what.texts) > 1:
            question = each.what.rubric.instruction or "Which reply is better?"
            tasks.append((each.name, {**fields, "question": question}))
            continue
        criteria = each.what.rubric.criteria
        tasks += [
            (f"{each.name}{APART}{number}", {**fields, "question": f"{one.name}: {one.question}"})
            for number, one in enumerate(criteria)
        ]
    if rubric is not None and len(shown[0].what.texts) == 1:
        answers = tuple(str(value) for value in rubric.scale)
    return write_rating_tasks(path, wish.form, tasks, answers)


def rubric_lines(rubric: Rubric, *, pairs: bool) -> list[str]:
    """Return what raters are told, as lines of text.

    Example:
        >>> from passmuster.metrics.judges.rubric import Criterion
        >>> rubric_lines(Rubric(criteria=(Criterion(name="tone", question="Is it polite?"),)), pairs=False)[2:4]
        ['tone (1 to 5): Is it polite?', '']
    """
    if pairs:
        asked = "Choose the better reply: first, second or tie. Fill in `skipped` where you cannot tell."
    else:
        asked = f"Give each criterion a whole number from {rubric.low} to {rubric.high}. Fill in `skipped` where you cannot tell."
    lines = [*rubric.instruction.splitlines(), asked, ""]
    for criterion in rubric.criteria:
        scale = "" if pairs else f" ({rubric.low} to {rubric.high})"
        column = criterion_column(criterion.name)
        where = "" if pairs or column == criterion.name else f", in the column {column}"
        lines.append(f"{criterion.name}{scale}{where}: {criterion.question}")
        lines += [f"  {value}: {text}" for value, text in criterion.anchored]
        lines.append("")
    return lines


def sheet_paths(out: Path, names: Sequence[str], form: str) -> list[Path]:
    """Return the file of each rater.

    Raises:
        UsageError: where two names make one file, or several raters would share one.
    """
    ending = "json" if form in TOOLS else form
    if len(set(names)) < len(names):
        raise UsageError("two raters have the same name", hint="Give each a name of their own.")
    if len(names) == 1:
        return [out if out.suffix else out.with_name(f"{out.name}.{ending}")]
    stems = [re.sub(r"[^\w.@-]+", "-", name).strip(".-") or "rater" for name in names]
    if len({stem.casefold() for stem in stems}) < len(stems):
        raise UsageError(
            "the sheets of two raters would be one file", hint=f"Their names become: {', '.join(stems)}"
        )
    if out.suffix:
        raise UsageError(
            f"several raters need a folder, and {out.name!r} is a file",
            hint=f"Name a folder: {out.with_suffix('')}",
        )
    return [out / f"{stem}.{ending}" for stem in stems]
