"""Judges that must not know whom they judge: `independent: true` on a metric."""

from collections.abc import Callable, Sequence

from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.families import akin
from passmuster.metrics.judges.rubric import JudgingMetric
from passmuster.metrics.metric import Metric
from passmuster.project.yaml import Document, Path
from passmuster.records.candidate import Candidate


def refuse_kin(
    metrics: Sequence[Metric],
    document: Document,
    scorer: Callable[[str], Candidate],
    candidates: Callable[[], Sequence[Candidate]],
) -> None:
    """Refuse a judge of a candidate's own model or family where a metric says `independent`.

    Args:
        metrics: The metrics of the task, as they were opened, in the order of the file.
        document: The project file.
        scorer: Finds a scorer by its name.
        candidates: Gives the candidates; it is asked only where a metric wants to be independent.

    Raises:
        ConfigurationError: at the first such metric, with all the candidates that its judge is akin to.
    """
    for index, metric in enumerate(metrics):
        if isinstance(metric, JudgingMetric) and metric.independent:
            names = (metric.asks,) if isinstance(metric.asks, str) else metric.asks
            kin = akin([scorer(name) for name in names], candidates())
            if kin:
                told = "; ".join(f"{name} is {shared}" for name, shared in kin.items())
                raise ConfigurationError(
                    f"the judge of {metric.name!r} must be independent of the candidates, and is not: {told}",
                    place=document.value(_place(index, metric.name, document)),
                    hint="Let a model of another family judge, or leave `independent` out and be warned.",
                )


def _place(index: int, name: str, document: Document) -> Path:
    at: Path = ("metrics", index)
    places = ((*at, "independent"), (*at, name, "independent"))
    return next((found for found in places if found in document.values), at)
