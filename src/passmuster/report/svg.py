"""Charts as harmless SVG: only shapes and text, no script, style or outside reference."""

import re

# the text comes from vl_convert, which escapes it; no outside document is read here
from xml.etree import ElementTree as ET  # see above

from passmuster.report.escape import visible

_NAMESPACE = "http://www.w3.org/2000/svg"
_TAGS = frozenset({"svg", "g", "path", "line", "rect", "circle", "text", "tspan", "title", "desc"})
_ATTRIBUTES = frozenset(
    {
        *("d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "viewBox", "transform"),
        *("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin"),
        *("stroke-miterlimit", "stroke-opacity", "fill-opacity", "opacity"),
        *("text-anchor", "font-size", "font-weight", "font-style", "class"),
    }
)
_HARMLESS_VALUE = re.compile(r"(?i)^(?!.*(javascript|data:|url\s*\(|expression))", re.DOTALL)
_DEFAULTS = {"opacity": "1", "stroke-miterlimit": "10"}


def clean(svg: str, *, title: str, description: str, name: str) -> str:
    """Return the SVG with nothing but shapes and text, scaled by its box, with a title and a description.

    Args:
        svg: What the chart library made.
        title: What is shown; a screen reader says it.
        description: What it means, in a sentence or two.
        name: A name for its class, unique in the page.
    """
    source = ET.fromstring(svg)  # noqa: S314  # made by our own chart library a moment ago
    root = ET.Element(
        "svg", {"viewBox": source.get("viewBox", "0 0 1 1"), "role": "img", "class": f"chart {name}"}
    )
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    root.set("xmlns", _NAMESPACE)
    ET.SubElement(root, "title", {"id": f"{name}-title"}).text = visible(title)
    ET.SubElement(root, "desc", {"id": f"{name}-desc"}).text = visible(description)
    for child in source:
        _copy(child, root)
    return ET.tostring(root, encoding="unicode")


def _copy(element: ET.Element, parent: ET.Element) -> None:
    tag = element.tag.rpartition("}")[2]
    if tag not in _TAGS:
        return
    kept = {
        key: value
        for key, value in element.attrib.items()
        if key in _ATTRIBUTES
        and key != "class"
        and _HARMLESS_VALUE.match(value)
        and _DEFAULTS.get(key) != value
    }
    if _empty(tag, kept, element):
        return
    made = ET.SubElement(parent, tag, kept)
    made.text = element.text
    tip = element.get("aria-label")
    if tip and tag == "path":
        ET.SubElement(made, "title").text = tip
    for child in element:
        _copy(child, made)
    if tag == "g" and len(made) == 0:
        parent.remove(made)


def _empty(tag: str, kept: dict[str, str], element: ET.Element) -> bool:
    """Frames and backgrounds that draw nothing only make the file larger."""
    if tag != "path":
        return False
    return not kept.get("d") or element.get("class") in ("background", "foreground")
