"""What `passmuster corpus label` tells people."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.options import CorpusOptions
from passmuster.corpus.labels.agreement import AnnotatorFigures, LabelAgreement, PairAgreement
from passmuster.project.corpus.label_exchange import Exported, ExportWish
from passmuster.report.escape import line, visible
from passmuster.report.figures import interval
from passmuster.workflows.corpus.label import NAMED, Intake, Settled

COEFFICIENTS = {
    "raw": "raw agreement",
    "cohen_kappa": "Cohen's kappa",
    "fleiss_kappa": "Fleiss' kappa",
    "gwet_ac1": "Gwet's AC1",
    "krippendorff_alpha": "Krippendorff's alpha",
}
DISPUTES_SHOWN = 10


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table of harmless text, without lines."""
    made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head in heads:
        made.add_column(head, overflow="fold", min_width=min(len(head), 9))
    for row in rows:
        made.add_row(*(Text(visible(cell)) for cell in row))
    return made


def tell_export(common: CorpusOptions, done: Exported, wish: ExportWish) -> None:
    """Say which sheets were written, and what comes next."""
    for path, rows in done.files.items():
        common.say(f"{path}: {rows:,} cases")
    if len(done.files) > 1:
        common.say(f"{done.shared:,} of {done.cases:,} cases are seen by several annotators.")
    if wish.reference or wish.suggest:
        common.say("Another answer is in sight: these labels will not count as independent looks.")
    if done.labels:
        common.say(f"Labels so far: {line(', '.join(done.labels), 300)}")
    if wish.form in {"csv", "jsonl"}:
        common.say("People fill in `label`, or `skipped`. Then: passmuster corpus label import FILE")
    else:
        common.say("A file beside sets the tool up. With its export: passmuster corpus label import FILE")


def tell_intake(common: CorpusOptions, intake: Intake, *, dry_run: bool) -> None:
    """Say what was taken in, and what was left out."""
    who = ", ".join(f"{visible(name)} {count:,}" for name, count in (intake.who or {}).items())
    verb = "would be taken in" if dry_run else "taken in"
    common.say(f"{len(intake.labels):,} labels {verb}{f': {who}' if who else ''}")
    left = {
        "were here already": intake.again,
        "rows have no label yet": intake.blank,
        f"name cases that are not open here{_named(intake.unknown)}": len(intake.unknown),
        f"are of an input that has changed since{_named(intake.stale)}": len(intake.stale),
    }
    for words, count in left.items():
        if count:
            common.say(f"{count:,} {words}")
    for words, count in (intake.left or {}).items():
        common.say(f"{count:,} left out: {line(words, 200)}")
    strange = list((intake.strange or {}).items())[:NAMED]
    if strange:
        listed = ", ".join(f"{line(text, 60)} ({count:,})" for text, count in strange)
        common.say(f"No reference uses these labels; a slip, or new ones: {listed}")
    common.say("Next: passmuster corpus label agreement, then passmuster corpus label settle")


def _named(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = ", ..." if len(names) > NAMED else ""
    return f" ({', '.join(line(name, 60) for name in names[:NAMED])}{more})"


def tell_agreement(common: CorpusOptions, found: LabelAgreement) -> None:
    """Print the coefficients, the pairs, the annotators and what they confuse; people and machines apart."""
    console = console_of(color=common.color)
    _tell_people(console, found)
    pairs = ("", "and", "raw", "Cohen's kappa", "cases")
    if found.pairs:
        console.print("\nPairs of people")
        console.print(table(pairs, map(_pair, found.pairs)))
    if found.machines:
        console.print("\nMachines, against what most people say (never part of the figures of people)")
        console.print(table(pairs, map(_pair, found.machines)))
    if found.annotators:
        console.print("\nAnnotators")
        heads = ("who", "kind", "labels", "unsure", "with other people", "with references")
        console.print(table(heads, map(_annotator, found.annotators)))
    if found.confusions:
        console.print("\nLabels that people confuse")
        confused = ((each.first, each.second, f"{each.count:,}") for each in found.confusions)
        console.print(table(("one says", "another", "pairs"), confused))
    for note in found.notes:
        common.say(f"{note[:1].upper()}{note[1:]}.")
    if found.people:
        common.say("Next: passmuster corpus label settle")
    else:
        common.say("Next: passmuster corpus label export OUT --annotator ANA --annotator BEN")


def _tell_people(console: Console, found: LabelAgreement) -> None:
    if not found.people:
        return
    people = [visible(each.name) for each in found.annotators if each.kind == "human"]
    console.print(f"People: {', '.join(people)}; {found.cases:,} cases, 95% intervals", soft_wrap=True)
    rows = (
        (COEFFICIENTS[name], interval(figure), f"{figure.n:,}", figure.note or "")
        for name, figure in found.people.items()
    )
    console.print(table(("", "value", "cases", ""), rows))


def _annotator(each: AnnotatorFigures) -> tuple[str, ...]:
    counts = (f"{each.labels:,}", f"{each.unanswered:,}")
    shares = (interval(each.with_people, compact=True), interval(each.with_references, compact=True))
    return (each.name, each.kind, *counts, *shares)


def _pair(pair: PairAgreement) -> tuple[str, ...]:
    return (pair.first, pair.second, interval(pair.raw), interval(pair.kappa), f"{pair.raw.n:,}")


def tell_settlement(common: CorpusOptions, settled: Settled, *, sheet: Path | None, dry_run: bool) -> None:
    """Say what changed, list what a person must decide, and what only a machine has said."""
    found = settled.settlement
    new = sum(change.was is None for change in found.changed)
    relabelled = sum(change.relabelled for change in found.changed)
    verb = "would be written" if dry_run else "written"
    where = f" ({', '.join(sorted(settled.files))})" if settled.files else ""
    common.say(f"{len(found.changed):,} references {verb}{where}: {new:,} new, {relabelled:,} corrected")
    common.say(f"{len(found.confirmed):,} references stand as they are")
    marked = sum(change.kind == "machine" for change in found.changed)
    if marked:
        common.say(
            f"{marked:,} of the new ones are a machine's alone: their cases are tagged machine-labelled"
        )
    if found.machine_only:
        common.say(
            f"{len(found.machine_only):,} cases have labels of machines only; these make no reference. "
            "People look: passmuster corpus label export OUT. Or take them, marked: --accept-machine NAME"
        )
    if not found.disputes:
        common.say("Next: passmuster corpus freeze")
        return
    common.say(f"{len(found.disputes):,} cases need a person's decision:")
    if not common.quiet and not common.json:
        rows = [
            (each.case, each.why, "; ".join(f"{text}: {', '.join(who)}" for text, who in each.people.items()))
            for each in found.disputes[:DISPUTES_SHOWN]
        ]
        console_of(color=common.color).print(table(("case", "why", "people say"), rows))
    if sheet is None:
        common.say("Put them on a sheet: passmuster corpus label settle --disputes FILE.csv")
    else:
        common.say(f"Fill in {sheet}, then: passmuster corpus label import {sheet} --adjudicate --by NAME")
