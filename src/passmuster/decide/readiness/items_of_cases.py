"""Items of the readiness checklist that are about the cases: how many, how fresh, frozen, held out, guarding."""

from collections.abc import Iterator
from datetime import UTC, datetime
from shlex import quote

from passmuster.decide.phrases import counted, listed
from passmuster.decide.readiness.facts import DAY, ReadyFacts, RunFact
from passmuster.decide.readiness.stating import Flaw, done, missing
from passmuster.records.readiness import ReadyItem
from passmuster.records.version import FrozenVersion

ENOUGH_CASES = 500
FRESH_DAYS = 90.0
"""Half of the cases may be this old, unless a bar on `corpus_age` says otherwise."""

_SHORT = 12
_NAMED = 5


_FOLDER = "passmuster corpus split FILE --datasets eval/datasets"
"""What makes a folder of a corpus that is one file."""
_IMPORT = "passmuster corpus import LOGS.jsonl"


def labelled_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether enough cases have a reference.

    Cases for few-shot and fitting, and those of a holdout, do not count: no figure of a candidate is of them.
    """
    about = ("labelled cases", f"Are at least {ENOUGH_CASES} labelled cases scored?")
    evidence = (
        f"{counted(facts.labelled, 'case')} with a reference among {facts.scored:,} scored",
        f"{facts.from_production:,} of these come from production; version {facts.version[:_SHORT]}",
    )
    short = ENOUGH_CASES - facts.labelled
    if short <= 0:
        return done(about, f"{facts.labelled:,} are.", evidence)
    if not facts.folder:
        fix: tuple[str, ...] = (_FOLDER,)
    elif facts.scored - facts.labelled >= short:
        fix = ("passmuster corpus label export to-label --split eval",)
    else:
        # Two of nine cases come to eval once there is a holdout.
        drawn = (f"passmuster corpus sample {-(-short * 9 // 2)}", "passmuster corpus split")
        fix = drawn if facts.traffic else (_IMPORT, *drawn)
    return missing(about, [Flaw(f"{facts.labelled:,} are: {short:,} more are wanted.", *fix)], evidence)


def holdout_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether a sealed holdout is as it was sealed, and was never opened to choose between candidates."""
    about = ("holdout", "Is a holdout sealed, and was it never used to choose?")
    held = facts.holdout
    if held is None:
        said = (
            "It lies in plain: nobody can know that it was not looked at."
            if facts.open_holdout
            else "There is none."
        )
        first = () if facts.folder else (_FOLDER,)
        return missing(about, [Flaw(said, *first, "passmuster corpus keys", "passmuster corpus seal")])
    evidence = (counted(held.cases, "case"), f"head of the ledger: {held.head}")
    if held.broken:
        said = f"What was sealed cannot be proved: {listed(held.broken[:3])}."
        return missing(about, [Flaw(said, "passmuster corpus verify")], evidence)
    many = [opening for opening in held.openings if len(opening) > 1]
    if many:
        said = f"It was used to choose: {counted(len(many), 'opening')} with several candidates ({listed(many[0])})."
        return missing(
            about, [Flaw(said, "passmuster corpus sample 500", "passmuster corpus seal")], evidence
        )
    openings = counted(len(held.openings), "time")
    opened = f"opened {openings}, with one candidate each time" if held.openings else "never opened"
    return done(about, f"It is as it was sealed, and {opened}.", evidence)


def order_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether the cases were frozen and the bars and requirements set before the first candidate was asked them.

    Counted are the runs on the very cases of today; each of them keeps the digest of its bars and requirements.
    """
    about = ("set before asked", "Were cases, bars and requirements fixed before the first candidate run?")
    first = next((run for run in facts.runs if run.corpus == facts.version), None)
    frozen = next((each for each in facts.versions if facts.version in each.scored.values()), None)
    evidence = []
    if frozen is not None:
        evidence.append(f"version {frozen.version[:_SHORT]} was frozen {_when(frozen.time)}")
    if first is not None:
        rules = (first.rules or "unknown")[:_SHORT]
        evidence.append(f"first run on these cases: {first.id}, {_when(first.started)}, by the rules {rules}")
    evidence.append(f"the rules of today: {facts.rules[:_SHORT]}")
    flaws = [*_frozen_flaws(facts, frozen, first), *_rules_flaws(facts, first)]
    if flaws:
        return missing(about, flaws, evidence)
    return done(about, "They were.", evidence)


def _frozen_flaws(facts: ReadyFacts, frozen: FrozenVersion | None, first: RunFact | None) -> Iterator[Flaw]:
    if not facts.folder:
        yield Flaw(
            "The corpus is one file, of which no version can be frozen.", _FOLDER, "passmuster corpus freeze"
        )
    elif frozen is None:
        yield Flaw("These cases were never frozen.", "passmuster corpus freeze")
    elif first is not None and frozen.time > first.started:
        fix = ("passmuster corpus refresh", "passmuster corpus freeze", "passmuster run")
        yield Flaw("They were frozen after the first run on them.", *fix)


def _rules_flaws(facts: ReadyFacts, first: RunFact | None) -> Iterator[Flaw]:
    fresh = ("passmuster corpus refresh", "passmuster corpus freeze", "passmuster run")
    if not facts.task.bars:
        yield Flaw("No bar is set.", "passmuster.yaml: bars: {METRIC: {at_least: ...}}")
    elif first is None:
        yield Flaw("No candidate was asked these cases yet.", "passmuster run")
    elif first.rules is None:
        yield Flaw("The first run is of an older release, which kept no digest of the bars.", *fresh)
    elif first.rules != facts.rules:
        said = f"Bars or requirements were changed after the first run on these cases ({first.id}): a bar that is set after the figures were seen can let anybody pass."
        yield Flaw(said, *fresh)


def modes_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether every failure mode that is known has cases which guard against it."""
    about = ("failure modes", "Has every known failure mode regression cases?")
    add = "passmuster corpus add --from-run latest --case ID"
    if not facts.modes:
        said = "No way in which the task is known to go wrong was written down."
        return missing(about, [Flaw(said, f"{add} --new-mode NAME")])
    evidence = [f"{mode.name}: {counted(facts.guarded.get(mode.name, 0), 'case')}" for mode in facts.modes]
    bare = [mode.name for mode in facts.modes if not facts.guarded.get(mode.name)]
    if bare:
        said = f"{listed(bare[:_NAMED])}{f' and {len(bare) - _NAMED} more' if len(bare) > _NAMED else ''} {'has' if len(bare) == 1 else 'have'} none."
        return missing(about, [Flaw(said, f"{add} --mode {quote(bare[0])}")], evidence)
    return done(about, "It has." if len(facts.modes) == 1 else f"All {len(facts.modes)} have.", evidence)


def fresh_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether the cases are of these days, and whether today's traffic is still like them."""
    about = ("fresh cases", "Are the cases like today's traffic?")
    own = (bar.at_most for bar in facts.task.bars if bar.metric == "corpus_age")
    limit = next((most / DAY for most in own if most is not None), FRESH_DAYS)
    evidence, flaws = [], []
    if facts.age_days is None:
        flaws.append(
            Flaw("The cases do not say when they were asked.", "passmuster corpus import LOGS.jsonl")
        )
    else:
        evidence.append(f"half of them are older than {facts.age_days:,.0f} days; the limit is {limit:,.0f}")
        if facts.age_days > limit:
            flaws.append(Flaw(f"Half of them are older than {limit:,.0f} days.", "passmuster corpus refresh"))
    if facts.coverage is None:
        flaws.append(Flaw("Drift was not looked for on these cases.", "passmuster corpus drift"))
    else:
        evidence.append(f"{facts.coverage:.0%} of the traffic is like them")
    return missing(about, flaws, evidence) if flaws else done(about, "They are.", evidence)


def _when(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M UTC")
