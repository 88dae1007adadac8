"""`passmuster corpus review`: a person accepts or drops what was proposed. Nothing is accepted by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal, TypeAlias

from passmuster.errors import UsageError
from passmuster.records.case import Case, Expect, case_digest
from passmuster.records.proposal import Proposal
from passmuster.records.record import Record

Decision: TypeAlias = Literal["accepted", "dropped"]
Place: TypeAlias = Literal["edge", "adversarial", "regression", "train"]
"""Where an accepted case goes: the pool of its category, or the train split where its parent is a train case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider(Record):
    """Who decides, and when, in seconds since the epoch."""

    by: str
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed(Record):
    """What a review came to: counts, and which accepted case went where."""

    accepted: int
    dropped: int
    waiting: int
    already: tuple[str, ...]
    """Accepted cases whose input the corpus has already; they are not added again."""
    placed: Mapping[str, str]
    by: str
    time: float


def waiting(proposals: Sequence[Proposal], wanted: Sequence[str] = ()) -> list[Proposal]:
    """Return the proposals that nobody has decided on, those of these sources or reasons; all for none.

    Raises:
        UsageError: for a source or reason that no proposal has.
    """
    words = {proposal.source for proposal in proposals} | {
        reason.kind for proposal in proposals for reason in proposal.reasons
    }
    for name in wanted:
        if name not in words:
            raise UsageError(
                f"no proposal has the source or reason {name!r}",
                hint=f"there are: {', '.join(sorted(words)) or 'none'}",
            )
    chosen = set(wanted)
    return [
        proposal
        for proposal in proposals
        if proposal.status == "proposed"
        and (not chosen or chosen & {proposal.source, *(reason.kind for reason in proposal.reasons)})
    ]


def check_ids(proposals: Sequence[Proposal], ids: Sequence[str]) -> None:
    """Refuse ids that no waiting proposal has.

    Raises:
        UsageError: with what the proposal's state is, or the nearest id.
    """
    states = {proposal.case.id: proposal for proposal in proposals}
    for name in ids:
        found = states.get(name)
        if found is None:
            close = get_close_matches(name, states, n=1)
            hint = f"did you mean {close[0]}?" if close else "all that wait: passmuster corpus review --list"
            raise UsageError(f"there is no proposal {name!r}", hint=hint)
        if found.status != "proposed":
            who = f" by {found.by}" if found.by else ""
            raise UsageError(f"the proposal {name!r} was {found.status} already{who}")


def decide(
    proposals: Sequence[Proposal],
    decisions: Mapping[str, Decision],
    decider: Decider,
    expect: Expect | None = None,
) -> list[Proposal]:
    """Return all proposals, those decided on marked with who and when; `expect` replaces how accepted ones should end.

    Raises:
        UsageError: for an id that does not wait.
    """
    check_ids(proposals, list(decisions))
    return [
        _decided(proposal, decisions[proposal.case.id], decider, expect)
        if proposal.case.id in decisions
        else proposal
        for proposal in proposals
    ]


def _decided(proposal: Proposal, decision: Decision, decider: Decider, expect: Expect | None) -> Proposal:
    case = proposal.case
    if decision == "accepted" and expect is not None:
        case = replace(case, expect=expect)
    return replace(proposal, case=case, status=decision, by=decider.by, time=decider.time)


def place_of(proposal: Proposal) -> Place:
    """Return where an accepted case goes.

    A case made of a train case stays in train: in a pool it would be scored, and fitted baselines and few-shot
    prompts have seen its parent.
    """
    category = proposal.case.category
    if proposal.split == "train":
        return "train"
    return "edge" if category == "typical" else category


def arrivals(
    accepted: Sequence[Proposal], held: Sequence[Case]
) -> tuple[dict[Place, list[Case]], tuple[str, ...]]:
    """Return the cases to add by place, and the ids of those whose input the corpus has already.

    A case whose id is taken by another input gets one with a number behind it.

    Args:
        accepted: Proposals that were accepted just now.
        held: All open cases: train, eval and the pools.
    """
    inputs = {case_digest(case) for case in held}
    taken = {case.id for case in held}
    found: dict[Place, list[Case]] = {}
    already = []
    for proposal in accepted:
        own = case_digest(proposal.case)
        if own in inputs:
            already.append(proposal.case.id)
            continue
        inputs.add(own)
        name, turn = proposal.case.id, 1
        while name in taken:
            turn += 1
            name = f"{proposal.case.id}-{turn}"
        taken.add(name)
        place = place_of(proposal)
        category = proposal.case.category if place == "train" else place
        found.setdefault(place, []).append(replace(proposal.case, id=name, category=category))
    return found, tuple(already)
