"""Choices as games: who met whom on which case, before which rater, and how it ended."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.judging.book import WORTH
from passmuster.records.case import Case, case_digest
from passmuster.records.rating import Choice
from passmuster.stats.arrays import IntArray
from passmuster.stats.bradley_terry import Games

FEWEST_RATERS = 3
"""Fewer raters than this say nothing of how raters differ: then games are clustered by case alone."""

NOT_TOLD = "the rater could not tell"
UNNAMED = "whose reply it is is not stated"
AGAINST_ITSELF = "both replies are of the same candidate"
STALE = "the case has changed since"
UNKNOWN = "the case is not here"
REPEATED = "the same rater answered again"


@dataclass(frozen=True, slots=True)
class Table:
    """The games of the choices that can be used, a row each.

    `names` are the candidates by number, `cases` and `raters` say of each game to what it belongs, `left_out` how many
    choices were not used, by reason.
    """

    games: Games
    names: tuple[str, ...]
    choices: tuple[Choice, ...]
    cases: tuple[str, ...]
    raters: tuple[str, ...]
    left_out: Mapping[str, int]

    def of(self, rows: IntArray) -> "Table":
        """Return these games only; candidates without any keep their numbers."""
        keep = rows.tolist()
        return Table(
            self.games.of(rows),
            self.names,
            tuple(self.choices[row] for row in keep),
            tuple(self.cases[row] for row in keep),
            tuple(self.raters[row] for row in keep),
            self.left_out,
        )

    def among(self, players: Sequence[int]) -> "Table":
        """Return the games among these candidates, who get the numbers from 0 in the given order."""
        number = np.full(len(self.names), -1)
        number[list(players)] = np.arange(len(players))
        table = self.of(np.flatnonzero((number[self.games.first] >= 0) & (number[self.games.second] >= 0)))
        games = Games(number[table.games.first], number[table.games.second], table.games.won, len(players))
        names = tuple(self.names[player] for player in players)
        return Table(games, names, table.choices, table.cases, table.raters, self.left_out)


def table_of(choices: Iterable[Choice], cases: Mapping[str, Case] | None = None) -> Table:
    """Return the games in choices.

    Of several answers of one person on the same two replies the last one counts. A judge that is a model is asked in
    both orders, and each order is a game: where it contradicts itself the two make a tie.

    Args:
        choices: In the order in which they came.
        cases: The cases by id. Those of one user, session or document belong together, and a choice on a case that
            has changed since, or is not among them, is left out. None: cases are taken as choices name them.

    Example:
        >>> def choose(chosen):
        ...     shown = dict(first="9f", second="b2", first_by="large", second_by="small")
        ...     return Choice(case="7", metric="better", rater="ana", kind="human", chosen=chosen, **shown)
        >>> table = table_of([choose("first"), choose(None), choose("tie")])
        >>> table.games.won.tolist(), table.names, dict(table.left_out)
        ([0.5], ('large', 'small'), {'the rater could not tell': 1, 'the same rater answered again': 1})
    """
    known = cases or {}
    left_out: Counter[str] = Counter()
    kept: dict[tuple[object, ...], Choice] = {}
    for choice in choices:
        reason = _reason(choice, cases)
        if reason is not None:
            left_out[reason] += 1
            continue
        key = _key(choice)
        if key in kept:
            left_out[REPEATED] += 1
            del kept[key]
        kept[key] = choice
    used = tuple(kept.values())
    names = tuple(sorted({str(name) for each in used for name in (each.first_by, each.second_by)}))
    number = {name: place for place, name in enumerate(names)}
    games = Games(
        np.array([number[str(each.first_by)] for each in used], dtype=np.int64),
        np.array([number[str(each.second_by)] for each in used], dtype=np.int64),
        np.array([WORTH[each.chosen or "tie"] for each in used], dtype=np.float64),
        len(names),
    )
    together = tuple(_together(each.case, known.get(each.case)) for each in used)
    return Table(games, names, used, together, tuple(each.rater for each in used), dict(left_out))


def _together(name: str, case: Case | None) -> str:
    return f"case {name}" if case is None or case.group is None else f"group {case.group}"


def _reason(choice: Choice, cases: Mapping[str, Case] | None) -> str | None:
    if choice.chosen is None:
        return NOT_TOLD
    if choice.first_by is None or choice.second_by is None:
        return UNNAMED
    case = None if cases is None else cases.get(choice.case)
    if case is None and cases is not None:
        return UNKNOWN
    if case is not None and choice.input is not None and choice.input != case_digest(case):
        return STALE
    return AGAINST_ITSELF if choice.first_by == choice.second_by else None


def _key(choice: Choice) -> tuple[object, ...]:
    sides = ((choice.first, choice.first_by), (choice.second, choice.second_by))
    pair = frozenset(sides) if choice.kind == "human" else sides
    return (choice.case, choice.rater, choice.kind, pair)
