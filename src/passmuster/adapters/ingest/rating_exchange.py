"""Ratings to and from tools for labelling: each criterion of each reply is a task of its own."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.ingest.formats.exchange import Question, shown_fields
from passmuster.adapters.ingest.formats.exchanges import EXCHANGES
from passmuster.adapters.ingest.formats.format import NotCarried
from passmuster.adapters.ingest.labels_exchange import read_exchange
from passmuster.adapters.ingest.rating_sheets import CHOICES
from passmuster.errors import CorpusError, Place
from passmuster.records.case import Case
from passmuster.records.label import Label
from passmuster.records.record import Json
from passmuster.records.said import RatingForm, Said

APART = ":"
"""Between the name of an item and the number of the criterion that a task asks about."""


def write_rating_tasks(
    path: Path, tool: str, fields: Sequence[tuple[str, Mapping[str, str]]], answers: Sequence[str]
) -> int:
    """Write tasks for a tool, with a file beside that sets it up, and return how many there are.

    Args:
        path: The file of tasks.
        tool: Its name, as `--format` takes it.
        fields: Of each task its name and what is shown.
        answers: What may be answered.

    Raises:
        CorpusError: where it cannot be written.
    """
    exchange = next(each for each in EXCHANGES if each.name == tool)
    question = Question(labels=tuple(answers), title="What do you say?")
    cases = [Case(id=name, input=dict(shown)) for name, shown in fields]
    tasks = [exchange.task(case, question, None) for case in cases]
    if exchange.whole:
        write_lines(path, [json.dumps(tasks, ensure_ascii=False, indent=1)])
    else:
        write_lines(path, (json.dumps(task, ensure_ascii=False) for task in tasks))
    seen = list(dict.fromkeys(name for case in cases for name in shown_fields(case)))
    name, content = exchange.setup(question, seen)
    write_lines(path.parent / name, content.splitlines())
    return len(tasks)


def read_rating_export(
    path: Path,
    form: RatingForm,
    criteria: Mapping[str, Sequence[str]],
    left: Callable[[NotCarried], None] = lambda _: None,
) -> Iterator[Said] | None:
    """Return what people said in an export of a tool for labelling, None where the file is none.

    Args:
        path: The file.
        form: How it is read.
        criteria: The criteria of each item by its name; none where two replies are chosen between.
        left: Is told of what is no answer: drafts, what was discarded.

    Raises:
        CorpusError: from the iterator too, where the file or a value in it is wrong.
        SealError: for a holdout.
    """
    exported = read_exchange(path)
    return None if exported is None else _merged(path, exported, form, criteria, left)


def _merged(
    path: Path,
    exported: Iterator[Label | NotCarried],
    form: RatingForm,
    criteria: Mapping[str, Sequence[str]],
    left: Callable[[NotCarried], None],
) -> Iterator[Said]:
    """Yield one row for each item and rater: their answers to its criteria stand in tasks of their own."""
    found: dict[tuple[str, str], Said] = {}
    for label in exported:
        if isinstance(label, NotCarried):
            left(label)
            continue
        name, mark, number = label.case.rpartition(APART)
        item = name if mark else label.case
        own = criteria.get(item, ())
        said = found.setdefault((item, label.annotator), _row(path, label, item, form))
        found[item, label.annotator] = _with_answer(said, label, own, number if mark else "0")
    yield from found.values()


def _row(path: Path, label: Label, item: str, form: RatingForm) -> Said:
    place = Place(str(path))
    return Said(
        place=lambda _: place,
        rater=label.annotator,
        kind=label.kind,
        item=item,
        time=label.time,
        note=label.note,
        cost=form.cost,
    )


def _with_answer(said: Said, label: Label, criteria: Sequence[str], number: str) -> Said:
    if label.value is None:
        return replace(said, skipped=True)
    if not criteria:
        return replace(said, chosen=CHOICES.get(str(label.value).strip().casefold()))
    if not number.isdecimal() or int(number) >= len(criteria):
        raise CorpusError(
            f"the task {label.case[:100]!r} asks about no criterion that there is", place=said.place(None)
        )
    parts: dict[str, Json] = {**said.parts, criteria[int(number)]: label.value}
    return replace(said, parts=parts)
