"""Who is asked next and who no more, where the cheapest is wanted that meets every bar.

The bars are tested once, at the end, each candidate at its own share of alpha (Bonferroni over the family). Looking earlier
only ends what is settled: a candidate that could hardly pass is stopped to fail, which can make no false pass; one whose test is
passed at the end whatever the rest brings, has passed; and where one has passed, dearer ones are not needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.decide.early.views import View, outcome
from passmuster.records.stopped import Stop, StopReason, Until


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsRule:
    """The rule of one run.

    `beside` are asked as long as anybody is, and never stopped: those whom others are held against, and those that cost nothing.
    `undeclared` do not declare what the task requires: they may pass every bar and are not chosen, so nobody is spared for them.
    """

    until: Until
    beside: frozenset[str] = frozenset()
    undeclared: frozenset[str] = frozenset()

    def stops(self, views: Sequence[View]) -> tuple[Stop, ...]:
        """Return who of those that are still asked stops at this look; the rest goes on, or has no case left.

        Args:
            views: Every candidate of the family, those that stopped before as they stood then.
        """
        level = self.until.level
        found = {view.name: outcome(view, level) for view in views}
        passed = [
            view for view in views if found[view.name][0] == "passed" and view.name not in self.undeclared
        ]
        stops = []
        for view in views:
            state, bar = found[view.name]
            cheaper = [each for each in passed if view.expense.is_clearly_above(each.expense)]
            if view.asked_all or view.name in self.beside:
                continue
            if state in ("hopeless", "untestable", "passed"):
                stops.append(_stop(view, state, bar=bar))
            elif cheaper:
                by = min(cheaper, key=lambda each: each.expense.key()).name
                stops.append(_stop(view, "not_needed", by=by))
        return tuple(stops)

    def next_asked(self, views: Sequence[View]) -> tuple[str, ...]:
        """Return whom the next block is for, of those who were not stopped: the cheapest and whoever may be as cheap.

        Those that are clearly dearer wait. They need no call at all if a cheaper one passes.
        """
        going = [view for view in views if not view.asked_all and view.name not in self.beside]
        if not going:
            return ()
        first = min(going, key=lambda view: (view.expense.key(), view.name))
        return tuple(view.name for view in going if not view.expense.is_clearly_above(first.expense))

    def chosen(self, views: Sequence[View]) -> tuple[str, ...]:
        """Return the cheapest of those that have passed; nobody where none has."""
        able = (view for view in views if view.name not in self.undeclared)
        passed = [view for view in able if outcome(view, self.until.level)[0] == "passed"]
        return (min(passed, key=lambda view: (view.expense.key(), view.name)).name,) if passed else ()


def _stop(view: View, reason: StopReason, *, bar: str | None = None, by: str | None = None) -> Stop:
    return Stop(candidate=view.name, reason=reason, cases=view.cases, of=view.total, bar=bar, by=by)
