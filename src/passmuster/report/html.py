"""The comparison as one self-contained HTML file: no script, style or picture from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence

from jinja2 import Environment
from markupsafe import Markup

from passmuster.records.comparison import CandidateReport, CaseEvidence, Comparison
from passmuster.records.record import Json
from passmuster.report import (
    break_even_view,
    choice_view,
    corpus_view,
    costs_view,
    figures,
    notes,
    outcomes_view,
    parts_view,
    plots,
    scatter,
    spread_view,
    stopped_view,
    views,
)
from passmuster.report.cases_view import by_interest, case_view
from passmuster.report.classes_view import classes_view
from passmuster.report.consistency_view import consistency
from passmuster.report.escape import line, visible
from passmuster.report.judged_view import judge_notes, judged
from passmuster.report.page import page_environment, page_resource, policy
from passmuster.report.prompts_view import prompts_view
from passmuster.report.reliability_view import reliability
from passmuster.report.requirements_view import requirements
from passmuster.report.rows import header, name, ordered, primary, purpose
from passmuster.report.verdicts_view import verdicts
from passmuster.report.worth_view import worth

SIZE_LIMIT = 1_400_000
"""Bytes: details and cases are shown as long as the file stays below; a note says how many are."""
CASES_LIMIT = 400
CLASSES_SHARE = 350_000
CONFLICTS_LIMIT = 50


def render_html(comparison: Comparison, evidence: Sequence[CaseEvidence], *, total: int | None = None) -> str:
    """Return the report as one HTML file below 1.5 MB.

    All that comes from cases and replies is escaped, and the page's Content-Security-Policy allows only
    the one style and the one script whose digests it names.

    Args:
        comparison: What was found out.
        evidence: The cases behind it, or those most worth reading; disputed ones are shown first, as many
            as fit.
        total: How many cases there are behind it; None: those of `evidence`.
    """
    environment = page_environment()
    css, script = page_resource("report.css"), page_resource("report.js")
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "script": Markup(script),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, script),
        **_frame(comparison),
        **_pictures(comparison),
        **_tables(comparison),
        **_classes(comparison, environment),
        **_choices(comparison),
        "total": f"{len(evidence) if total is None else total:,}",
        "shown": "0",
        "cases": (),
    }
    page = environment.get_template("report.jinja")
    room = SIZE_LIMIT - _size(page.render(context))
    cases = _cases(comparison, evidence, environment, room)
    return page.render(context | {"cases": cases, "shown": f"{len(cases):,}"})


def _size(text: str) -> int:
    return len(text.encode())


def _frame(comparison: Comparison) -> dict[str, Json]:
    decision, corpus = comparison.decision, comparison.corpus
    metric = primary(comparison)
    conflicts = [
        (
            ", ".join(line(each, 80) for each in conflict.cases),
            ", ".join(line(each, 200) for each in conflict.references),
        )
        for conflict in corpus.conflicts[:CONFLICTS_LIMIT]
    ]
    return {
        "task": visible(comparison.task),
        "header": header(comparison),
        "purpose": purpose(comparison),
        "rests": corpus_view.summary(comparison.corpus),
        "headline": notes.headline(comparison),
        "status": decision.status,
        "notes": [*notes.notes(comparison), *filter(None, [notes.weak_classes(comparison)])],
        "dominated": notes.dominated(comparison),
        "prompt_note": notes.prompts(comparison),
        "warnings": notes.warnings(comparison),
        "missing": notes.missing(comparison),
        "verdicts": verdicts(comparison),
        "facts": _facts(comparison),
        "facts_of": name(decision.leading[0].name) if decision.chosen is None and decision.leading else None,
        "better": "worse" if metric is not None and metric.direction == "lower" else "better",
        "incumbent": None if comparison.incumbent is None else name(comparison.incumbent),
        "family": decision.family,
        "alpha": figures.percent(comparison.alpha),
        "provenance": _provenance(comparison),
        "conflicts": conflicts,
        "conflicts_left_out": len(corpus.conflicts) - len(conflicts),
    }


def _facts(comparison: Comparison) -> list[dict[str, str]]:
    """Return the four figures of the chosen candidate, or of the leading one."""
    decision = comparison.decision
    wanted = decision.chosen or (decision.leading[0].name if decision.leading else None)
    row = next((each for each in comparison.candidates if each.name == wanted), None)
    if row is None:
        return []
    facts = [*_metric_facts(comparison, row)]
    cost = views.dollars(row, ranged=True)
    facts.append({"title": "Dollars per 1,000 successes", "big": cost.text, "small": cost.range})
    p95 = views.time(row.latency.p95, ranged=True)
    facts.append({"title": "Latency p95", "big": p95.text, "small": p95.range or p95.why})
    failed = figures.percent(row.failures.rate.value)
    facts.append({"title": "Failed trials", "big": failed, "small": f"of {figures.count(row.n, 'case')}"})
    return facts


def _metric_facts(comparison: Comparison, row: CandidateReport) -> Iterable[dict[str, str]]:
    metric = primary(comparison)
    if metric is None:
        return
    cell = views.estimate(row.metrics.get(metric.name))
    yield {"title": metric.name, "big": cell.text, "small": cell.range}
    difference = row.versus_incumbent.get(metric.name)
    if difference is not None and difference.value is not None and comparison.incumbent is not None:
        cell = views.estimate(difference, signed=True)
        yield {"title": f"Against {name(comparison.incumbent)}", "big": cell.text, "small": cell.range}


def _provenance(comparison: Comparison) -> list[tuple[str, str]]:
    corpus, decision = comparison.corpus, comparison.decision
    metrics = ", ".join(
        f"{visible(each.name)} v{each.version} ({each.direction} is better"
        f"{', for sanity only' if each.role == 'sanity' else ''})"
        for each in comparison.metrics
    )
    methods = dict.fromkeys(
        value.method for row in comparison.candidates for value in row.metrics.values() if value.method
    )
    tests = dict.fromkeys(
        check.method for row in comparison.candidates for check in row.checks if check.method
    )
    return [
        ("Corpus", f"{visible(corpus.path)}, version {corpus.version}"),
        ("Cases", f"{corpus.cases:,} of split {corpus.split}; {_counted(corpus.counts)}"),
        ("Figures are of", corpus_view.summary(corpus)),
        ("Origins", corpus_view.origins(corpus) or "unknown"),
        ("Splits", _counted(corpus.splits) or "not split"),
        ("Holdout", corpus.holdout if corpus.ledger is None else f"{corpus.holdout}; ledger {corpus.ledger}"),
        ("Metrics", metrics or "none"),
        ("Intervals", "95%: " + (", ".join(methods) or "none")),
        ("Tests of bars", ", ".join(tests) or "none"),
        (
            "Error rate",
            f"{figures.percent(comparison.alpha)} over a family of {figures.count(decision.family, 'candidate')}",
        ),
        ("Finalists", ", ".join(name(each) for each in comparison.finalists) or "none named"),
        (
            "Resamples",
            f"{decision.resamples:,}" + ("" if comparison.seed is None else f", seed {comparison.seed}"),
        ),
        ("Generated", visible(comparison.generated)),
        ("Schema version", str(comparison.schema_version)),
    ]


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{visible(key)} {number:,}" for key, number in counts.items())


def _pictures(comparison: Comparison) -> dict[str, Json]:
    metrics = sorted(comparison.metrics, key=lambda metric: not metric.primary)
    forests = ((visible(each.name), _safe(plots.forest_svg(comparison, each.name))) for each in metrics)
    return {
        "picture": _safe(plots.cost_quality_svg(comparison)),
        "latency_picture": _safe(plots.latency_svg(comparison)),
        "costs_picture": _safe(costs_view.costs_svg(comparison)),
        "break_even_picture": _safe(break_even_view.break_even_svg(comparison)),
        "outcomes_picture": _safe(outcomes_view.outcomes_svg(comparison)),
        "forests": [(title, svg) for title, svg in forests if svg is not None],
        "unplaced": scatter.unplaced(comparison),
    }


def _safe(svg: str | None) -> Markup | None:
    return None if svg is None else Markup(svg)  # noqa: S704  # rebuilt from an allow-list by report.svg


_SECTIONS = {
    "decision": "Decision",
    "picture": "Cost and quality",
    "matrix": "Matrix",
    "checks": "Checks",
    "costs": "Costs",
    "choice": "Choice",
    "worth": "Worth an LLM?",
    "prompts": "Prompts",
    "break_even": "Break-even",
    "stopped": "Stopped early",
    "classes": "Classes",
    "judged": "Judges",
    "parts": "Parts",
    "spread": "Spread",
    "consistency": "Form",
    "reliability": "Every time",
    "outcomes": "How it fails",
    "apart": "Apart",
    "latency": "Latency",
    "failures": "Failures",
    "cases": "Cases",
    "methods": "Methods",
}
_SOMETIMES = frozenset(
    {
        "choice",
        "break_even",
        "stopped",
        "worth",
        "prompts",
        "classes",
        "judged",
        "parts",
        "spread",
        "consistency",
        "reliability",
        "outcomes",
        "apart",
    }
)
"""Sections that are left out where there is nothing to say."""


def _tables(comparison: Comparison) -> dict[str, Json]:
    tables: dict[str, Json] = {
        "matrix": views.matrix(comparison),
        "checks": views.checks(comparison),
        "requirements": requirements(comparison),
        "choice": choice_view.choice(comparison),
        "worth": worth(comparison),
        "prompts": prompts_view(comparison),
        "break_even": break_even_view.break_even(comparison),
        "stopped": stopped_view.stopped(comparison),
        "stopped_words": stopped_view.stopped_words(comparison),
        "stopped_key": stopped_view.KEY,
        "latency": views.latency(comparison),
        "costs": costs_view.costs(comparison),
        "cost_parts": costs_view.cost_parts(comparison),
        "costs_key": costs_view.cost_key(comparison),
        "costs_unpictured": costs_view.unpictured(comparison),
        "costs_notes": costs_view.notes_of(comparison.candidates),
        "failures": views.failures(comparison),
        "parts": parts_view.parts(comparison),
        "counts": parts_view.counts(comparison),
        "apart": corpus_view.apart(comparison),
        "judged": judged(comparison),
        "judge_notes": judge_notes(comparison),
        "spread": any(row.variance or row.tail for row in comparison.candidates),
        "repeats": spread_view.repeats(comparison),
        "tails": spread_view.tails(comparison),
        "slices": spread_view.slices(comparison),
        "consistency": consistency(comparison),
        "reliability": reliability(comparison),
        "outcomes": outcomes_view.outcomes(comparison),
        "outcomes_apart": outcomes_view.outcomes_apart(comparison),
    }
    return {**tables, "sections": _sections(comparison, tables)}


def _sections(comparison: Comparison, tables: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Return the sections that the page has: the name that a link leads to, and the title."""
    there = {
        "classes": any(row.classification for row in comparison.candidates),
        "stopped": comparison.stopped,
        "parts": tables["parts"] or tables["counts"],
        "apart": comparison.apart,
    }
    return [
        (section, title)
        for section, title in _SECTIONS.items()
        if section not in _SOMETIMES or there.get(section, tables.get(section))
    ]


def _classes(comparison: Comparison, environment: Environment) -> dict[str, Json]:
    template = environment.get_template("classes.jinja")
    found = [view for row in ordered(comparison) if (view := classes_view(row)) is not None]
    made = (template.render(view=view, open=index == 0) for index, view in enumerate(found))
    pieces = _fitting(made, CLASSES_SHARE)
    return {"classes": pieces, "classes_left_out": len(found) - len(pieces)}


def _choices(comparison: Comparison) -> dict[str, Json]:
    numbers = _numbers(comparison)
    choices = [(visible(row.name), numbers[row.name]) for row in ordered(comparison)]
    incumbent = "" if comparison.incumbent is None else numbers.get(comparison.incumbent, "")
    return {"choices": choices, "incumbent_number": incumbent}


def _numbers(comparison: Comparison) -> dict[str, str]:
    return {row.name: str(index) for index, row in enumerate(comparison.candidates)}


def _cases(
    comparison: Comparison, evidence: Sequence[CaseEvidence], environment: Environment, room: int
) -> list[Markup]:
    template = environment.get_template("case.jinja")
    numbers = _numbers(comparison)
    chosen = by_interest(evidence)[:CASES_LIMIT]
    return _fitting((template.render(case=case_view(case, numbers)) for case in chosen), room)


def _fitting(pieces: Iterable[str], room: int) -> list[Markup]:
    """Return the pieces, in order, that fit into so many bytes."""
    kept: list[Markup] = []
    for piece in pieces:
        room -= _size(piece)
        if room < 0:
            break
        kept.append(Markup(piece))  # noqa: S704  # rendered by a template with autoescape
    return kept
