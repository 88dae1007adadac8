"""`corpus import`: rows of a source become traffic, or cases, and what cannot be used is set aside with its reason."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from passmuster.corpus.mining.retries import Retries
from passmuster.errors import CorpusError
from passmuster.records.case import Case, Origin, case_digest
from passmuster.records.imported import Account, BadRow, Imported, ImportKind, Recognised, Settled
from passmuster.records.traffic import TrafficRecord

Found: TypeAlias = TrafficRecord | Case | BadRow

EARLY = 1_000
"""Bad rows after which an import ends at once where most rows so far were bad."""
REASONS = 12
"""Kinds of reasons that are told, the most frequent ones."""
_TOLD_EVERY = 1_000

_NUMBERS = re.compile(r"0x[0-9a-f]+|(?<![\w-])\d[\d,.]*|'[^']*'")


class Reading(Protocol):
    """A source on its way in: what it was taken for, and what its rows hold, in their order."""

    @property
    def recognised(self) -> Recognised:
        """What the source was taken for."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Where it lies, without what is secret in addresses."""

    def __iter__(self) -> Iterator[Found]:
        """Yield records or cases, and the rows that are none. Raises CorpusError where the source fails."""

    def account(self) -> Account:
        """Return what is known once all of it was read."""


class Quarantine(Protocol):
    """Where rows are put that cannot be used."""

    def set_aside(self, row: BadRow) -> None:
        """Put a row in quarantine."""

    def refuse(self) -> str | None:
        """Keep nothing but the rows in quarantine, so that they can be looked at; return where they are."""


class Shelf(Quarantine, Protocol):
    """Where an import is put: out of sight until it is kept, and gone where it is not."""

    def add(self, record: TrafficRecord) -> str | None:
        """Put a record in, or return why that cannot be."""

    def settle(self) -> Settled:
        """Give every record an id of its own."""

    def keep(self, imported: Imported) -> Imported:
        """Bring everything to its place at once; what was there before is replaced. Return it with its paths."""


Watch: TypeAlias = Callable[[int, int], None]
"""Is told now and then how many rows were read, and how many of them are bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How an import is called, and the share of bad rows above which nothing is kept (0 to 1).

    `generator` names what made synthetic cases.
    """

    name: str
    most_bad: float = 0.01
    now: float | None = None
    version: str | None = None
    generator: str | None = None


class _Rows:
    """Goes through a reading, counts, and sets bad rows aside."""

    def __init__(self, reading: Reading, terms: Terms, quarantine: Quarantine, watch: Watch) -> None:
        self._reading = reading
        self._terms = terms
        self._quarantine = quarantine
        self._watch = watch
        self.read = 0
        self.bad = 0
        self.reasons: Counter[str] = Counter()
        self.examples: list[BadRow] = []

    def good(self) -> Iterator[TrafficRecord | Case]:
        for found in self._reading:
            self.read += 1
            if not self.read % _TOLD_EVERY:
                self._watch(self.read, self.bad)
            if isinstance(found, BadRow):
                self.refuse(found)
                if self.bad >= max(EARLY, self.read / 2) and self.bad > self._terms.most_bad * self.read:
                    break
            else:
                yield found
        self._watch(self.read, self.bad)

    def refuse(self, row: BadRow) -> None:
        self.bad += 1
        self.reasons[_NUMBERS.sub("…", row.reason)[:160]] += 1
        if len(self.examples) < 3:
            self.examples.append(row)
        self._quarantine.set_aside(row)

    def check(self) -> None:
        if not self.read:
            raise self._nothing()
        share = self.bad / self.read
        if share <= self._terms.most_bad and self.bad < self.read:
            return
        where = self._quarantine.refuse()
        raise CorpusError(
            f"{self.bad:,} of {self.read:,} rows ({share:.1%}) cannot be used; "
            f"at most {self._terms.most_bad:.1%} may be bad"
            + "".join(_example(row) for row in self.examples),
            hint="Nothing was imported."
            + (f" All reasons are in {where}." if where else "")
            + " Was it taken for the wrong thing? Say what it is: --format, --columns."
            + (f" To import the good rows: --most-bad {share + 0.001:.1%}" if self.bad < self.read else ""),
        )

    def _nothing(self) -> CorpusError:
        found = self._reading.recognised
        what = (
            "rows" if found.format == "table" else "calls of models" if found.kind == "traffic" else "cases"
        )
        left = Counter(self._reading.account().left).most_common(REASONS)
        return CorpusError(
            f"{_all(self._reading.sources)} holds no {what}"
            + "".join(f"\n  left out: {count:,}  {why}" for why, count in left),
            hint="Nothing was imported.",
        )


def import_traffic(reading: Reading, shelf: Shelf, terms: Terms, watch: Watch) -> Imported:
    """Put the records of a source on a shelf and keep them, all or none.

    Raises:
        CorpusError: where the source fails, where more rows are bad than may be, and where nothing can be written;
            then nothing is kept.
    """
    rows = _Rows(reading, terms, shelf, watch)
    retries = Retries()
    tally = _Tally()
    for record in retries.marked(found for found in rows.good() if isinstance(found, TrafficRecord)):
        reason = shelf.add(record)
        if reason is None:
            tally.add(record)
        else:
            rows.refuse(BadRow(where=f"id {record.id}", reason=reason))
    rows.check()
    settled = shelf.settle()
    tally.feedback.subtract(settled.feedback)
    return shelf.keep(
        replace(
            _outcome(reading, rows, terms, "traffic"),
            records=tally.count - settled.repeated,
            repeated=settled.repeated,
            renamed=settled.renamed,
            retried=retries.count,
            feedback=dict(sorted((+tally.feedback).items())),
            times=tally.times,
            timeless=tally.timeless - settled.timeless,
        )
    )


def import_cases(
    reading: Reading,
    known: Sequence[Case],
    terms: Terms,
    origin: Origin | None,
    quarantine: Quarantine,
    watch: Watch,
) -> tuple[list[Case], Imported]:
    """Return the cases of a source that are new to a corpus, and what is to be told of the import.

    A case is not new where the corpus asks the same, or where another case has its id.

    Args:
        reading: A source of cases, or of records that become cases.
        known: All cases that anybody may read of the corpus.
        terms: How the import is called, and how many rows may be bad.
        origin: Who the cases come from; None: from experts, unless the source says otherwise.
        quarantine: Takes the rows that cannot be used.
        watch: Is told how it goes on.

    Raises:
        CorpusError: where the source fails, and where more rows are bad than may be.
    """
    rows = _Rows(reading, terms, quarantine, watch)
    ids = {case.id: case_digest(case) for case in known}
    inputs = set(ids.values())
    new: list[Case] = []
    repeated, taken = 0, []
    for found in rows.good():
        case = _case(found, origin, terms.generator)
        asked = case_digest(case)
        if asked in inputs:
            repeated += 1
        elif case.id in ids:
            taken.append(case.id)
        else:
            ids[case.id] = asked
            inputs.add(asked)
            new.append(case)
    rows.check()
    imported = replace(_outcome(reading, rows, terms, "cases"), records=len(new), repeated=repeated)
    if taken:
        told = (
            f"{len(taken):,} cases were left out: another case of the corpus has their id "
            f"({', '.join(taken[:3])}{', ...' if len(taken) > 3 else ''})"
        )
        imported = replace(imported, remarks=(*imported.remarks, told))
    return new, imported


def _outcome(reading: Reading, rows: _Rows, terms: Terms, kind: ImportKind) -> Imported:
    account = reading.account()
    return Imported(
        name=terms.name,
        path="",
        kind=kind,
        sources=reading.sources,
        recognised=reading.recognised,
        rows=rows.read,
        bad=rows.bad,
        sha256=account.sha256,
        reasons=dict(rows.reasons.most_common(REASONS)),
        unread=account.unread,
        left=account.left,
        remarks=account.remarks,
        imported=terms.now,
        version=terms.version,
    )


def _case(found: TrafficRecord | Case, origin: Origin | None, generator: str | None) -> Case:
    if isinstance(found, Case):
        said = found.origin if found.origin != "production" else "expert"
        return replace(
            found, origin=origin or said, generator=found.generator if origin is None else generator
        )
    return Case(
        id=found.id,
        input=found.input,
        reference=found.reference,
        group=found.session or found.user,
        tags=found.tags,
        origin=origin or "expert",
        generator=generator,
        time=found.time,
        feedback=found.feedback,
    )


class _Tally:
    """What is told of the records of an import."""

    def __init__(self) -> None:
        self.count = 0
        self.feedback: Counter[str] = Counter()
        self.timeless = 0
        self.times: tuple[float, float] | None = None

    def add(self, record: TrafficRecord) -> None:
        self.count += 1
        if record.feedback is not None:
            self.feedback[record.feedback] += 1
        moment = record.time
        if moment is None:
            self.timeless += 1
        elif self.times is None:
            self.times = (moment, moment)
        elif not self.times[0] <= moment <= self.times[1]:
            self.times = (min(moment, self.times[0]), max(moment, self.times[1]))


def _example(row: BadRow) -> str:
    text = f": {row.text[:80]}" if row.text else ""
    return f"\n  {row.where}: {row.reason}{text}"


def _all(sources: Sequence[str]) -> str:
    return sources[0] if len(sources) == 1 else f"{sources[0]} and {len(sources) - 1} more"
