"""Traffic and corpus side by side, as one self-contained HTML file."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from markupsafe import Markup

from passmuster.records.description import Description, Part, Parts, Profile
from passmuster.records.record import Json
from passmuster.report import figures
from passmuster.report.corpus.pictures import Pair, bars_svg, hours_svg, paired, share_of
from passmuster.report.escape import label, visible
from passmuster.report.page import page_environment, page_resource, policy

TABLE_LIMIT = 250
"""Rows of a table; the JSON has all."""

RESPECTS: Mapping[str, tuple[str, str]] = {
    "strata": ("Strata", "Parts of the traffic that are measured and weighted by themselves."),
    "topics": ("Topics", "Found by the words of a sample of the texts; named by the words that mark them."),
    "lengths": ("Length", "Words of the text that a candidate is given."),
    "languages": (
        "Language",
        "Told by letters and frequent words; und is what they do not tell.",
    ),
    "scripts": ("Script", "Of most letters of a text."),
    "feedback": ("Feedback", "What users showed of the answers they got, where the log has it."),
    "models": ("Models", "What answered in production."),
    "origins": ("Origin", "Only cases of production estimate production."),
}


_OF = {"strata": "stratum", "topics": "topic", "languages": "language", "lengths": "words"}


def render_description(found: Description, generated: str) -> str:
    """Return the page of a description; it is below 1.5 MB.

    All that comes from traffic and cases is escaped, and the page's Content-Security-Policy allows only the one style
    whose digest it names; there is no script.

    Args:
        found: What traffic and corpus are made of.
        generated: When, in words (ISO 8601).
    """
    css = page_resource("report.css") + page_resource("describe.css")
    sections = [each for name in RESPECTS if (each := _section(found, name)) is not None]
    hours = hours_svg(found.traffic, found.corpus)
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, ""),
        "title": visible(found.headline),
        "kicker": _kicker(found),
        "facts": _facts(found),
        "remarks": [visible(text) for text in found.remarks],
        "both": found.traffic is not None and found.corpus is not None,
        "traffic": found.traffic is not None,
        "corpus": found.corpus is not None,
        "shifts": _shifts(found),
        "sections": sections,
        "hours": None if hours is None else Markup(hours),  # noqa: S704  # cleaned by report.svg
        "untimed": _untimed(found),
        "provenance": _provenance(found, generated),
    }
    return page_environment().get_template("describe.jinja").render(context)


def _kicker(found: Description) -> str:
    parts = [visible(found.path)]
    if found.traffic is not None:
        parts.append(figures.count(found.traffic.n, "record") + " of traffic")
    if found.corpus is not None:
        parts.append(figures.count(found.corpus.n, "case"))
    return " · ".join(parts)


def _parts(profile: Profile | None, respect: str) -> Parts | None:
    if profile is None:
        return None
    if respect == "lengths":
        return profile.lengths.bands if profile.lengths is not None else ()
    parts: Parts = getattr(profile, respect)
    return parts


def _section(found: Description, respect: str) -> dict[str, Json] | None:
    """Return what a section shows; None where neither body says anything in this respect."""
    own, its = _parts(found.traffic, respect), _parts(found.corpus, respect)
    pairs = paired(own, its, keep_order=respect == "lengths")
    if not pairs or (respect in ("scripts", "origins") and len(pairs) == 1):
        return None
    title, hint = RESPECTS[respect]
    both = (bool(own), bool(its))
    svg = bars_svg(pairs, title=title, name=f"parts-{respect}", both=both)
    return {
        "id": respect,
        "title": title,
        "hint": hint + _more(found, respect),
        "picture": Markup(svg),  # noqa: S704  # cleaned by report.svg
        "table": _table(pairs[:TABLE_LIMIT], both),
        "caption": f"{title}: traffic and corpus",
        "left_out": max(0, len(pairs) - TABLE_LIMIT),
        "unlike": _unlike(found, respect),
    }


def _more(found: Description, respect: str) -> str:
    if respect == "strata" and found.strata_by is not None:
        return f" By {visible(found.strata_by)}."
    if respect == "topics" and found.topics_from:
        return f" Shares of the traffic are those of {found.topics_from:,} texts."
    if respect == "lengths":
        lengths = [
            f" {name}: half have at most {profile.lengths.p50:,}, 95 of 100 at most {profile.lengths.p95:,}."
            for name, profile in (("Traffic", found.traffic), ("Corpus", found.corpus))
            if profile is not None and profile.lengths is not None
        ]
        return "".join(lengths)
    return ""


def _unlike(found: Description, respect: str) -> str | None:
    gap = found.unlike.get(respect)
    if gap is None:
        return None
    chance = found.by_chance.get(respect)
    usual = (
        ""
        if chance is None
        else f"; so many cases of this traffic would by chance be at about {figures.percent(chance)}"
    )
    return f"{figures.percent(gap)} of the corpus lies elsewhere than the traffic{usual}."


def _table(pairs: Iterable[Pair], both: tuple[bool, bool]) -> dict[str, Json]:
    heads: list[tuple[str, bool]] = [("part", False)]
    heads += [("records", True), ("of the traffic", True)] if both[0] else []
    heads += [("cases", True), ("of the corpus", True)] if both[1] else []
    weighted = any(pair.corpus is not None and pair.corpus.weighted is not None for pair in pairs)
    heads += [("of the cases", True)] if both[1] and weighted else []
    return {"heads": heads, "lines": [_line(pair, both, weighted=weighted) for pair in pairs]}


def _line(pair: Pair, both: tuple[bool, bool], *, weighted: bool) -> dict[str, Json]:
    cells: list[Json] = []
    for part, there in ((pair.traffic, both[0]), (pair.corpus, both[1])):
        if there:
            cells += [_cell(_count(part), None if part is None else part.count)]
            cells += [_cell(figures.percent(share_of(part)), share_of(part))]
    if both[1] and weighted:
        share = 0.0 if pair.corpus is None else pair.corpus.share
        cells.append(_cell(figures.percent(share), share))
    return {"name": label(pair.name, 80), "tags": (), "cells": cells, "chosen": False}


def _cell(text: str, value: float | None) -> dict[str, Json]:
    shown = 0 if value is None else value
    return {"text": text, "value": shown, "number": True, "href": "", "status": "", "range": "", "why": ""}


def _count(part: Part | None) -> str:
    return "0" if part is None else f"{part.count:,}"


def _facts(found: Description) -> list[dict[str, str]]:
    facts = []
    for title, profile in (("Traffic", found.traffic), ("Corpus", found.corpus)):
        if profile is not None:
            unit = "record" if title == "Traffic" else "case"
            facts.append({"title": title, "big": f"{profile.n:,}", "small": f"{unit}s, {_span(profile)}"})
    if found.corpus is not None and found.corpus.n:
        labelled = found.corpus.labelled / found.corpus.n
        small = f"{found.corpus.labelled:,} of {found.corpus.n:,} cases"
        facts.append({"title": "With a reference", "big": figures.percent(labelled), "small": small})
    if found.unlike:
        worst = max(found.unlike, key=lambda name: found.unlike[name])
        small = f"of the corpus, by {worst}"
        facts.append(
            {
                "title": "Elsewhere than its traffic",
                "big": figures.percent(found.unlike[worst]),
                "small": small,
            }
        )
    return facts


def _span(profile: Profile) -> str:
    if profile.first is None or profile.last is None:
        return "times unknown"
    first, last = (
        datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d") for time in (profile.first, profile.last)
    )
    return first if first == last else f"{first} to {last}"


def _shifts(found: Description) -> dict[str, Json] | None:
    if not found.shifts:
        return None
    heads = [("part", False), ("of", False), ("traffic", True), ("corpus", True), ("difference", True)]
    lines = [
        {
            "name": label(gap.name, 60),
            "tags": (),
            "chosen": False,
            "cells": [
                {**_cell(_OF.get(gap.of, gap.of), None), "number": False, "value": gap.of},
                _cell(figures.percent(gap.traffic), gap.traffic),
                _cell(figures.percent(gap.corpus), gap.corpus),
                _cell(figures.points(gap.corpus - gap.traffic), gap.corpus - gap.traffic),
            ],
        }
        for gap in found.shifts
    ]
    return {"heads": heads, "lines": lines}


def _untimed(found: Description) -> str | None:
    parts = [
        f"{profile.untimed:,} {unit}"
        for profile, unit in ((found.traffic, "records"), (found.corpus, "cases"))
        if profile is not None and profile.untimed
    ]
    return f"Without a time: {', '.join(parts)}." if parts else None


def _provenance(found: Description, generated: str) -> list[tuple[str, str]]:
    rows = [("Corpus", visible(found.path))]
    if found.sources:
        rows.append(("Traffic", ", ".join(visible(name) for name in found.sources)))
    rows.append(
        ("Strata", "none were named" if found.strata_by is None else f"by {visible(found.strata_by)}")
    )
    rows.append(("Splits", _counted(found.splits) or "not split"))
    rows.append(("Pools, counted apart", _counted(found.pools) or "none"))
    rows.append(("Unlike", "total variation distance between the shares; cases count by their weights"))
    rows.append(("Generated", visible(generated)))
    return rows


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{visible(name)} {count:,}" for name, count in counts.items())
