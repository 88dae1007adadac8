"""How a case is laid out as a message where no template says it."""

import json
import re
from collections.abc import Callable, Mapping

from passmuster.records.candidate import Structure
from passmuster.records.record import Json
from passmuster.records.text import written

_NO_NAME = re.compile(r"[^\w.-]+")


def laid_out(value: str | Mapping[str, Json], structure: Structure = "plain") -> str:
    r"""Return a text or named fields as one message.

    `plain` is the text itself, fields as `name: value` lines; in `xml` each field stands between tags, in `markdown`
    under a heading of its own, in `json` as a member of one object. A text is the field `input` there.

    Example:
        >>> laid_out({"subject": "Refund", "days": 3})
        'subject: Refund\ndays: 3'
        >>> laid_out("Where is it?", "xml"), laid_out("Where is it?", "json")
        ('<input>\nWhere is it?\n</input>', '{"input": "Where is it?"}')
    """
    if structure == "plain":
        if isinstance(value, str):
            return value
        return "\n".join(f"{name}: {written(item)}" for name, item in value.items())
    fields = {"input": value} if isinstance(value, str) else value
    return _LAYOUTS[structure](fields)


def _xml(fields: Mapping[str, Json]) -> str:
    """Return fields between tags; what stands in them is not escaped, as no model expects it to be."""
    blocks = []
    for name, value in fields.items():
        tag = _NO_NAME.sub("_", name) or "field"
        blocks.append(f"<{tag}>\n{written(value)}\n</{tag}>")
    return "\n".join(blocks)


def _markdown(fields: Mapping[str, Json]) -> str:
    return "\n\n".join(f"## {' '.join(name.split())}\n\n{written(value)}" for name, value in fields.items())


def _object(fields: Mapping[str, Json]) -> str:
    return json.dumps(dict(fields), ensure_ascii=False)


_LAYOUTS: Mapping[str, Callable[[Mapping[str, Json]], str]] = {
    "xml": _xml,
    "markdown": _markdown,
    "json": _object,
}
