"""The sentences around the matrix: decision, worth, manual, dominated, warnings, what is missing and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from passmuster.records.classes import ClassReport
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.record import Record
from passmuster.records.score import Difference, Estimate
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.prompts_view import effects_sentence
from passmuster.report.rows import cached, name, ordered, sentence, was_asked

LEADING_SHOWN = 5
DOMINATED_SHOWN = 6
WEAK_ROWS = 3
WEAK_NAMED = 20
WEAK_OF_OTHERS = 3


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
    """Return what is decided and what to do next, the decision first."""
    decision = comparison.decision
    made = [Note(title="Decision", text=sentence(decision.reason))]
    if decision.status == "undecided" and any(each.share > 0 for each in decision.leading):
        made.append(Note(title="Leading", text=leading(comparison)))
    if decision.next_step is not None and decision.next_step.sentence not in decision.reason:
        made.append(Note(title="Next step", text=sentence(decision.next_step.sentence)))
    if decision.worth is not None:
        made.append(Note(title="Worth an LLM?", text=sentence(decision.worth.sentence)))
    if decision.versus_manual is not None and decision.versus_manual not in decision.reason:
        made.append(Note(title="Manual", text=sentence(decision.versus_manual)))
    return tuple(made)


def details(comparison: Comparison) -> tuple[Note, ...]:
    """Return what else is said of the matrix, where there is something to say."""
    found = (weak_classes(comparison), prompts(comparison), dominated(comparison))
    return tuple(note for note in found if note is not None)


def weak_classes(comparison: Comparison) -> Note | None:
    """Return the classes whose F1 lies 15 points or more under the accuracy, with their numbers; None without any.

    Those of the candidate that is shown first are named, up to 20; of two others, up to 3 each.
    """
    rows = [row for row in ordered(comparison) if _weak(row)]
    if not rows:
        return None
    first = ordered(comparison)[0]
    said = [_weakness(row, WEAK_NAMED if row is first else WEAK_OF_OTHERS) for row in rows[:WEAK_ROWS]]
    more = len(rows) - len(said)
    if more:
        said.append(f"{figures.count(more, 'more candidate')} with such classes")
    return Note(title="Weak classes", text="; ".join(said) + ".")


def _weak(row: CandidateReport) -> list[ClassReport]:
    classes = [] if row.classification is None else [each for each in row.classification.classes if each.weak]
    return sorted(classes, key=lambda each: each.f1.value or 0.0)


def _weakness(row: CandidateReport, most: int) -> str:
    found = _weak(row)
    named = [
        f"{label(each.label, 48)} F1 {figures.interval(each.f1)} (n {each.n:,})" for each in found[:most]
    ]
    if len(found) > most:
        named.append(f"{len(found) - most:,} more")
    accuracy = None if row.classification is None else row.classification.averages.get("accuracy")
    against = "" if accuracy is None else f", against an accuracy of {figures.number(accuracy.value)}"
    return f"{name(row)}: {', '.join(named)}{against}"


def dominated(comparison: Comparison) -> Note | None:
    """Return who is beaten in quality, cost and speed at once, and by whom, up to 6; None where nobody is."""
    rows = [row for row in ordered(comparison) if row.dominated_by]
    if not rows:
        return None
    said = [_dominated(row) for row in rows[:DOMINATED_SHOWN]]
    if len(rows) > len(said):
        said.append(f"{len(rows) - len(said):,} more")
    return Note(title="Dominated", text="; ".join(said) + ".")


def prompts(comparison: Comparison) -> Note | None:
    """Return how each prompt variant does over the models, or against the first one of its model; None without variants."""
    if not comparison.prompts:
        return None
    over_models = effects_sentence(comparison)
    if over_models is not None:
        return Note(title="Prompts", text=over_models)
    said = [
        f"{name(each.candidate)} against {name(each.versus)}: {_gap(each.difference)}"
        for each in comparison.prompts
    ]
    return Note(title="Prompts", text="; ".join(said) + ".")


def _gap(difference: Difference) -> str:
    return f"{figures.interval(difference, signed=True)}, p {figures.p_value(difference.p)}"


def load(comparison: Comparison) -> str | None:
    """Return where the times come from and under which load they were taken; None where there are none."""
    counted = Counter(_load(row) for row in comparison.candidates if row.latency.p50.value is not None)
    if not counted:
        return None
    return "; ".join(f"{how} ({figures.count(number, 'candidate')})" for how, number in counted.items()) + "."


def _load(row: CandidateReport) -> str:
    found = row.latency.load
    many = found.max_in_flight
    how = f"{found.source}, load unknown" if many is None else f"{found.source}, at most {many} in flight"
    return how + cached(row)


def _dominated(row: CandidateReport) -> str:
    first, *more = row.dominated_by
    return f"{name(row)} by {name(first)}" + (f" and {len(more)} more" if more else "")


def leading(comparison: Comparison) -> str:
    """Return who might be chosen, with the share of resamples in which each would be."""
    decision = comparison.decision
    likely = [each for each in decision.leading if each.share > 0][:LEADING_SHOWN]
    parts = [f"{name(each.name)} ({figures.percent(each.share)})" for each in likely]
    return f"{', '.join(parts)}: share of {decision.resamples:,} resamples of the cases that choose it."


def warnings(comparison: Comparison) -> tuple[str, ...]:
    """Return what a reader must know before acting."""
    return tuple(sentence(text) for text in comparison.decision.warnings)


def missing(comparison: Comparison) -> tuple[str, ...]:
    """Return why figures are shown as `-`, each reason once, with how many candidates it concerns.

    Of a candidate that was not asked at all its verdict says so.
    """
    asked = (row for row in comparison.candidates if was_asked(row))
    counted = Counter(entry for row in asked for entry in _gaps(row))
    reasons: dict[tuple[str, int], list[str]] = {}
    for (what, why), number in counted.items():
        reasons.setdefault((why, number), []).append(what)
    return tuple(
        f"{', '.join(whats)}: {why} ({figures.count(number, 'candidate')})"
        for (why, number), whats in reasons.items()
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
