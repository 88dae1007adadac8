"""`corpus label model` on a project: which candidate, which cases, what it would cost, and the run."""

from dataclasses import dataclass, replace

from passmuster.adapters.ingest.labels import append_labels
from passmuster.corpus.labels.standing import known_labels, standing
from passmuster.errors import UsageError
from passmuster.ports import Progress
from passmuster.project.asking import Estimate, SideRun, run_beside
from passmuster.project.corpus.label import open_files, read_log
from passmuster.project.corpus.opening import Corpus
from passmuster.project.names import asked_candidates
from passmuster.records.candidate import Candidate, Prompt, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.record import Record
from passmuster.runner.plan import Plan, plan
from passmuster.workflows import estimate as estimating
from passmuster.workflows import run as running
from passmuster.workflows.corpus.label import Wanted, distinct, take_in, to_label, typed
from passmuster.workflows.corpus.label_model import ModelLabels, labeller, model_labels


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWish(Record):
    """How a model is to label.

    `candidate` is its name in the project. `labels` are those that there are (default: those that references
    use). `prompt` is asked with instead of ours, `own_prompt` takes the candidate's own. `again` also takes the cases
    that it has labelled already. `budget` is US dollars.
    """

    candidate: str
    wanted: Wanted
    labels: tuple[str, ...] = ()
    prompt: str | None = None
    own_prompt: bool = False
    again: bool = False
    splits: tuple[str, ...] = ()
    budget: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPlan(Record):
    """What a labelling run would ask: the candidate as it is asked, the cases, and the labels to choose from."""

    candidate: Candidate
    named: str
    cases: tuple[Case, ...]
    labels: tuple[str, ...]
    budget: float | None = None


def plan_labels(corpus: Corpus, wish: ModelWish) -> LabelPlan:
    """Return what a labelling run would ask: cases that this machine has not labelled yet.

    Raises:
        UsageError: for an unknown candidate, or where nothing is left to label.
    """
    project = corpus.need_project("to ask a model")
    (chosen,) = asked_candidates(project, [wish.candidate])
    files, log = open_files(corpus, wish.splits), read_log(corpus)
    cases = distinct(files)
    done = standing(log, cases)
    left = [
        case
        for case in cases
        if wish.again or not any(label.annotator == chosen.name for label in done.of(case.id, "machine"))
    ]
    if not left:
        raise UsageError(f"{chosen.name} has labelled all of these cases", hint="Ask it again: --again")
    wanted = to_label(left, log, wish.wanted)
    if not wanted:
        raise UsageError(
            f"no case that {chosen.name} has not labelled is {wish.wanted.which}",
            hint="Label others: --which all",
        )
    everything = distinct(open_files(corpus))
    labels = wish.labels or known_labels(everything)
    own = wish.own_prompt or (not labels and wish.prompt is None)
    prompt = None if wish.prompt is None else Prompt(name="label", user=wish.prompt)
    return LabelPlan(
        candidate=labeller(chosen, labels, prompt, own=own),
        named=chosen.name,
        cases=tuple(wanted),
        labels=labels,
        budget=project.settings.budget if wish.budget is None else wish.budget,
    )


def estimate_labels(corpus: Corpus, planned: LabelPlan) -> Estimate:
    """Return what a labelling run would cost; no model is called.

    Raises:
        StoreError: where the store cannot be read.
    """
    project = corpus.need_project("to ask a model")
    whole = _whole(planned)
    with project.store() as store:
        done = store.done(whole.candidates)
        history = {key: store.trials([key], newest_first=True) for key in whole.candidates}
        lanes = [
            (candidate, (ask for ask in running.receivable(whole, key) if ask.key not in done))
            for key, candidate in whole.candidates.items()
        ]
        return estimating.estimate(lanes, history)


def _whole(planned: LabelPlan) -> Plan:
    return plan(planned.cases, [planned.candidate])


def label_by_model(corpus: Corpus, planned: LabelPlan, progress: Progress) -> ModelLabels:
    """Ask for the labels in an ordinary run, write them to the log as a machine's, and return them.

    Replies are stored like all others, so a run that stopped goes on, and none is paid for a second time. Labels that
    are there already are not written again.

    Raises:
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be written.
        CorpusError: where the log cannot be written, and where people's labels are in it under this name.
    """
    project = corpus.need_project("to ask a model")
    # The same provider asks with another prompt: it is given the conversation, and knows no template.
    side = SideRun(
        label="labels",
        names=(planned.named,),
        cases=planned.cases,
        asked_as=lambda _own: planned.candidate,
        budget=planned.budget,
    )
    end = run_beside(project, side, progress)
    digest = candidate_digest(planned.candidate)
    wanted = {case_digest(case) for case in planned.cases}
    with project.store() as store:
        trials = [trial for trial in store.trials([digest]) if trial.key.case in wanted]
    found = model_labels(planned.candidate, trials, planned.cases, planned.labels, end)
    cases = distinct(open_files(corpus))
    found = replace(found, labels=typed(found.labels, cases))
    new = take_in(found.labels, read_log(corpus), cases, source=planned.named, now=corpus.clock.now()).labels
    if new:
        append_labels(corpus.folder.labels, new)
    return found
