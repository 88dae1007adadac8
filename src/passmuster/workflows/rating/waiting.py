"""What waits for a person: a reply to rate or two to choose between, and in which order they see it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from passmuster.metrics.judges.rubric import Rubric
from passmuster.records.case import Case
from passmuster.records.digest import digest
from passmuster.records.rating import Drawn, Purpose
from passmuster.records.record import Record
from passmuster.records.text import input_text, written

REPEATED = 0.1
"""The share of what a person sees that comes a second time, to see how far they agree with themselves."""

NAME_LENGTH = 12


def turned(item: Drawn) -> Drawn:
    """Return an item with the two replies of a pair in the other order; a single reply as it is."""
    if item.second is None or item.second_by is None:
        return item
    return replace(
        item,
        candidate=item.second_by,
        reply=item.second,
        repeat=item.second_repeat,
        second=item.reply,
        second_by=item.candidate,
        second_repeat=item.repeat,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Record):
    """Something that a person is to look at: one reply to rate, or two to choose between.

    `texts` are the replies in the order of `item`; whose they are is not shown. `rubric` is what is asked. `draw` is the
    id of the draw that brought it.
    """

    draw: str
    metric: str
    purpose: Purpose
    item: Drawn
    case: Case
    texts: tuple[str, ...]
    rubric: Rubric

    @property
    def turned(self) -> "Waiting":
        """The same with the two replies of a pair in the other order."""
        return replace(self, item=turned(self.item), texts=self.texts[::-1])

    @property
    def name(self) -> str:
        """What names it on a sheet: it says nothing of whose the replies are."""
        return item_name(self.draw, self.item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Record):
    """Something that waits, as one person sees it; `again` says that they see it for the second time."""

    what: Waiting
    again: bool = False

    @property
    def name(self) -> str:
        """What names it on a sheet."""
        return item_name(self.what.draw, self.what.item, again=self.again)


def read_of(what: Waiting, *, reference: bool = False) -> dict[str, str]:
    """Return what a rater reads of an item, in this order, by the column that it has on a sheet.

    It is what the judge is shown: the reference where the rubric judges by it (and where it is wished), and what a reply
    to this case must meet. Nothing says whose a reply is.

    Example:
        >>> from passmuster.metrics.judges.rubric import Criterion
        >>> item = Drawn(case="1", input="i", candidate="hidden", reply="r")
        >>> rubric = Rubric(criteria=(Criterion(name="tone", question="Is it polite?"),))
        >>> case = Case(id="1", input="Hi?", reference="Hello!")
        >>> what = Waiting(draw="d", metric="m", purpose="fresh", item=item, case=case, texts=("Hi!",), rubric=rubric)
        >>> read_of(what), read_of(what, reference=True)["reference"]
        ({'input': 'Hi?', 'reply': 'Hi!'}, 'Hello!')
    """
    case = what.case
    read = {"input": input_text(case.input, instructions=True)}
    if case.rubric is not None:
        read["requirements"] = case.rubric
    if (reference or what.rubric.reference) and case.reference is not None:
        read["reference"] = str(written(case.reference))
    return read | dict(
        zip(("reply",) if len(what.texts) == 1 else ("first", "second"), what.texts, strict=True)
    )


def item_name(draw: str, item: Drawn, *, again: bool = False) -> str:
    """Return what names a drawn item on a sheet, the replies of a pair in this order.

    Example:
        >>> item = Drawn(case="1", input="i", candidate="a", reply="x")
        >>> item_name("d", item) == item_name("d", replace(item, candidate="b"))
        True
        >>> item_name("d", item) == item_name("d", item, again=True)
        False
    """
    return digest([draw, item.case, item.reply, item.second, again])[:NAME_LENGTH]


def presented(
    items: Sequence[Waiting], rater: str, *, seed: int = 0, repeated: float = REPEATED
) -> tuple[Shown, ...]:
    """Return what waits in an order of a person's own, the sides of pairs drawn, and some of it a second time.

    What comes again is of the first half and comes in the second; a pair comes with its sides changed.

    Args:
        items: What waits.
        rater: Who sees it; another person sees it in another order.
        seed: Another seed is another order.
        repeated: The share that comes again, in [0, 1].
    """
    rng = np.random.default_rng([seed % 2**32, int(digest(rater)[:12], 16)])
    order = [items[place] for place in rng.permutation(len(items))]
    shown = [Shown(what=each.turned if rng.random() < 0.5 else each) for each in order]
    first, second = shown[: len(shown) // 2], shown[len(shown) // 2 :]
    for place in rng.permutation(len(first))[: round(repeated * len(shown))]:
        again = Shown(what=first[place].what.turned, again=True)
        second.insert(int(rng.integers(len(second) + 1)), again)
    return (*first, *second)
