"""Were the tools called with the right arguments: `tool_arguments`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from passmuster.metrics.agents.did import MOST_SHOWN, Done, calls_asked, calls_made, names_shown
from passmuster.metrics.answers import Step, as_text, same
from passmuster.metrics.metric import NOT_APPLICABLE, UNIT, Bounds, Summary, shown
from passmuster.metrics.patterns import compile_pattern
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply
from passmuster.stats.matching import best_matching

MOST_COMPARED = 300
"""Calls of each side that are compared, each with each; what comes later is neither right nor missing."""
MOST_READ = 2000
"""Characters of what a tool gave back in which a failure is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolArguments(Record):
    """The share of the calls that the reference asks for that were made with the right arguments.

    Each call counts once. With `tools`, calls of other tools are left out on both sides. `extra: true` counts a
    call too many as a wrong one, `others: true` allows arguments that the reference does not name. Arguments in
    `ignore` are not compared, `normalise` says what does not count in texts. A call is left out where `failed`, a
    pattern, is found in what the tool gave back. Nothing asked for and nothing called is 1.

    Example:
        >>> from passmuster.records.case import ToolCall
        >>> case = Case(id="1", input="", reference=[{"name": "refund", "arguments": {"order": "A7", "sum": 5}}])
        >>> made = ToolCall(name="refund", arguments='{"order": "A7", "sum": 50}')
        >>> ToolArguments().score(case, Reply(text="", tool_calls=(made,))).details["wrong"]
        [{'tool': 'refund', 'argument': 'sum', 'answer': '50', 'reference': '5'}]
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "tool_arguments"
    tools: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    normalise: tuple[Step, ...] = ()
    others: bool = False
    extra: bool = False
    failed: str | None = None

    def __post_init__(self) -> None:
        if self.failed is not None:
            compile_pattern(self.failed)

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the share; `missing` are tools not called, `wrong` the arguments, `extra` the calls too many."""
        asked = calls_asked(case)
        if isinstance(asked, ScoreFailure):
            return asked
        expected = self._counted(asked)
        made = self._counted([call for call in calls_made(reply) if not self._failed(call)])
        if not expected and not self.extra:
            message = f"case {case.id!r} asks for no call; extra: true judges that there is none"
            return ScoreFailure(kind=NOT_APPLICABLE, message=message)
        met = self._met(made, expected)
        unmet = [call for place, call in enumerate(expected) if place not in met]
        left = [call for place, call in enumerate(made) if place not in met.values()]
        right = len(expected) - len(unmet)
        whole = max(len(expected), right + len(left) if self.extra else 0)
        missing, wrong, rest = self._explained(unmet, left)
        details: dict[str, Json] = {
            "right": right,
            "of": len(expected),
            "missing": names_shown(missing),
            "wrong": wrong[:MOST_SHOWN],
            "extra": names_shown(call.name for call in rest),
        }
        return Score(value=right / whole if whole else 1.0, details=details)

    def _counted(self, calls: Sequence[Done]) -> list[Done]:
        return [call for call in calls if not self.tools or call.name in self.tools][:MOST_COMPARED]

    def _failed(self, call: Done) -> bool:
        if self.failed is None or call.result is None:
            return False
        text = call.result[:MOST_READ].encode("utf-8", "replace").decode("utf-8")
        return compile_pattern(self.failed).search(text) is not None

    def _met(self, made: Sequence[Done], expected: Sequence[Done]) -> dict[int, int]:
        """Return which of the calls asked for is met by which that was made: as many as can be."""
        if (
            self.others
        ):  # a call may be right for several, so the first that it fits must not have it for good
            return dict(best_matching([[float(self._is(each, call)) for each in made] for call in expected]))
        met: dict[int, int] = {}
        free = dict(enumerate(made))
        for place, call in sorted(enumerate(expected), key=lambda each: each[1].arguments is None):
            hit = next((other for other, each in free.items() if self._is(each, call)), None)
            if hit is not None:
                met[place] = hit
                del free[hit]
        return met

    def _is(self, made: Done, asked: Done) -> bool:
        return made.name == asked.name and not self._differences(made, asked)

    def _differences(self, made: Done, asked: Done) -> list[str]:
        """Return the arguments in which two calls of one tool differ; one of its own where they are unreadable."""
        if asked.arguments is None:
            return []
        if made.unreadable is not None or made.arguments is None:
            return [""]
        needed = set(asked.arguments)
        compared = needed if self.others else needed | set(made.arguments)
        return sorted(
            name
            for name in compared - set(self.ignore)
            if not same(made.arguments.get(name), asked.arguments.get(name), self.normalise)
        )

    def _explained(
        self, unmet: Sequence[Done], left: list[Done]
    ) -> tuple[list[str], list[dict[str, Json]], list[Done]]:
        """Return the tools that were not called, the arguments that differ from the likest call, and the rest."""
        missing: list[str] = []
        wrong: list[dict[str, Json]] = []
        rest = list(left)
        for call in unmet[:MOST_SHOWN]:
            alike = [each for each in rest if each.name == call.name]
            if not alike:
                missing.append(call.name)
                continue
            likest = min(alike, key=lambda each: len(self._differences(each, call)))
            rest.remove(likest)
            wrong += [_difference(likest, call, name) for name in self._differences(likest, call)]
        return missing, wrong, rest


def _difference(made: Done, asked: Done, name: str) -> dict[str, Json]:
    if made.unreadable is not None:
        return {"tool": shown(made.name), "reason": made.unreadable}
    found: dict[str, Json] = {"tool": shown(made.name), "argument": shown(name)}
    for side, call in (("answer", made), ("reference", asked)):
        if call.arguments is not None and name in call.arguments:
            found[side] = shown(as_text(call.arguments[name]))
    return found
