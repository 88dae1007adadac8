"""`passmuster corpus mine`: hard cases out of traffic, as proposals with their reasons."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, TypeAlias

import numpy as np

from passmuster.corpus.mining.injection import heard, injections
from passmuster.corpus.mining.mine import Dispute, Disputes, Finding, Margins, Strongest, diverse, near_border
from passmuster.corpus.mining.profile import FEWEST, Profile
from passmuster.corpus.mining.users import AskedAgain, shown_by_user
from passmuster.corpus.sampling.reservoir import Reservoir
from passmuster.errors import UsageError
from passmuster.records.case import Case, Input, case_digest
from passmuster.records.proposal import Proposal, Reason
from passmuster.records.record import Record
from passmuster.records.text import input_text
from passmuster.records.traffic import TrafficRecord
from passmuster.workflows.corpus.sample import case_of

Against: TypeAlias = Literal["auto", "corpus", "traffic"]

REASONS: Mapping[str, str] = {
    "margin": "near the border of two labels, by a fitted baseline",
    "disagreement": "like cases that some stored candidates get right and some do not",
    "length": "unusually long or short",
    "format": "an unusual format, such as JSON among prose",
    "script": "an unusual script",
    "language": "an unusual language",
    "missing_field": "a field that nearly all have is missing or empty",
    "doubled_field": "two fields that hold the same",
    "extra_field": "a field that hardly any has",
    "retry": "asked again, with the same words or others",
    "complaint": "the user complained",
    "escalation": "handed to a person",
    "feedback": "a thumb down, a low score, an edited answer",
    "error": "the call failed",
    "injection": "speaks to the model instead of to the service",
}
"""Why a case may be proposed, in words."""

PROFILED = 5_000
"""Inputs that say what is usual."""
_BATCH = 256
_LONGEST = 400_000
"""Characters of an input that may be proposed: longer ones would fill the memory, and are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MineOrder(Record):
    """What to look for: reasons (all for none), how many cases of each and in all, and which of equally strong ones."""

    reasons: tuple[str, ...] = ()
    each: int = 10
    most: int = 50
    seed: int = 0
    against: Against = "auto"
    """What says what is usual: the corpus where it has 200 cases, else the traffic; or the one that is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount(Record):
    """What a reason brought: records that have it, cases proposed for it, and why it was not looked for."""

    kind: str
    means: str
    records: int = 0
    proposed: int = 0
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MineResult(Record):
    """The proposals, and what each reason brought. `usual` says against what inputs were found unusual."""

    traffic: int
    usual: str
    too_long: int
    reasons: tuple[ReasonCount, ...]
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What mining compares with: the cases of the corpus, proposals so far, a fitted baseline, stored disputes.

    `margins` is None where there is nothing to fit, `disputes` where nothing is stored.
    """

    cases: Sequence[Case]
    proposals: Sequence[Proposal]
    margins: Margins | None = None
    disputes: Sequence[Dispute] | None = None


def mine(traffic: Callable[[], Iterator[TrafficRecord]], known: Known, order: MineOrder) -> MineResult:
    """Return proposals from traffic: the strongest of each reason, no two alike, none that the corpus has.

    The traffic is gone through once, or twice where the corpus is too small to say what is usual.

    Raises:
        UsageError: for a reason that there is not.
    """
    _check(order.reasons)
    profile, usual = _profile(traffic, known.cases, order)
    inputs = {case_digest(case) for case in known.cases}
    inputs |= {case_digest(proposal.case) for proposal in known.proposals}
    strongest = Strongest(order.each, order.seed)
    miner = _Miner(profile, known, set(order.reasons) or set(REASONS))
    total = too_long = 0
    for batch in _batches(traffic()):
        total += len(batch)
        fresh = [record for record in batch if len(input_text(record.input)) <= _LONGEST]
        too_long += len(batch) - len(fresh)
        for record, reasons in miner.reasons(fresh):
            if digest_of(record.input) not in inputs:
                strongest.add(record, reasons)
    seen = [input_text(proposal.case.input) for proposal in known.proposals]
    found = list(diverse(strongest.by_reason(), order.each, order.most, seen))
    taken = {case.id for case in known.cases} | {proposal.case.id for proposal in known.proposals}
    return MineResult(
        traffic=total,
        usual=usual,
        too_long=too_long,
        reasons=tuple(_counts(order, strongest, found, known)),
        proposals=tuple(_proposals(found, taken)),
    )


def digest_of(value: Input) -> str:
    """Return the digest of what a model is given, as `case_digest` does of a case."""
    return case_digest(Case(id="", input=value))


def _check(names: Iterable[str]) -> None:
    for name in names:
        if name not in REASONS:
            raise UsageError(f"there is no reason {name!r}", hint=f"there are: {', '.join(REASONS)}")


def _profile(
    traffic: Callable[[], Iterator[TrafficRecord]], cases: Sequence[Case], order: MineOrder
) -> tuple[Profile, str]:
    real = [case.input for case in cases if case.origin != "synthetic" and case.category == "typical"]
    if order.against == "corpus" or (order.against == "auto" and len(real) >= 4 * FEWEST):
        step = max(1, len(real) // PROFILED)
        return Profile(real[::step]), f"the {len(real):,} cases of the corpus"
    held: Reservoir[Input] = Reservoir(PROFILED, np.random.default_rng(order.seed))
    for record in traffic():
        if len(input_text(record.input)) <= _LONGEST:
            held.offer(record.input)
    return Profile(value for _, value in held.held), f"the traffic itself ({held.seen:,} records)"


class _Miner:
    """Says why to look at records."""

    def __init__(self, profile: Profile, known: Known, wanted: Collection[str]) -> None:
        self._profile = profile
        self._margins = known.margins
        self._disputes = Disputes(known.disputes or ())
        self._again = AskedAgain()
        self._wanted = wanted

    def reasons(self, batch: Sequence[TrafficRecord]) -> Iterator[tuple[TrafficRecord, list[Reason]]]:
        texts = [input_text(record.input) for record in batch]
        margins = self._margins(texts) if self._margins is not None and "margin" in self._wanted else ()
        for place, (record, text) in enumerate(zip(batch, texts, strict=True)):
            found = [
                *self._profile.unusual(record.input),
                *injections(heard(record.input)),
                *shown_by_user(record),
            ]
            if margins and text.strip() and (near := near_border(margins[place])) is not None:
                found.append(near)
            if (like := self._disputes.like(text)) is not None:
                found.append(like)
            yield record, [reason for reason in found if reason.kind in self._wanted]
            if "retry" in self._wanted:
                for earlier, reason in self._again.look(record):
                    yield earlier, [reason]


def _batches(records: Iterator[TrafficRecord]) -> Iterator[list[TrafficRecord]]:
    while batch := list(islice(records, _BATCH)):
        yield batch


def _counts(
    order: MineOrder, strongest: Strongest, found: Sequence[Finding], known: Known
) -> Iterator[ReasonCount]:
    notes = {
        "margin": None if known.margins is not None else "needs 50 labelled cases to fit a baseline on",
        "disagreement": None if known.disputes is not None else "needs stored trials: passmuster run",
    }
    for kind, means in REASONS.items():
        if order.reasons and kind not in order.reasons:
            continue
        proposed = sum(any(reason.kind == kind for reason in finding.reasons) for finding in found)
        yield ReasonCount(
            kind=kind, means=means, records=strongest.counts[kind], proposed=proposed, note=notes.get(kind)
        )


def _proposals(found: Sequence[Finding], taken: set[str]) -> Iterator[Proposal]:
    for finding in found:
        case = case_of(finding.record)
        name, turn = case.id, 1
        while name in taken:
            turn += 1
            name = f"{case.id}-{turn}"
        taken.add(name)
        yield Proposal(
            case=replace(case, id=name, category=finding.category), reasons=finding.reasons, source="mine"
        )
