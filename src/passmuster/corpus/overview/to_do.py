"""What to collect, label or mend next, one sentence each, the most urgent first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from passmuster.corpus.overview.ladder import next_rung
from passmuster.records.description import Rung, StratumState, ToDo

OLD_DAYS = 90
"""Days without a new case after which a corpus may have gone stale."""

DAY = 86_400.0
_NAMED = 3
_PAIRS_NAMED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a corpus when it is checked.

    `n` counts the cases that are scored and estimate production. `leaks` are pairs of case ids that hang together and stand
    on both sides, `overlap` the cases of eval that share a run of words with each source, `newest` is a time in seconds
    since the epoch.
    """

    n: int
    effective: float
    labelled: int
    target: int
    ladder: tuple[Rung, ...]
    strata: Sequence[StratumState] = ()
    waiting: int = 0
    leaks: Sequence[tuple[str, str]] = ()
    overlap: Mapping[str, int] = field(default_factory=dict)
    conflicts: int = 0
    duplicates: int = 0
    holdout: Literal["none", "unsealed", "sealed"] = "none"
    pools: Mapping[str, int] = field(default_factory=dict)
    proposals: int = 0
    synthetic: int = 0
    outside: int = 0
    stratified: bool = False
    frozen: bool = False
    newest: float | None = None
    now: float = 0.0
    traffic: bool = False


def to_do(facts: Facts) -> tuple[ToDo, ...]:
    """Return what to do: first what makes figures wrong, then what is next, then what can wait.

    Example:
        >>> facts = Facts(n=0, effective=0.0, labelled=0, target=500, ladder=())
        >>> to_do(facts)[0].text
        'There are no cases to score. Draw some from traffic.'
    """
    if not facts.n and not facts.waiting:
        return (_nothing(facts),)
    order = {"wrong": 0, "next": 1, "later": 2}
    found = [*_wrong(facts), *_unfinished(facts), *_size(facts), *_strata(facts), *_later(facts)]
    return tuple(sorted(found, key=lambda each: order[each.urgency]))


def _nothing(facts: Facts) -> ToDo:
    if facts.traffic:
        text = "There are no cases to score. Draw some from traffic."
        return ToDo(urgency="next", text=text, command="passmuster corpus sample 500")
    text = "There are no cases to score. Draw some from traffic."
    return ToDo(urgency="next", text=text, command="passmuster corpus import LOGS.jsonl")


def _wrong(facts: Facts) -> Iterator[ToDo]:
    if facts.leaks:
        pairs = "; ".join(f"{one} and {other}" for one, other in facts.leaks[:_PAIRS_NAMED])
        text = (
            f"{_many(len(facts.leaks), 'case')} of eval {_one(len(facts.leaks), 'hangs', 'hang')} together with cases of train (same text, group or near-duplicate), "
            f"such as {pairs}: what learns from train has seen them. Take them out of one of the two."
        )
        yield ToDo(urgency="wrong", text=text)
    for source, count in facts.overlap.items():
        if count and source != "train":
            text = f"{_many(count, 'case')} of eval {_one(count, 'stands', 'stand')} in {source}, in whole or in part: take them out of it, or out of eval."
            yield ToDo(urgency="wrong", text=text, command="passmuster corpus contamination")
    if facts.conflicts:
        text = f"{_many(facts.conflicts, 'group')} of cases with equal input have references that differ: at most one can be right."
        yield ToDo(urgency="wrong", text=text, command="passmuster corpus label agreement")
    if facts.holdout == "unsealed":
        text = "The holdout lies in plain, so nobody can know that it was not looked at. Seal it."
        yield ToDo(urgency="wrong", text=text, command="passmuster corpus seal")


def _unfinished(facts: Facts) -> Iterator[ToDo]:
    if facts.waiting:
        text = f"{_many(facts.waiting, 'sampled case')} {_one(facts.waiting, 'waits', 'wait')} to be split."
        yield ToDo(urgency="next", text=text, command="passmuster corpus split")
    unlabelled = facts.n - facts.labelled
    if unlabelled:
        text = f"Label {_many(unlabelled, 'case')} of eval: without a reference only metrics that need none can score them."
        yield ToDo(urgency="next", text=text, command="passmuster corpus label export to-label --split eval")
    if facts.proposals:
        text = f"{_many(facts.proposals, 'proposed case')} {_one(facts.proposals, 'waits', 'wait')} for a person to accept or drop."
        yield ToDo(urgency="next", text=text, command="passmuster corpus review")


def _size(facts: Facts) -> Iterator[ToDo]:
    step = next_rung(facts.ladder, facts.target)
    if step is None or not facts.n:
        return
    missing = max(1, round((step.cases - facts.effective) * facts.n / max(facts.effective, 1.0)))
    shown = (
        ""
        if step.between is None
        else f", which shows differences of {step.between * 100:.1f} points between two candidates"
    )
    text = f"Collect about {_many(missing, 'more case')} to score, for {step.cases:,} of even weight ({step.purpose}){shown}."
    yield ToDo(urgency="next", text=text, command=f"passmuster corpus sample {_with_splits(missing)}")


def _strata(facts: Facts) -> Iterator[ToDo]:
    short = sorted((each for each in facts.strata if each.missing), key=lambda each: (-each.share, each.name))
    for each in short[:_NAMED]:
        text = (
            f"Collect {_many(each.missing, 'more case')} of {each.name!r}: {each.cases} of {each.wanted} are there, "
            f"and it is {each.share:.0%} of the traffic."
        )
        command = f"passmuster corpus sample {_with_splits(each.missing)} --only {_quoted(each.name)}"
        yield ToDo(urgency="next", text=text, command=command)
    if len(short) > _NAMED:
        rest = short[_NAMED:]
        text = f"{len(rest)} other major strata have too few cases, too: {sum(each.missing for each in rest)} are missing together."
        yield ToDo(urgency="next", text=text)
    if not facts.stratified and facts.n:
        text = "The cases have no strata, so no part of the traffic is looked at by itself. Name what makes them."
        yield ToDo(urgency="later", text=text, command="passmuster corpus sample N --strata RULE")


def _later(facts: Facts) -> Iterator[ToDo]:
    if facts.holdout == "none" and facts.n:
        text = "There is no sealed holdout for a last word: it must be split off before anybody has seen the cases."
        yield ToDo(urgency="later", text=text, command="passmuster corpus keys")
    if facts.duplicates:
        text = (
            f"{_many(facts.duplicates, 'case')} {_one(facts.duplicates, 'is a near-duplicate', 'are near-duplicates')} "
            "of another one on the same side: that adds little."
        )
        yield ToDo(urgency="later", text=text, command="passmuster corpus clean eval.jsonl")
    missing = [name for name in ("edge", "adversarial", "regression") if not facts.pools.get(name)]
    if missing and facts.n:
        command = "passmuster corpus mine" if "edge" in missing else "passmuster corpus stress"
        if missing == ["regression"]:
            command = "passmuster corpus add --from-run latest --case ID --new-mode NAME"
        yield ToDo(urgency="later", text=f"There are no {_listed(missing)} cases yet.", command=command)
    if facts.outside:
        of_them = f" ({facts.synthetic} synthetic)" if facts.synthetic else ""
        text = f"{_many(facts.outside, 'case')} {_one(facts.outside, 'does', 'do')} not come from production{of_them}: measured apart."
        yield ToDo(urgency="later", text=text)
    yield from _age(facts)
    if facts.n and not facts.frozen:
        text = "This state is not frozen: a later result could not be compared with it."
        yield ToDo(urgency="later", text=text, command="passmuster corpus freeze")


def _age(facts: Facts) -> Iterator[ToDo]:
    if facts.newest is None or facts.now - facts.newest < OLD_DAYS * DAY:
        return
    days = int((facts.now - facts.newest) / DAY)
    when = datetime.fromtimestamp(facts.newest, UTC).strftime("%Y-%m-%d")
    text = f"The newest case is of {when}, {days} days ago: see whether the traffic has moved on."
    yield ToDo(urgency="later", text=text, command="passmuster corpus drift")


def _with_splits(cases: int) -> int:
    """Return how many to draw so that as many come to eval, which gets two of nine once there is a holdout."""
    return -(-cases * 9 // 2)


def _one(count: int, one: str, more: str) -> str:
    return one if count == 1 else more


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _quoted(name: str) -> str:
    """Return a name as a shell takes it."""
    return name if name.isalnum() else "'" + name.replace("'", "'\\''") + "'"
