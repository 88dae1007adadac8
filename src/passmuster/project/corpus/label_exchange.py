"""`corpus label export` and `import` on a folder: sheets and tasks for annotators, and the labels that come back."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.files.rows import RowReader
from passmuster.adapters.ingest.formats.exchange import Suggestion
from passmuster.adapters.ingest.labels import SheetRow, append_labels, read_labels, write_sheet
from passmuster.adapters.ingest.labels_exchange import TOOLS, read_exchange, write_tasks
from passmuster.corpus.labels.assign import OVERLAP, assign
from passmuster.corpus.labels.standing import Who, known_labels, label_text, standing
from passmuster.errors import CorpusError, Place, UsageError
from passmuster.project.corpus.label import open_files, read_log
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case, case_digest
from passmuster.records.label import Label, LabelForm
from passmuster.records.record import Record
from passmuster.records.text import input_text
from passmuster.workflows.corpus.label import Intake, Wanted, distinct, take_in, to_label

LABELS_FILE = "labels.txt"
FORMS = ("csv", "jsonl", *TOOLS)
"""What cases can be written as for annotators."""


def import_labels(
    corpus: Corpus, paths: Sequence[Path], form: LabelForm, *, adjudicated: bool = False, keep: bool = True
) -> Intake:
    """Take labels in from files, all of them or none.

    Args:
        corpus: The corpus.
        paths: The files: sheets that people filled in, or exports of a labelling tool.
        form: How they are read.
        adjudicated: Whether each of these labels ends a dispute.
        keep: Whether they are written; False only says what would be.

    Raises:
        CorpusError: for a file that holds no labels, and for people's labels under a machine's name.
    """
    cases, log = distinct(open_files(corpus)), read_log(corpus)
    reading = _Reading(form)

    def incoming() -> Iterator[Label]:
        for path in paths:
            for label in reading.labels(path):
                own = replace(label, source=path.name)
                yield replace(own, stage="adjudicated") if adjudicated else own

    names = () if corpus.project is None else [entry.name for entry in corpus.project.settings.candidates]
    now = corpus.clock.now()
    taken = take_in(incoming(), log, cases, source="", now=now, machines=names)
    intake = replace(taken, blank=reading.blank, left=dict(reading.left))
    if adjudicated and any(label.kind == "machine" for label in intake.labels):
        raise UsageError("a dispute is ended by a person, and these labels are a machine's")
    if keep and intake.labels:
        append_labels(corpus.folder.labels, intake.labels)
    return intake


class _Reading:
    """Reads files of labels, and counts what is in them beside."""

    def __init__(self, form: LabelForm) -> None:
        self._form = form
        self.blank = 0
        self.left: Counter[str] = Counter()

    def labels(self, path: Path) -> Iterator[Label]:
        exported = read_exchange(path, self._form.question)
        if exported is None:
            yield from read_labels(path, self._form, self._count)
            return
        for each in exported:
            if isinstance(each, Label):
                yield each
            else:
                self.left[f"{each.what}: {each.why}"] += 1

    def _count(self) -> None:
        self.blank += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWish(Record):
    """What annotators get: which cases, who sees them, and what is in sight beside the input.

    `each` people see every case, a drawn share `overlap` is seen by all. `reference` shows the reference of
    today, `suggest` names a machine whose label is shown.
    """

    wanted: Wanted
    annotators: tuple[str, ...] = ()
    each: int = 1
    overlap: float = OVERLAP
    reference: bool = False
    suggest: str | None = None
    splits: tuple[str, ...] = ()
    form: str = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(Record):
    """What was written: cases, rows by file, and how many of the cases several annotators see."""

    cases: int
    files: Mapping[str, int]
    shared: int
    labels: tuple[str, ...]


def export_labels(corpus: Corpus, out: Path, wish: ExportWish) -> Exported:
    """Write a sheet to be filled in: a file, or a folder with one for each annotator and the list of labels.

    Raises:
        UsageError: where there is nothing to label, or nobody to suggest.
        CorpusError: where it cannot be written.
    """
    files, log = open_files(corpus, wish.splits), read_log(corpus)
    chosen = to_label(distinct(files), log, wish.wanted)
    if not chosen:
        raise UsageError(
            f"no case is {wish.wanted.which}: there is nothing to label",
            hint="Say which: --which all, or --which disputed",
        )
    if wish.reference and wish.form in TOOLS:
        raise UsageError(
            "a labelling tool is not given the reference", hint="Show it on a sheet: --format csv --gold"
        )
    names = wish.annotators or ("",)
    sheets = {name: [case.id for case in chosen] for name in names[:1]}
    if len(names) > 1:
        ids = [case.id for case in chosen]
        sheets = assign(ids, names, wish.wanted.seed, each=wish.each, overlap=wish.overlap)
    labels = known_labels(distinct(open_files(corpus)))
    paths = _paths(out, list(sheets), wish.form)
    write = _writer(chosen, log, wish, labels)
    written = {str(path): write(path, name, sheets[name]) for name, path in zip(sheets, paths, strict=True)}
    if len(written) > 1 and labels:
        write_lines(out / LABELS_FILE, labels)
    seen = Counter(case for own in sheets.values() for case in own)
    shared = sum(count > 1 for count in seen.values())
    return Exported(cases=len(chosen), files=written, shared=shared, labels=labels)


def _writer(
    cases: Sequence[Case], log: Sequence[Label], wish: ExportWish, labels: Sequence[str]
) -> Callable[[Path, str, Sequence[str]], int]:
    """Return what writes the cases with these ids for an annotator."""
    by_id = {case.id: case for case in cases}
    suggested = _suggestions(cases, log, wish.suggest)

    def tasks(path: Path, name: str, ids: Sequence[str]) -> int:
        del name  # the tool says who is who
        return write_tasks(path, wish.form, [by_id[case] for case in ids], labels, suggested)

    def sheet(path: Path, name: str, ids: Sequence[str]) -> int:
        rows = [_row(by_id[case], suggested.get(case), reference=wish.reference) for case in ids]
        return write_sheet(path, [replace(row, annotator=name) for row in rows])

    return tasks if wish.form in TOOLS else sheet


def _suggestions(cases: Sequence[Case], log: Sequence[Label], machine: str | None) -> dict[str, Suggestion]:
    """Return the labels of a machine by case; none where nobody is asked for.

    Raises:
        UsageError: where no such machine has labelled these cases.
    """
    if machine is None:
        return {}
    found = standing(log, cases)
    if machine not in found.who("machine"):
        there = ", ".join(found.who("machine")) or "none"
        raise UsageError(f"no machine {machine!r} has labelled these cases", hint=f"Those that have: {there}")
    own = {name: labels.get(Who("machine", machine)) for name, labels in found.given.items()}
    return {
        name: Suggestion(value=label.value, by=machine, score=label.confidence)
        for name, label in own.items()
        if label is not None and label.value is not None
    }


def _row(case: Case, suggestion: Suggestion | None, *, reference: bool) -> SheetRow:
    known = "" if case.reference is None else label_text(case.reference)
    return SheetRow(
        case=case.id,
        input=input_text(case.input),
        digest=case_digest(case),
        reference=known if reference else None,
        suggestion=None if suggestion is None else label_text(suggestion.value),
        suggested_by=None if suggestion is None else suggestion.by,
    )


def _paths(out: Path, names: Sequence[str], form: str) -> list[Path]:
    ending = "json" if form in TOOLS else form
    if len(names) == 1:
        return [out if out.suffix else out.with_name(f"{out.name}.{ending}")]
    stems = [re.sub(r"[^\w.@-]+", "-", name).strip(".-") or "annotator" for name in names]
    if len({stem.casefold() for stem in stems}) < len(stems):
        raise UsageError(
            "the sheets of two annotators would be one file", hint=f"Their names become: {', '.join(stems)}"
        )
    if out.suffix:
        raise UsageError(
            f"several annotators need a folder, and {out.name!r} is a file",
            hint=f"Name a folder: {out.with_suffix('')}",
        )
    return [out / f"{stem}.{ending}" for stem in stems]


def read_ids(path: Path) -> tuple[str, ...]:
    """Return the case ids in a file: one a line, or `.jsonl` and `.csv` rows with `case` or `id`.

    Raises:
        CorpusError: where it cannot be read, or a row has no id.
        SealError: for a holdout.
    """
    refuse_holdout(path)
    if path.name.lower().endswith((".jsonl", ".csv", ".jsonl.gz", ".csv.gz")):
        found = []
        for row in RowReader(path, CorpusError, sheet=True):
            name = row.values.get("case", row.values.get("id"))
            if not isinstance(name, str) or not name:
                raise CorpusError("the row has no case", place=row.place(), hint="a column `case` or `id`")
            found.append(name)
        return tuple(found)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"the ids cannot be read: {error}", place=Place(str(path))) from None
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def read_prompt(path: Path) -> str:
    """Return the text of a template.

    Raises:
        UsageError: where it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the prompt cannot be read: {error}", place=Place(str(path))) from None
