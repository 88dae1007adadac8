"""`corpus label` on a folder: labels in and out of it, agreement, and references that labels settle."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, get_args

from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.files.rows import RowReader
from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.ingest.folder import POOLS, OpenSplit, Pool
from passmuster.adapters.ingest.labels import (
    SheetRow,
    append_labels,
    read_label_log,
    read_labels,
    write_sheet,
)
from passmuster.corpus.labels import Who, known_labels, label_text, standing
from passmuster.corpus.labels_agreement import LabelAgreement, Scale, agreement
from passmuster.corpus.labels_assign import OVERLAP, assign
from passmuster.corpus.labels_settle import Dispute, SettleRule
from passmuster.errors import CorpusError, Place, UsageError
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case, case_digest
from passmuster.records.label import Label, LabelForm
from passmuster.records.record import Record
from passmuster.records.text import input_text
from passmuster.workflows.corpus.label import (
    Intake,
    Settled,
    Wanted,
    distinct,
    settle_files,
    take_in,
    to_label,
)

Files: TypeAlias = Mapping[str, Sequence[Case]]
"""The open cases by where they are: `cases` (not yet split), the splits, the pools."""

UNSPLIT = "cases"
SPLITS: tuple[OpenSplit, ...] = get_args(OpenSplit)
PLACES = (*SPLITS, *POOLS, UNSPLIT)
LABELS_FILE = "labels.txt"


def open_files(corpus: Corpus, only: Sequence[str] = ()) -> Files:
    """Return the open cases of a corpus by where they are; the holdout is in none of them.

    Raises:
        UsageError: where there are no cases at all.
        CorpusError: where a file is wrong.
    """
    found: dict[str, Sequence[Case]] = {name: corpus.folder.split(name) for name in SPLITS}
    found |= {name: corpus.folder.pool(name) for name in POOLS}
    path = corpus.folder.split_file(UNSPLIT)
    found[UNSPLIT] = () if path is None else read_cases(path, corpus.settings.columns or None)
    chosen = {name: cases for name, cases in found.items() if cases and (not only or name in only)}
    if not chosen:
        where = f" in {', '.join(only)}" if only else ""
        raise UsageError(
            f"there are no open cases{where}",
            place=Place(str(corpus.folder.path)),
            hint="Get some: passmuster corpus import SOURCE, then passmuster corpus sample N",
        )
    return chosen


def read_log(corpus: Corpus) -> list[Label]:
    """Return all labels of a corpus, in the order in which they came.

    Raises:
        CorpusError: where one of them is broken.
    """
    return read_label_log(corpus.folder.labels)


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
    blank = _Counted()

    def incoming() -> Iterator[Label]:
        for path in paths:
            for label in read_labels(path, form, blank.add):
                own = replace(label, source=path.name)
                yield replace(own, stage="adjudicated") if adjudicated else own

    names = () if corpus.project is None else [entry.name for entry in corpus.project.settings.candidates]
    now = corpus.clock.now()
    intake = replace(take_in(incoming(), log, cases, source="", now=now, machines=names), blank=blank.count)
    if adjudicated and any(label.kind == "machine" for label in intake.labels):
        raise UsageError("a dispute is ended by a person, and these labels are a machine's")
    if keep and intake.labels:
        append_labels(corpus.folder.labels, intake.labels)
    return intake


class _Counted:
    def __init__(self) -> None:
        self.count = 0

    def add(self) -> None:
        self.count += 1


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
    ending: str = "csv"


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
    rows = _rows(chosen, log, wish)
    sheets = {name: list(rows) for name in wish.annotators[:1] or ("",)}
    if len(wish.annotators) > 1:
        sheets = assign(list(rows), wish.annotators, wish.wanted.seed, each=wish.each, overlap=wish.overlap)
    written: dict[str, int] = {}
    for (name, ids), path in zip(sheets.items(), _sheet_paths(out, list(sheets), wish.ending), strict=True):
        written[str(path)] = write_sheet(path, [replace(rows[case], annotator=name) for case in ids])
    labels = known_labels(distinct(open_files(corpus)))
    if len(written) > 1 and labels:
        write_lines(out / LABELS_FILE, labels)
    seen = Counter(case for ids in sheets.values() for case in ids)
    shared = sum(count > 1 for count in seen.values())
    return Exported(cases=len(chosen), files=written, shared=shared, labels=labels)


def _rows(cases: Sequence[Case], log: Sequence[Label], wish: ExportWish) -> dict[str, SheetRow]:
    found = standing(log, cases)
    machine = None if wish.suggest is None else Who("machine", wish.suggest)
    if wish.suggest is not None and wish.suggest not in found.who("machine"):
        there = ", ".join(found.who("machine")) or "none"
        raise UsageError(
            f"no machine {wish.suggest!r} has labelled these cases", hint=f"Those that have: {there}"
        )
    rows = {}
    for case in cases:
        own = None if machine is None else found.given.get(case.id, {}).get(machine)
        said = None if own is None or own.value is None else label_text(own.value)
        rows[case.id] = SheetRow(
            case=case.id,
            input=input_text(case.input),
            digest=case_digest(case),
            reference=None
            if not wish.reference
            else ("" if case.reference is None else label_text(case.reference)),
            suggestion=said,
            suggested_by=None if said is None else wish.suggest,
        )
    return rows


def _sheet_paths(out: Path, names: Sequence[str], ending: str) -> list[Path]:
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
    """
    if path.name.lower().endswith((".jsonl", ".csv", ".jsonl.gz", ".csv.gz")):
        found = []
        for row in RowReader(path, CorpusError):
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


def agree(corpus: Corpus, scale: Scale, only: Sequence[str] = ()) -> LabelAgreement:
    """Return how far the annotators of a corpus agree.

    Raises:
        UsageError: where the scale does not fit the labels.
    """
    cases = distinct(open_files(corpus, only))
    return agreement(cases, standing(read_log(corpus), cases), scale)


def settle_labels(corpus: Corpus, rule: SettleRule, *, keep: bool = True) -> Settled:
    """Write what labels settle into the files of cases, and where it came from into the log.

    The log is written first: where a file of cases cannot be written then, the same command does it again.

    Raises:
        UsageError: where there are no labels, or a machine is named that gave none.
        CorpusError: where a file cannot be written; each is written whole or not at all.
    """
    files, log = open_files(corpus), read_log(corpus)
    if not log:
        raise UsageError(
            "there are no labels to settle",
            place=Place(str(corpus.folder.labels)),
            hint="Take some in: passmuster corpus label import FILE",
        )
    machines = {label.annotator for label in log if label.kind == "machine"}
    for name in rule.machines:
        if name not in machines:
            there = ", ".join(sorted(machines)) or "none"
            raise UsageError(f"no machine {name!r} has labelled cases", hint=f"Those that have: {there}")
    settled = settle_files(files, log, rule, corpus.clock.now())
    if keep:
        paths = {name: _writable(corpus, name) for name in settled.files}
        if settled.lines:
            append_labels(corpus.folder.labels, settled.lines)
        for name, path in paths.items():
            write_cases(path, settled.files[name])
    return settled


def _writable(corpus: Corpus, name: str) -> Path:
    path = next((corpus.folder.pool_file(pool) for pool in _POOLS if pool == name), None)
    path = path or corpus.folder.split_file(name) or corpus.folder.path / f"{name}.jsonl"
    if path.name.lower().endswith((".csv", ".csv.gz")):
        raise CorpusError(
            "references cannot be written into a CSV file: it does not hold every field of a case",
            place=Place(str(path)),
            hint="Make it JSON lines first: passmuster corpus split FILE",
        )
    return path


_POOLS: tuple[Pool, ...] = POOLS


def write_disputes(corpus: Corpus, path: Path, disputes: Sequence[Dispute]) -> int:
    """Write the cases that a person must decide, with who said what, as a sheet to be filled in.

    Raises:
        CorpusError: for an ending that is neither .csv nor .jsonl, and where it cannot be written.
    """
    by_id = {case.id: case for case in distinct(open_files(corpus))}
    rows = [
        SheetRow(
            case=dispute.case,
            input=input_text(by_id[dispute.case].input),
            digest=case_digest(by_id[dispute.case]),
            said="; ".join(f"{text}: {', '.join(names)}" for text, names in dispute.people.items()),
        )
        for dispute in disputes
    ]
    return write_sheet(path, rows)
