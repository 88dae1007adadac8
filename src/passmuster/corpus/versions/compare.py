"""What changed from one state of a corpus to another."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

from passmuster.corpus.versions.frozen import PARTS, State
from passmuster.records.case import Case
from passmuster.records.digest import canonical, digest
from passmuster.records.version import Changed, PartName, Placed, Tally, VersionDiff

_FIELDS = tuple(field.name for field in fields(Case))

Held: TypeAlias = tuple[PartName, Case]
"""A case, and the part that it stands in."""


def compare_states(before: State, after: State) -> VersionDiff:
    """Return what was added, removed and changed, with counts by part, stratum and origin.

    A case is the same one by its id, in the same part first. Of what is left, one that is equal but for its id
    was renamed.

    Example:
        >>> one, two = Case(id="1", input="x", reference="a"), Case(id="2", input="y")
        >>> later = State(parts={"eval": [replace(one, reference="b"), two]})
        >>> found = compare_states(State(parts={"eval": [one]}), later)
        >>> found.changed[0].fields, [each.case for each in found.added], found.unchanged
        (('reference',), ['2'], 0)
    """
    found = _match(before, after)
    changed = tuple(change for pair in found.pairs if (change := _change(*pair)) is not None)
    return VersionDiff(
        added=_placed(found.new),
        removed=_placed(found.gone),
        changed=changed,
        unchanged=len(found.pairs) - len(changed),
        total=found.tallies(lambda _part, _case: "all").get("all", Tally()),
        parts=found.tallies(lambda part, _case: part),
        strata=found.tallies(lambda _part, case: case.stratum or ""),
        origins=found.tallies(lambda _part, case: case.origin),
    )


@dataclass(slots=True)
class _Match:
    """Who is who in two states."""

    pairs: list[tuple[Held, Held]]
    gone: list[Held]
    new: list[Held]

    def tallies(self, name_of: Callable[[PartName, Case], str]) -> Mapping[str, Tally]:
        """Count by whatever `name_of` returns of a part and case."""
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for was, now in self.pairs:
            own = counts[name_of(*now)]
            counts[name_of(*was)]["before"] += 1
            own["after"] += 1
            change = _change(was, now)
            if change is not None:
                own["relabelled"] += change.relabelled
                own["moved"] += change.moved
                own["changed"] += bool(set(change.fields) - {"reference"})
        for held in self.gone:
            counts[name_of(*held)].update(("before", "removed"))
        for held in self.new:
            counts[name_of(*held)].update(("after", "added"))
        return {name: Tally(**counts[name]) for name in sorted(counts)}


def _match(before: State, after: State) -> _Match:
    pairs: list[tuple[Held, Held]] = []
    gone, new = _held(before), _held(after)
    keys: Sequence[Callable[[Held], object]] = (
        lambda held: (held[0], held[1].id),
        lambda held: held[1].id,
        lambda held: digest(replace(held[1], id="")),
    )
    for key in keys:
        waiting: defaultdict[object, list[Held]] = defaultdict(list)
        for held in reversed(gone):
            waiting[key(held)].append(held)
        left: list[Held] = []
        for held in new:
            same = waiting.get(key(held))
            if same:
                pairs.append((same.pop(), held))
            else:
                left.append(held)
        kept = {id(held) for rest in waiting.values() for held in rest}
        gone, new = [held for held in gone if id(held) in kept], left
    return _Match(pairs, gone, new)


def _held(state: State) -> list[Held]:
    return [(name, case) for name in PARTS for case in state.parts.get(name, ())]


def _change(was: Held, now: Held) -> Changed | None:
    one, other = was[1], now[1]
    names = tuple(name for name in _FIELDS if _differ(getattr(one, name), getattr(other, name)))
    if not names and was[0] == now[0]:
        return None
    relabelled = "reference" in names
    return Changed(
        case=other.id,
        fields=names,
        was=was[0],
        part=now[0],
        before=one.reference if relabelled else None,
        after=other.reference if relabelled else None,
    )


def _differ(one: object, other: object) -> bool:
    """Return whether two values are another content; 1, 1.0 and true are three."""
    return one is not other and canonical(one) != canonical(other)


def _placed(held: Iterable[Held]) -> tuple[Placed, ...]:
    return tuple(
        Placed(case=case.id, part=name, stratum=case.stratum, origin=case.origin) for name, case in held
    )
