"""Open the sealed holdout: plan first, then ask in memory, then only verdicts come back."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from passmuster.adapters.seal.envelope import decrypt
from passmuster.adapters.seal.payload import unpack
from passmuster.adapters.seal.whole import write_whole
from passmuster.corpus.versions.content import corpus_version
from passmuster.errors import IncompleteError, Place, SealError
from passmuster.ports import Progress, Provider
from passmuster.project.asking import Silent, check, opened
from passmuster.project.corpus.copies import copies
from passmuster.project.corpus.keys import Custody
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.sealed import Sealed, read_sealed
from passmuster.project.load import Project
from passmuster.project.loop import until_done
from passmuster.project.names import asked_candidates
from passmuster.project.own_metrics import code_of
from passmuster.records.candidate import Candidate
from passmuster.records.seal import Entry, Holdout, OpeningResult, SealRecord, commitments, result_digest
from passmuster.report.json_text import record_json
from passmuster.workflows.compare import Question
from passmuster.workflows.corpus import open as opening
from passmuster.workflows.corpus.open import Asked, Bid, Standing
from passmuster.workflows.corpus.seal import content_flaw

RESULTS = "openings"
"""The folder of results, beside the ledger that has their digests."""


class Planned(NamedTuple):
    """A plan in the ledger, and how many openings are left of how many."""

    entry: Entry
    left: int
    lock: SealRecord


class Opened(NamedTuple):
    """What an opening gave, the ledger's head after it, how many are left, and where the result lies."""

    result: OpeningResult
    head: Entry
    left: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be opened for: candidates by name (none: all), why, with which anchor, for how many US dollars."""

    only: Sequence[str] = ()
    purpose: str = ""
    anchor: str | None = None
    budget: float | None = None


def result_file(folder: Path, sequence: int) -> Path:
    """Return where the result of the opening with this number in the ledger lies.

    Example:
        >>> result_file(Path("datasets"), 3).as_posix()
        'datasets/openings/0003.json'
    """
    return folder / RESULTS / f"{sequence:04d}.json"


def plan(corpus: Corpus, wish: Wish) -> Planned:
    """Write down for which candidates and by which rule the holdout will be opened. No key is needed.

    Raises:
        SealError: where the seal is not whole, no opening is left, or it is retired.
        UsageError: for an unknown candidate, or without a project.
    """
    project = corpus.need_project("a plan")
    bid = _bid(project, asked_candidates(project, wish.only))
    sealed = read_sealed(corpus, anchor=wish.anchor)
    with sealed.ledger() as ledger:
        opening.check_open(ledger.chain, sealed.lock)
        entry = ledger.tell(
            Entry(event="planned", purpose=wish.purpose, candidates=bid.candidates, rule=bid.rule)
        )
        return Planned(entry, opening.places_left(ledger.chain, sealed.lock), sealed.lock)


def open_holdout(corpus: Corpus, custody: Custody, wish: Wish, progress: Progress | None = None) -> Opened:
    """Ask the holdout for verdicts: what was planned is decided, and nothing about single cases comes back.

    The ledger has the opening before a case is looked at: whatever interrupts it, the place is used.

    Raises:
        SealError: without a fitting plan, an opening left, the right key, or where a file was altered; nothing
            is opened then. Also where asking fails: its message is withheld, since it may quote a case.
        IncompleteError: where a candidate does not answer at all; nothing is opened then.
        UsageError: for an unknown candidate, or without a project.
    """
    project = corpus.need_project("an opening")
    chosen = asked_candidates(project, wish.only)
    bid = _bid(project, chosen)
    sealed = read_sealed(corpus, custody, wish.anchor)
    with sealed.ledger() as ledger:
        opening.admitted(ledger.chain, sealed.lock, bid)
    _make_room(corpus.folder.path / RESULTS)
    _refuse_silent(project, chosen)
    job = _Job(sealed=sealed, project=project, chosen=chosen, wish=wish, bid=bid)
    return until_done(job.done(progress or Silent()))


def retire(corpus: Corpus, custody: Custody, wish: Wish) -> Entry:
    """End the life of a holdout: its files move to `retired/`, and a new one can be sealed.

    Raises:
        SealError: for a wrong key, or where a file was altered or cannot be moved.
    """
    sealed = read_sealed(corpus, custody, wish.anchor)
    with sealed.ledger() as ledger:
        last = ledger.chain.last
        if last is not None and ledger.chain.retired:  # by one that ended before it had moved the files
            entry = last
        else:
            entry = ledger.tell(Entry(event="retired", purpose=wish.purpose), proved=True)
    _move(corpus, sealed.lock)
    return entry


def _move(corpus: Corpus, lock: SealRecord) -> None:
    folder = corpus.folder
    target = folder.path / "retired" / lock.root[:16]
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in (folder.lock, folder.sealed, folder.ledger, folder.path / RESULTS):
            if path.exists():
                path.rename(target / path.name)
    except OSError as error:
        raise SealError(
            f"the files of the retired holdout cannot be moved: {error.strerror or error}",
            place=Place(str(target)),
            hint="It is retired all the same. Make room, and give the same command again, or move them by hand.",
        ) from None


def _bid(project: Project, chosen: Sequence[Candidate]) -> Bid:
    parts = {f"metric {each.name}": f"{each.version} {each.direction}" for each in project.metrics()}
    for spec in project.task.metrics:
        code = code_of(spec.kind, project.folder)
        if isinstance(code, Path):
            parts[f"file of {spec.name}"] = hashlib.sha256(code.read_bytes()).hexdigest()
        elif code is not None:
            parts[f"package of {spec.name}"] = code
    return opening.bid_of(project.task, chosen, parts)


def _make_room(folder: Path) -> None:
    """Refuse to spend an opening whose result could lie nowhere."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SealError(
            f"the folder of results cannot be made: {error.strerror or error}",
            place=Place(str(folder)),
            hint="Nothing was opened. Take away what lies there, and give the same command again.",
        ) from None


def _refuse_silent(project: Project, chosen: Sequence[Candidate]) -> None:
    """Refuse to spend an opening on a candidate that does not answer one case of eval."""
    names = [each.name for each in chosen if each.kind == "llm" and each.provider != "replay"]
    for result in check(project, only=names) if names else ():
        if not result.ok:
            raise IncompleteError(
                f"{result.candidate} does not answer a case of eval ({result.kind}): nothing was opened",
                hint="See why: passmuster check",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One opening."""

    sealed: Sealed
    project: Project
    chosen: Sequence[Candidate]
    wish: Wish
    bid: Bid

    async def done(self, progress: Progress) -> Opened:
        standing: Standing | None = None
        done: Opened | None = None
        try:
            async with opened(self.project, self.chosen) as providers:
                standing = self._begin()
                done = self._end(standing, await self._result(standing, providers, progress))
        except Exception as error:
            if standing is None:
                raise
            if done is None:  # else only closing failed, and it must not cost the result
                raise _withheld(error, standing) from None
        return done

    def _begin(self) -> Standing:
        """Take a place; from here on it is used, whatever happens."""
        bid, lock = self.bid, self.sealed.lock
        with self.sealed.ledger() as ledger:
            plan_entry = opening.admitted(ledger.chain, lock, bid)
            place = len(ledger.chain.openings) + 1
            purpose = self.wish.purpose or plan_entry.purpose
            draft = Entry(
                event="opening",
                purpose=purpose,
                candidates=bid.candidates,
                rule=bid.rule,
                plan=plan_entry.hash,
            )
            entry = ledger.tell(draft, proved=True)
        return Standing(lock=lock, opening=entry, place=place)

    async def _result(
        self, standing: Standing, providers: Mapping[str, Provider], progress: Progress
    ) -> OpeningResult:
        holdout = unsealed(self.sealed)
        name = str(self.sealed.corpus.folder.sealed)
        settings = self.project.settings
        asked = Asked(
            question=Question(
                task=self.project.task,
                metrics=self.project.metrics(),
                corpus=corpus_version(holdout.cases, name, "holdout", holdout="sealed"),
                candidates=tuple(self.chosen),
            ),
            providers=providers,
            clock=self.project.clock,
            progress=progress,
            uniform=random.Random(),  # noqa: S311  # jitter of retries is no secret
            budget=settings.budget if self.wish.budget is None else self.wish.budget,
            inner_prices=self.project.price_of,
        )
        trials, complete = await opening.ask(asked)
        overlap = copies(self.sealed.corpus, holdout.cases)
        return opening.judged(asked, trials, standing, overlap, complete=complete)

    def _end(self, standing: Standing, result: OpeningResult) -> Opened:
        with self.sealed.ledger() as ledger:
            draft = Entry(
                event="opened",
                purpose=standing.opening.purpose,
                opening=standing.opening.hash,
                result=result_digest(result),
            )
            head = ledger.tell(draft, proved=True)
            left = opening.places_left(ledger.chain, self.sealed.lock)
        path = result_file(self.sealed.corpus.folder.path, standing.opening.sequence)
        write_whole(path, (record_json(result) + "\n").encode())
        return Opened(result, head, left, path)


def unsealed(sealed: Sealed) -> Holdout:
    """Return the holdout, decrypted in memory, if it is what the lock says.

    Raises:
        SealError: without the key, or where it is not.
    """
    if sealed.custody is None:
        raise SealError("the holdout opens only with the custodian's private key")
    holdout = unpack(decrypt(sealed.content, sealed.custody.key, commitments(sealed.lock)))
    flaw = content_flaw(holdout, sealed.lock)
    if flaw is not None:
        raise SealError(flaw)
    return holdout


def _withheld(error: Exception, standing: Standing) -> SealError:
    if isinstance(error, SealError):
        return error
    return SealError(
        f"the opening ended in an error ({type(error).__name__}), whose text is withheld: it may quote a case",
        hint=f"Opening {standing.place} of {standing.lock.openings} is used up. Look for the cause on eval: "
        "passmuster run && passmuster compare",
    )
