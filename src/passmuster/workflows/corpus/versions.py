"""`corpus versions`: what is frozen, whether it is still what it was, and back out of the freezer."""

from dataclasses import dataclass

from passmuster.errors import CorpusError
from passmuster.records.record import Record
from passmuster.records.version import FrozenVersion
from passmuster.workflows.corpus.freeze import Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Record):
    """A version; `problem` says why its cases cannot be trusted, `checked` whether that was looked at."""

    version: FrozenVersion
    checked: bool = False
    problem: str | None = None


def listed(kept: Versions, *, check: bool = False) -> tuple[Listed, ...]:
    """Return all versions, newest first.

    Args:
        kept: The versions.
        check: Whether the file of each is read, and compared with the digest that it is named after.
    """
    return tuple(_listed(kept, version, check=check) for version in reversed(kept.versions()))


def _listed(kept: Versions, version: FrozenVersion, *, check: bool) -> Listed:
    problem = None
    if check:
        try:
            kept.state(version)
        except CorpusError as error:
            problem = error.message
    return Listed(version=version, checked=check, problem=problem)
