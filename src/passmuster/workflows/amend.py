"""`run --amend`: what a run adds to earlier ones, and whether it only adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.errors import UsageError
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.record import Record
from passmuster.records.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Record):
    """What changed since the last run: names of candidates, and numbers of cases.

    `changed` candidates answered in an earlier run (its id) under the same name, and by another model, prompt or
    parameter than now: all of their trials would be made, and paid for, again.
    """

    run: str
    added: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)
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
    earlier: Sequence[Run], candidates: Sequence[Candidate], cases: Sequence[str], repeats: int
) -> Amendment:
    """Return what a run of these candidates on these cases (digests) adds to earlier ones.

    Each candidate is compared with the newest run in which it was asked: the last one may have had only others.

    Args:
        earlier: The runs of this task, newest first; at least one.
        candidates: Those that would be asked.
        cases: The digests of the cases.
        repeats: How often each case is asked.
    """
    last = earlier[0]
    asked = _newest(earlier)
    known = {candidate_digest(candidate) for run in earlier for candidate in run.candidates}
    now = {candidate.name: candidate_digest(candidate) for candidate in candidates}
    compared = {run.id: run for run in (last, *(asked[name] for name in now if name in asked))}
    served = {digest for run in compared.values() for _, digest, _ in run.cases}
    return Amendment(
        run=last.id,
        added=tuple(name for name, digest in now.items() if name not in asked and digest not in known),
        left_out=tuple(candidate.name for candidate in last.candidates if candidate.name not in now),
        changed={
            name: asked[name].id for name, digest in now.items() if name in asked and digest not in known
        },
        cases_added=len(set(cases) - served),
        cases_left_out=len({digest for _, digest, _ in last.cases}.difference(cases)),
        repeats_added=repeats - max(run.repeats for run in compared.values()),
    )


def only_adds(found: Amendment) -> Amendment:
    """Return an amendment that leaves all that was paid for in use.

    Raises:
        UsageError: where a candidate would be asked everything again.
    """
    if found.changed:
        names = ", ".join(f"{name} changed since the run {run}" for name, run in found.changed.items())
        raise UsageError(
            f"{names}: model, prompt, parameters or train cases",
            hint="Give the changed one a name of its own to keep both, or run without --amend to ask it again.",
        )
    return found


def _newest(runs: Sequence[Run]) -> dict[str, Run]:
    """Return the newest run in which each candidate was asked, by its name."""
    return {candidate.name: run for run in reversed(runs) for candidate in run.candidates}
