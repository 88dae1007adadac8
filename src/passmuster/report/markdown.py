"""The comparison as Markdown, for a pull request or a wiki."""

import re
from collections.abc import Iterable, Iterator, Sequence

from passmuster.records.comparison import Comparison
from passmuster.report import figures, notes
from passmuster.report.break_even_view import break_even_columns, break_even_note, month_columns
from passmuster.report.choice_view import front_columns, turning, weighing_columns, weighing_note
from passmuster.report.consistency_view import consistency_columns
from passmuster.report.corpus_view import apart_columns, summary
from passmuster.report.costs_view import cost_columns
from passmuster.report.escape import visible
from passmuster.report.judged_view import has_unchecked, judge_notes, judged_columns
from passmuster.report.outcomes_view import outcome_columns
from passmuster.report.prompts_view import best_note, interaction_columns, prompt_columns
from passmuster.report.reliability_view import reliability_columns
from passmuster.report.requirements_view import requirement_columns
from passmuster.report.rows import columns, header, ordered, purpose, reasons, short
from passmuster.report.spread_view import repeat_columns, tail_columns
from passmuster.report.stopped_view import KEY, has_cut_short, stopped_columns
from passmuster.report.worth_view import burden_columns, rival_columns, stratum_columns

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#$!&@])")
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|mailto|www)([:.])")


def render_markdown(comparison: Comparison) -> str:
    """Return the same content as the terminal's, as Markdown tables; every cell is escaped."""
    blocks = [
        f"# {cell(notes.headline(comparison))}",
        cell(header(comparison)),
        *(cell(text) for text in (purpose(comparison),) if text is not None),
        *(_note(note.title, note.text) for note in notes.notes(comparison)),
        *(_note(note.title, note.text) for note in notes.details(comparison)),
        _note("Cases", summary(comparison.corpus)),
        *(_note(title, said) for title, said in _said(comparison) if said),
        *(_note("Judge", said) for said in judge_notes(comparison)),
        _note("Metrics", _versions(comparison)),
        table([column.title.strip() for column in columns(comparison)], _rows(comparison)),
        "`*` the chosen candidate. $ / 1k ok: dollars per 1,000 successes; ~ tokens estimated, >= lower bound."
        + (" ? an uncalibrated judge: nobody has checked this figure." if has_unchecked(comparison) else "")
        + (f" † {KEY}" if has_cut_short(comparison) else ""),
    ]
    apart = apart_columns(comparison)
    if apart:
        rows = zip(*(column.cells for column in apart), strict=True)
        titles = [column.title.strip() for column in apart]
        blocks.append("## Measured apart\n\nSuccesses (95%).\n\n" + table(titles, rows))
    blocks += _tables(comparison)
    found = reasons(comparison)
    if found:
        blocks.append("## Why candidates do not pass\n\n" + _bullets(f"{who}: {why}" for who, why in found))
    checks = _checks(comparison)
    if checks:
        heads = ("candidate", "bar", "value", "status", "p", "more cases")
        blocks.append("## Checks\n\n" + table(heads, checks))
    said = [*notes.warnings(comparison), *(f"Missing (-): {gap}" for gap in notes.missing(comparison))]
    if said:
        blocks.append("## Read this first\n\n" + _bullets(said))
    return "\n\n".join(blocks) + "\n"


def _said(comparison: Comparison) -> Iterator[tuple[str, str | None]]:
    """Yield what stands in a sentence of its own, where there is anything to say."""
    yield "Times", notes.load(comparison)
    yield "Weights", weighing_note(comparison)
    yield "What would change it", " ".join(turning(comparison))
    yield "Break-even", break_even_note(comparison)
    yield "Best of many", best_note(comparison)


def _versions(comparison: Comparison) -> str:
    """Return what the figures can be computed again from: the versions of the metrics, the seed of the resamples."""
    listed = ", ".join(f"{each.name} v{each.version}" for each in comparison.metrics)
    return listed if comparison.seed is None else f"{listed}; resamples from seed {comparison.seed}"


def _tables(comparison: Comparison) -> Iterator[str]:
    """Yield the tables beside the matrix that have something in them, under their titles."""
    for title, made in (
        ("Costs", cost_columns(comparison)),
        ("By weight", weighing_columns(comparison)),
        ("The Pareto front", front_columns(comparison)),
        ("Requirements", requirement_columns(comparison)),
        ("Worth an LLM?", rival_columns(comparison)),
        ("Worth an LLM? By stratum", stratum_columns(comparison)),
        ("What the two bring with them", burden_columns(comparison)),
        ("Prompts", prompt_columns(comparison)),
        ("What prompts do for one model beyond that", interaction_columns(comparison)),
        ("Break-even", break_even_columns(comparison)),
        ("US dollars a month, by volume", month_columns(comparison)),
        ("Stopped early", stopped_columns(comparison)),
        ("Judges", judged_columns(comparison)),
        ("Repeats", repeat_columns(comparison)),
        ("Where candidates do worst", tail_columns(comparison)),
        ("Form of the replies", consistency_columns(comparison)),
        ("Every time", reliability_columns(comparison)),
        ("How it fails", outcome_columns(comparison)),
    ):
        if made:
            rows = zip(*(column.cells for column in made), strict=True)
            yield f"## {title}\n\n" + table([column.title for column in made], rows)


def code(command: str) -> str:
    """Return a command as code: more backticks around it than there are in it.

    Example:
        >>> code("passmuster show"), code("a `b`")
        ('`passmuster show`', '`` a `b` ``')
    """
    ticks = "`"
    while ticks in command:
        ticks += "`"
    padding = " " if "`" in command else ""
    return f"{ticks}{padding}{command}{padding}{ticks}"


def cell(text: str) -> str:
    r"""Return `text` as literal Markdown on one line: no markup, table, link or HTML can come from it.

    Example:
        >>> cell("a|b <b> [x](y)")
        'a\\|b \\<b\\> \\[x\\](y)'
    """
    escaped = _SPECIAL.sub(r"\\\1", visible(text))
    return _ADDRESS.sub(r"\1&#8203;\2", escaped)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; every cell is escaped here."""
    lines = ["| " + " | ".join(cell(head) for head in heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(cell(" ".join(text.split())) for text in row) + " |" for row in rows]
    return "\n".join(lines)


def _rows(comparison: Comparison) -> Iterable[Sequence[str]]:
    return zip(*(column.cells for column in columns(comparison)), strict=True)


def _note(title: str, text: str) -> str:
    return f"**{cell(title)}{'' if title.endswith('?') else ':'}** {cell(text)}"


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {cell(text)}" for text in texts)


def _checks(comparison: Comparison) -> list[tuple[str, ...]]:
    return [
        (
            row.name,
            check.bar,
            figures.of_check(check),
            check.status + (f" ({check.note})" if check.note else ""),
            figures.p_value(check.p),
            figures.more_cases(check.more_cases) or figures.MISSING,
        )
        for row in ordered(comparison)
        for check in sorted(row.checks, key=lambda check: short(check.metric))
    ]
