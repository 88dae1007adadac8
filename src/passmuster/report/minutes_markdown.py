"""The record of a decision as Markdown, for a repository or a wiki."""

from collections.abc import Callable, Iterator, Sequence

from passmuster.records.candidate import Attribute
from passmuster.records.decided import DecisionRecord, Option
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.decision_text import line_of
from passmuster.report.markdown import cell, table


def render_minutes(record: DecisionRecord) -> str:
    """Return the record of a decision as Markdown; every word of it that somebody wrote is escaped."""
    return "\n\n".join(_blocks(record)) + "\n"


def _blocks(record: DecisionRecord) -> Iterator[str]:
    yield f"# Decision: {_cell(record.task)}"
    yield f"**{_cell(record.answer)}** {_cell(record.reason)}"
    yield table(("", ""), _head(record))
    yield from _section("What was asked for", _asked(record))
    yield "## Options\n\n" + table(_heads(record), [_row(option) for option in record.options])
    yield "Brackets are 95% intervals; costs are US dollars."
    yield from _section("Why", [option.sentence for option in record.options])
    declared = _declared(record.options)
    if declared:
        heads = ("candidate", "attribute", "value", "source", "read")
        yield "## Declared\n\nTaken at the word of those who declared it.\n\n" + table(heads, declared)
    yield from _section("Worth an LLM?", [record.worth] if record.worth else [])
    yield from _section("What would change it", record.turning)
    yield from _section("What was not known", record.unknown)
    yield from _section("Look again", (f"By {record.review} at the latest.", *record.sooner))
    yield "## Evidence\n\n" + table(("what", "value"), _evidence(record))
    yield (
        "The same corpus, candidates and trials give the same digests: `passmuster decide --json` prints them, and"
        " `passmuster compare --json` every number."
    )


def _cell(text: str) -> str:
    return cell(line_of(text))


def _section(title: str, said: Sequence[str]) -> Iterator[str]:
    if said:
        yield f"## {title}\n\n" + "\n".join(f"- {_cell(text)}" for text in said)


def _head(record: DecisionRecord) -> list[tuple[str, str]]:
    return [
        ("Question", record.question),
        ("Purpose", record.purpose or "not stated"),
        ("Owner", record.owner or "not stated"),
        ("Recorded by", record.by),
        ("When", record.when),
        ("Chosen", record.chosen or "none"),
        ("Runner-up", record.runner_up or "none"),
        ("In production until now", record.incumbent or "not stated"),
    ]


def _asked(record: DecisionRecord) -> list[str]:
    finalists = ", ".join(record.finalists)
    return [
        *record.bars,
        *record.requirements,
        f"The risk of passing any candidate that does not meet its bars is held at {figures.percent(record.alpha)}"
        + (f" over the finalists named beforehand: {finalists}." if finalists else "."),
    ]


def _heads(record: DecisionRecord) -> tuple[str, ...]:
    return (
        "candidate",
        "verdict",
        line_of(record.metric) or "quality",
        "p95",
        "failed",
        "a success",
        "a month",
        "cases",
        "digest",
    )


def _row(option: Option) -> tuple[str, ...]:
    return (
        line_of(option.name) + ("" if option.kind == "llm" else f" ({option.kind})"),
        option.status,
        figures.interval(option.quality),
        _ranged(option.latency_p95, figures.seconds),
        figures.percent(option.failure_rate.value),
        _ranged(option.cost_per_success, figures.money),
        figures.MISSING if option.cost_per_month is None else _ranged(option.cost_per_month, figures.money),
        f"{option.cases:,}",
        option.digest,
    )


def _ranged(estimate: Estimate, written: Callable[[float | None], str]) -> str:
    if estimate.value is None:
        return figures.MISSING
    span = (
        ""
        if estimate.low is None or estimate.high is None
        else f" [{written(estimate.low)}, {written(estimate.high)}]"
    )
    return written(estimate.value) + span


def _declared(options: Sequence[Option]) -> list[tuple[str, ...]]:
    return [
        (
            line_of(option.name),
            line_of(name),
            line_of(_value(attribute)),
            line_of(attribute.source or "not stated"),
            attribute.date or "not stated",
        )
        for option in options
        for name, attribute in option.attributes.items()
    ]


def _value(attribute: Attribute) -> str:
    value = attribute.value
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _evidence(record: DecisionRecord) -> list[tuple[str, str]]:
    found = record.evidence
    scored = "" if found.scored is None else f", of which {found.scored:,} are what the figures are of"
    return [
        ("passmuster", found.passmuster),
        ("Corpus", f"{line_of(found.corpus_path)}, version {found.corpus}"),
        ("Cases", f"{found.cases:,} of split {found.split}{scored}"),
        ("Metrics", line_of(", ".join(found.metrics))),
        ("Results", found.results),
        ("Seed of resamples", "none" if found.seed is None else str(found.seed)),
        ("Computed", found.generated),
    ]
