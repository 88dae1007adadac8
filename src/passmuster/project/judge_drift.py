"""Whether the judges of a project moved, from the files beside the cases: no store is read and nobody is asked."""

from collections.abc import Mapping, Sequence

from passmuster.decide.judging.drift import ALPHA, judge_drift
from passmuster.project.judges import Judge, judges_of
from passmuster.project.load import Project
from passmuster.records.judge_drift import JudgeDrift
from passmuster.records.rating import Anchor


def anchors_of(project: Project) -> Mapping[str, tuple[Anchor, ...]]:
    """Return the anchors of today of each metric that has any: those that were drawn last.

    Raises:
        CorpusError: where a line of the file is broken.
    """
    found: dict[str, list[Anchor]] = {}
    for anchor in project.ratings.anchors.read():
        own = found.setdefault(anchor.metric, [])
        if own and own[0].set != anchor.set:
            own.clear()
        own.append(anchor)
    return {metric: tuple(own) for metric, own in found.items()}


def drift(project: Project, judge: Judge, anchors: Sequence[Anchor]) -> JudgeDrift:
    """Return what the checks so far say of a judge; nothing is asked."""
    name = anchors[0].set if anchors else ""
    checks = [
        each for each in project.ratings.checks.read() if each.metric == judge.name and each.set == name
    ]
    digests = [anchor.digest for anchor in anchors]
    return judge_drift(judge.name, digests, checks, binary=judge.metric.binary, alpha=ALPHA)


def drift_of(project: Project) -> Mapping[str, JudgeDrift]:
    """Return what the checks so far say of each judge that has anchors; nothing is asked, and no store is read.

    Raises:
        CorpusError: where a line of the files of anchors or checks is broken.

    Example:
        >>> drift_of(project)["quality"].status  # doctest: +SKIP
        'steady'
    """
    judges = judges_of(project)
    found = anchors_of(project) if judges else {}
    return {judge.name: drift(project, judge, found[judge.name]) for judge in judges if judge.name in found}
