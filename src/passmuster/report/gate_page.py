"""The gate as one self-contained HTML file: a picture first, then old beside new and what is behind it."""

from markupsafe import Markup

from passmuster.records.gate import GRAVITY, GateLine, GateReport
from passmuster.records.record import Json
from passmuster.report import figures
from passmuster.report.gate_plots import SLICES_DRAWN, blocks_svg, changes_svg, rises_svg, slices_svg
from passmuster.report.gate_tables import flips_grid, lines_grid, modes_grid, slices_grid
from passmuster.report.gate_words import (
    HEADLINES,
    amount,
    changed,
    changes_said,
    commands,
    flips_by_interest,
    floor_said,
    gravest,
    header,
    left_out_said,
    level_words,
    notes,
    provenance,
    reasons,
    regressed,
    said,
    shown,
    state,
    title,
    verdict,
)
from passmuster.report.page import page_environment, page_resource, policy

SLICES_SHOWN = 300
FLIPS_SHOWN = 300
MODES_SHOWN = 300
FACTS = 4
LINES_SHOWN = 200


def render_gate_page(report: GateReport) -> str:
    """Return the page of a gate, below 1.5 MB.

    All that comes from cases, files and names is escaped, and the page's Content-Security-Policy allows only the one
    style whose digest it names; there is no script.
    """
    css = page_resource("report.css") + page_resource("gate.css")
    slices, flips = gravest(report.slices), flips_by_interest(report.flips)
    modes = sorted(report.modes, key=lambda mode: GRAVITY.index(mode.level))
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, ""),
        "title": f"{HEADLINES[report.level]}: {shown(report.new.name)}",
        "kicker": header(report),
        "state": state(report.level),
        "verdict": verdict(report),
        "sentence": said(report.sentence),
        "facts": _facts(report),
        "reasons": reasons(report),
        "notes": notes(report),
        "quality": _safe(changes_svg(report)),
        "rises": _safe(rises_svg(report)),
        "blocks": _safe(blocks_svg(report)),
        "lines": lines_grid(report) if report.lines else None,
        "slices_picture": _safe(slices_svg(report)),
        "slices": slices_grid(slices[:SLICES_SHOWN]) if slices else None,
        "slices_pass": f"{sum(row.level == 'pass' for row in slices):,} of {len(slices):,}",
        "slices_undrawn": max(0, len(slices) - SLICES_DRAWN),
        "slices_beyond": f"{max(0, len(slices) - SLICES_SHOWN):,}",
        "modes": modes_grid(modes[:MODES_SHOWN]) if modes else None,
        "changes": changes_said(report),
        "floor": floor_said(report),
        "flips": flips_grid(flips[:FLIPS_SHOWN]) if flips else None,
        "flips_beyond": f"{max(0, len(flips) - FLIPS_SHOWN):,}",
        "left_out": left_out_said(report),
        "commands": commands(report),
        "sustained": f"{report.policy.sustained} of {report.policy.blocks}",
        "provenance": provenance(report),
    }
    return page_environment().get_template("gate.jinja").render(context)


def _safe(svg: str | None) -> Markup | None:
    return None if svg is None else Markup(svg)  # noqa: S704  # rebuilt from an allow-list by report.svg


def _facts(report: GateReport) -> list[dict[str, str]]:
    """Return the figures that the eye lands on: the first quality, failures, p95, cost; then what fails for good."""
    wanted = [
        next((row for row in report.lines if row.kind == "quality"), None),
        next((row for row in report.lines if row.kind == "failures"), None),
        next((row for row in report.lines if row.name == "latency_p95"), None),
        next((row for row in report.lines if row.kind == "cost"), None),
    ]
    facts = [_fact(row) for row in wanted if row is not None]
    if any(flip.regressed is not None for flip in report.flips):
        lost = figures.count(len(regressed(report)), "case")
        facts.append({"title": "Fail for good", "big": lost, "small": "of those asked again"})
    elif report.changes:
        changed_cases = figures.count(sum(report.changes.values()), "case")
        facts.append({"title": "Changed", "big": changed_cases, "small": "none asked again"})
    return facts


def _fact(row: GateLine) -> dict[str, str]:
    return {
        "title": title(row),
        "big": " → ".join(
            "not known" if end.value is None else amount(row, end.value) for end in (row.old, row.new)
        ),
        "small": level_words(row) if row.change.value is None else changed(row),
    }
