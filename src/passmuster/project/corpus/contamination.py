"""Look for contamination: what candidates are given and learn from, what they complete, where their scores fall."""

from collections.abc import Iterator, Mapping, Sequence

from passmuster.corpus.contamination.cutoff import cutoff_time
from passmuster.corpus.contamination.limits import LIMITS
from passmuster.corpus.populations import populations
from passmuster.errors import UsageError
from passmuster.project.corpus.contamination_look import Look, Telling, Wish
from passmuster.project.corpus.contamination_runs import Job, estimate, plain
from passmuster.project.corpus.contamination_sources import overlap_of
from passmuster.project.corpus.opening import Corpus
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.contamination import (
    CandidateContamination,
    Contamination,
    NoveltyGap,
    RephraseGap,
)
from passmuster.records.corpus import CorpusVersion
from passmuster.workflows.compare import Question
from passmuster.workflows.corpus.contamination_probes import (
    FEWEST,
    canary_probe,
    guided_completion,
    judged,
    novelty_gaps,
    rephrase_gaps,
    replies,
)
from passmuster.workflows.estimate import Estimate

__all__ = ["Contamination", "Wish", "contamination", "expected", "overlap_of"]

ALPHA = 0.05


def expected(corpus: Corpus, wish: Wish) -> Estimate:
    """Return what the calls of a look would cost; rephrasings that do not exist yet count as their originals.

    Raises:
        UsageError: for an unknown candidate, or where calls are wanted and there is no project.
        StoreError: where the store cannot be read.
    """
    look = Look(corpus, corpus.need_project("to ask candidates"), wish)
    return estimate(look.project, _jobs(look))


def _jobs(look: Look) -> Iterator[Job]:
    yield from look.probes()
    yield from look.rephrasing()
    made = [(case, case) for case in look.to_rephrase()] if look.wish.rephrase_with else []
    yield from look.scored([*look.pairs(), *made])


def contamination(corpus: Corpus, wish: Wish, telling: Telling) -> Contamination:
    """Look for contamination; calls are made only by the methods that `ask` names.

    Without a project only the overlap is looked for.

    Args:
        corpus: An open corpus.
        wish: What is looked for, and how.
        telling: Opens what is told how a run goes on, one after the other.

    Raises:
        UsageError: without cases; for an unknown candidate, a wrong cut-off, or calls without a project.
        CorpusError: where a file is wrong.
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be read or written.
    """
    if corpus.project is None and (wish.ask or wish.only or wish.older or wish.rephrase_with or wish.cutoffs):
        corpus.need_project("to look at candidates")
    overlap = overlap_of(corpus, wish.learned)
    if not overlap.cases:
        raise UsageError(
            f"{corpus.folder.path}: there are no cases to look for, neither in eval nor in a pool",
            hint="Get some: passmuster corpus sample N, then passmuster corpus split",
        )
    if corpus.project is None:
        return Contamination(overlap=overlap, alpha=ALPHA, limits={"overlap": LIMITS["overlap"]})
    look = Look(corpus, corpus.project, wish)
    cutoffs = _cutoffs(look)
    look.run(look.probes(), telling)
    look.run(look.rephrasing(), telling)
    made = look.keep_rephrasings()
    look.run(look.scored(look.pairs()), telling)
    rephrase, novelty = _rephrase(look), _novelty(look, cutoffs)
    found = [_candidate(look, each, rephrase, novelty, cutoffs) for each in look.candidates]
    return Contamination(
        overlap=overlap,
        candidates=judged(found, ALPHA),
        alpha=ALPHA,
        limits=LIMITS,
        runs=tuple(look.runs),
        rephrasings=made,
    )


def _candidate(
    look: Look,
    candidate: Candidate,
    rephrase: Mapping[str, RephraseGap],
    novelty: Mapping[str, NoveltyGap],
    cutoffs: Mapping[str, float],
) -> CandidateContamination:
    said = replies(plain(candidate), look.trials([plain(candidate)])()) if candidate in look.models else {}
    found = CandidateContamination(
        candidate=candidate.name,
        canary=canary_probe(look.versions, said),
        completion=guided_completion(look.cut, look.source, said),
        rephrase=rephrase.get(candidate.name),
        novelty=novelty.get(candidate.name),
    )
    reasons = {
        "canary": _why_no_canary(look, candidate),
        "completion": _why_no_completion(look, candidate),
        "rephrase": _why_no_rephrase(look),
        "novelty": _why_no_novelty(look, candidate, cutoffs),
    }
    why = {name: reason for name, reason in reasons.items() if getattr(found, name) is None}
    return CandidateContamination(
        candidate=found.candidate,
        canary=found.canary,
        completion=found.completion,
        rephrase=found.rephrase,
        novelty=found.novelty,
        why_not=why,
    )


def _why_no_canary(look: Look, candidate: Candidate) -> str:
    if candidate not in look.models:
        return "it is no model that can be asked"
    if not look.versions:
        return "nothing is frozen yet, so there is no canary: passmuster corpus freeze"
    return "it gave no reply" if "canary" in look.wish.ask else "it was not asked: --ask canary"


def _why_no_completion(look: Look, candidate: Candidate) -> str:
    if candidate not in look.models:
        return "it is no model that can be asked"
    if len(look.cut) < FEWEST:
        return f"only {len(look.cut)} texts are long enough to be cut in two, and {FEWEST} are needed"
    if "completion" in look.wish.ask:
        return f"fewer than {FEWEST} texts have both answers"
    return "it was not asked: --ask completion"


def _why_no_rephrase(look: Look) -> str:
    count = len(look.pairs())
    if count == 0:
        return "there are no rephrased cases: --ask rephrase --rephrase-with CANDIDATE"
    if "rephrase" in look.wish.ask:
        return f"of {count} pairs fewer than {FEWEST} have scores"
    return f"fewer than {FEWEST} pairs have scores; to ask for them: --ask rephrase"


def _why_no_novelty(look: Look, candidate: Candidate, cutoffs: Mapping[str, float]) -> str:
    if candidate.name not in cutoffs:
        return "its training_cutoff is not stated"
    if not any(case.time is not None for case in look.cases):
        return "no case says when it was asked (`time`)"
    return f"fewer than {FEWEST} scored cases, in strata that have both, lie before the cut-off or after it"


def _cutoffs(look: Look) -> dict[str, float]:
    stated = {each.name: each.training_cutoff for each in look.candidates if each.training_cutoff is not None}
    return {name: cutoff_time(text) for name, text in {**stated, **look.wish.cutoffs}.items()}


def _question(look: Look) -> Question:
    path = look.project.settings.corpus.path
    return Question(
        task=look.project.task,
        metrics=look.project.metrics(),
        corpus=CorpusVersion(version="", path=path, split="eval", cases=()),
        candidates=look.candidates,
    )


def _rephrase(look: Look) -> dict[str, RephraseGap]:
    found = look.pairs()
    if len(found) < FEWEST:
        return {}
    return rephrase_gaps(_question(look), found, look.trials(look.candidates), look.wish.older)


def _novelty(look: Look, cutoffs: Mapping[str, float]) -> dict[str, NoveltyGap]:
    cases: Sequence[Case] = look.cases
    if not cutoffs or not cases:
        return {}
    main = populations(cases).main.positions
    return novelty_gaps(
        _question(look), [cases[place] for place in main], cutoffs, look.trials(look.candidates)
    )
