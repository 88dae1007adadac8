"""`corpus label` on a folder: labels in and out of it, agreement, and references that labels settle."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, get_args

from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.ingest.folder import POOLS, OpenSplit
from passmuster.adapters.ingest.labels import (
    SheetRow,
    append_labels,
    read_label_log,
    write_sheet,
)
from passmuster.corpus.labels.agreement import LabelAgreement, Scale, agreement
from passmuster.corpus.labels.settle import Dispute, SettleRule
from passmuster.corpus.labels.standing import standing
from passmuster.errors import CorpusError, Place, UsageError
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case, case_digest
from passmuster.records.label import Label
from passmuster.records.text import input_text
from passmuster.workflows.corpus.label import (
    Settled,
    distinct,
    settle_files,
)

Files: TypeAlias = Mapping[str, Sequence[Case]]
"""The open cases by where they are: `cases` (not yet split), the splits, the pools."""

UNSPLIT = "cases"
SPLITS: tuple[OpenSplit, ...] = get_args(OpenSplit)
PLACES = (*SPLITS, *POOLS, UNSPLIT)


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
    path = next((corpus.folder.pool_file(pool) for pool in POOLS if pool == name), None)
    path = path or corpus.folder.split_file(name) or corpus.folder.path / f"{name}.jsonl"
    if path.name.lower().endswith((".csv", ".csv.gz")):
        raise CorpusError(
            "references cannot be written into a CSV file: it does not hold every field of a case",
            place=Place(str(path)),
            hint="Make it JSON lines first: passmuster corpus split FILE",
        )
    return path


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
