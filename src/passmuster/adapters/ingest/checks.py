"""The checks and key points of a case, from the forms in which people write them."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TypeAlias

from passmuster.adapters.files.closest import did_you_mean
from passmuster.errors import CorpusError
from passmuster.records.case import CaseCheck, KeyPoint
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json

Wrong: TypeAlias = Callable[..., CorpusError]
"""Makes the error of a field: a message, and what to do."""

_CHECK_FIELDS = tuple(field.name for field in fields(CaseCheck))
_POINT_FIELDS = tuple(field.name for field in fields(KeyPoint))
_FORMS = '["exact_match", {"metric": "contains", "texts": ["30 days"], "weight": 2}]'


def read_checks(value: Json, wrong: Wrong) -> tuple[CaseCheck, ...]:
    """Return the checks of a case: each the name of a metric, or an object with `metric` and its options beside it.

    Raises:
        CorpusError: made by `wrong`, for what is no check.

    Example:
        >>> read_checks([{"metric": "exact_match", "normalise": ["case"]}], CorpusError)[0].options
        {'normalise': ['case']}
    """
    return tuple(_check(item, wrong) for item in _listed(value, wrong, _FORMS))


def read_key_points(value: Json, wrong: Wrong) -> tuple[KeyPoint, ...]:
    """Return the key points of a case: each a text, or an object with `text`, `weight` and `others`.

    Raises:
        CorpusError: made by `wrong`, for what is no key point.
    """
    form = '["returns within 30 days", {"text": "by post", "others": ["by mail"], "weight": 2}]'
    return tuple(_point(item, wrong) for item in _listed(value, wrong, form))


def _listed(value: Json, wrong: Wrong, form: str) -> list[Json]:
    if isinstance(value, str) and value.lstrip().startswith("["):  # a cell of a CSV file
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise wrong("the text is no JSON list", f"for example {form}") from None
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise wrong(f"expected a list, found {kind_of(value)}", f"for example {form}")
    return value


def _check(value: Json, wrong: Wrong) -> CaseCheck:
    if isinstance(value, str):
        value = {"metric": value}
    if not isinstance(value, Mapping):
        raise wrong(f"expected an object with a metric, found {kind_of(value)}", f"for example {_FORMS}")
    if len(value) == 1 and "metric" not in value:
        value = _short(*value.items(), wrong=wrong)
    metric = value.get("metric")
    if not isinstance(metric, str) or not metric:
        raise wrong(f"a check names no metric: {json.dumps(value)[:80]}", f"for example {_FORMS}")
    options = value.get("options", {})
    if not isinstance(options, Mapping):
        raise wrong(f"options of {metric}: expected an object, found {kind_of(options)}")
    beside = {str(key): item for key, item in value.items() if key not in _CHECK_FIELDS}
    negate = value.get("negate", False)
    if not isinstance(negate, bool):
        raise wrong(f"negate of {metric}: expected true or false, found {kind_of(negate)}")
    return CaseCheck(
        metric=metric,
        options={**options, **beside},
        reference=value.get("reference"),
        name=_text(value, "name", wrong),
        weight=_weight(value, wrong),
        at_least=_number(value, "at_least", wrong),
        at_most=_number(value, "at_most", wrong),
        negate=negate,
    )


def _short(item: tuple[object, Json], *, wrong: Wrong) -> Mapping[str, Json]:
    """Return the full form of `{"contains": {"text": "30 days"}}`."""
    metric, options = item
    if options is not None and not isinstance(options, Mapping):
        raise wrong(
            f"options of {str(metric)[:60]}: expected an object, found {kind_of(options)}",
            f"for example {_FORMS}",
        )
    return {"metric": metric, **{str(key): each for key, each in (options or {}).items()}}


def _point(value: Json, wrong: Wrong) -> KeyPoint:
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, Mapping):
        raise wrong(f"expected a text or an object, found {kind_of(value)}")
    unknown = next((str(key) for key in value if key not in _POINT_FIELDS), None)
    if unknown is not None:
        raise wrong(f"a key point has no {unknown[:60]!r}", did_you_mean(unknown, _POINT_FIELDS))
    text = _text(value, "text", wrong)
    if not text or not text.strip():
        raise wrong("a key point has no text")
    others = value.get("others", [])
    if not isinstance(others, list) or not all(isinstance(each, str) and each.strip() for each in others):
        raise wrong(f"others of {text[:60]!r}: expected a list of texts")
    return KeyPoint(text=text, weight=_weight(value, wrong), others=tuple(map(str, others)))


def _text(value: Mapping[str, Json], name: str, wrong: Wrong) -> str | None:
    found = value.get(name)
    if found is not None and not isinstance(found, str):
        raise wrong(f"{name}: expected text, found {kind_of(found)}")
    return found


def _weight(value: Mapping[str, Json], wrong: Wrong) -> float:
    weight = _number(value, "weight", wrong)
    if weight is not None and weight <= 0:
        raise wrong(f"weight: {weight:g} is not above 0")
    return 1.0 if weight is None else weight


def _number(value: Mapping[str, Json], name: str, wrong: Wrong) -> float | None:
    found = value.get(name)
    if found is None:
        return None
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise wrong(f"{name}: expected a number, found {kind_of(found)}")
    try:
        number = float(found)
    except OverflowError:  # an integer of hundreds of digits
        number = math.inf
    if not math.isfinite(number):
        raise wrong(f"{name}: the number is beyond all bounds")
    return number
