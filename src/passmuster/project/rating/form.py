"""`rate form` on a project: what waits for a person, as cards, and what they say of it, written at once."""

import unicodedata
from dataclasses import dataclass

from passmuster.errors import NotAvailableError, UsageError
from passmuster.project.load import Project
from passmuster.project.rating.queue import record, waiting
from passmuster.records.rating import Rating
from passmuster.records.record import Record
from passmuster.workflows.form.cards import Card
from passmuster.workflows.form.state import Entry
from passmuster.workflows.rating.cards import card_of, said_of
from passmuster.workflows.rating.waiting import REPEATED, Shown, presented


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWish(Record):
    """Who rates, and what: only of this metric, at most so many, a share `repeated` of them twice."""

    rater: str
    metric: str | None = None
    limit: int | None = None
    repeated: float = REPEATED
    seed: int = 0


class RatingSession:
    """What one person rates at the keyboard.

    Args:
        project: The project.
        wish: Who it is, and what they are shown.

    Raises:
        NotAvailableError: where nothing waits for them.
        UsageError: for the name of a machine, and for a share outside [0, 1].
    """

    def __init__(self, project: Project, wish: FormWish) -> None:
        self._project = project
        self._rater = person(project, wish.rater)
        if not 0 <= wish.repeated <= 1:
            raise UsageError(f"{wish.repeated:g} is no share", hint="Say a number from 0 to 1, such as 0.1.")
        items = waiting(project, self._rater, wish.metric)
        if not items:
            raise NotAvailableError(
                f"nothing waits to be rated by {self._rater}",
                hint="Draw something: passmuster rate draw, or passmuster judge calibrate",
            )
        shown = presented(items, self._rater, seed=wish.seed, repeated=wish.repeated)
        self._shown: tuple[Shown, ...] = shown[: wish.limit]

    @property
    def cards(self) -> tuple[Card, ...]:
        """What is shown, in the order in which it is."""
        return tuple(card_of(each) for each in self._shown)

    @property
    def waiting(self) -> int:
        """How much waits for this person now."""
        return len(waiting(self._project, self._rater))

    def keep(self, entry: Entry) -> None:
        """Write what was said of a card; it is in the file when this returns.

        Raises:
            CorpusError: where the file cannot be written.
        """
        said = said_of(self._shown[entry.place], entry, self._rater, self._project.clock.now())
        if isinstance(said, Rating):
            record(self._project, [said])
        else:
            record(self._project, choices=[said])


def person(project: Project, name: str) -> str:
    """Return the name of a person as it is kept.

    Raises:
        UsageError: for no name at all, and for one that is a machine's.
    """
    kept = unicodedata.normalize("NFC", name).strip()
    if not kept:
        raise UsageError("a rater has a name", hint="Say whose ratings these are: --rater NAME")
    machines = {each.name for each in (*project.candidates, *project.scorers)}
    machines |= {each.rater for each in project.ratings.ratings.read() if each.kind == "machine"}
    machines |= {each.rater for each in project.ratings.choices.read() if each.kind == "machine"}
    if kept in machines:
        raise UsageError(
            f"{kept!r} is the name of a machine, and people are to rate",
            hint="Ratings of people and machines are kept apart. Give the rater another name.",
        )
    return kept
