"""The sentences around the matrix: decision, worth, manual, dominated, warnings, what is missing and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.record import Record
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import name, ordered, sentence

LEADING_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Record):
    """A titled sentence under the matrix."""

    title: str
    text: str


def headline(comparison: Comparison) -> str:
    """Return the decision in a few words."""
    decision = comparison.decision
    if decision.chosen is not None and decision.status == "decided":
        return f"Use {name(decision.chosen)}"
    if decision.status == "none":
        return "No candidate meets every bar"
    return "Cannot tell yet"


def notes(comparison: Comparison) -> tuple[Note, ...]:
    """Return what is said under the matrix, the decision first."""
    decision = comparison.decision
    made = [Note(title="Decision", text=sentence(decision.reason))]
    if decision.ties:
        made.append(Note(title="Tie", text=_tie(comparison)))
    if decision.status == "undecided" and decision.leading:
        made.append(Note(title="Leading", text=leading(comparison)))
    if decision.next_step is not None and decision.next_step.sentence not in decision.reason:
        made.append(Note(title="Next step", text=sentence(decision.next_step.sentence)))
    if decision.worth is not None:
        made.append(Note(title="Worth an LLM?", text=sentence(decision.worth.sentence)))
    if decision.versus_manual is not None and decision.versus_manual not in decision.reason:
        made.append(Note(title="Manual", text=sentence(decision.versus_manual)))
    dominated = [row for row in ordered(comparison) if row.dominated_by]
    if dominated:
        made.append(Note(title="Dominated", text="; ".join(_dominated(row) for row in dominated) + "."))
    return tuple(made)


def _tie(comparison: Comparison) -> str:
    decision = comparison.decision
    others = ", ".join(name(each) for each in decision.ties)
    chosen = "the chosen one" if decision.chosen is None else name(decision.chosen)
    return f"{others} cannot be told from {chosen} in cost or in the primary metric."


def _dominated(row: CandidateReport) -> str:
    return f"{name(row)} by {', '.join(name(each) for each in row.dominated_by)}"


def leading(comparison: Comparison) -> str:
    """Return who might be chosen, with the share of resamples in which each would be."""
    decision = comparison.decision
    likely = [each for each in decision.leading if each.share > 0][:LEADING_SHOWN]
    parts = [f"{name(each.name)} ({figures.percent(each.share)})" for each in likely]
    return f"{', '.join(parts)}: share of {decision.resamples:,} resamples of the cases that choose it."


def warnings(comparison: Comparison) -> tuple[str, ...]:
    """Return what a reader must know before acting: those of the decision, then those the records show.

    What the decision says already is not said twice.
    """
    given = [sentence(text) for text in comparison.decision.warnings]
    said = " ".join(given).lower()
    return (
        *given,
        *(text for words, text in _derived(comparison) if not any(word in said for word in words)),
    )


def _derived(comparison: Comparison) -> Iterable[tuple[tuple[str, ...], str]]:
    """Yield warnings, each with the words by which one sees that it has been said."""
    corpus, rows = comparison.corpus, comparison.candidates
    if corpus.conflicts:
        groups = figures.count(len(corpus.conflicts), "group")
        cases = sum(len(conflict.cases) for conflict in corpus.conflicts)
        yield (
            ("conflict", "references that differ"),
            f"{groups} of cases with equal input have conflicting references ({cases} cases): at most one in each can be right.",
        )
    if corpus.holdout == "unsealed":
        yield ("unsealed",), "The holdout is unsealed: nothing but discipline keeps it unseen."
    tokens = [row for row in rows if row.cost.tokens_estimated]
    if tokens:
        many = figures.count(len(tokens), "candidate")
        yield ("estimated",), f"Tokens are estimated for {many} (~): characters / 4 of prompt and reply."
    simulated = [name(row) for row in rows if row.simulated]
    if simulated:
        yield ("simulated",), f"Simulated endpoints, not real models: {', '.join(simulated)}."


def missing(comparison: Comparison) -> tuple[str, ...]:
    """Return why figures are shown as `-`, each reason once, with how many candidates it concerns."""
    counted = Counter(entry for row in comparison.candidates for entry in _gaps(row))
    return tuple(
        f"{what}: {why} ({figures.count(number, 'candidate')})" for (what, why), number in counted.items()
    )


def _gaps(row: CandidateReport) -> Iterable[tuple[str, str]]:
    named: list[tuple[str, Estimate]] = [(label(key), value) for key, value in row.metrics.items()]
    named += [("p50", row.latency.p50), ("p95", row.latency.p95), ("p99", row.latency.p99)]
    named.append(("failed", row.failures.rate))
    for what, estimate in named:
        if estimate.value is None:
            yield what, sentence(estimate.note or "not available")
    if row.cost.per_success.value is None:
        yield "cost per success", sentence(row.cost.note or row.cost.per_success.note or "not available")
