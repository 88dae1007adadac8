"""`judge calibrate` on a project: replies are drawn for people, probes are asked, and the judge is set beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from passmuster.decide.judging.calibrating.corrections import by_candidate
from passmuster.decide.judging.calibrating.rows import JudgedReply, trusted
from passmuster.decide.judging.calibration import Judgements, calibrated
from passmuster.decide.judging.corrected import LEAST_RATINGS
from passmuster.errors import UsageError
from passmuster.ports import Progress
from passmuster.project.judge.gathering import Gathered, gathered, newest
from passmuster.project.judge.probing import Open, Probe, Prober
from passmuster.project.judges import Judge, find_judge
from passmuster.project.load import Project
from passmuster.project.rating.draws import draw_replies
from passmuster.project.rating.queue import waiting
from passmuster.records.calibration import Calibration, CalibrationStatus
from passmuster.records.rating import Draw
from passmuster.records.record import Record
from passmuster.records.run import RunEnd
from passmuster.workflows.estimate import Estimate
from passmuster.workflows.rating.drawing import PILOT


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateWish(Record):
    """What is to be calibrated, and how.

    `metric` names the judge (None: the only one), `only` candidates. `labels` is how many replies of each candidate people
    are to rate in all: the pilot of 20, and what is drawn beyond it. `draw` says whether replies may be drawn. `again`
    and `padding` are how many questions are asked for a second time, and how many replies are restated. `budget` is the
    most that this may cost, in US dollars; None takes that of the project file.
    """

    metric: str | None = None
    only: tuple[str, ...] = ()
    labels: int = PILOT
    draw: bool = True
    again: int = 0
    padding: int = 0
    budget: float | None = None
    seed: int = 0


class Calibrating:
    """A judge of a project that is being calibrated.

    Args:
        project: The project.
        wish: What is to be calibrated.

    Raises:
        UsageError: for an unknown judge or candidate, and fewer ratings than the pilot has.
        IncompleteError: where nothing is judged yet.

    Example:
        >>> Calibrating(project, CalibrateWish(labels=60)).result().findings  # doctest: +SKIP
    """

    def __init__(self, project: Project, wish: CalibrateWish) -> None:
        if wish.labels < PILOT:
            raise UsageError(
                f"{wish.labels} ratings of a candidate tell nothing",
                hint=f"The pilot has {PILOT}: say --labels {PILOT} or more.",
            )
        self.project = project
        self.wish = wish
        self.judge: Judge = find_judge(project, wish.metric)
        self.found: Gathered = gathered(project, self.judge, wish.only)
        probe = Probe(again=wish.again, padding=wish.padding, seed=wish.seed)
        self._prober = Prober(project, self.judge, self.found, probe)

    def open(self) -> Open:
        """Return the questions of probes that were not answered yet."""
        return self._prober.open()

    def estimate(self, open_: Open) -> Estimate:
        """Return what these questions would cost; no model is called."""
        return self._prober.estimate(open_)

    def ask(self, open_: Open, progress: Progress) -> tuple[RunEnd, ...]:
        """Ask them.

        Raises:
            MissingSecretError: where a scorer's key is not set.
            StoreError: where the store cannot be written.
        """
        budget = self.project.settings.budget if self.wish.budget is None else self.wish.budget
        return self._prober.ask(open_, budget, progress)

    def draw(self) -> Draw | None:
        """Put replies before people where fewer were drawn than are wanted: first the pilot, then what is beyond it.

        Nothing is drawn while ratings are missing: where they are worth most, the ratings so far tell.

        Raises:
            CorpusError: where the draw cannot be written.
        """
        own = self._by_candidate()
        if not own or not self.wish.draw or self.waiting():
            return None
        have = {name: sum(row.drawn for row in rows) for name, rows in own.items()}
        pilot = None if any(have.values()) else self._draw(None)
        if pilot is not None:
            return pilot
        wanted = {name: min(self.wish.labels, len(rows)) for name, rows in own.items()}
        return self._draw(sum(max(0, wanted[name] - have[name]) for name in own))

    def waiting(self) -> int:
        """Return how many replies were drawn for this judge's question and seen by nobody."""
        drawn = waiting(self.project, None, self.judge.name)
        return sum(each.purpose == "calibration" for each in drawn)

    def result(self) -> Calibration:
        """Return the judge beside people, as far as both have spoken."""
        waits = self.waiting()
        known = Calibration(
            task=self.project.task.name,
            metric=self.judge.name,
            judge=self.judge.version,
            models=tuple(scorer.model or scorer.provider for scorer in self.judge.scorers),
            question=self.judge.rubric.name,
            bounds=self.found.unit.bounds,
            binary=self.found.unit.binary,
            pairwise=self.found.unit.pairwise,
            status=self._status(waits),
            judged=0,
            unscored=self.found.unscored,
            waiting=waits,
            planned=self.wish.labels,
            date=_date(newest(self.found.rows)),
            akin=self.found.akin,
        )
        judgements = Judgements(
            rows=self.found.rows, again=self._prober.again(), padded=self._prober.padded()
        )
        return calibrated(known, judgements, self.found.unit, seed=self.wish.seed)

    def _by_candidate(self) -> Mapping[str, Sequence[JudgedReply]]:
        return by_candidate(row for row in self.found.rows if row.value is not None)

    def _draw(self, number: int | None) -> Draw | None:
        """Draw replies of the candidates whose figures are at stake; None where there is no more to be drawn."""
        if number == 0:
            return None
        try:
            return draw_replies(
                self.project,
                self.judge.name,
                number=number,
                purpose="calibration",
                seed=self.wish.seed,
                only=tuple(self._by_candidate()),
            )
        except UsageError:
            return None

    def _status(self, waits: int) -> CalibrationStatus:
        own = self._by_candidate()
        enough = bool(own) and all(
            len(trusted(rows)) >= min(LEAST_RATINGS, len(rows)) for rows in own.values()
        )
        return "calibrated" if enough and not waits else "ratings_missing"


def _date(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
