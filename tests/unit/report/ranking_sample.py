"""A ranking with everything in it, and names that would do harm."""

from passmuster.records.ranking import Effect, Meeting, RankedReport, Ranking
from passmuster.records.score import Estimate

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"


def figure(value: float, half: float = 0.2) -> Estimate:
    """Return a figure with its interval."""
    return Estimate(value=value, low=value - half, high=value + half, n=40, method="Bradley-Terry")


def row(name: str, value: float, first: int | None, last: int | None, island: int = 0) -> RankedReport:
    """Return a candidate."""
    bounded = first is not None
    return RankedReport(
        candidate=name,
        island=island,
        strength=figure(value) if bounded else Estimate(value=value, n=40, note="without bound"),
        elo=figure(1000 + 174 * value, 35) if bounded else Estimate(value=1000.0),
        points=figure(0.5),
        wins=20,
        ties=4,
        losses=16,
        cases=40,
        first=first,
        last=last,
        adjusted=figure(value / 2),
    )


RANKING = Ranking(
    metric="better",
    source="people",
    candidates=(row("large", 0.8, 1, 1), row(HOSTILE, 0.0, 2, 3), row("small", -0.8, 2, 3)),
    meetings=(
        Meeting(one="large", other=HOSTILE, wins=30, ties=4, losses=6, cases=40, share=figure(0.8, 0.1)),
        Meeting(one="large", other="small", wins=36, ties=0, losses=4, cases=40, share=figure(0.9, 0.05)),
    ),
    choices=120,
    cases=40,
    raters=("ana", HOSTILE, "cy"),
    method="Bradley-Terry, cluster-robust by case and rater",
    clustered=("case", "rater"),
    islands=(("large", HOSTILE, "small"),),
    left_out={"the rater could not tell": 3},
    position=Effect(name="shown first", effect=figure(0.4), p=0.012, share=figure(0.6, 0.05)),
    style=(Effect(name="length", effect=figure(1.2), p=0.0004),),
    styled=110,
    remarks=(
        f"nothing connects large and {HOSTILE}",
        "of two equal replies the one shown first is preferred",
    ),
    date="2026-03-01",
    generated="2026-03-02T10:00:00Z",
)
