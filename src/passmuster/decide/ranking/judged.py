"""What a judge of pairs said, as the choices that a person would have made: one for each order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from passmuster.records.case import Case, case_digest
from passmuster.records.rating import Choice, Chosen, reply_digest
from passmuster.records.record import Json, Record
from passmuster.records.score import Score
from passmuster.records.trial import Reply

_CHOSEN: Mapping[str, Chosen] = {"first": "first", "second": "second", "tie": "tie"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Record):
    """A candidate's reply beside that of another: `candidate` and `other` are names, `judge` is the metric's."""

    judge: str
    candidate: str
    other: str
    case: Case
    reply: Reply


def choices_of_score(compared: Compared, score: Score) -> Iterator[Choice]:
    """Yield the choices behind the score of a metric that compares: of each judge in both orders, where it says so.

    Args:
        compared: What was compared.
        score: Names the other reply (`versus`) in its details, and what was said in each order (`orders`).

    Example:
        >>> compared = Compared(judge="better", candidate="a", other="b", case=Case(id="7", input="?"), reply=Reply(text="yes"))
        >>> score = Score(value=1.0, details={"versus": "b2", "orders": ["first", "second"]})
        >>> [(each.first_by, each.chosen) for each in choices_of_score(compared, score)]
        [('a', 'first'), ('b', 'second')]
    """
    versus = score.details.get("versus")
    if not isinstance(versus, str):
        return
    several = score.details.get("judges")
    asked = several if isinstance(several, Mapping) else {compared.judge: score.details}
    for judge, said in asked.items():
        orders = said.get("orders") if isinstance(said, Mapping) else None
        chosen = _told(orders)
        if len(chosen) == 2:
            yield _choice(compared, str(judge), versus, chosen[0], turned=False)
            yield _choice(compared, str(judge), versus, chosen[1], turned=True)
            continue
        half = 0.5
        plain: Chosen = "tie" if score.value == half else "first" if score.value > half else "second"
        yield _choice(compared, str(judge), versus, plain, turned=False)


def _told(orders: Json) -> list[Chosen]:
    told = orders if isinstance(orders, list) else []
    return [_CHOSEN[each] for each in told if isinstance(each, str) and each in _CHOSEN]


def _choice(compared: Compared, rater: str, versus: str, chosen: Chosen, *, turned: bool) -> Choice:
    sides = [(reply_digest(compared.reply), compared.candidate), (versus, compared.other)]
    (first, first_by), (second, second_by) = sides[::-1] if turned else sides
    return Choice(
        case=compared.case.id,
        input=case_digest(compared.case),
        first=first,
        second=second,
        first_by=first_by,
        second_by=second_by,
        metric=compared.judge,
        chosen=chosen,
        rater=rater,
        kind="machine",
    )
