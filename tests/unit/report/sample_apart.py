"""The decided sample with cases that are measured apart, and cases that stand for different numbers of cases."""

from dataclasses import replace

from passmuster.records.comparison import ApartReport, Comparison, PopulationReport
from passmuster.records.score import Estimate

LEDGER = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def apart(base: Comparison) -> Comparison:
    """Return the sample with two pools, a sealed holdout and weights."""
    names = [
        (row.name, row.metrics["accuracy"].value or 0.0) for row in base.candidates if row.kind != "manual"
    ]
    pools = tuple(
        PopulationReport(
            name=pool, cases=n, candidates=tuple(_apart(name, share - drop, n) for name, share in names)
        )
        for pool, n, drop in (("edge", 80, 0.12), ("adversarial", 20, 0.3))
    )
    corpus = replace(base.corpus, holdout="sealed", effective=812.4, coverage=0.93, ledger=LEDGER)
    return replace(base, corpus=corpus, apart=pools)


def _apart(name: str, share: float, n: int) -> ApartReport:
    low, high = max(0.0, share - n**-0.5), min(1.0, share + n**-0.5)
    right = Estimate(value=share, low=low, high=high, n=n, method="Wilson")
    failed = Estimate(value=0.0, low=0.0, high=4 / n, n=n, method="Wilson")
    return ApartReport(candidate=name, metrics={"accuracy": right}, success=right, failures=failed)
