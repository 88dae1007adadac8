"""`corpus refresh` on a folder: each step by the function of its own verb."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.files.lines import write_lines
from passmuster.corpus.labels.settle import SettleRule
from passmuster.corpus.versions.frozen import SHORT
from passmuster.errors import CorpusError, Place, UsageError
from passmuster.ports import Progress
from passmuster.project.asking import Estimate, estimate, run
from passmuster.project.corpus.diff import version_scores
from passmuster.project.corpus.drift import newest_import
from passmuster.project.corpus.freeze import freeze
from passmuster.project.corpus.label import open_files, read_log, settle_labels
from passmuster.project.corpus.label_exchange import ExportWish, export_labels, import_labels
from passmuster.project.corpus.label_model import ModelWish, estimate_labels, label_by_model, plan_labels
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.sample import SampleOrder, sample, unsplit_cases
from passmuster.project.corpus.split import HoldoutWish, split
from passmuster.project.corpus.versions import state
from passmuster.project.load import load_project
from passmuster.records.case import Case
from passmuster.records.digest import plain
from passmuster.records.label import LabelForm
from passmuster.records.version import VersionScores
from passmuster.workflows.corpus.label import Wanted, distinct
from passmuster.workflows.corpus.refresh import Refreshed, RefreshState, RefreshSteps
from passmuster.workflows.corpus.refresh import refresh as refreshing

__all__ = ["RefreshWish", "Refreshed", "refresh", "state_file"]

USUAL_SHEET = "to_label-{version}.csv"
"""The sheet for people, beside the cases, where no other is named; each refresh has one of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshWish:
    """How to refresh.

    `size` cases are drawn from the imports `sources` (none: the newest), by `strata`. `labeller` is the candidate that labels
    first, `accept` takes its labels where no person has looked, `blind` hides them from people. `sheet` is what people
    fill in. `ask` also asks the candidates the new cases. `spend` says that spending beyond the project's `ask_above`
    is agreed to, `budget` is the most in US dollars, for labels and for the run each.
    """

    size: int = 100
    seed: int = 0
    sources: tuple[str, ...] = ()
    strata: str | None = None
    labeller: str | None = None
    accept: bool = False
    blind: bool = False
    sheet: Path | None = None
    unlabelled: bool = False
    ask: bool = False
    spend: bool = False
    budget: float | None = None


def state_file(corpus: Corpus) -> Path:
    """Return the file that says how far a refresh has come; there is none while none is going on."""
    return corpus.folder.path / "refresh.json"


def refresh(corpus: Corpus, wish: RefreshWish, progress: Progress) -> Refreshed:
    """Bring the corpus up to date with the newest traffic; again after people have labelled.

    Raises:
        UsageError: where there is no traffic, or more would be spent than was agreed to.
        CorpusError: where a file is wrong or cannot be written.
    """
    if wish.accept and wish.labeller is None:
        raise UsageError("nobody is named whose labels are to be accepted", hint="Add --label-with CANDIDATE")
    steps = _Steps(corpus, wish, progress)
    ports = RefreshSteps(
        waiting=lambda: unsplit_cases(corpus.folder),
        cases=steps.cases,
        sample=steps.sample,
        label=steps.label,
        queue=steps.queue,
        settle=steps.settle,
        split=lambda: split(corpus, wish=HoldoutWish(none=True)),
        freeze=lambda note: freeze(corpus, note).version.version,
        run=steps.run,
        scores=steps.scores,
        keep=steps.keep,
        now=corpus.clock.now,
    )
    return refreshing(ports, _kept(state_file(corpus)), unlabelled=wish.unlabelled)


def _kept(path: Path) -> RefreshState | None:
    if not path.is_file():
        return None
    try:
        return TypeAdapter(RefreshState).validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise CorpusError(
            "this is no state of a refresh",
            place=Place(str(path)),
            hint="Take it away to begin a new one; cases that were drawn wait to be split all the same.",
        ) from None


class _Steps:
    """The steps that need more than a line."""

    def __init__(self, corpus: Corpus, wish: RefreshWish, progress: Progress) -> None:
        self._corpus = corpus
        self._wish = wish
        self._progress = progress

    def cases(self) -> dict[str, Case]:
        return {case.id: case for case in distinct(open_files(self._corpus))}

    def sample(self) -> None:
        wish = self._wish
        sources = wish.sources or newest_import(self._corpus)
        order = SampleOrder(size=wish.size, seed=wish.seed)
        sample(self._corpus, order, strata=wish.strata, sources=sources)

    def label(self, ids: tuple[str, ...]) -> int:
        if self._wish.labeller is None:
            return 0
        wanted = Wanted(which="all", ids=ids)
        planned = plan_labels(
            self._corpus, ModelWish(candidate=self._wish.labeller, wanted=wanted, budget=self._wish.budget)
        )
        self._agreed(estimate_labels(self._corpus, planned))
        found = label_by_model(self._corpus, planned, self._progress)
        if found.run.status != "complete":
            raise CorpusError(
                f"{self._wish.labeller} has labelled {len(found.labels)} of {len(ids)} cases: {found.run.status}",
                hint="Give the same command again: it goes on.",
            )
        return len(found.labels) - found.unreadable

    def _agreed(self, expected: Estimate) -> None:
        limit = self._corpus.need_project("to ask a model").settings.ask_above
        likely = sum(each.expected or 0.0 for each in expected.candidates)
        if likely > limit and not self._wish.spend and self._wish.budget is None:
            raise UsageError(
                f"this is expected to spend ${likely:.2f}, more than ${limit:.2f} (ask_above)",
                hint="Say --yes, or set a limit that is never passed: --budget USD.",
            )

    def queue(self, ids: tuple[str, ...]) -> str:
        kept = _kept(state_file(self._corpus))
        name = USUAL_SHEET.format(version="" if kept is None else kept.before[:SHORT])
        out = self._wish.sheet or self._corpus.folder.path / name
        machines = {label.annotator for label in read_log(self._corpus) if label.kind == "machine"}
        shown = None if self._wish.blind or self._wish.labeller not in machines else self._wish.labeller
        wish = ExportWish(wanted=Wanted(which="all", ids=ids), suggest=shown)
        return next(iter(export_labels(self._corpus, out, wish).files))

    def settle(self, sheet: str | None) -> None:
        if sheet is not None and Path(sheet).is_file():
            import_labels(self._corpus, [Path(sheet)], LabelForm())
        machines = (self._wish.labeller,) if self._wish.accept and self._wish.labeller is not None else ()
        if read_log(self._corpus):
            settle_labels(self._corpus, SettleRule(machines=machines))

    def run(self) -> str | None:
        if not self._wish.ask:
            return None
        project = load_project(self._corpus.need_project("to ask the candidates").path)  # with the new cases
        self._agreed(estimate(project))
        return run(project, budget=self._wish.budget, progress=self._progress).status

    def scores(self, before: str, after: str) -> tuple[VersionScores, ...]:
        if self._corpus.project is None:
            return ()
        states = [state(self._corpus, name)[1] for name in (before, after)]
        return version_scores(self._corpus.project, *states)

    def keep(self, found: RefreshState | None) -> None:
        path = state_file(self._corpus)
        if found is None:
            path.unlink(missing_ok=True)
            return
        write_lines(path, [json.dumps(plain(found), ensure_ascii=False, sort_keys=True)])
