"""Items of the readiness checklist that are about how candidates are measured, chosen and watched."""

from collections.abc import Iterator, Sequence
from shlex import quote

from passmuster.decide.phrases import counted, dollars, listed
from passmuster.decide.readiness.facts import BaselineFact, CiFact, ReadyFacts
from passmuster.decide.readiness.stating import About, Flaw, done, missing
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.readiness import ReadyItem

RUN = "passmuster run"
GATE = "passmuster gate"
_NAMED = 3


def metrics_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether the tool itself computes every metric of the verdict for all that was answered, with a bar on one."""
    about = ("metrics automated", "Is quality measured without people, and held against a bar?")
    verdict = [spec.name for spec in facts.task.metrics if spec.role == "verdict"]
    barred = [name for name in verdict if any(bar.metric == name for bar in facts.task.bars)]
    evidence = (f"metrics: {listed(verdict) or 'none'}", f"with a bar: {listed(barred) or 'none'}")
    if facts.comparison is None:
        return missing(about, [Flaw("Nothing was scored yet: no trial is stored.", RUN)], evidence)
    unscored = list(_unscored(facts.comparison, verdict))
    if unscored:
        said = f"Scores are missing: {listed(unscored[:_NAMED])}."
        return missing(about, [Flaw(said, "passmuster score")], evidence)
    if not barred:
        name = verdict[0] if verdict else "METRIC"
        fix = f"passmuster.yaml: bars: {{{name}: {{at_least: ...}}}}"
        return missing(
            about, [Flaw("No metric has a bar, so nothing passes or fails by its quality.", fix)], evidence
        )
    return done(about, f"{counted(len(verdict), 'metric')}, {counted(len(barred), 'bar')}.", evidence)


def _unscored(comparison: Comparison, metrics: Sequence[str]) -> Iterator[str]:
    for row in comparison.candidates:
        for metric in metrics:
            found = row.metrics.get(metric)
            if row.n and (found is None or found.value is None):
                yield f"{row.name} has no {metric}"


def cost_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether a task's whole cost is known: tokens or machines, the retries, and the reviews by people."""
    about = ("cost model", "Is the whole cost of a task known, with retries and reviews?")
    subject = facts.subject
    if subject is None or not subject.n:
        said = (
            "No cost was measured yet."
            if facts.comparison is None
            else "Nobody is chosen and no incumbent is named, so there is nobody whose cost counts."
        )
        return missing(about, [Flaw(said, RUN if facts.comparison is None else "passmuster decide")])
    flaws = list(_cost_flaws(facts, subject))
    evidence = tuple(_cost_evidence(subject))
    if flaws:
        return missing(about, flaws, evidence)
    return done(about, f"{subject.name}: {dollars(subject.cost.per_task.value or 0.0)} a task.", evidence)


def _cost_flaws(facts: ReadyFacts, subject: CandidateReport) -> Iterator[Flaw]:
    if subject.cost.per_task.value is None:
        said = f"What a task of {subject.name} costs is not known."
        yield Flaw(said, "passmuster.yaml: candidates: prices, of this one")
    if _retries(subject) is None:
        said = f"How often {subject.name} must be asked again was not measured: its trials are recordings."
        fix = "passmuster.yaml: candidates: a provider that is asked, in place of the recording"
        yield Flaw(said, fix, f"passmuster run --only {quote(subject.name)}")
    if not facts.task.cost.review:
        fix = "passmuster.yaml: cost: {review: {when: failed, minutes: 3, hourly: 40 USD}}"
        yield Flaw("No rule says which replies people look at, and what that costs.", fix)
    if facts.task.cost.monthly_volume is None:
        yield Flaw(
            "How many tasks a month there are is not stated.", "passmuster.yaml: cost: {monthly_volume: ...}"
        )


def _cost_evidence(row: CandidateReport) -> Iterator[str]:
    cost = row.cost
    if cost.per_task.value is not None:
        yield f"{row.name}: {dollars(cost.per_task.value)} a task ({cost.basis.replace('_', ' ')})"
    retries = _retries(row)
    if retries is not None:
        yield f"asked again: {retries:.1%} of the trials"
    if cost.reviewed is not None:
        yield f"looked at by people: {cost.reviewed:.1%} of the tasks"
    if cost.price_date is not None:
        yield f"prices of {cost.price_date}"


def _retries(row: CandidateReport) -> float | None:
    """Return the share of trials that were asked again; a recording of answers does not say."""
    latency = row.latency
    return None if latency.retries is None or latency.load.source == "recorded" else latency.retries.share


def ci_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether changes are evaluated where they are made: in CI, by the gate or by a public harness."""
    about = ("evaluated in CI", "Does every change pass an evaluation in CI?")
    evidence = tuple(f"{_place(each)}: {each.tool}" for each in facts.ci)
    own = next((each for each in facts.ci if each.tool == GATE), None)
    if own is not None:
        return done(about, f"{GATE} in {_place(own)}.", evidence)
    if facts.ci:
        other = facts.ci[0]
        said = f"{other.tool} in {_place(other)}; a gate would also hold each change against the baseline."
        return done(about, said, evidence)
    said = "No CI configuration here runs passmuster or a public harness."
    return missing(about, [Flaw(said, RUN, f"{GATE} --junit gate.xml")])


def baseline_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether the results of what is in production are frozen, so that a change has something to be held against."""
    about = ("baseline", "Are the results of the model in production frozen?")
    flaw = _baseline_flaw(facts)
    found = facts.baseline
    age = "" if found is None or found.age_days is None else f", {found.age_days:,.0f} days old"
    evidence = [] if found is None or found.flaw else [f"{found.path}: {found.candidate}{age}"]
    return done(about, "They are.", evidence) if flaw is None else missing(about, [flaw], evidence)


def _baseline_flaw(facts: ReadyFacts) -> Flaw | None:
    incumbent, found = facts.task.incumbent, facts.baseline
    freeze = "passmuster baseline"
    if incumbent is None:
        return Flaw("No incumbent is named.", "passmuster.yaml: incumbent: NAME OF A CANDIDATE", freeze)
    if found is None:
        return Flaw(f"There is no baseline file of {incumbent}.", freeze)
    if found.flaw is not None:
        return Flaw(f"{found.path}: {found.flaw}.", freeze)
    if found.candidate != incumbent:
        return Flaw(f"The newest is of {found.candidate}, and {incumbent} is in production.", freeze)
    return _out_of_date(found, facts.digests.get(incumbent))


def _out_of_date(found: BaselineFact, today: str | None) -> Flaw | None:
    if today is not None and found.digest != today:
        return Flaw(f"{found.candidate} was changed since it was frozen.", GATE, "passmuster baseline")
    if found.committed is False:
        return Flaw(f"{found.path} is not committed.", f"git add {quote(found.path)}", "git commit")
    return None


def selection_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether who is used was decided by these cases and bars, and put on record."""
    about = ("own evaluation", "Was the candidate chosen by the task's own evaluation?")
    if facts.comparison is None:
        return missing(about, [Flaw("Nothing was compared yet.", RUN)])
    decision = facts.comparison.decision
    chosen = f", {decision.chosen}" if decision.chosen else ""
    evidence = [f"decision: {decision.status}{chosen}", *(f"record: {path}" for path in facts.records[-1:])]
    flaws = list(_selection_flaws(facts, facts.comparison))
    return missing(about, flaws, evidence) if flaws else done(about, f"{decision.chosen} was.", evidence)


def _selection_flaws(facts: ReadyFacts, comparison: Comparison) -> Iterator[Flaw]:
    decision = comparison.decision
    if decision.status == "none":
        yield Flaw("No candidate meets every bar.", "passmuster decide")
    elif decision.status == "undecided":
        step = decision.next_step
        fix = "passmuster decide" if step is None else f"passmuster corpus sample {step.more_cases}"
        yield Flaw("The cases do not decide it yet.", fix)
    if not facts.from_production:
        said = "None of the cases is said to come from production, so it holds for other ones."
        yield Flaw(said, "passmuster corpus import LOGS.jsonl", "passmuster corpus sample 500")
    if decision.status == "decided" and not facts.records:
        yield Flaw("The decision is on no record.", "passmuster decide --record")


def judge_item(facts: ReadyFacts) -> ReadyItem:
    """Say whether every judge whose word is part of the verdict was held against people's."""
    about: About = ("judge calibrated", "Is every judge held against people's ratings?")
    verdict = {spec.name for spec in facts.task.metrics if spec.role == "verdict"}
    asked = [each for each in facts.judges if each.metric in verdict]
    if not asked:
        return ReadyItem(
            name=about[0], question=about[1], status="not needed", finding="No verdict hangs on a judge."
        )
    evidence = [
        f"{each.metric}: {counted(each.labels, 'rating')} of {counted(each.raters, 'person', 'people')}, {each.trust.replace('_', ' ')}"
        for each in asked
    ]
    bare = [each.metric for each in asked if each.trust != "calibrated"]
    if bare:
        said = f"{listed(bare)} {'is' if len(bare) == 1 else 'are'} not."
        return missing(about, [Flaw(said, "passmuster rate draw", "passmuster judge calibrate")], evidence)
    return done(about, f"{counted(len(asked), 'judge')} {'is' if len(asked) == 1 else 'are'}.", evidence)


def unavailable_items() -> tuple[ReadyItem, ...]:
    """Return the items of which this release can say nothing."""
    return (
        ReadyItem(
            name="load test",
            question="Was the candidate tested under the load of production?",
            status="not available",
            finding="This release has no verb that tests under load: latencies are those of the runs.",
        ),
        ReadyItem(
            name="red team",
            question="Was the candidate attacked on purpose?",
            status="not available",
            finding="This release has no verb that attacks: adversarial cases come by passmuster corpus stress.",
        ),
    )


def _place(each: CiFact) -> str:
    return f"{each.path}:{each.line}"
