"""Every verdict as a sentence, with links to the cases that it hangs on."""

from dataclasses import dataclass

from passmuster.records.comparison import CandidateReport, Check, Comparison
from passmuster.records.record import Record
from passmuster.report.rows import ordered, sentence, short
from passmuster.report.views import cases_link, link_of

MOST_LINKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView(Record):
    """A verdict: the word that picks its shape, its sentence, and links (text, address) to what is behind it."""

    status: str
    text: str
    links: tuple[tuple[str, str], ...]


def verdicts(comparison: Comparison) -> tuple[VerdictView, ...]:
    """Return every candidate's verdict, in the order of the matrix."""
    return tuple(
        VerdictView(
            status=row.verdict.status, text=sentence(row.verdict.sentence), links=_links(comparison, row)
        )
        for row in ordered(comparison)
        if row.verdict.sentence
    )


def _links(comparison: Comparison, row: CandidateReport) -> tuple[tuple[str, str], ...]:
    """Return links to what each bar that is not met hangs on; of one that passes, to what it gets wrong all the same."""
    hanging = [check for check in row.checks if check.status != "meets" and check.p is not None]
    found = {link_of(row, check): _words(check) for check in hanging}
    found = found or {cases_link(row.name, "wrong"): "what it gets wrong"}
    if comparison.incumbent is not None and comparison.incumbent != row.name:
        found[cases_link(row.name, "differs")] = "where it and the incumbent differ"
    return tuple((text, href) for href, text in list(found.items())[:MOST_LINKS])


def _words(check: Check) -> str:
    if check.metric.startswith(("latency_", "first_token_")):
        return "its slowest cases"
    if check.metric.startswith("cost_"):
        return "its costs"
    if check.metric == "failure_rate":
        return "its failed calls"
    return f"wrong by {short(check.metric)}"
