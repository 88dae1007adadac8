"""A report on routes made by hand, with names as hostile as they come."""

from passmuster.records.routing import (
    Ratio,
    RouteCurve,
    RoutedCandidate,
    RoutePoint,
    RouteReport,
    RouteRule,
    RouteStage,
    RoutingReport,
    SliceReport,
)
from passmuster.records.score import Difference, Estimate

HOSTILE = '</style><script>alert(1)</script>| \x1b[31m"""\n# {x}\u202e \ud800 \\'
"""What a name of a candidate, a slice or a task may be."""


def estimate(value: float) -> Estimate:
    """Return a figure with an interval around it."""
    return Estimate(value=value, low=value * 0.9, high=min(1.0, value * 1.1), n=100, method="t")


def single(name: str, candidate: str) -> RouteReport:
    """Return a route that asks one candidate for all."""
    return RouteReport(
        name=name,
        kind="single",
        aim="quality",
        rules=(RouteRule(slice=None, stages=(RouteStage(candidate=candidate),), cases=100),),
        quality=estimate(0.8),
        cost_per_task=estimate(0.01),
        cost_per_success=estimate(0.0125),
        latency_p50=estimate(0.5),
        latency_p95=estimate(0.9),
        failure_rate=estimate(0.0),
        asked={candidate: 1.0},
        gain=Difference(value=0.0, low=-0.02, high=0.02, p=1.0, n=100, method="t"),
        seen_gain=0.0,
        optimism=0.0,
    )


def by_slice(name: str, other: str, sliced: str) -> RouteReport:
    """Return a route that gains."""
    return RouteReport(
        name="best of each stratum",
        kind="slices",
        aim="quality",
        rules=(
            RouteRule(slice=sliced, stages=(RouteStage(candidate=other),), cases=40),
            RouteRule(slice=None, stages=(RouteStage(candidate=name),), cases=60),
        ),
        quality=estimate(0.85),
        cost_per_task=estimate(0.008),
        cost_per_success=estimate(0.0094),
        latency_p50=estimate(0.5),
        latency_p95=estimate(0.9),
        failure_rate=estimate(0.01),
        asked={name: 0.6, other: 0.4},
        gain=Difference(value=0.05, low=0.01, high=0.09, p=0.01, n=100, method="t"),
        p=0.02,
        p_margin=0.001,
        cost_ratio=Ratio(value=0.8, low=0.7, high=0.9),
        p_cheaper=0.001,
        seen_gain=0.07,
        optimism=0.02,
        changed=0.4,
        status="gain",
        sentence=f"Better than {name} for all.",
    )


def cascade(name: str, other: str) -> RouteReport:
    """Return a cascade of which nothing is shown."""
    stages = (
        RouteStage(candidate=other, signal="confidence", least=0.8125),
        RouteStage(candidate=name),
    )
    return RouteReport(
        name=f"{other} -> {name}",
        kind="cascade",
        aim="cost",
        rules=(RouteRule(slice=None, stages=stages, cases=100),),
        quality=estimate(0.79),
        cost_per_task=estimate(0.004),
        cost_per_success=estimate(0.005),
        latency_p50=estimate(0.3),
        latency_p95=Estimate(value=None, n=0, method="no data"),
        failure_rate=estimate(0.0),
        asked={other: 1.0, name: 0.3},
        gain=Difference(value=-0.01, low=-0.05, high=0.03, p=0.6, n=100, method="t"),
        changed=1.0,
        last=name,
        versus_last=Difference(value=-0.01, low=-0.05, high=0.03, p=0.6, n=100, method="t"),
        sentence="No gain shown.",
    )


def curve(name: str, other: str) -> RouteCurve:
    """Return the curve of the cascade."""
    points = tuple(
        RoutePoint(share=share, least=(None,), quality=estimate(0.7 + share / 10), cost=0.001 + share / 100)
        for share in (0.0, 0.5, 1.0)
    )
    lift = Estimate(value=0.02, low=0.01, high=0.03, n=100)
    return RouteCurve(stages=(other, name), signal="confidence", points=points, lift=lift)


def routing_sample(name: str = "large", other: str = "small", sliced: str = "claims") -> RoutingReport:
    """Return a report with a route by slice and a cascade, of which the first is recommended."""
    return RoutingReport(
        task=sliced,
        generated="2026-11-22T00:00:00Z",
        corpus="3f9a",
        cases=100,
        left_out=3,
        quality="accuracy",
        slice_by="stratum",
        margin=0.02,
        alpha=0.05,
        folds=10,
        orders=10,
        seed=1,
        candidates=tuple(
            RoutedCandidate(
                name=each, quality=estimate(0.8), cost_per_task=estimate(0.01), latency_p95=estimate(0.9)
            )
            for each in (name, other)
        ),
        slices=tuple(
            SliceReport(name=each, cases=50, quality={name: estimate(0.8)}) for each in (sliced, "rest")
        ),
        best=single("best single", name),
        cheapest=None,
        routes=(by_slice(name, other, sliced), cascade(name, other)),
        curves=(curve(name, other),),
        recommended="best of each stratum",
        sentence=f"Route: best of each stratum. Better than {name} for all.",
        notes=(f"{other} was asked little.",),
    )
