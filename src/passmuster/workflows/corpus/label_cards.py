"""Cases to be labelled, as cards of the form, and what an annotator said of them, as labels."""

from collections.abc import Sequence

import numpy as np

from passmuster.records.case import Case, case_digest
from passmuster.records.digest import digest
from passmuster.records.label import Label
from passmuster.records.text import input_text
from passmuster.workflows.form.cards import Ask, Card, Passage, keyed
from passmuster.workflows.form.state import Entry

LABEL = "label"
SOURCE = "form"


def label_card(case: Case, labels: Sequence[str]) -> Card:
    """Return what an annotator sees of a case: its input, and the labels with a key each; any other can be typed.

    The reference is not shown. Without labels, and where there are more of them than keys, the label is typed.

    Example:
        >>> card = label_card(Case(id="1", input="Where is my money?", reference="refund"), ["billing", "refund"])
        >>> [passage.title for passage in card.passages], [option.key for option in card.asks[0].options]
        (['Input'], ['1', '2'])
    """
    text = input_text(case.input, instructions=True)
    ask = Ask(name=LABEL, text="What is the right answer?", options=keyed(labels), typed=True)
    return Card(passages=(Passage(title="Input", text=text),), asks=(ask,))


def own_order(cases: Sequence[Case], annotator: str, seed: int) -> tuple[Case, ...]:
    """Return cases in an order of an annotator's own, so that who is tired where is not the same for all.

    Example:
        >>> cases = [Case(id=str(n), input="") for n in range(9)]
        >>> own_order(cases, "ana", 0) == own_order(cases, "ben", 0)
        False
    """
    rng = np.random.default_rng([seed % 2**32, int(digest(annotator)[:12], 16)])
    return tuple(cases[place] for place in rng.permutation(len(cases)))


def label_of(case: Case, entry: Entry, annotator: str) -> Label:
    """Return the label that an entry gives; without an answer the annotator looked and could not tell."""
    return Label(
        case=case.id,
        value=None if entry.answers is None else entry.answers[LABEL],
        annotator=annotator,
        kind="human",
        input=case_digest(case),
        source=SOURCE,
        note=entry.note,
    )
