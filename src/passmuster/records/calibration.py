"""What `judge calibrate` finds: how far a judge agrees with people, what its figures are worth, and its faults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Difference, Estimate

Severity: TypeAlias = Literal["fault", "caution", "note"]
CalibrationStatus: TypeAlias = Literal["ratings_missing", "calibrated"]
FindingKind: TypeAlias = Literal[
    "unreadable",  # verdicts that nobody can read
    "refused",  # the judge refuses to judge
    "off_scale",  # values that are not on the scale
    "failed",  # the judge's model failed
    "always_ties",  # a pairwise judge that prefers neither
    "one_value",  # a judge that says the same of all replies
    "position",  # the place at which a reply is shown decides
    "inconsistent",  # swapping the sides changes many verdicts
    "length",  # longer replies are favoured, or shorter ones
    "padding",  # the same content said at greater length is favoured
    "self_preference",  # candidates of the judge's own family are favoured
    "favours",  # one candidate is favoured, whatever its family
    "noise",  # the same question asked again is answered otherwise
    "weak",  # hardly better than chance beside people
]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeFinding(Record):
    """One thing that was found about a judge, as a sentence with its figure.

    A `fault` makes its raw figures misleading, a `caution` weakens them, a `note` is to be known. `p` is the p-value of
    the test that found it, where there was one.
    """

    kind: FindingKind
    severity: Severity
    sentence: str
    figure: Estimate | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleAgreement(Record):
    """How far a judge says what people say of the same replies; every figure is weighted back to all judged replies.

    `n` replies were judged and rated, by `raters` people. `same` is the share with the same value. Of a judge that
    passes or fails, and of a pairwise one, there are Cohen's `kappa` and Gwet's `ac1`; of one that passes or fails the
    `sensitivity` and `specificity`, too. `correlation` is Pearson's, `gap` the mean of judge minus people and `apart`
    the mean distance, in the judge's unit.
    """

    n: int
    raters: int
    same: Estimate
    correlation: Estimate
    gap: Estimate
    apart: Estimate
    kappa: Estimate | None = None
    ac1: Estimate | None = None
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedCandidate(Record):
    """One candidate's figure by the judge alone (`raw`) and with people's ratings (`corrected`; None: too few).

    `judged` replies have a judgement, `labels` of them a person's rating, `drawn` of these were drawn at random.
    `correlation` is that of judge and people on this candidate, `ratio` the width of the corrected interval over that
    of the ratings alone, and `worth` how many further ratings the judge stands for, by that correlation.
    """

    candidate: str
    raw: Estimate
    corrected: Estimate | None = None
    judged: int = 0
    labels: int = 0
    drawn: int = 0
    correlation: float | None = None
    ratio: float | None = None
    worth: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedDifference(Record):
    """A candidate minus another one, by the judge alone and with people's ratings."""

    candidate: str
    versus: str
    raw: Difference
    corrected: Difference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionBias(Record):
    """What a pairwise judge does when the sides are swapped.

    Of `n` comparisons asked in both orders, `consistent` is the share with the same verdict both times; of the others
    `first` went to what stood first and `second` to what stood second. `lean` is the share that the first place won of
    those two, `p` the test of both being alike, by `method`.
    """

    n: int
    consistent: Estimate
    first: int
    second: int
    lean: Estimate
    p: float
    method: str = "mid-p McNemar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaning(Record):
    """What moves a verdict beside what people say of the reply.

    `effect` is the change of the log odds of the verdict: for a reply twice as long (`length`), or one by the judge's
    own family (`self_preference`) or of one candidate (`favours`); without an interval where the verdicts are separated by it. `p` is the p-value of
    the score test, clustered by case.
    """

    effect: Estimate
    p: float
    n: int
    separated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness(Record):
    """What the judge says when it is asked the same again, of `n` replies.

    `same` is the share with the same value, `deviation` the standard deviation of a single judgement in the judge's
    unit, by the differences of two; `unread` had no value one of the two times.
    """

    n: int
    same: Estimate
    deviation: float | None
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaddingShift(Record):
    """How far the value moves when a reply says the same at greater length: padded minus plain, in the judge's unit."""

    n: int
    shift: Estimate
    p: float | None
    longer: float
    """How many times as long the padded replies are, on average."""
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth(Record):
    """What a judge with this correlation to people would be worth: width of the interval, and further ratings."""

    correlation: float
    ratio: float
    labels: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration(Record):
    """A judge, calibrated: what `judge calibrate` shows.

    `judge` is its version, `models` are those behind it, `question` is the name of what it was asked. `judged` replies
    have a value, `unscored` were not judged yet; `failures` says how many have none, by kind. `labels` replies were rated, by `raters` people, the
    newest on `date` (ISO 8601); `waiting` are drawn and not rated yet. `worths` says what it would be worth at `planned`
    ratings a candidate.
    """

    task: str
    metric: str
    judge: str
    models: tuple[str, ...]
    question: str
    bounds: tuple[float, float]
    binary: bool
    status: CalibrationStatus
    pairwise: bool = False
    judged: int = 0
    unscored: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    labels: int = 0
    raters: int = 0
    waiting: int = 0
    planned: int = 0
    date: str | None = None
    candidates: tuple[CalibratedCandidate, ...] = ()
    differences: tuple[CalibratedDifference, ...] = ()
    agreement: PeopleAgreement | None = None
    position: PositionBias | None = None
    length: Leaning | None = None
    self_preference: Leaning | None = None
    favours: Mapping[str, Leaning] = field(default_factory=dict)
    steadiness: Steadiness | None = None
    padding: PaddingShift | None = None
    worths: tuple[Worth, ...] = ()
    findings: tuple[JudgeFinding, ...] = ()
    akin: Mapping[str, str] = field(default_factory=dict)

    @property
    def faults(self) -> tuple[JudgeFinding, ...]:
        """The findings that make the raw figures misleading."""
        return tuple(finding for finding in self.findings if finding.severity == "fault")
