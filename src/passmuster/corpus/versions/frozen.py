"""Naming and finding frozen versions: a name is a digest of all that the version freezes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import get_args

from passmuster.corpus.versions.content import Content, content_digest
from passmuster.errors import UsageError
from passmuster.records.case import Case
from passmuster.records.digest import digest
from passmuster.records.version import FrozenVersion, PartName

PARTS: tuple[PartName, ...] = get_args(PartName)
SHORT = 12
"""Digits of a digest that are shown to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What there is to freeze: the cases of each part, and the digests of what else belongs to a version."""

    parts: Mapping[PartName, Sequence[Case]]
    topics: str | None = None
    holdout: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a version says besides its content: when it was frozen (epoch seconds), after which, why; its canary."""

    time: float
    canary: str
    parent: str | None = None
    note: str = ""


def state_digest(state: State) -> str:
    """Return the name of a state: it sees every field of every case and the part that each stands in.

    The order of rows does not count; nor does a part without cases.

    Example:
        >>> case = Case(id="1", input="x")
        >>> state_digest(State(parts={"eval": [case]})) == state_digest(State(parts={"train": [case]}))
        False
    """
    held: dict[str, object] = {name: content_digest(cases) for name, cases in state.parts.items() if cases}
    held |= {name: value for name, value in (("topics", state.topics), ("holdout", state.holdout)) if value}
    return digest(held)


def frozen_version(state: State, moment: Moment) -> FrozenVersion:
    """Return the version of a state.

    Example:
        >>> state = State(parts={"eval": [Case(id="1", input="x", stratum="cards")]})
        >>> found = frozen_version(state, Moment(time=0.0, canary="g"))
        >>> found.parts, found.strata, found.scored["eval"] == content_digest(state.parts["eval"])
        ({'eval': 1}, {'cards': 1}, True)
    """
    return FrozenVersion(
        version=state_digest(state),
        time=moment.time,
        canary=moment.canary,
        scored=_scored(state),
        parent=moment.parent,
        note=moment.note,
        parts={name: len(state.parts[name]) for name in PARTS if state.parts.get(name)},
        strata=_counts(case.stratum or "" for case in _all(state)),
        origins=_counts(case.origin for case in _all(state)),
        categories=_counts(case.category for case in _all(state)),
        topics=state.topics,
        holdout=state.holdout,
    )


def _scored(state: State) -> Mapping[str, str]:
    """Return the digests that a report may show of this state, by what is scored."""
    contents = {name: Content(cases) for name, cases in state.parts.items() if cases}
    if "eval" not in contents:
        return {}
    pools = [contents[name] for name in PARTS if name in contents and name not in {"train", "eval"}]
    bodies = {"eval": contents["eval"]}
    if "train" in contents:
        bodies["train + eval"] = contents["train"].joined(contents["eval"])
    if pools:
        bodies |= {f"{name} + pools": reduce(Content.joined, pools, own) for name, own in bodies.items()}
    return {name: content.digest() for name, content in bodies.items()}


def find_version(versions: Sequence[FrozenVersion], name: str) -> FrozenVersion:
    """Return the version whose digest begins so; also by the digest of its scored cases, as reports show it.

    Several versions may have the same scored cases: then it is the newest of them.

    Args:
        versions: Oldest first.
        name: The beginning of a digest, in any case of letters.

    Raises:
        UsageError: where none begins so, or digests that differ do.

    Example:
        >>> find_version([FrozenVersion(version="ab1", time=0.0, canary="", scored={"eval": "cd2"})], "cd").version
        'ab1'
    """
    wanted = name.casefold()
    if not versions:
        raise UsageError("nothing is frozen yet", hint="Freeze this state: passmuster corpus freeze")
    found = _beginning(versions, wanted)
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        listed = ", ".join(sorted(key[: max(SHORT, len(name) + 2)] for key in found))
        raise UsageError(f"{name!r} begins more than one digest: {listed}", hint="Give more of its digits.")
    newest = ", ".join(each.version[:SHORT] for each in list(versions)[-3:])
    raise UsageError(
        f"no frozen version begins with {name!r}",
        hint=f"The newest: {newest}. All of them: passmuster corpus versions",
    )


def _beginning(versions: Sequence[FrozenVersion], wanted: str) -> Mapping[str, FrozenVersion]:
    own = {each.version: each for each in versions if wanted and each.version.startswith(wanted)}
    if own:
        return own
    return {
        key: each for each in versions for key in each.scored.values() if wanted and key.startswith(wanted)
    }


def _all(state: State) -> Iterable[Case]:
    return (case for cases in state.parts.values() for case in cases)


def _counts(names: Iterable[str]) -> Mapping[str, int]:
    return dict(sorted(Counter(names).items()))
