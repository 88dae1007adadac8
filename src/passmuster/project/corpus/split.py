"""Part the cases of a corpus; its holdout is sealed at once and never written in plain."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from passmuster.adapters.duplicates import near_duplicates
from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.ingest.folder import POOLS, CorpusFolder, OpenSplit
from passmuster.adapters.seal.exclusive import alone_in
from passmuster.errors import CorpusError, Place, UsageError
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.proposing import proposals_of
from passmuster.project.corpus.sample import unsplit_cases, unsplit_file
from passmuster.project.corpus.seal import custodian_file, is_sealed, seal_cases
from passmuster.records.case import Case, Split, case_digest
from passmuster.records.sampling import SplitResult
from passmuster.workflows.corpus.split import Parted, SplitOrder, part, shares_of

__all__ = ["HoldoutWish", "settle", "split"]

OPEN: tuple[OpenSplit, ...] = ("train", "eval")
SHARES = "70/20/10"
NAMED = 3
"""Ids that a message names."""

_SEALING, _OPENLY = ".sealing", ".parting"
"""What is added to the name of a file until the split is done: one that seals, or one that does not."""

_SEED_BITS = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutWish:
    """What shall become of the holdout: sealed (the usual), none at all, or a plain file for the time being."""

    none: bool = False
    unsealed: bool = False


def split(
    corpus: Corpus,
    file: Path | None = None,
    *,
    shares: str | None = None,
    seed: int | None = None,
    wish: HoldoutWish | None = None,
) -> SplitResult:
    """Part cases in train, eval and a holdout, which is sealed to the custodian at once.

    Cases that are split already keep their side, and new ones that hang together with them join them. Once a holdout is
    sealed nothing is added to it: new cases go to train and eval.

    Args:
        corpus: An open corpus.
        file: The cases; default: those that were sampled and not split yet.
        shares: Of train, eval and holdout; default: those of the settings, else 70/20/10.
        seed: Default: a secret one, which is sealed with the holdout: with the source it would re-create it.
        wish: What shall become of the holdout.

    Raises:
        UsageError: where there is nothing to split, no custodian, a plain holdout or a part of a seal lies in the
            folder, an id is another case's, or the cases may be those that were sealed.
        SealError: where the file is a holdout itself or cannot be sealed, and where another process is at work here.
        CorpusError: where a file is wrong or cannot be written; nothing is changed then.
    """
    folder, wish = corpus.folder, wish or HoldoutWish()
    with alone_in(folder.path):
        settle(folder)
        source = _source(folder, file)
        holdout = _wants_holdout(corpus, wish)
        old: dict[Split, Sequence[Case]] = {side: cases for side in OPEN if (cases := folder.split(side))}
        pools = [case for cases in folder.pools().values() for case in cases]
        new = _new(source, [*(case for cases in old.values() for case in cases), *pools])
        if is_sealed(folder):
            _refuse_source(source, new)
        order = SplitOrder(
            shares=shares_of(shares or _usual(corpus), holdout=holdout),
            seed=_seed(corpus, seed, secret=holdout),
        )
        proposed = [proposal.case for proposal in proposals_of(corpus)]
        parted = part(new, old, order, near_duplicates, [*pools, *proposed])
        root = _write(corpus, parted, order, source, wish)
        own = None if file is None or _is_waiting(folder, file) else file
        return _result(folder, parted, root, own)


def _new(source: Path, standing: Sequence[Case]) -> Sequence[Case]:
    """Return the cases that stand nowhere yet.

    Raises:
        UsageError: for an id that another case has.
    """
    known = {case.id: case_digest(case) for case in standing}
    cases = read_cases(source)
    others = [case.id for case in cases if known.get(case.id, own := case_digest(case)) != own]
    if others:
        raise UsageError(
            f"{len(others)} ids are those of other cases of this corpus: {_named(others)}",
            place=Place(str(source)),
            hint="Every case needs an id of its own: give these another, or leave the id out.",
        )
    return [case for case in cases if case.id not in known]


def _refuse_source(source: Path, new: Sequence[Case]) -> None:
    """Refuse cases beside which some were split before: the holdout was drawn from the same file, and is among them."""
    before = len(read_cases(source)) - len(new)
    if before:
        raise UsageError(
            f"{before} of these cases were split before, so those that were sealed may be among the others",
            place=Place(str(source)),
            hint="Split a file that holds new cases only.",
        )


def _is_waiting(folder: CorpusFolder, file: Path) -> bool:
    """Return whether a file is that of the cases that wait, which does not stay."""
    return file.resolve() == unsplit_file(folder).resolve()


def _named(ids: Sequence[str]) -> str:
    return ", ".join(map(repr, ids[:NAMED])) + (", ..." if len(ids) > NAMED else "")


def _source(folder: CorpusFolder, file: Path | None) -> Path:
    path = unsplit_file(folder) if file is None else file
    if any(
        found is not None and path.exists() and path.samefile(found) for found in map(folder.split_file, OPEN)
    ):
        raise UsageError(
            "these cases are split already",
            place=Place(str(path)),
            hint="New ones join them: passmuster corpus sample N, then passmuster corpus split",
        )
    plain = folder.split_file("holdout")
    if plain is not None:
        raise UsageError(
            "a holdout lies here in plain, and would be ignored",
            place=Place(str(plain)),
            hint="Seal it first: passmuster corpus seal",
        )
    if file is None and not path.is_file():
        raise UsageError(
            "there are no cases that wait to be split",
            place=Place(str(path)),
            hint="Draw some: passmuster corpus sample N. Or name a file: passmuster corpus split FILE",
        )
    return path


def _wants_holdout(corpus: Corpus, wish: HoldoutWish) -> bool:
    """Return whether a part goes to a holdout."""
    if is_sealed(corpus.folder) or wish.none:
        return False
    if not wish.unsealed and custodian_file(corpus) is None:
        raise UsageError(
            "there is no custodian to seal the holdout to, and it is not written in plain",
            hint="Whoever is to keep the key makes it: passmuster corpus keys. "
            "Or go without a holdout: --no-holdout",
        )
    return True


def _usual(corpus: Corpus) -> str:
    own = corpus.settings.split
    return SHARES if own is None else f"{own.train}/{own.eval}/{own.holdout}"


def _seed(corpus: Corpus, seed: int | None, *, secret: bool) -> int:
    if seed is not None:
        return seed
    if secret:
        return secrets.randbits(_SEED_BITS)
    return 0 if corpus.settings.split is None else corpus.settings.split.seed


def _write(corpus: Corpus, parted: Parted, order: SplitOrder, source: Path, wish: HoldoutWish) -> str | None:
    """Write what is open to drafts, seal the holdout, and then give the drafts their names.

    Whatever fails, fails before anything has changed, since renaming needs no room. Where the process ends in between,
    `settle` goes on, or back: else cases that are sealed would still wait to be split, and could come to train.
    """
    folder, held = corpus.folder, parted.sides.get("holdout", ())
    drafts = _drafts(folder, parted)
    if held and wish.unsealed:
        drafts[folder.path / "holdout.jsonl"] = held
    drafts[unsplit_file(folder)] = _waiting(folder, parted, source)  # the last one: all are there when it is
    mark = _SEALING if held and not wish.unsealed else _OPENLY
    root = None
    try:
        for path, cases in drafts.items():
            write_cases(_draft(path, mark), cases)
        if mark == _SEALING:
            root = seal_cases(
                corpus,
                held,
                split_seed=order.seed,
                source=_digest(source),
                purpose=f"split of {source.name}",
                others={
                    **{side: parted.sides.get(side, ()) for side in OPEN},
                    **_pools(folder, parted),
                },
            ).root
    except BaseException:
        for path in drafts:
            _draft(path, mark).unlink(missing_ok=True)
        raise
    settle(folder)
    return root


def _waiting(folder: CorpusFolder, parted: Parted, source: Path) -> Sequence[Case]:
    """Return the cases that still wait to be split: those that could go to no side, or all where another file was split."""
    waiting = unsplit_file(folder)
    return parted.left_out if not waiting.exists() or source.samefile(waiting) else unsplit_cases(folder)


def _drafts(folder: CorpusFolder, parted: Parted) -> dict[Path, Sequence[Case]]:
    """Return what is to stand in each file."""
    found: dict[Path, Sequence[Case]] = {}
    for side in OPEN:
        cases = parted.sides.get(side, ())
        if cases:
            path = folder.split_file(side) or folder.path / f"{side}.jsonl"
            if not path.name.endswith((".jsonl", ".jsonl.gz")):
                raise CorpusError(
                    f"the {side} split is a CSV file, which cannot hold every field of a case",
                    place=Place(str(path)),
                    hint=f"Move it away and split it, too: passmuster corpus split {path.name}",
                )
            found[path] = cases
    pools = _pools(folder, parted)
    found.update((folder.pool_file(name), pools[name]) for name in POOLS if parted.pools.get(name))
    return found


def _pools(folder: CorpusFolder, parted: Parted) -> dict[str, Sequence[Case]]:
    """Return all cases of each pool, those that come to it now among them."""
    return {name: [*folder.pool(name), *parted.pools.get(name, ())] for name in POOLS}


def _draft(path: Path, mark: str) -> Path:
    stem, dot, ending = path.name.partition(".")
    return path.with_name(f"{stem}{mark}{dot}{ending}")


def settle(folder: CorpusFolder) -> None:
    """Give the drafts of a split their names; also those of one that was cut off, where it had come so far.

    One that was to seal had, once there is a lock, the last part of a seal: before, it would have been refused. Any
    other had, once its last draft was written. Else it came to nothing, and its cases still wait where they were.
    What an interrupted writing of the waiting cases left is taken away: the holdout may be in it.
    """
    waiting = unsplit_file(folder)
    waiting.with_name(waiting.name + ".part").unlink(missing_ok=True)
    for mark, done in ((_SEALING, folder.lock.exists()), (_OPENLY, _draft(waiting, _OPENLY).exists())):
        found = [path for within in ("", "pools/") for path in folder.path.glob(f"{within}*{mark}.jsonl*")]
        for path in sorted(found, key=lambda path: path == _draft(waiting, mark)):
            if done:
                path.replace(path.with_name(path.name.replace(mark, "", 1)))
            else:
                path.unlink()
    if waiting.exists() and not waiting.stat().st_size:
        waiting.unlink()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _result(folder: CorpusFolder, parted: Parted, root: str | None, file: Path | None) -> SplitResult:
    return SplitResult(
        path=str(folder.path),
        train=len(parted.sides.get("train", ())),
        eval=len(parted.sides.get("eval", ())),
        holdout=len(parted.sides.get("holdout", ())),
        before=parted.before,
        pools={str(category): len(cases) for category, cases in parted.pools.items()},
        strata=parted.strata,
        clusters=parted.clusters,
        largest=parted.largest,
        duplicates=parted.duplicates,
        left_out=tuple(case.id for case in parted.left_out),
        root=root,
        source=None if file is None else str(file),
    )


def sides_of(folder: CorpusFolder) -> Mapping[str, int]:
    """Return how many cases each open split has."""
    return {side: len(cases) for side in OPEN if (cases := folder.split(side))}
