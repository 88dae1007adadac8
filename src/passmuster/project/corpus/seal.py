"""Seal the holdout: from cases in memory to ciphertext, lock and ledger."""

from collections.abc import Sequence

from passmuster.errors import NotAvailableError
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.records.seal import SealRecord


def seal_cases(
    corpus: Corpus, cases: Sequence[Case], *, split_seed: int, source: str | None, purpose: str
) -> SealRecord:
    """Encrypt these cases to the custodian of a corpus; they are never written in plain.

    Args:
        corpus: Its settings name the file of the custodian's public key, and how many openings there are.
        cases: The holdout.
        split_seed: What parted the cases; with the source it would give the holdout back, so it is sealed too.
        source: The SHA-256 of the file that the cases came from, None where it is not known.
        purpose: What the ledger says of the sealing.

    Raises:
        UsageError: where there is no custodian, no case, or a holdout that is sealed already.
        CorpusError: where a file cannot be written; nothing is sealed then.
    """
    del corpus, cases, split_seed, source, purpose
    message = "sealing is being built"
    raise NotAvailableError(message)
