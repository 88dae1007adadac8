"""What is done to cases before they are written: personal data out, duplicates away."""

import os
from collections import Counter
from collections.abc import Mapping

from passmuster.adapters.pii.key_file import KeyFile
from passmuster.corpus.personal_span import PersonalKind
from passmuster.corpus.pseudonyms import Pseudonyms
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.records.traffic import TrafficRecord

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


def scrubber(corpus: Corpus, environment: Mapping[str, str] | None = None) -> Scrubber:
    """Return what to apply to each case before it is written to a corpus; under `personal: off` it does nothing.

    The key of the pseudonyms is that in `PASSMUSTER_PSEUDONYM_KEY`, else the file `.private/pseudonyms.key` of
    the corpus's folder, which is made where there is none.

    Raises:
        CorpusError: where the key is not the one of the corpus's pseudonyms, or cannot be written.
    """
    if corpus.settings.personal == "off":
        return Scrubber(None)
    variables = os.environ if environment is None else environment
    return Scrubber(Pseudonyms(KeyFile(corpus.folder.path, variables.get(KEY_VARIABLE) or None).read()))
