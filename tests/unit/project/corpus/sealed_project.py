"""A project with a sealed holdout, for tests: its candidates are baselines and recordings, so nothing is asked."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from passmuster.adapters.ingest.cases import write_cases
from passmuster.adapters.seal.ledger import reading
from passmuster.errors import PassmusterError
from passmuster.project.corpus.keys import Custody, custody, make_pair
from passmuster.project.corpus.open import Wish, open_holdout
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.project.corpus.seal import seal_cases
from passmuster.records.case import Case
from passmuster.records.seal import Entry

FILE = """\
task: tickets
corpus: {{path: data, openings: {openings}}}
metrics: [exact_match]
bars: {{exact_match: {{at_least: 0.5}}}}
candidates:
{candidates}
"""
CANDIDATES = """\
  - {name: always, provider: baseline, kind: constant, text: 'yes'}
  - {name: learned, provider: baseline, kind: naive_bayes}
  - {name: recorded, provider: replay, path: recorded.jsonl, simulated: true}
"""
BASELINES = Wish(only=("always", "learned"))
SECRET = "xylophone"  # noqa: S105 - no password
"""A word that stands in every holdout case, and nowhere else."""


def cases(side: str, count: int, word: str = "") -> list[Case]:
    """Return cases that are no near-duplicates of those of another side."""
    return [
        Case(
            id=f"{side}-{number}",
            input=f"{word} {side} alpha{number} beta{number} gamma{number} delta{number} asks one question".strip(),
            reference="yes" if number % 4 else "no",
            stratum="even" if number % 2 else "odd",
        )
        for number in range(count)
    ]


def holdout(count: int = 40) -> list[Case]:
    """Return the cases that are sealed."""
    return cases("held", count, SECRET)


def recording(folder: Path, held: Sequence[Case]) -> None:
    """Record a right answer to every case."""
    rows = [{"case_id": case.id, "output": case.reference} for case in held]
    (folder / "recorded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def project(folder: Path, candidates: str = CANDIDATES, openings: int = 3) -> Corpus:
    """Write a project with train and eval, and a custodian who lives elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").mkdir()
    (folder / "passmuster.yaml").write_text(FILE.format(candidates=candidates, openings=openings))
    write_cases(folder / "data" / "train.jsonl", cases("learned", 60))
    write_cases(folder / "data" / "eval.jsonl", cases("scored", 40))
    recording(folder, [*cases("scored", 40), *holdout()])
    if not key_file(folder).exists():
        make_pair(key_file(folder), folder / "data" / "custodian.pub")
    return open_corpus(folder)


def sealed(folder: Path, candidates: str = CANDIDATES, openings: int = 3) -> Corpus:
    """Write a project whose holdout is sealed."""
    corpus = project(folder, candidates, openings)
    seal_cases(corpus, holdout(), split_seed=7, source="0" * 64, purpose="a test")
    return corpus


def key_file(folder: Path) -> Path:
    """Return where the custodian keeps the key."""
    return folder.parent / "elsewhere" / "custodian.key"


def keyed(folder: Path) -> Custody:
    """Return the custodian's key, with the memory beside it."""
    return custody(key_file(folder), {})


def entries(corpus: Corpus) -> list[Entry]:
    """Return the ledger."""
    with reading(corpus.folder.ledger) as found:
        return list(found)


def events(corpus: Corpus) -> list[str]:
    """Return what the ledger tells."""
    return [entry.event for entry in entries(corpus)]


def refused(corpus: Corpus, key: Custody, wish: Wish = BASELINES) -> str:
    """Return why an opening is refused, having made sure that it took no place."""
    before = corpus.folder.ledger.read_bytes() if corpus.folder.ledger.exists() else None
    with pytest.raises(PassmusterError) as raised:
        open_holdout(corpus, key, wish)
    assert (corpus.folder.ledger.read_bytes() if corpus.folder.ledger.exists() else None) == before
    return str(raised.value)
