"""Reports of the gate with everything in them, and names that would do harm."""

from dataclasses import replace
from typing import Literal

from passmuster.records.gate import (
    Flip,
    GateLine,
    GatePolicy,
    GateReport,
    GateSide,
    Level,
    LineKind,
    ModeCheck,
    NoiseFloor,
)
from passmuster.records.score import Estimate

HOSTILE = (
    "::error::x\n::warning::y\r##[error]z]]>|<script>alert(1)</script>\x1b[31m\u202e\ud800\ufffe"
    '"&{{7*7}}`$(rm)`@team'
)


def figure(
    value: float | None, half: float | None = None, n: int = 1000, note: str | None = None
) -> Estimate:
    """Return a figure with its interval."""
    if value is None or half is None:
        return Estimate(value=value, n=n, note=note)
    return Estimate(value=value, low=value - half, high=value + half, n=n, method="t", note=note)


def row(
    name: str,
    kind: LineKind,
    level: Level,
    old: float | None,
    new: float | None,
    *,
    half: float = 0.01,
    **more: object,
) -> GateLine:
    """Return a row; latencies and costs change by their ratio."""
    known = old is not None and new is not None
    change = None
    if known:
        assert old is not None
        assert new is not None
        change = new / old - 1 if kind in ("latency", "cost") else new - old
    made = GateLine(
        name=name,
        kind=kind,
        level=level,
        old=figure(old, abs(old or 0) / 50),
        new=figure(new, abs(new or 0) / 50),
        change=figure(change, half),
        direction="higher" if kind == "quality" else "lower",
    )
    return replace(made, **more)  # type: ignore[arg-type]  # the fields of a row, by name


LINES = (
    row(
        "exact_match",
        "quality",
        "block",
        0.742,
        0.671,
        p=0.0004,
        adjusted_p=0.0008,
        reason="a drop of 5 points is not excluded, and a drop is shown",
    ),
    row("rouge_l", "quality", "pass", 0.512, 0.517, p=0.71, adjusted_p=0.71),
    row(
        "failure_rate", "failures", "investigate", 0.002, 0.014, p=0.03, reason="failures rose by 1.2 points"
    ),
    row("latency_p50", "latency", "pass", 0.71, 0.74, half=0.02, blocks=(1.02, 1.05, 1.06, 1.01, 1.07)),
    row(
        "latency_p95",
        "latency",
        "block",
        1.52,
        1.93,
        half=0.05,
        blocks=(1.31, 1.22, None, 1.28, 1.09),
        reason="it rose by 27 %, in 3 of 5 blocks",
    ),
    row(
        "latency_p99",
        "latency",
        "refused",
        2.9,
        3.1,
        half=0.3,
        reason="the load differs: 4.0 in flight beside 9.5",
    ),
    row(
        "cost_per_task", "cost", "undecided", 0.00041, None, reason="the price of the new version is unknown"
    ),
)

SLICES = (
    row("exact_match", "quality", "pass", 0.80, 0.79, slice="category typical", pooled=-0.02, half=0.03),
    row(
        "exact_match",
        "quality",
        "block",
        0.70,
        0.48,
        slice="stratum refunds",
        pooled=-0.17,
        half=0.08,
        p=0.0001,
        adjusted_p=0.002,
        reason="shown to be worse",
    ),
    row(
        "exact_match",
        "quality",
        "investigate",
        0.60,
        0.50,
        slice="category edge",
        role="edge",
        pooled=-0.08,
        half=0.09,
    ),
    row(
        "exact_match",
        "quality",
        "investigate",
        0.66,
        0.49,
        slice="input longer than 400 words",
        discovered=True,
        half=0.07,
    ),
    row(
        "exact_match",
        "quality",
        "undecided",
        0.5,
        0.5,
        slice="stratum rare",
        more_cases=180,
        half=0.4,
        reason="12 cases are too few",
    ),
)

MODES = (
    ModeCheck(
        mode="invents a clause",
        level="block",
        cases=4,
        failed=("r-1", "r-3"),
        severity="critical",
        link="https://tickets.example/17",
    ),
    ModeCheck(mode="wrong currency", level="pass", cases=3, severity="medium"),
    ModeCheck(mode="drops the date", level="undecided", cases=2, untested=("r-9",)),
)

FLIPS = (
    Flip(case="c-9", change="fixed", category="typical"),
    Flip(
        case="c-2",
        change="silent",
        category="edge",
        stratum="refunds",
        asked=3,
        old_right=3,
        new_right=0,
        regressed=True,
    ),
    Flip(
        case="r-1",
        change="silent",
        category="regression",
        failure_mode="invents a clause",
        asked=3,
        old_right=3,
        new_right=1,
        regressed=True,
    ),
    Flip(case="c-4", change="loud", category="typical", asked=3, old_right=2, new_right=3, regressed=False),
)

OLD = GateSide(
    name="small",
    digest="0123456789abcdef",
    model="small-2025-11",
    prompt="terse",
    asked="2026-03-01T09:00:00Z",
    age_days=12.3,
    path="reports/baseline_2026-03-01.json",
    corpus="3f9a2b",
    trials=1000,
)
NEW = GateSide(
    name="small-next", digest="fedcba98", model="small-2026-02", asked="2026-03-13T09:00:00Z", trials=1000
)

BLOCKED = GateReport(
    schema_version=1,
    task="complaints",
    generated="2026-03-13T10:00:00Z",
    old=OLD,
    new=NEW,
    corpus="3f9a2b",
    cases=1000,
    level="block",
    finding="systematic",
    sentence="small-next is worse than small: exact_match fell by 7.1 points, most of all in stratum refunds.",
    policy=GatePolicy(edge=("category edge",)),
    reasons=(
        "exact_match fell by 7.1 points (4.9 to 9.3).",
        "invents a clause: 2 of 4 regression cases fail for good.",
    ),
    lines=LINES,
    slices=SLICES,
    modes=MODES,
    flips=FLIPS,
    changes={"silent": 84, "loud": 12, "format": 40, "fixed": 25},
    floor=NoiseFloor(
        flip_rate=figure(0.031, 0.02, 100),
        churn=figure(0.09, 0.02),
        cases=100,
        source="the old version asked twice",
    ),
    left_out={"its reference is another one now": 14},
    notes=("Tokens are estimated.",),
    spend=0.37,
)

_FINDINGS: dict[Level, Literal["systematic", "noise", "unknown"]] = {
    "pass": "noise",
    "undecided": "unknown",
    "refused": "unknown",
}


def at(level: Level) -> GateReport:
    """Return a report whose level is this one, its rows as they are in one that is blocked, unless it passes."""
    made = replace(
        BLOCKED, level=level, finding=_FINDINGS.get(level, "systematic"), sentence=f"The gate says {level}."
    )
    if level != "pass":
        return made
    lines = tuple(replace(each, level="pass", reason="") for each in LINES[:4])
    return replace(
        made,
        lines=lines,
        slices=SLICES[:1],
        modes=MODES[1:2],
        flips=FLIPS[:1],
        reasons=(),
        changes={"fixed": 1},
    )


def hostile(text: str = HOSTILE) -> GateReport:
    """Return a report in which every text is this one."""
    side = replace(
        OLD,
        name=text,
        digest=text,
        model=text,
        prompt=text,
        asked=text,
        path=text,
        corpus=text,
    )
    return replace(
        BLOCKED,
        task=text,
        generated=text,
        old=side,
        new=side,
        corpus=text,
        sentence=text,
        reasons=(text, text),
        lines=tuple(replace(each, name=text, reason=text) for each in LINES),
        slices=tuple(replace(each, slice=text, name=text, reason=text) for each in SLICES),
        modes=tuple(
            replace(each, mode=text, failed=(text,), untested=(text,), severity=text, link=text)
            for each in MODES
        ),
        flips=tuple(
            replace(each, case=text, category=text, stratum=text, failure_mode=text) for each in FLIPS
        ),
        floor=replace(BLOCKED.floor, source=text),  # type: ignore[type-var]  # there is one
        left_out={text: 3},
        notes=(text,),
    )


def huge() -> GateReport:
    """Return a report with thousands of rows and a name of ten million letters."""
    long = "x" * 10_000_000
    lost = Flip(
        case="", change="silent", category="typical", asked=3, old_right=3, new_right=0, regressed=True
    )
    return replace(
        BLOCKED,
        sentence=long,
        new=replace(NEW, name=long),
        slices=tuple(replace(SLICES[1], slice=name) for name in (*(f"slice {n}" for n in range(2000)), long)),
        flips=tuple(replace(lost, case=name) for name in (*(f"c-{n}" for n in range(20_000)), long)),
        reasons=(long,) * 500,
        notes=(long,) * 500,
    )
