"""Which tools an agent called: `tool_called`, `forbidden_tools` and `tool_order`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.metrics.agents.did import MOST_CALLS, calls_asked, calls_made, names_shown
from passmuster.metrics.metric import UNIT, Bounds, Summary
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply
from passmuster.stats.rouge import common_length

Mode: TypeAlias = Literal["strict", "in_order", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled(Record):
    """1 where all the tools (or `which: any` of them) were called, else 0; each tool is a part.

    The tools are those of `tools`, else the names of the calls in the reference.

    Example:
        >>> from passmuster.records.case import ToolCall
        >>> reply = Reply(text="", tool_calls=(ToolCall(name="look_up", arguments="{}"),))
        >>> ToolCalled(tools=("look_up", "refund")).score(Case(id="1", input=""), reply).details["missing"]
        ['refund']
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "parts"

    name: str = "tool_called"
    tools: tuple[str, ...] = ()
    which: Literal["all", "any"] = "all"

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with what was called; a case that asks for no tool is not judged."""
        tools = _names(case, self.tools)
        if isinstance(tools, ScoreFailure):
            return tools
        if not tools:
            return _nothing_asked(case)
        called = [call.name for call in calls_made(reply)]
        there = {tool: tool in set(called) for tool in dict.fromkeys(tools)}
        hit = all(there.values()) if self.which == "all" else any(there.values())
        missing = [tool for tool, is_there in there.items() if not is_there]
        parts: dict[str, Json] = dict(zip(names_shown(there), map(float, there.values()), strict=False))
        details: dict[str, Json] = {
            "parts": parts,
            "missing": names_shown(missing),
            "called": names_shown(called),
        }
        return Score(value=float(hit), details=details)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbiddenTools(Record):
    """1 where none of the `tools` was called (or nothing but what is in `allowed`), else 0.

    Example:
        >>> from passmuster.records.case import ToolCall
        >>> reply = Reply(text="", tool_calls=(ToolCall(name="delete_account", arguments="{}"),))
        >>> ForbiddenTools(tools=("delete_account",)).score(Case(id="1", input=""), reply).value
        0.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "forbidden_tools"
    tools: tuple[str, ...] = ()
    allowed: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if bool(self.tools) == (self.allowed is not None):
            hint = (
                "tools: [...] names what must not be called; allowed: [...] forbids all else, [] everything"
            )
            raise ConfigurationError("forbidden_tools needs either tools or allowed", hint=hint)

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:  # noqa: ARG002 - every metric is given the case
        """Return 1 or 0, with the forbidden calls in their order."""
        names = [call.name for call in calls_made(reply)]
        if self.allowed is None:
            wrong = [name for name in names if name in self.tools]
        else:
            wrong = [name for name in names if name not in self.allowed]
        return Score(value=float(not wrong), details={"forbidden": names_shown(wrong), "calls": len(names)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOrder(Record):
    """1 where the tools were called in the right order, else 0.

    The order is that of `order`, else of the calls in the reference. `strict`: these calls and no other.
    `in_order`: these in this order, with others between them. `any`: these and no other, as often, in any order.
    Calls of tools in `ignore` do not count.

    Example:
        >>> from passmuster.records.case import ToolCall
        >>> made = tuple(ToolCall(name=name, arguments="{}") for name in ("find", "find", "book"))
        >>> case = Case(id="1", input="", reference=["find", "book"])
        >>> [ToolOrder(mode=mode).score(case, Reply(text="", tool_calls=made)).value for mode in ("strict", "in_order")]
        [0.0, 1.0]
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "tool_order"
    order: tuple[str, ...] = ()
    mode: Mode = "in_order"
    ignore: tuple[str, ...] = ()

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with how many of the calls came in order."""
        asked = _names(case, self.order)
        if isinstance(asked, ScoreFailure):
            return asked
        order = [name for name in asked if name not in self.ignore]
        called = [call.name for call in calls_made(reply) if call.name not in self.ignore]
        in_order = common_length(order, called)
        hit = {
            "strict": called == order,
            "in_order": in_order == len(order),
            "any": sorted(called) == sorted(order),
        }[self.mode]
        details: dict[str, Json] = {
            "in_order": in_order,
            "of": len(order),
            "called": names_shown(called),
            "expected": names_shown(order),
        }
        return Score(value=float(hit), details=details)


def _names(case: Case, given: Sequence[str]) -> list[str] | ScoreFailure:
    if given:
        return list(given[:MOST_CALLS])
    asked = calls_asked(case)
    return asked if isinstance(asked, ScoreFailure) else [call.name for call in asked]


def _nothing_asked(case: Case) -> ScoreFailure:
    return ScoreFailure(kind="not_applicable", message=f"case {case.id!r} asks for no tool")
