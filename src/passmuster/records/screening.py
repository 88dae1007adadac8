"""What `screen` finds out: whom a leaderboard leaves in, at what risk, and which leaderboard would have told.

`docs/screen.md` describes it field by field.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.leaderboard import ModelMatch, PublicFigure, PublicTable
from passmuster.records.record import Record
from passmuster.records.score import Direction, Estimate

SCHEMA_VERSION = 1

FEWEST_MODELS = 6
"""Models below which no verdict is given: of five, even the same order has a p-value of 1/60."""

Basis: TypeAlias = Literal["measured", "stated", "table", "assumed"]
"""Where a risk comes from: own scores, a correlation that the user states, the table's own intervals, or an assumption."""

AgreementStatus: TypeAlias = Literal["agrees", "not shown", "too few"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankAgreement(Record):
    """How alike a public column and the own task order `models` models.

    `tau` is Kendall's tau-b and `rho` Spearman's, as seen; their 95% intervals are of the order of the true own means,
    the leaderboard as it is. `likely` is the middle of what tau may be: noise in the own scores only makes it look smaller.
    `p` is two-sided, of "they have nothing to do with one another", by permutation.
    """

    models: int
    tau: Estimate
    rho: Estimate
    likely: float | None = None
    p: float | None = None
    exact: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAgreement(Record):
    """The agreement on some of the cases (a slice), or among some of the models (those above `limit`)."""

    name: str
    agreement: RankAgreement
    cases: int | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regret(Record):
    """What it costs to have taken the leaderboard's first: the best own score minus that of `first`.

    `regret` is at least 0, and its interval holds whoever the best is. `luck` is by how much the own best looks
    better than it is because it was picked as the best: so much of the regret is no regret.
    """

    first: str
    best: str
    first_score: float
    best_score: float
    regret: Estimate
    luck: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPoint(Record):
    """A candidate that is in the table: its public figure, its own score, and its ranks among these."""

    candidate: str
    model: str
    public: float
    own: Estimate
    public_rank: float
    own_rank: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport(Record):
    """A public column held against the own task.

    `corrected_p` is one-sided and corrected for all columns that were looked at, `best_share` the share of resamples of the
    own cases in which it agrees best of all. `above` is the agreement among the top of the table only.
    """

    table: str
    column: str
    direction: Direction
    status: AgreementStatus
    overall: RankAgreement
    corrected_p: float | None = None
    best_share: float | None = None
    above: PartAgreement | None = None
    slices: tuple[PartAgreement, ...] = ()
    regret: Regret | None = None
    points: tuple[ModelPoint, ...] = ()
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementReport(Record):
    """Every public column against the own task; `best` is the one that predicted best, None where none is shown to."""

    metric: str
    direction: Direction
    cases: int
    columns: tuple[ColumnReport, ...]
    best: str | None
    sentence: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk(Record):
    """The chance that the own best is among those dropped: `risk`, and what that rests on.

    `correlation` is the one between public and own normal scores, with its 95% interval where it was measured, on `models`
    models. `error` is that of the simulation (95%).
    """

    basis: Basis
    risk: float
    error: float
    assumes: str
    correlation: float | None = None
    low: float | None = None
    high: float | None = None
    models: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedModel(Record):
    """A model of the table: kept or not, why not (None for its rank), and the chance that it is the best on the own task.

    Prices are US dollars per million tokens and `context` tokens, from price cards; `unknown` names the limits
    that could not be checked on it: it is not dropped for these.
    """

    model: str
    public: PublicFigure | None
    rank: int | None
    kept: bool
    why: str | None = None
    best: float | None = None
    candidate: str | None = None
    input_price: float | None = None
    output_price: float | None = None
    context: int | None = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterReport(Record):
    """Who of a table is worth asking.

    `limited` were dropped by limits, `dropped` by rank, `unranked` have no figure in the column and are neither kept nor
    dropped by it. `risks` are the same under other assumptions; `safe` is how many would have to be kept for a risk of 5 %.
    `yaml` are the candidates to paste.
    """

    table: str
    column: str
    direction: Direction
    rule: str
    kept: int
    dropped: int
    limited: int
    unranked: int
    risk: Risk
    risks: tuple[Risk, ...]
    safe: int | None
    models: tuple[ScreenedModel, ...]
    yaml: str
    sentence: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenReport(Record):
    """Leaderboards used honestly: to filter before, and held against the own task after.

    `agreement` is None where there are no own scores, `seed` that of all draws.
    """

    schema_version: int
    generated: str
    task: str | None
    seed: int
    tables: tuple[PublicTable, ...]
    matches: tuple[ModelMatch, ...]
    filter: FilterReport | None
    agreement: AgreementReport | None
    notes: tuple[str, ...] = ()
