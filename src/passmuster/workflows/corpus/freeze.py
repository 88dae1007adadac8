"""`corpus freeze`: name the state of a corpus by its content, and keep it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from passmuster.corpus.contamination.canary import canary_text
from passmuster.corpus.versions.frozen import Moment, State, frozen_version, state_digest
from passmuster.errors import CorpusError
from passmuster.records.record import Record
from passmuster.records.version import FrozenVersion


class Versions(Protocol):
    """Keeps frozen versions; what is kept never changes."""

    def versions(self) -> Sequence[FrozenVersion]:
        """Return all versions, oldest first."""

    def place(self, version: str) -> Path:
        """Return the file of a version, by its digest; it need not exist."""

    def keep(self, version: FrozenVersion, state: State, mark: str) -> Path:
        """Keep a version and return its file."""

    def state(self, version: FrozenVersion) -> State:
        """Return what was frozen, after a proof that it is still the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen(Record):
    """The version of a state, where its cases lie, and whether it was new."""

    version: FrozenVersion
    path: str
    new: bool


def freeze(state: State, kept: Versions, moment: Moment) -> Frozen:
    """Freeze a state; one that is frozen already is found again, and nothing is written.

    Args:
        state: The cases, and what else belongs to a version.
        kept: The versions so far.
        moment: When, why, and the new canary; its parent is the newest version so far.

    Raises:
        CorpusError: where there is nothing to freeze, where a file cannot be written, and where the file of a
            state that is frozen already was altered.
    """
    if not any(state.parts.values()):
        raise CorpusError(
            "there are no cases to freeze: neither train, eval nor a pool has any",
            hint="Get some: passmuster corpus sample N, then passmuster corpus split",
        )
    earlier = kept.versions()
    name = state_digest(state)
    same = next((each for each in reversed(earlier) if each.version == name), None)
    if same is not None:
        kept.state(same)
        return Frozen(version=same, path=str(kept.place(name)), new=False)
    parent = earlier[-1].version if earlier else None
    version = frozen_version(state, replace(moment, parent=parent))
    path = kept.keep(version, state, canary_text(version.canary))
    return Frozen(version=version, path=str(path), new=True)
