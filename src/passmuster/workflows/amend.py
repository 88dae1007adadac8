"""`run --amend`: what a run adds to an earlier one, and whether it only adds."""

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.errors import UsageError
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.record import Record
from passmuster.records.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Record):
    """What changed since an earlier run: names of candidates, and numbers of cases.

    `changed` candidates have the same name and answer by another model, prompt or parameter: all of their
    trials would be made, and paid for, again.
    """

    run: str
    added: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    cases_added: int = 0
    cases_left_out: int = 0
    repeats_added: int = 0

    @property
    def words(self) -> str:
        """Say it in a line."""
        parts = [
            f"with {', '.join(self.added)}" if self.added else "",
            f"without {', '.join(self.left_out)}" if self.left_out else "",
            f"cases added: {self.cases_added:,}" if self.cases_added else "",
            f"cases left out: {self.cases_left_out:,}" if self.cases_left_out else "",
            f"repeats added: {self.repeats_added}" if self.repeats_added > 0 else "",
        ]
        told = (
            ", ".join(part for part in parts if part) or "nothing to add but what is missing or newly scored"
        )
        return f"amends {self.run}: {told}"


def amendment(
    previous: Run, candidates: Sequence[Candidate], cases: Sequence[str], repeats: int
) -> Amendment:
    """Return what a run of these candidates on these cases (digests) adds to an earlier one."""
    before = {candidate.name: candidate_digest(candidate) for candidate in previous.candidates}
    now = {candidate.name: candidate_digest(candidate) for candidate in candidates}
    known = set(before.values())
    served, wanted = {digest for _, digest, _ in previous.cases}, set(cases)
    return Amendment(
        run=previous.id,
        added=tuple(name for name, digest in now.items() if name not in before and digest not in known),
        left_out=tuple(name for name in before if name not in now),
        changed=tuple(name for name, digest in now.items() if before.get(name, digest) != digest),
        cases_added=len(wanted - served),
        cases_left_out=len(served - wanted),
        repeats_added=repeats - previous.repeats,
    )


def only_adds(found: Amendment) -> Amendment:
    """Return an amendment that leaves all that was paid for in use.

    Raises:
        UsageError: where a candidate would be asked everything again.
    """
    if found.changed:
        names = ", ".join(found.changed)
        raise UsageError(
            f"{names} changed since the run {found.run}: model, prompt, parameters or train cases",
            hint="Give the changed one a name of its own to keep both, or run without --amend to ask it again.",
        )
    return found
