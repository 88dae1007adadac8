"""Is the reply XML with the tags that were asked for: `xml`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

# Nothing is expanded or fetched: a document type declaration, without which there are no entities, is refused.
from xml.parsers import expat

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreOutcome
from passmuster.records.trial import Reply

DEPTH = 1000
"""Levels that are read."""

FENCE = re.compile(r"```[A-Za-z0-9]*[ \t]*\r?\n")
DECLARATION = re.compile(r"\A\s*+<\?xml[^>]{0,200}\?>")
PATH = re.compile(r"[^\s/<>&\"'=]+(?:/[^\s/<>&\"'=]+)*")
WRAPPER = "passmuster"
SHOWN = 20


class _RefusedError(ValueError):
    """The text holds what is not read."""


@dataclass(slots=True)
class _Tags:
    """What the parser has seen: in which order required tags began, and which of them hold text."""

    required: Sequence[str]
    outermost: int = 0
    open: list[str] = field(default_factory=list)
    said: list[bool] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    filled: set[str] = field(default_factory=set)

    def start(self, name: str, _attributes: object) -> None:
        if len(self.open) == DEPTH:
            message = f"nested deeper than {DEPTH} levels"
            raise _RefusedError(message)
        if len(self.open) == self.outermost:
            self.roots.append(name)
        self.open.append(name)
        self.said.append(False)
        self.found += [path for path in self.required if path not in self.found and self._is(path)]

    def end(self, _name: str) -> None:
        if self.said.pop():
            self.filled.update(path for path in self.required if path not in self.filled and self._is(path))
            if self.said:
                self.said[-1] = True
        self.open.pop()

    def text(self, text: str) -> None:
        if self.said and not text.isspace():
            self.said[-1] = True

    def refuse(self, *_declared: object) -> None:
        message = "a document type declaration is not read"
        raise _RefusedError(message)

    def _is(self, path: str) -> bool:
        steps = path.split("/")
        return self.open[-len(steps) :] == steps


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlTags(Record):
    """1 where the reply is well-formed XML with every required tag, each with text in it, else 0.

    `required` names tags, or paths that end in one (`report/title`); `root` the outermost tag; `in_order` asks
    that the required tags first begin in the order in which they are named. `fenced` also takes XML in a ```
    fence, `among_words` several elements with words between them. `empty` allows required tags without text.
    A document type declaration is refused, so there are no entities but the five of XML, and nothing is fetched.

    Example:
        >>> score = XmlTags(required=("answer", "source")).score(
        ...     Case(id="1", input=""), Reply(text="<reply><answer>4</answer></reply>")
        ... )
        >>> score.value, score.details["parts"]
        (0.0, {'well_formed': 1, '<answer>': 1, '<source>': 0})
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "parts"

    name: str = "xml"
    required: tuple[str, ...] = ()
    root: str | None = None
    in_order: bool = False
    empty: bool = False
    fenced: bool = False
    among_words: bool = False

    def __post_init__(self) -> None:
        wrong = next((path for path in self.required if PATH.fullmatch(path) is None), None)
        if self.root is not None and (PATH.fullmatch(self.root) is None or "/" in self.root):
            raise ConfigurationError(f"{self.root!r} is no tag", hint="root: report")
        if wrong is not None:
            raise ConfigurationError(
                f"{wrong!r} is no tag", hint="name a tag, or a path such as report/title"
            )

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0; a part for being well-formed, for the root, for the order and for each required tag."""
        del case
        tags = _Tags(required=self.required, outermost=int(self.among_words))
        reason = self._parse(reply.text, tags)
        if reason is not None:
            parts = dict.fromkeys(self._part_names(), 0)
            return Score(value=0.0, details={"parts": parts, "unreadable": True, "reason": reason})
        parts = {"well_formed": 1}
        if self.root is not None:
            parts["root"] = int(tags.roots == [self.root])
        if self.in_order:
            parts["order"] = int(tags.found == list(self.required))
        parts |= {
            f"<{path}>": int(path in (tags.found if self.empty else tags.filled)) for path in self.required
        }
        details: dict[str, Json] = {"parts": parts}
        missing = [path for path in self.required if path not in tags.found]
        blank = [path for path in tags.found if path not in tags.filled]
        if missing:
            details["missing"] = [shown(path) for path in missing[:SHOWN]]
        if blank and not self.empty:
            details["empty"] = [shown(path) for path in blank[:SHOWN]]
        if parts.get("root") == 0:
            details["roots"] = [shown(name) for name in tags.roots[:SHOWN]]
        return Score(value=float(all(parts.values())), details=details)

    def _part_names(self) -> list[str]:
        own = [*(["root"] if self.root is not None else []), *(["order"] if self.in_order else [])]
        return ["well_formed", *own, *(f"<{path}>" for path in self.required)]

    def _parse(self, text: str, tags: _Tags) -> str | None:
        """Go through the text; return why it is not well-formed, None where it is."""
        opening = FENCE.search(text) if self.fenced else None
        closing = -1 if opening is None else text.find("```", opening.end())
        if opening is not None and closing > 0:
            text = text[opening.end() : closing]
        text = DECLARATION.sub("", text).strip()
        wrapped = f"<{WRAPPER}>{text}</{WRAPPER}>" if self.among_words else text
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = tags.start
        parser.EndElementHandler = tags.end
        parser.CharacterDataHandler = tags.text
        parser.StartDoctypeDeclHandler = tags.refuse
        try:
            parser.Parse(wrapped.encode("utf-8", "replace"), True)  # noqa: FBT003 - the parser's own form
        except expat.ExpatError as error:
            return f"not XML: {expat.ErrorString(error.code)} at line {error.lineno}"
        except _RefusedError as error:
            return str(error)
        return None if tags.roots else "not XML: there is no element"
