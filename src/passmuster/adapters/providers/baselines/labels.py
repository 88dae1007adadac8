"""The labels of training cases: what a fitted baseline learns to say, and how it says it."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from passmuster.errors import CorpusError
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import digest
from passmuster.records.record import Json


class Labelled(NamedTuple):
    """A training case with its label as text, and the reply that says this label."""

    case: Case
    label: str
    reply: str


def labelled(train: Sequence[Case], target: str | None, name: str) -> list[Labelled]:
    """Return the training cases that have a label, in an order that only their content decides.

    The label is the reference, or its field `target`; the reply is the label, or `{"target": label}`.

    Args:
        train: The train split.
        target: The field of object references that is the label.
        name: The baseline, for errors.

    Raises:
        CorpusError: where no case has a label, or references do not fit `target`.
    """
    found = [_labelled(case, target, name) for case in sorted(train, key=_content)]
    kept = [item for item in found if item is not None]
    if not kept:
        what = "a reference" if target is None else f"a reference with the field {target!r}"
        raise CorpusError(
            f"{name}: none of the {len(train)} training cases has {what}",
            hint="give the train split references, or take a baseline that needs none (constant with `text`, rules)",
        )
    return kept


def label_text(value: Json) -> str:
    """Return a label as text: text as it is, anything else as JSON.

    Example:
        >>> label_text("spam"), label_text(3), label_text(True)
        ('spam', '3', 'true')
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _content(case: Case) -> tuple[str, str]:
    return case_digest(case), digest(case.reference)


def _labelled(case: Case, target: str | None, name: str) -> Labelled | None:
    reference = case.reference
    if reference is None:
        return None
    if target is None:
        if isinstance(reference, Mapping):
            raise CorpusError(
                f"{name}: the reference of case {case.id!r} is an object with {', '.join(map(str, reference))}",
                hint="say which of its fields is to be learned: `target: <field>`",
            )
        text = label_text(reference)
        return Labelled(case, text, text)
    if not isinstance(reference, Mapping):
        raise CorpusError(
            f"{name}: `target: {target}` needs object references; that of case {case.id!r} is none",
            hint="leave `target` out",
        )
    value = reference.get(target)
    if value is None:
        return None
    return Labelled(case, label_text(value), json.dumps({target: value}, ensure_ascii=False, sort_keys=True))
