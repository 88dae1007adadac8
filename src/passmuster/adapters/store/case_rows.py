"""Cases to rows: begun runs store thousands of them, most of them again and again."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from operator import attrgetter

from passmuster.adapters.store.batches import Row
from passmuster.adapters.store.columns import to_column
from passmuster.adapters.store.rows import case_column
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import DIGEST_LENGTH, digest

_SCALARS = frozenset({str, int, float, bool, type(None)})
_history = attrgetter(
    "origin",
    "generator",
    "time",
    "weight",
    "parent",
    "transform",
    "expect",
    "feedback",
    "mode",
    "checks",
    "rubric",
    "key_points",
)
_NO_HISTORY = _history(Case(id="", input=""))
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def case_rows(
    cases: Iterable[Case], served: Iterable[tuple[str, str, int]], known: Callable[[str], bool]
) -> Iterator[Row]:
    """Yield the values of `INSERT_CASES` of these cases; some that are known may be left out.

    Args:
        cases: Passed over once.
        served: `Run.cases`: where it names the same cases in the same order, their digests come from there.
        known: Says whether a case of this version is stored already.
    """
    for case, (name, its, _) in zip(cases, chain(served, repeat(("", "", 0))), strict=False):
        key = its if its and name == case.id else case_digest(case)
        text = _simple(case)
        if text is not None:
            version = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LENGTH]
            yield key, version, to_column(text[:-1] + ',"form":"text"}')
        elif not known(version := digest(case)):
            yield key, version, case_column(case)


def _simple(case: Case) -> str | None:
    """Return the canonical JSON of a case of plain text, as `digest` takes it; None where others must say it.

    It serves as content too: there is no order of names inside of it that could be lost.
    """
    if type(case.input) is not str or type(case.reference) not in _SCALARS or type(case.tags) is not tuple:
        return None
    if _history(case) != _NO_HISTORY:
        return None
    text = f'"id":{_json(case.id)},"input":{_json(case.input)}'
    if case.reference is not None:
        text += f',"reference":{_json(case.reference)}'
    if case.category == "typical" and case.group is case.stratum is None and not case.tags:
        return "{" + text + "}"
    before = "" if case.category == "typical" else f'"category":{_json(case.category)},'
    before += "" if case.group is None else f'"group":{_json(case.group)},'
    text += "" if case.stratum is None else f',"stratum":{_json(case.stratum)}'
    text += f',"tags":{_json(case.tags)}' if case.tags else ""
    return "{" + before + text + "}"
