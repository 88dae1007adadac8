"""Seal the holdout: from cases in memory to ciphertext, lock and ledger."""

import getpass
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from passmuster import __version__
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.adapters.seal.custodian import LARGEST_KEY, PublicKey, read_public
from passmuster.adapters.seal.envelope import encrypt
from passmuster.adapters.seal.lock import write_lock
from passmuster.adapters.seal.payload import pack
from passmuster.adapters.seal.whole import read_limited, write_whole
from passmuster.corpus.seal.merkle import SALT_BYTES
from passmuster.errors import Place, UsageError
from passmuster.project.corpus.copies import copies
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.records.digest import canonical
from passmuster.records.seal import Holdout, SealRecord
from passmuster.workflows.corpus.seal import SealedFiles, Terms, Told, seal

PUBLIC_KEY = "custodian.pub"
"""The public key of the custodian in the folder of a corpus, where the settings name none."""


def custodian_file(corpus: Corpus) -> Path | None:
    """Return the file of the custodian's public key, None where there is none.

    Raises:
        UsageError: where the settings name one that does not exist.
    """
    if corpus.settings.custodian is None:
        usual = corpus.folder.path / PUBLIC_KEY
        return usual if usual.is_file() else None
    path = corpus.beside(corpus.settings.custodian)
    if not path.is_file():
        raise UsageError(
            "the custodian's public key is not there",
            place=Place(str(path)),
            hint="Make a pair: passmuster corpus keys. Or name another file: corpus: {custodian: FILE}",
        )
    return path


def seal_cases(  # noqa: PLR0913 - the terms of a seal are named one by one
    corpus: Corpus,
    cases: Sequence[Case],
    *,
    split_seed: int | None,
    source: str | None,
    purpose: str,
    others: Mapping[str, Sequence[Case]] | None = None,
    also: Sequence[Told] = (),
    custodian: Path | None = None,
) -> SealRecord:
    """Encrypt these cases to the custodian of a corpus; they are never written in plain.

    Args:
        corpus: Its settings name the file of the custodian's public key (else it is `custodian.pub` in the
            folder), and how many openings there are.
        cases: The holdout.
        split_seed: What parted the cases (None: not known); with the source it would give the holdout back, so
            it is sealed too.
        source: The SHA-256 of the file that the cases came from, None where it is not known.
        purpose: What the ledger says of the sealing.
        others: The cases of the other splits by name, where their files are not written yet: the overlap of
            the holdout with them stands in the lock.
        also: What else the ledger tells at once.
        custodian: The file of a public key, instead of the one of the corpus.

    Raises:
        UsageError: where there is no custodian, no case, or a holdout that is sealed already.
        CorpusError: for an id that stands twice, or a file of cases that is wrong.
        SealError: where a file cannot be written; nothing is sealed then.
    """
    key = public_key(corpus, custodian)
    refuse_sealed(corpus.folder)
    terms = Terms(
        tool=__version__,
        time=corpus.clock.now(),
        actor=actor(),
        custodian=key.fingerprint,
        openings=corpus.settings.openings,
        overlap=copies(corpus, cases, others),
    )
    holdout = Holdout(
        cases=tuple(cases),
        salt=os.urandom(SALT_BYTES).hex(),
        gram_key=os.urandom(SALT_BYTES).hex(),
        split_seed=split_seed,
        source=source,
    )
    events = [Told("sealed", purpose), *also]
    files = seal(holdout, terms, pack, lambda plain, bound: encrypt(plain, key, bound), events)
    _write(corpus.folder, files)
    return files.lock


def public_key(corpus: Corpus, named: Path | None = None) -> PublicKey:
    """Return the custodian's public key.

    Raises:
        UsageError: where there is none.
        SealError: where the file holds something else.
    """
    path = named or custodian_file(corpus)
    if path is None:
        raise UsageError(
            "there is no custodian to seal to",
            place=Place(str(corpus.folder.path / PUBLIC_KEY)),
            hint="Whoever is to keep the key makes it: passmuster corpus keys. The public half goes here.",
        )
    return read_public(read_limited(path, LARGEST_KEY, "the public key"), str(path))


def refuse_sealed(folder: CorpusFolder) -> None:
    """Refuse a folder in which a holdout is sealed, or in which parts of a seal are left.

    Raises:
        UsageError: then.
    """
    if is_sealed(folder):
        raise UsageError(
            "the holdout is sealed already",
            place=Place(str(folder.sealed)),
            hint="When its openings are used up, retire it: passmuster corpus open --retire",
        )


def is_sealed(folder: CorpusFolder) -> bool:
    """Return whether a holdout is sealed here, with all that belongs to it.

    Raises:
        UsageError: where parts of a seal are left.
    """
    files = (folder.lock, folder.ledger, folder.sealed)
    there = [path for path in files if os.path.lexists(path)]
    if there and len(there) < len(files):
        names = " and ".join(path.name for path in there)
        raise UsageError(
            f"{names} of an earlier seal lies here, and the rest of it is missing",
            place=Place(str(folder.path)),
            hint="Bring the rest back from git. Only if sealing or retiring was just interrupted, take these away.",
        )
    return bool(there)


def actor() -> str:
    """Return who is at work, as the system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _write(folder: CorpusFolder, files: SealedFiles) -> None:
    """Write all three files or none; the lock, which says that there is a seal, comes last."""
    ledger = b"".join(canonical(entry) + b"\n" for entry in files.ledger)
    try:
        write_whole(folder.sealed, files.ciphertext)
        write_whole(folder.ledger, ledger)
        write_lock(folder.lock, files.lock)
    except BaseException:
        for path in (folder.sealed, folder.ledger, folder.lock):
            path.unlink(missing_ok=True)
        raise
