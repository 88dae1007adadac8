"""What is done to cases before they are written: personal data out, duplicates away."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from passmuster.adapters.duplicates import near_duplicates
from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.pii.key_file import KeyFile
from passmuster.adapters.pii.presidio import presidio_finder
from passmuster.corpus.personal.find import PersonalKind, find_personal
from passmuster.corpus.personal.pseudonyms import Pseudonyms
from passmuster.errors import Place, UsageError
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.records.traffic import TrafficRecord
from passmuster.workflows.corpus.clean import CleanResult
from passmuster.workflows.corpus.clean import clean as cleaning

__all__ = ["CleanResult", "Scrubber", "clean", "scrubber"]

UNSPLIT = "cases"
"""The file of cases that are not split yet."""

KEY_VARIABLE = "PASSMUSTER_PSEUDONYM_KEY"
"""The environment variable that may hold the key of the pseudonyms."""


class Scrubber:
    """Puts pseudonyms in whatever is written to a corpus; call it with a case.

    Args:
        names: None changes nothing: `personal: off`.
    """

    def __init__(self, names: Pseudonyms | None) -> None:
        self._names = names

    def __call__(self, case: Case) -> Case:
        return case if self._names is None else self._names.case(case)

    def record(self, record: TrafficRecord) -> TrafficRecord:
        """Return a record of traffic with pseudonyms."""
        return record if self._names is None else self._names.record(record)

    @property
    def counts(self) -> Counter[PersonalKind]:
        """How many identifiers were replaced so far, by kind."""
        return Counter() if self._names is None else self._names.counts

    @property
    def on(self) -> bool:
        """Whether it replaces anything."""
        return self._names is not None


def scrubber(corpus: Corpus, environment: Mapping[str, str] | None = None, *, keep: bool = True) -> Scrubber:
    """Return what to apply to each case before it is written to a corpus; under `personal: off` it does nothing.

    The key of the pseudonyms is that in `PASSMUSTER_PSEUDONYM_KEY`, else the file `.private/pseudonyms.key` of
    the corpus's folder, which is made where there is none; without `keep` it is not written.

    Raises:
        CorpusError: where the key is not the one of the corpus's pseudonyms, or cannot be written.
    """
    if corpus.settings.personal == "off":
        return Scrubber(None)
    variables = os.environ if environment is None else environment
    key = KeyFile(corpus.folder.path, variables.get(KEY_VARIABLE) or None).read(keep=keep)
    models = corpus.settings.personal_models
    return Scrubber(Pseudonyms(key, presidio_finder(models, find_personal) if models else find_personal))


def clean(
    corpus: Corpus, file: Path | None = None, *, threshold: float | None = 0.8, write: bool = True
) -> CleanResult:
    """Put pseudonyms for personal data in a file of cases, and take duplicates out.

    Args:
        corpus: An open corpus.
        file: The file; default: `cases.jsonl` of the corpus's folder, where `corpus sample` puts them.
        threshold: From which Jaccard index of five-word runs two inputs say the same, in (0, 1]; None: exactly equal.
        write: Whether the file is written, or only looked at.

    Raises:
        UsageError: where there is no such file, or it is a holdout.
        CorpusError: where it is wrong or cannot be written; it is untouched then.
    """
    path = _file(corpus, file)
    scrub = scrubber(corpus, keep=write)
    near = None if threshold is None else partial(near_duplicates, threshold=threshold)
    cases, result = cleaning(read_cases(path), scrub, near)
    changed = result.changed or result.exact or result.near
    if write and changed:
        write_cases(path, cases)
    detector = (
        "off" if not scrub.on else "built-in and Presidio" if corpus.settings.personal_models else "built-in"
    )
    return replace(
        result,
        path=str(path),
        personal={str(kind): count for kind, count in sorted(scrub.counts.items())},
        detector=detector,
        written=write and bool(changed),
    )


def _file(corpus: Corpus, file: Path | None) -> Path:
    if file is None:
        path = corpus.folder.split_file(UNSPLIT) or corpus.folder.path / f"{UNSPLIT}.jsonl"
    else:
        path = file if file.exists() else corpus.folder.path / file
    if path.name.startswith("holdout"):
        raise UsageError(
            "no verb reads the cases of a holdout",
            place=Place(str(path)),
            hint="Clean cases before they are split: passmuster corpus clean, then passmuster corpus split",
        )
    if not path.is_file():
        raise UsageError(
            "there are no cases to clean",
            place=Place(str(path)),
            hint="Draw some: passmuster corpus sample 500. Or name a file: passmuster corpus clean FILE",
        )
    return path
