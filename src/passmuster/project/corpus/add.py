"""Make regression cases of failures: out of a stored run, a file of traces, or a file of cases."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from passmuster.adapters.ingest.cases import read_cases
from passmuster.adapters.ingest.failure_modes import FILE_NAME, FailureModes
from passmuster.adapters.ingest.traces import find_record
from passmuster.corpus.sampling.strata import TOPICS, StratumRule
from passmuster.errors import Place, UsageError
from passmuster.project.corpus.clean import scrubber
from passmuster.project.corpus.opening import Corpus
from passmuster.records.addition import Addition
from passmuster.records.case import Case, case_digest
from passmuster.records.failure_mode import FailureMode
from passmuster.records.record import Json
from passmuster.workflows.corpus.add import Failure, additions, find_mode, find_served
from passmuster.workflows.show import find_run

_SEALED = "whether it stands in the sealed holdout only the custodian can tell: passmuster corpus verify --additions"

PLAIN = (".txt", ".md")
"""Files whose whole text is one input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """The failure mode that is meant: one that is known, or a new one with its severity."""

    name: str
    new: FailureMode | None = None


def from_run(corpus: Corpus, name: str, case: str) -> list[Failure]:
    """Return a case of a stored run: as the corpus has it today, else as it was served.

    Raises:
        UsageError: where there is no project, no such run, or no such case in it.
    """
    project = corpus.need_project("a stored run")
    with project.store() as store:
        run, _ = find_run(store.runs(), name, project.task.name)
        digest = find_served(run, case)
        stored = store.cases([digest])
    today = (each for each in corpus.folder.open_cases() if each.id == case and case_digest(each) == digest)
    found = next(today, None)
    if found is None and digest in stored:
        found = replace(stored[digest], id=case)
    if found is None:
        raise UsageError(f"the store no longer has case {case!r} of run {run.id}")
    return [Failure(found, f"case {case} of run {run.id}")]


def from_trace(corpus: Corpus, path: Path, span: str | None, trace: str | None) -> list[Failure]:
    """Return a call of a file of traces as a case.

    Raises:
        CorpusError: where the file has no such call, or several.
    """
    record = find_record(path, span, trace)
    rule = corpus.settings.strata
    case = Case(
        id=record.id,
        input=record.input,
        reference=record.reference,
        stratum=None if rule is None or rule == TOPICS else StratumRule(rule)(record),
        group=record.session or record.user,
        tags=record.tags,
        time=record.time,
        feedback=record.feedback,
    )
    return [Failure(case, f"span {record.id} of {path}")]


def from_file(corpus: Corpus, path: Path, name: str | None) -> list[Failure]:
    """Return the cases of a file, or the one with this id; a text file is one case.

    Raises:
        CorpusError: where the file is wrong.
        UsageError: where it has no such case.
    """
    if path.suffix.lower() in PLAIN:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the file cannot be read: {error}", place=Place(str(path))) from None
        return [Failure(Case(id=name or path.stem, input=text.strip()), str(path))]
    cases = [case for case in read_cases(path, corpus.settings.columns or None) if name in (None, case.id)]
    if not cases:
        raise UsageError(f"the file has no case {name!r}", place=Place(str(path)))
    return [Failure(case, f"case {case.id} of {path}") for case in cases]


def add(
    corpus: Corpus,
    failures: Sequence[Failure],
    mode: Mode,
    *,
    reference: str | None = None,
    from_train: bool = False,
) -> Addition:
    """Add failures to the regression pool, under a failure mode; personal data is replaced first.

    Args:
        corpus: An open corpus.
        failures: The cases that went wrong.
        mode: The failure mode; a new one is written behind the others.
        reference: The right answer: text, or JSON where the case had a reference that is no text.
        from_train: Whether a case that stands in train is taken out of it.

    Raises:
        UsageError: for an unknown mode, a reference for several cases, or a case that stands in train.
        CorpusError: where a file is wrong or cannot be written.
    """
    if reference is not None and len(failures) != 1:
        raise UsageError(f"one reference for {len(failures)} cases", hint="Name one of them: --case ID")
    modes = FailureModes(modes_file(corpus))
    chosen = mode.new or find_mode(modes.modes(), mode.name)
    if mode.new is not None and mode.new.first_seen is None:
        today = datetime.fromtimestamp(corpus.clock.now(), UTC).date().isoformat()
        chosen = replace(mode.new, first_seen=today)
    scrub = scrubber(corpus)
    ready = [each._replace(case=scrub(_labelled(each.case, reference))) for each in failures]
    found = additions(ready, _held(corpus), chosen, from_train=from_train)
    # The pool comes last: what stops before that is done by the same command, given again.
    if found.added and found.train is not None:
        corpus.folder.write_split("train", found.train)
    if mode.new is not None:
        modes.add(chosen)
    if found.added:
        file = corpus.folder.write_pool("regression", found.pool)
    else:
        file = corpus.folder.pool_file("regression")
    return Addition(
        mode=chosen,
        new_mode=mode.new is not None,
        file=str(file),
        added=found.added,
        present=found.present,
        taken=found.taken,
        replaced=sum(scrub.counts.values()),
        warnings=_warnings(corpus),
    )


def modes_file(corpus: Corpus) -> Path:
    """Return the file of the failure modes: beside the folder of the corpus."""
    return corpus.folder.path.parent / FILE_NAME


def _held(corpus: Corpus) -> Mapping[str, Sequence[Case]]:
    pools = {str(name): cases for name, cases in corpus.folder.pools().items()}
    return {"train": corpus.folder.split("train"), "eval": corpus.folder.split("eval"), **pools}


def _labelled(case: Case, reference: str | None) -> Case:
    if reference is None:
        return case
    value: Json = reference
    if case.reference is not None and not isinstance(case.reference, str):
        try:
            value = json.loads(reference)
        except ValueError:
            raise UsageError(
                f"the reference of case {case.id!r} was no text, so the new one is read as JSON, and is none",
                hint="Such as: --reference '{\"total\": 12.5}'",
            ) from None
    return replace(case, reference=value)


def _warnings(corpus: Corpus) -> tuple[str, ...]:
    return (_SEALED,) if corpus.folder.lock.is_file() else ()
