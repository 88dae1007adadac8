"""Is a reply laid out so that it can be read: `layout`."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.metrics.instructions.measures import count_words
from passmuster.metrics.metric import UNIT, Bounds, Summary
from passmuster.metrics.quality.prose import Block, blocks_of
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score
from passmuster.records.trial import Reply

Wish: TypeAlias = Literal["any", "none", "some"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout(Record):
    r"""The share of demands on its layout that a reply meets: short paragraphs, a long text divided, lists that can be taken in.

    Args:
        longest_paragraph: Words that a paragraph, or an item of a list, has at most.
        divided_from: Words from which a text must have more than one block.
        most_items: Items that lists have at most, all together.
        lists: Whether there must be a list (`some`), must be none (`none`), or either (`any`).
        headings: The same of headings.

    Example:
        >>> reply = Reply(text="Fees are due in May.\n\n" + "word " * 200)
        >>> score = Layout().score(Case(id="1", input=""), reply)
        >>> score.value, score.details["unmet"]
        (0.75, ['short paragraphs'])
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "parts"

    name: str = "layout"
    longest_paragraph: int = 120
    divided_from: int = 150
    most_items: int = 20
    lists: Wish = "any"
    headings: Wish = "any"

    def __post_init__(self) -> None:
        limits = {"longest_paragraph": self.longest_paragraph, "divided_from": self.divided_from}
        for name, limit in limits.items():
            if limit < 1:
                raise ConfigurationError(f"{name}: {limit} words are no text")
        if self.most_items < 1:
            raise ConfigurationError(
                f"most_items: at least 1, not {self.most_items}", hint="lists: none allows no list"
            )

    def score(self, case: Case, reply: Reply) -> Score:
        """Return the share of demands that are met, with each, and what was counted; an empty reply meets none."""
        del case
        blocks = blocks_of(reply.text)
        words = [count_words(block.text) for block in blocks]
        counts = {
            kind: sum(block.kind == kind for block in blocks) for kind in ("paragraph", "item", "heading")
        }
        longest = max(
            (n for n, block in zip(words, blocks, strict=True) if block.kind != "heading"), default=0
        )
        parts: dict[str, bool] = {
            "short paragraphs": longest <= self.longest_paragraph,
            "long text divided": sum(words) < self.divided_from or len(blocks) > 1,
            "lists in bounds": counts["item"] <= self.most_items,
            "headings in order": _in_order(blocks),
            **_wished("list", self.lists, counts["item"]),
            **_wished("heading", self.headings, counts["heading"]),
        }
        said = {name: int(met and bool(reply.text.strip())) for name, met in parts.items()}
        unmet: list[Json] = [name for name, met in said.items() if not met]
        return Score(
            value=1 - len(unmet) / len(said),
            details={
                "words": sum(words),
                "paragraphs": counts["paragraph"],
                "items": counts["item"],
                "headings": counts["heading"],
                "longest paragraph": longest,
                "parts": said,
                "unmet": unmet,
            },
        )


def _in_order(blocks: Sequence[Block]) -> bool:
    """Return whether no heading is more than one level below the heading before it."""
    levels = [len(block.text) - len(block.text.lstrip("#")) for block in blocks if block.text.startswith("#")]
    return all(after <= before + 1 for before, after in pairwise(levels))


def _wished(what: str, wish: Wish, count: int) -> dict[str, bool]:
    if wish == "any":
        return {}
    return {f"has a {what}": count > 0} if wish == "some" else {f"has no {what}": count == 0}
