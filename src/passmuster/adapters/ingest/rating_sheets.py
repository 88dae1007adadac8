"""Ratings from files: sheets that people filled in, and any table with a case, a reply and what was said of it.

`docs/rate/import.md` has the columns.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.rows import Row, RowReader
from passmuster.adapters.ingest.sheet_cells import YES, SheetCells, is_blank
from passmuster.corpus.ratings.arena import choice_columns
from passmuster.errors import CorpusError, Place
from passmuster.records.rating import Chosen
from passmuster.records.said import RatingForm, Said, SaidOf

LONGEST_REPLY = 10_000_000
LONGEST_NOTE = 4_000
LONGEST_NAME = 200

NAMES: Mapping[str, tuple[str, ...]] = {
    "item": ("item",),
    "case": ("case", "id", "case_id", "question_id"),
    "digest": ("digest", "input_digest"),
    "metric": ("metric",),
    "candidate": ("candidate", "model"),
    "reply": ("reply", "response", "output"),
    "reply_digest": ("reply_digest",),
    "repeat": ("repeat",),
    "first": ("first", "response_a"),
    "second": ("second", "response_b"),
    "first_digest": ("first_digest",),
    "second_digest": ("second_digest",),
    "first_by": ("first_by", "model_a"),
    "second_by": ("second_by", "model_b"),
    "value": ("value", "rating", "score"),
    "choice": ("choice", "chosen", "winner", "preference"),
    "rater": ("rater", "annotator", "by", "judge", "user"),
    "kind": ("kind",),
    "time": ("time", "created_at", "tstamp"),
    "note": ("note", "comment"),
    "skipped": ("skipped", "skip"),
    "seconds": ("seconds",),
    "cost": ("cost",),
}
"""Our field -> the columns that it is read from; the first that a row has counts."""

CHOICES: Mapping[str, Chosen] = {
    "first": "first",
    "a": "first",
    "1": "first",
    "model_a": "first",
    "second": "second",
    "b": "second",
    "2": "second",
    "model_b": "second",
    "tie": "tie",
    "t": "tie",
    "equal": "tie",
    "tie (bothbad)": "tie",
    "both_bad": "tie",
}
"""What may stand in the column of choices, in any case."""

SHOWN = frozenset({"input", "requirements", "reference", "question", "scale"})
"""Columns that raters read, and nobody fills in."""

_NO = frozenset({"no", "n", "false", "0"})


def criterion_column(name: str) -> str:
    """Return the column that holds the value of a criterion.

    Example:
        >>> criterion_column("tone"), criterion_column("case")
        ('tone', 'case_value')
    """
    fixed = {each for field, names in NAMES.items() if field != "value" for each in names} | SHOWN
    return f"{name}_value" if name.casefold() in fixed else name


def read_ratings(
    path: Path,
    form: RatingForm,
    criteria: Collection[str] = (),
    blank: Callable[[], None] = lambda: None,
) -> Iterator[Said]:
    """Yield what the rows of a `.csv` or `.jsonl` file say.

    Args:
        path: The file.
        form: How it is read.
        criteria: The names of criteria that may have a column of their own.
        blank: Is told of each row that says nothing yet.

    Raises:
        CorpusError: with line and column, for a row that cannot be read.
        SealError: for a holdout.
    """
    refuse_holdout(path)
    for row in RowReader(path, CorpusError, sheet=True):
        said = _Sheet(row, form, criteria).said()
        if said is None:
            blank()
        else:
            yield said


class _Sheet:
    """One row on its way to what it says."""

    def __init__(self, row: Row, form: RatingForm, criteria: Collection[str]) -> None:
        self._form = form
        self._criteria = {name: criterion_column(name) for name in criteria}
        added = choice_columns(row.values) or {}
        # behind its own columns, which stand as they are and keep their places
        row = row._replace(values={**row.values, **{k: v for k, v in added.items() if k not in row.values}})
        self._cells = SheetCells(row, NAMES, form.columns, "rating", self._criteria.values())

    def said(self) -> Said | None:
        """Return what the row says, None where it is not filled in."""
        cells = self._cells
        parts = {
            name: value
            for name, column in self._criteria.items()
            if not is_blank(value := cells.cell(column))
        }
        value, chosen = cells.value("value"), self._chosen()
        skipped = self._skipped()
        answered = bool(chosen or parts) or not is_blank(value)
        if not (skipped or answered):
            return None
        if skipped and answered:
            raise self._cells.wrong(
                "skipped", "the row is skipped and has an answer", hint="Empty one of the two."
            )
        return Said(
            place=self._place,
            rater=cells.name("rater", self._form.rater, LONGEST_NAME, "ratings"),
            kind=cells.kind(self._form.kind),
            item=cells.text("item", LONGEST_NAME),
            case=cells.text("case", 1000),
            input=cells.text("digest", LONGEST_NAME),
            metric=cells.text("metric", LONGEST_NAME) or self._form.metric,
            reply=self._reply("reply", "candidate", "first"),
            second=self._reply("second", "second_by", "second"),
            repeat=self._repeat(),
            value=None if is_blank(value) else value,
            chosen=chosen,
            skipped=skipped,
            time=cells.time(),
            note=cells.text("note", LONGEST_NOTE),
            seconds=cells.number("seconds"),
            cost=self._cost(),
            parts=parts,
        )

    def _place(self, field: str | None) -> Place:
        """Return where a field or a criterion stands."""
        row = self._cells.row
        column = self._criteria.get(field or "")
        return row.place(column) if column is not None and column in row.values else self._cells.place(field)

    def _reply(self, text: str, by: str, pair: str) -> SaidOf:
        """Return what the row says of a reply; the first of a pair may stand in columns of its own."""
        names = [(text, f"{pair}_digest" if text == pair else "reply_digest", by)]
        if text != pair:
            names.insert(0, (pair, f"{pair}_digest", f"{pair}_by"))
        for said, digest, candidate in names:
            found = SaidOf(
                text=self._cells.text(said, LONGEST_REPLY),
                digest=self._cells.text(digest, LONGEST_NAME),
                candidate=self._cells.text(candidate, LONGEST_NAME),
            )
            if found.named:
                return found
        return SaidOf()

    def _chosen(self) -> Chosen | None:
        value = self._cells.value("choice")
        if is_blank(value):
            return None
        found = CHOICES.get(str(value).strip().casefold())
        if found is None:
            raise self._cells.wrong(
                "choice", f"{str(value)[:40]!r} is no choice", hint="first, second or tie"
            )
        return found

    def _skipped(self) -> bool:
        word = str(self._cells.value("skipped") or "").strip().casefold()
        if word and word not in YES | _NO:
            raise self._cells.wrong("skipped", f"{word[:40]!r} is neither yes nor no")
        return word in YES

    def _cost(self) -> float | None:
        said = self._cells.number("cost")
        return self._form.cost if said is None else said

    def _repeat(self) -> int:
        number = self._cells.number("repeat") or 0.0
        if number != int(number):
            raise self._cells.wrong("repeat", f"{number:g} is no whole number")
        return int(number)
