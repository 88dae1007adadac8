"""What people are asked of a reply: the rubric of the judge, or whether it is right where a metric asks nobody."""

from collections.abc import Sequence
from dataclasses import replace

from passmuster.errors import UsageError
from passmuster.metrics.judges.judge import RubricJudge
from passmuster.metrics.judges.rubric import HIGHEST, Criterion, JudgingMetric, Rubric
from passmuster.metrics.metric import Metric
from passmuster.project.load import Project
from passmuster.project.rating.replies import find_metric
from passmuster.workflows.scoring import unsettled


def rubric_of(metric: Metric) -> Rubric:
    """Return what people are asked so that their ratings are in the unit of a metric.

    A metric that asks nobody is asked about by its name: on its scale where that is one of whole numbers, else
    pass or fail.

    Example:
        >>> from passmuster.metrics.text.exact_match import ExactMatch
        >>> rubric_of(ExactMatch()).binary
        True
    """
    bare = unsettled(metric)
    if isinstance(bare, RubricJudge) and bare.reference is not None:
        return replace(bare.rubric, reference=bare.reference)
    if isinstance(bare, JudgingMetric):
        return bare.rubric
    low, high = metric.bounds
    whole = 0 <= low < high <= HIGHEST and low == int(low) and high == int(high)
    scale = (int(low), int(high)) if whole else (0, 1)
    question = f"Is the reply right, as {metric.name} means it?"
    return Rubric(
        name=metric.name,
        criteria=(Criterion(name=metric.name, question=question),),
        low=scale[0],
        high=scale[1],
    )


def asked_metric(project: Project, name: str | None = None) -> Metric:
    """Return the metric that people are asked about: the one that is named, else the only judge or the only metric.

    Raises:
        UsageError: where there are several and none is named, or for a name that no metric has.
    """
    if name is not None:
        return find_metric(project, name)
    metrics: Sequence[Metric] = project.metrics()
    judging = [metric for metric in metrics if isinstance(unsettled(metric), JudgingMetric)]
    for some in (judging, metrics):
        if len(some) == 1:
            return some[0]
    names = ", ".join(metric.name for metric in (judging or metrics)) or "none"
    raise UsageError("say which metric people are asked about", hint=f"--metric NAME; there are: {names}")
